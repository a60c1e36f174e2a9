//! Expressions: text to tree, in two passes as the reference implementation has them: an operator precedence parser,
//! then a pass that gathers paths and finds out what `%` refers to.

mod lexer;
mod lower;
mod parser;
mod raw;
mod signature;
pub(crate) mod tree;

use std::sync::Arc;

use crate::error::Result;
use tree::Node;

pub(crate) use signature::Signature;

/// A parsed expression.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) root: Node,
    /// What each `%` is bound to, by number.
    pub(crate) labels: Vec<Arc<str>>,
}

pub(crate) fn parse(text: &str) -> Result<Tree> {
    lower::lower(parser::parse(text)?)
}
