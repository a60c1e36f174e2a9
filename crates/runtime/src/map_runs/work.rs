//! One Map Run from its plan to its end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use asl::Payload;
use engine::{Event, HistoryEvent, Input, MapRunPlan, Outcome};
use items::Position;
use store::{Batch, StoreError};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::bucket::Bucket;
use super::child::Children;
use super::read::{Next, Place, Read, Reading};
use super::result::Gathering;
use super::{Control, Progress};
use crate::driver::Shared;
use crate::message::{Finished, Message};
use crate::tables::executions::{self, ExecutionRecord, Status};
use crate::tables::map_runs::{
    self as table, Checkpoint, Child, Counts, MapRunEnd, MapRunId, MapRunRecord, MapRunStatus, Open,
};
use crate::tables::{history, mocks};
use crate::{ExecutionKey, RuntimeError};

/// Children that are read ahead of those that run.
const AHEAD: usize = 64;

/// Inputs of running children in memory; beyond it fewer run than might.
const INPUT_BYTES_MAX: usize = 64 << 20;

/// Ends of children that share a commit.
const UNSAVED_MAX: usize = 256;

/// Works on a Map Run until it has ended and its execution is told, or nobody awaits it any more.
pub(super) async fn run(
    shared: &Arc<Shared>,
    id: MapRunId,
    resumed: bool,
    control: watch::Receiver<Control>,
    progress: Arc<Mutex<Progress>>,
) {
    // Nothing runs before the runtime is resumed.
    drop(shared.permits.acquire().await);
    let worked = match Work::load(shared, id, resumed, control, progress) {
        Ok(Some(work)) => work.run().await,
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    // It stays under way, and the next start of the runtime goes on with it.
    match worked {
        Ok(()) | Err(RuntimeError::Stopped) => {}
        Err(RuntimeError::Store(error)) => shared.stop_executions(&error),
        Err(error) => tracing::error!(%error, "a Map Run can't go on"),
    }
}

struct Work<'a> {
    shared: &'a Arc<Shared>,
    id: MapRunId,
    record: MapRunRecord,
    plan: Arc<MapRunPlan>,
    children: Children,
    /// It was under way before, so that children may be there already.
    resumed: bool,
    control: watch::Receiver<Control>,
    progress: Arc<Mutex<Progress>>,
    running: BTreeMap<u64, Flight>,
    input_bytes: usize,
    output_bytes: usize,
    /// Children that ended while an older one runs: status and number of items.
    ahead: BTreeMap<u64, (Status, u64)>,
    checkpoint: Checkpoint,
    /// Where the checkpoint's child begins, written out when it is saved.
    position: Option<Position>,
    items: Counts,
    executions: Counts,
    /// How many items there are, once that is known.
    total: Option<u64>,
    /// Nobody awaits it any more.
    aborting: bool,
    /// What ends it before its time.
    failure: Option<(String, String)>,
    unsaved: Unsaved,
}

/// A running child.
struct Flight {
    next: Next,
    record: ExecutionRecord,
    key: ExecutionKey,
}

/// A child's index and how it ended; none if it was not started, or nobody knows.
pub(super) type Landed = (u64, Option<Arc<Finished>>);

/// What waits for a commit, and the commit under way.
#[derive(Default)]
struct Unsaved {
    batch: Batch,
    children: usize,
    saving: Option<oneshot::Receiver<Result<(), StoreError>>>,
}

impl<'a> Work<'a> {
    /// What the store says of it; none if there is nothing left to do.
    fn load(
        shared: &'a Arc<Shared>,
        id: MapRunId,
        resumed: bool,
        control: watch::Receiver<Control>,
        progress: Arc<Mutex<Progress>>,
    ) -> Result<Option<Self>, RuntimeError> {
        let store = &shared.standard.store;
        let (Some(open), Some(record)) = (table::get_open(store, id)?, table::get(store, id)?)
        else {
            return Ok(None);
        };
        let aborting = match open {
            Open::Running => false,
            Open::Aborting => true,
            Open::Ended(end) => {
                tell(shared, id, &record, end);
                return Ok(None);
            }
        };
        let plan = table::plan(store, id)?.ok_or(RuntimeError::Damaged("plan of a Map Run"))?;
        let (revision, machine) = shared.machines.revision(&record.machine, record.revision)?;
        let test_case = mocks::case(store, record.execution)?;
        let checkpoint = table::checkpoint(store, id)?;
        Ok(Some(Self {
            shared,
            id,
            children: Children::new(id, &record, &plan, revision, machine, test_case),
            record,
            plan: Arc::new(plan),
            resumed,
            control,
            progress,
            running: BTreeMap::new(),
            input_bytes: 0,
            output_bytes: 0,
            ahead: BTreeMap::new(),
            items: checkpoint.items,
            executions: checkpoint.executions,
            checkpoint,
            position: None,
            total: None,
            aborting,
            failure: None,
            unsaved: Unsaved::default(),
        }))
    }

