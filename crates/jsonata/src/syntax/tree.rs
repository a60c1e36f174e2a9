//! The tree that is evaluated.

use std::sync::Arc;

use crate::regex::Regex;

use super::Signature;

/// A node: a kind, and what stands behind it. The names are the reference implementation's.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// In UTF-16 code units.
    pub(crate) position: usize,
    /// `[…]` behind what is no step of a path.
    pub(crate) predicates: Vec<Node>,
    /// `[…]` and later `#$i` behind a step.
    pub(crate) stages: Vec<Stage>,
    /// `{…}` behind it.
    pub(crate) group: Option<Box<Pairs>>,
    /// `[]` behind it.
    pub(crate) keep_array: bool,
    /// An array constructor that does not flatten into its path, or a block that begins with one.
    pub(crate) cons_array: bool,
    /// A step whose results carry bindings.
    pub(crate) tuple: bool,
    /// `@$v`
    pub(crate) focus: Option<Arc<str>>,
    /// `#$i`
    pub(crate) index: Option<Arc<str>>,
    /// Its input is what a `%` refers to: the number of the label.
    pub(crate) ancestor: Option<usize>,
    /// The `%`s in it, by number, whose step has not been found in it: for the second pass.
    pub(crate) seeking: Vec<usize>,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(f64),
    String(Arc<str>),
    Name(Arc<str>),
    /// Without the dollar sign: empty is the context item, `$` the root.
    Variable(Arc<str>),
    Wildcard,
    Descendants,
    /// `%`, by the number of its label.
    Parent(usize),
    Regex(Arc<Regex>),
    Path(Path),
    Binary(Operator, Box<(Node, Node)>),
    Negate(Box<Node>),
    Array(Vec<Node>),
    Object(Box<Pairs>),
    Block(Vec<Node>),
    Bind(Arc<str>, Box<Node>),
    Condition(Box<Condition>),
    Call(Arc<Call>),
    /// A call in tail position: it is made once the function around it has ended.
    TailCall(Arc<Call>),
    /// A call with `?` among its arguments.
    Partial(Arc<Call>),
    Lambda(Arc<Lambda>),
    /// `~>`
    Apply(Box<(Node, Node)>),
    Transform(Arc<Transform>),
    /// A step of a path.
    Sort(Vec<Term>),
}

#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) steps: Vec<Node>,
    pub(crate) keep_singleton: bool,
}

#[derive(Debug)]
pub(crate) enum Stage {
    Filter(Node),
    Index(Arc<str>),
}

/// Names and values of an object constructor.
#[derive(Debug)]
pub(crate) struct Pairs {
    pub(crate) pairs: Vec<(Node, Node)>,
    pub(crate) position: usize,
}

#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) condition: Node,
    pub(crate) then: Node,
    pub(crate) otherwise: Option<Node>,
}

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) procedure: Node,
    /// `None` is `?`.
    pub(crate) arguments: Vec<Option<Node>>,
    pub(crate) position: usize,
}

#[derive(Debug)]
pub(crate) struct Lambda {
    pub(crate) parameters: Vec<Arc<str>>,
    pub(crate) signature: Option<Signature>,
    pub(crate) body: Node,
}

#[derive(Debug)]
pub(crate) struct Transform {
    pub(crate) pattern: Node,
    pub(crate) update: Node,
    pub(crate) delete: Option<Node>,
    pub(crate) position: usize,
}

#[derive(Debug)]
pub(crate) struct Term {
    pub(crate) expression: Node,
    pub(crate) descending: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Concatenate,
    And,
    Or,
    Range,
    In,
}

impl Operator {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Concatenate => "&",
            Self::And => "and",
            Self::Or => "or",
            Self::Range => "..",
            Self::In => "in",
        }
    }
}

impl Node {
    pub(crate) fn new(kind: Kind, position: usize) -> Self {
        Self {
            kind,
            position,
            predicates: Vec::new(),
            stages: Vec::new(),
            group: None,
            keep_array: false,
            cons_array: false,
            tuple: false,
            focus: None,
            index: None,
            ancestor: None,
            seeking: Vec::new(),
        }
    }
}

impl Call {
    /// What errors call the function: its name, if it is called by one.
    pub(crate) fn name(&self) -> Option<Arc<str>> {
        match &self.procedure.kind {
            Kind::Path(path) => path.steps.first().and_then(Node::value),
            _ => self.procedure.value(),
        }
    }
}

impl Node {
    /// What the reference implementation calls a node's value.
    fn value(&self) -> Option<Arc<str>> {
        match &self.kind {
            Kind::Name(name) | Kind::Variable(name) | Kind::String(name) => Some(Arc::clone(name)),
            Kind::Call(_) | Kind::Partial(_) => Some("(".into()),
            _ => None,
        }
    }
}
