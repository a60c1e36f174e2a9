use super::{Function, Means, Outcome, integer};
use crate::Json;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "States.MathRandom",
        arguments_min: 2,
        arguments_max: 3,
        call: random,
    },
    Function {
        name: "States.MathAdd",
        arguments_min: 2,
        arguments_max: 2,
        call: add,
    },
];

/// From the first number up to but not including the second; a seed makes it the same every time.
fn random(values: &[Json], means: &Means<'_>) -> Outcome {
    let (start, end) = (integer(values, 0)?, integer(values, 1)?);
    if start >= end {
        return Err("The first argument must be less than the second.".into());
    }
    let chance = match values.get(2) {
        Some(_) => jsonata::java_random(integer(values, 2)?),
        None => means.entropy.borrow_mut().next_f64(),
    };
    let offset = ((end as f64 - start as f64) * chance) as i64;
    Ok(Json::from(
        start.saturating_add(offset).min(end.saturating_sub(1)),
    ))
}

fn add(values: &[Json], _: &Means<'_>) -> Outcome {
    let sum = integer(values, 0)?.checked_add(integer(values, 1)?);
    sum.map(Json::from)
        .ok_or_else(|| "The sum is out of range.".into())
}
