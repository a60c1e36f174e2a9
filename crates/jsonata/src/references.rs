//! What an expression reads from outside.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexSet;

use crate::syntax::tree::{Call, Kind, Node, Pairs, Path, Stage};

/// The variables that an expression reads and does not bind itself, and whether it reads the context item.
///
/// A variable that is bound only sometimes, such as in one branch of a condition, counts as read where it may not be
/// bound; the functions of a block count as bound in each other. Functions of the language count as variables, as they
/// can be bound, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Each a variable, without its dollar sign, and the names of the fields that follow: `$states.input.order.id` is
    /// `["states", "input", "order", "id"]`. A predicate, a binding, a function or anything else but a plain field
    /// ends it, so that what stands there, with all it holds, is all that is read. In order, each once.
    pub variables: IndexSet<Vec<Arc<str>>>,
    /// Whether it reads `$` where that is the context item of the whole expression, or `$$`.
    pub context: bool,
    /// The fields of that context item that it reads by their bare names, or by `*` or `**`.
    pub fields: Vec<Arc<str>>,
}

impl References {
    pub(crate) fn of(root: &Node) -> Self {
        let mut walk = Walk {
            references: Self::default(),
            bound: Names::default(),
            functions: Names::default(),
            callable: 0,
        };
        walk.node(root, Context::Outside);
        walk.references
    }
}

/// What `$` is.
#[derive(Clone, Copy, PartialEq)]
enum Context {
    /// The context item of the whole expression.
    Outside,
    /// An item of a path, of a predicate or the like.
    Inside,
}

struct Walk {
    references: References,
    /// Names that are bound here for certain, the innermost last.
    bound: Names,
    /// Functions of the blocks around, which call each other and themselves before they are all bound.
    functions: Names,
    /// How many of those are bound, because the function at hand stands in their blocks.
    callable: usize,
}

/// Names in the order in which they came, and where each came first: a definition of a megabyte has too many to look
/// through them for each that it reads.
#[derive(Default)]
struct Names {
    names: Vec<Arc<str>>,
    first: BTreeMap<Arc<str>, usize>,
}

impl Names {
    fn len(&self) -> usize {
        self.names.len()
    }

    fn push(&mut self, name: Arc<str>) {
        let place = self.names.len();
        self.first.entry(Arc::clone(&name)).or_insert(place);
        self.names.push(name);
    }

    fn extend(&mut self, names: impl IntoIterator<Item = Arc<str>>) {
        names.into_iter().for_each(|name| self.push(name));
    }

    /// Forgets the names from that place on.
    fn truncate(&mut self, length: usize) {
        for name in self.names.drain(length.min(self.names.len())..) {
            if self.first.get(&name).is_some_and(|first| *first >= length) {
                self.first.remove(&name);
            }
        }
    }

    /// Whether the name is one of the first so many.
    fn has(&self, name: &str, length: usize) -> bool {
        self.first.get(name).is_some_and(|first| *first < length)
    }
}

impl Walk {
    fn node(&mut self, node: &Node, context: Context) {
        match &node.kind {
            Kind::Path(path) => self.path(path, context),
            _ => self.kind(node, context),
        }
        for predicate in &node.predicates {
            self.scoped(predicate, Context::Inside);
        }
        for stage in &node.stages {
            if let Stage::Filter(predicate) = stage {
                self.scoped(predicate, Context::Inside);
            }
        }
        if let Some(group) = &node.group {
            self.pairs(group, Context::Inside);
        }
    }

    fn kind(&mut self, node: &Node, context: Context) {
        match &node.kind {
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::Regex(_)
            | Kind::Parent(_) => {}
            Kind::Name(name) => self.field(name, context),
            Kind::Wildcard => self.field("*", context),
            Kind::Descendants => self.field("**", context),
            Kind::Variable(name) => self.variable(name, context, &[]),
            Kind::Path(path) => self.path(path, context),
            Kind::Binary(_, sides) => {
                self.node(&sides.0, context);
                self.scoped(&sides.1, context);
            }
            Kind::Negate(operand) => self.node(operand, context),
            Kind::Array(items) => items.iter().for_each(|item| self.node(item, context)),
            Kind::Object(pairs) => self.pairs(pairs, context),
            Kind::Block(expressions) => {
                let (bound, functions) = (self.bound.len(), self.functions.len());
                self.functions
                    .extend(expressions.iter().filter_map(function_name));
                for expression in expressions {
                    self.node(expression, context);
                }
                self.bound.truncate(bound);
                self.functions.truncate(functions);
            }
            Kind::Bind(name, value) => {
                self.node(value, context);
                self.bound.push(Arc::clone(name));
            }
            Kind::Condition(condition) => {
                self.node(&condition.condition, context);
                self.scoped(&condition.then, context);
                if let Some(otherwise) = &condition.otherwise {
                    self.scoped(otherwise, context);
                }
            }
            Kind::Call(call) | Kind::TailCall(call) | Kind::Partial(call) => {
                self.call(call, context);
            }
            Kind::Lambda(lambda) => {
                let mark = self.bound.len();
                let callable = std::mem::replace(&mut self.callable, self.functions.len());
                self.bound.extend(lambda.parameters.iter().cloned());
                self.node(&lambda.body, Context::Inside);
                self.bound.truncate(mark);
                self.callable = callable;
            }
            Kind::Apply(sides) => {
                self.node(&sides.0, context);
                self.node(&sides.1, context);
            }
            Kind::Transform(transform) => {
                self.scoped(&transform.pattern, Context::Inside);
                self.scoped(&transform.update, Context::Inside);
                if let Some(delete) = &transform.delete {
                    self.scoped(delete, Context::Inside);
                }
            }
            Kind::Sort(terms) => terms
                .iter()
                .for_each(|term| self.scoped(&term.expression, Context::Inside)),
        }
    }

