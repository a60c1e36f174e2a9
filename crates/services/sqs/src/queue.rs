//! One queue: the index of its messages, kept in step with their rows.
//!
//! Every verb changes the index and hands its batch to the store under one lock, so that rows are written in the order
//! in which the index changed; it answers once the batch is durable. A message that was sent enters the index when it
//! is durable, in the order of the numbers.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, RwLock};

use aws::ApiError;
use serde::{Deserialize, Serialize};
use store::{Batch, Lsn, Store, StoreError};
use tokio::sync::{Notify, oneshot};

use crate::error;
use crate::index::{Counts, Index, Misfit, Seq, Standing, Take, Timestamp};
use crate::message::Message;
use crate::name::QueueName;
use crate::settings::Settings;
use crate::storage::{self, SENT, delete_message, put_message, put_standing, read, written};

/// AWS's quota on messages in flight.
const IN_FLIGHT_MAX: usize = 120_000;

/// The index holds about 150 bytes for each message: this many are 150 MB.
const MESSAGES_MAX: usize = 1_000_000;

/// How long a FIFO queue remembers what was sent.
const DEDUPLICATION_SECONDS: u32 = 300;

/// The longest that a message may be hidden after a receive.
const HIDDEN_SECONDS_MAX: u32 = 43_200;

pub(crate) struct Queue {
    pub(crate) name: QueueName,
    store: Store,
    settings: RwLock<Arc<Settings>>,
    inside: Mutex<Inside>,
    /// Rung when a message may have become available.
    changed: Notify,
}

struct Inside {
    index: Index,
    sent: Sent,
    newest: Seq,
    gone: bool,
}

/// A message that is to be sent.
pub(crate) struct Draft {
    pub(crate) message: Message,
    pub(crate) delay_seconds: u32,
    /// By what a FIFO queue knows it again.
    pub(crate) deduplication_key: Option<String>,
}

/// Messages that a receive took, none if all became dead letters, and when that is durable.
pub(crate) struct TakenOut {
    pub(crate) messages: Vec<(Seq, Standing)>,
    pub(crate) durable: Durable,
    /// Whether to receive again at once: it removed as many as it may.
    pub(crate) has_more: bool,
}

/// What a receive brought.
pub(crate) struct Received {
    pub(crate) seq: Seq,
    pub(crate) standing: Standing,
    pub(crate) message: Message,
}

/// Resolved when a batch is durable.
pub(crate) struct Durable(oneshot::Receiver<Result<Lsn, StoreError>>);

impl Durable {
    pub(crate) async fn wait(self) -> Result<(), ApiError> {
        let result = self.0.await.unwrap_or(Err(StoreError::Closed));
        result.map_err(|error| error::stored(&error))?;
        Ok(())
    }
}

impl Queue {
    /// A queue with what its rows say.
    pub(crate) fn open(
        name: QueueName,
        settings: Settings,
        store: Store,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let mut index = Index::new(settings.fifo);
        for (seq, standing) in storage::standings(&store, &name)? {
            index.insert(seq, standing, now);
        }
        Ok(Self {
            inside: Mutex::new(Inside {
                newest: index.newest().unwrap_or_default(),
                index,
                sent: Sent::open(&store, &name)?,
                gone: false,
            }),
            settings: RwLock::new(Arc::new(settings)),
            changed: Notify::new(),
            name,
            store,
        })
    }

