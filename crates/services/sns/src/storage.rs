//! The rows: topics, subscriptions, messages and jobs under way, the inbox, what FIFO topics were sent lately.

use std::ops::Bound;

use aws::ApiError;
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Batch, Keyspace, Order, Store, Table};

use crate::error::{stored, unreadable};

/// `{account}/{region}/{name}`
pub(crate) const TOPICS: Table = Table::new(Keyspace::Services, "sns/topics");
/// `{topic}/{id}`
pub(crate) const SUBSCRIPTIONS: Table = Table::new(Keyspace::Services, "sns/subscriptions");
/// `{topic}/{message id}`, while there are jobs for it.
pub(crate) const MESSAGES: Table = Table::new(Keyspace::Services, "sns/messages");
/// `{topic}/{number}/{subscription id}`
pub(crate) const OUTBOX: Table = Table::new(Keyspace::Services, "sns/outbox");
/// `{account}/{number}`: an address belongs to no region.
pub(crate) const INBOX: Table = Table::new(Keyspace::Services, "sns/inbox");
/// `{topic}/{deduplication id}`, of FIFO topics.
pub(crate) const SENT: Table = Table::new(Keyspace::Services, "sns/sent");

/// Rows read at a time.
pub(crate) const PAGE: usize = 256;

pub(crate) fn get<T: DeserializeOwned>(
    store: &Store,
    table: Table,
    key: &str,
) -> Result<Option<T>, ApiError> {
    let row = store
        .get(table, key.as_bytes())
        .map_err(|error| stored(&error))?;
    row.map(|row| read(&row)).transpose()
}

/// Up to `limit` rows whose key begins with a prefix, after a key if one is given.
pub(crate) fn some_rows<T: DeserializeOwned>(
    store: &Store,
    table: Table,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<(String, T)>, ApiError> {
    let end = store::after_prefix(prefix.as_bytes());
    let end = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let from = match after {
        Some(after) => Bound::Excluded(after.as_bytes()),
        None => Bound::Included(prefix.as_bytes()),
    };
    let rows = store
        .range(table, from, end, Order::Ascending, limit)
        .map_err(|error| stored(&error))?;
    rows.iter()
        .map(|(key, row)| Ok((text_of(key), read(row)?)))
        .collect()
}

/// All rows whose key begins with a prefix, in the order of the keys.
pub(crate) fn all_rows<T: DeserializeOwned>(
    store: &Store,
    table: Table,
    prefix: &str,
) -> Result<Vec<(String, T)>, ApiError> {
    let mut all: Vec<(String, T)> = Vec::new();
    loop {
        let after = all.last().map(|(key, _)| key.clone());
        let rows = some_rows(store, table, prefix, after.as_deref(), PAGE)?;
        let is_last = rows.len() < PAGE;
        all.extend(rows);
        if is_last {
            return Ok(all);
        }
    }
}

pub(crate) fn text_of(key: &Bytes) -> String {
    String::from_utf8_lossy(key).into_owned()
}

pub(crate) fn put(batch: &mut Batch, table: Table, key: &str, row: &impl Serialize) {
    let row = serde_json::to_vec(row).expect("rows are plain data");
    batch.put(table, key.as_bytes(), row);
}

pub(crate) async fn commit(store: &Store, batch: Batch) -> Result<(), ApiError> {
    store.commit(batch).await.map_err(|error| stored(&error))?;
    Ok(())
}

pub(crate) fn read<T: DeserializeOwned>(row: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(row).map_err(|error| unreadable(&error))
}
