//! The rows: queues, what their messages say and where they stand, what was sent lately, moves of messages.

use std::ops::Bound;

use aws::ApiError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Batch, Keyspace, Order, Store, Table};

use crate::error::{stored, unreadable};
use crate::index::{Seq, Standing};
use crate::message::Message;
use crate::name::QueueName;

/// `{account}/{region}/{name}`
pub(crate) const QUEUES: Table = Table::new(Keyspace::Services, "sqs/queues");
/// `{queue}/{seq}`: what a message says; written once.
const MESSAGES: Table = Table::new(Keyspace::Services, "sqs/messages");
/// `{queue}/{seq}`: where it stands; a small row, written at each receive.
const STANDINGS: Table = Table::new(Keyspace::Services, "sqs/standings");
/// `{queue}/{deduplication id}`, of FIFO queues.
pub(crate) const SENT: Table = Table::new(Keyspace::Services, "sqs/sent");
/// `{queue}/{started}-{id}`, by the queue that messages are moved from.
pub(crate) const MOVES: Table = Table::new(Keyspace::Services, "sqs/moves");

/// Rows read or removed at a time.
pub(crate) const PAGE: usize = 1000;

fn message_key(queue: &QueueName, seq: Seq) -> String {
    format!("{queue}/{:020}", seq.0)
}

pub(crate) fn put_message(
    batch: &mut Batch,
    queue: &QueueName,
    seq: Seq,
    message: &Message,
    standing: &Standing,
) {
    let key = message_key(queue, seq);
    batch.put(MESSAGES, key.as_bytes(), written(message));
    batch.put(STANDINGS, key.as_bytes(), written(standing));
}

pub(crate) fn put_standing(batch: &mut Batch, queue: &QueueName, seq: Seq, standing: &Standing) {
    let key = message_key(queue, seq);
    batch.put(STANDINGS, key.as_bytes(), written(standing));
}

pub(crate) fn delete_message(batch: &mut Batch, queue: &QueueName, seq: Seq) {
    let key = message_key(queue, seq);
    batch.delete(MESSAGES, key.as_bytes());
    batch.delete(STANDINGS, key.as_bytes());
}

pub(crate) fn message(
    store: &Store,
    queue: &QueueName,
    seq: Seq,
) -> Result<Option<Message>, ApiError> {
    let key = message_key(queue, seq);
    let row = store
        .get(MESSAGES, key.as_bytes())
        .map_err(|error| stored(&error))?;
    row.map(|row| read(&row)).transpose()
}

/// Where all messages of a queue stand, in order.
pub(crate) fn standings(
    store: &Store,
    queue: &QueueName,
) -> Result<Vec<(Seq, Standing)>, ApiError> {
    rows(store, STANDINGS, &format!("{queue}/"), PAGE)?
        .iter()
        .map(|(key, row)| Ok((Seq(number_at_end(key)), read(row)?)))
        .collect()
}

fn number_at_end(key: &str) -> u64 {
    key.rsplit('/')
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

/// Removes all that a queue holds, page by page.
pub(crate) async fn delete_all(store: &Store, queue: &QueueName) -> Result<(), ApiError> {
    let prefix = format!("{queue}/");
    for table in [STANDINGS, SENT, MOVES] {
        loop {
            let rows = store
                .prefix(table, prefix.as_bytes(), Order::Ascending, PAGE)
                .map_err(|error| stored(&error))?;
            if rows.is_empty() {
                break;
            }
            let mut batch = Batch::default();
            for (key, _) in rows {
                if table == STANDINGS {
                    batch.delete(MESSAGES, &key);
                }
                batch.delete(table, &key);
            }
            commit(store, batch).await?;
        }
    }
    Ok(())
}

/// All rows whose key begins with a prefix, read `page` at a time.
pub(crate) fn rows(
    store: &Store,
    table: Table,
    prefix: &str,
    page: usize,
) -> Result<Vec<(String, bytes::Bytes)>, ApiError> {
    let end = store::after_prefix(prefix.as_bytes());
    let end = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let mut all: Vec<(String, bytes::Bytes)> = Vec::new();
    loop {
        let from = match all.last() {
            Some((last, _)) => Bound::Excluded(last.as_bytes()),
            None => Bound::Included(prefix.as_bytes()),
        };
        let rows = store
            .range(table, from, end, Order::Ascending, page)
            .map_err(|error| stored(&error))?;
        let is_last = rows.len() < page;
        all.extend(
            rows.into_iter()
                .map(|(key, row)| (String::from_utf8_lossy(&key).into_owned(), row)),
        );
        if is_last {
            return Ok(all);
        }
    }
}

pub(crate) async fn commit(store: &Store, batch: Batch) -> Result<(), ApiError> {
    store.commit(batch).await.map_err(|error| stored(&error))?;
    Ok(())
}

pub(crate) fn written(row: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(row).expect("rows are plain data")
}

pub(crate) fn read<T: DeserializeOwned>(row: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(row).map_err(|error| unreadable(&error))
}
