//! What is asked of the world and what clients are answered, judged by what is on the disk.

use std::sync::Arc;

use engine::{AttemptId, Timestamp};
use runtime::simulation::{self, Asked};
use runtime::{ExecutionKey, Finished, RuntimeError, Started, Status};

use super::disk::current;
use super::{Happening, Simulation, Waiting};
use crate::faults::Fault;
use crate::history::{self, ensure};
use crate::{Order, Violation};

impl Simulation<'_> {
    /// Sees what a step has brought, and judges it.
    pub(super) fn look(&mut self) -> Result<(), Violation> {
        if self.host.commits() != self.seen_commits {
            self.observe()?;
        }
        while let Some(asked) = self.node.asked() {
            self.heed(asked)?;
        }
        self.hear()
    }

    /// An effect has left: what asked for it must be on the disk.
    pub(super) fn heed(&mut self, asked: Asked) -> Result<(), Violation> {
        match asked {
            Asked::Run(task) => {
                self.note(format_args!(
                    "run {} of {} again: {}",
                    task.attempt.0, task.state, task.abandoned
                ));
                let first = self.asked.insert((task.key, task.attempt, task.abandoned));
                ensure(first, || {
                    format!("attempt {} is asked for twice", task.attempt.0)
                })?;
                let run = self.run_of(task.key)?;
                let attempt = run.history.attempt(task.attempt.0);
                let attempt = attempt
                    .ok_or_else(|| format!("attempt {} runs before its commit", task.attempt.0))?;
                ensure(
                    attempt.state == *task.state && attempt.parameters == **task.parameters.text(),
                    || {
                        format!(
                            "attempt {} runs another task than was committed",
                            task.attempt.0
                        )
                    },
                )?;
                if task.abandoned {
                    let (key, attempt) = (task.key, task.attempt);
                    self.drop_calls(key, attempt);
                    let at = self.delay();
                    self.later(at, true, Happening::Stopped { key, attempt });
                    return Ok(());
                }
                self.perform(&task)?;
                let twice = match self.order {
                    Order::Chance => self.has(Fault::Twice) && self.chance.once_in(6),
                    Order::Twice => true,
                    Order::Plain | Order::Crash { .. } | Order::Fail { .. } => false,
                };
                if twice { self.perform(&task) } else { Ok(()) }
            }
            Asked::GiveUp { key, attempt } => {
                self.note(format_args!("give up {}", attempt.0));
                let run = self.run_of(key)?;
                let kept = simulation::kept(self.node.store(), key, &self.host.limits)
                    .map_err(|error| error.to_string())?;
                let awaited = kept
                    .and_then(|kept| kept.execution)
                    .is_some_and(|execution| execution.awaits(attempt));
                ensure(!awaited, || {
                    format!(
                        "attempt {} of {} is given up before its commit",
                        attempt.0, run.name
                    )
                })?;
                if !self.has(Fault::Late) || self.chance.once_in(2) {
                    self.drop_calls(key, attempt);
                }
                Ok(())
            }
            Asked::Log { arn, events } => {
                self.note(format_args!("log {arn} {}", events.len()));
                let run = self
                    .runs
                    .iter()
                    .find(|run| arn.ends_with(&format!(":{}", run.name)));
                let run = run.ok_or("an execution is logged that nobody started")?;
                let last = events.last().map_or(0, |event| event.id);
                ensure(last <= run.history.len(), || {
                    format!("event {last} is logged before its commit")
                })
            }
        }
    }

    /// Calls of this process for the attempt are given up.
    fn drop_calls(&mut self, key: ExecutionKey, attempt: AttemptId) {
        self.due.retain(|due| match &due.happening {
            Happening::Take {
                key: of,
                attempt: try_of,
            }
            | Happening::Submit {
                key: of,
                attempt: try_of,
                ..
            }
            | Happening::Answer {
                key: of,
                attempt: try_of,
                ..
            } => (*of, *try_of) != (key, attempt),
            Happening::Start { .. }
            | Happening::Stop { .. }
            | Happening::Await { .. }
            | Happening::Callback { .. }
            | Happening::Heartbeat { .. }
            | Happening::Forgery { .. }
            | Happening::Stopped { .. } => true,
        });
    }

    /// Answers have come: what they say must be on the disk.
    pub(super) fn hear(&mut self) -> Result<(), Violation> {
        let mut place = 0;
        while place < self.waiting.len() {
            let (_, waiting) = &mut self.waiting[place];
            let heard = match waiting {
                Waiting::Start(answer) => heard(answer.take()).map(Heard::Start),
                Waiting::Stop(answer) => heard(answer.take()).map(Heard::Stop),
                Waiting::Callback(answer) => heard(answer.take()).map(Heard::Callback),
                Waiting::Take(answer) => heard(answer.take()).map(Heard::Take),
                Waiting::Await(answer) => match answer.take() {
                    Ok(None) => None,
                    Ok(Some(ended)) => Some(Heard::Await(Ok(ended))),
                    Err(error) => Some(Heard::Await(Err(error))),
                },
            };
            let Some(heard) = heard else {
                place += 1;
                continue;
            };
            let (happening, _) = self.waiting.remove(place);
            self.note(format_args!("{happening:?} is answered: {}", heard.short()));
            if heard.is_unknown() {
                // A client asks again; a call of the process is made again by the outbox.
                let pause = if self.order == Order::Chance {
                    self.chance.below(2_000)
                } else {
                    0
                };
                if !matches!(happening, Happening::Take { .. }) {
                    self.later(pause, false, happening);
                }
                continue;
            }
            self.judge(happening, heard)?;
        }
        Ok(())
    }

    fn judge(&mut self, happening: Happening, heard: Heard) -> Result<(), Violation> {
        match (happening, heard) {
            (Happening::Start { run, same }, Heard::Start(answer)) => {
                self.started(run, same, answer)
            }
            (Happening::Stop { run }, Heard::Stop(answer)) => self.stopped(run, answer),
            (Happening::Await { run }, Heard::Await(Ok(ended))) => {
                self.told_end(run, ended.as_deref())
            }
            (Happening::Take { key, attempt }, Heard::Take(answer)) => {
                let Some(nonce) = answer.map_err(|error| error.to_string())? else {
                    return Ok(());
                };
                let run = self.run_of(key)?;
                let taken = run
                    .history
                    .attempt(attempt.0)
                    .ok_or("a task is taken before its commit")?;
                let known = run
                    .facts
                    .states
                    .get(&taken.state)
                    .ok_or("a task of no state")?;
                let heartbeat = known.heartbeat;
                let end = history::told(self.manners(), taken, known.timed)?;
                self.work(simulation::task_token(key, attempt, nonce), heartbeat, end);
                Ok(())
            }
            (Happening::Callback { token, end }, Heard::Callback(Ok(()))) => {
                let (key, attempt) = simulation::parse_task_token(&token).ok_or("no token")?;
                let name = self.run_of(key)?.name.clone();
                let ended = self
                    .run_of(key)?
                    .history
                    .attempt(attempt.0)
                    .and_then(|attempt| attempt.end.clone());
                ensure(ended.as_ref() == Some(&end), || {
                    format!(
                        "{end:?} is acknowledged for attempt {} of {name}, whose end is {ended:?}",
                        attempt.0
                    )
                })?;
                let run = self
                    .runs
                    .iter_mut()
                    .find(|run| run.key == key)
                    .ok_or("no such execution")?;
                let again = run.told.insert(attempt.0, end);
                ensure(again.is_none(), || {
                    format!("the end of attempt {} is acknowledged twice", attempt.0)
                })
            }
            (Happening::Forgery { .. }, Heard::Callback(answer)) => {
                ensure(answer.is_err(), || "a forged token is taken")
            }
            (Happening::Callback { .. } | Happening::Heartbeat { .. }, Heard::Callback(answer)) => {
                match answer {
                    Ok(()) | Err(RuntimeError::TaskTimedOut) => Ok(()),
                    Err(error) => Err(format!("a right token is refused: {error}")),
                }
            }
            (happening, heard) => Err(format!("{happening:?} is answered by {}", heard.short())),
        }
    }

    fn started(
        &mut self,
        place: usize,
        same: bool,
        answer: Result<Started, RuntimeError>,
    ) -> Result<(), Violation> {
        let round = self.round;
        let run = &mut self.runs[place];
        let record = current(&self.node, run, round)?;
        match answer {
            Ok(started) => {
                let record = record.ok_or("a start is acknowledged before its commit")?;
                ensure(
                    record.start == started.start,
                    || "a start is acknowledged that is not on the disk",
                )?;
                if let Some(first) = &run.accepted {
                    ensure(*first == started, || "a name is started twice")?;
                }
                run.accepted = Some(started);
                let wanted = if same { &run.input } else { &run.other_input };
                ensure(
                    run.given(&self.node)? == *wanted,
                    || "a start is acknowledged that had another input",
                )
            }
            Err(RuntimeError::ExecutionAlreadyExists(_)) => {
                let record = record.ok_or("a name is refused that nobody has")?;
                let other = same != (run.given(&self.node)? == run.input);
                ensure(
                    record.status != Status::Running || other,
                    || "the repetition of a start is refused",
                )
            }
            Err(error) => Err(format!("a start is refused: {error}")),
        }
    }

    fn stopped(
        &mut self,
        place: usize,
        answer: Result<Timestamp, RuntimeError>,
    ) -> Result<(), Violation> {
        let run = &self.runs[place];
        let record = current(&self.node, run, self.round)?;
        match answer {
            // Of an execution that ended before the name was free again.
            Ok(at) if at < self.round => Ok(()),
            Ok(at) => ensure(record.and_then(|record| record.stop) == Some(at), || {
                format!("a stop at {} is acknowledged before its commit", at.0)
            }),
            // It was not there yet.
            Err(RuntimeError::ExecutionDoesNotExist(_)) => Ok(()),
            Err(error) => Err(format!("a stop is refused: {error}")),
        }
    }

    fn told_end(&mut self, place: usize, ended: Option<&Finished>) -> Result<(), Violation> {
        let run = &self.runs[place];
        let Some(ended) = ended else {
            return ensure(
                run.accepted.is_none(),
                || "an accepted execution is not there",
            );
        };
        if ended.record.start < self.round {
            // It came before the start that took the name anew.
            return Ok(());
        }
        let record = current(&self.node, run, self.round)?;
        ensure(
            record.as_ref() == Some(&ended.record),
            || "an end is told before its commit",
        )?;
        ensure(
            ended.record.status != Status::Running,
            || "an end is told of a running execution",
        )
    }
}

