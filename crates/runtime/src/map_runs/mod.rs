//! Map Runs: a Distributed Map's items become child executions, and their ends its result.
//!
//! What a Map Run has done is in the store: how each child ended, and a checkpoint of where the oldest one that has not
//! ended began. A restart reads on from there. The same items give the same children under the same names, so that one
//! that was started before is found again: running, or ended.

mod bucket;
mod child;
mod read;
mod result;
mod select;
mod work;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

pub use select::{SelectedItems, select_items};

use crate::driver::Shared;
use crate::tables::map_runs::{self as table, Counts, MapRunId, MapRunRecord, MapRunStatus};
use crate::{ExecutionName, ExecutionPage, MapRun, Runtime, RuntimeError, Status};

/// Map Runs under way in this process.
pub(crate) struct Live {
    runs: Mutex<HashMap<MapRunId, Handle>>,
    /// As many are worked on at a time.
    open: Semaphore,
}

/// How others reach one.
struct Handle {
    control: watch::Sender<Control>,
    progress: Arc<Mutex<Progress>>,
}

/// What others want of one.
#[derive(Clone, Copy, Debug, Default)]
struct Control {
    aborting: bool,
    /// The settings in its record have changed.
    updates: u64,
}

/// How far one is, for those who ask.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    items: Counts,
    executions: Counts,
}

impl Live {
    pub(crate) fn new(limits: &engine::Limits) -> Self {
        Self {
            runs: Mutex::default(),
            open: Semaphore::new(limits.open_map_runs_max.clamp(1, Semaphore::MAX_PERMITS)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<MapRunId, Handle>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// Works on a Map Run, unless it is worked on already. One that is found at the start of the runtime is `resumed`.
    pub(crate) fn run_map(&self, id: MapRunId, resumed: bool) {
        let Some(me) = self.me.upgrade() else {
            return;
        };
        let Some(alive) = self.alive() else {
            return;
        };
        let (control, controlled) = watch::channel(Control::default());
        let progress = Arc::new(Mutex::new(Progress::default()));
        let handle = Handle {
            control,
            progress: Arc::clone(&progress),
        };
        {
            let mut live = self.maps.lock();
            if live.contains_key(&id) {
                return;
            }
            live.insert(id, handle);
        }
        let mut closing = self.closing.subscribe();
        self.handle.spawn(async move {
            let _alive = alive;
            // A task of its own, so that a panic in it ends this Map Run and no more.
            let mut working = JoinSet::new();
            working.spawn(work::run(
                Arc::clone(&me),
                id,
                resumed,
                controlled,
                progress,
            ));
            let ended = tokio::select! {
                biased;
                // The next start of the runtime goes on.
                _ = closing.wait_for(|closing| *closing) => None,
                ended = working.join_next() => ended,
            };
            if let Some(Err(_)) = ended {
                work::give_up(&me, id).await;
            }
            me.maps.lock().remove(&id);
        });
    }

    /// Removes what Map Runs left that had ended when an earlier process did.
    pub(crate) fn sweep_map_runs(&self) {
        let (Some(me), Some(alive)) = (self.me.upgrade(), self.alive()) else {
            return;
        };
        self.handle.spawn(async move {
            let _alive = alive;
            if let Err(error) = sweep(&me).await {
                tracing::warn!(%error, "rows of ended Map Runs could not be removed");
            }
        });
    }

    /// Lets one that is under way know; one that is not is looked after.
    pub(crate) fn abort_map(&self, id: MapRunId) {
        let told = self.maps.lock().get(&id).map(|handle| {
            handle
                .control
                .send_modify(|control| control.aborting = true);
        });
        if told.is_none() {
            self.run_map(id, true);
        }
    }
}

/// UpdateMapRun's members.
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "the names are AWS's own")]
pub struct UpdateMapRun {
    pub max_concurrency: Option<u64>,
    pub tolerated_failure_count: Option<u64>,
    pub tolerated_failure_percentage: Option<f64>,
}

impl Runtime {
    /// A Map Run as it is now.
    pub fn describe_map_run(&self, arn: &str) -> Result<MapRun, RuntimeError> {
        let shared = self.shared();
        let id = MapRunId::of(arn);
        let mut record = map_run(shared, arn)?;
        if let Some(handle) = shared.maps.lock().get(&id)
            && record.status == MapRunStatus::Running
        {
            let progress = handle.progress.lock();
            let progress = *progress.unwrap_or_else(PoisonError::into_inner);
            (record.items, record.executions) = (progress.items, progress.executions);
        }

        Ok(record)
    }

    /// Changes what a running Map Run tolerates and how many children it runs at a time.
    pub async fn update_map_run(
        &self,
        arn: &str,
        update: UpdateMapRun,
    ) -> Result<(), RuntimeError> {
        let shared = self.shared();
        let id = MapRunId::of(arn);
        let _alone = shared.map_changes.lock().await;
        let mut record = map_run(shared, arn)?;
        if record.status != MapRunStatus::Running {
            return Err(RuntimeError::MapRunCompleted);
        }
        if let Some(most) = update.max_concurrency {
            record.max_concurrency = most;
        }
        if let Some(count) = update.tolerated_failure_count {
            record.tolerated_failure_count = Some(count);
        }
        if let Some(percentage) = update.tolerated_failure_percentage {
            record.tolerated_failure_percentage = Some(percentage);
        }
        let mut batch = store::Batch::default();
        table::put(&mut batch, id, &record);
        shared.standard.store.commit(batch).await?;
        if let Some(handle) = shared.maps.lock().get(&id) {
            handle.control.send_modify(|control| control.updates += 1);
        }
        Ok(())
    }

    /// Up to `limit` Map Runs of an execution, newest first, and with what to go on.
    pub fn list_map_runs(
        &self,
        execution_arn: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<(Vec<MapRun>, Option<u64>), RuntimeError> {
        let name = ExecutionName::parse(execution_arn)
            .filter(|name| !name.express)
            .ok_or_else(|| RuntimeError::InvalidArn(execution_arn.to_owned()))?;
        self.committed(execution_arn, &name)?;
        let store = &self.shared().standard.store;
        let found = table::of_execution(store, name.key(), before, limit.saturating_add(1))?;
        let next = (found.len() > limit).then(|| found[limit - 1].0.0);
        let mut runs = Vec::with_capacity(limit.min(found.len()));
        for (_, id) in found.into_iter().take(limit) {
            runs.extend(table::get(store, id)?);
        }
        Ok((runs, next))
    }

    /// Up to `limit` children of a Map Run, newest first.
    pub fn list_children(
        &self,
        map_run_arn: &str,
        status: Option<Status>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<ExecutionPage, RuntimeError> {
        map_run(self.shared(), map_run_arn)?;
        let of = MapRunId::of(map_run_arn).0;
        self.listed_children(&of, status, before, limit)
    }
}

fn map_run(shared: &Shared, arn: &str) -> Result<MapRunRecord, RuntimeError> {
    table::get(&shared.standard.store, MapRunId::of(arn))?
        .ok_or_else(|| RuntimeError::ResourceNotFound(arn.to_owned()))
}

async fn sweep(shared: &Shared) -> Result<(), RuntimeError> {
    let store = &shared.standard.store;
    let mut last = None;
    while let Some(id) = table::next_with_children(store, last)? {
        if table::get_open(store, id)?.is_none() {
            work::forget_children(shared, id).await?;
        }
        last = Some(id);
    }
    Ok(())
}
