use std::collections::HashSet;

use super::{Function, Means, Outcome, array, integer};
use crate::Json;

/// The guide: `States.ArrayRange` makes at most 1,000 elements.
const RANGE_MAX: usize = 1_000;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "States.Array",
        arguments_min: 0,
        arguments_max: usize::MAX,
        call: make,
    },
    Function {
        name: "States.ArrayPartition",
        arguments_min: 2,
        arguments_max: 2,
        call: partition,
    },
    Function {
        name: "States.ArrayContains",
        arguments_min: 2,
        arguments_max: 2,
        call: contains,
    },
    Function {
        name: "States.ArrayRange",
        arguments_min: 3,
        arguments_max: 3,
        call: range,
    },
    Function {
        name: "States.ArrayGetItem",
        arguments_min: 2,
        arguments_max: 2,
        call: get_item,
    },
    Function {
        name: "States.ArrayLength",
        arguments_min: 1,
        arguments_max: 1,
        call: length,
    },
    Function {
        name: "States.ArrayUnique",
        arguments_min: 1,
        arguments_max: 1,
        call: unique,
    },
];

#[expect(
    clippy::unnecessary_wraps,
    reason = "every row of the table has this type"
)]
fn make(values: &[Json], _: &Means<'_>) -> Outcome {
    Ok(Json::array(values.iter().cloned()))
}

fn partition(values: &[Json], _: &Means<'_>) -> Outcome {
    let items = array(values, 0)?;
    let size = usize::try_from(integer(values, 1)?).unwrap_or(0);
    if size == 0 {
        return Err("The second argument must be a positive integer.".into());
    }
    Ok(Json::array(
        items
            .chunks(size)
            .map(|chunk| Json::array(chunk.iter().cloned())),
    ))
}

fn contains(values: &[Json], _: &Means<'_>) -> Outcome {
    let items = array(values, 0)?;
    let wanted = values.get(1).unwrap_or(&Json::Null);
    Ok(Json::from(items.iter().any(|item| item == wanted)))
}

fn range(values: &[Json], _: &Means<'_>) -> Outcome {
    let (first, last, step) = (
        integer(values, 0)?,
        integer(values, 1)?,
        integer(values, 2)?,
    );
    if step == 0 {
        return Err("The third argument must not be zero.".into());
    }
    let mut items = Vec::new();
    let mut next = Some(first);
    while let Some(item) = next.filter(|item| {
        if step > 0 {
            *item <= last
        } else {
            *item >= last
        }
    }) {
        if items.len() == RANGE_MAX {
            let problem = format!("The range must not have more than {RANGE_MAX} elements.");
            return Err(problem.into());
        }
        items.push(Json::from(item));
        next = item.checked_add(step);
    }
    Ok(Json::from(items))
}

fn get_item(values: &[Json], _: &Means<'_>) -> Outcome {
    let items = array(values, 0)?;
    let index = integer(values, 1)?;
    let item = usize::try_from(index)
        .ok()
        .and_then(|index| items.get(index));
    let item = item.cloned().ok_or_else(|| {
        format!(
            "The index {index} is out of bounds for an array of length {}.",
            items.len()
        )
    })?;
    Ok(item)
}

fn length(values: &[Json], _: &Means<'_>) -> Outcome {
    Ok(Json::from(array(values, 0)?.len() as u64))
}

/// The first of equal elements stays. Equal are those whose texts are the same once keys are sorted.
fn unique(values: &[Json], _: &Means<'_>) -> Outcome {
    let mut seen = HashSet::new();
    Ok(Json::array(
        array(values, 0)?
            .iter()
            .filter(|item| seen.insert(item.to_sorted().to_text()))
            .cloned(),
    ))
}
