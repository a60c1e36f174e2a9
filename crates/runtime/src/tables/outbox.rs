use std::sync::Arc;

use asl::Payload;
use engine::{AttemptId, Invocation};
use serde::{Deserialize, Serialize};
use store::{Batch, Keyspace, Store, Table};

use super::{decode, encode};
use crate::mocks::MockedOutcome;
use crate::{ExecutionKey, RuntimeError};

/// What has been asked of the world and not been answered: execution key, then a one and the attempt, or a zero where
/// the execution itself wants to go on.
const OUTBOX: Table = Table::new(Keyspace::State, "outbox");

const CONTINUE: &[u8] = &[0];
const ATTEMPT: u8 = 1;

/// A task to run, or one whose job is running elsewhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) attempt: AttemptId,
    pub(crate) resource: Arc<str>,
    pub(crate) parameters: Payload,
    pub(crate) role_arn: Option<String>,
    pub(crate) state: Arc<str>,
    /// What the service answered when it accepted a `.sync` task, which is then only watched.
    pub(crate) submitted: Option<Payload>,
    /// What it comes to without being run.
    #[serde(default)]
    pub(crate) mocked: Option<MockedOutcome>,
    /// Nobody awaits it any more, and what it started is still to be stopped.
    #[serde(default)]
    pub(crate) abandoned: bool,
}

impl From<Invocation> for Pending {
    fn from(invocation: Invocation) -> Self {
        Self {
            attempt: invocation.attempt,
            resource: invocation.resource,
            parameters: invocation.parameters,
            role_arn: invocation.role_arn,
            state: invocation.state,
            submitted: None,
            mocked: None,
            abandoned: false,
        }
    }
}

/// One row.
pub(crate) enum Entry {
    Continue,
    Task(Box<Pending>),
}

pub(crate) fn put(batch: &mut Batch, key: ExecutionKey, pending: &Pending) {
    batch.put(OUTBOX, &attempt_key(key, pending.attempt), encode(pending));
}

pub(crate) fn delete(batch: &mut Batch, key: ExecutionKey, attempt: AttemptId) {
    batch.delete(OUTBOX, &attempt_key(key, attempt));
}

pub(crate) fn put_continue(batch: &mut Batch, key: ExecutionKey) {
    batch.put(OUTBOX, &key.with(CONTINUE), Vec::new());
}

pub(crate) fn delete_continue(batch: &mut Batch, key: ExecutionKey) {
    batch.delete(OUTBOX, &key.with(CONTINUE));
}

/// The entries of one execution.
pub(crate) fn each(
    store: &Store,
    of: ExecutionKey,
    mut found: impl FnMut(Entry),
) -> Result<(), RuntimeError> {
    super::each(store, OUTBOX, of.bytes(), |key, value| {
        found(entry(&key[ExecutionKey::BYTES..], value)?);
        Ok(())
    })
}

/// All entries; of one that can't be read, whose it is.
pub(crate) fn all(
    store: &Store,
    mut found: impl FnMut(ExecutionKey, Result<Entry, RuntimeError>),
) -> Result<(), RuntimeError> {
    super::each(store, OUTBOX, &[], |place, value| {
        let Some((key, tail)) = super::execution(place) else {
            return Ok(());
        };
        found(key, entry(tail, value));
        Ok(())
    })
}

fn entry(tail: &[u8], value: &[u8]) -> Result<Entry, RuntimeError> {
    match tail {
        CONTINUE => Ok(Entry::Continue),
        [ATTEMPT, ..] => Ok(Entry::Task(Box::new(decode(value, "outbox entry")?))),
        _ => Err(RuntimeError::Damaged("outbox entry")),
    }
}

fn attempt_key(key: ExecutionKey, attempt: AttemptId) -> Vec<u8> {
    let mut tail = [ATTEMPT; 9];
    tail[1..].copy_from_slice(&attempt.0.to_be_bytes());
    key.with(&tail)
}
