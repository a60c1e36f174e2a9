//! A dataset, item by item: asks for the pages and objects it needs, and can go on from any place.

use std::collections::VecDeque;
use std::sync::Arc;

use asl::Json;
use serde::{Deserialize, Serialize};

use crate::config::{Dataset, Format, ITEMS_MAX, ReaderConfig};
use crate::file::{File, Mark};
use crate::listing::{Listed, Page};
use crate::manifest::Manifest;
use crate::{ReaderError, Source};

/// One item of a dataset.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its value.
    pub value: Json,
    /// The member's key, where the dataset is a JSON object.
    pub key: Option<Arc<str>>,
    /// `Map.Item.Source` of the context object: `S3://bucket` or `S3://bucket/key`.
    pub source: Arc<str>,
}

impl Item {
    /// What a child is given without an `ItemSelector`: the value, or `{"Key": …, "Value": …}`.
    pub fn into_input(self) -> Json {
        match self.key {
            None => self.value,
            Some(key) => Json::object([("Key", Json::String(key)), ("Value", self.value)]),
        }
    }
}

/// An object of S3.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectName {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
}

impl ObjectName {
    /// `S3://bucket/key`
    fn uri(&self) -> String {
        format!("S3://{}/{}", self.bucket, self.key)
    }
}

/// What a reader has, or needs, next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// An item.
    Item(Item),
    /// Give this object to [`ItemReader::give_object`].
    Object(ObjectName),
    /// Give a page of the bucket's objects to [`ItemReader::give_page`].
    Page {
        /// `StartAfter` of the call.
        start_after: Option<String>,
    },
    /// There are no more items.
    End,
}

/// A place between two items; small, and good for the same dataset with the same bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Items before it.
    items: u64,
    /// The last listed key that is done with.
    after: Option<String>,
    /// Files of the manifest that are done with.
    files: u64,
    /// In the next file.
    mark: Mark,
    /// The listed key of the next file, where there is a mark in it.
    key: Option<String>,
}

impl Position {
    /// How many items lie before it, which is the next one's `Map.Item.Index`.
    pub fn items(&self) -> u64 {
        self.items
    }
}

/// Reads a dataset.
///
/// An error is final: whoever goes on gets it again.
pub struct ItemReader {
    config: ReaderConfig,
    origin: ObjectName,
    position: Position,
    queue: Queue,
    /// Of the files; an inventory's is in its manifest.
    format: Option<Format>,
    file: Option<Open>,
    asked: Option<Asked>,
    failure: Option<ReaderError>,
}

struct Open {
    file: File,
    uri: Arc<str>,
}

/// What has been asked for and not been given.
#[derive(Clone, PartialEq)]
enum Asked {
    Manifest,
    File(ObjectName),
    Page,
}

/// Where the next files come from.
enum Queue {
    /// The one object.
    Single,
    /// What is left of a page.
    Listing { page: VecDeque<Listed>, last: bool },
    /// The manifest, once it is given.
    Manifest(Option<Manifest>),
}

impl ItemReader {
    /// Begins with the first item.
    ///
    /// `origin` is what the arguments name: the object or the manifest; of a listing, only its bucket is used (a prefix
    /// is the matter of who lists).
    pub fn new(config: ReaderConfig, origin: ObjectName) -> Self {
        Self::resume(config, origin, Position::default())
    }

    /// Goes on behind the item after which that [`position`](Self::position) was taken.
    pub fn resume(config: ReaderConfig, origin: ObjectName, position: Position) -> Self {
        let listing = Queue::Listing {
            page: VecDeque::new(),
            last: false,
        };
        let (queue, format) = match &config.dataset {
            Dataset::Object(format) => (Queue::Single, Some(format.clone())),
            Dataset::Listing => (listing, None),
            Dataset::Listed(format) => (listing, Some(format.clone())),
            Dataset::Inventory { .. } => (Queue::Manifest(None), None),
            Dataset::Athena(format) => (Queue::Manifest(None), Some(format.clone())),
        };
        Self {
            config,
            origin,
            position,
            queue,
            format,
            file: None,
            asked: None,
            failure: None,
        }
    }

