//! Topics with their subscriptions, read once and kept in memory until they change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws::ApiError;
use store::{Batch, Store};

use crate::error;
use crate::filter::{Filter, Scope};
use crate::model::{Subscription, Topic};
use crate::name::{SubscriptionName, TopicName};
use crate::storage::{self, PAGE, SUBSCRIPTIONS, TOPICS, all_rows, get, put, some_rows};

/// A topic and whom it tells, as of the last change.
pub(crate) struct Known {
    pub(crate) name: TopicName,
    pub(crate) topic: Topic,
    pub(crate) subscriptions: Vec<Subscriber>,
}

pub(crate) struct Subscriber {
    pub(crate) name: SubscriptionName,
    pub(crate) subscription: Subscription,
    pub(crate) scope: Scope,
    pub(crate) filter: Option<Filter>,
}

pub(crate) struct Topics {
    pub(crate) store: Store,
    known: Mutex<Memory>,
    /// One change at a time: a change reads, judges and writes.
    pub(crate) changing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Memory {
    topics: HashMap<TopicName, Arc<Known>>,
    /// Counts changes: what was read before one may be old after it.
    changes: u64,
}

/// Topics held in memory; beyond that all are forgotten and read again as they are used.
const KNOWN_MAX: usize = 10_000;

impl Topics {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            known: Mutex::default(),
            changing: tokio::sync::Mutex::default(),
        }
    }

    /// A topic with its subscriptions.
    ///
    /// # Errors
    /// `NotFound`
    pub(crate) fn get(&self, name: &TopicName) -> Result<Arc<Known>, ApiError> {
        self.find(name)?.ok_or_else(error::no_topic)
    }

    pub(crate) fn find(&self, name: &TopicName) -> Result<Option<Arc<Known>>, ApiError> {
        loop {
            let changes = {
                let known = self.known.lock().expect("no holder of this lock panics");
                if let Some(topic) = known.topics.get(name) {
                    return Ok(Some(Arc::clone(topic)));
                }
                known.changes
            };
            let Some(topic) = self.read(name)? else {
                return Ok(None);
            };
            let topic = Arc::new(topic);
            let mut known = self.known.lock().expect("no holder of this lock panics");
            if known.changes == changes {
                if known.topics.len() >= KNOWN_MAX {
                    known.topics.clear();
                }
                known.topics.insert(name.clone(), Arc::clone(&topic));
                return Ok(Some(topic));
            }
        }
    }

    fn read(&self, name: &TopicName) -> Result<Option<Known>, ApiError> {
        let Some(topic) = get(&self.store, TOPICS, &name.to_string())? else {
            return Ok(None);
        };
        let prefix = format!("{name}/");
        let rows: Vec<(String, Subscription)> = all_rows(&self.store, SUBSCRIPTIONS, &prefix)?;
        let subscriptions = rows
            .into_iter()
            .map(|(key, subscription)| Subscriber {
                name: SubscriptionName {
                    topic: name.clone(),
                    id: key[prefix.len()..].into(),
                },
                scope: subscription.scope(),
                filter: subscription.filter(),
                subscription,
            })
            .collect();
        Ok(Some(Known {
            name: name.clone(),
            topic,
            subscriptions,
        }))
    }

    /// A subscription by its name.
    pub(crate) fn subscription(
        &self,
        name: &SubscriptionName,
    ) -> Result<Option<Subscription>, ApiError> {
        get(&self.store, SUBSCRIPTIONS, &name.to_string())
    }

    /// Deletes subscriptions that were not confirmed in time. Blocks.
    pub(crate) fn drop_lapsed(&self, now: i64) -> Result<(), ApiError> {
        let mut after: Option<String> = None;
        loop {
            let rows: Vec<(String, Subscription)> =
                some_rows(&self.store, SUBSCRIPTIONS, "", after.as_deref(), PAGE)?;
            let Some((last, _)) = rows.last() else {
                return Ok(());
            };
            after = Some(last.clone());
            for (key, _) in rows.iter().filter(|(_, row)| row.is_lapsed(now)) {
                self.drop_if_lapsed(key, now)?;
            }
        }
    }

    fn drop_if_lapsed(&self, key: &str, now: i64) -> Result<(), ApiError> {
        let _changing = self.changing.blocking_lock();
        // It may have been confirmed meanwhile, or asked anew.
        let row: Option<Subscription> = get(&self.store, SUBSCRIPTIONS, key)?;
        if let (Some(topic), true) = (
            TopicName::of_key(key),
            row.is_some_and(|row| row.is_lapsed(now)),
        ) {
            let mut batch = Batch::default();
            batch.delete(SUBSCRIPTIONS, key.as_bytes());
            let written = self.store.commit_blocking(batch);
            written.map_err(|error| error::stored(&error))?;
            self.changed(&topic);
        }
        Ok(())
    }

    /// Writes a change of a topic or its subscriptions.
    pub(crate) async fn commit(&self, topic: &TopicName, batch: Batch) -> Result<(), ApiError> {
        storage::commit(&self.store, batch).await?;
        self.changed(topic);
        Ok(())
    }

    /// Must be called when a change was written elsewhere.
    pub(crate) fn changed(&self, topic: &TopicName) {
        let mut known = self.known.lock().expect("no holder of this lock panics");
        known.changes += 1;
        known.topics.remove(topic);
    }

    pub(crate) async fn put(&self, name: &TopicName, topic: &Topic) -> Result<(), ApiError> {
        let mut batch = Batch::default();
        put(&mut batch, TOPICS, &name.to_string(), topic);
        self.commit(name, batch).await
    }
}