    pub(crate) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().expect("no holder of this lock panics"))
    }

    pub(crate) fn set(&self, settings: Settings) {
        *self
            .settings
            .write()
            .expect("no holder of this lock panics") = Arc::new(settings);
        self.changed.notify_waiters();
    }

    /// Rung when a message may have become available.
    pub(crate) fn changed(&self) -> &Notify {
        &self.changed
    }

    /// Sends messages, together; in each one's place its number and id, those of the first one for what a FIFO queue
    /// knows already.
    pub(crate) async fn send(
        self: &Arc<Self>,
        drafts: Vec<Draft>,
        now: Timestamp,
    ) -> Result<Vec<(Seq, String)>, ApiError> {
        let mut sent = Vec::with_capacity(drafts.len());
        let durable = {
            let mut inside = self.inside()?;
            let mut batch = Batch::default();
            self.expire(&mut inside, now, &mut batch);
            if inside.index.len() + drafts.len() > MESSAGES_MAX {
                // DIVERGENCE: AWS's queues have no limit.
                return Err(error::over_limit(format!(
                    "A queue of this server holds at most {MESSAGES_MAX} messages."
                )));
            }
            inside.sent.forget(&self.name, now, &mut batch);
            let mut arrivals = Vec::with_capacity(drafts.len());
            for draft in drafts {
                let known = draft.deduplication_key.as_ref();
                if let Some(first) = known.and_then(|key| inside.sent.get(key)) {
                    sent.push((Seq(first.seq), first.id.clone()));
                    continue;
                }
                let seq = inside.next_seq(now);
                let standing = Standing::new(
                    now,
                    now.plus(draft.delay_seconds),
                    draft.message.group.as_deref().map(Arc::from),
                );
                put_message(&mut batch, &self.name, seq, &draft.message, &standing);
                if let Some(key) = draft.deduplication_key {
                    let first = SentOnce {
                        id: draft.message.id.clone(),
                        seq: seq.0,
                        until: now.plus(DEDUPLICATION_SECONDS),
                    };
                    inside.sent.remember(&self.name, key, first, &mut batch);
                }
                sent.push((seq, draft.message.id));
                arrivals.push((seq, standing));
            }
            // A batch of nothing is durable when those before are: the first one of a message sent twice among them.
            self.submit_arrivals(batch, arrivals, now)
        };
        durable.wait().await?;
        Ok(sent)
    }

    /// Receives what is available; nothing if there is nothing to do. `dead_letters` takes what was received too often.
    pub(crate) fn receive(
        self: &Arc<Self>,
        messages_max: usize,
        visibility_seconds: Option<u32>,
        dead_letters: Option<&Arc<Self>>,
        now: Timestamp,
    ) -> Result<Option<TakenOut>, ApiError> {
        let settings = self.settings();
        let hidden_seconds = visibility_seconds.unwrap_or(settings.visibility_seconds);
        let take = Take {
            messages_max,
            hidden_until: now.plus(hidden_seconds),
            receives_max: settings
                .redrive
                .as_ref()
                .filter(|_| dead_letters.is_some())
                .map(|redrive| redrive.receives_max),
            kept_since: now.minus(settings.retention_seconds),
        };
        let (taken, durable) = {
            let mut inside = self.inside()?;
            if inside.index.counts(now).in_flight >= IN_FLIGHT_MAX {
                return if settings.fifo {
                    Ok(None)
                } else {
                    Err(error::over_limit(
                        "Too many messages are in flight: the limit is 120000.",
                    ))
                };
            }
            let taken = inside.index.take(now, &take, new_receipt);
            let mut batch = Batch::default();
            for (seq, standing) in &taken.received {
                put_standing(&mut batch, &self.name, *seq, standing);
            }
            for seq in &taken.expired {
                delete_message(&mut batch, &self.name, *seq);
            }
            (taken, self.submit(batch))
        };
        let mut durable = durable;
        let has_more = taken.has_more();
        let is_nothing = taken.received.is_empty() && taken.exhausted.is_empty() && !has_more;
        for (seq, standing) in taken.exhausted {
            let buried = dead_letters.map(|target| self.bury(target, seq, &standing, now));
            match buried {
                // Batches become durable in order: with the last one all are.
                Some(Ok(buried)) => durable = buried,
                // The other queue was deleted meanwhile: the next receive finds that there is none.
                Some(Err(_)) | None => self.restore(seq, standing, now),
            }
        }
        let messages = taken.received;
        Ok((!is_nothing).then_some(TakenOut {
            messages,
            durable,
            has_more,
        }))
    }

    /// The content of messages that were received.
    pub(crate) fn contents(&self, taken: Vec<(Seq, Standing)>) -> Result<Vec<Received>, ApiError> {
        let mut received = Vec::with_capacity(taken.len());
        for (seq, standing) in taken {
            // A queue may be purged in between.
            if let Some(message) = storage::message(&self.store, &self.name, seq)? {
                received.push(Received {
                    seq,
                    standing,
                    message,
                });
            }
        }
        Ok(received)
    }

    /// Moves a message that was received too often. It keeps its id, its attributes and its age, and the count of its
    /// receives; a FIFO queue counts its age from now.
    fn bury(
        &self,
        target: &Arc<Self>,
        seq: Seq,
        standing: &Standing,
        now: Timestamp,
    ) -> Result<Durable, ApiError> {
        let mut batch = Batch::default();
        delete_message(&mut batch, &self.name, seq);
        let Some(mut message) = storage::message(&self.store, &self.name, seq)? else {
            return Ok(self.submit(batch));
        };
        message.dead_letter_source = Some(self.name.arn());
        let fifo = target.settings().fifo;
        let standing = Standing {
            sent: if fifo { now } else { standing.sent },
            due: now,
            receives_elsewhere: standing.receives,
            receipt: 0,
            ..standing.clone()
        };
        target.adopt(batch, vec![(message, standing)], now)
    }

    /// Takes messages over from another queue, whose side of the move is in the batch.
    pub(crate) fn adopt(
        self: &Arc<Self>,
        mut batch: Batch,
        messages: Vec<(Message, Standing)>,
        now: Timestamp,
    ) -> Result<Durable, ApiError> {
        let mut inside = self.inside()?;
        let mut arrivals = Vec::with_capacity(messages.len());
        for (message, standing) in messages {
            let seq = inside.next_seq(now);
            put_message(&mut batch, &self.name, seq, &message, &standing);
            arrivals.push((seq, standing));
        }
        Ok(self.submit_arrivals(batch, arrivals, now))
    }

    /// Takes up to so many visible messages out, for another queue. Their rows stay until the move is durable.
    pub(crate) fn drain(
        &self,
        messages_max: usize,
        now: Timestamp,
    ) -> Result<Vec<(Seq, Standing)>, ApiError> {
        Ok(self.inside()?.index.drain(now, messages_max))
    }

    /// Puts back what was taken out and went nowhere.
    pub(crate) fn restore(&self, seq: Seq, standing: Standing, now: Timestamp) {
        if let Ok(mut inside) = self.inside() {
            inside.index.insert(seq, standing, now);
        }
    }

    /// Deletes the messages of receipts, together. A receipt that is not the newest one deletes nothing, and that is no
    /// error; in a FIFO queue one whose time has passed is.
    pub(crate) async fn delete(
        &self,
        receipts: &[(Seq, u64)],
        now: Timestamp,
    ) -> Result<Vec<Result<(), Misfit>>, ApiError> {
        let fifo = self.settings().fifo;
        let mut outcomes = Vec::with_capacity(receipts.len());
        let durable = {
            let mut inside = self.inside()?;
            let mut batch = Batch::default();
            for (seq, receipt) in receipts {
                let held = inside.index.held(*seq, *receipt, now).map(|_| ());
                outcomes.push(match held {
                    Err(misfit @ (Misfit::Stale | Misfit::Visible)) if fifo => Err(misfit),
                    Err(Misfit::Stale | Misfit::Gone) => Ok(()),
                    Ok(()) | Err(Misfit::Visible) => {
                        inside.index.remove(*seq);
                        delete_message(&mut batch, &self.name, *seq);
                        Ok(())
                    }
                });
            }
            self.submit(batch)
        };
        // The next ones of their groups may be received now.
        self.changed.notify_waiters();
        durable.wait().await?;
        Ok(outcomes)
    }

    /// Changes for how long from now messages in flight stay hidden, together.
    pub(crate) async fn change_visibility(
        &self,
        changes: &[(Seq, u64, u32)],
        now: Timestamp,
    ) -> Result<Vec<Result<(), Unchanged>>, ApiError> {
        let mut outcomes = Vec::with_capacity(changes.len());
        let durable = {
            let mut inside = self.inside()?;
            let mut batch = Batch::default();
            for (seq, receipt, seconds) in changes {
                let due = now.plus(*seconds);
                let outcome = match inside.index.held(*seq, *receipt, now) {
                    Err(_) => Err(Unchanged::NotInFlight),
                    Ok(standing) if due > standing.last_received.plus(HIDDEN_SECONDS_MAX) => {
                        Err(Unchanged::TooLong)
                    }
                    Ok(_) => Ok(()),
                };
                if outcome.is_ok()
                    && let Some(standing) = inside.index.set_due(*seq, due)
                {
                    put_standing(&mut batch, &self.name, *seq, standing);
                }
                outcomes.push(outcome);
            }
            self.submit(batch)
        };
        self.changed.notify_waiters();
        durable.wait().await?;
        Ok(outcomes)
    }

    /// Deletes all messages.
    pub(crate) async fn purge(&self) -> Result<(), ApiError> {
        let all = self.inside()?.index.clear();
        for page in all.chunks(storage::PAGE) {
            let mut batch = Batch::default();
            for seq in page {
                delete_message(&mut batch, &self.name, *seq);
            }
            storage::commit(&self.store, batch).await?;
        }
        Ok(())
    }

    /// Refuses every verb from now on; resolved when those before are durable, so that no row follows.
    pub(crate) async fn close(&self) -> Result<(), ApiError> {
        self.inside()?.gone = true;
        self.changed.notify_waiters();
        storage::commit(&self.store, Batch::default()).await
    }

    pub(crate) fn counts(&self, now: Timestamp) -> Result<Counts, ApiError> {
        let mut inside = self.inside()?;
        let mut batch = Batch::default();
        self.expire(&mut inside, now, &mut batch);
        // Nobody waits for it: what is too old is found again after a crash.
        let _ = self.submit(batch);
        Ok(inside.index.counts(now))
    }

    /// When the next hidden message becomes visible.
    pub(crate) fn next_due(&self) -> Result<Option<Timestamp>, ApiError> {
        Ok(self.inside()?.index.next_due())
    }

    fn expire(&self, inside: &mut Inside, now: Timestamp, batch: &mut Batch) {
        let kept_since = now.minus(self.settings().retention_seconds);
        for seq in inside.index.expire(kept_since, storage::PAGE) {
            delete_message(batch, &self.name, seq);
        }
    }

    fn inside(&self) -> Result<MutexGuard<'_, Inside>, ApiError> {
        let inside = self.inside.lock().expect("no holder of this lock panics");
        if inside.gone {
            return Err(error::no_queue());
        }
        Ok(inside)
    }

    fn submit(&self, batch: Batch) -> Durable {
        let (tell, told) = oneshot::channel();
        self.store.submit(batch, move |result| {
            // Who asked may have gone; the batch is durable all the same.
            let _ = tell.send(result);
        });
        Durable(told)
    }

    /// The same for new messages, which enter the index when they are durable.
    fn submit_arrivals(
        self: &Arc<Self>,
        batch: Batch,
        arrivals: Vec<(Seq, Standing)>,
        now: Timestamp,
    ) -> Durable {
        let (tell, told) = oneshot::channel();
        let queue = Arc::clone(self);
        self.store.submit(batch, move |result| {
            // A store that is closed says so at once, to a caller that holds the lock: it is taken on success only.
            if result.is_ok()
                && let Ok(mut inside) = queue.inside()
            {
                for (seq, standing) in arrivals {
                    inside.index.insert(seq, standing, now);
                }
                drop(inside);
                queue.changed.notify_waiters();
            }
            let _ = tell.send(result);
        });
        Durable(told)
    }
}

