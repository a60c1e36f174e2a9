//! Deliveries that are to be made: rows, and one worker that makes them.
//!
//! A job is written down together with its message before a publish is answered, and deleted when it is done or given
//! up; a process that ends in between leaves it to the next one, so that an endpoint may hear a message twice. Jobs of
//! a FIFO topic for one subscription are done one after the other.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws::ApiError;
use store::{Batch, Lsn, Store, StoreError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::{Id, JoinError, JoinHandle, JoinSet};

use crate::Clock;
use crate::delivery::{Carrier, Failed};
use crate::endpoints::Endpoints;
use crate::error::stored;
use crate::model::{Job, JobKey, Message, Subscription, What};
use crate::name::SubscriptionName;
use crate::sent::Sent;
use crate::storage::{self, MESSAGES, OUTBOX, SUBSCRIPTIONS, all_rows, get, put};
use crate::topics::Topics;

/// Jobs that may wait at once: their keys are held in memory, about 200 bytes each.
const WAITING_MAX: usize = 100_000;

/// How long before each further try of a delivery to a queue or function: AWS's own beginning ("Amazon SNS message
/// delivery retries"), three at once, two after a second, ten backing off to 20 seconds.
// DIVERGENCE: AWS goes on for 23 days; here a delivery is given up after these.
pub(crate) const RETRY_SECONDS: [u64; 15] = [0, 0, 0, 1, 1, 1, 2, 3, 4, 6, 8, 11, 15, 20, 20];

/// For HTTP(S), the default delivery policy.
// DIVERGENCE: delivery policies are kept and told, and do not change the schedule.
pub(crate) const HTTP_RETRY_SECONDS: [u64; 3] = [20, 20, 20];

/// How long before each further try.
#[derive(Clone)]
pub(crate) struct Schedule {
    pub(crate) services: Vec<Duration>,
    pub(crate) http: Vec<Duration>,
}

pub(crate) struct Outbox {
    store: Store,
    waiting: Arc<AtomicUsize>,
    tell: UnboundedSender<Vec<Due>>,
    begin: Arc<Notify>,
    stopping: watch::Sender<bool>,
    worker: Mutex<Option<JoinHandle<()>>>,
}

/// A job that is new, and the endpoint that it is for.
pub(crate) struct New {
    pub(crate) key: JobKey,
    pub(crate) job: Job,
    pub(crate) endpoint: String,
}

/// A job that waits: when it is due, where it goes, and the message that it needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    due: i64,
    key: JobKey,
    message: Option<String>,
    endpoint: Arc<str>,
}

impl Due {
    /// What is done one after the other: the jobs of a FIFO topic for one subscription.
    fn lane(&self) -> Option<SubscriptionName> {
        let is_ordered = self.key.subscription.topic.is_fifo();
        is_ordered.then(|| self.key.subscription.clone())
    }

    fn message_key(&self) -> Option<String> {
        let id = self.message.as_ref()?;
        Some(message_key(&self.key.subscription, id))
    }
}

fn message_key(subscription: &SubscriptionName, id: &str) -> String {
    format!("{}/{id}", subscription.topic)
}

impl Outbox {
    /// An outbox with what an earlier process left; nothing is delivered before [`Outbox::resume`].
    pub(crate) fn start(store: Store, deliverer: Deliverer) -> Result<Self, ApiError> {
        let rows: Vec<(String, Job)> = all_rows(&store, OUTBOX, "")?;
        let mut endpoints = HashMap::new();
        let mut left: Vec<Due> = Vec::with_capacity(rows.len());
        for (key, job) in rows {
            let Some(key) = JobKey::read(&key) else {
                continue;
            };
            let name = &key.subscription;
            let endpoint = match endpoints.get(name) {
                Some(endpoint) => Arc::clone(endpoint),
                None => {
                    let found: Option<Subscription> =
                        get(&store, SUBSCRIPTIONS, &name.to_string())?;
                    // Without its subscription a job is done as soon as it is looked at.
                    let endpoint: Arc<str> =
                        found.map_or_else(|| "".into(), |found| found.endpoint.into());
                    endpoints.insert(name.clone(), Arc::clone(&endpoint));
                    endpoint
                }
            };
            left.push(due(key, &job, endpoint));
        }
        let waiting = Arc::new(AtomicUsize::new(left.len()));
        let (tell, told) = unbounded_channel();
        let (stopping, stopped) = watch::channel(false);
        let mut worker = Worker {
            deliverer: Arc::new(deliverer),
            waiting: Endpoints::new(),
            under_way: HashMap::new(),
            lanes: HashMap::new(),
            uses: HashMap::new(),
            count: Arc::clone(&waiting),
        };
        worker.add(left);
        let begin = Arc::new(Notify::new());
        let worker = tokio::spawn(worker.run(Arc::clone(&begin), told, stopped));
        Ok(Self {
            store,
            waiting,
            tell,
            begin,
            stopping,
            worker: Mutex::new(Some(worker)),
        })
    }

