//! All queues: found by name, opened when they are first asked for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, RwLock};

use aws::ApiError;
use store::{Batch, Store};

use crate::error::{no_queue, stored};
use crate::index::Timestamp;
use crate::name::QueueName;
use crate::queue::Queue;
use crate::settings::{Row, Settings};
use crate::storage::{self, PAGE, QUEUES, read, written};

pub(crate) struct Queues {
    pub(crate) store: Store,
    open: RwLock<HashMap<QueueName, Arc<Queue>>>,
    opening: Mutex<()>,
    /// One change at a time: a change reads, judges and writes.
    pub(crate) changing: tokio::sync::Mutex<()>,
}

impl Queues {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            open: RwLock::default(),
            opening: Mutex::default(),
            changing: tokio::sync::Mutex::default(),
        }
    }

    pub(crate) fn get(&self, name: &QueueName, now: Timestamp) -> Result<Arc<Queue>, ApiError> {
        self.find(name, now)?.ok_or_else(no_queue)
    }

    pub(crate) fn find(
        &self,
        name: &QueueName,
        now: Timestamp,
    ) -> Result<Option<Arc<Queue>>, ApiError> {
        if let Some(queue) = self.opened(name) {
            return Ok(Some(queue));
        }
        // INVARIANT: a queue is opened once, or two indexes would each know half of it.
        let _opening = self.opening.lock().expect("no holder of this lock panics");
        if let Some(queue) = self.opened(name) {
            return Ok(Some(queue));
        }
        let Some(row) = self.row(name)? else {
            return Ok(None);
        };
        let queue = Queue::open(name.clone(), Settings::new(row), self.store.clone(), now)?;
        let queue = Arc::new(queue);
        let mut open = self.open.write().expect("no holder of this lock panics");
        open.insert(name.clone(), Arc::clone(&queue));
        Ok(Some(queue))
    }

    fn opened(&self, name: &QueueName) -> Option<Arc<Queue>> {
        let open = self.open.read().expect("no holder of this lock panics");
        open.get(name).map(Arc::clone)
    }

    fn row(&self, name: &QueueName) -> Result<Option<Row>, ApiError> {
        let row = self
            .store
            .get(QUEUES, name.to_string().as_bytes())
            .map_err(|error| stored(&error))?;
        row.map(|row| read(&row)).transpose()
    }

    /// The names and rows of an account's queues in a region whose names begin so, in the order of the names.
    pub(crate) fn list(
        &self,
        account: &str,
        region: &str,
        prefix: &str,
    ) -> Result<Vec<(QueueName, Row)>, ApiError> {
        let place = format!("{account}/{region}/");
        storage::rows(&self.store, QUEUES, &format!("{place}{prefix}"), PAGE)?
            .iter()
            .map(|(key, row)| {
                let name = QueueName::new(account, region, &key[place.len()..]);
                Ok((name, read(row)?))
            })
            .collect()
    }

    /// Writes a queue's row, of a new one or a changed one.
    pub(crate) async fn put(
        &self,
        name: &QueueName,
        row: Row,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let mut batch = Batch::default();
        batch.put(QUEUES, name.to_string().as_bytes(), written(&row));
        storage::commit(&self.store, batch).await?;
        self.get(name, now)?.set(Settings::new(row));
        Ok(())
    }

    /// Deletes a queue and all it holds; its name can be given again at once.
    pub(crate) async fn delete(&self, name: &QueueName, now: Timestamp) -> Result<(), ApiError> {
        // DIVERGENCE: AWS keeps the name for 60 seconds; tests that make the same queue anew need not wait here.
        self.get(name, now)?.close().await?;
        storage::delete_all(&self.store, name).await?;
        let mut batch = Batch::default();
        batch.delete(QUEUES, name.to_string().as_bytes());
        storage::commit(&self.store, batch).await?;
        let mut open = self.open.write().expect("no holder of this lock panics");
        open.remove(name);
        Ok(())
    }
}
