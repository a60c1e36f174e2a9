use std::sync::Arc;

use crate::error::{Fault, Result};
use crate::evaluate::{Evaluator, Maybe};
use crate::value::{Members, Value};

use super::{Arguments, Row};

pub(super) const FUNCTIONS: &[Row] = &[
    ("map", "<af>", 2, map),
    ("filter", "<af>", 2, filter),
    ("single", "<af?>", 2, single),
    ("reduce", "<afj?:j>", 3, reduce),
    ("each", "<o-f:a>", 2, each),
    ("sift", "<o-f?:o>", 2, sift),
];

fn arity(function: &Value) -> usize {
    match function {
        Value::Function(function) => function.callable().arity(),
        _ => 0,
    }
}

/// Calls a function with an item, and with where it stands and in what if the function takes that.
fn called(
    evaluator: &mut Evaluator<'_, '_>,
    function: &Value,
    item: &Value,
    place: impl FnOnce() -> Value,
    whole: &Value,
) -> Result<Maybe> {
    let arity = arity(function);
    let mut arguments = Vec::with_capacity(3);
    arguments.push(Some(item.clone()));
    if arity >= 2 {
        arguments.push(Some(place()));
    }
    if arity >= 3 {
        arguments.push(Some(whole.clone()));
    }
    evaluator.invoke(function, arguments)
}

fn map(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let (Some(array), Some(function)) = (arguments.array(0), arguments.get(1)) else {
        return Ok(None);
    };
    let whole = Value::Array(array.clone());
    let mut mapped = Vec::with_capacity(array.len());
    for (index, item) in array.iter().enumerate() {
        let place = || Value::Number(index as f64);
        mapped.extend(called(evaluator, function, item, place, &whole)?);
    }
    evaluator
        .sequence(mapped)
        .map(|array| Some(Value::Array(array)))
}

fn filter(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let (Some(array), Some(function)) = (arguments.array(0), arguments.get(1)) else {
        return Ok(None);
    };
    let whole = Value::Array(array.clone());
    let mut kept = Vec::new();
    for (index, item) in array.iter().enumerate() {
        let place = || Value::Number(index as f64);
        let keep = called(evaluator, function, item, place, &whole)?;
        if evaluator.boolean(keep.as_ref())? {
            kept.push(item.clone());
        }
    }
    evaluator
        .sequence(kept)
        .map(|array| Some(Value::Array(array)))
}

fn single(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let Some(array) = arguments.array(0) else {
        return Ok(None);
    };
    let whole = Value::Array(array.clone());
    let mut found = None;
    for (index, item) in array.iter().enumerate() {
        let matches = match arguments.get(1) {
            Some(function) => {
                let place = || Value::Number(index as f64);
                let matches = called(evaluator, function, item, place, &whole)?;
                evaluator.boolean(matches.as_ref())?
            }
            None => true,
        };
        if matches && found.replace(item.clone()).is_some() {
            return Err(Fault::new("D3138").index(index));
        }
    }
    match found {
        Some(found) => Ok(Some(found)),
        None => Err(Fault::new("D3139")),
    }
}

fn reduce(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let (Some(array), Some(function)) = (arguments.array(0), arguments.get(1)) else {
        return Ok(None);
    };
    let arity = arity(function);
    if arity < 2 {
        return Err(Fault::new("D3050").index(1));
    }
    let (mut result, skipped) = match arguments.get(2) {
        None => (array.first().cloned(), 1),
        initial => (initial.cloned(), 0),
    };
    for (index, item) in array.iter().enumerate().skip(skipped) {
        let mut arguments = vec![result, Some(item.clone())];
        if arity >= 3 {
            arguments.push(Some(Value::Number(index as f64)));
        }
        if arity >= 4 {
            arguments.push(Some(Value::Array(array.clone())));
        }
        result = evaluator.invoke(function, arguments)?;
    }
    Ok(result)
}

fn each(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let mut results = Vec::new();
    if let (Some(whole @ Value::Object(object)), Some(function)) =
        (arguments.get(0), arguments.get(1))
    {
        for (name, value) in object.iter() {
            let place = || Value::String(Arc::clone(name));
            results.extend(called(evaluator, function, value, place, whole)?);
        }
    }
    evaluator
        .sequence(results)
        .map(|array| Some(Value::Array(array)))
}

fn sift(evaluator: &mut Evaluator<'_, '_>, arguments: Arguments) -> Result<Maybe> {
    let (Some(whole @ Value::Object(object)), Some(function)) =
        (arguments.get(0), arguments.get(1))
    else {
        return Ok(None);
    };
    let mut kept = Members::new();
    for (name, value) in object.iter() {
        let place = || Value::String(Arc::clone(name));
        let keep = called(evaluator, function, value, place, whole)?;
        if evaluator.boolean(keep.as_ref())? {
            kept.insert(Arc::clone(name), value.clone());
        }
    }
    if kept.is_empty() {
        return Ok(None);
    }
    evaluator.object(kept).map(Some)
}
