//! Event patterns: which events a rule is about.
//!
//! A pattern mirrors the event's form, and has a list of possible values at each leaf. EventBridge compiles patterns
//! with its open library Event Ruler, whose rules and texts are kept here. A pattern has up to 4,096 characters by the
//! API's model.

mod compile;
mod matching;
mod read;

use std::net::IpAddr;

use serde_json::Value;

/// A pattern, ready to be applied to events.
#[derive(Debug)]
pub(crate) struct Pattern(Fields);

/// All of these must match, and of each list of alternatives one.
#[derive(Debug, Default)]
struct Fields {
    all: Vec<(String, Node)>,
    any: Vec<Vec<Self>>,
}

#[derive(Debug)]
enum Node {
    Object(Fields),
    Leaf(Vec<Matcher>),
}

/// What a leaf's value may be.
#[derive(Debug)]
enum Matcher {
    Text(String),
    Number(Number),
    /// `null`, `true` or `false`.
    Literal(Value),
    Address(IpAddr),
    Prefix(Affix),
    Suffix(Affix),
    IgnoreCase(String),
    Wildcard(Wildcard),
    Numeric(Range),
    Cidr(Cidr),
    Exists,
    Absent,
    AnythingBut(Excluded),
}

/// A number, and how it was written: long ones are told apart by that.
#[derive(Debug)]
struct Number {
    value: f64,
    written: String,
}

/// The begin or end of a text; in small letters if case does not count.
#[derive(Debug)]
struct Affix {
    text: String,
    ignore_case: bool,
}

/// Texts between which anything may stand.
#[derive(Debug)]
struct Wildcard(Vec<String>);

/// Bounds, and whether each is part of the range.
#[derive(Debug)]
struct Range {
    bottom: Option<(f64, bool)>,
    top: Option<(f64, bool)>,
}

#[derive(Debug)]
struct Cidr {
    address: IpAddr,
    bits: u32,
}

#[derive(Debug)]
enum Excluded {
    Texts(Vec<String>),
    Numbers(Vec<f64>),
    IgnoreCase(Vec<String>),
    Prefixes(Vec<String>),
    Suffixes(Vec<String>),
    Wildcards(Vec<Wildcard>),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, in AWS's words, with the place.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        compile::compile(text).map(Self)
    }

    /// Whether an event is what the rule is about. One that takes too many steps to tell is not.
    pub(crate) fn matches(&self, event: &Value) -> bool {
        matching::matches(&self.0, event)
    }
}

/// An address in digits; anything else that a resolver might take is none.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

#[cfg(test)]
mod tests;
