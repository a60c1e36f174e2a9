//! A pattern applied to an event.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::IpAddr;

use serde_json::Value;

use super::{Affix, Cidr, Excluded, Fields, Matcher, Node, Range, Wildcard, address};

/// Steps in which a pattern is applied to an event: PutEvents waits for all rules of a bus, of which there may be 300. A
/// list of 10,000 objects and a pattern of ten fields need a fifth of them.
// DIVERGENCE: an event that takes more steps than these, at sixteen letters a step, is not matched; AWS's bound is not
// known.
const STEPS_MAX: usize = 500_000;
const LETTERS_A_STEP: usize = 16;

pub(super) fn matches(fields: &Fields, event: &Value) -> bool {
    let matching = Matching {
        event,
        steps: Cell::new(STEPS_MAX),
        leaves: RefCell::default(),
    };
    let matched = matching.fields(fields, Some(event), &mut Vec::new());
    let is_judged = matching.steps.get() > 0;
    if !is_judged {
        tracing::warn!("an event takes too many steps for a rule, and does not match it");
    }
    matched && is_judged
}

struct Matching<'e> {
    event: &'e Value,
    steps: Cell<usize>,
    /// By their place in the pattern, whether the event has leaves that are not wanted.
    leaves: RefCell<HashMap<*const Matcher, bool>>,
}

impl Matching<'_> {
    /// Whether there are steps left for a look at so many letters; once there are none, no answer counts any more.
    fn step(&self, letters: usize) -> bool {
        let left = self
            .steps
            .get()
            .saturating_sub(1 + letters / LETTERS_A_STEP);
        self.steps.set(left);
        left > 0
    }

    /// Whether a value, if there is one here, has all that is wanted below it.
    fn fields<'p>(
        &self,
        fields: &'p Fields,
        value: Option<&Value>,
        path: &mut Vec<&'p str>,
    ) -> bool {
        if !self.step(0) {
            return false;
        }
        // Of a list, one element must have all: fields do not mix from several.
        if let Some(Value::Array(items)) = value {
            let mut tried = false;
            let found = items.iter().any(|item| {
                let holds_fields = self.step(0) && (item.is_object() || item.is_array());
                tried |= holds_fields;
                holds_fields && self.fields(fields, Some(item), path)
            });
            return found || (!tried && self.fields(fields, None, path));
        }
        let members = value.and_then(Value::as_object);
        let all = fields.all.iter().all(|(name, node)| {
            let child = members.and_then(|members| members.get(name));
            path.push(name);
            let matched = match node {
                Node::Object(fields) => self.fields(fields, child, path),
                Node::Leaf(matchers) => {
                    let mut matchers = matchers.iter();
                    matchers.any(|matcher| self.leaf(matcher, child, path))
                }
            };
            path.pop();
            matched
        });
        all && fields.any.iter().all(|alternatives| {
            let mut alternatives = alternatives.iter();
            alternatives.any(|fields| self.fields(fields, value, path))
        })
    }

    fn leaf(&self, matcher: &Matcher, value: Option<&Value>, path: &[&str]) -> bool {
        match matcher {
            // Nowhere in the event, also not in another element of a list.
            Matcher::Absent => {
                let known = self
                    .leaves
                    .borrow()
                    .get(&std::ptr::from_ref(matcher))
                    .copied();
                let has_leaf = known.unwrap_or_else(|| self.has_leaf(self.event, path));
                self.leaves.borrow_mut().insert(matcher, has_leaf);
                self.step(0) && !has_leaf
            }
            _ => value.is_some_and(|value| self.any(matcher, value)),
        }
    }

    /// Whether anything but objects is at a path, through lists.
    fn has_leaf(&self, value: &Value, path: &[&str]) -> bool {
        self.step(0)
            && match (value, path.split_first()) {
                (Value::Array(items), _) => items.iter().any(|item| self.has_leaf(item, path)),
                (Value::Object(members), Some((name, rest))) => members
                    .get(*name)
                    .is_some_and(|value| self.has_leaf(value, rest)),
                (Value::Object(_), None) | (_, Some(_)) => false,
                (_, None) => true,
            }
    }

    /// Whether a value, or one in a list, is what is wanted. An object is none.
    fn any(&self, matcher: &Matcher, value: &Value) -> bool {
        match value {
            Value::Array(items) => self.step(0) && items.iter().any(|item| self.any(matcher, item)),
            Value::Object(_) => false,
            value => self.step(matcher.letters(value)) && matcher.matches(value),
        }
    }
}

/// Letters of a text that are looked at to compare it with others.
fn compared(texts: &[String], text: &str) -> usize {
    texts
        .iter()
        .map(|wanted| LETTERS_A_STEP + wanted.len().min(text.len()))
        .sum()
}

impl Matcher {
    /// How many letters of a value it looks at, about.
    fn letters(&self, value: &Value) -> usize {
        let text = value.as_str().unwrap_or_default();
        match self {
            Self::Text(wanted) => wanted.len().min(text.len()),
            Self::Prefix(affix) | Self::Suffix(affix) if !affix.ignore_case => {
                affix.text.len().min(text.len())
            }
            Self::Prefix(_) | Self::Suffix(_) | Self::IgnoreCase(_) | Self::Wildcard(_) => {
                text.len()
            }
            Self::AnythingBut(excluded) => match excluded {
                Excluded::Texts(texts) | Excluded::Prefixes(texts) | Excluded::Suffixes(texts) => {
                    compared(texts, text)
                }
                Excluded::Numbers(numbers) => LETTERS_A_STEP * numbers.len(),
                Excluded::IgnoreCase(texts) => texts.len() * (LETTERS_A_STEP + text.len()),
                Excluded::Wildcards(wildcards) => wildcards.len() * (LETTERS_A_STEP + text.len()),
            },
            Self::Number(_)
            | Self::Literal(_)
            | Self::Address(_)
            | Self::Numeric(_)
            | Self::Cidr(_)
            | Self::Exists
            | Self::Absent => 0,
        }
    }

    fn matches(&self, value: &Value) -> bool {
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
