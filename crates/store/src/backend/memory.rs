use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::RwLock;

use bytes::Bytes;

use crate::{Backend, Keyspace, Lsn, Order, StoreError, Write};

/// Rows in memory: the model that every other backend is tested against, and where EXPRESS executions live.
#[derive(Default)]
pub(crate) struct Memory {
    view: RwLock<View>,
}

#[derive(Default)]
struct View {
    lsn: Lsn,
    rows: HashMap<Keyspace, BTreeMap<Bytes, Bytes>>,
}

impl Backend for Memory {
    fn commit(&self, writes: &[Write]) -> Result<Lsn, StoreError> {
        let mut view = self.view.write().map_err(|_| StoreError::Poisoned)?;
        for write in writes {
            match write {
                Write::Put {
                    keyspace,
                    key,
                    value,
                } => {
                    view.rows
                        .entry(*keyspace)
                        .or_default()
                        .insert(key.clone(), value.clone());
                }
                Write::Delete { keyspace, key } => {
                    view.rows.entry(*keyspace).or_default().remove(key);
                }
            }
        }
        view.lsn.0 += 1;
        Ok(view.lsn)
    }

    fn get(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        let view = self.view.read().map_err(|_| StoreError::Poisoned)?;
        Ok(view
            .rows
            .get(&keyspace)
            .and_then(|rows| rows.get(key))
            .cloned())
    }

    fn range(
        &self,
        keyspace: Keyspace,
        from: Bound<Vec<u8>>,
        to: Bound<Vec<u8>>,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, StoreError> {
        if super::is_empty(&from, &to) {
            return Ok(Vec::new());
        }
        let view = self.view.read().map_err(|_| StoreError::Poisoned)?;
        let Some(rows) = view.rows.get(&keyspace) else {
            return Ok(Vec::new());
        };
        let found = rows.range::<[u8], _>((slice(&from), slice(&to)));
        let copy = |(key, value): (&Bytes, &Bytes)| (key.clone(), value.clone());
        Ok(match order {
            Order::Ascending => found.take(limit).map(copy).collect(),
            Order::Descending => found.rev().take(limit).map(copy).collect(),
        })
    }
}

fn slice(bound: &Bound<Vec<u8>>) -> Bound<&[u8]> {
    match bound {
        Bound::Included(key) => Bound::Included(key),
        Bound::Excluded(key) => Bound::Excluded(key),
        Bound::Unbounded => Bound::Unbounded,
    }
}
