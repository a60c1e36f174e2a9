//! Filter patterns: terms, conditions on JSON, conditions on columns of words.
//!
//! CloudWatch Logs user guide, "Filter pattern syntax for metric filters, subscription filters, filter log events, and
//! Live Tail". A pattern has up to 1,024 characters by the API's model, which bounds everything here.

mod columns;
mod condition;
mod json;
mod terms;

use std::collections::BTreeMap;

use columns::Columns;
use condition::Condition;
use terms::Terms;

/// A pattern, ready to be applied to messages.
#[derive(Debug)]
pub(crate) enum Pattern {
    /// The empty pattern.
    All,
    Terms(Terms),
    Json(Condition<json::Selector>),
    Columns(Columns),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match text.chars().next() {
            None => Ok(Self::All),
            Some('{') => json::parse(text).map(Self::Json),
            Some('[') => Columns::parse(text).map(Self::Columns),
            Some(_) => Terms::parse(text).map(Self::Terms),
        }
    }

    pub(crate) fn matches(&self, message: &str) -> bool {
        match self {
            Self::All => true,
            Self::Terms(terms) => terms.matches(message),
            Self::Json(condition) => json::matches(condition, message),
            Self::Columns(columns) => columns.matches(message),
        }
    }

    /// The values that the pattern names in a message that it matches.
    pub(crate) fn extract(&self, message: &str) -> BTreeMap<String, String> {
        match self {
            Self::All | Self::Terms(_) => BTreeMap::new(),
            Self::Json(condition) => json::extract(condition, message),
            Self::Columns(columns) => columns.extract(message),
        }
    }
}

#[cfg(test)]
mod tests;
