//! Deliveries that are to be made: rows, and one worker that makes them.
//!
//! A job is written down together with its message before a publish is answered, and deleted when it is done or given
//! up; a process that ends in between leaves it to the next one, so that an endpoint may hear a message twice. Jobs of
//! a FIFO topic for one subscription are done one after the other.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws::ApiError;
use store::{Batch, Store};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::Clock;
use crate::delivery::{Carrier, Failed};
use crate::model::{Job, JobKey, Message, Subscription, What};
use crate::name::SubscriptionName;
use crate::storage::{self, MESSAGES, OUTBOX, SENT, SUBSCRIPTIONS, all_rows, get, put};

/// Jobs that may wait at once: their keys are held in memory, about 200 bytes each.
const WAITING_MAX: usize = 100_000;

/// Deliveries at one time. Most wait for an endpoint, and those of HTTP hold a thread each.
const AT_ONCE_MAX: usize = 64;

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

/// A job that waits: when it is due, where it goes, and the message that it needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    due: i64,
    key: JobKey,
    message: Option<String>,
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
    pub(crate) fn start(
        store: Store,
        carrier: Carrier,
        schedule: Schedule,
        clock: Clock,
    ) -> Result<Self, ApiError> {
        let rows: Vec<(String, Job)> = all_rows(&store, OUTBOX, "")?;
        let left: Vec<Due> = rows
            .into_iter()
            .filter_map(|(key, job)| Some(due(JobKey::read(&key)?, &job)))
            .collect();
        let waiting = Arc::new(AtomicUsize::new(left.len()));
        let (tell, told) = unbounded_channel();
        let (stopping, stopped) = watch::channel(false);
        let mut worker = Worker {
            deliverer: Arc::new(Deliverer {
                store: store.clone(),
                carrier,
                schedule,
                clock,
            }),
            waiting: BTreeSet::new(),
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

    /// Makes a batch with new jobs durable, and has them done.
    ///
    /// # Errors
    /// `Throttled` when too many wait already.
    pub(crate) async fn commit(
        &self,
        mut batch: Batch,
        jobs: Vec<(JobKey, Job)>,
    ) -> Result<(), ApiError> {
        if self.waiting.load(Ordering::Relaxed) + jobs.len() > WAITING_MAX {
            return Err(crate::error::throttled());
        }
        for (key, job) in &jobs {
            put(&mut batch, OUTBOX, &key.text(), job);
        }
        storage::commit(&self.store, batch).await?;
        self.waiting.fetch_add(jobs.len(), Ordering::Relaxed);
        let jobs = jobs.into_iter().map(|(key, job)| due(key, &job)).collect();
        // A worker that has stopped leaves them to the next start.
        let _ = self.tell.send(jobs);
        Ok(())
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

fn due(key: JobKey, job: &Job) -> Due {
    Due {
        due: job.due,
        key,
        message: match &job.what {
            What::Notification(id) => Some(id.clone()),
            What::Confirmation => None,
        },
    }
}

struct Worker {
    deliverer: Arc<Deliverer>,
    waiting: BTreeSet<Due>,
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
                self.waiting.insert(job);
                continue;
            };
            match self.lanes.get_mut(&lane) {
                Some(behind) => behind.push_back(job),
                None => {
                    self.lanes.insert(lane, VecDeque::new());
                    self.waiting.insert(job);
                }
            }
        }
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
            while deliveries.len() < AT_ONCE_MAX
                && let Some(job) = self.next(now)
            {
                let deliverer = Arc::clone(&self.deliverer);
                deliveries.spawn(async move {
                    let outcome = deliverer.deliver(&job.key).await;
                    (job, outcome)
                });
            }
            let next = self.waiting.first().map(|job| (job.due - now).max(0));
            let pause = Duration::from_millis(next.unwrap_or_default().unsigned_abs());
            tokio::select! {
                biased;
                // An error says that the service is gone, which is a stop too.
                _ = stopped.changed() => break,
                new = told.recv() => match new {
                    Some(jobs) => self.add(jobs),
                    None => break,
                },
                Some(ended) = deliveries.join_next() => match ended {
                    Ok((job, outcome)) => self.note(job, outcome),
                    // A delivery that panicked keeps its row, and its place in the count, until the next start.
                    Err(error) => tracing::error!(%error, "the delivery of a message broke"),
                },
                () = tokio::time::sleep(pause), if next.is_some() && deliveries.len() < AT_ONCE_MAX => {}
                _ = tidy.tick() => self.deliverer.forget(),
            }
        }
        while let Some(ended) = deliveries.join_next().await {
            if let Ok((job, outcome)) = ended {
                self.note(job, outcome);
            }
        }
    }

    /// The next job that is due.
    fn next(&mut self, now: i64) -> Option<Due> {
        let is_due = self.waiting.first()?.due <= now;
        if is_due {
            self.waiting.pop_first()
        } else {
            None
        }
    }

    fn note(&mut self, mut job: Due, outcome: Outcome) {
        match outcome {
            Outcome::Again(due) => {
                job.due = due;
                self.waiting.insert(job);
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
            Some(next) => {
                self.waiting.insert(next);
            }
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

struct Deliverer {
    store: Store,
    carrier: Carrier,
    schedule: Schedule,
    clock: Clock,
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

    /// Deletes what FIFO topics need not remember any more.
    fn forget(&self) {
        let now = self.clock.now();
        let rows: Result<Vec<(String, crate::ops::publish::SentOnce)>, _> =
            all_rows(&self.store, SENT, "");
        let mut batch = Batch::default();
        for (key, sent) in rows.unwrap_or_default() {
            if sent.until <= now {
                batch.delete(SENT, key.as_bytes());
            }
        }
        self.store.submit(batch, |_| {});
    }
}
