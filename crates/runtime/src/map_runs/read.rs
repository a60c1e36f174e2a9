//! A Map Run's items, read on a thread of their own: what they are in order, and what children they make.

use std::sync::Arc;

use asl::{Json, Payload, StatesError};
use engine::{MapItem, MapRunPlan, child_input};
use tokio::sync::mpsc;

use crate::driver::Shared;
use crate::tables::map_runs::{Checkpoint, MapRunRecord};

/// A child to be started.
#[derive(Debug)]
pub(super) struct Next {
    /// From 0, in the order of items.
    pub(super) index: u64,
    pub(super) input: Payload,
    /// How many items are in it.
    pub(super) items: u64,
    /// The index of the first of them, and where it is read.
    pub(super) item: u64,
    pub(super) position: Vec<u8>,
}

/// What comes from the reader.
#[derive(Debug)]
pub(super) enum Read {
    Child(Next),
    /// How many items there are, where that is known before the end.
    Total(u64),
    End,
    Failed {
        error: String,
        cause: String,
    },
}

/// Reads on from a checkpoint, until the end or until nobody listens.
pub(super) fn run(
    shared: &Arc<Shared>,
    record: &MapRunRecord,
    machine: &asl::StateMachine,
    plan: &MapRunPlan,
    from: &Checkpoint,
    to: &mpsc::Sender<Read>,
) {
    let _ = (shared, record);
    let read = match &plan.items {
        Some(items) => given(machine, plan, items.value(), from, to),
        None => Err(StatesError::new("States.ItemReaderFailed", "not yet")),
    };
    let last = match read {
        Ok(()) => Read::End,
        Err(error) => Read::Failed {
            error: error.name.into_owned(),
            cause: error.cause,
        },
    };
    // Nobody listens once the Map Run has ended.
    let _ = to.blocking_send(last);
}

/// Items that stand in the state's input.
fn given(
    machine: &asl::StateMachine,
    plan: &MapRunPlan,
    items: &Json,
    from: &Checkpoint,
    to: &mpsc::Sender<Read>,
) -> Result<(), StatesError> {
    let length = items.as_array().map(|items| items.len());
    let length = length.or(items.as_object().map(|items| items.len()));
    let length = length.unwrap_or(0) as u64;
    let _ = to.blocking_send(Read::Total(length));
    for index in from.item..length {
        let place = usize::try_from(index).unwrap_or(usize::MAX);
        let (key, value) = match items {
            Json::Object(members) => match members.get_index(place) {
                Some((key, value)) => (Some(Arc::clone(key)), value.clone()),
                None => break,
            },
            _ => (None, items.at(place).cloned().unwrap_or_default()),
        };
        let item = MapItem {
            index,
            value,
            key,
            source: "STATE_DATA".into(),
        };
        let input = child_input(machine, plan, &item)?;
        let next = Next {
            index,
            input: Payload::new(input),
            items: 1,
            item: index,
            position: Vec::new(),
        };
        if to.blocking_send(Read::Child(next)).is_err() {
            return Ok(());
        }
    }
    Ok(())
}
