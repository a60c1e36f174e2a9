//! The functions of the language, by family, and Step Functions' own.

#![expect(
    clippy::unnecessary_wraps,
    reason = "every row of the table has this type"
)]

mod array;
mod aws;
mod datetime;
mod encoding;
mod format_number;
mod higher_order;
mod matching;
mod numeric;
mod object;
mod string;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use crate::error::Result;
use crate::evaluate::{Evaluator, Maybe};
use crate::syntax::Signature;
use crate::value::{Array, Value};

/// A function of the language.
pub(crate) struct Native {
    pub(crate) name: &'static str,
    pub(crate) signature: Signature,
    /// How many parameters the reference implementation's function declares.
    pub(crate) arity: usize,
    pub(crate) call: Call,
}

type Call = for<'e, 'a> fn(&mut Evaluator<'e, 'a>, Arguments) -> Result<Maybe>;

/// Name, signature, arity, function.
type Row = (&'static str, &'static str, usize, Call);

const FAMILIES: [&[Row]; 10] = [
    array::FUNCTIONS,
    aws::FUNCTIONS,
    datetime::FUNCTIONS,
    encoding::FUNCTIONS,
    format_number::FUNCTIONS,
    higher_order::FUNCTIONS,
    matching::FUNCTIONS,
    numeric::FUNCTIONS,
    object::FUNCTIONS,
    string::FUNCTIONS,
];

static NATIVES: LazyLock<HashMap<&'static str, Native>> = LazyLock::new(|| {
    let rows = FAMILIES.iter().copied().flatten();
    rows.filter_map(|&(name, signature, arity, call)| {
        let native = Native {
            name,
            signature: Signature::parse(signature).ok()?,
            arity,
            call,
        };
        Some((name, native))
    })
    .collect()
});

/// Whether a name without its dollar sign is that of a function of the language; variables may have such names, too.
pub fn is_function(name: &str) -> bool {
    native(name).is_some()
}

/// The function of that name, without the dollar sign.
pub(crate) fn native(name: &str) -> Option<&'static Native> {
    NATIVES.get(name)
}

/// Arguments that fit the function's signature.
pub(crate) struct Arguments(Vec<Maybe>);

impl Arguments {
    pub(crate) fn new(arguments: Vec<Maybe>) -> Self {
        Self(arguments)
    }

    fn get(&self, index: usize) -> Option<&Value> {
        self.0.get(index).and_then(Option::as_ref)
    }

    fn text(&self, index: usize) -> Option<Arc<str>> {
        self.get(index).and_then(Value::as_str).cloned()
    }

    fn number(&self, index: usize) -> Option<f64> {
        match self.get(index) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    fn array(&self, index: usize) -> Option<Array> {
        match self.get(index) {
            Some(Value::Array(array)) => Some(array.clone()),
            _ => None,
        }
    }

    fn iter(&self) -> impl Iterator<Item = &Maybe> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_signature_and_a_name_of_its_own() {
        let rows: usize = FAMILIES.iter().map(|rows| rows.len()).sum();
        assert_eq!(NATIVES.len(), rows);
    }
}