/// An answer, or that nobody knows what became of what was asked.
enum Heard {
    Start(Result<Started, RuntimeError>),
    Stop(Result<Timestamp, RuntimeError>),
    Callback(Result<(), RuntimeError>),
    Take(Result<Option<u128>, RuntimeError>),
    Await(Result<Option<Arc<Finished>>, RuntimeError>),
}

impl Heard {
    fn error(&self) -> Option<&RuntimeError> {
        match self {
            Self::Start(answer) => answer.as_ref().err(),
            Self::Stop(answer) => answer.as_ref().err(),
            Self::Callback(answer) => answer.as_ref().err(),
            Self::Take(answer) => answer.as_ref().err(),
            Self::Await(answer) => answer.as_ref().err(),
        }
    }

    fn is_unknown(&self) -> bool {
        matches!(
            self.error(),
            Some(RuntimeError::Stopped | RuntimeError::Store(_))
        )
    }

    fn short(&self) -> String {
        self.error()
            .map_or_else(|| "yes".to_owned(), ToString::to_string)
    }
}

fn heard<T>(
    answer: Result<Option<Result<T, RuntimeError>>, RuntimeError>,
) -> Option<Result<T, RuntimeError>> {
    match answer {
        Ok(answer) => answer,
        Err(error) => Some(Err(error)),
    }
}
