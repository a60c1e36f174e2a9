use std::net::IpAddr;

use serde_json::{Map, Value};

use super::{Branch, Comparison, Rule, Scope, Wanted};

/// AWS's quotas: the names in a policy, and the combinations of its values.
const NAMES_MAX: usize = 5;
const COMBINATIONS_MAX: usize = 150;
const POLICY_BYTES_MAX: usize = 256 * 1024;

const OR: &str = "$or";

pub(super) fn policy(text: &str, scope: Scope) -> Result<Branch, String> {
    if text.len() > POLICY_BYTES_MAX {
        return Err("Filter policy is too long".into());
    }
    // Nesting beyond 128 levels is refused by the reader.
    let value: Value =
        serde_json::from_str(text).map_err(|_| "failed to parse JSON.".to_owned())?;
    let Value::Object(policy) = value else {
        return Err("Filter policy must be a JSON object".into());
    };
    let mut size = Size {
        names: 0,
        combinations: 1,
    };
    let branch = branch(&policy, scope, 1, &mut size)?;
    if size.names > NAMES_MAX || size.combinations > COMBINATIONS_MAX {
        return Err("Filter policy is too complex".into());
    }
    Ok(branch)
}

/// How large a policy is as AWS counts: its names, and the product of the numbers of their values, each times its depth.
struct Size {
    names: usize,
    combinations: usize,
}

impl Size {
    fn add(&mut self, values: usize, depth: usize) {
        self.names += 1;
        self.combinations = self
            .combinations
            .saturating_mul(values.max(1).saturating_mul(depth));
    }
}

fn branch(
    policy: &Map<String, Value>,
    scope: Scope,
    depth: usize,
    size: &mut Size,
) -> Result<Branch, String> {
    let mut branch = Branch::default();
    for (name, value) in policy {
        match value {
            Value::Array(objects) if name == OR && is_or(objects) => {
                branch
                    .alternatives
                    .push(alternatives(objects, scope, depth, size)?);
            }
            Value::Array(rules) => {
                size.add(rules.len(), depth);
                branch
                    .names
                    .push((name.clone(), Wanted::AnyOf(any_of(rules)?)));
            }
            Value::Object(inside) if scope == Scope::MessageBody => {
                if inside.is_empty() {
                    return Err("Empty objects are not allowed".into());
                }
                let inside = self::branch(inside, scope, depth + 1, size)?;
                branch.names.push((name.clone(), Wanted::Inside(inside)));
            }
            Value::Object(_) => {
                return Err(
                    "Filter policy scope MessageAttributes does not support nested filter policy"
                        .into(),
                );
            }
            _ => return Err(format!("\"{name}\" must be an object or an array")),
        }
    }
    Ok(branch)
}

/// Whether this is the operator: a name may be called `$or` too.
fn is_or(objects: &[Value]) -> bool {
    objects.len() >= 2
        && objects.iter().all(|object| {
            let object = object.as_object();
            // A rule's operator is no name of a message.
            object.is_some_and(|object| !object.keys().any(|name| is_operator(name)))
        })
}

fn alternatives(
    objects: &[Value],
    scope: Scope,
    depth: usize,
    size: &mut Size,
) -> Result<Vec<Branch>, String> {
    let before = size.combinations;
    let mut sum: usize = 0;
    let mut branches = Vec::new();
    for object in objects.iter().filter_map(Value::as_object) {
        if object.is_empty() {
            return Err("Empty objects are not allowed".into());
        }
        // Alternatives add up, where names multiply.
        size.combinations = before;
        branches.push(branch(object, scope, depth, size)?);
        sum = sum.saturating_add(size.combinations);
    }
    size.combinations = sum;
    Ok(branches)
}

fn any_of(rules: &[Value]) -> Result<Vec<Rule>, String> {
    if rules.is_empty() {
        return Err("Empty arrays are not allowed".into());
    }
    rules.iter().map(rule).collect()
}

const OPERATORS: [&str; 8] = [
    "prefix",
    "suffix",
    "equals-ignore-case",
    "wildcard",
    "anything-but",
    "numeric",
    "exists",
    "cidr",
];

fn is_operator(name: &str) -> bool {
    OPERATORS.contains(&name)
}