    async fn run(mut self) -> Result<(), RuntimeError> {
        let mut flights: JoinSet<Landed> = JoinSet::new();
        let mut reader = Some(self.read()?);
        let stopping = Arc::new(AtomicBool::new(false));
        loop {
            if (self.aborting || self.failure.is_some()) && !stopping.swap(true, Ordering::Relaxed)
            {
                reader = None;
                self.stop_children();
            }
            if reader.is_none() && flights.is_empty() {
                break;
            }
            let room = self.has_room();
            tokio::select! {
                biased;
                Ok(()) = self.control.changed() => self.heed()?,
                Some(landed) = flights.join_next() => {
                    self.land(landed.map_err(|_| RuntimeError::Stopped)?);
                    while self.unsaved.children < UNSAVED_MAX
                        && let Some(landed) = flights.try_join_next()
                    {
                        self.land(landed.map_err(|_| RuntimeError::Stopped)?);
                    }
                    self.save().await?;
                }
                read = receive(&mut reader), if room => match read {
                    Some(Read::Child(next)) => self.start(next, &stopping, &mut flights)?,
                    Some(Read::Total(items)) => self.total = Some(items),
                    Some(Read::Failed { error, cause }) => {
                        reader = None;
                        self.failure = Some((error, cause));
                    }
                    Some(Read::End) | None => {
                        reader = None;
                        self.total = Some(self.items.total());
                        self.judge();
                    }
                },
            }
            self.show();
        }
        self.finish().await
    }

    fn read(&self) -> Result<mpsc::Receiver<Read>, RuntimeError> {
        let (to, from) = mpsc::channel(AHEAD);
        let position = match &*self.checkpoint.position {
            [] => None,
            position => Some(
                serde_json::from_slice(position)
                    .map_err(|_| RuntimeError::Damaged("checkpoint of a Map Run"))?,
            ),
        };
        let reading = Reading {
            machine: self.children.machine(),
            plan: Arc::clone(&self.plan),
            bucket: self.bucket(),
            payload_bytes_max: self.shared.limits.payload_bytes_max,
            child: self.checkpoint.child,
            from: Place {
                item: self.checkpoint.item,
                position,
            },
            to,
        };
        self.shared.handle.spawn_blocking(move || reading.run());
        Ok(from)
    }

    fn bucket(&self) -> Bucket {
        Bucket::new(self.shared, self.children.caller())
    }

    fn has_room(&self) -> bool {
        let most = match self.record.max_concurrency {
            0 => self.shared.limits.child_executions_max,
            wanted => wanted.min(self.shared.limits.child_executions_max),
        };
        (self.running.len() as u64) < most
            && (self.running.is_empty() || self.input_bytes < INPUT_BYTES_MAX)
    }

    /// Someone gave it up, or changed its settings.
    fn heed(&mut self) -> Result<(), RuntimeError> {
        let control = *self.control.borrow_and_update();
        self.aborting |= control.aborting;
        if let Some(record) = table::get(&self.shared.standard.store, self.id)? {
            self.record = record;
        }
        self.judge();
        Ok(())
    }

    fn start(
        &mut self,
        next: Next,
        stopping: &Arc<AtomicBool>,
        flights: &mut JoinSet<Landed>,
    ) -> Result<(), RuntimeError> {
        let store = &self.shared.standard.store;
        if self.resumed
            && let Some(child) = table::child(store, self.id, next.index)?
        {
            // It ended before the restart.
            self.output_bytes += child.output.as_ref().map_or(0, Payload::text_bytes);
            self.ended(next.index, child.status, child.items);
            return Ok(());
        }
        let (record, key) = self.children.record(self.shared, &next);
        let flight = self.children.fly(
            Arc::clone(self.shared),
            next.index,
            record.clone(),
            key,
            next.input.clone(),
            Arc::clone(stopping),
        );
        flights.spawn_on(flight, &self.shared.handle);
        self.items.running += next.items;
        self.executions.running += 1;
        self.input_bytes += next.input.text_bytes();
        self.running
            .insert(next.index, Flight { next, record, key });
        self.advance();
        Ok(())
    }

