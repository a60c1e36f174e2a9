/// The few physical keyspaces; tables share them by key prefix, since each one opened costs start-up time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Keyspace {
    /// Executions' state: small rows, overwritten often.
    State,
    /// History events: appended, never overwritten.
    History,
    /// What the services store: roles, functions, collections, buckets …
    Services,
    /// The store's own: format version, lsn, lease.
    Meta,
}

impl Keyspace {
    /// All of them, in a fixed order.
    pub const ALL: [Self; 4] = [Self::State, Self::History, Self::Services, Self::Meta];
}

/// A named group of rows in a keyspace. Names are part of the disk format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    keyspace: Keyspace,
    name: &'static str,
}

impl Table {
    /// A table; its name must not contain a NUL, and no two tables share one.
    pub const fn new(keyspace: Keyspace, name: &'static str) -> Self {
        Self { keyspace, name }
    }

    /// Where its rows live.
    pub fn keyspace(self) -> Keyspace {
        self.keyspace
    }

    pub(crate) fn key(self, key: &[u8]) -> Vec<u8> {
        let mut whole = Vec::with_capacity(self.name.len() + 1 + key.len());
        whole.extend_from_slice(self.name.as_bytes());
        whole.push(0);
        whole.extend_from_slice(key);
        whole
    }

    /// The first key after the table's last.
    pub(crate) fn end(self) -> Vec<u8> {
        let mut end = self.name.as_bytes().to_vec();
        end.push(1);
        end
    }
}

/// The least key that is greater than every key with this prefix; none if the prefix is all `0xff`.
pub fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let keep = prefix.iter().rposition(|byte| *byte != 0xff)?;
    let mut end = prefix.get(..=keep)?.to_vec();
    *end.last_mut()? += 1;
    Some(end)
}
