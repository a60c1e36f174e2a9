use std::sync::Arc;

use indexmap::IndexSet;

use crate::error::{Fault, Result};
use crate::evaluate::{Evaluator, Maybe};
use crate::number::to_precision_15;
use crate::value::{Members, Value};

use super::numeric::type_name;
use super::{Arguments, Row};

pub(super) const FUNCTIONS: &[Row] = &[
    ("keys", "<x-:a<s>>", 1, keys),
    ("lookup", "<x-s:x>", 2, lookup),
    ("spread", "<x-:a<o>>", 1, spread),
    ("merge", "<a<o>:o>", 1, merge),
    ("exists", "<x:b>", 1, exists),
    ("type", "<x:s>", 1, type_of),
    ("clone", "<(oa)-:o>", 1, clone),
    ("error", "<s?:x>", 1, error),
    ("assert", "<bs?:x>", 2, assert),
];

fn keys(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let mut names = IndexSet::new();
    let mut rest: Vec<&Value> = arguments.get(0).into_iter().collect();
    while let Some(value) = rest.pop() {
        evaluator.spend(1)?;
        match value {
            Value::Array(array) => rest.extend(array.iter().rev()),
            Value::Object(object) => {
                evaluator.spend(object.len().saturating_mul(2))?;
                names.extend(object.keys().cloned());
            }
            _ => {}
        }
    }
    let names = names.into_iter().map(Value::String).collect();
    evaluator
        .sequence(names)
        .map(|array| Some(Value::Array(array)))
}

fn lookup(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    match arguments.text(1) {
        Some(name) => evaluator.field(arguments.get(0), &name),
        None => Ok(None),
    }
}

fn spread(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let value = match arguments.get(0) {
        Some(value @ (Value::Array(_) | Value::Object(_))) => value,
        other => return Ok(other.cloned()),
    };
    let mut items = Vec::new();
    spread_into(evaluator, value, &mut items)?;
    let mut array = evaluator.array(items)?;
    // What an array of several values is spread into was appended, and is no sequence.
    array.marks.sequence = match value {
        Value::Array(array) => array.is_empty(),
        _ => true,
    };
    Ok(Some(Value::Array(array)))
}

fn spread_into(
    evaluator: &mut Evaluator<'_, '_>,
    value: &Value,
    items: &mut Vec<Value>,
) -> Result<()> {
    evaluator.spend(1)?;
    match value {
        Value::Array(array) => array
            .iter()
            .try_for_each(|item| spread_into(evaluator, item, items)),
        Value::Object(object) => {
            evaluator.spend(object.len().saturating_mul(6))?;
            items.extend(
                object
                    .iter()
                    .map(|(name, value)| Value::object([(Arc::clone(name), value.clone())])),
            );
            Ok(())
        }
        other => {
            items.push(other.clone());
            Ok(())
        }
    }
}

fn merge(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(array) = arguments.array(0) else {
        return Ok(None);
    };
    let mut members = Members::new();
    for item in array.iter() {
        if let Value::Object(object) = item {
            evaluator.spend(1 + object.len())?;
            members.extend(
                object
                    .iter()
                    .map(|(name, value)| (Arc::clone(name), value.clone())),
            );
        }
    }
    evaluator.object(members).map(Some)
}

fn exists(_: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    Ok(Some(Value::Bool(arguments.get(0).is_some())))
}

fn type_of(_: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    arguments
        .get(0)
        .map(|value| type_name(value).map(Value::string))
        .transpose()
}

/// A copy by way of JSON text: numbers have 15 digits, functions become empty text.
fn clone(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    arguments
        .get(0)
        .map(|value| copy(evaluator, value))
        .transpose()
}

fn copy(evaluator: &mut Evaluator<'_, '_>, value: &Value) -> Result<Value> {
    evaluator.spend(1)?;
    match value {
        Value::Number(number) if number.is_infinite() => Err(crate::evaluate::out_of_range()),
        Value::Number(number) if number.is_nan() => Ok(Value::Null),
        Value::Number(number) => Ok(Value::Number(to_precision_15(*number))),
        Value::Function(_) => Ok(Value::string("")),
        Value::Array(array) => {
            let mut items = Vec::with_capacity(array.len());
            for item in array.iter() {
                items.push(copy(evaluator, item)?);
            }
            evaluator.array(items).map(Value::Array)
        }
        Value::Object(object) => {
            let mut members = Members::with_capacity(object.len());
            for (name, item) in object.iter() {
                members.insert(Arc::clone(name), copy(evaluator, item)?);
            }
            evaluator.object(members)
        }
        other => Ok(other.clone()),
    }
}

fn error(_: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    Err(raised(
        "D3137",
        &arguments,
        0,
        "$error() function evaluated",
    ))
}

fn assert(_: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    match arguments.get(0) {
        Some(Value::Bool(true)) => Ok(None),
        _ => Err(raised("D3141", &arguments, 1, "$assert() statement failed")),
    }
}

fn raised(code: &'static str, arguments: &Arguments, index: usize, otherwise: &str) -> Box<Fault> {
    let message = arguments.text(index).filter(|message| !message.is_empty());
    Fault::new(code).message(message.as_deref().unwrap_or(otherwise))
}
