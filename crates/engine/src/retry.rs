//! What becomes of an error: another try, a catcher, or the end of the frame.

use asl::machine::{Catcher, Jitter, Kind, QueryLanguage, Retrier, State, Transition};
use asl::{Json, Payload};

use crate::Event;
use crate::execution::{Activity, FrameId};
use crate::raised::Raised;
use crate::run::Run;

/// No pause is longer: what a retrier may name at most.
const INTERVAL_SECONDS_MAX: f64 = 99_999_999.0;

impl<'a> Run<'a> {
    /// A state has failed.
    pub(crate) fn raise(&mut self, id: FrameId, raised: Raised) {
        let (Some(state), Some(core)) = (self.state(id), self.core(id)) else {
            return;
        };
        let raised = raised.sized(&state.name);
        let evaluation = raised.evaluation;
        let raised = self.placed(raised, state, core.visit.entered_event_id);
        self.note(|seen| seen.error = Some((raised.error.clone(), raised.cause.clone())));
        if evaluation && state.query_language == QueryLanguage::Jsonata {
            self.evaluation_failed(id, state, &raised);
        }
        if self.retry(id, state.retriers(), &raised) {
            return;
        }
        // What ends the execution at once ends the state without a word
        // (scenarios/test_map_state_tolerated_failure_count_path, NoNumber).
        let at_once = evaluation && raised.error.as_deref() == Some("States.Runtime");
        match state.kind {
            _ if at_once => {}
            Kind::Parallel(_) => {
                self.emit_in(id, Event::ParallelStateFailed);
            }
            Kind::Map(_) => {
                self.emit_in(id, Event::MapStateFailed);
            }
            Kind::Pass(_)
            | Kind::Task(_)
            | Kind::Choice(_)
            | Kind::Wait(_)
            | Kind::Succeed
            | Kind::Fail(_) => {}
        }
        let catcher = state
            .catchers()
            .iter()
            .enumerate()
            .find(|(_, catcher)| raised.matches(&catcher.error_equals));
        let caught = catcher.map(|(index, catcher)| self.catch(id, state, index, catcher, &raised));
        let raised = match caught {
            Some(Ok(())) => return,
            Some(Err(new)) => match self.core(id) {
                Some(core) => {
                    self.placed(new.sized(&state.name), state, core.visit.entered_event_id)
                }
                None => return,
            },
            None => raised,
        };
        self.fail_frame(id, raised);
    }

    /// The error with the state's place in its cause; a state that is inspected by itself has none
    /// (test_state/test_state_map_context_object).
    fn placed(&self, raised: Raised, state: &State, entered_event_id: u64) -> Raised {
        match self.watch.map(|watch| watch.entered_event_id) {
            None => raised.placed(&state.name, entered_event_id),
            Some(Some(entered_event_id)) => raised.placed(&state.name, entered_event_id),
            Some(None) => raised.handed_up(),
        }
    }

    /// A state whose expressions fail while it is entered is told as if it had not been: the event follows what came
    /// before it. A Wait is entered by then (evaluate_jsonata, states_variables, scenarios/test_wait_timestamp_jsonata).
    fn evaluation_failed(&mut self, id: FrameId, state: &State, raised: &Raised) {
        let Some(core) = self.execution.core_mut(id) else {
            return;
        };
        let visit = &core.visit;
        let entering = core.last_event_id == visit.entered_event_id;
        if entering && !matches!(state.kind, Kind::Wait(_)) {
            core.last_event_id = visit.before_event_id;
        }
        let event = Event::EvaluationFailed {
            error: raised.error.clone(),
            cause: raised.cause.clone(),
            location: raised.location.clone(),
            state: state.name.clone(),
        };
        self.emit_in(id, event);
    }

    /// The first retrier that names the error decides, whether or not it has tries left.
    fn retry(&mut self, id: FrameId, retriers: &[Retrier], raised: &Raised) -> bool {
        let found = retriers
            .iter()
            .enumerate()
            .find(|(_, retrier)| raised.matches(&retrier.error_equals));
        let Some((place, retrier)) = found else {
            return false;
        };
        self.note(|seen| seen.retry_index = Some(place));
        let Some(core) = self.execution.core_mut(id) else {
            return false;
        };
        core.visit.retries.resize(retriers.len(), 0);
        let Some(used) = core.visit.retries.get_mut(place) else {
            return false;
        };
        if *used >= retrier.max_attempts {
            return false;
        }
        let before = *used;
        *used += 1;
        core.visit.retry_count += 1;
        let share = match retrier.jitter {
            Jitter::None => 1.0,
            Jitter::Full => {
                self.note_chance();
                self.entropy.borrow_mut().next_f64()
            }
        };
        let seconds = interval_seconds(retrier, before) * share;
        self.note(|seen| seen.retry_backoff_seconds = Some(seconds));
        let timer = self.set_timer((seconds * 1000.0) as u64);
        self.change(id, Activity::Backoff { timer });
        true
    }

    fn catch(
        &mut self,
        id: FrameId,
        state: &'a State,
        index: usize,
        catcher: &'a Catcher,
        raised: &Raised,
    ) -> Result<(), Raised> {
        self.note(|seen| seen.catch_index = Some(index));
        let left = self.catching(id, state, index, catcher, error_output(raised))?;
        let next = Transition::Next(catcher.next.clone());
        self.leave(id, state, &next, left)
    }
}

/// The pause before the retry that follows `before` others by the same retrier.
fn interval_seconds(retrier: &Retrier, before: u64) -> f64 {
    let exponent = i32::try_from(before).unwrap_or(i32::MAX);
    let seconds = retrier.interval_seconds as f64 * retrier.backoff_rate.powi(exponent);
    let max = retrier
        .max_delay_seconds
        .map_or(INTERVAL_SECONDS_MAX, |max| max as f64);
    // A product beyond all numbers is no reason to wait for ever.
    seconds.min(max).min(INTERVAL_SECONDS_MAX)
}

/// `{"Error": …, "Cause": …}`, what a catcher puts into the data; what is not known is an empty text
/// (error_handling/test_invoke_timeout).
fn error_output(raised: &Raised) -> Payload {
    let members = [("Error", &raised.error), ("Cause", &raised.cause)];
    let members = members.map(|(key, text)| (key, Json::string(text.as_deref().unwrap_or(""))));
    Payload::new(Json::object(members))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retrier(backoff_rate: f64, max_delay_seconds: Option<u64>) -> Retrier {
        Retrier {
            error_equals: vec!["States.ALL".to_owned()],
            interval_seconds: 3,
            max_attempts: 99,
            backoff_rate,
            max_delay_seconds,
            jitter: Jitter::None,
        }
    }

    #[test]
    fn intervals_grow_by_the_rate_up_to_the_maximal_delay() {
        let growing = retrier(2.0, Some(10));
        let seconds: Vec<_> = (0..4).map(|n| interval_seconds(&growing, n)).collect();
        assert_eq!(seconds, [3.0, 6.0, 10.0, 10.0]);
        assert!(interval_seconds(&retrier(1e300, None), u64::MAX) <= INTERVAL_SECONDS_MAX);
    }
}