    /// A child has ended.
    fn land(&mut self, (index, finished): Landed) {
        let Some(flight) = self.running.remove(&index) else {
            return;
        };
        let Flight { next, record, key } = flight;
        self.input_bytes -= next.input.text_bytes();
        self.items.running -= next.items;
        self.executions.running -= 1;
        let (status, output) = match &finished {
            Some(finished) => match &finished.outcome {
                Outcome::Succeeded { output } => (Status::Succeeded, Some(output.clone())),
                Outcome::Failed { .. } => (Status::Failed, None),
                Outcome::TimedOut { .. } => (Status::TimedOut, None),
                Outcome::Aborted { .. } => (Status::Aborted, None),
            },
            None => (Status::Aborted, None),
        };
        if self.plan.express
            && let Some(finished) = &finished
        {
            keep_express(&mut self.unsaved.batch, key, record, &next.input, finished);
        }
        let child = Child {
            status,
            items: next.items,
            key,
            output: output.filter(|output| self.keeps(output)),
        };
        table::put_child(&mut self.unsaved.batch, self.id, index, &child);
        self.unsaved.children += 1;
        self.ended(index, status, next.items);
    }

    /// Whether the Map Run's result is to hold it.
    fn keeps(&mut self, output: &Payload) -> bool {
        // A writer reads what it writes where the child has it.
        if self.plan.writer.is_some() {
            return false;
        }
        self.output_bytes = self.output_bytes.saturating_add(output.text_bytes() + 1);
        self.output_bytes <= self.shared.limits.payload_bytes_max
    }

    fn ended(&mut self, index: u64, status: Status, items: u64) {
        self.items.add(status, items);
        self.executions.add(status, 1);
        self.ahead.insert(index, (status, items));
        self.advance();
        self.judge();
    }

    /// Moves the checkpoint to the oldest child that runs.
    fn advance(&mut self) {
        let Some((index, oldest)) = self.running.first_key_value() else {
            return;
        };
        while let Some(entry) = self.ahead.first_entry()
            && entry.key() < index
        {
            let (status, items) = entry.remove();
            self.checkpoint.items.add(status, items);
            self.checkpoint.executions.add(status, 1);
        }
        if *index > self.checkpoint.child {
            self.checkpoint.child = *index;
            self.checkpoint.item = oldest.next.place.item;
            self.position.clone_from(&oldest.next.place.position);
        }
    }

    /// Whether too many have failed.
    fn judge(&mut self) {
        if self.aborting || self.failure.is_some() {
            return;
        }
        let failed = self.items.unsuccessful();
        let record = &self.record;
        let too_many = match record.tolerated_failure_count {
            Some(count) => failed > count,
            None => record.tolerated_failure_percentage.is_none() && failed > 0,
        };
        let share_of = |percentage: f64| match self.total {
            Some(total) => failed as f64 * 100.0 > percentage * total as f64,
            None => percentage <= 0.0 && failed > 0,
        };
        if too_many || record.tolerated_failure_percentage.is_some_and(share_of) {
            self.failure = Some((
                "States.ExceedToleratedFailureThreshold".into(),
                "The specified tolerated failure threshold was exceeded".into(),
            ));
        }
    }

    fn stop_children(&self) {
        let lane = self.shared.lane(self.plan.express);
        for flight in self.running.values() {
            let (answer, _) = oneshot::channel();
            lane.inbox(flight.key).push(Message::Stop {
                key: flight.key,
                arn: flight.record.arn.to_string(),
                error: None,
                cause: None,
                answer,
            });
        }
    }

    fn show(&self) {
        let mut items = self.items;
        if let Some(total) = self.total {
            items.pending = total.saturating_sub(items.total());
        }
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        *progress = Progress {
            items,
            executions: self.executions,
        };
    }

    /// Hands on what is unsaved, once what went before is durable.
    async fn save(&mut self) -> Result<(), RuntimeError> {
        self.saved().await?;
        let mut batch = std::mem::take(&mut self.unsaved.batch);
        self.unsaved.children = 0;
        if let Some(position) = self.position.take() {
            self.checkpoint.position =
                serde_json::to_vec(&position).expect("a position is plain data");
        }
        table::put_checkpoint(&mut batch, self.id, &self.checkpoint);
        let (done, saving) = oneshot::channel();
        self.shared.standard.store.submit(batch, move |committed| {
            // The Map Run may have been given up with the runtime.
            let _ = done.send(committed.map(drop));
        });
        self.unsaved.saving = Some(saving);
        Ok(())
    }

