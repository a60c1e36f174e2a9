use std::sync::Arc;

use engine::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Batch, Keyspace, Order, Store, Table};

use super::{decode, encode};
use crate::RuntimeError;
use crate::activities::ActivityName;

/// Account, region, name, each ended by a NUL.
const ACTIVITIES: Table = Table::new(Keyspace::State, "activities");

/// An activity: a queue of tasks that workers elsewhere take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// `activityArn`
    pub arn: Arc<str>,
    /// `name`
    pub name: Arc<str>,
    /// `creationDate`
    pub created: Timestamp,
    /// Key and value, by key.
    pub tags: Vec<(String, String)>,
    /// `encryptionConfiguration`, where the call set it.
    #[serde(default)]
    pub encryption: Option<serde_json::Value>,
}

fn key(account: &str, region: &str, name: &str) -> Vec<u8> {
    [account, "\0", region, "\0", name, "\0"]
        .concat()
        .into_bytes()
}

pub(crate) fn get(store: &Store, name: &ActivityName) -> Result<Option<Activity>, RuntimeError> {
    store
        .get(ACTIVITIES, &key(&name.account, &name.region, &name.name))?
        .map(|row| decode(&row, "activity"))
        .transpose()
}

pub(crate) fn put(batch: &mut Batch, name: &ActivityName, activity: &Activity) {
    batch.put(
        ACTIVITIES,
        &key(&name.account, &name.region, &name.name),
        encode(activity),
    );
}

pub(crate) fn delete(batch: &mut Batch, name: &ActivityName) {
    batch.delete(ACTIVITIES, &key(&name.account, &name.region, &name.name));
}

/// Up to `limit` activities of an account and region behind the given name, by name.
pub(crate) fn list(
    store: &Store,
    account: &str,
    region: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Activity>, RuntimeError> {
    let prefix = [account, "\0", region, "\0"].concat().into_bytes();
    let rows = match after {
        None => store.prefix(ACTIVITIES, &prefix, Order::Ascending, limit)?,
        Some(name) => {
            let end = store::after_prefix(&prefix).ok_or(RuntimeError::InvalidToken)?;
            let (from, to) = (key(account, region, name), end);
            let (from, to) = (
                std::ops::Bound::Excluded(&from[..]),
                std::ops::Bound::Excluded(&to[..]),
            );
            store.range(ACTIVITIES, from, to, Order::Ascending, limit)?
        }
    };
    rows.iter()
        .map(|(_, row)| decode(row, "activity"))
        .collect()
}