    /// Begins to deliver.
    pub(crate) fn resume(&self) {
        self.begin.notify_one();
    }

    /// Whether there is room for so many jobs more; must be asked before they are made.
    ///
    /// # Errors
    /// `Throttled` when too many wait already.
    pub(crate) fn admit(&self, jobs: usize) -> Result<(), ApiError> {
        if self.waiting.load(Ordering::Relaxed) + jobs > WAITING_MAX {
            return Err(crate::error::throttled());
        }
        Ok(())
    }

    /// Makes a batch with new jobs durable, and has them done.
    pub(crate) async fn commit(&self, batch: Batch, jobs: Vec<New>) -> Result<(), ApiError> {
        self.submit(batch, jobs, || {}).durable().await
    }

    /// The same for who must not wait while a lock is held: what is submitted first is done first. `then` is called once
    /// the batch is durable.
    pub(crate) fn submit(
        &self,
        mut batch: Batch,
        jobs: Vec<New>,
        then: impl FnOnce() + Send + 'static,
    ) -> Durable {
        let mut waiting = Vec::with_capacity(jobs.len());
        for New { key, job, endpoint } in jobs {
            put(&mut batch, OUTBOX, &key.text(), &job);
            waiting.push(due(key, &job, endpoint.into()));
        }
        let (count, worker) = (Arc::clone(&self.waiting), self.tell.clone());
        let (answer, answered) = oneshot::channel();
        self.store.submit(batch, move |result| {
            // A store that is closed says so at once, to a caller that holds the lock: it is taken on success only.
            if result.is_ok() {
                count.fetch_add(waiting.len(), Ordering::Relaxed);
                // A worker that has stopped leaves them to the next start.
                let _ = worker.send(waiting);
                then();
            }
            // Whoever asked may have gone; the batch is durable all the same.
            let _ = answer.send(result);
        });
        Durable(answered)
    }

    /// Begins no further delivery; resolved when what those under way came to is written down.
    pub(crate) async fn stop(&self) {
        self.stopping.send_replace(true);
        let worker = self
            .worker
            .lock()
            .expect("no holder of this lock panics")
            .take();
        if let Some(worker) = worker {
            // A worker that broke has nothing more to write.
            let _ = worker.await;
        }
    }
}

/// What was handed to the store.
#[must_use]
pub(crate) struct Durable(oneshot::Receiver<Result<Lsn, StoreError>>);

impl Durable {
    /// Resolved when it is durable.
    pub(crate) async fn durable(self) -> Result<(), ApiError> {
        let result = self.0.await.unwrap_or(Err(StoreError::Closed));
        result.map(drop).map_err(|error| stored(&error))
    }
}

fn due(key: JobKey, job: &Job, endpoint: Arc<str>) -> Due {
    Due {
        due: job.due,
        key,
        message: match &job.what {
            What::Notification(id) => Some(id.clone()),
            What::Confirmation => None,
        },
        endpoint,
    }
}

struct Worker {
    deliverer: Arc<Deliverer>,
    waiting: Endpoints<Due>,
    /// Where each delivery goes that is under way.
    under_way: HashMap<Id, Arc<str>>,
    /// Jobs behind the one of each lane whose turn it is.
    lanes: HashMap<SubscriptionName, VecDeque<Due>>,
    /// How many jobs still need a message.
    uses: HashMap<String, usize>,
    count: Arc<AtomicUsize>,
}

