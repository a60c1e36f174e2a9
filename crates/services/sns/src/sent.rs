//! What FIFO topics were sent lately: a message is known again for five minutes.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::sync::{Mutex, MutexGuard};

use aws::ApiError;
use serde::{Deserialize, Serialize};
use store::{Batch, Store};

use crate::name::TopicName;
use crate::storage::{PAGE, SENT, get, some_rows};

/// What a FIFO topic was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SentOnce {
    pub(crate) id: String,
    pub(crate) sequence_number: Option<String>,
    /// Milliseconds since 1970.
    pub(crate) until: i64,
}

/// By its row's key, what is handed to the store and can't be read there yet.
pub(crate) type Unwritten = HashMap<String, SentOnce>;

/// Topics whose messages are judged, numbered and handed to the store one after the other: each topic has one lock of these,
/// which others may have too. None is held while a batch is written.
const LOCKS: usize = 64;

pub(crate) struct Sent {
    store: Store,
    locks: Vec<Mutex<Unwritten>>,
}

impl Sent {
    pub(crate) fn new(store: Store) -> Self {
        let locks = (0..LOCKS).map(|_| Mutex::default()).collect();
        Self { store, locks }
    }

    /// Who holds it decides what the topic is sent next.
    pub(crate) fn hold(&self, topic: &TopicName) -> MutexGuard<'_, Unwritten> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(topic);
        let lock = &self.locks[hash as usize % LOCKS];
        lock.lock().expect("no holder of this lock panics")
    }

    /// What was sent by that key.
    pub(crate) fn find(&self, held: &Unwritten, key: &str) -> Result<Option<SentOnce>, ApiError> {
        match held.get(key) {
            Some(sent) => Ok(Some(sent.clone())),
            None => get(&self.store, SENT, key),
        }
    }

    /// Must be called when these are durable.
    pub(crate) fn written(&self, topic: &TopicName, written: &Unwritten) {
        let mut held = self.hold(topic);
        for (key, sent) in written {
            if held.get(key).is_some_and(|known| known.id == sent.id) {
                held.remove(key);
            }
        }
    }

    /// Deletes what need not be remembered any more. Blocks.
    pub(crate) fn forget(&self, now: i64) -> Result<(), ApiError> {
        let mut after: Option<String> = None;
        loop {
            let rows: Vec<(String, SentOnce)> =
                some_rows(&self.store, SENT, "", after.as_deref(), PAGE)?;
            let Some((last, _)) = rows.last() else {
                return Ok(());
            };
            after = Some(last.clone());
            let old = rows.into_iter().filter(|(_, sent)| sent.until <= now);
            let old: Vec<String> = old.map(|(key, _)| key).collect();
            for keys in old.chunk_by(|one, next| TopicName::of_key(one) == TopicName::of_key(next))
            {
                self.forget_some(keys, now)?;
            }
        }
    }

    /// The same of one topic's rows that were old when they were read.
    fn forget_some(&self, keys: &[String], now: i64) -> Result<(), ApiError> {
        let Some(topic) = keys.first().and_then(|key| TopicName::of_key(key)) else {
            return Ok(());
        };
        // INVARIANT: a message that was sent again meanwhile is in the store or among those that are not written yet; the
        // deletion is handed over before the next.
        let held = self.hold(&topic);
        let mut batch = Batch::default();
        for key in keys {
            if self.find(&held, key)?.is_some_and(|sent| sent.until <= now) {
                batch.delete(SENT, key.as_bytes());
            }
        }
        self.store.submit(batch, |_| {});
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::put;

    fn sent(id: &str, until: i64) -> SentOnce {
        SentOnce {
            id: id.into(),
            sequence_number: None,
            until,
        }
    }

    fn write(store: &Store, key: &str, row: &SentOnce) {
        let mut batch = Batch::default();
        put(&mut batch, SENT, key, row);
        store.commit_blocking(batch).expect("memory works");
    }

    /// The ids that are remembered once all that was submitted is written.
    fn remembered(store: &Store) -> Vec<String> {
        store
            .commit_blocking(Batch::default())
            .expect("memory works");
        let rows: Vec<(String, SentOnce)> =
            some_rows(store, SENT, "", None, 10_000).expect("it can be read");
        rows.into_iter().map(|(_, sent)| sent.id).collect()
    }

    #[test]
    fn what_is_old_is_forgotten() {
        let store = Store::memory();
        for at in 0..600 {
            write(
                &store,
                &format!("a/r/t{}.fifo/{at}", at % 3),
                &sent(&at.to_string(), at),
            );
        }
        Sent::new(store.clone()).forget(598).expect("memory works");
        assert_eq!(remembered(&store), ["599"]);
    }

    #[test]
    fn what_is_sent_again_while_it_is_forgotten_stays() {
        let store = Store::memory();
        let known = Sent::new(store.clone());
        let keys = ["a/r/t.fifo/x", "a/r/t.fifo/y", "a/r/t.fifo/z"].map(str::to_owned);
        for key in &keys {
            write(&store, key, &sent("old", 5));
        }
        // Each was read as old: then one was sent again, and one is about to be written.
        write(&store, &keys[0], &sent("again", 20));
        let topic = TopicName::of_key(&keys[1]).expect("a key");
        known
            .hold(&topic)
            .insert(keys[1].clone(), sent("under way", 20));
        known.forget_some(&keys, 10).expect("memory works");
        write(&store, &keys[1], &sent("under way", 20));
        assert_eq!(remembered(&store), ["again", "under way"]);
    }
}
