use super::{Function, integer};
use crate::{Entropy, Json};

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
fn random(values: &[Json], entropy: &mut Entropy) -> Result<Json, String> {
    let (start, end) = (integer(values, 0)?, integer(values, 1)?);
    if start >= end {
        return Err("The first argument must be less than the second.".to_owned());
    }
    let chance = match values.get(2) {
        Some(_) => java_random(integer(values, 2)?),
        None => entropy.next_f64(),
    };
    let offset = ((end as f64 - start as f64) * chance) as i64;
    Ok(Json::from(
        start.saturating_add(offset).min(end.saturating_sub(1)),
    ))
}

fn add(values: &[Json], _: &mut Entropy) -> Result<Json, String> {
    let sum = integer(values, 0)?.checked_add(integer(values, 1)?);
    sum.map(Json::from)
        .ok_or_else(|| "The sum is out of range.".to_owned())
}

/// The first `nextDouble()` of `java.util.Random`, which is what AWS draws from for a seed.
fn java_random(seed: i64) -> f64 {
    const MULTIPLIER: u64 = 0x5_DEEC_E66D;
    const MASK: u64 = (1 << 48) - 1;
    let mut state = (seed as u64 ^ MULTIPLIER) & MASK;
    let mut next = |bits: u32| {
        state = state.wrapping_mul(MULTIPLIER).wrapping_add(0xB) & MASK;
        state >> (48 - bits)
    };
    let high = next(26) << 27;
    (high + next(27)) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    /// Measured on AWS for JSONata's `$random(42)`.
    #[test]
    fn seeds_are_javas() {
        assert!((super::java_random(42) - 0.727_563_680_032_868_1).abs() < f64::EPSILON);
    }
}
