//! A JSON file's items, one by one: the elements of an array, or the members of an object.

use std::sync::Arc;

use asl::{DEPTH_MAX, Json, JsonError};
use memchr::memchr2;
use serde::{Deserialize, Serialize};

use crate::ReaderError;
use crate::source::Text;

/// How far into the file what `ItemsPointer` selects may begin (developer guide, "ItemReader").
pub const POINTER_REACH_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// How long `ItemsPointer` may be, exclusively (developer guide, "ItemReader").
pub const POINTER_CHARACTERS_MAX: usize = 2000;

/// A JSON Pointer (RFC 6901).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pointer(String);

impl Pointer {
    /// # Errors
    /// If the text is not a JSON Pointer or too long.
    pub fn parse(text: &str) -> Result<Self, ReaderError> {
        if text.chars().count() >= POINTER_CHARACTERS_MAX {
            return Err(ReaderError::Config(format!(
                "field ItemsPointer must have fewer than {POINTER_CHARACTERS_MAX} characters"
            )));
        }
        let escapes_are_known = text
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with(['0', '1']));
        if (text.is_empty() || text.starts_with('/')) && escapes_are_known {
            return Ok(Self(text.to_owned()));
        }
        Err(ReaderError::Config(format!(
            "field ItemsPointer must be a JSON Pointer, but was {text}"
        )))
    }

    fn tokens(&self) -> Vec<String> {
        let unescape = |token: &str| token.replace("~1", "/").replace("~0", "~");
        self.0.split('/').skip(1).map(unescape).collect()
    }
}

/// Where a JSON reader stands among the items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    /// Before the array or object.
    Outside,
    /// Behind its opening bracket, with no item before.
    Opened(Container),
    /// Behind an item.
    Among(Container),
    /// Behind its closing bracket.
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Container {
    Array,
    Object,
}

/// An item's key, if it is an object's member, and its value.
pub(crate) type Member = (Option<Arc<str>>, Json);

pub(crate) struct JsonItems {
    text: Text,
    pointer: Pointer,
    place: Place,
    item_bytes_max: usize,
    items: u64,
}

impl JsonItems {
    pub(crate) fn new(text: Text, pointer: Pointer, item_bytes_max: usize) -> Self {
        Self {
            text,
            pointer,
            place: Place::Outside,
            item_bytes_max,
            items: 0,
        }
    }

    pub(crate) fn at(&self) -> (u64, Place, u64) {
        (self.text.at(), self.place, self.items)
    }

    pub(crate) fn seek(&mut self, at: u64, place: Place, items: u64) -> Result<(), ReaderError> {
        self.place = place;
        self.items = items;
        self.text.seek(at)
    }

    /// The next item, or none behind the last.
    pub(crate) fn next(&mut self) -> Result<Option<Member>, ReaderError> {
        if self.place == Place::Outside {
            self.open()?;
        }
        let container = match self.place {
            Place::Opened(container) => {
                if self.close(container)? {
                    return Ok(None);
                }
                container
            }
            Place::Among(container) => {
                if self.close(container)? {
                    return Ok(None);
                }
                self.require(b',', "expected `,` or a closing bracket behind an item")?;
                container
            }
            Place::Outside | Place::Closed => return Ok(None),
        };
        let key = match container {
            Container::Array => None,
            Container::Object => Some(self.key()?.into()),
        };
        let value = self.value()?;
        self.place = Place::Among(container);
        self.items += 1;
        Ok(Some((key, value)))
    }

    /// Goes behind the opening bracket of what the pointer selects.
    ///
    /// A file that is an object has no items without a pointer (recorded:
    /// `test_map_item_reader_json_no_json_list_object`).
    fn open(&mut self) -> Result<(), ReaderError> {
        for token in self.pointer.tokens() {
            if !self.descend(&token)? {
                return Err(ReaderError::PointerUnmatched(self.pointer.0.clone()));
            }
        }
        let container = match self.peek()? {
            Some(b'[') => Container::Array,
            Some(b'{') if !self.pointer.0.is_empty() => Container::Object,
            Some(_) => return Err(ReaderError::NotIterable),
            None => return Err(ReaderError::JsonSyntax("unexpected end of input")),
        };
        self.text.take(1);
        self.place = Place::Opened(container);
        Ok(())
    }

