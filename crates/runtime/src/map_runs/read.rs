//! A Map Run's items, read on a thread of their own: what they are in order, and what children they make.

use std::sync::Arc;

use asl::{Json, Payload, StatesError};
use engine::{BatchPlan, MapItem, MapRunPlan, ReadPlan, child_input};
use items::{
    BatchConfig, Call, INPUT_BYTES_MAX, ITEMS_MAX, ItemBatcher, ItemReader, ObjectName, Position,
    ReaderConfig, ReaderError,
};
use tokio::sync::mpsc;

use super::bucket::Bucket;
use crate::tasks::value_of;

/// A child to be started.
#[derive(Debug)]
pub(super) struct Next {
    /// From 0, in the order of items.
    pub(super) index: u64,
    pub(super) input: Payload,
    /// How many items are in it.
    pub(super) items: u64,
    /// Where the first of them is.
    pub(super) place: Place,
}

/// A place in the items.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// The index of the item there.
    pub(super) item: u64,
    /// Where it is read, if it is read.
    pub(super) position: Option<Position>,
}

/// What comes from the reader.
#[derive(Debug)]
pub(super) enum Read {
    Child(Next),
    /// How many items there are, where that is known before the end.
    Total(u64),
    End,
    Failed {
        error: String,
        cause: String,
    },
}

/// What reading is given.
pub(super) struct Reading {
    pub(super) machine: Arc<asl::StateMachine>,
    pub(super) plan: Arc<MapRunPlan>,
    pub(super) bucket: Bucket,
    pub(super) payload_bytes_max: usize,
    /// The index of the first child, and where its items begin.
    pub(super) child: u64,
    pub(super) from: Place,
    pub(super) to: mpsc::Sender<Read>,
}

/// Why reading ends.
enum Stop {
    /// Nobody listens any more.
    Unheard,
    Failed(StatesError),
}

impl From<ReaderError> for Stop {
    fn from(error: ReaderError) -> Self {
        Self::Failed(StatesError::new(ReaderError::NAME, error.to_string()))
    }
}

impl From<StatesError> for Stop {
    fn from(error: StatesError) -> Self {
        Self::Failed(error)
    }
}

impl Reading {
    /// Reads on, until the end or until nobody listens.
    pub(super) fn run(self) {
        let to = self.to.clone();
        let last = match self.read() {
            Ok(()) => Read::End,
            Err(Stop::Failed(error)) => Read::Failed {
                error: error.name.into_owned(),
                cause: error.cause,
            },
            Err(Stop::Unheard) => return,
        };
        // Nobody listens once the Map Run has ended.
        let _ = to.blocking_send(last);
    }

    fn read(self) -> Result<(), Stop> {
        let plan = Arc::clone(&self.plan);
        let mut feed = Feed::new(&self)?;
        match (&plan.reader, &plan.items) {
            (Some(reader), _) => self.dataset(reader, &mut feed)?,
            (None, Some(items)) => self.given(items.value(), &mut feed)?,
            (None, None) => {}
        }
        feed.end()
    }

    /// Items that stand in the state's input.
    fn given(&self, items: &Json, feed: &mut Feed<'_>) -> Result<(), Stop> {
        let array = items.as_array().map(|items| items.len());
        let members = items.as_object().map(|items| items.len());
        let length = array.or(members).unwrap_or(0) as u64;
        feed.send(Read::Total(length))?;
        for index in self.from.item..length {
            let Some(item) = MapItem::of(items, index) else {
                break;
            };
            let place = Place {
                item: index,
                position: None,
            };
            feed.item(&item, place)?;
        }
        Ok(())
    }

    /// Items that an `ItemReader` reads.
    fn dataset(&self, plan: &ReadPlan, feed: &mut Feed<'_>) -> Result<(), Stop> {
        let config = reader_config(plan)?;
        let origin = object_named(plan);
        let arguments = value_of(plan.arguments.value());
        let position = self.from.position.clone().unwrap_or_default();
        let mut reader = ItemReader::resume(config, origin, position);
        loop {
            let place = Place {
                item: reader.position().items(),
                position: Some(reader.position()),
            };
            match reader.next()? {
                items::Next::Item(item) => {
                    let item = MapItem {
                        index: place.item,
                        value: item.value,
                        key: item.key,
                        source: item.source,
                    };
                    feed.item(&item, place)?;
                }
                items::Next::Object(name) => {
                    let object = self.bucket.object(&name).map_err(ReaderError::Source)?;
                    reader.give_object(object)?;
                }
                items::Next::Page { start_after } => {
                    let page = self.bucket.page(&arguments, start_after.as_deref());
                    reader.give_page(page.map_err(ReaderError::Source)?);
                }
                items::Next::End => return Ok(()),
            }
        }
    }
}

