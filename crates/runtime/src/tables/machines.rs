use std::sync::Arc;

use engine::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Batch, Keyspace, Order, Store, Table};

use super::{decode, encode};
use crate::{RuntimeError, StateMachineName};

/// Account, region, name, each ended by a NUL.
const MACHINES: Table = Table::new(Keyspace::State, "machines");
/// State machine id, number of the revision.
const REVISIONS: Table = Table::new(Keyspace::State, "machines/revisions");
/// State machine id, number of the version.
const VERSIONS: Table = Table::new(Keyspace::State, "machines/versions");
/// State machine id, name of the alias.
const ALIASES: Table = Table::new(Keyspace::State, "machines/aliases");

/// `StateMachineType`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are AWS's own")]
pub enum StateMachineType {
    #[default]
    Standard,
    Express,
}

/// A state machine as it is listed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StateMachineRecord {
    /// `stateMachineArn`
    pub arn: Arc<str>,
    /// `name`
    pub name: Arc<str>,
    /// Tells it from others that had or will have its ARN.
    pub(crate) id: [u8; 16],
    /// `type`
    pub kind: StateMachineType,
    /// `creationDate`
    pub created: Timestamp,
    /// The number of the revision in force.
    pub(crate) revision: u64,
    /// The number of the newest version, deleted ones included; versions are never numbered again.
    pub(crate) version: u64,
    /// Key and value, by key.
    pub tags: Vec<(String, String)>,
}

/// What an update replaces as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    pub(crate) number: u64,
    /// `revisionId`: none for the revision that creation made.
    pub id: Option<String>,
    /// `definition`, as it was sent.
    pub definition: Arc<str>,
    /// `roleArn`
    pub role_arn: Arc<str>,
    /// The configurations.
    pub settings: Settings,
    /// `updateDate`
    pub updated: Timestamp,
}

/// Configurations that the runtime keeps and gives back; none was not sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// `loggingConfiguration`
    pub logging: Option<serde_json::Value>,
    /// `tracingConfiguration`
    pub tracing: Option<serde_json::Value>,
    /// `encryptionConfiguration`
    pub encryption: Option<serde_json::Value>,
}

impl Settings {
    /// Whether execution logs are wanted.
    pub fn logs(&self) -> bool {
        let level = self
            .logging
            .as_ref()
            .and_then(|logging| logging["level"].as_str());
        level.is_some_and(|level| level != "OFF")
    }
}

/// A published version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// From 1.
    pub number: u64,
    /// Which revision it keeps.
    pub(crate) revision: u64,
    /// `description`
    pub description: Option<String>,
    /// `creationDate`
    pub created: Timestamp,
}

/// A name for one or two versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alias {
    /// `name`
    pub name: String,
    /// `description`
    pub description: Option<String>,
    /// Version numbers with their weights, which sum to 100.
    pub routes: Vec<(u64, u32)>,
    /// `creationDate`
    pub created: Timestamp,
    /// `updateDate`
    pub updated: Timestamp,
}

fn key(account: &str, region: &str, name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(account.len() + region.len() + name.len() + 3);
    for part in [account, region, name] {
        key.extend_from_slice(part.as_bytes());
        key.push(0);
    }
    key
}

pub(crate) fn get(
    store: &Store,
    name: &StateMachineName,
) -> Result<Option<StateMachineRecord>, RuntimeError> {
    store
        .get(MACHINES, &key(&name.account, &name.region, &name.name))?
        .map(|row| decode(&row, "state machine"))
        .transpose()
}

pub(crate) fn put(batch: &mut Batch, name: &StateMachineName, record: &StateMachineRecord) {
    batch.put(
        MACHINES,
        &key(&name.account, &name.region, &name.name),
        encode(record),
    );
}

pub(crate) fn delete(batch: &mut Batch, name: &StateMachineName) {
    batch.delete(MACHINES, &key(&name.account, &name.region, &name.name));
}

