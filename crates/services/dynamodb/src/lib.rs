//! DynamoDB: tables and items, by the `dynoxide` engine over SQLite files.
//!
//! The crate owns one database an account and region, opened when it is first asked for, and the translation between
//! the engine's words and AWS's. It never evaluates an expression itself. Begin with [`DynamoDb::open`].
//!
//! A write is answered when SQLite has it on the disk: the write-ahead log is fsynced with every commit
//! (`synchronous = FULL`, SQLite's default, which the engine leaves).

mod databases;
mod error;
mod ops;

use std::path::Path;
use std::sync::Arc;

use aws::{Answer, ApiError, BoxFuture, Call, Service};
use tokio::sync::Semaphore;

use crate::databases::Databases;

/// Calls that run at once, each on a thread of its own. A database runs one at a time, so that more than a few help
/// only those who use several.
const CALLS_MAX: usize = 16;

/// The tables of all accounts and regions. Cheap to clone.
#[derive(Clone)]
pub struct DynamoDb {
    databases: Arc<Databases>,
    calls: Arc<Semaphore>,
}

impl DynamoDb {
    /// The tables in a folder, which is made when the first table is.
    pub fn open(folder: &Path) -> Self {
        Self {
            databases: Databases::open(folder),
            calls: Arc::new(Semaphore::new(CALLS_MAX)),
        }
    }
}

impl Service for DynamoDb {
    fn id(&self) -> &'static str {
        "dynamodb"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move {
            let permit = Arc::clone(&self.calls)
                .acquire_owned()
                .await
                .map_err(|_| error::internal())?;
            let databases = Arc::clone(&self.databases);
            tokio::task::spawn_blocking(move || {
                let _permit = permit;
                ops::answer(&databases, &call)
            })
            .await
            .unwrap_or_else(|stopped| {
                tracing::error!(%stopped, "a call's thread stopped");
                Err(error::internal())
            })
        })
    }
}
