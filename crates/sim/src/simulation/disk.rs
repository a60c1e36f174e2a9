//! What is on the disk: every row of every execution, judged after each commit.

use engine::{AttemptId, HistoryEvent, Timestamp};
use runtime::Status;
use runtime::simulation::{self, Node};

use super::{Ending, Run, Simulation};
use crate::history::{Law, ensure, kinds};
use crate::{Order, Violation};

impl Simulation<'_> {
    /// Takes in what has been committed.
    pub(super) fn observe(&mut self) -> Result<(), Violation> {
        self.seen_commits = self.host.commits();
        let (now, manners, round) = (self.now(), self.manners(), self.round);
        let late = self.order == Order::Chance;
        for run in &mut self.runs {
            let Some(record) = current(&self.node, run, round)? else {
                ensure(run.accepted.is_none() && run.history.len() == 0, || {
                    format!("{} is gone", run.name)
                })?;
                continue;
            };
            let began = self.report.events;
            let name = &run.name;
            let events = history(&self.node, run, run.history.len() + 1)?;
            let input = match events.first().map(|event| &event.event) {
                // Either of two starts under one name may have come first.
                Some(engine::Event::ExecutionStarted { input, .. })
                    if input.text().as_ref() == run.other_input =>
                {
                    run.other_input.clone()
                }
                _ => run.input.clone(),
            };
            let law = Law {
                facts: &run.facts,
                manners,
                input: &input,
                now,
                late,
            };
            for event in &events {
                run.history
                    .add(law, event)
                    .map_err(|violation| format!("{name}: {violation}"))?;
            }
            self.report.events = began + events.len() as u64;
            let ended = record.status != Status::Running;
            ensure(run.history.ended == ended, || {
                format!(
                    "{name} is {} and its history is not",
                    record.status.as_str()
                )
            })?;
            if let Some(before) = run.ended {
                ensure(before == record.status, || format!("{name} ends twice"))?;
            }
            run.ended = ended.then_some(record.status);
        }
        Ok(())
    }

    /// All rows of an execution agree.
    pub(super) fn check_kept(&self, place: usize) -> Result<(), Violation> {
        let run = &self.runs[place];
        let Some(record) = current(&self.node, run, self.round)? else {
            return Ok(());
        };
        let kept = simulation::kept(self.node.store(), run.key, &self.host.limits)
            .map_err(|error| error.to_string())?;
        let kept = kept.ok_or("no execution")?;
        let name = &run.name;
        ensure(kept.listed == [record.status], || {
            format!(
                "{name} is {:?} and listed as {:?}",
                record.status, kept.listed
            )
        })?;
        let Some(execution) = kept.execution else {
            ensure(record.status != Status::Running, || {
                format!("{name} runs and has no image")
            })?;
            ensure(!kept.has_rows, || {
                format!("{name} has ended and frames are left")
            })?;
            ensure(kept.timers.is_empty(), || {
                format!("{name} has ended and timers are left")
            })?;
            ensure(!kept.continuing, || {
                format!("{name} has ended and wants to go on")
            })?;
            return ensure(kept.tasks.iter().all(|task| task.abandoned), || {
                format!("{name} has ended and tasks are left")
            });
        };
        ensure(record.status == Status::Running, || {
            format!("{name} has ended and its image is left")
        })?;
        ensure(kept.continuing == execution.is_unfinished(), || {
            format!("{name} does not say whether it wants to go on")
        })?;
        ensure(execution.last_event_id() == run.history.len(), || {
            format!("{name} and its history differ")
        })?;
        for (timer, _) in &kept.timers {
            ensure(execution.awaits_timer(*timer), || {
                format!("{name}: nobody awaits timer {}", timer.0)
            })?;
        }
        // Each event sets two at most; heartbeats, which are no events, set more.
        let newest = kept.timers.iter().map(|(timer, _)| timer.0).max();
        let newest = newest.unwrap_or(0).max(2 * run.history.len());
        let awaited = (1..=newest).filter(|timer| execution.awaits_timer(engine::TimerId(*timer)));
        ensure(awaited.count() == kept.timers.len(), || {
            format!("{name}: a timer is not set")
        })?;
        for task in kept.tasks.iter().filter(|task| !task.abandoned) {
            ensure(execution.awaits(task.attempt), || {
                format!("{name}: nobody awaits attempt {}", task.attempt.0)
            })?;
        }
        for number in 1.. {
            let Some(attempt) = run.history.attempt(number) else {
                break;
            };
            let asked = kept
                .tasks
                .iter()
                .any(|task| task.attempt.0 == number && !task.abandoned);
            let awaited = execution.awaits(AttemptId(number));
            ensure(!awaited || asked || attempt.told_by_callback, || {
                format!("{name}: nobody is asked for attempt {number}")
            })?;
            ensure(!awaited || attempt.end.is_none(), || {
                format!("{name}: attempt {number} is awaited after its end")
            })?;
        }
        Ok(())
    }

    pub(super) fn check_end(&mut self) -> Result<(), Violation> {
        self.observe()?;
        for place in 0..self.runs.len() {
            let run = &self.runs[place];
            ensure(run.ended.is_some(), || format!("{} never ended", run.name))?;
            self.check_kept(place)?;
            let kept = simulation::kept(self.node.store(), run.key, &self.host.limits)
                .map_err(|error| error.to_string())?;
            ensure(kept.is_some_and(|kept| kept.tasks.is_empty()), || {
                format!("{} has ended and the outbox is not empty", run.name)
            })?;
        }
        ensure(
            self.children.is_empty(),
            || "what a task has started runs on, and nobody awaits it",
        )?;
        ensure(self.waiting.is_empty(), || "somebody is never answered")
    }

    pub(super) fn ends(&mut self) -> Result<Vec<Ending>, Violation> {
        let mut ends = Vec::new();
        for place in 0..self.runs.len() {
            let run = &self.runs[place];
            let events = history(&self.node, run, 1)?;
            let record = current(&self.node, run, self.round)?.ok_or("no execution")?;
            let output = match events.last().map(|event| &event.event) {
                Some(engine::Event::ExecutionSucceeded { output }) => {
                    Some(output.text().to_string())
                }
                _ => None,
            };
            ends.push(Ending {
                status: record.status,
                error: record.error,
                output,
                events: kinds(&events),
            });
            self.note(format_args!("{events:?}"));
        }
        Ok(ends)
    }
}

impl Run {
    /// The input with which it was started.
    pub(super) fn given(&self, node: &Node) -> Result<String, Violation> {
        let events = history(node, self, 1)?;
        match events.first().map(|event| &event.event) {
            Some(engine::Event::ExecutionStarted { input, .. }) => Ok(input.text().to_string()),
            _ => Err("a history without a beginning".into()),
        }
    }
}
/// The record of the execution of this round; those of earlier ones have ended.
pub(super) fn current(
    node: &Node,
    run: &Run,
    round: Timestamp,
) -> Result<Option<runtime::ExecutionRecord>, Violation> {
    let record = simulation::record(node.store(), run.key).map_err(|error| error.to_string())?;
    Ok(record.filter(|record| record.start >= round))
}

pub(super) fn history(node: &Node, run: &Run, from: u64) -> Result<Vec<HistoryEvent>, Violation> {
    simulation::history(node.store(), run.key, from).map_err(|error| error.to_string())
}
