use std::collections::BTreeMap;

use asl::{Payload, Variable};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::execution::{Core, Frame, FrameId, Slot, Unsaved};
use crate::{Execution, Limits};

/// The form in which executions are written. The rows are JSON behind this byte, so that a field may be added with a
/// default; what cannot be told so takes the next number, and the old ones stay readable.
const VERSION: u8 = 1;

const SEED: u8 = b's';
const FRAME: u8 = b'f';
const DATA: u8 = b'd';
const INPUT: u8 = 0;
const ITEMS: u8 = 1;
const RESULT: u8 = 2;
const VARIABLE: u8 = 3;

/// The name of a row, unique in its execution.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey(pub Vec<u8>);

/// What must reach the disk for the execution to be what it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The execution's own small row, if it changed.
    pub head: Option<Vec<u8>>,
    /// Rows that are new or changed, and those that are gone; a row may go that never was.
    pub rows: Vec<(RowKey, Option<Vec<u8>>)>,
}

/// Why rows are no execution.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// Written by a newer release.
    #[error(
        "the execution was written in version {0} of its form, which this release does not know"
    )]
    Version(u8),
    /// Not what was written.
    #[error("the execution's rows are damaged: {0}")]
    Corrupt(&'static str),
}

impl Execution {
    /// What changed since the last call.
    pub fn take_changes(&mut self) -> Changes {
        let unsaved = std::mem::replace(
            &mut self.unsaved,
            Unsaved {
                last_saved_frame: self.head.last_frame,
                ..Unsaved::default()
            },
        );
        let mut rows = Vec::new();
        if unsaved.seed {
            rows.push((RowKey(vec![SEED]), Some(encode(&self.seed))));
        }
        let was_saved = |id: FrameId| id.0 <= unsaved.last_saved_frame;
        for id in &unsaved.frames {
            let row = self.frames.get(id).map(|frame| encode(&frame.core));
            if row.is_some() || was_saved(*id) {
                rows.push((frame_key(*id), row));
            }
        }
        for (id, slot) in &unsaved.data {
            let row = self
                .frames
                .get(id)
                .and_then(|frame| frame.slot(slot))
                .map(|payload| payload.text().as_bytes().to_vec());
            if row.is_some() || was_saved(*id) {
                rows.push((data_key(*id, slot), row));
            }
        }
        Changes {
            head: unsaved.head.then(|| encode(&self.head)),
            rows,
        }
    }

    /// The execution whose changes were written as `head` and `rows`; a row may come in any order, and the limits may
    /// be others than it had.
    ///
    /// # Errors
    /// If the rows are not those of an execution, or of a version that this one does not know.
    pub fn restore(
        head: &[u8],
        rows: impl Iterator<Item = (Vec<u8>, Vec<u8>)>,
        limits: Limits,
    ) -> Result<Self, ImageError> {
        let head: crate::execution::Head = decode(head)?;
        let mut seed = None;
        let mut cores: BTreeMap<FrameId, Core> = BTreeMap::new();
        let mut data: BTreeMap<FrameId, Vec<(Slot, Payload)>> = BTreeMap::new();
        for (key, row) in rows {
            match key.split_first() {
                Some((&SEED, [])) => seed = Some(decode(&row)?),
                Some((&FRAME, id)) => {
                    cores.insert(frame_id(id)?, decode(&row)?);
                }
                Some((&DATA, rest)) => {
                    let (id, slot) = rest
                        .split_at_checked(8)
                        .ok_or(ImageError::Corrupt("a key of data is too short"))?;
                    data.entry(frame_id(id)?)
                        .or_default()
                        .push((parse_slot(slot)?, parse_payload(row)?));
                }
                Some(_) | None => return Err(ImageError::Corrupt("a key of no known kind")),
            }
        }
        let mut frames = BTreeMap::new();
        for (id, core) in cores {
            // INVARIANT: a frame is younger than the one around it, so that to go outwards comes to an end.
            if core
                .parent
                .is_some_and(|parent| parent >= id || !frames.contains_key(&parent))
            {
                return Err(ImageError::Corrupt("a frame has no frame around it"));
            }
            frames.insert(id, frame(core, data.remove(&id).unwrap_or_default())?);
        }
        let unsaved = Unsaved {
            last_saved_frame: head.last_frame,
            ..Unsaved::default()
        };
        let seed = seed.ok_or(ImageError::Corrupt("the first row is missing"))?;
        Ok(Self::assemble(seed, limits, head, frames, unsaved))
    }
}

