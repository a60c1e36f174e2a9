//! A state of an execution, looked at from its history.

use std::sync::Arc;

use asl::machine::ScopeId;
use aws::Arn;
use engine::{Event, HistoryEvent, Review, ReviewError, Reviewer, Seed};
use store::Order;

use crate::tables::executions::ExecutionRecord;
use crate::tables::history;
use crate::{ExecutionKey, Revision, Runtime, RuntimeError, standard};

/// Events read at a time: some hundred kilobytes, if they are large.
const SLICE_EVENTS: usize = 64;

impl Runtime {
    /// What the data of a state went through that a STANDARD execution entered with that event. It reads the history up
    /// to the state's end and evaluates what the state does: work for a thread of its own.
    ///
    /// # Errors
    /// [`RuntimeError::ExecutionDoesNotExist`]; inside, why the state can't be reviewed.
    pub fn review_state(
        &self,
        arn: &str,
        entered_event_id: u64,
    ) -> Result<Result<Review, ReviewError>, RuntimeError> {
        let key = standard(arn)?.key();
        let (record, revision, machine) = self.state_machine_for_execution(arn)?;
        let mut events = self.events(key, 1)?;
        let Some(seed) = events
            .first()
            .and_then(|first| seed(&record, &revision, first))
        else {
            return Ok(Err(ReviewError::NoSuchEvent));
        };
        let limits = self.limits().clone();
        let mut reviewer = Reviewer::new(machine, seed, limits, entered_event_id);
        while let Some(last) = events.last().map(|last| last.id) {
            for event in std::mem::take(&mut events) {
                match reviewer.take(event) {
                    Ok(true) => {}
                    Ok(false) => return Ok(reviewer.review()),
                    Err(error) => return Ok(Err(error)),
                }
            }
            events = self.events(key, last + 1)?;
        }
        Ok(reviewer.review())
    }

    fn events(&self, key: ExecutionKey, from: u64) -> Result<Vec<HistoryEvent>, RuntimeError> {
        let store = &self.shared().standard.store;
        history::read(store, key, from, Order::Ascending, SLICE_EVENTS)
    }
}

/// As the execution was started. Its image, which had the seed, is gone with its end.
fn seed(record: &ExecutionRecord, revision: &Revision, first: &HistoryEvent) -> Option<Seed> {
    let Event::ExecutionStarted { input, .. } = &first.event else {
        return None;
    };
    let arn: Arn = record.state_machine_arn.parse().ok()?;
    Some(Seed {
        arn: Arc::clone(&record.arn),
        name: Arc::clone(&record.name),
        state_machine_arn: Arc::clone(&record.state_machine_arn),
        state_machine_name: arn.resource.strip_prefix("stateMachine:")?.into(),
        role_arn: Arc::clone(&revision.role_arn),
        region: arn.region.as_str().into(),
        input: input.clone(),
        start: record.start,
        state_machine_alias_arn: record.state_machine_alias_arn.clone(),
        state_machine_version_arn: record.state_machine_version_arn.clone(),
        // Each state is reviewed where it stands.
        scope: ScopeId::ROOT,
        express: false,
        synchronous: false,
        token_prefix: Vec::new(),
    })
}
