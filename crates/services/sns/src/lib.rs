//! SNS: topics, subscriptions, and messages that reach queues, functions, HTTP endpoints and an inbox of one's own.
//!
//! A publish writes the message and one job for each delivery in one batch, answers, and then delivers at least once.
//! What would be an email is a letter in the inbox. Begin with [`Sns`]; `outbox` delivers, `filter` decides what a
//! subscription wants.

mod delivery;
mod endpoints;
mod envelope;
mod error;
mod filter;
mod inbox;
mod model;
mod name;
mod ops;
mod outbox;
mod pages;
mod post;
mod sent;
mod storage;
mod topics;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws::{Answer, ApiError, BoxFuture, Call, Registry, Service};
use store::Store;

use crate::delivery::Carrier;
use crate::envelope::Links;
use crate::inbox::Inbox;
use crate::outbox::{Deliverer, Outbox, Schedule};
use crate::sent::Sent;
use crate::topics::Topics;

pub use pages::PAGES_PATH;
pub use post::Post;

/// What the service is told about its surroundings.
#[derive(Clone)]
pub struct SnsConfig {
    /// What links in messages begin with: the gateway, as this machine reaches it.
    pub url: String,
    /// What time it is; tests have a time of their own.
    pub now: Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>,
    /// How HTTP(S) endpoints are reached.
    pub post: Post,
    /// How long before each further try of a delivery to a queue or function; given up after the last.
    pub service_retries: Vec<Duration>,
    /// The same for HTTP(S).
    pub http_retries: Vec<Duration>,
}

impl SnsConfig {
    /// The machine's own time, and AWS's schedule without its long end.
    pub fn new(url: impl Into<String>, post: Post) -> Self {
        Self {
            url: url.into(),
            now: Arc::new(jiff::Timestamp::now),
            post,
            service_retries: outbox::RETRY_SECONDS.map(Duration::from_secs).to_vec(),
            http_retries: outbox::HTTP_RETRY_SECONDS.map(Duration::from_secs).to_vec(),
        }
    }
}

#[derive(Clone)]
struct Clock(Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>);

impl Clock {
    /// Milliseconds since 1970.
    fn now(&self) -> i64 {
        (self.0)().as_millisecond()
    }

    fn microseconds(&self) -> u64 {
        (self.0)().as_microsecond().unsigned_abs()
    }
}

/// The service, over a store that it shares with others; it reaches queues and functions through the registry.
pub struct Sns {
    topics: Arc<Topics>,
    inbox: Inbox,
    outbox: Outbox,
    links: Links,
    clock: Clock,
    newest: AtomicU64,
    sent: Arc<Sent>,
}

impl Sns {
    /// SNS with what the store holds of it; delivers nothing before [`Sns::resume`]. Must be called inside the async
    /// runtime.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn start(
        config: SnsConfig,
        store: Store,
        registry: Registry,
    ) -> Result<Arc<Self>, ApiError> {
        let clock = Clock(config.now);
        let links = Links { url: config.url };
        let schedule = Schedule {
            services: config.service_retries,
            http: config.http_retries,
        };
        let carrier = Carrier {
            registry,
            post: config.post,
            links: links.clone(),
        };
        let topics = Arc::new(Topics::new(store.clone()));
        let sent = Arc::new(Sent::new(store.clone()));
        let deliverer = Deliverer {
            store: store.clone(),
            topics: Arc::clone(&topics),
            sent: Arc::clone(&sent),
            carrier,
            schedule,
            clock: clock.clone(),
        };
        Ok(Arc::new(Self {
            outbox: Outbox::start(store.clone(), deliverer)?,
            inbox: Inbox::new(store),
            topics,
            sent,
            links,
            clock,
            newest: AtomicU64::new(0),
        }))
    }

    /// Begins to deliver, first what an earlier process left. Must be called when the registry is filled: a queue that
    /// can't be found there would be one that is gone.
    pub fn resume(&self) {
        self.outbox.resume();
    }

    /// Begins no further delivery and lets those in hand end for up to `grace`; the others wait in the store for the
    /// next start.
    pub async fn shutdown(&self, grace: Duration) {
        let _ = tokio::time::timeout(grace, self.outbox.stop()).await;
    }

    /// A number greater than all before, also those of earlier processes: it follows the clock.
    fn number(&self) -> u64 {
        let by_clock = self.clock.microseconds();
        let next = |newest: u64| by_clock.max(newest + 1);
        let newest = self
            .newest
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |newest| {
                Some(next(newest))
            })
            .unwrap_or_default();
        next(newest)
    }

    async fn answer(&self, call: &Call) -> Result<Answer, ApiError> {
        match &*call.operation {
            "AddPermission" => ops::permissions::add(self, call).await,
            "ConfirmSubscription" => ops::subscriptions::confirm(self, call).await,
            "CreateTopic" => ops::topics::create(self, call).await,
            "DeleteTopic" => ops::topics::delete(self, call).await,
            "GetSubscriptionAttributes" => ops::subscription_attributes::get(self, call),
            "GetTopicAttributes" => ops::topics::attributes(self, call),
            "ListSubscriptions" => ops::subscriptions::list(self, call),
            "ListSubscriptionsByTopic" => ops::subscriptions::list_of_topic(self, call),
            "ListTagsForResource" => ops::tags::list(self, call),
            "ListTopics" => ops::topics::list(self, call),
            "Publish" => ops::publish::one(self, call).await,
            "PublishBatch" => ops::publish::batch(self, call).await,
            "RemovePermission" => ops::permissions::remove(self, call).await,
            "SetSubscriptionAttributes" => ops::subscription_attributes::set(self, call).await,
            "SetTopicAttributes" => ops::topics::set_attribute(self, call).await,
            "Subscribe" => ops::subscriptions::subscribe(self, call).await,
            "TagResource" => ops::tags::tag(self, call).await,
            "Unsubscribe" => ops::subscriptions::unsubscribe(self, call).await,
            "UntagResource" => ops::tags::untag(self, call).await,
            other => Err(ApiError::new(
                "InvalidAction",
                format!("The operation {other} is not available on this server."),
            )),
        }
    }
}

impl Service for Sns {
    fn id(&self) -> &'static str {
        "sns"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move { self.answer(&call).await })
    }
}
