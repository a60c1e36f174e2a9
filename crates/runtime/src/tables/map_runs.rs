use std::sync::Arc;

use asl::Payload;
use aws::Arn;
use engine::{AttemptId, MapRunPlan, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{Batch, Keyspace, Order, Store, Table};

use super::executions::{ExecutionRecord, Status};
use super::{decode, encode};
use crate::{ExecutionKey, RuntimeError};

/// Map Run id → what DescribeMapRun shows.
const MAP_RUNS: Table = Table::new(Keyspace::State, "map-runs");
/// Map Run id → what the Map state asked for.
const PLANS: Table = Table::new(Keyspace::State, "map-runs/plans");
/// Map Run id → those under way, with what is to become of them.
const OPEN: Table = Table::new(Keyspace::State, "map-runs/open");
/// Map Run id → from where it goes on after a restart.
const CHECKPOINTS: Table = Table::new(Keyspace::State, "map-runs/checkpoints");
/// Execution key, attempt → the id of its Map Run.
const OF_EXECUTION: Table = Table::new(Keyspace::State, "map-runs/of-execution");
/// Map Run id, index of the child → how it ended.
const CHILDREN: Table = Table::new(Keyspace::State, "map-runs/children");

/// Which Map Run: a digest of its ARN, in which account and region are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct MapRunId(pub(crate) [u8; 16]);

impl MapRunId {
    /// Of the Map Run of that ARN.
    pub(crate) fn of(arn: &str) -> Self {
        let mut id = [0; 16];
        id.copy_from_slice(&Sha256::digest(arn)[..16]);
        Self(id)
    }

    fn child(self, index: u64) -> Vec<u8> {
        [&self.0[..], &index.to_be_bytes()].concat()
    }
}

/// `MapRunStatus`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are AWS's own")]
pub enum MapRunStatus {
    Running,
    Succeeded,
    Failed,
    Aborted,
}

impl MapRunStatus {
    /// `RUNNING` …
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Aborted => "ABORTED",
        }
    }
}

/// `itemCounts` and `executionCounts`: how many items or children are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are AWS's own")]
pub struct Counts {
    pub pending: u64,
    pub running: u64,
    pub succeeded: u64,
    pub failed: u64,
    pub timed_out: u64,
    pub aborted: u64,
    pub results_written: u64,
}

impl Counts {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.pending + self.running + self.succeeded + self.failed + self.timed_out + self.aborted
    }

    /// Those that ended otherwise than well.
    pub(crate) fn unsuccessful(&self) -> u64 {
        self.failed + self.timed_out + self.aborted
    }

    pub(crate) fn add(&mut self, status: Status, number: u64) {
        match status {
            Status::Running => self.running += number,
            Status::Succeeded => self.succeeded += number,
            Status::Failed => self.failed += number,
            Status::TimedOut => self.timed_out += number,
            Status::Aborted => self.aborted += number,
        }
    }
}

/// A Map Run as it is described.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapRunRecord {
    /// `mapRunArn`
    pub arn: Arc<str>,
    /// `executionArn`: whose Map state it is.
    pub execution_arn: Arc<str>,
    /// `stateMachineArn` of its children, with the label.
    pub state_machine_arn: Arc<str>,
    /// `label`
    pub label: Arc<str>,
    /// `status`
    pub status: MapRunStatus,
    /// `startDate`
    pub start: Timestamp,
    /// `stopDate`, once it has ended.
    pub stop: Option<Timestamp>,
    /// `maxConcurrency`
    pub max_concurrency: u64,
    /// `toleratedFailureCount`, where the state names one.
    pub tolerated_failure_count: Option<u64>,
    /// `toleratedFailurePercentage`, likewise. With neither, the first failure is one too many.
    pub tolerated_failure_percentage: Option<f64>,
    /// `itemCounts`
    pub items: Counts,
    /// `executionCounts`
    pub executions: Counts,
    pub(crate) execution: ExecutionKey,
    pub(crate) attempt: AttemptId,
    /// What the children run: the state machine and its revision.
    pub(crate) machine: [u8; 16],
    pub(crate) revision: u64,
    pub(crate) trace_header: Option<String>,
}

/// The oldest child that has not ended, and what is known of those before it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    /// Its index.
    pub(crate) child: u64,
    /// The index of its first item.
    pub(crate) item: u64,
    /// Where that is read.
    pub(crate) position: Vec<u8>,
    /// Of the children before it.
    pub(crate) items: Counts,
    pub(crate) executions: Counts,
}

