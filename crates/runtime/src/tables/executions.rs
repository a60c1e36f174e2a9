use std::ops::Bound;
use std::sync::Arc;

use engine::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Batch, Keyspace, Order, Store, Table};

use super::map_runs::ChildOf;
use super::{decode, encode};
use crate::{ExecutionKey, RuntimeError};

const EXECUTIONS: Table = Table::new(Keyspace::State, "executions");
/// State machine or Map Run id, status, inverted ticket, digest of the key (a clock set back may give a ticket again) → execution key: ListExecutions reads it forward, newest first.
const INDEX: Table = Table::new(Keyspace::State, "executions/index");

/// `ExecutionStatus`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are AWS's own")]
pub enum Status {
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Aborted,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::TimedOut,
        Self::Aborted,
    ];

    /// `RUNNING` …
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted => "ABORTED",
        }
    }

    /// The status of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    fn byte(self) -> u8 {
        match self {
            Self::Running => 1,
            Self::Succeeded => 2,
            Self::Failed => 3,
            Self::TimedOut => 4,
            Self::Aborted => 5,
        }
    }
}

/// One execution as it is listed. Its input and output are in its history and nowhere else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExecutionRecord {
    /// `executionArn`
    pub arn: Arc<str>,
    /// `name`
    pub name: Arc<str>,
    /// The unqualified ARN.
    pub state_machine_arn: Arc<str>,
    /// Where it was started through a version or an alias.
    pub state_machine_version_arn: Option<Arc<str>>,
    /// Where it was started through an alias.
    pub state_machine_alias_arn: Option<Arc<str>>,
    /// Which of the state machines that had this ARN, and which of its revisions it runs.
    pub(crate) machine: [u8; 16],
    pub(crate) revision: u64,
    /// `status`
    pub status: Status,
    /// `startDate`
    pub start: Timestamp,
    /// `stopDate`, once it has ended.
    pub stop: Option<Timestamp>,
    /// Of FAILED, TIMED_OUT and ABORTED.
    pub error: Option<String>,
    /// Of FAILED, TIMED_OUT and ABORTED.
    pub cause: Option<String>,
    /// `traceHeader`
    pub trace_header: Option<String>,
    /// Of the input's text: what the name rule compares.
    pub(crate) input_digest: [u8; 32],
    /// The order of starts, unique.
    pub(crate) ticket: u64,
    /// With which event the row of its history begins that holds the last one; 0 while it runs.
    #[serde(default)]
    pub(crate) last_row: u64,
    /// Where it is a child of a Map Run.
    #[serde(default)]
    pub child_of: Option<ChildOf>,
    /// Whether a test case of the mock configuration answers in place of services.
    #[serde(default)]
    pub(crate) mocked: bool,
}

impl ExecutionRecord {
    /// A running execution named `run` of a state machine named `M`.
    #[cfg(test)]
    pub(crate) fn of_test() -> Self {
        Self {
            arn: "arn:aws:states:us-east-1:000000000000:execution:M:run".into(),
            name: "run".into(),
            state_machine_arn: "arn:aws:states:us-east-1:000000000000:stateMachine:M".into(),
            state_machine_version_arn: None,
            state_machine_alias_arn: None,
            machine: [0; 16],
            revision: 0,
            status: Status::Running,
            start: Timestamp(0),
            stop: None,
            error: None,
            cause: None,
            trace_header: None,
            input_digest: [0; 32],
            ticket: 1,
            last_row: 0,
            child_of: None,
            mocked: false,
        }
    }

    /// In whose list it stands: its state machine's, or its Map Run's.
    pub(crate) fn list(&self) -> &[u8; 16] {
        match &self.child_of {
            Some(child) => &child.id.0,
            None => &self.machine,
        }
    }
}

pub(crate) fn get(
    store: &Store,
    key: ExecutionKey,
) -> Result<Option<ExecutionRecord>, RuntimeError> {
    store
        .get(EXECUTIONS, key.bytes())?
        .map(|row| decode(&row, "execution"))
        .transpose()
}

pub(crate) fn put(batch: &mut Batch, key: ExecutionKey, record: &ExecutionRecord) {
    batch.put(EXECUTIONS, key.bytes(), encode(record));
}

