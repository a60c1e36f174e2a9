//! Filter policies: which messages a subscription wants. A function of the policy and the message, nothing else.
//!
//! After the developer guide, "Amazon SNS message filtering": names are alternatives to nothing (all must match), the
//! values of a name are alternatives (one must), and so are the objects of an `$or`.

mod matching;
mod parse;

use std::net::IpAddr;

use serde_json::{Map, Value};

/// A subscription's policy, read.
#[derive(Debug, PartialEq)]
pub(crate) struct Filter {
    policy: Branch,
}

/// What a policy is applied to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scope {
    #[default]
    MessageAttributes,
    MessageBody,
}

/// Names and what they must be, all of it; and of each `$or` one.
#[derive(Debug, Default, PartialEq)]
struct Branch {
    names: Vec<(String, Wanted)>,
    alternatives: Vec<Vec<Branch>>,
}

#[derive(Debug, PartialEq)]
enum Wanted {
    /// One of these.
    AnyOf(Vec<Rule>),
    /// An object that is so.
    Inside(Branch),
}

#[derive(Debug, PartialEq)]
enum Rule {
    Exactly(Value),
    Prefix(String),
    Suffix(String),
    EqualsIgnoreCase(String),
    /// What stands around and between its `*`.
    Wildcard(Vec<String>),
    /// None of these.
    AnythingBut(Vec<Rule>),
    /// All of these comparisons.
    Numeric(Vec<(Comparison, f64)>),
    Exists(bool),
    Cidr(IpAddr, u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Scope {
    /// The scope of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "MessageAttributes" => Some(Self::MessageAttributes),
            "MessageBody" => Some(Self::MessageBody),
            _ => None,
        }
    }
}

impl Filter {
    /// Reads a policy.
    ///
    /// # Errors
    /// Why it is none, in AWS's words where they are known: what follows `FilterPolicy: `.
    pub(crate) fn read(text: &str, scope: Scope) -> Result<Self, String> {
        let policy = parse::policy(text, scope)?;
        Ok(Self { policy })
    }

    /// Whether a message is wanted, by its attributes or by its body, each as an object.
    pub(crate) fn wants(&self, message: &Map<String, Value>) -> bool {
        matching::wants(&self.policy, message)
    }
}

#[cfg(test)]
mod tests;
