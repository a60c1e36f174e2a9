use std::net::IpAddr;

use serde_json::{Map, Value};

use super::{Branch, Comparison, Rule, Wanted};

// As deep as the policy, which its reader bounded.
pub(super) fn matches(branch: &Branch, message: &Map<String, Value>) -> bool {
    branch
        .names
        .iter()
        .all(|(name, wanted)| is_wanted(wanted, message.get(name)))
        && branch
            .alternatives
            .iter()
            .all(|branches| branches.iter().any(|branch| matches(branch, message)))
}

fn is_wanted(wanted: &Wanted, value: Option<&Value>) -> bool {
    match wanted {
        Wanted::AnyOf(rules) => rules.iter().any(|rule| is_met(rule, value)),
        Wanted::Inside(branch) => match value {
            Some(value) => items(value).iter().any(|item| {
                item.as_object()
                    .is_some_and(|object| matches(branch, object))
            }),
            // What must not be there is not there.
            None => matches(branch, &Map::new()),
        },
    }
}

fn is_met(rule: &Rule, value: Option<&Value>) -> bool {
    match (rule, value) {
        (Rule::Exists(wanted), value) => *wanted == value.is_some(),
        (_, None) => false,
        // Of a list one item is enough.
        (rule, Some(value)) => items(value).into_iter().any(|item| fits(rule, item)),
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

fn fits(rule: &Rule, value: &Value) -> bool {
    let text = value.as_str();
    match rule {
        Rule::Exactly(Value::Number(wanted)) => value
            .as_f64()
            .is_some_and(|given| Some(given) == wanted.as_f64()),
        Rule::Exactly(wanted) => wanted == value,
        Rule::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix)),
        Rule::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix)),
        Rule::EqualsIgnoreCase(wanted) => text.is_some_and(|text| text.to_lowercase() == *wanted),
        Rule::Wildcard(pattern) => text.is_some_and(|text| is_like(pattern, text)),
        Rule::AnythingBut(rules) => {
            !value.is_object() && !rules.iter().any(|rule| fits(rule, value))
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

/// Whether a text fits a pattern in which `*` stands for anything and `\*` for itself. At most as many steps as the
/// product of the two lengths.
fn is_like(pattern: &str, text: &str) -> bool {
    let pattern = pattern_of(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut from) = (0, 0);
    // Where the last `*` stands, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() {
        match pattern.get(at) {
            Some(None) => {
                star = Some((at, from));
                at += 1;
            }
            Some(Some(letter)) if *letter == text[from] => {
                at += 1;
                from += 1;
            }
            _ => match star {
                Some((star_at, taken)) => {
                    star = Some((star_at, taken + 1));
                    at = star_at + 1;
                    from = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(Option::is_none)
}

/// Letters, and none for each `*`.
fn pattern_of(text: &str) -> Vec<Option<char>> {
    let mut letters = text.chars();
    let mut pattern = Vec::new();
    while let Some(letter) = letters.next() {
        pattern.push(match letter {
            '*' => None,
            '\\' => Some(letters.next().unwrap_or('\\')),
            letter => Some(letter),
        });
    }
    pattern
}
