use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Json, JsonError};

/// A value and its JSON text, each made at most once: states pass the value on, history and storage need the text.
#[derive(Clone, Default)]
pub struct Payload(Arc<Both>);

#[derive(Default)]
struct Both {
    value: Json,
    text: OnceLock<Arc<str>>,
}

impl Payload {
    /// A computed value.
    pub fn new(value: Json) -> Self {
        Self(Arc::new(Both {
            value,
            text: OnceLock::new(),
        }))
    }

    /// A value and the very text it was parsed from, which clients will see again as they sent it.
    pub fn with_text(value: Json, text: impl Into<Arc<str>>) -> Self {
        Self(Arc::new(Both {
            value,
            text: OnceLock::from(text.into()),
        }))
    }

    /// The value of a text, which is kept.
    ///
    /// # Errors
    /// As [`Json::from_text`].
    pub fn from_text(text: impl Into<Arc<str>>) -> Result<Self, JsonError> {
        let text = text.into();
        Ok(Self::with_text(Json::from_text(&text)?, text))
    }

    /// The value.
    pub fn value(&self) -> &Json {
        &self.0.value
    }

    /// The text: as it was given, or compact.
    pub fn text(&self) -> &Arc<str> {
        self.0.text.get_or_init(|| self.0.value.to_text().into())
    }

    /// Whether the text takes no more than so many bytes; one that takes more is not made.
    pub fn fits(&self, bytes_max: usize) -> bool {
        if let Some(text) = self.0.text.get() {
            return text.len() <= bytes_max;
        }
        let text = self.0.value.to_text_within(bytes_max);
        text.is_some_and(|text| {
            self.0.text.get_or_init(|| text.into());
            true
        })
    }

    /// The length of the text in UTF-8.
    pub fn text_bytes(&self) -> usize {
        self.text().len()
    }
}

impl From<Json> for Payload {
    fn from(value: Json) -> Self {
        Self::new(value)
    }
}

/// Equal values; the texts may differ.
impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.value == other.0.value
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// Its text, as a string.
impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_text(text).map_err(serde::de::Error::custom)
    }
}