/// Makes children of items.
struct Feed<'a> {
    reading: &'a Reading,
    batcher: Option<ItemBatcher>,
    next_child: u64,
    /// Where the first item of the batch that is being filled is.
    batch: Place,
}

impl<'a> Feed<'a> {
    fn new(reading: &'a Reading) -> Result<Self, Stop> {
        let batcher = reading.plan.batcher.as_ref().map(batch_config);
        Ok(Self {
            reading,
            batcher: batcher.transpose()?.map(ItemBatcher::new),
            next_child: reading.child,
            batch: reading.from.clone(),
        })
    }

    fn item(&mut self, item: &MapItem, place: Place) -> Result<(), Stop> {
        let reading = self.reading;
        let most = reading.payload_bytes_max;
        let input = child_input(&reading.machine, &reading.plan, item, most)?;
        let Some(batcher) = &mut self.batcher else {
            return self.child(input, 1, place);
        };
        if batcher.pending() == 0 {
            self.batch = place.clone();
        }
        let complete = batcher.push(input)?;
        let Some(batch) = complete else {
            return Ok(());
        };
        // The item that did not fit any more begins the next batch.
        let begins_next = batcher.pending() > 0;
        let began = self.batch.clone();
        self.child(batch.input, batch.items, began)?;
        if begins_next {
            self.batch = place;
        }
        Ok(())
    }

    fn child(&mut self, input: Json, items: u64, place: Place) -> Result<(), Stop> {
        let input = Payload::new(input);
        let (bytes, bytes_max) = (input.text_bytes(), self.reading.payload_bytes_max);
        if bytes > bytes_max {
            return Err(ReaderError::InputTooLarge { bytes, bytes_max }.into());
        }
        let index = self.next_child;
        self.next_child += 1;
        self.send(Read::Child(Next {
            index,
            input,
            items,
            place,
        }))
    }

    fn end(mut self) -> Result<(), Stop> {
        match self.batcher.as_mut().and_then(ItemBatcher::take) {
            Some(batch) => {
                let began = self.batch.clone();
                self.child(batch.input, batch.items, began)
            }
            None => Ok(()),
        }
    }

    fn send(&self, read: Read) -> Result<(), Stop> {
        let sent = self.reading.to.blocking_send(read);
        sent.map_err(|_| Stop::Unheard)
    }
}

pub(super) fn reader_config(plan: &ReadPlan) -> Result<ReaderConfig, ReaderError> {
    let call = match &*plan.action {
        "listObjectsV2" => Call::ListObjectsV2,
        _ => Call::GetObject,
    };
    let mut config = ReaderConfig::parse(call, plan.config.as_ref().map(Payload::value))?;
    let max_items = plan.max_items.map(Json::from);
    config.items_max = match &max_items {
        Some(max) => items::limit("MaxItems", max, ITEMS_MAX)?,
        None => None,
    };
    Ok(config)
}

/// The object or manifest that a reader's arguments name.
pub(super) fn object_named(plan: &ReadPlan) -> ObjectName {
    let text = |member: &str| {
        let value = plan.arguments.value().get(member);
        value.and_then(Json::as_str).unwrap_or_default().to_owned()
    };
    ObjectName {
        bucket: text("Bucket"),
        key: text("Key"),
    }
}

pub(super) fn batch_config(plan: &BatchPlan) -> Result<BatchConfig, ReaderError> {
    let limit = |name, value: Option<i64>, max: u64| match value {
        Some(value) => items::limit(name, &Json::from(value), max),
        None => Ok(None),
    };
    let items_max = limit("MaxItemsPerBatch", plan.max_items, ITEMS_MAX)?;
    let bytes_max = INPUT_BYTES_MAX as u64;
    let bytes = limit("MaxInputBytesPerBatch", plan.max_input_bytes, bytes_max)?;
    Ok(BatchConfig {
        items_max,
        input_bytes_max: usize::try_from(bytes.unwrap_or(bytes_max)).unwrap_or(INPUT_BYTES_MAX),
        batch_input: plan.batch_input.as_ref().map(|input| input.value().clone()),
    })
}
