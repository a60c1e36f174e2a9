//! EventBridge: buses that events come to, rules that say where they go, schedules, connections and API destinations.
//!
//! The crate owns rules from their making and events from PutEvents until their targets have them. It never knows what
//! a target does: it calls the other services as any client would. Begin with [`Events`]; each operation is a row in
//! [`Events::answer`]. `pattern` is the language of rules, `schedule` that of times, `template` what targets get, `outbox`
//! and `deliver` bring it there.

mod clock;
mod deliver;
mod error;
mod lanes;
mod model;
mod ops;
mod outbox;
mod pattern;
mod schedule;
mod scheduler;
mod storage;
mod template;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws::{Answer, ApiError, BoxFuture, Call, Registry, Service};
use store::Store;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use model::{Bus, DEFAULT_BUS, Rule, Target, Zone};
use outbox::{Outbox, Parcel, Taken};
use scheduler::Schedules;
use storage::Storage;

pub use clock::{Clock, ManualClock, SystemClock};

/// The service, over a store that it shares with others; it calls targets by the registry.
pub struct Events {
    inner: Arc<Inner>,
    stopping: watch::Sender<bool>,
    workers: Mutex<Vec<JoinHandle<()>>>,
}

struct Inner {
    storage: Storage,
    outbox: Outbox,
    schedules: Schedules,
    registry: Registry,
    clock: Arc<dyn Clock>,
}

impl Inner {
    /// Puts an event for all targets that a bus's rules have for it into a parcel; whether there is such a bus.
    fn route(
        &self,
        zone: &Zone,
        bus: &str,
        taken: &Taken,
        parcel: &mut Parcel,
    ) -> Result<bool, ApiError> {
        if bus != DEFAULT_BUS && self.storage.get::<Bus>(zone, bus)?.is_none() {
            return Ok(false);
        }
        let live = self.storage.live(zone, bus)?;
        let matches: Vec<(&Rule, &[Target])> = live
            .iter()
            .filter(|live| live.pattern.matches(&taken.event))
            .map(|live| (&live.rule, live.targets.as_slice()))
            .collect();
        parcel.add(zone, taken, &matches);
        Ok(true)
    }
}

impl Events {
    /// EventBridge with what the store holds of it. It takes requests; nothing is delivered and no schedule fires before
    /// [`Events::resume`].
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn open(
        store: Store,
        registry: Registry,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, ApiError> {
        let storage = Storage::new(store);
        let inner = Inner {
            outbox: Outbox::open(&storage)?,
            schedules: Schedules::open(&storage, clock.now())?,
            storage,
            registry,
            clock,
        };
        Ok(Arc::new(Self {
            inner: Arc::new(inner),
            stopping: watch::channel(false).0,
            workers: Mutex::default(),
        }))
    }

    /// Goes on with what an earlier server left to deliver, and begins to watch the clock. The registry must be filled;
    /// must be called once, inside the async runtime.
    pub fn resume(&self) {
        let stopped = || self.stopping.subscribe();
        let workers = [
            tokio::spawn(outbox::work(Arc::clone(&self.inner), stopped())),
            tokio::spawn(scheduler::work(Arc::clone(&self.inner), stopped())),
        ];
        self.workers().extend(workers);
    }

    /// Begins no further delivery, and lets those under way end for up to `grace`. What is left waits in the store; what
    /// was cut off is delivered again by the next server.
    pub async fn shutdown(&self, grace: Duration) {
        self.stopping.send_replace(true);
        let workers = std::mem::take(&mut *self.workers());
        let ended = async {
            for worker in workers {
                // A worker that broke has nothing more to write.
                let _ = worker.await;
            }
        };
        let _ = tokio::time::timeout(grace, ended).await;
    }

    fn workers(&self) -> std::sync::MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(&self, call: &Call) -> Result<Answer, ApiError> {
        let inner = &*self.inner;
        match &*call.operation {
            "CreateApiDestination" => ops::destinations::create(inner, call).await,
            "CreateConnection" => ops::connections::create(inner, call).await,
            "CreateEventBus" => ops::buses::create(inner, call).await,
            "DeauthorizeConnection" => ops::connections::deauthorize(inner, call).await,
            "DeleteApiDestination" => ops::destinations::delete(inner, call).await,
            "DeleteConnection" => ops::connections::delete(inner, call).await,
            "DeleteEventBus" => ops::buses::delete(inner, call).await,
            "DeleteRule" => ops::rules::delete(inner, call).await,
            "DescribeApiDestination" => ops::destinations::describe(inner, call),
            "DescribeConnection" => ops::connections::describe(inner, call),
            "DescribeEventBus" => ops::buses::describe(inner, call),
            "DescribeRule" => ops::rules::describe(inner, call),
            "DisableRule" => ops::rules::disable(inner, call).await,
            "EnableRule" => ops::rules::enable(inner, call).await,
            "ListApiDestinations" => ops::destinations::list(inner, call),
            "ListConnections" => ops::connections::list(inner, call),
            "ListEventBuses" => ops::buses::list(inner, call),
            "ListRuleNamesByTarget" => ops::targets::rule_names(inner, call),
            "ListRules" => ops::rules::list(inner, call),
            "ListTagsForResource" => ops::tags::list(inner, call),
            "ListTargetsByRule" => ops::targets::list(inner, call),
            "PutEvents" => ops::put_events::run(inner, call).await,
            "PutPermission" => ops::permissions::put(inner, call).await,
            "PutRule" => ops::rules::put(inner, call).await,
            "PutTargets" => ops::targets::put(inner, call).await,
            "RemovePermission" => ops::permissions::remove(inner, call).await,
            "RemoveTargets" => ops::targets::remove(inner, call).await,
            // Not in AWS's model, so that the gateway has no way to it: a connection with its secrets, for who makes
            // requests in this process. `ConnectionArn` in; `Name`, `ConnectionState`, `AuthorizationType` and
            // `AuthParameters` as CreateConnection took them out.
            "RetrieveConnectionSecrets" => ops::connections::secrets(inner, call),
            "TagResource" => ops::tags::tag(inner, call).await,
            "TestEventPattern" => ops::put_events::test_pattern(call),
            "UntagResource" => ops::tags::untag(inner, call).await,
            "UpdateApiDestination" => ops::destinations::update(inner, call).await,
            "UpdateConnection" => ops::connections::update(inner, call).await,
            "UpdateEventBus" => ops::buses::update(inner, call).await,
            other => Err(ApiError::unknown_operation(other)),
        }
    }
}

impl Service for Events {
    fn id(&self) -> &'static str {
        "events"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move { self.answer(&call).await })
    }
}
