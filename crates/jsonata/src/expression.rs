use std::fmt;
use std::sync::Arc;

use crate::error::Error;
use crate::evaluate;
use crate::references::References;
use crate::scope::Scope;
use crate::syntax::{self, Tree};
use crate::value::Value;

/// A parsed expression: cheap to clone, free to go to other threads, equal to one of the same text.
#[derive(Clone)]
pub struct Expression(Arc<Parsed>);

struct Parsed {
    text: Arc<str>,
    tree: Tree,
    references: References,
}

impl Expression {
    /// An expression's text, without Step Functions' `{%` and `%}`.
    ///
    /// # Errors
    /// It is no JSONata 2.0.6 (so `??` and `?:` are refused), or it nests more than 200 levels deep.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let tree = syntax::parse(text)?;
        Ok(Self(Arc::new(Parsed {
            text: text.into(),
            references: References::of(&tree.root),
            tree,
        })))
    }

    /// The text it was parsed from.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// What it reads from outside.
    pub fn references(&self) -> &References {
        &self.0.references
    }

    /// Its value; none where that is undefined. Numbers that are not finite have become text, as on AWS. The value
    /// may hold functions ([`Value::is_json`]), which are good for nothing once the evaluation is over.
    ///
    /// # Errors
    /// What JSONata says of wrong operands and arguments, what the expression raises itself, or a bound of the scope.
    pub fn evaluate(&self, scope: &mut Scope<'_>) -> Result<Option<Value>, Error> {
        evaluate::evaluate(&self.0.tree, scope).map_err(Error::from)
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.0.text).finish()
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for Expression {}
