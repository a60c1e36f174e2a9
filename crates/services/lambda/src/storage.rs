//! Functions, versions, aliases and waiting events as rows; keys begin with account and region.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, RwLock};

use aws::ApiError;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::{Batch, Keyspace, Order, Store, Table};

use crate::code::CodeStore;
use crate::error;
use crate::host::Work;
use crate::model::{Function, Layer};
use crate::names::{FunctionRef, LATEST};

const FUNCTIONS: Table = Table::new(Keyspace::Services, "lambda/functions");
const ALIASES: Table = Table::new(Keyspace::Services, "lambda/aliases");
const LAYERS: Table = Table::new(Keyspace::Services, "lambda/layers");
/// The last number that a layer's version had; numbers of deleted versions do not come again.
const LAYER_NUMBERS: Table = Table::new(Keyspace::Services, "lambda/layer-numbers");
const EVENTS: Table = Table::new(Keyspace::Services, "lambda/events");

/// Rows read at a time.
const PAGE: usize = 256;
/// Events hold payloads of up to 1 MB: fewer at a time.
const EVENT_PAGE: usize = 16;

/// `{account}/{region}/{name}/{version}`, versions by number with `$LATEST` before them.
pub(crate) fn function_key(account: &str, region: &str, name: &str, version: &str) -> String {
    if version == LATEST {
        format!("{account}/{region}/{name}/{LATEST}")
    } else {
        format!("{account}/{region}/{name}/{version:0>20}")
    }
}

/// A name for a version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Alias {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) revision_id: String,
}

/// An event that was accepted and has not been delivered yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredEvent {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) invoked_arn: String,
    pub(crate) request_id: String,
    pub(crate) client_context: Option<String>,
    /// JSON text.
    pub(crate) payload: String,
    pub(crate) accepted_milliseconds: i64,
    /// How many deliveries have failed.
    pub(crate) failures: u32,
    /// Not before then.
    pub(crate) due_milliseconds: i64,
}

pub(crate) struct Functions {
    store: Store,
    code: Arc<CodeStore>,
    known: RwLock<Known>,
    /// One change at a time: a change reads, judges and writes.
    pub(crate) changing: tokio::sync::Mutex<()>,
}

/// What has been read or written. All writes come through here, so that it never lies.
#[derive(Default)]
struct Known {
    works: BTreeMap<String, Arc<Work>>,
    /// Counts commits of functions: what was read before one may be gone after it.
    commits: u64,
}

impl Functions {
    pub(crate) fn new(store: Store, code: Arc<CodeStore>) -> Self {
        Self {
            store,
            code,
            known: RwLock::default(),
            changing: tokio::sync::Mutex::new(()),
        }
    }

