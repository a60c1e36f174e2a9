//! Items put together, a batch a child.

use asl::Json;

use crate::ReaderError;

/// How large a child's input may be: the quota of payloads, and the most that `MaxInputBytesPerBatch` may be.
pub const INPUT_BYTES_MAX: usize = 262_144;

/// What `ItemBatcher` says, evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchConfig {
    /// `MaxItemsPerBatch`; see [`limit`](crate::limit).
    pub items_max: Option<u64>,
    /// `MaxInputBytesPerBatch`: the text of a child's whole input, [`INPUT_BYTES_MAX`] at most.
    pub input_bytes_max: usize,
    /// `BatchInput`.
    pub batch_input: Option<Json>,
}

/// Puts selected items into children's inputs, in their order.
pub struct ItemBatcher {
    config: BatchConfig,
    /// The text of an input with no items.
    empty_bytes: usize,
    items: Vec<Json>,
    items_bytes: usize,
    text: String,
}

/// The input of one child.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// `{"BatchInput": …, "Items": […]}`, in the order of
    /// `test_map_item_batching_base_json_max_per_batch_jsonata`.
    pub input: Json,
    /// How many items are in it.
    pub items: u64,
}

impl ItemBatcher {
    /// With no items yet.
    pub fn new(config: BatchConfig) -> Self {
        let empty = make_input(config.batch_input.as_ref(), Vec::new());
        Self {
            config,
            empty_bytes: empty.to_text().len(),
            items: Vec::new(),
            items_bytes: 0,
            text: String::new(),
        }
    }

    /// Adds an item; gives the batch that is complete by that.
    ///
    /// # Errors
    /// If the item does not even fit into a batch of its own; it is not added.
    pub fn push(&mut self, item: Json) -> Result<Option<Batch>, ReaderError> {
        self.text.clear();
        item.write(&mut self.text);
        let bytes = self.text.len();
        let alone = self.empty_bytes + bytes;
        if alone > self.config.input_bytes_max {
            return Err(ReaderError::InputTooLarge {
                bytes: alone,
                bytes_max: self.config.input_bytes_max,
            });
        }
        let full =
            !self.items.is_empty() && alone + self.items_bytes + 1 > self.config.input_bytes_max;
        let complete = if full { self.take() } else { None };
        self.items_bytes += bytes + usize::from(!self.items.is_empty());
        self.items.push(item);
        let items = self.items.len() as u64;
        if complete.is_none() && self.config.items_max.is_some_and(|max| items >= max) {
            return Ok(self.take());
        }
        Ok(complete)
    }

    /// Gives the items that are left, if any.
    pub fn take(&mut self) -> Option<Batch> {
        if self.items.is_empty() {
            return None;
        }
        self.items_bytes = 0;
        let items = std::mem::take(&mut self.items);
        Some(Batch {
            items: items.len() as u64,
            input: make_input(self.config.batch_input.as_ref(), items),
        })
    }

    /// How many items wait for their batch: a place in the dataset is done with when these are too.
    pub fn pending(&self) -> u64 {
        self.items.len() as u64
    }
}

fn make_input(batch_input: Option<&Json>, items: Vec<Json>) -> Json {
    let batch_input = batch_input.map(|input| ("BatchInput", input.clone()));
    Json::object(
        batch_input
            .into_iter()
            .chain([("Items", Json::from(items))]),
    )
}

#[cfg(test)]
mod tests;
