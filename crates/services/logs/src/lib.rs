//! CloudWatch Logs: groups, streams and their events; filters and a part of Logs Insights to find events again.
//!
//! The crate owns events from their arrival until they expire. It never knows who writes them: an AWS client, a
//! function's host and the delivery of execution logs meet at [`aws::Service::call`]. Begin with [`Logs`]; each
//! operation is a row in [`Logs::answer`]. `filter` is the language of filter patterns, `insights` that of queries.

mod error;
mod filter;
mod insights;
mod model;
mod ops;
mod storage;

use std::sync::Arc;
use std::time::Duration;

use aws::{Answer, ApiError, BoxFuture, Call, Service};
use jiff::Timestamp;
use store::Store;

use insights::Queries;
use storage::Storage;

/// What time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The service, over a store that it shares with others. Cheap to clone.
#[derive(Clone)]
pub struct Logs {
    inner: Arc<Inner>,
}

struct Inner {
    storage: Arc<Storage>,
    queries: Queries,
    clock: Clock,
    /// One sweep at a time.
    sweeping: tokio::sync::Mutex<()>,
}

impl Logs {
    /// CloudWatch Logs with what the store holds of it, by a clock of the caller's. Nothing expires until
    /// [`Logs::sweep`] is called, but what should have is not answered any more.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self {
            inner: Arc::new(Inner {
                storage: Arc::new(Storage::new(store)),
                queries: Queries::default(),
                clock,
                sweeping: tokio::sync::Mutex::new(()),
            }),
        }
    }

    /// The same by the machine's clock, swept every minute; must be called inside the async runtime.
    pub fn start(store: Store) -> Self {
        let logs = Self::new(store, Arc::new(Timestamp::now));
        let inner = Arc::downgrade(&logs.inner);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(SWEEP_INTERVAL).await;
                let Some(inner) = inner.upgrade() else {
                    break;
                };
                if let Err(error) = (Self { inner }).sweep().await {
                    tracing::error!(%error, "expired log events can't be removed");
                }
            }
        });
        logs
    }

    /// Removes what has expired and what deleted groups and streams left, in small commits.
    ///
    /// # Errors
    /// When the store can't be read or written.
    pub async fn sweep(&self) -> Result<(), ApiError> {
        let Inner {
            storage, sweeping, ..
        } = &*self.inner;
        let _alone = sweeping.lock().await;
        let now = self.now();
        for (zone, group) in storage.mortal_groups()? {
            while let Some(removed) = storage.expire(&zone, group.id, group.expiry(now))? {
                removed.durable().await?;
            }
        }
        for doomed in storage.doomed()? {
            while storage.bury(&doomed).await? {}
        }
        Ok(())
    }

    /// Milliseconds since 1970.
    fn now(&self) -> i64 {
        (self.inner.clock)().as_millisecond()
    }

    async fn answer(&self, call: &Call) -> Result<Answer, ApiError> {
        let storage = &self.inner.storage;
        let now = self.now();
        match &*call.operation {
            "AssociateKmsKey" => ops::groups::associate_key(storage, call).await,
            "CreateLogGroup" => ops::groups::create(storage, call, now).await,
            "CreateLogStream" => ops::streams::create(storage, call, now).await,
            "DeleteLogGroup" => ops::groups::delete(storage, call).await,
            "DeleteLogStream" => ops::streams::delete(storage, call).await,
            "DeleteResourcePolicy" => ops::policies::delete(storage, call).await,
            "DeleteRetentionPolicy" => ops::groups::delete_retention(storage, call).await,
            "DescribeLogGroups" => ops::groups::describe(storage, call),
            "DescribeLogStreams" => ops::streams::describe(storage, call),
            "DescribeQueries" => ops::queries::describe(&self.inner.queries, call),
            "DescribeResourcePolicies" => ops::policies::describe(storage, call),
            "DisassociateKmsKey" => ops::groups::disassociate_key(storage, call).await,
            "FilterLogEvents" => ops::filter::run(storage, call, now).await,
            "GetLogEvents" => ops::get::run(storage, call, now).await,
            "GetLogRecord" => ops::queries::record(storage, call, now),
            "GetQueryResults" => ops::queries::results(&self.inner.queries, call),
            "ListTagsForResource" | "ListTagsLogGroup" => ops::tags::list(storage, call),
            "PutLogEvents" => ops::put::run(storage, call, now).await,
            "PutLogGroupDeletionProtection" => ops::groups::protect(storage, call).await,
            "PutResourcePolicy" => ops::policies::put(storage, call, now).await,
            "PutRetentionPolicy" => ops::groups::put_retention(storage, call).await,
            "StartQuery" => ops::queries::start(storage, &self.inner.queries, call, now),
            "StopQuery" => ops::queries::stop(&self.inner.queries, call),
            "TagLogGroup" | "TagResource" => ops::tags::tag(storage, call).await,
            "TestMetricFilter" => ops::filter::test(call),
            "UntagLogGroup" | "UntagResource" => ops::tags::untag(storage, call).await,
            other => Err(ApiError::unknown_operation(other)),
        }
    }
}

/// AWS removes expired events within three days; nothing shows them meanwhile. A minute keeps each sweep small.
const SWEEP_INTERVAL: Duration = Duration::from_mins(1);

impl Service for Logs {
    fn id(&self) -> &'static str {
        "logs"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move { self.answer(&call).await })
    }
}
