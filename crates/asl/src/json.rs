//! JSON values: an immutable tree whose copies share.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use indexmap::IndexMap;
use serde_json::Number;

mod read;
mod write;

pub use read::JsonError;

/// The members of an object in their order.
pub type Members = IndexMap<Arc<str>, Json>;

/// How deep a text may nest, Jackson's own limit.
pub const DEPTH_MAX: usize = 1000;

/// An immutable JSON value: a clone costs a reference count, a change copies the path to it and shares the rest.
#[derive(Clone, Debug, Default)]
pub enum Json {
    /// `null`
    #[default]
    Null,
    /// `true`, `false`
    Bool(bool),
    /// Integers stay integers; others are doubles.
    Number(Number),
    /// Text.
    String(Arc<str>),
    /// An array.
    Array(Array),
    /// An object.
    Object(Object),
}

/// An array that knows how deep it nests and how long it is.
#[derive(Clone)]
pub struct Array(Arc<Nested<Vec<Json>>>);

/// A JSON object that keeps the order of its keys and knows how deep it nests and how long it is.
#[derive(Clone)]
pub struct Object(Arc<Nested<Members>>);

struct Nested<T: Content> {
    depth: usize,
    text_bytes_min: usize,
    content: T,
    /// The same for JSONata, once that has read it.
    read: OnceLock<Box<jsonata::Value>>,
}

impl<T: Content> Nested<T> {
    fn new(content: T) -> Self {
        let (mut depth, mut bytes) = (0, content.own_bytes());
        content.each(&mut |value| {
            depth = depth.max(value.depth());
            bytes = bytes.saturating_add(value.text_bytes_min());
        });
        Self {
            depth: depth + 1,
            text_bytes_min: bytes,
            content,
            read: OnceLock::new(),
        }
    }
}

impl Json {
    /// A text.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    /// An array of these values.
    pub fn array(items: impl IntoIterator<Item = Json>) -> Self {
        Self::Array(items.into_iter().collect())
    }

    /// An object of these members; of equal keys the last value stays, at the first's place.
    pub fn object<K: Into<Arc<str>>>(members: impl IntoIterator<Item = (K, Json)>) -> Self {
        Self::Object(
            members
                .into_iter()
                .map(|(key, value)| (key.into(), value))
                .collect(),
        )
    }

    /// `{}`
    pub fn empty_object() -> Self {
        Self::Object(Object::default())
    }

    /// Levels of arrays and objects: 0 for a scalar, 1 for `[]`. Costs nothing to ask.
    pub fn depth(&self) -> usize {
        match self {
            Self::Array(array) => array.0.depth,
            Self::Object(object) => object.0.depth,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => 0,
        }
    }

    /// The least that its text takes in bytes: characters and numbers may take more. What is shared counts every time,
    /// so that this bounds what it costs to go through the value; a few references may make a text of gigabytes. Costs
    /// nothing to ask.
    pub fn text_bytes_min(&self) -> usize {
        match self {
            Self::Array(array) => array.0.text_bytes_min,
            Self::Object(object) => object.0.text_bytes_min,
            Self::String(text) => text.len() + "\"\"".len(),
            Self::Number(_) => 1,
            Self::Null | Self::Bool(true) => "null".len(),
            Self::Bool(false) => "false".len(),
        }
    }

