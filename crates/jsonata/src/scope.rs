//! What evaluations read from outside.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::bounds::{Bounds, Meter};
use crate::value::{Array, Value};

/// Variables, the time, randomness, and the bounds of a round of evaluations: made once for all the expressions of a
/// state. What an expression binds with `:=` is its own.
pub struct Scope<'a> {
    pub(crate) millis: i64,
    pub(crate) random: Box<dyn FnMut() -> u64 + 'a>,
    pub(crate) meter: Meter,
    variables: BTreeMap<Arc<str>, Value>,
    input: Option<Value>,
}

impl<'a> Scope<'a> {
    /// `now_millis`, since 1970, is what `$now` and `$millis` give throughout; `random` gives 64 even bits a call, for
    /// `$random`, `$uuid` and `$shuffle`. The steps of `bounds` are for all the evaluations together.
    pub fn new(now_millis: i64, random: impl FnMut() -> u64 + 'a, bounds: Bounds) -> Self {
        Self {
            millis: now_millis,
            random: Box::new(random),
            meter: Meter::new(bounds),
            variables: BTreeMap::new(),
            input: None,
        }
    }

    /// Gives a variable, named without its dollar sign, its value.
    pub fn bind(&mut self, name: impl Into<Arc<str>>, value: Value) {
        self.variables.insert(name.into(), value);
    }

    /// Sets the context item: what `$`, `$$` and bare names read. Step Functions has none.
    pub fn set_input(&mut self, value: Value) {
        self.input = Some(value);
    }

    /// How many of [`Bounds::steps`] are left.
    pub fn steps_left(&self) -> u64 {
        self.meter.steps_left()
    }

    pub(crate) fn variable(&self, name: &str) -> Option<&Value> {
        self.variables.get(name)
    }

    pub(crate) fn root(&self) -> Option<&Value> {
        self.input.as_ref()
    }

    /// The context item as paths begin with it: an array is one item.
    pub(crate) fn context(&self) -> Option<Value> {
        match &self.input {
            Some(Value::Array(array)) => {
                let mut wrapper = Array::sequence(vec![Value::Array(array.clone())]);
                wrapper.marks.outer_wrapper = true;
                Some(Value::Array(wrapper))
            }
            other => other.clone(),
        }
    }
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("millis", &self.millis)
            .field("meter", &self.meter)
            .finish_non_exhaustive()
    }
}
