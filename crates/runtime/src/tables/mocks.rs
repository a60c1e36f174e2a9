use std::collections::BTreeMap;
use std::sync::Arc;

use store::{Batch, Keyspace, Store, Table};

use super::{decode, encode};
use crate::mocks::{MockedOutcome, TestCase};
use crate::{ExecutionKey, RuntimeError};

/// Execution key → the test case that it runs as.
const CASES: Table = Table::new(Keyspace::State, "mocks");
/// Execution key → how often each mocked state has been invoked.
const INVOKED: Table = Table::new(Keyspace::State, "mocks/invoked");

/// The mocks of an execution. They stay with it once it has ended, like its history.
#[derive(Debug)]
pub(crate) struct Mocks {
    case: Arc<TestCase>,
    invoked: BTreeMap<Arc<str>, u64>,
}

impl Mocks {
    /// Of an execution that begins.
    pub(crate) fn new(case: Arc<TestCase>) -> Self {
        Self {
            case,
            invoked: BTreeMap::new(),
        }
    }

    /// What the next invocation of a state comes to; none if it is to call its service. That it was is written.
    pub(crate) fn next(
        &mut self,
        batch: &mut Batch,
        key: ExecutionKey,
        state: &Arc<str>,
    ) -> Option<MockedOutcome> {
        let response = self.case.states.get(state)?;
        let number = self.invoked.entry(Arc::clone(state)).or_default();
        let outcome = response.outcome(*number, state);
        *number += 1;
        batch.put(INVOKED, key.bytes(), encode(&self.invoked));
        Some(outcome)
    }
}

pub(crate) fn put(batch: &mut Batch, key: ExecutionKey, case: &TestCase) {
    batch.put(CASES, key.bytes(), encode(case));
}

pub(crate) fn delete(batch: &mut Batch, key: ExecutionKey) {
    batch.delete(CASES, key.bytes());
    batch.delete(INVOKED, key.bytes());
}

/// The test case of an execution.
pub(crate) fn case(
    store: &Store,
    key: ExecutionKey,
) -> Result<Option<Arc<TestCase>>, RuntimeError> {
    let row = store.get(CASES, key.bytes())?;
    row.map(|row| decode(&row, "test case").map(Arc::new))
        .transpose()
}

/// The mocks of an execution as they were committed.
pub(crate) fn get(store: &Store, key: ExecutionKey) -> Result<Option<Mocks>, RuntimeError> {
    let Some(case) = case(store, key)? else {
        return Ok(None);
    };
    let invoked = store.get(INVOKED, key.bytes())?;
    let invoked = invoked.map(|row| decode(&row, "count of invocations"));
    Ok(Some(Mocks {
        case,
        invoked: invoked.transpose()?.unwrap_or_default(),
    }))
}
