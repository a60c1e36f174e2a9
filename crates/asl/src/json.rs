use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Number;

/// A JSON object that keeps the order of its keys.
pub type Object = IndexMap<Arc<str>, Json>;

/// An immutable JSON value: a clone costs a reference count, a change copies the path to it and shares the rest.
#[derive(Clone, Debug, Default, PartialEq)]
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
    Array(Arc<Vec<Json>>),
    /// An object.
    Object(Arc<Object>),
}
