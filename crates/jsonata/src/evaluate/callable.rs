//! What can be called.

use std::sync::Arc;

use crate::functions::Native;
use crate::regex::Regex;
use crate::syntax::tree::{Call, Lambda, Transform};
use crate::value::{Content, Value};

use super::Maybe;
use super::matching::Place;

pub(crate) enum Callable {
    /// A function of the language.
    Native(&'static Native),
    /// A function of the expression.
    Lambda {
        definition: Arc<Lambda>,
        /// The parameters that a partial application left open; its signature no longer holds.
        unbound: Option<Vec<Arc<str>>>,
        input: Maybe,
        frame: usize,
    },
    /// A call that ends a function: to be made by who called that.
    Thunk {
        call: Arc<Call>,
        input: Maybe,
        frame: usize,
    },
    /// A partial application of a function that is no lambda. `None` is open.
    Partial {
        function: Value,
        arguments: Vec<Option<Maybe>>,
    },
    /// `first ~> second`, each a function.
    Chain {
        first: Value,
        second: Value,
    },
    Regex {
        regex: Arc<Regex>,
        position: usize,
    },
    /// Gives the next match.
    Next {
        regex: Arc<Regex>,
        position: usize,
        text: Arc<str>,
        from: Place,
    },
    Transform {
        transform: Arc<Transform>,
        frame: usize,
    },
}

impl Callable {
    /// How many parameters it has, as far as functions that call it with more or fewer arguments care.
    pub(crate) fn arity(&self) -> usize {
        match self {
            Self::Native(native) => native.arity,
            Self::Lambda {
                definition,
                unbound,
                ..
            } => unbound
                .as_ref()
                .map_or(definition.parameters.len(), Vec::len),
            Self::Thunk { .. } | Self::Next { .. } => 0,
            Self::Partial { arguments, .. } => arguments
                .iter()
                .filter(|argument| argument.is_none())
                .count(),
            Self::Chain { .. } | Self::Transform { .. } => 1,
            Self::Regex { .. } => 2,
        }
    }

    pub(crate) fn is_same_native(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Native(left), Self::Native(right)) if left.name == right.name)
    }
}

impl Content for Callable {
    fn each(&self, visit: &mut dyn FnMut(&Value)) {
        match self {
            Self::Lambda { input, .. } | Self::Thunk { input, .. } => input.iter().for_each(visit),
            Self::Partial {
                function,
                arguments,
            } => {
                visit(function);
                arguments.iter().flatten().flatten().for_each(visit);
            }
            Self::Chain { first, second } => {
                visit(first);
                visit(second);
            }
            Self::Native(_) | Self::Regex { .. } | Self::Next { .. } | Self::Transform { .. } => {}
        }
    }

    fn move_into(&mut self, values: &mut Vec<Value>) {
        match self {
            Self::Lambda { input, .. } | Self::Thunk { input, .. } => values.extend(input.take()),
            Self::Partial {
                function,
                arguments,
            } => {
                values.push(std::mem::replace(function, Value::Null));
                values.extend(arguments.drain(..).flatten().flatten());
            }
            Self::Chain { first, second } => {
                values.push(std::mem::replace(first, Value::Null));
                values.push(std::mem::replace(second, Value::Null));
            }
            Self::Native(_) | Self::Regex { .. } | Self::Next { .. } | Self::Transform { .. } => {}
        }
    }

    fn is_data(&self) -> bool {
        false
    }
}