/// Why a message's visibility was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unchanged {
    NotInFlight,
    TooLong,
}

impl Inside {
    /// Numbers follow the clock, so that they grow over restarts too, when all messages are gone.
    fn next_seq(&mut self, now: Timestamp) -> Seq {
        let by_clock = now.0.unsigned_abs() * 1000;
        self.newest = Seq(by_clock.max(self.newest.0 + 1));
        self.newest
    }
}

/// Unlike any other of the message; never 0.
fn new_receipt() -> u64 {
    let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
    (high ^ low).max(1)
}

/// What a FIFO queue was sent in the last five minutes.
#[derive(Default)]
struct Sent {
    by_key: HashMap<String, SentOnce>,
    by_age: VecDeque<(Timestamp, String)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct SentOnce {
    id: String,
    seq: u64,
    until: Timestamp,
}

impl Sent {
    fn open(store: &Store, queue: &QueueName) -> Result<Self, ApiError> {
        let prefix = format!("{queue}/");
        let mut sent = Self::default();
        for (key, row) in storage::rows(store, SENT, &prefix, storage::PAGE)? {
            let first: SentOnce = read(&row)?;
            let key = key[prefix.len()..].to_owned();
            sent.by_age.push_back((first.until, key.clone()));
            sent.by_key.insert(key, first);
        }
        sent.by_age.make_contiguous().sort();
        Ok(sent)
    }

    fn get(&self, key: &str) -> Option<&SentOnce> {
        self.by_key.get(key)
    }

    fn remember(&mut self, queue: &QueueName, key: String, first: SentOnce, batch: &mut Batch) {
        batch.put(SENT, format!("{queue}/{key}").as_bytes(), written(&first));
        self.by_age.push_back((first.until, key.clone()));
        self.by_key.insert(key, first);
    }

    fn forget(&mut self, queue: &QueueName, now: Timestamp, batch: &mut Batch) {
        while let Some((until, _)) = self.by_age.front()
            && *until <= now
            && let Some((_, key)) = self.by_age.pop_front()
        {
            self.by_key.remove(&key);
            batch.delete(SENT, format!("{queue}/{key}").as_bytes());
        }
    }
}