impl Frame {
    fn slot(&self, slot: &Slot) -> Option<&Payload> {
        match slot {
            Slot::Input => Some(&self.input),
            Slot::Items => self.items.as_ref(),
            Slot::Result(index) => self.results.get(index),
            Slot::Variable(variable) => self.variables.get(variable),
        }
    }
}

fn frame(core: Core, data: Vec<(Slot, Payload)>) -> Result<Frame, ImageError> {
    let mut input = None;
    let mut items = None;
    let mut results = BTreeMap::new();
    let mut variables = BTreeMap::new();
    for (slot, payload) in data {
        match slot {
            Slot::Input => input = Some(payload),
            Slot::Items => items = Some(payload),
            Slot::Result(index) => {
                results.insert(index, payload);
            }
            Slot::Variable(variable) => {
                variables.insert(variable, payload);
            }
        }
    }
    Ok(Frame {
        core,
        input: input.ok_or(ImageError::Corrupt("the input of a frame is missing"))?,
        items,
        results,
        variables,
    })
}

fn encode(row: &impl Serialize) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    // Numbers, texts and our own derived types, written to memory: nothing of it can fail. If it did, the row would be
    // refused by `decode` rather than read as something else.
    if serde_json::to_writer(&mut bytes, row).is_err() {
        bytes.truncate(1);
    }
    bytes
}

fn decode<T: DeserializeOwned>(row: &[u8]) -> Result<T, ImageError> {
    match row.split_first() {
        Some((&VERSION, json)) => serde_json::from_slice(json)
            .map_err(|_| ImageError::Corrupt("a row is not what it was")),
        Some((version, _)) => Err(ImageError::Version(*version)),
        None => Err(ImageError::Corrupt("a row is empty")),
    }
}

fn frame_key(id: FrameId) -> RowKey {
    let mut key = vec![FRAME];
    key.extend_from_slice(&id.0.to_be_bytes());
    RowKey(key)
}

fn frame_id(bytes: &[u8]) -> Result<FrameId, ImageError> {
    number(bytes).map(FrameId)
}

fn number(bytes: &[u8]) -> Result<u64, ImageError> {
    bytes
        .try_into()
        .map(u64::from_be_bytes)
        .map_err(|_| ImageError::Corrupt("a number in a key has not eight bytes"))
}

fn data_key(id: FrameId, slot: &Slot) -> RowKey {
    let mut key = vec![DATA];
    key.extend_from_slice(&id.0.to_be_bytes());
    match slot {
        Slot::Input => key.push(INPUT),
        Slot::Items => key.push(ITEMS),
        Slot::Result(index) => {
            key.push(RESULT);
            key.extend_from_slice(&index.to_be_bytes());
        }
        Slot::Variable(variable) => {
            key.push(VARIABLE);
            key.extend_from_slice(variable.0.as_bytes());
        }
    }
    RowKey(key)
}

fn parse_slot(bytes: &[u8]) -> Result<Slot, ImageError> {
    match bytes.split_first() {
        Some((&INPUT, [])) => Ok(Slot::Input),
        Some((&ITEMS, [])) => Ok(Slot::Items),
        Some((&RESULT, index)) => number(index).map(Slot::Result),
        Some((&VARIABLE, name)) => std::str::from_utf8(name)
            .map(|name| Slot::Variable(Variable(name.into())))
            .map_err(|_| ImageError::Corrupt("the name of a variable is not UTF-8")),
        Some(_) | None => Err(ImageError::Corrupt("data of no known kind")),
    }
}

fn parse_payload(row: Vec<u8>) -> Result<Payload, ImageError> {
    let text = String::from_utf8(row).map_err(|_| ImageError::Corrupt("a payload is not UTF-8"))?;
    Payload::from_text(text).map_err(|_| ImageError::Corrupt("a payload is not JSON"))
}
