//! What every history must be, checked event by event as it is committed.

use std::collections::BTreeMap;

use engine::{Event, HistoryEvent, StateType, Timestamp};
use serde_json::Value;

use crate::machines::{Facts, Waits};
use crate::services::{self, End, Manners};
use crate::{START, Violation};

/// What has been seen of a history.
#[derive(Default)]
pub(crate) struct History {
    seen: Vec<Seen>,
    /// The tasks that were scheduled, by their attempt: the first is 1.
    attempts: Vec<Attempt>,
    /// The state of the outermost workflow that is entered and not left.
    outer: Option<usize>,
    /// Something has failed, so that not all that was entered is left.
    failed: bool,
    pub(crate) ended: bool,
}

struct Seen {
    /// What the event was, to be compared after a restart.
    digest: u64,
    previous: usize,
    at: Timestamp,
    what: What,
}

enum What {
    Entered {
        name: String,
        input: Value,
        left: bool,
    },
    /// The place of an attempt.
    Scheduled(usize),
    /// The end of one.
    Over,
    Other,
}

pub(crate) struct Attempt {
    pub(crate) state: String,
    pub(crate) parameters: String,
    scheduled: Timestamp,
    /// A time-out can't end it sooner.
    patience_seconds: Option<u64>,
    pub(crate) end: Option<End>,
    /// Once somebody has its token, it need not be asked for again.
    pub(crate) told_by_callback: bool,
}

/// By what a history is judged.
#[derive(Clone, Copy)]
pub(crate) struct Law<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) manners: Manners,
    pub(crate) input: &'a str,
    pub(crate) now: Timestamp,
    /// Services may answer too late.
    pub(crate) late: bool,
}

impl History {
    pub(crate) fn len(&self) -> u64 {
        self.seen.len() as u64
    }

