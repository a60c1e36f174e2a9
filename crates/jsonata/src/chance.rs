//! What numbers that come from outside are made into.

/// The first `nextDouble()` of `java.util.Random`, which is what AWS draws from for a seed: measured for `$random(42)`.
pub fn java_random(seed: i64) -> f64 {
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

/// The UUID of version 4, in lower case, that these bits make.
pub fn uuid_v4(bits: u128) -> String {
    let versioned = bits & !(0xF << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let digits = format!("{versioned:032x}");
    let mut uuid = String::with_capacity(36);
    for (index, digit) in digits.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            uuid.push('-');
        }
        uuid.push(digit);
    }
    uuid
}

#[cfg(test)]
mod tests {
    #[test]
    fn seeds_are_javas() {
        assert!((super::java_random(42) - 0.727_563_680_032_868_1).abs() < f64::EPSILON);
    }
}