/// What is to become of a Map Run under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Open {
    /// It goes on.
    Running,
    /// Nobody awaits it any more: its children are stopped.
    Aborting,
    /// It fails, and its children are stopped first.
    Failing { error: String, cause: String },
    /// It has ended and its execution is to be told.
    Ended(MapRunEnd),
}

/// How a Map Run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum MapRunEnd {
    Succeeded { output: Payload },
    Failed { error: String, cause: String },
}

/// How a child ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Child {
    pub(crate) status: Status,
    /// How many items it had.
    pub(crate) items: u64,
    /// Where its record is.
    pub(crate) key: ExecutionKey,
    /// What it gave, where the Map Run's result is made of that.
    pub(crate) output: Option<Payload>,
}

/// A child's place in its Map Run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChildOf {
    /// `mapRunArn`
    pub map_run_arn: Arc<str>,
    pub(crate) id: MapRunId,
    /// How many items it has.
    pub item_count: u64,
}

/// A new Map Run, in the batch of the step that asked for it.
pub(crate) fn open(
    batch: &mut Batch,
    key: ExecutionKey,
    parent: &ExecutionRecord,
    plan: &MapRunPlan,
) -> MapRunId {
    let id = MapRunId::of(&plan.arn);
    let record = MapRunRecord {
        arn: Arc::clone(&plan.arn),
        execution_arn: Arc::clone(&parent.arn),
        state_machine_arn: children_arn(&plan.arn, &plan.label).into(),
        label: Arc::clone(&plan.label),
        status: MapRunStatus::Running,
        start: plan.now,
        stop: None,
        max_concurrency: plan.max_concurrency,
        tolerated_failure_count: plan.tolerated_failure_count,
        tolerated_failure_percentage: plan.tolerated_failure_percentage,
        items: Counts::default(),
        executions: Counts::default(),
        execution: key,
        attempt: plan.attempt,
        machine: parent.machine,
        revision: parent.revision,
        trace_header: parent.trace_header.clone(),
    };
    put(batch, id, &record);
    batch.put(PLANS, &id.0, encode(plan));
    put_open(batch, id, &Open::Running);
    batch.put(
        OF_EXECUTION,
        &key.with(&plan.attempt.0.to_be_bytes()),
        id.0.to_vec(),
    );
    id
}

/// `…:mapRun:Name/Label:uuid` → `…:stateMachine:Name/Label`
fn children_arn(map_run_arn: &str, label: &str) -> String {
    let arn: Option<Arn> = map_run_arn.parse().ok();
    let name = |arn: &Arn| {
        let rest = arn.resource.strip_prefix("mapRun:")?;
        Some(rest.split('/').next()?.to_owned())
    };
    arn.and_then(|arn| {
        let name = name(&arn)?;
        let resource = format!("stateMachine:{name}/{label}");
        Some(Arn { resource, ..arn }.to_string())
    })
    .unwrap_or_default()
}

pub(crate) fn put(batch: &mut Batch, id: MapRunId, record: &MapRunRecord) {
    batch.put(MAP_RUNS, &id.0, encode(record));
}

pub(crate) fn get(store: &Store, id: MapRunId) -> Result<Option<MapRunRecord>, RuntimeError> {
    store
        .get(MAP_RUNS, &id.0)?
        .map(|row| decode(&row, "Map Run"))
        .transpose()
}

pub(crate) fn plan(store: &Store, id: MapRunId) -> Result<Option<MapRunPlan>, RuntimeError> {
    store
        .get(PLANS, &id.0)?
        .map(|row| decode(&row, "plan of a Map Run"))
        .transpose()
}

pub(crate) fn put_open(batch: &mut Batch, id: MapRunId, open: &Open) {
    batch.put(OPEN, &id.0, encode(open));
}

/// The Map Run has ended and its execution knows: what only its work needed goes.
pub(crate) fn close(batch: &mut Batch, id: MapRunId) {
    batch.delete(OPEN, &id.0);
    batch.delete(PLANS, &id.0);
    batch.delete(CHECKPOINTS, &id.0);
}

pub(crate) fn put_checkpoint(batch: &mut Batch, id: MapRunId, checkpoint: &Checkpoint) {
    batch.put(CHECKPOINTS, &id.0, encode(checkpoint));
}

pub(crate) fn checkpoint(store: &Store, id: MapRunId) -> Result<Checkpoint, RuntimeError> {
    let row = store.get(CHECKPOINTS, &id.0)?;
    let read = row.map(|row| decode(&row, "checkpoint of a Map Run"));
    read.transpose().map(Option::unwrap_or_default)
}

pub(crate) fn get_open(store: &Store, id: MapRunId) -> Result<Option<Open>, RuntimeError> {
    store
        .get(OPEN, &id.0)?
        .map(|row| decode(&row, "Map Run under way"))
        .transpose()
}