fn rule(value: &Value) -> Result<Rule, String> {
    match value {
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {
            Ok(Rule::Exactly(value.clone()))
        }
        Value::Array(_) => Err("Match value must be String, number, true, false, or null".into()),
        Value::Object(operator) => {
            let mut members = operator.iter();
            match (members.next(), members.next()) {
                (Some((name, operand)), None) => operation(name, operand),
                (None, _) => Err("Empty objects are not allowed".into()),
                _ => Err("Only one key allowed in match expression".into()),
            }
        }
    }
}

fn operation(name: &str, operand: &Value) -> Result<Rule, String> {
    let text = || match operand {
        Value::String(text) if !text.is_empty() => Ok(text.clone()),
        Value::String(_) => Err(format!("{name} match pattern must not be empty")),
        _ => Err(format!("{name} match pattern must be a string")),
    };
    match name {
        "prefix" => text().map(Rule::Prefix),
        "suffix" => text().map(Rule::Suffix),
        "equals-ignore-case" => text().map(|text| Rule::EqualsIgnoreCase(text.to_lowercase())),
        "wildcard" => {
            let pattern = text()?;
            if pattern.contains("**") {
                return Err("Consecutive wildcard characters are not allowed".into());
            }
            Ok(Rule::Wildcard(parts(&pattern)))
        }
        "anything-but" => anything_but(operand).map(Rule::AnythingBut),
        "numeric" => numeric(operand).map(Rule::Numeric),
        "exists" => operand
            .as_bool()
            .map(Rule::Exists)
            .ok_or_else(|| "exists match pattern must be either true or false.".into()),
        "cidr" => cidr(&text()?).ok_or_else(|| "Malformed CIDR".into()),
        other => Err(format!("Unrecognized match type {other}")),
    }
}

/// What stands around and between the `*` of a pattern; `\*` stands for itself.
fn parts(pattern: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        let letter = match letter {
            '*' => {
                parts.push(String::new());
                continue;
            }
            '\\' => letters.next().unwrap_or('\\'),
            letter => letter,
        };
        parts.last_mut().expect("one was pushed first").push(letter);
    }
    parts
}

fn anything_but(operand: &Value) -> Result<Vec<Rule>, String> {
    match operand {
        Value::Array(values) => {
            let rules = any_of(values)?;
            if rules.iter().all(|rule| matches!(rule, Rule::Exactly(_))) {
                return Ok(rules);
            }
            Err("Inside anything but list, either all values are number or string, mixed type is not supported".into())
        }
        Value::Object(operator) => {
            let mut members = operator.iter();
            let (Some((name, operand)), None) = (members.next(), members.next()) else {
                return Err("Only one key allowed in match expression".into());
            };
            if !["prefix", "suffix", "wildcard", "equals-ignore-case"].contains(&&**name) {
                return Err(format!("Unsupported anything-but pattern: {name}"));
            }
            let operands = match operand {
                Value::Array(operands) if !operands.is_empty() => operands.as_slice(),
                one => std::slice::from_ref(one),
            };
            operands
                .iter()
                .map(|operand| operation(name, operand))
                .collect()
        }
        value => rule(value).map(|rule| vec![rule]),
    }
}

fn numeric(operand: &Value) -> Result<Vec<(Comparison, f64)>, String> {
    let operands = operand
        .as_array()
        .filter(|operands| !operands.is_empty())
        .ok_or("Value of numeric must be an array.")?;
    let mut comparisons = Vec::new();
    for pair in operands.chunks(2) {
        let operator = pair.first().and_then(Value::as_str);
        let comparison = match operator.ok_or("Invalid member in numeric match")? {
            "=" => Comparison::Equal,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            other => return Err(format!("Unrecognized numeric range operator: {other}")),
        };
        let number = pair.get(1).and_then(Value::as_f64);
        let number = number
            .ok_or_else(|| format!("Value of {} must be numeric", operator.unwrap_or_default()))?;
        comparisons.push((comparison, number));
    }
    if comparisons.len() > 2 {
        return Err("Too many elements in numeric expression".into());
    }
    Ok(comparisons)
}

fn cidr(text: &str) -> Option<Rule> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(most);
    (bits <= most).then_some(Rule::Cidr(address, bits))
}