/// How often rows that only bound memory of the past are looked through.
const TIDY_SECONDS: u64 = 300;

impl Worker {
    /// Takes new jobs, those of a lane in their order.
    fn add(&mut self, jobs: Vec<Due>) {
        for job in jobs {
            if let Some(key) = job.message_key() {
                *self.uses.entry(key).or_default() += 1;
            }
            let Some(lane) = job.lane() else {
                self.wait(job);
                continue;
            };
            match self.lanes.get_mut(&lane) {
                Some(behind) => behind.push_back(job),
                None => {
                    self.lanes.insert(lane, VecDeque::new());
                    self.wait(job);
                }
            }
        }
    }

    fn wait(&mut self, job: Due) {
        let endpoint = Arc::clone(&job.endpoint);
        self.waiting.add(&endpoint, job.due, job);
    }

    async fn run(
        mut self,
        begin: Arc<Notify>,
        mut told: UnboundedReceiver<Vec<Due>>,
        mut stopped: watch::Receiver<bool>,
    ) {
        tokio::select! {
            () = begin.notified() => {}
            _ = stopped.changed() => return,
        }
        let mut deliveries: JoinSet<(Due, Outcome)> = JoinSet::new();
        let mut tidy = tokio::time::interval(Duration::from_secs(TIDY_SECONDS));
        loop {
            let now = self.deliverer.clock.now();
            let next = loop {
                match self.waiting.next(now) {
                    Ok(job) => self.begin(&mut deliveries, job),
                    Err(next) => break next,
                }
            };
            let pause = next.map(|due| Duration::from_millis((due - now).unsigned_abs()));
            tokio::select! {
                biased;
                // An error says that the service is gone, which is a stop too.
                _ = stopped.changed() => break,
                new = told.recv() => match new {
                    Some(jobs) => self.add(jobs),
                    None => break,
                },
                Some(ended) = deliveries.join_next_with_id() => self.end(ended),
                () = tokio::time::sleep(pause.unwrap_or_default()), if pause.is_some() => {}
                _ = tidy.tick() => {
                    let deliverer = Arc::clone(&self.deliverer);
                    tokio::task::spawn_blocking(move || deliverer.tidy());
                }
            }
        }
        while let Some(ended) = deliveries.join_next_with_id().await {
            self.end(ended);
        }
    }

    fn begin(&mut self, deliveries: &mut JoinSet<(Due, Outcome)>, job: Due) {
        let endpoint = Arc::clone(&job.endpoint);
        let deliverer = Arc::clone(&self.deliverer);
        let begun = deliveries.spawn(async move {
            let outcome = deliverer.deliver(&job.key).await;
            (job, outcome)
        });
        self.under_way.insert(begun.id(), endpoint);
    }