    /// Its type as JSON Schema and JSONata name it: `null`, `boolean`, `number`, `string`, `array`, `object`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The Boolean it is.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number it is.
    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Self::Number(value) => Some(value),
            _ => None,
        }
    }

    /// The number it is, as a double.
    pub fn as_f64(&self) -> Option<f64> {
        self.as_number().and_then(Number::as_f64)
    }

    /// The integer it is written as.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number().and_then(Number::as_i64)
    }

    /// The integer it is written as, if it is not negative.
    pub fn as_u64(&self) -> Option<u64> {
        self.as_number().and_then(Number::as_u64)
    }

    /// The text it is.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(value) => Some(value),
            _ => None,
        }
    }

    /// The array it is.
    pub fn as_array(&self) -> Option<&Array> {
        match self {
            Self::Array(value) => Some(value),
            _ => None,
        }
    }

    /// The object it is.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(value) => Some(value),
            _ => None,
        }
    }

    /// The same with the keys of all objects sorted: equal values have equal texts then.
    #[must_use]
    pub fn to_sorted(&self) -> Self {
        match self {
            Self::Array(items) => Self::array(items.iter().map(Self::to_sorted)),
            Self::Object(members) => {
                let mut members = members.to_members();
                members.sort_unstable_keys();
                Self::object(
                    members
                        .iter()
                        .map(|(key, value)| (Arc::clone(key), value.to_sorted())),
                )
            }
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => self.clone(),
        }
    }

    /// The member of that name, if it is an object that has one.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.as_object().and_then(|object| object.get(key))
    }

    /// The element at that place, if it is an array that has one.
    pub fn at(&self, index: usize) -> Option<&Json> {
        self.as_array().and_then(|array| array.get(index))
    }
}

impl Json {
    /// The same for JSONata. What is large is made once and kept, so that expressions may read it again and again: it
    /// costs no more than the value itself did, and so it counts no steps.
    pub(crate) fn to_jsonata(&self) -> jsonata::Value {
        /// What is smaller is made anew sooner than kept.
        const KEPT_BYTES_MIN: usize = 256;
        let (read, make): (_, &dyn Fn() -> jsonata::Value) = match self {
            Self::Null => return jsonata::Value::Null,
            Self::Bool(value) => return jsonata::Value::Bool(*value),
            Self::Number(number) => {
                let number = number.as_f64();
                return number.map_or(jsonata::Value::Null, jsonata::Value::Number);
            }
            Self::String(text) => return jsonata::Value::String(Arc::clone(text)),
            Self::Array(items) => (&items.0.read, &|| {
                jsonata::Value::array(items.iter().map(Self::to_jsonata))
            }),
            Self::Object(members) => (&members.0.read, &|| {
                let members = members.iter();
                jsonata::Value::object(
                    members.map(|(name, value)| (Arc::clone(name), value.to_jsonata())),
                )
            }),
        };
        if self.text_bytes_min() < KEPT_BYTES_MIN {
            return make();
        }
        read.get_or_init(|| Box::new(make())).as_ref().clone()
    }
}

impl Array {
    /// These values.
    pub fn new(content: Vec<Json>) -> Self {
        Self(Arc::new(Nested::new(content)))
    }

    /// The values, cloned only if they are shared.
    pub fn to_vec(&self) -> Vec<Json> {
        self.0.content.clone()
    }
}

impl Object {
    /// These members.
    pub fn new(content: Members) -> Self {
        Self(Arc::new(Nested::new(content)))
    }

    /// A copy of the members, to change.
    pub fn to_members(&self) -> Members {
        self.0.content.clone()
    }

    /// The object with that member set.
    #[must_use]
    pub fn with(&self, key: impl Into<Arc<str>>, value: Json) -> Self {
        let mut members = self.to_members();
        members.insert(key.into(), value);
        Self::new(members)
    }
}

