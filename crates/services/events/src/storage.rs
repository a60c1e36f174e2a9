//! EventBridge's rows: buses, rules, targets, connections and API destinations under their account, region and name.
//! Events on their way have theirs in `outbox`.

use std::collections::HashMap;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock};

use aws::ApiError;
use store::{Batch, Order, Store, Table};
use tokio::sync::{Mutex, MutexGuard};

use crate::error::{internal, stored};
use crate::model::{Row, Rule, Target, Zone, rule_name};
use crate::pattern::Pattern;

/// Enough for accounts and regions not to wait for each other.
const LOCKS: usize = 16;
/// Rows read at a time.
const PAGE: usize = 256;

/// The rows, and the locks that keep a read and the write that follows from it together.
pub(crate) struct Storage {
    pub(crate) store: Store,
    locks: [Mutex<()>; LOCKS],
    /// The rules of buses that events have come to, ready to be matched.
    live: RwLock<HashMap<(Zone, String), Live>>,
}

/// Rules that have a pattern and targets, and are enabled.
pub(crate) type Live = Arc<Vec<LiveRule>>;

pub(crate) struct LiveRule {
    pub(crate) rule: Rule,
    pub(crate) pattern: Pattern,
    pub(crate) targets: Vec<Target>,
}

/// Changes that become durable together.
#[derive(Default)]
pub(crate) struct Changes {
    pub(crate) batch: Batch,
}

impl Changes {
    pub(crate) fn put<R: Row>(&mut self, zone: &Zone, row: &R) {
        let value = serde_json::to_vec(row).expect("rows are plain data");
        self.batch
            .put(R::TABLE, zone.key(&row.name()).as_bytes(), value);
    }

    pub(crate) fn delete<R: Row>(&mut self, zone: &Zone, name: &str) {
        self.batch.delete(R::TABLE, zone.key(name).as_bytes());
    }
}

impl Storage {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            locks: [const { Mutex::const_new(()) }; LOCKS],
            live: RwLock::default(),
        }
    }

    /// Keeps others from changing what is in a zone until the guard goes.
    pub(crate) async fn hold(&self, zone: &Zone) -> MutexGuard<'_, ()> {
        // FNV-1a: any spread will do.
        let hash = zone
            .key("")
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        self.locks[(hash % LOCKS as u64) as usize].lock().await
    }

    pub(crate) fn get<R: Row>(&self, zone: &Zone, name: &str) -> Result<Option<R>, ApiError> {
        let row = self.store.get(R::TABLE, zone.key(name).as_bytes());
        row.map_err(stored)?.map(|row| read(&row)).transpose()
    }

    /// The rows of a zone whose name begins with `prefix`, by name.
    pub(crate) fn list<R: Row>(&self, zone: &Zone, prefix: &str) -> Result<Vec<R>, ApiError> {
        let mut all = Vec::new();
        self.each(R::TABLE, &zone.key(prefix), |_, row| {
            all.push(read(row)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// The rows of all zones.
    pub(crate) fn all<R: Row>(&self) -> Result<Vec<(Zone, R)>, ApiError> {
        let mut all = Vec::new();
        self.each(R::TABLE, "", |key, row| {
            all.push((zone_of(key)?, read(row)?));
            Ok(())
        })?;
        Ok(all)
    }

    /// Rows whose key begins with `prefix`, read a page at a time.
    pub(crate) fn each(
        &self,
        table: Table,
        prefix: &str,
        mut take: impl FnMut(&str, &[u8]) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        let end = store::after_prefix(prefix.as_bytes());
        let mut after: Option<bytes::Bytes> = None;
        loop {
            let from = match &after {
                Some(after) => Bound::Excluded(&after[..]),
                None => Bound::Included(prefix.as_bytes()),
            };
            let to = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
            let rows = self
                .store
                .range(table, from, to, Order::Ascending, PAGE)
                .map_err(stored)?;
            for (key, row) in &rows {
                take(
                    std::str::from_utf8(key).map_err(|error| internal(&error))?,
                    row,
                )?;
            }
            match rows.last() {
                Some((last, _)) if rows.len() == PAGE => after = Some(last.clone()),
                _ => return Ok(()),
            }
        }
    }

    pub(crate) async fn commit(&self, changes: Changes) -> Result<(), ApiError> {
        self.store
            .commit(changes.batch)
            .await
            .map(|_| ())
            .map_err(stored)
    }

    /// The same for what decides where a bus's events go.
    pub(crate) async fn commit_rules(
        &self,
        zone: &Zone,
        bus: &str,
        changes: Changes,
    ) -> Result<(), ApiError> {
        self.commit(changes).await?;
        let mut live = self.live.write().unwrap_or_else(PoisonError::into_inner);
        live.remove(&(zone.clone(), bus.to_owned()));
        Ok(())
    }

    /// The rules that a bus's events are matched with.
    pub(crate) fn live(&self, zone: &Zone, bus: &str) -> Result<Live, ApiError> {
        let key = (zone.clone(), bus.to_owned());
        let known = self.live.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(live) = known.get(&key) {
            return Ok(Arc::clone(live));
        }
        drop(known);
        // Read under the lock: what a change commits meanwhile is forgotten after this is known.
        let mut known = self.live.write().unwrap_or_else(PoisonError::into_inner);
        let mut rules = Vec::new();
        for rule in self.list::<Rule>(zone, &format!("{bus}/"))? {
            if let (true, Some(pattern)) = (rule.is_enabled(), rule.parsed_pattern()) {
                let targets = self.targets(zone, &rule)?;
                rules.push(LiveRule {
                    rule,
                    pattern,
                    targets,
                });
            }
        }
        rules.retain(|rule| !rule.targets.is_empty());
        let live: Live = Arc::new(rules);
        known.insert(key, Arc::clone(&live));
        Ok(live)
    }

    pub(crate) fn targets(&self, zone: &Zone, rule: &Rule) -> Result<Vec<Target>, ApiError> {
        self.list(zone, &format!("{}/", rule_name(&rule.bus, &rule.name)))
    }
}

/// The zone of a key.
pub(crate) fn zone_of(key: &str) -> Result<Zone, ApiError> {
    let mut parts = key.splitn(3, '/').map(str::to_owned);
    match (parts.next(), parts.next()) {
        (Some(account), Some(region)) => Ok(Zone { account, region }),
        _ => Err(internal(&"a key has no account and region")),
    }
}

pub(crate) fn read<T: serde::de::DeserializeOwned>(row: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(row).map_err(|error| internal(&error))
}
