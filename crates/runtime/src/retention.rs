//! Executions that ended long ago are forgotten, in the background and a few at a time.

use std::sync::Arc;
use std::time::Duration;

use engine::Timestamp;
use store::{Batch, Store};
use tokio::sync::{Notify, oneshot};

use crate::driver::Shared;
use crate::message::Message;
use crate::tables::executions::{self, ExecutionRecord, Walk};
use crate::tables::{history, map_runs, mocks};
use crate::{ExecutionKey, RuntimeError};

/// How long AWS keeps an execution after its end.
pub(crate) const AWS_DAYS: u32 = 90;

pub(crate) const DAY_MILLISECONDS: i64 = 86_400_000;

/// Nobody waits for it, and what is new at a start has more to do.
const FIRST_AFTER: Duration = Duration::from_mins(1);

/// An hour more does not matter after days.
const EVERY: Duration = Duration::from_hours(1);

/// Executions that are read and go with one commit.
const PAGE: usize = 64;

/// Rows that go with one commit: some hundred kilobytes of keys, a few milliseconds in which others wait.
const ROWS_MAX: usize = 4096;

/// Of each second that it works, it leaves three to others.
const REST: u32 = 3;

/// Before a shard whose inbox is full is asked again: it has other things to do.
const PAUSE: Duration = Duration::from_millis(50);

/// Adds the removal of everything that an execution has left.
pub(crate) fn erase(
    batch: &mut Batch,
    store: &Store,
    key: ExecutionKey,
    record: &ExecutionRecord,
) -> Result<(), RuntimeError> {
    history::delete(batch, store, key)?;
    map_runs::delete_of(batch, store, key)?;
    if record.mocked {
        mocks::delete(batch, key);
    }
    // Last: as long as one of its rows is left, it is found again.
    executions::list_out(batch, key, record);
    executions::delete(batch, key);
    Ok(())
}

impl Shared {
    /// Forgets, from now on, what ended more than so many days ago.
    pub(crate) fn keep_for(&self, days: u32) {
        let (Some(shared), Some(alive)) = (self.me.upgrade(), self.alive()) else {
            return;
        };
        self.handle.spawn(async move {
            let _alive = alive;
            let mut closing = shared.closing.subscribe();
            tokio::select! {
                _ = closing.wait_for(|closing| *closing) => {}
                () = keep(&shared, days) => {}
            }
        });
    }
}

async fn keep(shared: &Arc<Shared>, days: u32) {
    let changed = Arc::new(Notify::new());
    let waker = Arc::clone(&changed);
    shared.clock.on_change(Arc::new(move || waker.notify_one()));
    let mut wait = FIRST_AFTER;
    loop {
        let now = shared.clock.now();
        let next = Timestamp(now.0.saturating_add(wait.as_millis() as i64));
        while shared.clock.now() < next {
            match shared.clock.sleep(next) {
                Some(patience) => tokio::select! {
                    () = tokio::time::sleep(patience) => {}
                    () = changed.notified() => {}
                },
                None => changed.notified().await,
            }
        }
        if let Err(error) = sweep(shared, days).await {
            tracing::warn!(%error, "executions that ended long ago could not be removed");
        }
        wait = EVERY;
    }
}

async fn sweep(shared: &Arc<Shared>, days: u32) -> Result<(), RuntimeError> {
    let kept = i64::from(days) * DAY_MILLISECONDS;
    let until = Timestamp(shared.clock.now().0.saturating_sub(kept));
    let mut walk = Walk::default();
    loop {
        let began = std::time::Instant::now();
        let reader = Arc::clone(shared);
        let page = tokio::task::spawn_blocking(move || {
            let found = Found::read(&reader, until, &mut walk);
            (found, walk)
        });
        let (found, gone_on) = page.await.map_err(|_| RuntimeError::Stopped)?;
        walk = gone_on;
        let Some(found) = found? else { return Ok(()) };
        erase_all(shared, found).await?;
        tokio::time::sleep(began.elapsed() * REST).await;
    }
}

async fn erase_all(shared: &Shared, found: Vec<Found>) -> Result<(), RuntimeError> {
    let mut waiting = Vec::new();
    let mut rows = 0;
    for part in found {
        if rows + part.rows.len() > ROWS_MAX {
            settle(&mut waiting).await?;
            rows = 0;
        }
        rows += part.rows.len();
        waiting.push(part.hand_over(shared).await?);
    }
    settle(&mut waiting).await
}

type Answered = oneshot::Receiver<Result<(), RuntimeError>>;

async fn settle(waiting: &mut Vec<Answered>) -> Result<(), RuntimeError> {
    for answered in waiting.drain(..) {
        answered.await.map_err(|_| RuntimeError::Stopped)??;
    }
    Ok(())
}

/// Rows of one execution that are to go together.
struct Found {
    key: ExecutionKey,
    ticket: u64,
    rows: Batch,
}

impl Found {
    /// To the shard, which alone knows whether the name has been given again meanwhile; it may take a while until it has room.
    async fn hand_over(self, shared: &Shared) -> Result<Answered, RuntimeError> {
        let (answer, answered) = oneshot::channel();
        let mut erase = Message::Erase {
            key: self.key,
            ticket: self.ticket,
            rows: self.rows,
            answer,
        };
        let inbox = shared.standard.inbox(self.key);
        while let Err(refused) = inbox.offer(erase) {
            if inbox.is_closed() {
                return Err(RuntimeError::Stopped);
            }
            tokio::time::sleep(PAUSE).await;
            erase = refused;
        }
        Ok(answered)
    }

    /// The next page of a walk; none at its end.
    fn read(
        shared: &Shared,
        until: Timestamp,
        walk: &mut Walk,
    ) -> Result<Option<Vec<Self>>, RuntimeError> {
        let store = &shared.standard.store;
        let ticket = until.0.max(0).unsigned_abs() * 1000;
        let Some(keys) = executions::closed_before(store, walk, ticket, PAGE)? else {
            return Ok(None);
        };
        let mut found = Vec::new();
        for key in keys {
            match Self::of(store, key, until) {
                Ok(parts) => found.extend(parts),
                // What can't be read has been said, and stays; the others go.
                Err(RuntimeError::Damaged(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Some(found))
    }

    /// All rows of an execution in parts, of which the last has its record; none if it did not end so long ago.
    fn of(store: &Store, key: ExecutionKey, until: Timestamp) -> Result<Vec<Self>, RuntimeError> {
        let record = executions::get(store, key)?
            .filter(|record| record.stop.is_some_and(|stop| stop <= until));
        let Some(record) = record else {
            return Ok(Vec::new());
        };
        let mut rows = Batch::default();
        erase(&mut rows, store, key, &record)?;
        let ticket = record.ticket;
        let parts = rows.split(ROWS_MAX).into_iter();
        Ok(parts.map(|rows| Self { key, ticket, rows }).collect())
    }
}