    /// The next item, or what is needed to have it. Call again after giving what is asked for.
    ///
    /// # Errors
    /// If a file can't be read, is not of its format, or a bound is passed.
    #[expect(clippy::should_implement_trait, reason = "it asks as well as gives")]
    pub fn next(&mut self) -> Result<Next, ReaderError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let next = self.advance();
        self.keep_failure(next)
    }

    /// Answers [`Next::Object`].
    ///
    /// # Errors
    /// If the object can't be read or is not of its format.
    pub fn give_object(&mut self, source: Box<dyn Source>) -> Result<(), ReaderError> {
        let opened = match &self.asked {
            Some(Asked::Manifest) => self.open_manifest(source),
            Some(Asked::File(name)) => self.open_file(name.uri(), source),
            Some(Asked::Page) | None => return Ok(()),
        };
        self.asked = None;
        self.keep_failure(opened)
    }

    /// Answers [`Next::Page`].
    pub fn give_page(&mut self, given: Page) {
        if self.asked != Some(Asked::Page) {
            return;
        }
        self.asked = None;
        if let Queue::Listing { page, last } = &mut self.queue {
            *last = !given.truncated || given.objects.is_empty();
            page.extend(given.objects);
        }
    }

    /// The place behind the last item given.
    pub fn position(&self) -> Position {
        let mut position = self.position.clone();
        if let Some(open) = &self.file {
            position.mark = open.file.mark();
        }
        position
    }

    fn keep_failure<T>(&mut self, result: Result<T, ReaderError>) -> Result<T, ReaderError> {
        result.inspect_err(|error| self.failure = Some(error.clone()))
    }

    fn advance(&mut self) -> Result<Next, ReaderError> {
        loop {
            if self.position.items >= self.config.items_max.unwrap_or(ITEMS_MAX) {
                return Ok(Next::End);
            }
            match &self.asked {
                Some(Asked::Manifest) => return Ok(Next::Object(self.origin.clone())),
                Some(Asked::File(name)) => return Ok(Next::Object(name.clone())),
                Some(Asked::Page) => {
                    let start_after = self.position.after.clone();
                    return Ok(Next::Page { start_after });
                }
                None => {}
            }
            if let Some(open) = &mut self.file {
                let item = open.file.next();
                let uri = Arc::clone(&open.uri);
                match item.map_err(|error| self.locate(error, &uri))? {
                    Some((key, value)) => return Ok(self.item(key, value, uri)),
                    None => self.end_file(),
                }
                continue;
            }
            match self.next_of_queue()? {
                Step::Ask(asked) => self.asked = Some(asked),
                Step::Next(next) => return Ok(next),
                Step::Again => {}
            }
        }
    }

    fn item(&mut self, key: Option<Arc<str>>, value: Json, source: Arc<str>) -> Next {
        self.position.items += 1;
        Next::Item(Item { value, key, source })
    }

    fn end_file(&mut self) {
        self.file = None;
        self.position.mark = Mark::Start;
        self.position.files += 1;
        if let Some(key) = self.position.key.take() {
            self.position.after = Some(key);
        }
    }

    fn next_of_queue(&mut self) -> Result<Step, ReaderError> {
        let done = self.position.files;
        Ok(match &mut self.queue {
            Queue::Single if done == 0 => Step::Ask(Asked::File(self.origin.clone())),
            Queue::Single => Step::Next(Next::End),
            Queue::Listing { page, last } => match page.pop_front() {
                Some(listed) => self.next_listed(listed),
                None if *last => Step::Next(Next::End),
                None => Step::Ask(Asked::Page),
            },
            Queue::Manifest(None) => Step::Ask(Asked::Manifest),
            Queue::Manifest(Some(manifest)) => match manifest.file(done)? {
                Some(name) => Step::Ask(Asked::File(name)),
                None => Step::Next(Next::End),
            },
        })
    }

    fn next_listed(&mut self, listed: Listed) -> Step {
        if self.config.dataset == Dataset::Listing {
            self.position.after = Some(listed.key.clone());
            let uri = format!("S3://{}", self.origin.bucket);
            return Step::Next(self.item(None, listed.into_item(), uri.into()));
        }
        let marked = self.position.key.as_ref();
        // One that is new since the mark was made, or a folder, in which there is nothing to load.
        if marked.is_some_and(|key| listed.key < *key) || listed.is_folder() {
            self.position.after = Some(listed.key);
            return Step::Again;
        }
        if marked != Some(&listed.key) {
            self.position.mark = Mark::Start;
            self.position.key = Some(listed.key.clone());
        }
        Step::Ask(Asked::File(ObjectName {
            bucket: self.origin.bucket.clone(),
            key: listed.key,
        }))
    }

    fn open_manifest(&mut self, source: Box<dyn Source>) -> Result<(), ReaderError> {
        let manifest = match &self.config.dataset {
            Dataset::Inventory { delimiter, headers } => {
                let (manifest, format) = Manifest::inventory(source, *delimiter, headers.clone())?;
                self.format = Some(format);
                manifest
            }
            _ => Manifest::athena(source)?,
        };
        self.queue = Queue::Manifest(Some(manifest));
        Ok(())
    }

    fn open_file(&mut self, uri: String, source: Box<dyn Source>) -> Result<(), ReaderError> {
        let Some(format) = &self.format else {
            return Ok(());
        };
        let file = File::open(
            format,
            source,
            self.config.item_bytes_max,
            &self.position.mark,
        )
        .map_err(|error| self.locate(error, &uri))?;
        self.file = Some(Open {
            file,
            uri: uri.into(),
        });
        Ok(())
    }

    /// Says in which file it is, where there are several.
    fn locate(&self, error: ReaderError, uri: &str) -> ReaderError {
        match self.config.dataset {
            Dataset::Object(_) => error,
            _ => ReaderError::InObject {
                object: uri.to_owned(),
                error: Box::new(error),
            },
        }
    }
}

enum Step {
    Ask(Asked),
    Next(Next),
    Again,
}

#[cfg(test)]
mod tests;
