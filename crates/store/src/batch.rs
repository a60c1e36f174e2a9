use bytes::Bytes;

use crate::{Keyspace, Table};

/// One write to the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    Put {
        keyspace: Keyspace,
        key: Bytes,
        value: Bytes,
    },
    Delete {
        keyspace: Keyspace,
        key: Bytes,
    },
}

/// Writes that become durable together or not at all; later writes to a key win.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pub(crate) writes: Vec<Write>,
}

impl Batch {
    /// Sets a row.
    pub fn put(&mut self, table: Table, key: &[u8], value: impl Into<Bytes>) {
        self.writes.push(Write::Put {
            keyspace: table.keyspace(),
            key: table.key(key).into(),
            value: value.into(),
        });
    }

    /// Removes a row; nothing happens if it is not there.
    pub fn delete(&mut self, table: Table, key: &[u8]) {
        self.writes.push(Write::Delete {
            keyspace: table.keyspace(),
            key: table.key(key).into(),
        });
    }

    /// Adds another batch's writes after these.
    pub fn append(&mut self, mut other: Self) {
        self.writes.append(&mut other.writes);
    }

    /// The writes in their order, in batches of at most so many.
    pub fn split(mut self, most: usize) -> Vec<Self> {
        let mut parts = Vec::new();
        while self.writes.len() > most {
            let rest = self.writes.split_off(most);
            parts.push(std::mem::replace(&mut self, Self { writes: rest }));
        }
        parts.push(self);
        parts
    }

    /// About how much room the writes take.
    pub fn bytes(&self) -> usize {
        self.writes
            .iter()
            .map(|write| match write {
                Write::Put { key, value, .. } => key.len() + value.len(),
                Write::Delete { key, .. } => key.len(),
            })
            .sum()
    }

    /// How many writes there are.
    pub fn len(&self) -> usize {
        self.writes.len()
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_split_in_order_and_wholly() {
        const ROWS: Table = Table::new(Keyspace::State, "rows");
        for (rows, parts) in [(0, vec![0]), (4, vec![4]), (5, vec![4, 1]), (8, vec![4, 4])] {
            let mut batch = Batch::default();
            for row in 0..rows {
                batch.delete(ROWS, &[row]);
            }
            let split = batch.clone().split(4);
            assert_eq!(split.iter().map(Batch::len).collect::<Vec<_>>(), parts);
            let mut together = Batch::default();
            for part in split {
                together.append(part);
            }
            assert_eq!(together, batch);
        }
    }
}
