//! What the children of a Map Run would be given, without running them: for the test of a Map state.

use std::sync::Arc;

use asl::machine::Kind;
use asl::{Json, Payload, StateMachine, StatesError};
use bytes::Bytes;
use engine::{MapItem, MapRunPlan, ReadPlan, child_input};
use items::{
    Call, Dataset, Format, ItemBatcher, ItemReader, Next, ObjectName, ReaderConfig, ReaderError,
};

use super::read::{batch_config, object_named, reader_config};

/// What the children under test would be given may take so many bytes together; the items themselves come in one
/// request, and are fewer.
const SHOWN_BYTES_MAX: usize = 8 << 20;

/// What becomes of a Distributed Map's items on their way to its children.
#[derive(Clone, Debug, Default)]
pub struct SelectedItems {
    /// What `ItemsPointer` leaves of the data, where the reader has one.
    pub pointed: Option<Payload>,
    /// An array of what `ItemSelector` makes of each item, where the Map has one.
    pub selected: Option<Payload>,
    /// An array of what `ItemBatcher` puts together, where the Map has one.
    pub batched: Option<Payload>,
    /// How many children there would be.
    pub children: u64,
}

/// Selects and batches a Map Run's items. `data` is what its reader would read, as it stands in the object; of what is
/// no text there (Parquet, lists of objects) it is a JSON array of the items. A reader without data gives none.
///
/// # Errors
/// As the Map Run would fail: `States.ItemReaderFailed`, or the evaluation of `ItemSelector`.
pub fn select_items(
    machine: &StateMachine,
    plan: &MapRunPlan,
    data: Option<&str>,
) -> Result<SelectedItems, StatesError> {
    let items = match (&plan.reader, data) {
        (Some(reader), Some(data)) => read(reader, data).map_err(failed)?,
        (Some(_), None) => Vec::new(),
        (None, _) => plan
            .items
            .as_ref()
            .map(|items| given(items.value()))
            .unwrap_or_default(),
    };
    let mut selected = SelectedItems {
        pointed: has_pointer(plan).then(|| Payload::new(array(&items))),
        children: items.len() as u64,
        ..SelectedItems::default()
    };
    let mut bytes_left = SHOWN_BYTES_MAX;
    let inputs = items.iter().map(|item| {
        let input = child_input(machine, plan, item, SHOWN_BYTES_MAX)?;
        let left = bytes_left.checked_sub(input.text_bytes_min());
        bytes_left = left.ok_or_else(StatesError::too_large)?;
        Ok(input)
    });
    let inputs = inputs.collect::<Result<Vec<_>, StatesError>>()?;
    if has_selector(machine, plan) {
        selected.selected = Some(Payload::new(Json::from(inputs.clone())));
    }
    if let Some(batcher) = &plan.batcher {
        let mut batcher = ItemBatcher::new(batch_config(batcher).map_err(failed)?);
        let mut batches = Vec::new();
        for input in inputs {
            batches.extend(batcher.push(input).map_err(failed)?);
        }
        batches.extend(batcher.take());
        selected.children = batches.len() as u64;
        let batches = Json::array(batches.into_iter().map(|batch| batch.input));
        // Each has the same `BatchInput`.
        if batches.text_bytes_min() > SHOWN_BYTES_MAX {
            return Err(StatesError::too_large());
        }
        selected.batched = Some(Payload::new(batches));
    }
    Ok(selected)
}

fn failed(error: ReaderError) -> StatesError {
    StatesError::new(ReaderError::NAME, error.to_string())
}

fn read(plan: &ReadPlan, data: &str) -> Result<Vec<MapItem>, ReaderError> {
    let config = reader_config(plan)?;
    let origin = object_named(plan);
    let plain = matches!(
        config.dataset,
        Dataset::Object(Format::Csv(_) | Format::Json(_) | Format::JsonLines)
    );
    let (config, data) = if plain {
        (config, data)
    } else {
        let array = Json::from_text(r#"{"InputType": "JSON"}"#).unwrap_or_default();
        let of_array = ReaderConfig::parse(Call::GetObject, Some(&array))?;
        let items_max = config.items_max;
        (
            ReaderConfig {
                items_max,
                ..of_array
            },
            data,
        )
    };
    items_of(config, origin, data)
}

fn items_of(
    config: ReaderConfig,
    origin: ObjectName,
    data: &str,
) -> Result<Vec<MapItem>, ReaderError> {
    let mut reader = ItemReader::new(config, origin);
    let mut items = Vec::new();
    loop {
        match reader.next()? {
            Next::Item(item) => items.push(MapItem {
                index: items.len() as u64,
                value: item.value,
                key: item.key,
                source: item.source,
            }),
            Next::Object(_) => {
                reader.give_object(Box::new(Bytes::from(data.to_owned())))?;
            }
            // It is one object.
            Next::Page { .. } | Next::End => return Ok(items),
        }
    }
}

/// The elements of an array or the members of an object in the state's input.
fn given(items: &Json) -> Vec<MapItem> {
    let item = |(index, (key, value)): (usize, (Option<Arc<str>>, &Json))| MapItem {
        index: index as u64,
        value: value.clone(),
        key,
        source: "STATE_DATA".into(),
    };
    let elements = items.as_array().into_iter().flat_map(|items| items.iter());
    let elements = elements.map(|value| (None, value));
    let members = items.as_object().into_iter().flatten();
    let members = members.map(|(key, value)| (Some(Arc::clone(key)), value));
    elements.chain(members).enumerate().map(item).collect()
}

fn array(items: &[MapItem]) -> Json {
    Json::array(items.iter().map(|item| match &item.key {
        None => item.value.clone(),
        Some(key) => Json::object([
            ("Key", Json::string(Arc::clone(key))),
            ("Value", item.value.clone()),
        ]),
    }))
}

fn has_pointer(plan: &MapRunPlan) -> bool {
    let config = plan
        .reader
        .as_ref()
        .and_then(|reader| reader.config.as_ref());
    config.is_some_and(|config| config.value().get("ItemsPointer").is_some())
}

fn has_selector(machine: &StateMachine, plan: &MapRunPlan) -> bool {
    let scope = machine.scopes.get(plan.scope.0 as usize);
    let state = scope.and_then(|scope| scope.states.get(&plan.state));
    state.is_some_and(|state| match &state.kind {
        Kind::Map(map) => map.item_selector.is_some(),
        _ => false,
    })
}