    /// Goes to the member or element of that name; of equal keys the first counts, as it comes first.
    fn descend(&mut self, token: &str) -> Result<bool, ReaderError> {
        let container = match self.peek()? {
            Some(b'[') => Container::Array,
            Some(b'{') => Container::Object,
            _ => return Ok(false),
        };
        let close = closing(container);
        self.text.take(1);
        for index in 0_u64.. {
            if self.peek()? == Some(close) {
                return Ok(false);
            }
            if index > 0 {
                self.require(b',', "expected `,` or a closing bracket")?;
            }
            let found = match container {
                Container::Array => token == index.to_string(),
                Container::Object => self.key()? == token,
            };
            if found {
                return Ok(true);
            }
            self.skip_value()?;
        }
        Ok(false)
    }

    /// Takes the closing bracket if it is next. Behind an array that is the file there is nothing more.
    fn close(&mut self, container: Container) -> Result<bool, ReaderError> {
        if self.peek()? != Some(closing(container)) {
            return Ok(false);
        }
        self.text.take(1);
        self.place = Place::Closed;
        if self.pointer.0.is_empty() && self.peek()?.is_some() {
            return Err(ReaderError::JsonSyntax("trailing characters"));
        }
        Ok(true)
    }

    fn key(&mut self) -> Result<String, ReaderError> {
        if self.peek()? != Some(b'"') {
            return Err(ReaderError::JsonSyntax("expected a key"));
        }
        let Json::String(key) = self.value()? else {
            return Err(ReaderError::JsonSyntax("expected a key"));
        };
        self.require(b':', "expected `:`")?;
        Ok(key.to_string())
    }

    fn value(&mut self) -> Result<Json, ReaderError> {
        self.peek()?;
        let mut extent = Extent::default();
        let mut seen = 0;
        while !extent.ended() {
            let fresh = self.text.window().get(seen..).unwrap_or_default();
            seen += extent.feed(fresh)?;
            if seen > self.item_bytes_max {
                return Err(ReaderError::ItemTooLarge {
                    index: self.items,
                    bytes_max: self.item_bytes_max,
                });
            }
            if !extent.ended() && !self.text.more()? {
                break;
            }
        }
        if seen == 0 {
            return Err(ReaderError::JsonSyntax("expected value"));
        }
        let bytes = self.text.window().get(..seen).unwrap_or_default();
        let value = parse(bytes, self.items)?;
        self.text.take(seen);
        Ok(value)
    }

    /// Passes over a value of any length without holding it, within the pointer's reach.
    fn skip_value(&mut self) -> Result<(), ReaderError> {
        self.peek()?;
        let mut extent = Extent::default();
        while !extent.ended() {
            let seen = extent.feed(self.text.window())?;
            self.text.take(seen);
            if self.text.at() > POINTER_REACH_BYTES_MAX {
                return Err(ReaderError::PointerTooFar {
                    pointer: self.pointer.0.clone(),
                    bytes_max: POINTER_REACH_BYTES_MAX,
                });
            }
            if !extent.ended() && self.text.window().is_empty() && !self.text.more()? {
                break;
            }
        }
        Ok(())
    }

    fn require(&mut self, byte: u8, problem: &'static str) -> Result<(), ReaderError> {
        match self.peek()? {
            Some(next) if next == byte => {
                self.text.take(1);
                Ok(())
            }
            Some(_) => Err(ReaderError::JsonSyntax(problem)),
            None => Err(ReaderError::JsonSyntax("unexpected end of input")),
        }
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Result<Option<u8>, ReaderError> {
        loop {
            let space = self
                .text
                .window()
                .iter()
                .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
                .count();
            self.text.take(space);
            if !self.text.window().is_empty() || !self.text.more()? {
                return self.text.peek();
            }
        }
    }
}

fn closing(container: Container) -> u8 {
    match container {
        Container::Array => b']',
        Container::Object => b'}',
    }
}

/// # Errors
/// If the bytes are not one JSON value in UTF-8.
pub(crate) fn parse(bytes: &[u8], index: u64) -> Result<Json, ReaderError> {
    let text = std::str::from_utf8(bytes).map_err(|error| ReaderError::Json {
        index,
        error: JsonError {
            problem: "invalid UTF-8",
            line: 1,
            column: error.valid_up_to() + 1,
        },
    })?;
    Json::from_text(text).map_err(|error| ReaderError::Json { index, error })
}

/// Finds where a value ends, however the bytes come; whether it is JSON is for the parser to say.
#[derive(Default)]
struct Extent {
    depth: usize,
    within: Within,
}

#[derive(Default, PartialEq)]
enum Within {
    #[default]
    Start,
    /// Anything but a string.
    Value,
    String,
    /// A string, behind a backslash.
    Escape,
    End,
}

impl Extent {
    fn ended(&self) -> bool {
        self.within == Within::End
    }

