//! What expressions see, and what they say when they fail.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::{Json, Payload};

/// What paths, templates, intrinsics and conditions read.
#[derive(Clone, Copy)]
pub struct Data<'a> {
    /// `$`, and `$states.input` in JSONata.
    pub input: &'a Json,
    /// `$$`, made only where it is read.
    pub context: &'a dyn Fn() -> Json,
    /// `$name`, by the name without the dollar sign.
    pub variables: &'a dyn Fn(&str) -> Option<Payload>,
    /// `States.UUID`, `States.MathRandom`, `$uuid`, `$random`, `$shuffle`.
    pub entropy: &'a RefCell<Entropy>,
    /// What only JSONata reads.
    pub jsonata: JsonataData<'a>,
}

/// What only JSONata expressions read.
#[derive(Clone, Copy, Debug, Default)]
pub struct JsonataData<'a> {
    /// `$states.result`
    pub result: Option<&'a Json>,
    /// `$states.errorOutput`
    pub error_output: Option<&'a Json>,
    /// `$now`, `$millis`: milliseconds since 1970.
    pub now_millis: i64,
    /// How many steps are left to the evaluations that share it ([`jsonata::Bounds::steps`]); none: each has its own.
    pub steps: Option<&'a Cell<u64>>,
}

/// The place of a field in its state, as `EvaluationFailed` and causes name it: `Output`, `Choices[1]/Condition`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A field, with a slash where it stands in another: `ItemReader/Arguments`.
    Field(&'static str),
    /// A field of one of a list: `Catch[0]/Output`.
    Element(&'static str, usize, &'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => f.write_str(name),
            Self::Element(list, index, name) => write!(f, "{list}[{index}]/{name}"),
        }
    }
}

/// An endless stream of random numbers that its seed determines.
#[derive(Clone, Debug)]
pub struct Entropy {
    seed: [u8; 16],
    drawn: u64,
}

impl Entropy {
    /// The stream of that seed.
    pub fn new(seed: [u8; 16]) -> Self {
        Self { seed, drawn: 0 }
    }

    /// The stream that these parts determine together.
    pub fn derived(parts: &[&[u8]]) -> Self {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let mut seed = [0; 16];
        for (to, from) in seed.iter_mut().zip(digest.finalize()) {
            *to = from;
        }
        Self::new(seed)
    }

    /// The next 16 bytes.
    pub fn next_bytes(&mut self) -> [u8; 16] {
        let digest = Sha256::new()
            .chain_update(self.seed)
            .chain_update(self.drawn.to_be_bytes())
            .finalize();
        self.drawn += 1;
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(digest) {
            *to = from;
        }
        bytes
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        (u128::from_be_bytes(self.next_bytes()) >> 64) as u64
    }

    /// From 0 up to but not including 1.
    pub fn next_f64(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A random (version 4) UUID in lower case.
    pub fn uuid_v4(&mut self) -> String {
        let bits = u128::from_be_bytes(self.next_bytes());
        let bits = bits & !(0xF << 76) | (4 << 76);
        let bits = bits & !(0b11 << 62) | (0b10 << 62);
        let hex = format!("{bits:032x}");
        let mut uuid = String::with_capacity(36);
        for (at, digit) in hex.chars().enumerate() {
            if matches!(at, 8 | 12 | 16 | 20) {
                uuid.push('-');
            }
            uuid.push(digit);
        }
        uuid
    }
}

/// An error of the language: what retriers and catchers see.
///
/// The cause lacks what the engine puts before it, "An error occurred while executing the state 'X' (entered at the
/// event id #N). ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {cause}")]
pub struct StatesError {
    /// `States.Runtime` and so on.
    pub name: Cow<'static, str>,
    /// What a person reads.
    pub cause: String,
    /// The JSONata field that raised it: `Output/total`.
    pub location: Option<String>,
}

impl StatesError {
    /// An error of that name.
    pub fn new(name: impl Into<Cow<'static, str>>, cause: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            cause: cause.into(),
            location: None,
        }
    }

    /// `States.QueryEvaluationError` of a JSONata field.
    pub fn query(location: impl Into<String>, cause: impl Into<String>) -> Self {
        Self {
            location: Some(location.into()),
            ..Self::new("States.QueryEvaluationError", cause)
        }
    }

    /// `States.QueryEvaluationError` where an expression gave a value of the wrong type
    /// (scenarios/test_map_state_items_eval_jsonata_fail).
    pub fn unexpected_type(place: Place, text: &str, expected: &str, value: &Json) -> Self {
        let place = place.to_string();
        let cause = format!(
            "The JSONata expression '{text}' specified for the field '{place}' returned an unexpected result type. \
             Expected '{expected}', but was '{}' for value: {}",
            value.type_name(),
            value.to_text()
        );
        Self::query(place, cause)
    }

    /// `States.Runtime`
    pub fn runtime(cause: impl Into<String>) -> Self {
        Self::new("States.Runtime", cause)
    }
}

#[cfg(test)]
mod tests {
    use super::Entropy;

    #[test]
    fn a_seed_determines_its_stream() {
        let mut one = Entropy::new([1; 16]);
        let mut same = Entropy::new([1; 16]);
        let mut other = Entropy::new([2; 16]);
        let first = one.uuid_v4();
        assert_eq!(first, same.uuid_v4());
        assert_ne!(first, one.uuid_v4());
        assert_ne!(first, other.uuid_v4());
        assert!((0.0..1.0).contains(&one.next_f64()));

        let groups: Vec<usize> = first.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
        assert_eq!(first.chars().nth(14), Some('4'));
        assert!(
            first
                .chars()
                .nth(19)
                .is_some_and(|variant| "89ab".contains(variant))
        );
    }
}