pub(crate) fn delete(batch: &mut Batch, key: ExecutionKey) {
    batch.delete(EXECUTIONS, key.bytes());
}

fn index_key(key: ExecutionKey, record: &ExecutionRecord) -> Vec<u8> {
    let mut place = index_prefix(record.list(), record.status).to_vec();
    place.extend_from_slice(&(!record.ticket).to_be_bytes());
    place.extend_from_slice(&key.bytes()[2..10]);
    place
}

/// State machine or Map Run id, status.
const LIST_BYTES: usize = 17;

fn index_prefix(machine: &[u8; 16], status: Status) -> [u8; LIST_BYTES] {
    let mut prefix = [0; LIST_BYTES];
    prefix[..16].copy_from_slice(machine);
    prefix[16] = status.byte();
    prefix
}

pub(crate) fn list_in(batch: &mut Batch, key: ExecutionKey, record: &ExecutionRecord) {
    batch.put(INDEX, &index_key(key, record), key.bytes().to_vec());
}

pub(crate) fn list_out(batch: &mut Batch, key: ExecutionKey, record: &ExecutionRecord) {
    batch.delete(INDEX, &index_key(key, record));
}

/// Up to `limit` executions of one status with a ticket below `before`, newest first, with their tickets.
pub(crate) fn listed(
    store: &Store,
    machine: &[u8; 16],
    status: Status,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<(u64, ExecutionKey)>, RuntimeError> {
    let prefix = index_prefix(machine, status);
    let rows = match before {
        None => store.prefix(INDEX, &prefix, Order::Ascending, limit)?,
        Some(ticket) => {
            let from = [&prefix[..], &(!ticket).to_be_bytes(), &[0xff; 9]].concat();
            let to = [&prefix[..], &[0xff; 9]].concat();
            store.range(
                INDEX,
                Bound::Excluded(&from),
                Bound::Excluded(&to),
                Order::Ascending,
                limit,
            )?
        }
    };
    rows.iter()
        .map(|(key, value)| {
            let ticket = key
                .get(17..25)
                .and_then(|bytes| <[u8; 8]>::try_from(bytes).ok())
                .map(|bytes| !u64::from_be_bytes(bytes));
            Option::zip(ticket, ExecutionKey::from_slice(value))
                .ok_or(RuntimeError::Damaged("execution's index"))
        })
        .collect()
}

/// Where a walk over all lists of executions is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walk(Vec<u8>);

/// Goes on with a walk over the executions of every list that are not running and began before a ticket: up to `limit`
/// of them; none at its end. What began later is stepped over and costs nothing.
pub(crate) fn closed_before(
    store: &Store,
    walk: &mut Walk,
    ticket: u64,
    limit: usize,
) -> Result<Option<Vec<ExecutionKey>>, RuntimeError> {
    let unbounded = Bound::Unbounded;
    loop {
        let after = Bound::Excluded(&walk.0[..]);
        let next = store.range(INDEX, after, unbounded, Order::Ascending, 1)?;
        let Some((first, _)) = next.first() else {
            return Ok(None);
        };
        let Some((list, place)) = first.split_at_checked(LIST_BYTES) else {
            tracing::error!(
                bytes = first.len(),
                "a row of no list of executions is left alone"
            );
            walk.0 = first.to_vec();
            continue;
        };
        let end = [list, &[0xff; 17]].concat();
        let before = (!ticket).to_be_bytes();
        let from = if list.ends_with(&[Status::Running.byte()]) {
            end.clone()
        } else if *place < before[..] {
            [list, &before].concat()
        } else {
            walk.0.clone()
        };
        let (from, to) = (Bound::Excluded(&from[..]), Bound::Excluded(&end[..]));
        let rows = store.range(INDEX, from, to, Order::Ascending, limit)?;
        walk.0 = rows.last().map_or(end, |(last, _)| last.to_vec());
        if !rows.is_empty() {
            let keys = rows
                .iter()
                .filter_map(|(_, key)| ExecutionKey::from_slice(key));
            return Ok(Some(keys.collect()));
        }
    }
}