    fn end(&mut self, ended: Result<(Id, (Due, Outcome)), JoinError>) {
        let id = match &ended {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        if let Some(endpoint) = self.under_way.remove(&id) {
            self.waiting.ended(&endpoint);
        }
        match ended {
            Ok((_, (job, outcome))) => self.note(job, outcome),
            // A delivery that panicked keeps its row, and its place in the count, until the next start.
            Err(error) => tracing::error!(%error, "the delivery of a message broke"),
        }
    }

    fn note(&mut self, mut job: Due, outcome: Outcome) {
        match outcome {
            Outcome::Again(due) => {
                job.due = due;
                self.wait(job);
            }
            Outcome::Done => {
                self.count.fetch_sub(1, Ordering::Relaxed);
                self.delete(&job);
                self.advance(&job);
            }
        }
    }

    /// Deletes a job's row, and its message's with the last one. Nobody waits: after a crash it is done again.
    fn delete(&mut self, job: &Due) {
        let mut batch = Batch::default();
        batch.delete(OUTBOX, job.key.text().as_bytes());
        if let Some(key) = job.message_key()
            && let Some(uses) = self.uses.get_mut(&key)
        {
            *uses -= 1;
            if *uses == 0 {
                self.uses.remove(&key);
                batch.delete(MESSAGES, key.as_bytes());
            }
        }
        self.deliverer.store.submit(batch, |_| {});
    }

    /// Lets the next one of the lane through.
    fn advance(&mut self, job: &Due) {
        let Some(lane) = job.lane() else { return };
        let Some(behind) = self.lanes.get_mut(&lane) else {
            return;
        };
        match behind.pop_front() {
            Some(next) => self.wait(next),
            None => {
                self.lanes.remove(&lane);
            }
        }
    }
}

enum Outcome {
    /// Delivered, given up, or wanted by nobody any more.
    Done,
    /// To be tried again then.
    Again(i64),
}

pub(crate) struct Deliverer {
    pub(crate) store: Store,
    pub(crate) topics: Arc<Topics>,
    pub(crate) sent: Arc<Sent>,
    pub(crate) carrier: Carrier,
    pub(crate) schedule: Schedule,
    pub(crate) clock: Clock,
}

impl Deliverer {
    async fn deliver(&self, key: &JobKey) -> Outcome {
        match self.try_deliver(key).await {
            Ok(outcome) => outcome,
            Err(error) => {
                // The store can't be read: a restart will.
                tracing::error!(%error, key = key.text(), "a message can't be delivered");
                Outcome::Again(self.clock.now() + 20_000)
            }
        }
    }

    async fn try_deliver(&self, key: &JobKey) -> Result<Outcome, ApiError> {
        let name = &key.subscription;
        let job: Option<Job> = get(&self.store, OUTBOX, &key.text())?;
        let subscription: Option<Subscription> =
            get(&self.store, SUBSCRIPTIONS, &name.to_string())?;
        let (Some(job), Some(subscription)) = (job, subscription) else {
            return Ok(Outcome::Done);
        };
        let message: Option<Message> = match &job.what {
            What::Notification(id) => get(&self.store, MESSAGES, &message_key(name, id))?,
            What::Confirmation => None,
        };
        let result = match (&job.what, &message) {
            (What::Confirmation, _) if subscription.confirmed => Ok(()),
            (What::Confirmation, _) => self.carrier.ask(name, &subscription).await,
            (What::Notification(_), None) => Ok(()),
            (What::Notification(_), Some(message)) => {
                self.carrier.notify(name, &subscription, message).await
            }
        };
        let Err(why) = result else {
            return Ok(Outcome::Done);
        };
        let schedule = if subscription.protocol.starts_with("http") {
            &self.schedule.http
        } else {
            &self.schedule.services
        };
        if let Some(pause) = schedule.get(job.failures as usize)
            && why.may_pass
        {
            return self.again(key, job, *pause).await;
        }
        tracing::warn!(subscription = name.arn(), ?why, "a delivery is given up");
        if let Some(message) = message {
            self.bury(name, &subscription, &message, &why).await;
        }
        Ok(Outcome::Done)
    }

    async fn again(&self, key: &JobKey, job: Job, pause: Duration) -> Result<Outcome, ApiError> {
        let due = self.clock.now() + pause.as_millis() as i64;
        let job = Job {
            failures: job.failures + 1,
            due,
            ..job
        };
        let mut batch = Batch::default();
        put(&mut batch, OUTBOX, &key.text(), &job);
        storage::commit(&self.store, batch).await?;
        Ok(Outcome::Again(due))
    }

    async fn bury(
        &self,
        name: &SubscriptionName,
        subscription: &Subscription,
        message: &Message,
        why: &Failed,
    ) {
        if let Err(error) = self.carrier.bury(name, subscription, message, why).await {
            tracing::warn!(subscription = name.arn(), ?error, "a dead letter is lost");
        }
    }

    /// Deletes rows that time has made useless. Blocks.
    fn tidy(&self) {
        let now = self.clock.now();
        let tidied = self.sent.forget(now);
        if let Err(error) = tidied.and_then(|()| self.topics.drop_lapsed(now)) {
            tracing::error!(%error, "what has had its time can't be deleted");
        }
    }
}
