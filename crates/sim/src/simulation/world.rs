//! What clients and services do.

use asl::Payload;
use engine::{AttemptId, Failure, Input};
use runtime::ExecutionKey;
use runtime::simulation::Task;

use super::{Happening, Run, Simulation, Waiting};
use crate::chance::Chance;
use crate::faults::Fault;
use crate::services::{self, End, Manners};
use crate::{Order, Violation};

impl Simulation<'_> {
    pub(super) fn plan_clients(&mut self) {
        for run in 0..self.runs.len() {
            if self.order != Order::Chance {
                self.later(0, false, Happening::Start { run, same: true });
                continue;
            }
            let start = self.chance.below(3_000);
            self.later(start, false, Happening::Start { run, same: true });
            let end = start + self.chance.below(5_000);
            self.later(end, false, Happening::Await { run });
            if self.has(Fault::Name) && self.chance.once_in(2) {
                let at = self.chance.below(60_000);
                let same = self.chance.once_in(2);
                self.later(at, false, Happening::Start { run, same });
            }
            if self.has(Fault::Twice) && self.chance.once_in(3) {
                self.later(start, false, Happening::Start { run, same: true });
            }
            if self.has(Fault::Stop) && self.chance.once_in(3) {
                let at = start + self.chance.below(20_000);
                self.later(at, false, Happening::Stop { run });
            }
        }
    }

    pub(super) fn happen(&mut self, happening: Happening) -> Result<(), Violation> {
        self.note(format_args!("{happening:?}"));
        let node = &mut self.node;
        let again = happening.clone();
        let waiting = match happening {
            Happening::Start { run, same } => {
                let run = &self.runs[run];
                let input = if same { &run.input } else { &run.other_input };
                Waiting::Start(node.start_execution(&run.machine, &run.name, input))
            }
            Happening::Stop { run } => {
                Waiting::Stop(node.stop_execution(self.runs[run].key, "stopped"))
            }
            Happening::Await { run } => Waiting::Await(node.ended(self.runs[run].key)),
            Happening::Take { key, attempt } => Waiting::Take(node.take_task(key, attempt)),
            Happening::Submit {
                key,
                attempt,
                watched,
            } => {
                node.submitted(key, attempt, payload("{}")?, watched);
                return Ok(());
            }
            Happening::Answer { key, attempt, end } => {
                // What a `.sync` task has started is over by now.
                self.children.remove(&(key, attempt));
                node.tell(key, input(attempt, &end)?);
                return Ok(());
            }
            Happening::Stopped { key, attempt } => {
                self.children.remove(&(key, attempt));
                node.stopped(key, attempt);
                return Ok(());
            }
            Happening::Callback { token, end } => {
                let told = node.call_back(&token, |attempt| {
                    input(attempt, &end).unwrap_or(Input::TaskHeartbeat { attempt })
                });
                Waiting::Callback(told.map_err(|error| error.to_string())?)
            }
            Happening::Heartbeat { token } | Happening::Forgery { token } => {
                let beat = |attempt| Input::TaskHeartbeat { attempt };
                Waiting::Callback(
                    node.call_back(&token, beat)
                        .map_err(|error| error.to_string())?,
                )
            }
        };
        self.waiting.push((again, waiting));
        Ok(())
    }

    /// A service is called.
    pub(super) fn perform(&mut self, task: &Task) -> Result<(), Violation> {
        let run = self.run_of(task.key)?;
        let known = run
            .facts
            .states
            .get(task.state.as_ref())
            .ok_or("a task of no state")?;
        let (timed, heartbeat) = (known.timed, known.heartbeat);
        let (question, token) =
            services::question(task.parameters.text()).ok_or("a task without a question")?;
        let end = services::answer(self.manners(), &task.state, &question, timed);
        let (key, attempt) = (task.key, task.attempt);
        if task.resource.contains(":activity:") {
            let at = self.delay();
            self.later(at, true, Happening::Take { key, attempt });
            return Ok(());
        }
        let sync = task.resource.contains(".sync");
        if sync && task.submitted.is_none() {
            self.children.insert((key, attempt));
        }
        if (sync && task.submitted.is_none()) || token.is_some() {
            let at = if self.chance.once_in(4) {
                self.delay()
            } else {
                0
            };
            self.later(
                at,
                true,
                Happening::Submit {
                    key,
                    attempt,
                    watched: sync,
                },
            );
        }
        match (token, end) {
            (Some(token), end) => self.work(token, heartbeat, end),
            (None, Some(end)) => {
                let at = self.delay();
                self.later(at, true, Happening::Answer { key, attempt, end });
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// Whoever has a token works on the task.
    pub(super) fn work(&mut self, token: String, heartbeat: Option<u64>, end: Option<End>) {
        self.tokens.push(token.clone());
        let Some(end) = end else {
            return;
        };
        let at = self.delay();
        if let Some(seconds) = heartbeat
            && at > 0
        {
            for beat in 1..=at / (seconds * 900) {
                let token = token.clone();
                self.later(beat * seconds * 900, false, Happening::Heartbeat { token });
            }
        }
        self.later(at, false, Happening::Callback { token, end });
    }

    /// How long a service takes.
    pub(super) fn delay(&mut self) -> u64 {
        if self.order != Order::Chance {
            return 0;
        }
        match self.chance.below(4) {
            0 if self.has(Fault::Late) => self.chance.below(60_000),
            0 | 1 => 0,
            _ => self.chance.below(3_000),
        }
    }

    pub(super) fn manners(&self) -> Manners {
        Manners {
            seed: self.case.seed,
            errors: self.has(Fault::Error),
            silence: self.has(Fault::Silent),
        }
    }

    pub(super) fn run_of(&self, key: ExecutionKey) -> Result<&Run, Violation> {
        let run = self.runs.iter().find(|run| run.key == key);
        run.ok_or_else(|| "something is asked for an execution that nobody started".into())
    }
}

fn input(attempt: AttemptId, end: &End) -> Result<Input, Violation> {
    Ok(match end {
        End::Succeeded(output) => Input::TaskSucceeded {
            attempt,
            output: payload(output)?,
        },
        End::Failed(error) => Input::TaskFailed {
            attempt,
            error: error.clone(),
            cause: None,
            failure: Failure::Failed,
        },
        End::TimedOut => return Err("no service says so".into()),
    })
}

fn payload(text: &str) -> Result<Payload, Violation> {
    Payload::from_text(text).map_err(|error| error.to_string())
}

/// A token that nobody was given.
pub(super) fn forged(chance: &mut Chance, token: &str) -> String {
    let (mut prefix, attempt, nonce) =
        engine::parse_task_token(token).unwrap_or_else(|| unreachable!("it was given out"));
    match chance.below(3) {
        0 => engine::task_token(&prefix, attempt, nonce ^ 1),
        1 => engine::task_token(&prefix, AttemptId(attempt.0 + 1), nonce),
        _ => {
            if let Some(last) = prefix.last_mut() {
                *last ^= 1;
            }
            engine::task_token(&prefix, attempt, nonce)
        }
    }
}
