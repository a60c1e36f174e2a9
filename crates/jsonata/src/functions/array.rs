use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::error::{Fault, Result};
use crate::evaluate::{Evaluator, Maybe, text_order};
use crate::value::{Array, Value};

use super::{Arguments, Row};

pub(super) const FUNCTIONS: &[Row] = &[
    ("count", "<a:n>", 1, count),
    ("append", "<xx:a>", 2, append),
    ("sort", "<af?:a>", 2, sort),
    ("reverse", "<a:a>", 1, reverse),
    ("shuffle", "<a:a>", 1, shuffle),
    ("distinct", "<x:x>", 1, distinct),
    ("zip", "<a+>", 0, zip),
];

fn count(_: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let count = arguments.array(0).map_or(0, |array| array.len());
    Ok(Some(Value::Number(count as f64)))
}

fn append(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let (first, second) = match (arguments.get(0), arguments.get(1)) {
        (Some(first), Some(second)) => (first, second),
        (one, other) => return Ok(one.or(other).cloned()),
    };
    let mut items = Vec::new();
    for value in [first, second] {
        match value {
            Value::Array(array) => {
                evaluator.spend(array.len() / 8)?;
                items.extend_from_slice(array);
            }
            single => items.push(single.clone()),
        }
    }
    evaluator
        .array(items)
        .map(|array| Some(Value::Array(array)))
}

fn sort(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(array) = arguments.array(0) else {
        return Ok(None);
    };
    if array.len() <= 1 {
        return Ok(Some(Value::Array(array)));
    }
    evaluator.spend(array.len() / 4)?;
    let items = array.to_vec();
    let sorted = match arguments.get(1) {
        Some(comparator) => evaluator.merge_sort(items, &mut |evaluator, left, right| {
            let swaps =
                evaluator.invoke(comparator, vec![Some(left.clone()), Some(right.clone())])?;
            Ok(truthy(swaps.as_ref()))
        })?,
        None => {
            let numbers = array.iter().all(|item| matches!(item, Value::Number(_)));
            let strings = array.iter().all(|item| matches!(item, Value::String(_)));
            if !numbers && !strings {
                return Err(Fault::new("D3070").index(1));
            }
            evaluator.merge_sort(items, &mut |evaluator, left, right| match (left, right) {
                (Value::String(left), Value::String(right)) => {
                    evaluator.meter().spend_bytes(left.len().min(right.len()))?;
                    Ok(text_order(left, right).is_gt())
                }
                (Value::Number(left), Value::Number(right)) => Ok(left > right),
                _ => Ok(false),
            })?
        }
    };
    evaluator
        .array(sorted)
        .map(|array| Some(Value::Array(array)))
}

/// What JavaScript takes for true, containers always.
fn truthy(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(value)) => *value,
        Some(Value::Number(number)) => *number != 0.0 && !number.is_nan(),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(_) | Value::Object(_) | Value::Function(_)) => true,
    }
}

fn reverse(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    match arguments.array(0) {
        Some(array) if array.len() > 1 => {
            let items = array.iter().rev().cloned().collect();
            evaluator
                .array(items)
                .map(|array| Some(Value::Array(array)))
        }
        array => Ok(array.map(Value::Array)),
    }
}

fn shuffle(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(array) = arguments.array(0) else {
        return Ok(None);
    };
    if array.len() <= 1 {
        return Ok(Some(Value::Array(array)));
    }
    evaluator.spend(array.len())?;
    let mut items = array.to_vec();
    for index in 1..items.len() {
        let other = (evaluator.random_fraction() * (index + 1) as f64) as usize;
        items.swap(index, other.min(index));
    }
    evaluator
        .array(items)
        .map(|array| Some(Value::Array(array)))
}

/// Without what is there already, the first of equal items staying.
fn distinct(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let array = match arguments.get(0) {
        Some(Value::Array(array)) if array.len() > 1 => array,
        other => return Ok(other.cloned()),
    };
    // Items are compared with those of the same hash only.
    let mut known: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut items: Vec<Value> = Vec::new();
    for item in array.iter() {
        evaluator.meter().spend_bytes(64 + item.bytes() * 4)?;
        let mut hasher = DefaultHasher::new();
        hash(item, &mut hasher);
        let places = known.entry(hasher.finish()).or_default();
        let mut is_known = false;
        for place in places.iter() {
            if let Some(other) = items.get(*place) {
                evaluator.spend_comparison(item, other)?;
                is_known |= item == other;
            }
        }
        if !is_known {
            places.push(items.len());
            items.push(item.clone());
        }
    }
    let mut result = evaluator.array(items)?;
    result.marks.sequence = array.marks.sequence;
    Ok(Some(Value::Array(result)))
}

/// Equal values have equal hashes: names of an object count in any order.
fn hash(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Null => 0_u8.hash(hasher),
        Value::Bool(value) => value.hash(hasher),
        // Both zeros are equal.
        Value::Number(number) => (number + 0.0).to_bits().hash(hasher),
        Value::String(text) => text.hash(hasher),
        Value::Function(_) => 1_u8.hash(hasher),
        Value::Array(array) => {
            array.len().hash(hasher);
            array.iter().for_each(|item| hash(item, hasher));
        }
        Value::Object(object) => {
            let members = object.iter().map(|(name, value)| {
                let mut member = DefaultHasher::new();
                name.hash(&mut member);
                hash(value, &mut member);
                member.finish()
            });
            let sum = members.fold(0_u64, u64::wrapping_add);
            (object.len(), sum).hash(hasher);
        }
    }
}

fn zip(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let arrays: Vec<&[Value]> = arguments
        .iter()
        .map(|argument| match argument {
            Some(Value::Array(array)) => array.as_slice(),
            _ => &[],
        })
        .collect();
    let length = arrays.iter().map(|array| array.len()).min().unwrap_or(0);
    let mut tuples = Vec::with_capacity(length);
    for index in 0..length {
        let tuple = arrays
            .iter()
            .filter_map(|array| array.get(index).cloned())
            .collect();
        evaluator.spend(2 + arrays.len() / 2)?;
        tuples.push(Value::Array(Array::new(tuple)));
    }
    evaluator
        .array(tuples)
        .map(|array| Some(Value::Array(array)))
}
