use std::sync::{Arc, OnceLock};

use crate::Json;

/// A value and its JSON text, each made at most once: states pass the value on, history and storage need the text.
#[derive(Clone, Debug, Default)]
pub struct Payload(Arc<Both>);

#[derive(Debug, Default)]
struct Both {
    value: Json,
    text: OnceLock<Arc<str>>,
}

impl Payload {
    /// A computed value.
    pub fn new(value: Json) -> Self {
        Self(Arc::new(Both { value, text: OnceLock::new() }))
    }

    /// A value and the very text it was parsed from, which clients will see again as they sent it.
    pub fn with_text(value: Json, text: impl Into<Arc<str>>) -> Self {
        Self(Arc::new(Both { value, text: OnceLock::from(text.into()) }))
    }

    /// The value.
    pub fn value(&self) -> &Json {
        &self.0.value
    }
}