/// All that are under way.
pub(crate) fn each_open(
    store: &Store,
    mut found: impl FnMut(MapRunId),
) -> Result<(), RuntimeError> {
    super::each(store, OPEN, &[], |key, _| {
        match id_from(key) {
            Ok(id) => found(id),
            Err(error) => tracing::error!(%error, "a Map Run under way is left alone"),
        }
        Ok(())
    })
}

/// The Map Runs of an execution by attempt, newest first: those below `before`.
pub(crate) fn of_execution(
    store: &Store,
    key: ExecutionKey,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<(AttemptId, MapRunId)>, RuntimeError> {
    let rows = store.range(
        OF_EXECUTION,
        std::ops::Bound::Included(&key.with(&[0; 8])),
        std::ops::Bound::Excluded(&key.with(&before.unwrap_or(u64::MAX).to_be_bytes())),
        Order::Descending,
        limit,
    )?;
    rows.iter()
        .map(|(place, row)| {
            let attempt = place
                .get(ExecutionKey::BYTES..)
                .and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
            let attempt = attempt.ok_or(RuntimeError::Damaged("Map Run's place"))?;
            Ok((AttemptId(u64::from_be_bytes(attempt)), id_from(row)?))
        })
        .collect()
}

/// Forgets the Map Runs of an execution, all of which have ended. Their children are executions with ends of their own.
pub(crate) fn delete_of(
    batch: &mut Batch,
    store: &Store,
    key: ExecutionKey,
) -> Result<(), RuntimeError> {
    super::each(store, OF_EXECUTION, key.bytes(), |place, row| {
        batch.delete(OF_EXECUTION, place);
        batch.delete(MAP_RUNS, &id_from(row)?.0);
        Ok(())
    })
}

pub(crate) fn put_child(batch: &mut Batch, id: MapRunId, index: u64, child: &Child) {
    batch.put(CHILDREN, &id.child(index), encode(child));
}

pub(crate) fn child(
    store: &Store,
    id: MapRunId,
    index: u64,
) -> Result<Option<Child>, RuntimeError> {
    store
        .get(CHILDREN, &id.child(index))?
        .map(|row| decode(&row, "child of a Map Run"))
        .transpose()
}

/// The children that ended, by their index; false ends it.
pub(crate) fn each_child(
    store: &Store,
    id: MapRunId,
    mut found: impl FnMut(u64, Child) -> Result<bool, RuntimeError>,
) -> Result<(), RuntimeError> {
    let mut from = 0;
    loop {
        let rows = store.range(
            CHILDREN,
            std::ops::Bound::Included(&id.child(from)),
            std::ops::Bound::Included(&id.child(u64::MAX)),
            Order::Ascending,
            CHILDREN_PAGE,
        )?;
        for (place, row) in &rows {
            let index = place
                .get(16..)
                .and_then(|bytes| <[u8; 8]>::try_from(bytes).ok())
                .map(u64::from_be_bytes)
                .ok_or(RuntimeError::Damaged("child's place"))?;
            if !found(index, decode(row, "child of a Map Run")?)? {
                return Ok(());
            }
            from = index.saturating_add(1);
        }
        if rows.len() < CHILDREN_PAGE {
            return Ok(());
        }
    }
}

/// The first Map Run behind `after` that has rows of children.
pub(crate) fn next_with_children(
    store: &Store,
    after: Option<MapRunId>,
) -> Result<Option<MapRunId>, RuntimeError> {
    let from = after.map(|id| id.child(u64::MAX));
    let from = from
        .as_deref()
        .map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
    let to = std::ops::Bound::Unbounded;
    let rows = store.range(CHILDREN, from, to, Order::Ascending, 1)?;
    let first = rows.first().and_then(|(place, _)| place.get(..16));
    first.map(id_from).transpose()
}

/// Removes some of the children's rows; whether there are more.
pub(crate) fn delete_children(
    batch: &mut Batch,
    store: &Store,
    id: MapRunId,
) -> Result<bool, RuntimeError> {
    let rows = store.prefix(CHILDREN, &id.0, Order::Ascending, CHILDREN_PAGE)?;
    for (place, _) in &rows {
        batch.delete(CHILDREN, place);
    }
    Ok(rows.len() == CHILDREN_PAGE)
}

/// Rows in memory at a time; each may hold an output of 256 KiB.
const CHILDREN_PAGE: usize = 128;

fn id_from(bytes: &[u8]) -> Result<MapRunId, RuntimeError> {
    let id = bytes
        .try_into()
        .map_err(|_| RuntimeError::Damaged("Map Run's id"))?;
    Ok(MapRunId(id))
}