    /// The version that a reference means: through an alias, by number, or `$LATEST`.
    pub(crate) fn find(&self, reference: &FunctionRef) -> Result<Arc<Work>, ApiError> {
        let FunctionRef {
            account,
            region,
            name,
            qualifier,
        } = reference;
        let version = match qualifier.as_deref() {
            None | Some(LATEST) => LATEST.to_owned(),
            Some(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => number.to_owned(),
            Some(alias) => {
                self.alias(account, region, name, alias)?
                    .ok_or_else(|| reference.not_found())?
                    .version
            }
        };
        self.get(account, region, name, &version)?
            .ok_or_else(|| reference.not_found())
    }

    pub(crate) fn get(
        &self,
        account: &str,
        region: &str,
        name: &str,
        version: &str,
    ) -> Result<Option<Arc<Work>>, ApiError> {
        let key = function_key(account, region, name, version);
        loop {
            let commits = {
                let known = self.known.read().expect("no holder of this lock panics");
                if let Some(work) = known.works.get(&key) {
                    return Ok(Some(Arc::clone(work)));
                }
                known.commits
            };
            let Some(function) = self.read(&key)? else {
                return Ok(None);
            };
            if let Some(work) = self.remember(&key, function, commits) {
                return Ok(Some(work));
            }
        }
    }

    fn read(&self, key: &str) -> Result<Option<Function>, ApiError> {
        let row = self
            .store
            .get(FUNCTIONS, key.as_bytes())
            .map_err(error::store)?;
        row.map(|row| decode(&row)).transpose()
    }

    /// Keeps what was read, unless something was committed since there had been this many commits: a function deleted
    /// meanwhile must not come back.
    fn remember(&self, key: &str, function: Function, commits: u64) -> Option<Arc<Work>> {
        let mut known = self.known.write().expect("no holder of this lock panics");
        if known.commits != commits {
            return None;
        }
        // Whoever read it first made the one that counts: processes belong to it.
        let work = known
            .works
            .entry(key.to_owned())
            .or_insert_with(|| Arc::new(Work::new(function, &self.code)));
        Some(Arc::clone(work))
    }

    /// All versions of all functions of an account in a region, or of one function.
    pub(crate) fn list(
        &self,
        account: &str,
        region: &str,
        name: Option<&str>,
    ) -> Result<Vec<Function>, ApiError> {
        let prefix = match name {
            Some(name) => format!("{account}/{region}/{name}/"),
            None => format!("{account}/{region}/"),
        };
        let rows = self.rows(FUNCTIONS, &prefix, PAGE)?;
        rows.iter().map(|(_, row)| decode(row)).collect()
    }

    /// The packages that any function or layer names.
    pub(crate) fn packages(&self) -> Result<BTreeSet<String>, ApiError> {
        let mut named = BTreeSet::new();
        self.each_row(FUNCTIONS, "", PAGE, |_, row| {
            let function: Function = decode(row)?;
            // A function keeps what it uses of a layer even when the layer's version is deleted.
            named.extend(function.layers.into_iter().map(|layer| layer.code_sha256));
            named.insert(function.code_sha256);
            Ok(())
        })?;
        self.each_row(LAYERS, "", PAGE, |_, row| {
            named.insert(decode::<Layer>(row)?.code_sha256);
            Ok(())
        })?;
        Ok(named)
    }

    pub(crate) fn layer(
        &self,
        account: &str,
        region: &str,
        name: &str,
        version: u64,
    ) -> Result<Option<Layer>, ApiError> {
        let key = layer_key(account, region, name, version);
        let row = self
            .store
            .get(LAYERS, key.as_bytes())
            .map_err(error::store)?;
        row.map(|row| decode(&row)).transpose()
    }

    /// Versions of one layer, or of all of a region, in order.
    pub(crate) fn layers(
        &self,
        account: &str,
        region: &str,
        name: Option<&str>,
    ) -> Result<Vec<Layer>, ApiError> {
        let prefix = match name {
            Some(name) => format!("{account}/{region}/{name}/"),
            None => format!("{account}/{region}/"),
        };
        let rows = self.rows(LAYERS, &prefix, PAGE)?;
        rows.iter().map(|(_, row)| decode(row)).collect()
    }

    /// Writes a layer's next version down; gives it its number.
    pub(crate) async fn put_layer(&self, mut layer: Layer) -> Result<Layer, ApiError> {
        let Layer {
            account,
            region,
            name,
            ..
        } = &layer;
        let counter = format!("{account}/{region}/{name}");
        let last = self
            .store
            .get(LAYER_NUMBERS, counter.as_bytes())
            .map_err(error::store)?;
        let last: u64 = last.map_or(Ok(0), |row| decode(&row))?;
        layer.version = last + 1;
        let key = layer_key(&layer.account, &layer.region, &layer.name, layer.version);
        let mut batch = Batch::default();
        batch.put(LAYERS, key.as_bytes(), encode(&layer)?);
        batch.put(LAYER_NUMBERS, counter.as_bytes(), encode(&layer.version)?);
        self.store.commit(batch).await.map_err(error::store)?;
        Ok(layer)
    }

    pub(crate) async fn delete_layer(&self, layer: &Layer) -> Result<(), ApiError> {
        let key = layer_key(&layer.account, &layer.region, &layer.name, layer.version);
        let mut batch = Batch::default();
        batch.delete(LAYERS, key.as_bytes());
        self.store.commit(batch).await.map_err(error::store)?;
        Ok(())
    }

    /// Writes versions of functions; gives what they replace, whose processes must go.
    pub(crate) async fn put(&self, functions: Vec<Function>) -> Result<Vec<Arc<Work>>, ApiError> {
        let mut batch = Batch::default();
        let mut written = Vec::new();
        for function in functions {
            let key = function_key(
                &function.account,
                &function.region,
                &function.name,
                &function.version,
            );
            batch.put(FUNCTIONS, key.as_bytes(), encode(&function)?);
            written.push((key, Work::new(function, &self.code)));
        }
        self.store.commit(batch).await.map_err(error::store)?;
        let mut known = self.known.write().expect("no holder of this lock panics");
        known.commits += 1;
        let known = &mut known.works;
        let mut replaced = Vec::new();
        for (key, work) in written {
            let Some(old) = known.get(&key).map(Arc::clone) else {
                known.insert(key, Arc::new(work));
                continue;
            };
            if old.function.generation == work.function.generation {
                known.insert(key, Arc::new(work.going_on_from(&old)));
            } else {
                known.insert(key, Arc::new(work));
                replaced.push(old);
            }
        }
        Ok(replaced)
    }

    /// Removes versions, and the function's aliases with `$LATEST`; gives what they were.
    pub(crate) async fn delete(&self, functions: &[Function]) -> Result<Vec<Arc<Work>>, ApiError> {
        let mut batch = Batch::default();
        let mut keys = Vec::new();
        for function in functions {
            let Function {
                account,
                region,
                name,
                version,
                ..
            } = function;
            let key = function_key(account, region, name, version);
            batch.delete(FUNCTIONS, key.as_bytes());
            keys.push(key);
            if version == LATEST {
                let prefix = format!("{account}/{region}/{name}/");
                for (key, _) in self.rows(ALIASES, &prefix, PAGE)? {
                    batch.delete(ALIASES, &key);
                }
            }
        }
        self.store.commit(batch).await.map_err(error::store)?;
        let mut known = self.known.write().expect("no holder of this lock panics");
        known.commits += 1;
        let known = &mut known.works;
        Ok(keys.iter().filter_map(|key| known.remove(key)).collect())
    }

    pub(crate) fn alias(
        &self,
        account: &str,
        region: &str,
        name: &str,
        alias: &str,
    ) -> Result<Option<Alias>, ApiError> {
        let key = format!("{account}/{region}/{name}/{alias}");
        let row = self
            .store
            .get(ALIASES, key.as_bytes())
            .map_err(error::store)?;
        row.map(|row| decode(&row)).transpose()
    }

    pub(crate) fn aliases(
        &self,
        account: &str,
        region: &str,
        name: &str,
    ) -> Result<Vec<Alias>, ApiError> {
        let prefix = format!("{account}/{region}/{name}/");
        let rows = self.rows(ALIASES, &prefix, PAGE)?;
        rows.iter().map(|(_, row)| decode(row)).collect()
    }

    pub(crate) async fn put_alias(
        &self,
        function: &FunctionRef,
        alias: &Alias,
    ) -> Result<(), ApiError> {
        let mut batch = Batch::default();
        batch.put(
            ALIASES,
            alias_key(function, &alias.name).as_bytes(),
            encode(alias)?,
        );
        self.store.commit(batch).await.map_err(error::store)?;
        Ok(())
    }

    pub(crate) async fn delete_alias(
        &self,
        function: &FunctionRef,
        alias: &str,
    ) -> Result<(), ApiError> {
        let mut batch = Batch::default();
        batch.delete(ALIASES, alias_key(function, alias).as_bytes());
        self.store.commit(batch).await.map_err(error::store)?;
        Ok(())
    }

    pub(crate) async fn put_event(&self, key: &str, event: &StoredEvent) -> Result<(), ApiError> {
        let mut batch = Batch::default();
        batch.put(EVENTS, key.as_bytes(), encode(event)?);
        self.store.commit(batch).await.map_err(error::store)?;
        Ok(())
    }

    pub(crate) fn event(&self, key: &str) -> Result<Option<StoredEvent>, ApiError> {
        let row = self
            .store
            .get(EVENTS, key.as_bytes())
            .map_err(error::store)?;
        row.map(|row| decode(&row)).transpose()
    }

    pub(crate) async fn delete_event(&self, key: &str) -> Result<(), ApiError> {
        let mut batch = Batch::default();
        batch.delete(EVENTS, key.as_bytes());
        self.store.commit(batch).await.map_err(error::store)?;
        Ok(())
    }

    /// Keys of all waiting events and when they are due.
    pub(crate) fn waiting_events(&self) -> Result<Vec<(String, i64)>, ApiError> {
        let mut all = Vec::new();
        self.each_row(EVENTS, "", EVENT_PAGE, |key, row| {
            let event: StoredEvent = decode(row)?;
            all.push((
                String::from_utf8_lossy(key).into_owned(),
                event.due_milliseconds,
            ));
            Ok(())
        })?;
        Ok(all)
    }

    fn rows(
        &self,
        table: Table,
        prefix: &str,
        page: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, ApiError> {
        let mut all = Vec::new();
        self.each_row(table, prefix, page, |key, row| {
            all.push((key.clone(), row.clone()));
            Ok(())
        })?;
        Ok(all)
    }

    fn each_row(
        &self,
        table: Table,
        prefix: &str,
        page: usize,
        mut take: impl FnMut(&Bytes, &Bytes) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        let mut after: Option<Bytes> = None;
        loop {
            let from = match &after {
                Some(key) => Bound::Excluded(&key[..]),
                None => Bound::Included(prefix.as_bytes()),
            };
            let rows = self
                .store
                .range(table, from, Bound::Unbounded, Order::Ascending, page)
                .map_err(error::store)?;
            for (key, row) in &rows {
                if !key.starts_with(prefix.as_bytes()) {
                    return Ok(());
                }
                take(key, row)?;
            }
            match rows.last() {
                Some((last, _)) if rows.len() == page => after = Some(last.clone()),
                _ => return Ok(()),
            }
        }
    }
}

fn layer_key(account: &str, region: &str, name: &str, version: u64) -> String {
    format!("{account}/{region}/{name}/{version:020}")
}

fn alias_key(function: &FunctionRef, alias: &str) -> String {
    let FunctionRef {
        account,
        region,
        name,
        ..
    } = function;
    format!("{account}/{region}/{name}/{alias}")
}

fn encode<T: Serialize>(row: &T) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(row).map_err(|why| error::service(&why))
}

fn decode<T: DeserializeOwned>(row: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(row).map_err(|why| error::service(&why))
}

#[cfg(test)]
impl Functions {
    /// A read of a function's row that a deletion overtakes; whether the function came back by it.
    pub(crate) async fn read_while_deleted(&self, function: Function) -> bool {
        let Function {
            account,
            region,
            name,
            version,
            ..
        } = &function;
        let key = function_key(account, region, name, version);
        let commits = self.known.read().expect("unpoisoned").commits;
        let read = self.read(&key).expect("readable").expect("it is there");
        self.delete(std::slice::from_ref(&function))
            .await
            .expect("it is deleted");
        self.remember(&key, read, commits).is_some()
            || self
                .get(account, region, name, version)
                .expect("readable")
                .is_some()
    }
}
