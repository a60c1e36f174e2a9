use std::collections::BTreeMap;

use serde_json::Value;

use super::condition::{Condition, Cursor, Found, Test};

/// `$.a.b[0]`: which values are meant.
#[derive(Debug)]
pub(crate) struct Selector {
    written: String,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Key(String),
    Index(usize),
    /// `[*]`, `.*`
    Every,
}

/// `{ … }`
pub(super) fn parse(text: &str) -> Result<Condition<Selector>, String> {
    let mut cursor = Cursor::new(text);
    cursor.bump();
    let condition = Condition::parse(&mut cursor, &selector, 0)?;
    if !cursor.eat("}") || !cursor.is_at_end() {
        return Err(cursor.unexpected());
    }
    let mut bare = None;
    check(&condition, &mut bare);
    match bare {
        Some(written) => Err(format!(
            "Invalid filter pattern: nothing is asked of {written}"
        )),
        None => Ok(condition),
    }
}

/// Notes a selector that stands without a comparison.
fn check(condition: &Condition<Selector>, bare: &mut Option<String>) {
    match condition {
        Condition::Any(inner) | Condition::All(inner) => {
            for condition in inner {
                check(condition, bare);
            }
        }
        Condition::Test(selector, Test::Always) => *bare = Some(selector.written.clone()),
        Condition::Test(..) => {}
    }
}

fn selector(cursor: &mut Cursor<'_>) -> Result<Selector, String> {
    if !cursor.eat("$") {
        return Err(cursor.unexpected());
    }
    let begin = cursor.clone();
    let mut steps = Vec::new();
    loop {
        match cursor.peek() {
            Some('.') => {
                cursor.bump();
                // `$.['a key']`
                if cursor.peek() == Some('[') {
                    continue;
                }
                let key = cursor.take_while(|c| !c.is_whitespace() && !".[]=!<>(){}&|".contains(c));
                if key.is_empty() {
                    return Err(cursor.unexpected());
                }
                steps.push(match key {
                    "*" => Step::Every,
                    key => Step::Key(key.to_owned()),
                });
            }
            Some('[') => {
                cursor.bump();
                steps.push(bracketed(cursor)?);
                if !cursor.eat("]") {
                    return Err(cursor.unexpected());
                }
            }
            _ => {
                let written = format!("${}", begin.until(cursor));
                return Ok(Selector { written, steps });
            }
        }
    }
}

fn bracketed(cursor: &mut Cursor<'_>) -> Result<Step, String> {
    if matches!(cursor.peek(), Some('"' | '\'')) {
        return cursor.quoted().map(Step::Key);
    }
    match cursor.take_while(|c| c != ']').trim() {
        "*" => Ok(Step::Every),
        index => index
            .parse()
            .map(Step::Index)
            .map_err(|_| format!("Invalid filter pattern: '{index}' is no index")),
    }
}

pub(super) fn matches(condition: &Condition<Selector>, message: &str) -> bool {
    let Ok(document) = serde_json::from_str(message) else {
        return false;
    };
    condition.holds(&|selector, test| passes(&document, selector, test))
}

fn passes(document: &Value, selector: &Selector, test: &Test) -> bool {
    let mut found = Vec::new();
    select(document, &selector.steps, &mut found);
    match test {
        Test::Exists(wanted) => found.is_empty() != *wanted,
        Test::IsNull => found.iter().any(|value| value.is_null()),
        Test::Is(wanted) => found.iter().any(|value| **value == Value::Bool(*wanted)),
        Test::Compare(..) => found
            .iter()
            .filter_map(|value| scalar(value))
            .any(|value| test.passes(value)),
        Test::Always => false,
    }
}

fn select<'d>(value: &'d Value, steps: &[Step], found: &mut Vec<&'d Value>) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(value);
        return;
    };
    match (step, value) {
        (Step::Key(key), Value::Object(members)) => {
            if let Some(value) = members.get(key) {
                select(value, rest, found);
            }
        }
        (Step::Index(index), Value::Array(items)) => {
            if let Some(value) = items.get(*index) {
                select(value, rest, found);
            }
        }
        (Step::Every, Value::Array(items)) => {
            for value in items {
                select(value, rest, found);
            }
        }
        (Step::Every, Value::Object(members)) => {
            for value in members.values() {
                select(value, rest, found);
            }
        }
        _ => {}
    }
}

fn scalar(value: &Value) -> Option<Found<'_>> {
    match value {
        Value::String(text) => Some(Found::Text(text)),
        Value::Number(number) => number.as_f64().map(Found::Number),
        Value::Bool(value) => Some(Found::Bool(*value)),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

pub(super) fn extract(condition: &Condition<Selector>, message: &str) -> BTreeMap<String, String> {
    let document: Value = serde_json::from_str(message).unwrap_or_default();
    let mut values = BTreeMap::new();
    condition.operands(&mut |selector| {
        let mut found = Vec::new();
        select(&document, &selector.steps, &mut found);
        let text = found.first().map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        if let Some(text) = text {
            values.insert(selector.written.clone(), text);
        }
    });
    values
}
