//! SQS: standard and FIFO queues, durable in the store.
//!
//! A message is two rows, what it says and where it stands; an index in memory, built when a queue is first asked for,
//! knows what may be received. Nothing is answered before its rows are durable. Begin with [`Sqs`]; `queue` keeps index
//! and rows in step, `index` decides what a receive gets.

mod error;
mod index;
mod message;
mod moves;
mod name;
mod ops;
mod queue;
mod queues;
mod receipt;
mod settings;
mod storage;

use std::sync::Arc;

use aws::{Answer, ApiError, BoxFuture, Call, Service};
use store::Store;
use tokio::sync::watch;

use crate::index::Timestamp;
use crate::moves::Moves;
use crate::name::QueueName;
use crate::queue::Queue;
use crate::queues::Queues;

/// What the service is told about its surroundings.
#[derive(Clone)]
pub struct SqsConfig {
    /// What queue URLs begin with for callers of this process: `http://127.0.0.1:4566`.
    pub url: String,
    /// What time it is; tests have a time of their own.
    pub now: Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>,
}

impl SqsConfig {
    /// The machine's own time.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            now: Arc::new(jiff::Timestamp::now),
        }
    }
}

#[derive(Clone)]
struct Clock(Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>);

impl Clock {
    fn now(&self) -> Timestamp {
        Timestamp((self.0)().as_millisecond())
    }
}

/// The service, over a store that it shares with others. Cheap to clone.
#[derive(Clone)]
pub struct Sqs {
    queues: Arc<Queues>,
    moves: Moves,
    clock: Clock,
    url: Arc<str>,
    stop: watch::Sender<bool>,
}

impl Sqs {
    /// SQS with the queues that the store holds.
    pub fn new(config: SqsConfig, store: Store) -> Self {
        let (stop, stopped) = watch::channel(false);
        let clock = Clock(config.now);
        let queues = Arc::new(Queues::new(store));
        let moves = Moves::new(Arc::clone(&queues), clock.clone(), stopped);
        Self {
            queues,
            moves,
            clock,
            url: config.url.into(),
            stop,
        }
    }

    /// Goes on with moves of messages that were under way when an earlier process ended. Must be called once, inside the
    /// async runtime.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn resume(&self) -> Result<(), ApiError> {
        self.moves.resume()
    }

    /// Ends long polls with an empty answer, and moves of messages until the next start.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    fn stopped(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The queue that an input's `QueueUrl` means.
    fn named(&self, call: &Call) -> Result<Arc<Queue>, ApiError> {
        let url = ops::required(&call.input, "QueueUrl")?;
        let name = QueueName::of_url(url, &call.caller)?;
        self.queues.get(&name, self.now())
    }

    async fn answer(&self, call: &Call, base_url: &str) -> Result<Answer, ApiError> {
        match &*call.operation {
            "AddPermission" => ops::permissions::add(self, call).await,
            "CancelMessageMoveTask" => ops::moves::cancel(self, call).await,
            "ChangeMessageVisibility" => ops::visibility::one(self, call).await,
            "ChangeMessageVisibilityBatch" => ops::visibility::batch(self, call).await,
            "CreateQueue" => ops::queues::create(self, call, base_url).await,
            "DeleteMessage" => ops::delete::one(self, call).await,
            "DeleteMessageBatch" => ops::delete::batch(self, call).await,
            "DeleteQueue" => ops::queues::delete(self, call).await,
            "GetQueueAttributes" => ops::attributes::get(self, call),
            "GetQueueUrl" => ops::queues::url(self, call, base_url),
            "ListDeadLetterSourceQueues" => ops::queues::dead_letter_sources(self, call, base_url),
            "ListMessageMoveTasks" => ops::moves::list(self, call),
            "ListQueueTags" => ops::tags::list(self, call),
            "ListQueues" => ops::queues::list(self, call, base_url),
            "PurgeQueue" => ops::queues::purge(self, call).await,
            "ReceiveMessage" => ops::receive::run(self, call).await,
            "RemovePermission" => ops::permissions::remove(self, call).await,
            "SendMessage" => ops::send::one(self, call).await,
            "SendMessageBatch" => ops::send::batch(self, call).await,
            "SetQueueAttributes" => ops::attributes::set(self, call).await,
            "StartMessageMoveTask" => ops::moves::start(self, call).await,
            "TagQueue" => ops::tags::tag(self, call).await,
            "UntagQueue" => ops::tags::untag(self, call).await,
            other => Err(ApiError::unknown_operation(other)),
        }
    }
}

impl Service for Sqs {
    fn id(&self) -> &'static str {
        "sqs"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move { self.answer(&call, &self.url).await })
    }

    fn call_at<'s>(
        &'s self,
        call: Call,
        base_url: &'s str,
    ) -> BoxFuture<'s, Result<Answer, ApiError>> {
        Box::pin(async move { self.answer(&call, base_url).await })
    }
}