    /// A part that may be evaluated, or not, or many times: what it binds is not bound for certain behind it.
    fn scoped(&mut self, node: &Node, context: Context) {
        let mark = self.bound.len();
        self.node(node, context);
        self.bound.truncate(mark);
    }

    fn pairs(&mut self, pairs: &Pairs, context: Context) {
        for (name, value) in &pairs.pairs {
            self.scoped(name, context);
            self.scoped(value, context);
        }
    }

    fn call(&mut self, call: &Call, context: Context) {
        // The procedure is evaluated before the arguments.
        self.node(&call.procedure, context);
        call.arguments
            .iter()
            .flatten()
            .for_each(|argument| self.node(argument, context));
    }

    fn path(&mut self, path: &Path, context: Context) {
        let mark = self.bound.len();
        let mut steps = path.steps.iter();
        if let Some(first) = steps.next() {
            match &first.kind {
                Kind::Variable(name) => {
                    let fields = if is_plain(first) {
                        fields_of(steps.as_slice())
                    } else {
                        Vec::new()
                    };
                    self.variable(name, context, &fields);
                }
                _ => self.kind(first, context),
            }
            self.behind(first);
        }
        for step in steps {
            if !matches!(step.kind, Kind::Name(_)) {
                self.kind(step, Context::Inside);
            }
            self.behind(step);
        }
        self.bound.truncate(mark);
    }

    /// What stands behind a step, which sees what the step binds.
    fn behind(&mut self, step: &Node) {
        self.bound
            .extend(step.focus.iter().chain(&step.index).cloned());
        for predicate in &step.predicates {
            self.scoped(predicate, Context::Inside);
        }
        for stage in &step.stages {
            match stage {
                Stage::Filter(predicate) => self.scoped(predicate, Context::Inside),
                Stage::Index(name) => self.bound.push(Arc::clone(name)),
            }
        }
        if let Some(group) = &step.group {
            self.pairs(group, Context::Inside);
        }
    }

    fn field(&mut self, name: &str, context: Context) {
        if context == Context::Outside {
            self.references.fields.push(name.into());
        }
    }

    fn variable(&mut self, name: &Arc<str>, context: Context, fields: &[Arc<str>]) {
        match name.as_ref() {
            "" if context == Context::Outside => {
                self.references.context = true;
                return;
            }
            "" => return,
            "$" => {
                self.references.context = true;
                return;
            }
            _ => {}
        }
        if self.bound.has(name, self.bound.len()) || self.functions.has(name, self.callable) {
            return;
        }
        let mut reference = vec![Arc::clone(name)];
        reference.extend_from_slice(fields);
        self.references.variables.insert(reference);
    }
}

/// The name that an expression gives to a function.
fn function_name(expression: &Node) -> Option<Arc<str>> {
    match &expression.kind {
        Kind::Bind(name, value) if matches!(value.kind, Kind::Lambda(_)) => Some(Arc::clone(name)),
        _ => None,
    }
}

/// Nothing behind it that would end a reference.
fn is_plain(step: &Node) -> bool {
    step.predicates.is_empty()
        && step.stages.is_empty()
        && step.group.is_none()
        && binds_nothing(step)
}

/// A step that binds its input, as `@` and `%` make it, needs the whole of it.
fn binds_nothing(step: &Node) -> bool {
    step.focus.is_none() && step.index.is_none() && step.ancestor.is_none() && !step.tuple
}

/// The names of the plain fields that the steps begin with; the last may have something behind it.
fn fields_of(steps: &[Node]) -> Vec<Arc<str>> {
    let mut fields = Vec::new();
    for step in steps {
        match &step.kind {
            Kind::Name(name) if binds_nothing(step) => fields.push(Arc::clone(name)),
            _ => break,
        }
        if !is_plain(step) {
            break;
        }
    }
    fields
}
