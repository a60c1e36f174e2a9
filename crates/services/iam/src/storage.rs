//! IAM's rows: principals and policies under their account, access keys under their id.

use aws::ApiError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Batch, Keyspace, Order, Store, Table};
use tokio::sync::{Mutex, MutexGuard};

use crate::error::stored;
use crate::model::{AccessKey, Kind, Policy, Principal};

const ROLES: Table = Table::new(Keyspace::Services, "iam/roles");
const USERS: Table = Table::new(Keyspace::Services, "iam/users");
const POLICIES: Table = Table::new(Keyspace::Services, "iam/policies");
const ACCESS_KEYS: Table = Table::new(Keyspace::Services, "iam/access-keys");

/// Enough for clients that create roles side by side to share commits.
const LOCKS: usize = 64;

/// The rows, and the locks that keep a read and the write that follows from it together.
pub(crate) struct Storage {
    store: Store,
    locks: [Mutex<()>; LOCKS],
}

/// What a change is about, for locking. Policies come after principals.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject<'a> {
    Principal(&'a str, Kind, &'a str),
    Policy(&'a str, &'a str),
}

/// Changes that become durable together.
#[derive(Default)]
pub(crate) struct Changes {
    batch: Batch,
}

impl Storage {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            locks: [const { Mutex::const_new(()) }; LOCKS],
        }
    }

    /// Keeps others from changing these until the guards go.
    pub(crate) async fn hold(&self, subjects: &[Subject<'_>]) -> Vec<MutexGuard<'_, ()>> {
        let mut slots: Vec<usize> = subjects.iter().map(Subject::slot).collect();
        // One order for all, so that no two wait for each other.
        slots.sort_unstable();
        slots.dedup();
        let mut guards = Vec::with_capacity(slots.len());
        for slot in slots {
            guards.push(self.locks[slot].lock().await);
        }
        guards
    }

    pub(crate) fn principal(
        &self,
        account: &str,
        kind: Kind,
        name: &str,
    ) -> Result<Option<Principal>, ApiError> {
        self.get(table(kind), &key(account, name))
    }

    pub(crate) fn principals(&self, account: &str, kind: Kind) -> Result<Vec<Principal>, ApiError> {
        self.all(table(kind), account)
    }

    pub(crate) fn policy(&self, account: &str, name: &str) -> Result<Option<Policy>, ApiError> {
        self.get(POLICIES, &key(account, name))
    }

    pub(crate) fn policies(&self, account: &str) -> Result<Vec<Policy>, ApiError> {
        self.all(POLICIES, account)
    }

    pub(crate) fn access_key(&self, id: &str) -> Result<Option<AccessKey>, ApiError> {
        self.get(ACCESS_KEYS, id.as_bytes())
    }

    /// Makes changes durable.
    pub(crate) async fn commit(&self, changes: Changes) -> Result<(), ApiError> {
        match self.store.commit(changes.batch).await {
            Ok(_) => Ok(()),
            Err(error) => Err(stored(&error)),
        }
    }

    fn get<T: DeserializeOwned>(&self, table: Table, key: &[u8]) -> Result<Option<T>, ApiError> {
        let row = self.store.get(table, key).map_err(|error| stored(&error))?;
        row.map(|row| read(&row)).transpose()
    }

    fn all<T: DeserializeOwned>(&self, table: Table, account: &str) -> Result<Vec<T>, ApiError> {
        let rows = self
            .store
            .prefix(table, &key(account, ""), Order::Ascending, usize::MAX)
            .map_err(|error| stored(&error))?;
        rows.iter().map(|(_, row)| read(row)).collect()
    }
}

impl Changes {
    pub(crate) fn put_principal(&mut self, account: &str, kind: Kind, principal: &Principal) {
        let key = key(account, &principal.name);
        self.batch.put(table(kind), &key, written(principal));
    }

    pub(crate) fn delete_principal(&mut self, account: &str, kind: Kind, name: &str) {
        self.batch.delete(table(kind), &key(account, name));
    }

    pub(crate) fn put_policy(&mut self, account: &str, policy: &Policy) {
        let key = key(account, &policy.name);
        self.batch.put(POLICIES, &key, written(policy));
    }

    pub(crate) fn delete_policy(&mut self, account: &str, name: &str) {
        self.batch.delete(POLICIES, &key(account, name));
    }

    pub(crate) fn put_access_key(&mut self, access_key: &AccessKey) {
        self.batch
            .put(ACCESS_KEYS, access_key.id.as_bytes(), written(access_key));
    }

    pub(crate) fn delete_access_key(&mut self, id: &str) {
        self.batch.delete(ACCESS_KEYS, id.as_bytes());
    }
}

impl Subject<'_> {
    fn slot(&self) -> usize {
        let (tag, account, name) = match *self {
            Self::Principal(account, Kind::Role, name) => (1, account, name),
            Self::Principal(account, Kind::User, name) => (2, account, name),
            Self::Policy(account, name) => (3, account, name),
        };
        // FNV-1a: any spread will do.
        let hash = key(account, name)
            .iter()
            .fold(tag ^ 0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
            });
        (hash % LOCKS as u64) as usize
    }
}

fn table(kind: Kind) -> Table {
    match kind {
        Kind::Role => ROLES,
        Kind::User => USERS,
    }
}

/// Names are told apart without regard to case.
fn key(account: &str, name: &str) -> Vec<u8> {
    format!("{account}/{}", name.to_lowercase()).into_bytes()
}

fn written(row: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(row).expect("rows are plain data")
}

fn read<T: DeserializeOwned>(row: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(row)
        .map_err(|error| ApiError::new("ServiceFailure", error.to_string()).with_status(500))
}