    /// The attempt of that number, if its event is there.
    pub(crate) fn attempt(&self, number: u64) -> Option<&Attempt> {
        self.attempts
            .get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    /// Takes in the next event.
    pub(crate) fn add(&mut self, law: Law<'_>, event: &HistoryEvent) -> Result<(), Violation> {
        let place = self.seen.len();
        ensure(event.id == place as u64 + 1, || {
            format!("event {} follows event {place}", event.id)
        })?;
        ensure(!self.ended, || {
            format!("event {} follows the end", event.id)
        })?;
        ensure(event.previous_event_id < event.id, || {
            format!(
                "event {} follows event {}",
                event.id, event.previous_event_id
            )
        })?;
        ensure(event.timestamp <= law.now, || {
            format!("event {} is of the future", event.id)
        })?;
        let before = self.seen.last().map_or(START, |seen| seen.at);
        ensure(event.timestamp >= before, || {
            format!("event {} is older than the one before", event.id)
        })?;
        let begins = matches!(event.event, Event::ExecutionStarted { .. });
        ensure(begins == (place == 0), || {
            format!("event {} is {:?}", event.id, event.event)
        })?;
        let what = self
            .judge(law, event)
            .map_err(|error| format!("event {}: {error}", event.id))?;
        self.seen.push(Seen {
            digest: digest(event),
            previous: event.previous_event_id as usize,
            at: event.timestamp,
            what,
        });
        Ok(())
    }

    /// The same events are there again.
    pub(crate) fn compare(&self, events: &[HistoryEvent]) -> Result<(), Violation> {
        ensure(events.len() >= self.seen.len(), || {
            format!(
                "{} events were committed and {} are left",
                self.seen.len(),
                events.len()
            )
        })?;
        for (seen, event) in self.seen.iter().zip(events) {
            ensure(seen.digest == digest(event), || {
                format!("event {} was another one before", event.id)
            })?;
        }
        Ok(())
    }

    fn judge(&mut self, law: Law<'_>, event: &HistoryEvent) -> Result<What, Violation> {
        let place = self.seen.len();
        let previous = event.previous_event_id as usize;
        Ok(match &event.event {
            Event::ExecutionStarted { input, .. } => {
                ensure(
                    input.text().as_ref() == law.input,
                    || "another input than was given",
                )?;
                What::Other
            }
            Event::StateEntered {
                state_type,
                name,
                input,
            } => {
                // Nobody leaves a Fail state.
                self.failed |= matches!(state_type, StateType::Fail);
                if known(law, name)?.outer {
                    ensure(self.outer.is_none(), || {
                        format!("`{name}` is entered before another state is left")
                    })?;
                    self.outer = Some(place);
                }
                What::Entered {
                    name: name.to_string(),
                    input: parsed(input.text())?,
                    left: false,
                }
            }
            Event::StateExited { name, .. } => {
                self.left(law, name, previous, event.timestamp)?;
                What::Other
            }
            Event::LambdaFunctionScheduled {
                input,
                timeout_in_seconds,
                ..
            }
            | Event::ActivityScheduled {
                input,
                timeout_in_seconds,
                ..
            } => self.scheduled(law, event, input.text(), *timeout_in_seconds)?,
            Event::TaskScheduled {
                parameters,
                timeout_in_seconds,
                ..
            } => self.scheduled(law, event, parameters.text(), *timeout_in_seconds)?,
            Event::LambdaFunctionSucceeded { output }
            | Event::ActivitySucceeded { output }
            | Event::TaskSucceeded { output, .. } => {
                self.over(law, event, End::Succeeded(output.text().to_string()))?
            }
            Event::LambdaFunctionFailed { error, .. }
            | Event::ActivityFailed { error, .. }
            | Event::TaskFailed { error, .. } => {
                self.over(law, event, End::Failed(error.clone()))?
            }
            Event::LambdaFunctionTimedOut { .. }
            | Event::ActivityTimedOut { .. }
            | Event::TaskTimedOut { .. } => self.over(law, event, End::TimedOut)?,
            Event::ExecutionSucceeded { .. } => {
                self.ended = true;
                ensure(
                    self.outer.is_none(),
                    || "the execution succeeds inside a state",
                )?;
                ensure(
                    self.failed || self.all_left(),
                    || "a state was entered and never left",
                )?;
                What::Other
            }
            Event::ExecutionTimedOut { .. } => {
                self.ended = true;
                let seconds = law
                    .facts
                    .timeout_seconds
                    .ok_or("the execution has no time-out")?;
                self.elapsed(0, event.timestamp, seconds)?;
                What::Other
            }
            Event::ExecutionFailed { error, cause } => {
                self.ended = true;
                let ours = ["E1", "E2", "E3", "E4", "States.Timeout"];
                ensure(
                    error.as_deref().is_some_and(|error| ours.contains(&error)),
                    || format!("nothing in the workload fails with {error:?}: {cause:?}"),
                )?;
                What::Other
            }
            Event::ExecutionAborted { .. } => {
                self.ended = true;
                What::Other
            }
            Event::TaskStateAborted
            | Event::WaitStateAborted
            | Event::ParallelStateFailed
            | Event::ParallelStateAborted
            | Event::MapStateFailed
            | Event::MapStateAborted
            | Event::MapIterationFailed { .. }
            | Event::MapIterationAborted { .. } => {
                self.failed = true;
                What::Other
            }
            Event::LambdaFunctionStarted
            | Event::ActivityStarted { .. }
            | Event::TaskStarted { .. }
            | Event::TaskSubmitted { .. }
            | Event::ParallelStateStarted
            | Event::ParallelStateSucceeded
            | Event::MapStateStarted { .. }
            | Event::MapStateSucceeded
            | Event::MapIterationStarted { .. }
            | Event::MapIterationSucceeded { .. } => What::Other,
            Event::LambdaFunctionScheduleFailed { .. }
            | Event::LambdaFunctionStartFailed { .. }
            | Event::ActivityScheduleFailed { .. }
            | Event::TaskStartFailed { .. }
            | Event::TaskSubmitFailed { .. }
            | Event::MapRunStarted { .. }
            | Event::MapRunSucceeded
            | Event::MapRunFailed { .. }
            | Event::MapRunAborted
            | Event::EvaluationFailed { .. } => {
                return Err(format!(
                    "nothing in the workload comes to {:?}",
                    event.event
                ));
            }
        })
    }

    /// The newest event of that chain that is what is looked for: an id, and what it says.
    fn back<T>(&self, mut id: usize, wanted: impl Fn(usize, &What) -> Option<T>) -> Option<T> {
        while let Some(seen) = self.seen.get(id.checked_sub(1)?) {
            if let Some(found) = wanted(id - 1, &seen.what) {
                return Some(found);
            }
            id = seen.previous;
        }
        None
    }

    fn left(
        &mut self,
        law: Law<'_>,
        name: &str,
        previous: usize,
        at: Timestamp,
    ) -> Result<(), Violation> {
        let entered = self.back(previous, |place, what| match what {
            What::Entered { name: entered, .. } if entered == name => Some(place),
            _ => None,
        });
        let entered = entered.ok_or_else(|| format!("`{name}` is left and was never entered"))?;
        let known = known(law, name)?;
        if known.outer {
            ensure(self.outer == Some(entered), || {
                format!("`{name}` is left out of order")
            })?;
            self.outer = None;
        }
        let mut wait_seconds = None;
        if let What::Entered { left, input, .. } = &mut self.seen[entered].what {
            ensure(!std::mem::replace(left, true), || {
                format!("`{name}` is left twice")
            })?;
            wait_seconds = match known.wait {
                None => None,
                Some(Waits::Seconds(seconds)) => Some(seconds),
                Some(Waits::Data) => input["n"].as_u64(),
                Some(Waits::Until(seconds)) => {
                    let until = START.0 + seconds as i64 * 1000;
                    ensure(at.0 >= until, || {
                        format!("`{name}` is left before its time")
                    })?;
                    None
                }
            };
        }
        match wait_seconds {
            Some(seconds) => self.elapsed(entered, at, seconds),
            None => Ok(()),
        }
    }

    fn scheduled(
        &mut self,
        law: Law<'_>,
        event: &HistoryEvent,
        parameters: &str,
        timeout: Option<u64>,
    ) -> Result<What, Violation> {
        let state = self.back(event.previous_event_id as usize, |_, what| match what {
            What::Entered { name, .. } => Some(name.clone()),
            _ => None,
        });
        let state = state.ok_or("a task of no state")?;
        let known = known(law, &state)?;
        if let Some(What::Over) = event
            .previous_event_id
            .checked_sub(1)
            .and_then(|place| self.seen.get(place as usize))
            .map(|seen| &seen.what)
        {
            self.elapsed(
                event.previous_event_id as usize - 1,
                event.timestamp,
                known.interval_seconds,
            )?;
        }
        self.attempts.push(Attempt {
            state,
            parameters: parameters.to_owned(),
            scheduled: event.timestamp,
            told_by_callback: matches!(event.event, Event::ActivityScheduled { .. })
                || services::question(parameters).is_some_and(|(_, token)| token.is_some()),
            patience_seconds: [timeout, known.heartbeat].into_iter().flatten().min(),
            end: None,
        });
        Ok(What::Scheduled(self.attempts.len() - 1))
    }

    fn over(&mut self, law: Law<'_>, event: &HistoryEvent, end: End) -> Result<What, Violation> {
        let attempt = self.back(event.previous_event_id as usize, |_, what| match what {
            What::Scheduled(attempt) => Some(Some(*attempt)),
            What::Entered { .. } | What::Over => Some(None),
            What::Other => None,
        });
        let attempt = attempt.flatten().ok_or("the end of no attempt")?;
        let attempt = &mut self.attempts[attempt];
        ensure(attempt.end.is_none(), || "an attempt ends twice")?;
        let timed = attempt.patience_seconds.is_some();
        let answer = told(law.manners, attempt, timed)?;
        let expected = match &end {
            End::Succeeded(_) | End::Failed(_) => answer.as_ref() == Some(&end),
            End::TimedOut => law.late || answer.is_none(),
        };
        ensure(expected, || format!("no service has said so: {end:?}"))?;
        let (scheduled, patience) = (attempt.scheduled, attempt.patience_seconds);
        let timed_out = end == End::TimedOut;
        attempt.end = Some(end);
        if timed_out {
            let patience = patience.ok_or("a task without a time-out times out")?;
            let early = event.timestamp.0 < scheduled.0 + patience as i64 * 1000;
            ensure(!early, || "a task times out before its time")?;
        }
        Ok(What::Over)
    }

    fn elapsed(&self, since: usize, at: Timestamp, seconds: u64) -> Result<(), Violation> {
        let due = self.seen[since].at.0 + seconds as i64 * 1000;
        ensure(at.0 >= due, || format!("{} ms too early", due - at.0))
    }

    fn all_left(&self) -> bool {
        self.seen
            .iter()
            .all(|seen| !matches!(seen.what, What::Entered { left: false, .. }))
    }
}

/// What the service of an attempt answers, if anything.
pub(crate) fn told(
    manners: Manners,
    attempt: &Attempt,
    timed: bool,
) -> Result<Option<End>, Violation> {
    let (question, _) =
        services::question(&attempt.parameters).ok_or("a task without a question")?;
    Ok(services::answer(manners, &attempt.state, &question, timed))
}

fn known<'a>(law: Law<'a>, name: &str) -> Result<&'a crate::machines::Known, Violation> {
    law.facts
        .states
        .get(name)
        .ok_or_else(|| format!("there is no state `{name}`"))
}

fn parsed(text: &str) -> Result<Value, Violation> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn digest(event: &HistoryEvent) -> u64 {
    crate::chance::hash(0, &format!("{event:?}"))
}

/// What kinds of events there are, and of which states, in no order: what every schedule must give alike. Whether a
/// service's acceptance was told before its end is chance.
pub(crate) fn kinds(events: &[HistoryEvent]) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for event in events {
        let kind = match &event.event {
            Event::TaskSubmitted { .. } => continue,
            Event::StateEntered { name, .. } => format!("entered {name}"),
            Event::StateExited { name, .. } => format!("left {name}"),
            other => {
                let text = format!("{other:?}");
                let end = text.find(|c: char| !c.is_alphanumeric());
                text[..end.unwrap_or(text.len())].to_owned()
            }
        };
        *kinds.entry(kind).or_default() += 1;
    }
    kinds
}

pub(crate) fn ensure<T: Into<Violation>>(
    holds: bool,
    otherwise: impl FnOnce() -> T,
) -> Result<(), Violation> {
    if holds {
        Ok(())
    } else {
        Err(otherwise().into())
    }
}