/// Up to `limit` state machines of an account and region behind the given name, by name.
pub(crate) fn list(
    store: &Store,
    account: &str,
    region: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<StateMachineRecord>, RuntimeError> {
    let prefix = [account.as_bytes(), &[0], region.as_bytes(), &[0]].concat();
    let rows = match after {
        None => store.prefix(MACHINES, &prefix, Order::Ascending, limit)?,
        Some(name) => {
            let end = store::after_prefix(&prefix).ok_or(RuntimeError::InvalidToken)?;
            store.range(
                MACHINES,
                std::ops::Bound::Excluded(&key(account, region, name)),
                std::ops::Bound::Excluded(&end),
                Order::Ascending,
                limit,
            )?
        }
    };
    rows.iter()
        .map(|(_, row)| decode(row, "state machine"))
        .collect()
}

fn numbered(machine: &[u8; 16], number: u64) -> Vec<u8> {
    [&machine[..], &number.to_be_bytes()].concat()
}

pub(crate) fn put_revision(batch: &mut Batch, machine: &[u8; 16], revision: &Revision) {
    batch.put(
        REVISIONS,
        &numbered(machine, revision.number),
        encode(revision),
    );
}

pub(crate) fn revision(
    store: &Store,
    machine: &[u8; 16],
    number: u64,
) -> Result<Option<Revision>, RuntimeError> {
    store
        .get(REVISIONS, &numbered(machine, number))?
        .map(|row| decode(&row, "state machine's revision"))
        .transpose()
}

pub(crate) fn put_version(batch: &mut Batch, machine: &[u8; 16], version: &Version) {
    batch.put(
        VERSIONS,
        &numbered(machine, version.number),
        encode(version),
    );
}

pub(crate) fn delete_version(batch: &mut Batch, machine: &[u8; 16], number: u64) {
    batch.delete(VERSIONS, &numbered(machine, number));
}

pub(crate) fn version(
    store: &Store,
    machine: &[u8; 16],
    number: u64,
) -> Result<Option<Version>, RuntimeError> {
    store
        .get(VERSIONS, &numbered(machine, number))?
        .map(|row| decode(&row, "state machine's version"))
        .transpose()
}

/// Up to `limit` versions with a number below `before`, newest first.
pub(crate) fn versions(
    store: &Store,
    machine: &[u8; 16],
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<Version>, RuntimeError> {
    let rows = store.range(
        VERSIONS,
        std::ops::Bound::Included(&numbered(machine, 0)),
        std::ops::Bound::Excluded(&numbered(machine, before.unwrap_or(u64::MAX))),
        Order::Descending,
        limit,
    )?;
    rows.iter()
        .map(|(_, row)| decode(row, "state machine's version"))
        .collect()
}

pub(crate) fn put_alias(batch: &mut Batch, machine: &[u8; 16], alias: &Alias) {
    batch.put(
        ALIASES,
        &[&machine[..], alias.name.as_bytes()].concat(),
        encode(alias),
    );
}

pub(crate) fn delete_alias(batch: &mut Batch, machine: &[u8; 16], name: &str) {
    batch.delete(ALIASES, &[&machine[..], name.as_bytes()].concat());
}

pub(crate) fn alias(
    store: &Store,
    machine: &[u8; 16],
    name: &str,
) -> Result<Option<Alias>, RuntimeError> {
    store
        .get(ALIASES, &[&machine[..], name.as_bytes()].concat())?
        .map(|row| decode(&row, "state machine's alias"))
        .transpose()
}

/// All aliases of a state machine: there are a hundred at most.
pub(crate) fn aliases(store: &Store, machine: &[u8; 16]) -> Result<Vec<Alias>, RuntimeError> {
    let rows = store.prefix(ALIASES, machine, Order::Ascending, ALIASES_MAX)?;
    rows.iter()
        .map(|(_, row)| decode(row, "state machine's alias"))
        .collect()
}

/// Aliases of one state machine.
pub(crate) const ALIASES_MAX: usize = 100;

/// Versions of one state machine.
pub(crate) const VERSIONS_MAX: usize = 1000;
