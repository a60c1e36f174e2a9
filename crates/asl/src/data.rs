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
    /// What the evaluation may take.
    pub allowance: &'a Allowance,
    /// What only JSONata reads.
    pub jsonata: JsonataData<'a>,
}

/// What the evaluations of a state may take together.
#[derive(Clone, Debug)]
pub struct Allowance {
    /// Bytes of the value of one field, and of all that is computed for it, as [`Json::text_bytes_min`] counts them.
    bytes_max: usize,
    /// Steps that JSONata has left ([`jsonata::Bounds::steps`]).
    pub(crate) jsonata_steps: Cell<u64>,
    /// Steps that paths and intrinsic functions have left.
    pub(crate) path_steps: Cell<u64>,
}

impl Allowance {
    /// What the expressions of a state may take together: as much as one of them may.
    pub const JSONATA_STEPS: u64 = 1_000_000;

    // DIVERGENCE: AWS has no such number; what takes too long there is not known.
    /// What the paths and intrinsic functions of a state may take together: four times what one path may, in values
    /// visited and characters gone through in dozens, well below a second.
    const PATH_STEPS: u64 = 20_000_000;

    /// A field may come to so many bytes where payloads may be smaller: a part of its value is enough for some.
    const FIELD_BYTES: usize = 1 << 20;

    /// A new one, where a payload may have so many bytes.
    pub fn new(payload_bytes_max: usize) -> Self {
        Self {
            bytes_max: payload_bytes_max.max(Self::FIELD_BYTES),
            jsonata_steps: Cell::new(Self::JSONATA_STEPS),
            path_steps: Cell::new(Self::PATH_STEPS),
        }
    }

    /// Makes it good for another state; what was spent, in steps of JSONata.
    pub fn renew(&self) -> u64 {
        const PATH_STEPS_A_STEP: u64 = Allowance::PATH_STEPS / Allowance::JSONATA_STEPS;
        let jsonata = Self::JSONATA_STEPS - self.jsonata_steps.replace(Self::JSONATA_STEPS);
        let path = Self::PATH_STEPS - self.path_steps.replace(Self::PATH_STEPS);
        jsonata + path / PATH_STEPS_A_STEP
    }

    pub(crate) fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    /// For work that goes over that many bytes of values.
    pub(crate) fn spend_bytes(&self, bytes: usize) -> Result<(), StatesError> {
        let steps = 1 + bytes as u64 / BYTES_A_STEP as u64;
        let left = self.path_steps.get().saturating_sub(steps);
        self.path_steps.set(left);
        self.check_steps()
    }

    /// That there are steps left.
    pub(crate) fn check_steps(&self) -> Result<(), StatesError> {
        if self.path_steps.get() == 0 {
            return Err(StatesError::runtime(
                "The paths and functions of the state go through too much data.",
            ));
        }
        Ok(())
    }
}

/// That of AWS's own limits.
impl Default for Allowance {
    fn default() -> Self {
        Self::new(262_144)
    }
}

/// Bytes of values that are gone through, or copied, as one step.
pub(crate) const BYTES_A_STEP: usize = 32;

/// What only JSONata expressions read.
#[derive(Clone, Copy, Debug, Default)]
pub struct JsonataData<'a> {
    /// `$states.result`
    pub result: Option<&'a Json>,
    /// `$states.errorOutput`
    pub error_output: Option<&'a Json>,
    /// `$now`, `$millis`: milliseconds since 1970.
    pub now_millis: i64,
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

    /// How often something was taken from it.
    pub fn drawn(&self) -> u64 {
        self.drawn
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
        jsonata::uuid_v4(u128::from_be_bytes(self.next_bytes()))
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
    /// A result, output or effective input that has too many bytes.
    pub const DATA_LIMIT_EXCEEDED: &'static str = "States.DataLimitExceeded";

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

    /// `States.DataLimitExceeded`: the value of a field is larger than any payload may be. Whose field it is the cause
    /// does not tell.
    pub fn too_large() -> Self {
        Self::new(
            Self::DATA_LIMIT_EXCEEDED,
            "The value of a field exceeds the maximum number of bytes service limit.",
        )
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
