//! The tree of the first pass: what stands where.

use std::sync::Arc;

use crate::regex::Regex;

use super::Signature;

#[derive(Debug)]
pub(super) struct Raw {
    pub(super) kind: Kind,
    pub(super) position: usize,
    pub(super) keep_array: bool,
    /// Levels of this tree.
    pub(super) depth: usize,
}

#[derive(Debug)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number(f64),
    String(Arc<str>),
    Name(Arc<str>),
    Variable(Arc<str>),
    Regex(Arc<Regex>),
    Wildcard,
    Descendants,
    Parent,
    /// `and`, `or`, `in` where a name may stand.
    Word(&'static str),
    /// `?` among arguments.
    Placeholder,
    /// The end where an expression should stand.
    End,
    Binary(&'static str, Box<(Raw, Raw)>),
    Negate(Box<Raw>),
    Array(Vec<Raw>),
    Object(Vec<(Raw, Raw)>),
    /// `{…}` behind something.
    Group(Box<Raw>, Vec<(Raw, Raw)>),
    Sort(Box<Raw>, Vec<Term>),
    Block(Vec<Raw>),
    Condition(Box<(Raw, Raw, Option<Raw>)>),
    Call {
        procedure: Box<Raw>,
        arguments: Vec<Raw>,
        partial: bool,
    },
    Lambda {
        parameters: Vec<Arc<str>>,
        signature: Option<Signature>,
        body: Box<Raw>,
    },
    Transform(Box<(Raw, Raw, Option<Raw>)>),
}

#[derive(Debug)]
pub(super) struct Term {
    pub(super) expression: Raw,
    pub(super) descending: bool,
}
