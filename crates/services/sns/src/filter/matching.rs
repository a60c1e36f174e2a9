use std::cell::Cell;
use std::net::IpAddr;

use serde_json::{Map, Value};

use super::{Branch, Comparison, Rule, Wanted};

/// Steps in which a policy is applied to a message: each of the 200 policies of a topic may want 256 KB looked at a
/// million times, and who publishes waits for that. A list of 10,000 values and a list of ten need a fifth of them.
// DIVERGENCE: a message that takes more steps than these, at sixteen letters a step, is not wanted; AWS's bound is not
// known.
const STEPS_MAX: usize = 500_000;
const LETTERS_A_STEP: usize = 16;

pub(super) fn wants(policy: &Branch, message: &Map<String, Value>) -> bool {
    let matching = Matching {
        steps: Cell::new(STEPS_MAX),
    };
    let wanted = matching.matches(policy, message);
    let is_judged = matching.steps.get() > 0;
    if !is_judged {
        tracing::warn!(
            "a message takes too many steps for a filter policy, and is not delivered by it"
        );
    }
    wanted && is_judged
}

struct Matching {
    steps: Cell<usize>,
}

impl Matching {
    /// Whether there are steps left for a look at so many letters; once there are none, no answer counts any more.
    fn step(&self, letters: usize) -> bool {
        let left = self
            .steps
            .get()
            .saturating_sub(1 + letters / LETTERS_A_STEP);
        self.steps.set(left);
        left > 0
    }

    // As deep as the policy, which its reader bounded.
    fn matches(&self, branch: &Branch, message: &Map<String, Value>) -> bool {
        let mut names = branch.names.iter();
        let mut alternatives = branch.alternatives.iter();
        self.step(0)
            && names.all(|(name, wanted)| self.is_wanted(wanted, message.get(name)))
            && alternatives.all(|branches| {
                let mut branches = branches.iter();
                branches.any(|branch| self.matches(branch, message))
            })
    }

    fn is_wanted(&self, wanted: &Wanted, value: Option<&Value>) -> bool {
        // Of a list one item is enough.
        let items = value.map(items).unwrap_or_default();
        match wanted {
            Wanted::AnyOf(rules) => rules.iter().any(|rule| match rule {
                Rule::Exists(wanted) => *wanted == value.is_some(),
                rule => items.iter().any(|item| self.fits(rule, item)),
            }),
            Wanted::Inside(branch) if value.is_some() => items.iter().any(|item| {
                let object = item.as_object();
                self.step(0) && object.is_some_and(|object| self.matches(branch, object))
            }),
            // What must not be there is not there.
            Wanted::Inside(branch) => self.matches(branch, &Map::new()),
        }
    }

    fn fits(&self, rule: &Rule, value: &Value) -> bool {
        let text = value.as_str();
        if !self.step(text.map_or(0, |text| rule.letters(text))) {
            return false;
        }
        match rule {
            Rule::Exactly(Value::Number(wanted)) => value
                .as_f64()
                .is_some_and(|given| Some(given) == wanted.as_f64()),
            Rule::Exactly(wanted) => wanted == value,
            Rule::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix)),
            Rule::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix)),
            Rule::EqualsIgnoreCase(wanted) => {
                text.is_some_and(|text| text.to_lowercase() == *wanted)
            }
            Rule::Wildcard(parts) => text.is_some_and(|text| is_like(parts, text)),
            Rule::AnythingBut(rules) => {
                !value.is_object() && !rules.iter().any(|rule| self.fits(rule, value))
            }
            Rule::Numeric(comparisons) => value.as_f64().is_some_and(|given| {
                comparisons
                    .iter()
                    .all(|(comparison, bound)| holds(*comparison, given, *bound))
            }),
            Rule::Exists(wanted) => *wanted,
            Rule::Cidr(network, bits) => text
                .and_then(|text| text.parse().ok())
                .is_some_and(|address| is_in(address, *network, *bits)),
        }
    }
}

impl Rule {
    /// How many letters of a text it looks at, about.
    fn letters(&self, text: &str) -> usize {
        match self {
            Self::Exactly(Value::String(wanted)) | Self::Prefix(wanted) | Self::Suffix(wanted) => {
                wanted.len().min(text.len())
            }
            Self::EqualsIgnoreCase(_) => text.len(),
            Self::Wildcard(parts) => text.len() + parts.iter().map(String::len).sum::<usize>(),
            // Its rules are counted as they are applied.
            Self::Exactly(_)
            | Self::AnythingBut(_)
            | Self::Numeric(_)
            | Self::Exists(_)
            | Self::Cidr(..) => 0,
        }
    }
}

/// A value, or what a list holds, lists within it included.
fn items(value: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(items) => left.extend(items),
            value => found.push(value),
        }
    }
    found
}

fn holds(comparison: Comparison, given: f64, bound: f64) -> bool {
    match comparison {
        #[expect(clippy::float_cmp, reason = "the policy asks for just that number")]
        Comparison::Equal => given == bound,
        Comparison::Less => given < bound,
        Comparison::LessOrEqual => given <= bound,
        Comparison::Greater => given > bound,
        Comparison::GreaterOrEqual => given >= bound,
    }
}

fn is_in(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let shared = |a: u128, b: u128, width: u32| {
        let outside = width - u32::from(bits);
        outside == width || a >> outside == b >> outside
    };
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => shared(a.to_bits().into(), b.to_bits().into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => shared(a.to_bits(), b.to_bits(), 128),
        _ => false,
    }
}

/// Whether a text consists of these parts with anything between them. Each part is looked for behind the one before, where
/// it comes first: no letter is looked at for two parts.
fn is_like(parts: &[String], text: &str) -> bool {
    let [head, rest @ ..] = parts else {
        return text.is_empty();
    };
    let [middle @ .., tail] = rest else {
        return text == head;
    };
    let Some(mut text) = text.strip_prefix(head.as_str()) else {
        return false;
    };
    for part in middle {
        match text.split_once(part.as_str()) {
            Some((_, behind)) => text = behind,
            None => return false,
        }
    }
    text.ends_with(tail)
}