    /// How many of these bytes belong to the value.
    ///
    /// # Errors
    /// If it nests deeper than any text may.
    fn feed(&mut self, bytes: &[u8]) -> Result<usize, ReaderError> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            at += match self.within {
                Within::Start | Within::Value => self.pass_value(rest)?,
                Within::String => self.pass_string(rest),
                Within::Escape => {
                    self.within = Within::String;
                    1
                }
                Within::End => break,
            };
        }
        Ok(at)
    }

    fn pass_string(&mut self, bytes: &[u8]) -> usize {
        let Some(at) = memchr2(b'"', b'\\', bytes) else {
            return bytes.len();
        };
        self.within = match (bytes.get(at), self.depth) {
            (Some(b'\\'), _) => Within::Escape,
            (_, 0) => Within::End,
            _ => Within::Value,
        };
        at + 1
    }

    fn pass_value(&mut self, bytes: &[u8]) -> Result<usize, ReaderError> {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'"' if self.depth > 0 || self.within == Within::Start => {
                    self.within = Within::String;
                    return Ok(at + 1);
                }
                b'[' | b'{' if self.depth == DEPTH_MAX => {
                    return Err(ReaderError::JsonSyntax("nested too deeply"));
                }
                b'[' | b'{' => self.depth += 1,
                b']' | b'}' if self.depth > 1 => self.depth -= 1,
                b']' | b'}' if self.depth == 1 => {
                    self.within = Within::End;
                    return Ok(at + 1);
                }
                b']' | b'}' | b',' | b'"' | b':' | b' ' | b'\t' | b'\n' | b'\r'
                    if self.depth == 0 =>
                {
                    self.within = Within::End;
                    return Ok(at);
                }
                _ => {}
            }
            self.within = Within::Value;
        }
        Ok(bytes.len())
    }
}

/// A JSON Lines file: an item a line; blank lines are none.
pub(crate) struct JsonLines {
    text: Text,
    item_bytes_max: usize,
    items: u64,
}

impl JsonLines {
    pub(crate) fn new(text: Text, item_bytes_max: usize) -> Self {
        Self {
            text,
            item_bytes_max,
            items: 0,
        }
    }

    pub(crate) fn at(&self) -> (u64, u64) {
        (self.text.at(), self.items)
    }

    pub(crate) fn seek(&mut self, at: u64, items: u64) -> Result<(), ReaderError> {
        self.items = items;
        self.text.seek(at)
    }

    pub(crate) fn next(&mut self) -> Result<Option<Json>, ReaderError> {
        loop {
            let Some(bytes) = self.line_bytes()? else {
                return Ok(None);
            };
            let line = self
                .text
                .window()
                .get(..bytes)
                .unwrap_or_default()
                .trim_ascii();
            if line.is_empty() {
                self.text.take(bytes);
                continue;
            }
            let value = parse(line, self.items)?;
            self.text.take(bytes);
            self.items += 1;
            return Ok(Some(value));
        }
    }

    /// The length of the next line with its break, all of it at hand.
    fn line_bytes(&mut self) -> Result<Option<usize>, ReaderError> {
        let mut seen = 0;
        loop {
            let fresh = self.text.window().get(seen..).unwrap_or_default();
            if let Some(at) = memchr::memchr(b'\n', fresh) {
                return self.fits(seen + at).map(|()| Some(seen + at + 1));
            }
            seen += fresh.len();
            self.fits(seen)?;
            if !self.text.more()? {
                return Ok((seen > 0).then_some(seen));
            }
        }
    }

    fn fits(&self, bytes: usize) -> Result<(), ReaderError> {
        if bytes <= self.item_bytes_max {
            return Ok(());
        }
        Err(ReaderError::ItemTooLarge {
            index: self.items,
            bytes_max: self.item_bytes_max,
        })
    }
}

#[cfg(test)]
mod tests;