    async fn saved(&mut self) -> Result<(), RuntimeError> {
        if let Some(saving) = self.unsaved.saving.take() {
            saving.await.map_err(|_| RuntimeError::Stopped)??;
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<(), RuntimeError> {
        self.save().await?;
        self.saved().await?;
        let end = match self.failure.take() {
            Some((error, cause)) => MapRunEnd::Failed { error, cause },
            None if self.aborting => MapRunEnd::Failed {
                error: String::new(),
                cause: String::new(),
            },
            None => self.result().await?,
        };
        let store = &self.shared.standard.store;
        let alone = self.shared.map_changes.lock().await;
        let mut record = table::get(store, self.id)?.ok_or(RuntimeError::Damaged("Map Run"))?;
        record.status = match &end {
            _ if self.aborting => MapRunStatus::Aborted,
            MapRunEnd::Succeeded { .. } => MapRunStatus::Succeeded,
            MapRunEnd::Failed { .. } => MapRunStatus::Failed,
        };
        record.stop = Some(self.shared.clock.now());
        if record.status == MapRunStatus::Succeeded {
            self.items.results_written = self.items.succeeded + self.items.unsuccessful();
            self.executions.results_written =
                self.executions.succeeded + self.executions.unsuccessful();
        }
        if let Some(total) = self.total {
            self.items.pending = total.saturating_sub(self.items.total());
        }
        (record.items, record.executions) = (self.items, self.executions);
        let mut batch = Batch::default();
        table::put(&mut batch, self.id, &record);
        if self.aborting {
            table::close(&mut batch, self.id);
        } else {
            table::put_open(&mut batch, self.id, &Open::Ended(end.clone()));
        }
        store.commit(batch).await?;
        drop(alone);
        if !self.aborting {
            tell(self.shared, self.id, &record, end);
        }
        forget_children(self.shared, self.id).await
    }

    /// What the Map state gives.
    async fn result(&self) -> Result<MapRunEnd, RuntimeError> {
        let gathering = Gathering {
            store: self.shared.standard.store.clone(),
            id: self.id,
            arn: self.record.arn.to_string(),
            plan: Arc::clone(&self.plan),
            bucket: self.bucket(),
            payload_bytes_max: self.shared.limits.payload_bytes_max,
        };
        let gathered = tokio::task::spawn_blocking(move || gathering.run());
        gathered.await.map_err(|_| RuntimeError::Stopped)?
    }
}

async fn receive(reader: &mut Option<mpsc::Receiver<Read>>) -> Option<Read> {
    match reader {
        Some(reader) => reader.recv().await,
        None => std::future::pending().await,
    }
}

/// An EXPRESS child leaves memory with its end; its Map Run keeps what DescribeExecution and ListExecutions show.
fn keep_express(
    batch: &mut Batch,
    key: ExecutionKey,
    record: ExecutionRecord,
    input: &Payload,
    finished: &Finished,
) {
    let record = ExecutionRecord {
        child_of: record.child_of,
        ..finished.record.clone()
    };
    executions::put(batch, key, &record);
    executions::list_in(batch, key, &record);
    let event = |id: u64, event: Event| HistoryEvent {
        id,
        previous_event_id: id - 1,
        timestamp: record.start,
        event,
    };
    let mut events = vec![event(
        1,
        Event::ExecutionStarted {
            input: input.clone(),
            role_arn: "".into(),
            state_machine_alias_arn: None,
            state_machine_version_arn: None,
        },
    )];
    if let Outcome::Succeeded { output } = &finished.outcome {
        let output = output.clone();
        events.push(event(2, Event::ExecutionSucceeded { output }));
    }
    history::put(batch, key, &events);
}

/// Lets the execution go on.
fn tell(shared: &Shared, id: MapRunId, record: &MapRunRecord, end: MapRunEnd) {
    let attempt = record.attempt;
    let input = match end {
        MapRunEnd::Succeeded { output } => Input::MapRunSucceeded { attempt, output },
        MapRunEnd::Failed { error, cause } => Input::MapRunFailed {
            attempt,
            error: Some(error),
            cause: Some(cause),
        },
    };
    let key = record.execution;
    shared
        .standard
        .inbox(key)
        .push(Message::MapRunEnded { id, key, input });
}

/// The rows that the result was made of.
pub(super) async fn forget_children(shared: &Shared, id: MapRunId) -> Result<(), RuntimeError> {
    let store = &shared.standard.store;
    loop {
        let mut batch = Batch::default();
        let more = table::delete_children(&mut batch, store, id)?;
        store.commit(batch).await?;
        if !more {
            return Ok(());
        }
    }
}
