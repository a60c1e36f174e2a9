//! One Map Run from its plan to its end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use asl::Payload;
use engine::{Event, HistoryEvent, Input, MapRunPlan, Outcome};
use items::Position;
use store::{Batch, Store, StoreError};
use tokio::sync::{SemaphorePermit, mpsc, oneshot, watch};
use tokio::task::{JoinError, JoinSet};

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

/// Children whose rows are looked at together.
const PAGE: usize = 1000;

/// Ends of children that share a commit.
const UNSAVED_MAX: usize = 256;

/// Works on a Map Run until it has ended and its execution is told, or nobody awaits it any more.
pub(super) async fn run(
    shared: Arc<Shared>,
    id: MapRunId,
    resumed: bool,
    control: watch::Receiver<Control>,
    progress: Arc<Mutex<Progress>>,
) {
    // Nothing runs before the runtime is resumed.
    drop(shared.permits.acquire().await);
    let worked = match Work::load(&shared, id, resumed, control, progress) {
        Ok(Some(mut work)) => {
            let _one = work.turn().await;
            work.run().await
        }
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    match worked {
        Ok(()) => {}
        Err(RuntimeError::Store(error)) => shared.stop_executions(&error),
        // One of the workers has stopped, and what the execution waits for does not go on in this process: it stays
        // under way, and the next start of the runtime goes on with it.
        Err(RuntimeError::Stopped) if !shared.standard.is_open() => shared.stop_workers(),
        Err(error) => {
            tracing::error!(%error, "a Map Run can't go on");
            give_up(&shared, id).await;
        }
    }
}

/// Ends one that can't be worked on: its state fails, and its children are stopped.
pub(super) async fn give_up(shared: &Shared, id: MapRunId) {
    match broken_off(shared, id).await {
        Ok(()) => {}
        Err(RuntimeError::Store(error)) => shared.stop_executions(&error),
        Err(RuntimeError::Stopped) => shared.stop_workers(),
        Err(error) => tracing::error!(%error, "a Map Run could not even be given up"),
    }
}

async fn broken_off(shared: &Shared, id: MapRunId) -> Result<(), RuntimeError> {
    stop_running(shared, id).await?;
    let store = &shared.standard.store;
    let alone = shared.map_changes.lock().await;
    let mut record = table::get(store, id)?.ok_or(RuntimeError::Damaged("Map Run"))?;
    record.status = MapRunStatus::Failed;
    record.stop = Some(shared.clock.now());
    (record.items, record.executions) = counted(store, id)?;
    let end = broken();
    let mut batch = Batch::default();
    table::put(&mut batch, id, &record);
    table::put_open(&mut batch, id, &Open::Ended(end.clone()));
    store.commit(batch).await?;
    drop(alone);
    tell(shared, id, &record, end);
    Ok(())
}

/// Stops the STANDARD children that run, and waits until that is durable.
async fn stop_running(shared: &Shared, id: MapRunId) -> Result<(), RuntimeError> {
    let store = &shared.standard.store;
    let mut before = None;
    loop {
        let page = executions::listed(store, &id.0, Status::Running, before, PAGE)?;
        let mut answers = Vec::with_capacity(page.len());
        for &(ticket, key) in &page {
            before = Some(ticket);
            let Some(record) = readable(executions::get(store, key))? else {
                continue;
            };
            let (answer, answered) = oneshot::channel();
            let stop = Message::stop(key, record.arn.to_string(), answer);
            shared.standard.inbox(key).push(stop);
            answers.push(answered);
        }
        for answered in answers {
            match answered.await {
                Ok(Ok(_) | Err(RuntimeError::ExecutionDoesNotExist(_))) => {}
                // One that can't be read is left alone, as everywhere.
                Ok(Err(RuntimeError::Damaged(_) | RuntimeError::Stopped))
                    if shared.standard.is_open() => {}
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(RuntimeError::Stopped),
            }
        }
        if page.len() < PAGE {
            return Ok(());
        }
    }
}

/// How its children ended, as they are stored: items and executions.
fn counted(store: &Store, id: MapRunId) -> Result<(Counts, Counts), RuntimeError> {
    let (mut items, mut executions) = (Counts::default(), Counts::default());
    for status in Status::ALL {
        let mut before = None;
        loop {
            let page = executions::listed(store, &id.0, status, before, PAGE)?;
            for &(ticket, key) in &page {
                before = Some(ticket);
                let record = readable(executions::get(store, key))?;
                let child = record.and_then(|record| record.child_of);
                items.add(status, child.map_or(1, |child| child.item_count));
                executions.add(status, 1);
            }
            if page.len() < PAGE {
                break;
            }
        }
    }
    Ok((items, executions))
}

/// None for a row that can't be read, which has been logged.
fn readable<T>(row: Result<Option<T>, RuntimeError>) -> Result<Option<T>, RuntimeError> {
    match row {
        Err(RuntimeError::Damaged(_)) => Ok(None),
        row => row,
    }
}

/// Runs what waits for services on a thread of its own, not on one of those that services share; none if it panicked.
fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<oneshot::Receiver<T>, RuntimeError> {
    let (tell, told) = oneshot::channel();
    let started = std::thread::Builder::new()
        .name("map-run".into())
        .spawn(move || {
            // The Map Run may have been given up with the runtime.
            let _ = tell.send(work());
        });
    match started {
        Ok(_) => Ok(told),
        Err(error) => {
            tracing::error!(%error, "a thread for a Map Run can't be started");
            Err(RuntimeError::Throttled)
        }
    }
}

fn internal() -> (String, String) {
    let cause = "The Map Run failed because of an internal error.";
    ("States.Runtime".into(), cause.into())
}

fn broken() -> MapRunEnd {
    let (error, cause) = internal();
    MapRunEnd::Failed { error, cause }
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

/// A child's index and how it ended; none if it was not started. An error means that nobody knows.
pub(super) type Landed = (u64, Result<Option<Arc<Finished>>, RuntimeError>);

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
        let (aborting, failure) = match open {
            Open::Running => (false, None),
            Open::Aborting => (true, None),
            Open::Failing { error, cause } => (false, Some((error, cause))),
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
            failure,
            unsaved: Unsaved::default(),
        }))
    }

    /// Waits until there are few enough under way; one that is given up has nothing to wait for.
    async fn turn(&mut self) -> Option<SemaphorePermit<'a>> {
        let shared = self.shared;
        tokio::select! {
            biased;
            // Never closed.
            one = shared.maps.open.acquire() => one.ok(),
            _ = self.control.wait_for(|control| control.aborting), if !self.aborting => {
                self.aborting = true;
                None
            }
        }
    }

    async fn run(mut self) -> Result<(), RuntimeError> {
        let mut flights: JoinSet<Landed> = JoinSet::new();
        let mut reader = Some(self.read()?);
        let stopping = Arc::new(AtomicBool::new(false));
        loop {
            if (self.aborting || self.failure.is_some()) && !stopping.swap(true, Ordering::Relaxed)
            {
                reader = None;
                self.stop_children().await?;
            }
            if reader.is_none() && flights.is_empty() {
                break;
            }
            let room = self.has_room();
            tokio::select! {
                biased;
                Ok(()) = self.control.changed() => self.heed()?,
                Some(landed) = flights.join_next() => {
                    self.land(landed)?;
                    while self.unsaved.children < UNSAVED_MAX
                        && let Some(landed) = flights.try_join_next()
                    {
                        self.land(landed)?;
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
                    Some(Read::End) => {
                        reader = None;
                        self.total = Some(self.items.total());
                        self.judge();
                    }
                    // It panicked, in mid-file perhaps.
                    None => {
                        reader = None;
                        self.failure = Some(internal());
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
        aside(move || reading.run())?;
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
    fn land(&mut self, landed: Result<Landed, JoinError>) -> Result<(), RuntimeError> {
        let (index, finished) = match landed {
            Ok((index, finished)) => (index, finished?),
            Err(error) if error.is_panic() => {
                self.failure.get_or_insert_with(internal);
                return Ok(());
            }
            Err(_) => return Err(RuntimeError::Stopped),
        };
        let Some(flight) = self.running.remove(&index) else {
            return Ok(());
        };
        let Flight { next, record, key } = flight;
        self.input_bytes -= next.input.text_bytes();
        self.items.running -= next.items;
        self.executions.running -= 1;
        let Some(finished) = finished else {
            // It was not started: its items are still to be done.
            return Ok(());
        };
        let (status, output) = match &finished.outcome {
            Outcome::Succeeded { output } => (Status::Succeeded, Some(output.clone())),
            Outcome::Failed { .. } => (Status::Failed, None),
            Outcome::TimedOut { .. } => (Status::TimedOut, None),
            Outcome::Aborted { .. } => (Status::Aborted, None),
        };
        if self.plan.express {
            keep_express(&mut self.unsaved.batch, key, record, &next.input, &finished);
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
        Ok(())
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

    /// Stops those that run here, and those of an earlier process to which the reader no longer comes. Why it fails is
    /// durable before, so that a restart does not find another end.
    async fn stop_children(&mut self) -> Result<(), RuntimeError> {
        if let Some((error, cause)) = self.failure.clone() {
            let failing = Open::Failing { error, cause };
            table::put_open(&mut self.unsaved.batch, self.id, &failing);
            self.save().await?;
            self.saved().await?;
        }
        let lane = self.shared.lane(self.plan.express);
        for flight in self.running.values() {
            let (answer, _) = oneshot::channel();
            let stop = Message::stop(flight.key, flight.record.arn.to_string(), answer);
            lane.inbox(flight.key).push(stop);
        }
        if self.resumed && !self.plan.express {
            // EXPRESS ones ended with the process that ran them. Of those that run here, too, some may be of an earlier
            // process, and their flights do not wait for them any more.
            stop_running(self.shared, self.id).await?;
        }
        Ok(())
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
        if self.resumed && (self.aborting || self.failure.is_some()) {
            // Not all of them ended here.
            (self.items, self.executions) = counted(&self.shared.standard.store, self.id)?;
        }
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
        aside(move || gathering.run())?
            .await
            .unwrap_or_else(|_| Ok(broken()))
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
        // As it is written below: two events, one row.
        last_row: 1,
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
