//! Event patterns: which events a rule is about.
//!
//! A pattern mirrors the event's form, and has a list of possible values at each leaf. EventBridge compiles patterns
//! with its open library Event Ruler, whose rules and texts are kept here. A pattern has up to 4,096 characters by the
//! API's model.

mod compile;
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

    pub(crate) fn matches(&self, event: &Value) -> bool {
        let mut path = Vec::new();
        self.0.match_at(Some(event), event, &mut path)
    }
}

impl Fields {
    /// Whether a value, if there is one here, has all that is wanted below it.
    fn match_at<'p>(
        &'p self,
        value: Option<&Value>,
        event: &Value,
        path: &mut Vec<&'p str>,
    ) -> bool {
        // Of a list, one element must have all: fields do not mix from several.
        if let Some(Value::Array(items)) = value {
            let mut objects = items
                .iter()
                .filter(|item| item.is_object() || item.is_array());
            let mut tried = false;
            let found = objects.any(|item| {
                tried = true;
                self.match_at(Some(item), event, path)
            });
            return found || (!tried && self.match_at(None, event, path));
        }
        let members = value.and_then(Value::as_object);
        let all = self.all.iter().all(|(name, node)| {
            let child = members.and_then(|members| members.get(name));
            path.push(name);
            let matched = match node {
                Node::Object(fields) => fields.match_at(child, event, path),
                Node::Leaf(matchers) => matchers
                    .iter()
                    .any(|matcher| matcher.match_leaf(child, event, path)),
            };
            path.pop();
            matched
        });
        all && self.any.iter().all(|alternatives| {
            alternatives
                .iter()
                .any(|fields| fields.match_at(value, event, path))
        })
    }
}

impl Matcher {
    fn match_leaf(&self, value: Option<&Value>, event: &Value, path: &[&str]) -> bool {
        match self {
            // Nowhere in the event, also not in another element of a list.
            Self::Absent => !has_leaf(event, path),
            _ => value.is_some_and(|value| self.match_any(value)),
        }
    }

    /// Whether a value, or one in a list, is what is wanted. An object is none.
    fn match_any(&self, value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().any(|item| self.match_any(item)),
            Value::Object(_) => false,
            value => self.match_value(value),
        }
    }

    fn match_value(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Self::Text(wanted) => text == Some(wanted),
            Self::Number(wanted) => value.as_number().is_some_and(|number| {
                is_number(value, wanted.value) || number.to_string() == wanted.written
            }),
            Self::Literal(wanted) => value == wanted,
            Self::Address(wanted) => text.and_then(address) == Some(*wanted),
            Self::Prefix(prefix) => text.is_some_and(|text| prefix.begins(text)),
            Self::Suffix(suffix) => text.is_some_and(|text| suffix.ends(text)),
            Self::IgnoreCase(wanted) => text.is_some_and(|text| text.to_lowercase() == *wanted),
            Self::Wildcard(wildcard) => text.is_some_and(|text| wildcard.matches(text)),
            Self::Numeric(range) => value.as_f64().is_some_and(|number| range.contains(number)),
            Self::Cidr(cidr) => text
                .and_then(address)
                .is_some_and(|address| cidr.contains(address)),
            Self::Exists => true,
            Self::Absent => false,
            Self::AnythingBut(excluded) => !excluded.holds(value),
        }
    }
}

/// Two spellings of one number read alike.
fn is_number(value: &Value, wanted: f64) -> bool {
    value.as_f64() == Some(wanted)
}

/// Whether anything but objects is at a path, through lists.
fn has_leaf(value: &Value, path: &[&str]) -> bool {
    match (value, path.split_first()) {
        (Value::Array(items), _) => items.iter().any(|item| has_leaf(item, path)),
        (Value::Object(members), Some((name, rest))) => members
            .get(*name)
            .is_some_and(|value| has_leaf(value, rest)),
        (Value::Object(_), None) | (_, Some(_)) => false,
        (_, None) => true,
    }
}

/// An address in digits; anything else that a resolver might take is none.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

impl Affix {
    fn begins(&self, text: &str) -> bool {
        if self.ignore_case {
            text.to_lowercase().starts_with(&self.text)
        } else {
            text.starts_with(&self.text)
        }
    }

    fn ends(&self, text: &str) -> bool {
        if self.ignore_case {
            text.to_lowercase().ends_with(&self.text)
        } else {
            text.ends_with(&self.text)
        }
    }
}

impl Wildcard {
    fn matches(&self, text: &str) -> bool {
        let Some((head, rest)) = self.0.split_first() else {
            return text.is_empty();
        };
        let Some((tail, middle)) = rest.split_last() else {
            return text == head;
        };
        let Some(mut text) = text.strip_prefix(head.as_str()) else {
            return false;
        };
        for part in middle {
            match text.find(part) {
                Some(at) => text = &text[at + part.len()..],
                None => return false,
            }
        }
        text.ends_with(tail)
    }
}

impl Range {
    fn contains(&self, number: f64) -> bool {
        let above = |(bottom, with): (f64, bool)| number > bottom || (with && number >= bottom);
        let below = |(top, with): (f64, bool)| number < top || (with && number <= top);
        self.bottom.is_none_or(above) && self.top.is_none_or(below)
    }
}

impl Cidr {
    fn contains(&self, address: IpAddr) -> bool {
        let same = |left: u128, right: u128, all: u32| {
            let shift = all - self.bits.min(all);
            // Shifting by the whole width is no shift at all.
            left.checked_shr(shift).unwrap_or(0) == right.checked_shr(shift).unwrap_or(0)
        };
        match (self.address, address) {
            (IpAddr::V4(left), IpAddr::V4(right)) => {
                same(u32::from(left).into(), u32::from(right).into(), 32)
            }
            (IpAddr::V6(left), IpAddr::V6(right)) => same(left.into(), right.into(), 128),
            _ => false,
        }
    }
}

impl Excluded {
    fn holds(&self, value: &Value) -> bool {
        let text = value.as_str();
        let any = |texts: &[String], holds: fn(&str, &str) -> bool| {
            text.is_some_and(|text| texts.iter().any(|excluded| holds(text, excluded)))
        };
        match self {
            Self::Texts(texts) => any(texts, |text, excluded| text == excluded),
            Self::Numbers(numbers) => numbers.iter().any(|number| is_number(value, *number)),
            Self::IgnoreCase(texts) => any(texts, |text, excluded| text.to_lowercase() == excluded),
            Self::Prefixes(texts) => any(texts, |text, excluded| text.starts_with(excluded)),
            Self::Suffixes(texts) => any(texts, |text, excluded| text.ends_with(excluded)),
            Self::Wildcards(wildcards) => {
                text.is_some_and(|text| wildcards.iter().any(|wildcard| wildcard.matches(text)))
            }
        }
    }
}

#[cfg(test)]
mod tests;