impl Default for Array {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Default for Object {
    fn default() -> Self {
        Self::new(Members::new())
    }
}

impl Deref for Array {
    type Target = Vec<Json>;
    fn deref(&self) -> &Vec<Json> {
        &self.0.content
    }
}

impl Deref for Object {
    type Target = Members;
    fn deref(&self) -> &Members {
        &self.0.content
    }
}

impl FromIterator<Json> for Array {
    fn from_iter<T: IntoIterator<Item = Json>>(items: T) -> Self {
        Self::new(items.into_iter().collect())
    }
}

impl FromIterator<(Arc<str>, Json)> for Object {
    fn from_iter<T: IntoIterator<Item = (Arc<str>, Json)>>(members: T) -> Self {
        Self::new(members.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a Array {
    type Item = &'a Json;
    type IntoIter = std::slice::Iter<'a, Json>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.content.iter()
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = (&'a Arc<str>, &'a Json);
    type IntoIter = indexmap::map::Iter<'a, Arc<str>, Json>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.content.iter()
    }
}

impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

/// Deep values are taken apart level by level: the drop glue would recurse once a level.
impl<T: Content> Drop for Nested<T> {
    fn drop(&mut self) {
        const RECURSION_IS_FINE: usize = 64;
        if self.depth <= RECURSION_IS_FINE {
            return;
        }
        let mut rest = Vec::new();
        self.content.move_into(&mut rest);
        while let Some(value) = rest.pop() {
            match value {
                Json::Array(Array(mut array)) => {
                    if let Some(array) = Arc::get_mut(&mut array) {
                        array.content.move_into(&mut rest);
                        array.depth = 0;
                    }
                }
                Json::Object(Object(mut object)) => {
                    if let Some(object) = Arc::get_mut(&mut object) {
                        object.content.move_into(&mut rest);
                        object.depth = 0;
                    }
                }
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
            }
        }
    }
}

trait Content {
    fn each(&self, visit: &mut dyn FnMut(&Json));
    /// Brackets, commas and keys.
    fn own_bytes(&self) -> usize;
    fn move_into(&mut self, values: &mut Vec<Json>);
}

impl Content for Vec<Json> {
    fn each(&self, visit: &mut dyn FnMut(&Json)) {
        self.iter().for_each(visit);
    }

    fn own_bytes(&self) -> usize {
        2 + self.len().saturating_sub(1)
    }

    fn move_into(&mut self, values: &mut Vec<Json>) {
        values.append(self);
    }
}

impl Content for Members {
    fn each(&self, visit: &mut dyn FnMut(&Json)) {
        self.values().for_each(visit);
    }

    fn own_bytes(&self) -> usize {
        let keys = self.keys().map(|key| key.len() + "\"\":".len());
        2 + self.len().saturating_sub(1) + keys.sum::<usize>()
    }

    fn move_into(&mut self, values: &mut Vec<Json>) {
        values.extend(self.drain(..).map(|(_, value)| value));
    }
}

/// Equal kinds and contents; the order of keys does not matter, `1` is not `1.0`.
impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        let mut pairs = vec![(self, other)];
        while let Some((left, right)) = pairs.pop() {
            let equal = match (left, right) {
                (Self::Null, Self::Null) => true,
                (Self::Bool(left), Self::Bool(right)) => left == right,
                (Self::Number(left), Self::Number(right)) => left == right,
                (Self::String(left), Self::String(right)) => left == right,
                (Self::Array(left), Self::Array(right)) => {
                    Arc::ptr_eq(&left.0, &right.0)
                        || left.len() == right.len() && {
                            pairs.extend(left.iter().zip(right));
                            true
                        }
                }
                (Self::Object(left), Self::Object(right)) => {
                    Arc::ptr_eq(&left.0, &right.0)
                        || left.len() == right.len()
                            && left.iter().all(|(key, value)| {
                                right.get(key).is_some_and(|other| {
                                    pairs.push((value, other));
                                    true
                                })
                            })
                }
                _ => false,
            };
            if !equal {
                return false;
            }
        }
        true
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<u64> for Json {
    fn from(value: u64) -> Self {
        Self::Number(value.into())
    }
}

impl From<&str> for Json {
    fn from(value: &str) -> Self {
        Self::String(value.into())
    }
}

impl From<String> for Json {
    fn from(value: String) -> Self {
        Self::String(value.into())
    }
}

impl From<Arc<str>> for Json {
    fn from(value: Arc<str>) -> Self {
        Self::String(value)
    }
}

impl From<Array> for Json {
    fn from(value: Array) -> Self {
        Self::Array(value)
    }
}

impl From<Object> for Json {
    fn from(value: Object) -> Self {
        Self::Object(value)
    }
}

impl From<Vec<Json>> for Json {
    fn from(value: Vec<Json>) -> Self {
        Self::Array(Array::new(value))
    }
}

/// For what others hold as `serde_json` values, which are no deeper than `serde_json` reads.
impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(value) => Self::Number(value),
            serde_json::Value::String(value) => value.into(),
            serde_json::Value::Array(items) => Self::array(items.into_iter().map(Self::from)),
            serde_json::Value::Object(members) => Self::object(
                members
                    .into_iter()
                    .map(|(key, value)| (key, Self::from(value))),
            ),
        }
    }
}

#[cfg(test)]
mod tests;
