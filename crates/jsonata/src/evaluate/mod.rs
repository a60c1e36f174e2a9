//! The evaluator: a walk over the tree.
//!
//! Names and order of evaluation are the reference implementation's, whose every turn shows in some result. What
//! differs is underneath: environments live in one stack of frames that functions point into, so that nothing can
//! form a cycle, and every loop spends steps.

mod call;
mod callable;
mod fields;
mod frames;
mod group;
mod matching;
mod operators;
mod path;
mod sort;
mod transform;
mod tuples;

use std::sync::Arc;

use crate::bounds::{Meter, VALUE_DEPTH_MAX, too_deep};
use crate::error::{Fault, Result};
use crate::functions;
use crate::json::{self, Layout};
use crate::scope::Scope;
use crate::syntax::Tree;
use crate::syntax::tree::{Condition, Kind, Node};
use crate::value::{Array, Function, Marks, Members, Object, Value};

pub(crate) use callable::Callable;
use frames::Frames;
pub(crate) use matching::Match;
pub(crate) use operators::text_order;

/// What an expression may be: undefined is nothing.
pub(crate) type Maybe = Option<Value>;

pub(crate) struct Evaluator<'e, 'a> {
    scope: &'e mut Scope<'a>,
    frames: Frames,
    /// What each `%` is bound to.
    labels: &'e [Arc<str>],
}

pub(crate) fn evaluate(tree: &Tree, scope: &mut Scope<'_>) -> Result<Maybe> {
    scope.meter.reset_depth();
    let root = scope.root().cloned();
    let context = scope.context();
    let mut evaluator = Evaluator {
        scope,
        frames: Frames::default(),
        labels: &tree.labels,
    };
    let frame = evaluator.frames.push(None);
    evaluator.frames.bind(frame, "$".into(), root);
    let value = evaluator.eval(&tree.root, context.as_ref(), frame)?;
    Ok(value.map(Value::into_json_numbers))
}

impl Evaluator<'_, '_> {
    pub(crate) fn meter(&mut self) -> &mut Meter {
        &mut self.scope.meter
    }

    pub(crate) fn spend(&mut self, steps: usize) -> Result<()> {
        self.scope.meter.spend(steps)
    }

    pub(crate) fn now_millis(&self) -> i64 {
        self.scope.millis
    }

    pub(crate) fn random(&mut self) -> u64 {
        (self.scope.random)()
    }

    /// At least 0 and less than 1.
    pub(crate) fn random_fraction(&mut self) -> f64 {
        (self.random() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// The value of a node for a context item.
    pub(crate) fn eval(
        &mut self,
        node: &Node,
        input: Option<&Value>,
        frame: usize,
    ) -> Result<Maybe> {
        self.scope.meter.enter()?;
        let mut result = self.kind(node, input, frame)?;
        for predicate in &node.predicates {
            result = Some(Value::Array(self.filter(predicate, result, frame)?));
        }
        if let Some(group) = &node.group
            && !matches!(node.kind, Kind::Path(_))
        {
            result = Some(self.group(group, result, frame)?);
        }
        self.scope.meter.leave();
        Ok(match result {
            Some(Value::Array(mut array)) if array.marks.sequence && !array.marks.tuple_stream => {
                array.marks.keep_singleton |= node.keep_array;
                Value::Array(array).unwrapped()
            }
            other => other,
        })
    }

    fn kind(&mut self, node: &Node, input: Option<&Value>, frame: usize) -> Result<Maybe> {
        match &node.kind {
            Kind::Null => Ok(Some(Value::Null)),
            Kind::Bool(value) => Ok(Some(Value::Bool(*value))),
            Kind::Number(number) => Ok(Some(Value::Number(*number))),
            Kind::String(text) => Ok(Some(Value::String(Arc::clone(text)))),
            Kind::Name(name) => self.field(input, name),
            Kind::Variable(name) => Ok(self.variable(name, input, frame)),
            Kind::Wildcard => self.wildcard(input),
            Kind::Descendants => self.descendants(input),
            Kind::Parent(slot) => {
                let label = self.labels.get(*slot).cloned();
                Ok(label.and_then(|label| self.lookup(frame, &label)))
            }
            Kind::Regex(regex) => Ok(Some(self.function(Callable::Regex {
                regex: Arc::clone(regex),
                position: node.position,
            })?)),
            Kind::Path(path) => self.path(node, path, input, frame),
            Kind::Binary(operator, sides) => {
                self.binary(*operator, &sides.0, &sides.1, node.position, input, frame)
            }
            Kind::Negate(operand) => self.negate(operand, node.position, input, frame),
            Kind::Array(items) => self.array_constructor(items, node.cons_array, input, frame),
            Kind::Object(pairs) => self.group(pairs, input.cloned(), frame).map(Some),
            Kind::Block(expressions) => self.block(expressions, input, frame),
            Kind::Bind(name, value) => {
                let value = self.eval(value, input, frame)?;
                self.frames.bind(frame, Arc::clone(name), value.clone());
                Ok(value)
            }
            Kind::Condition(condition) => self.condition(condition, input, frame),
            Kind::Call(call) => self.call(call, input, frame, None),
            Kind::TailCall(call) => Ok(Some(self.function(Callable::Thunk {
                call: Arc::clone(call),
                input: input.cloned(),
                frame,
            })?)),
            Kind::Partial(call) => self.partial(call, input, frame).map(Some),
            Kind::Lambda(lambda) => {
                self.spend(4)?;
                self.frames.capture(frame);
                Ok(Some(self.function(Callable::Lambda {
                    definition: Arc::clone(lambda),
                    unbound: None,
                    input: input.cloned(),
                    frame,
                })?))
            }
            Kind::Apply(sides) => self.chain(&sides.0, &sides.1, node.position, input, frame),
            Kind::Transform(transform) => {
                self.frames.capture(frame);
                Ok(Some(self.function(Callable::Transform {
                    transform: Arc::clone(transform),
                    frame,
                })?))
            }
            // A sort is a step and evaluated as one.
            Kind::Sort(_) => Ok(None),
        }
    }

    fn variable(&mut self, name: &str, input: Option<&Value>, frame: usize) -> Maybe {
        if !name.is_empty() {
            return self.lookup(frame, name);
        }
        match input {
            Some(Value::Array(array)) if array.marks.outer_wrapper => array.first().cloned(),
            other => other.cloned(),
        }
    }

    /// A variable's value: bound in a frame, in the scope, or a function of the language.
    fn lookup(&self, frame: usize, name: &str) -> Maybe {
        if let Some(bound) = self.frames.lookup(frame, name) {
            return bound.clone();
        }
        if let Some(value) = self.scope.variable(name) {
            return Some(value.clone());
        }
        let native = functions::native(name)?;
        Some(Value::Function(Function::new(Callable::Native(native))))
    }

    fn array_constructor(
        &mut self,
        nodes: &[Node],
        cons: bool,
        input: Option<&Value>,
        frame: usize,
    ) -> Result<Maybe> {
        let mut items = Vec::with_capacity(nodes.len());
        for node in nodes {
            let value = self.eval(node, input, frame)?;
            match value {
                None => {}
                // Constructors within a constructor stay arrays, others add their items.
                Some(value) if matches!(node.kind, Kind::Array(_)) => items.push(value),
                // The same items as an array of their own.
                Some(Value::Array(mut array)) if nodes.len() == 1 => {
                    array.marks = Marks::constructed(cons);
                    return Ok(Some(Value::Array(array)));
                }
                Some(Value::Array(array)) => {
                    self.spend(array.len() / 8)?;
                    items.extend_from_slice(&array);
                }
                Some(value) => items.push(value),
            }
        }
        let mut array = self.array(items)?;
        array.marks = Marks::constructed(cons);
        Ok(Some(Value::Array(array)))
    }

    fn block(
        &mut self,
        expressions: &[Node],
        input: Option<&Value>,
        frame: usize,
    ) -> Result<Maybe> {
        let base = self.frames.len();
        let inner = self.frames.push(Some(frame));
        let mut result = None;
        for expression in expressions {
            result = self.eval(expression, input, inner)?;
        }
        // A call that is still to be made needs the frame.
        if !is_thunk(result.as_ref()) {
            self.frames.release(base);
        }
        Ok(result)
    }

    fn condition(
        &mut self,
        condition: &Condition,
        input: Option<&Value>,
        frame: usize,
    ) -> Result<Maybe> {
        let holds = self.eval(&condition.condition, input, frame)?;
        if self.boolean(holds.as_ref())? {
            return self.eval(&condition.then, input, frame);
        }
        match &condition.otherwise {
            Some(otherwise) => self.eval(otherwise, input, frame),
            None => Ok(None),
        }
    }

    /// An array of these items, within the bounds.
    pub(crate) fn array(&mut self, items: Vec<Value>) -> Result<Array> {
        self.spend(items.len() / 2)?;
        let array = Array::new(items);
        self.check(array.bytes(), array.depth())?;
        Ok(array)
    }

    /// The same as a sequence.
    pub(crate) fn sequence(&mut self, items: Vec<Value>) -> Result<Array> {
        let mut array = self.array(items)?;
        array.marks.sequence = true;
        Ok(array)
    }

    /// An object of these members, within the bounds.
    pub(crate) fn object(&mut self, members: Members) -> Result<Value> {
        self.spend(2 + members.len() / 2)?;
        let object = Object::new(members);
        self.check(object.bytes(), object.depth())?;
        Ok(Value::Object(object))
    }

    /// A text, within the bounds.
    pub(crate) fn string(&mut self, text: impl Into<Arc<str>>) -> Result<Value> {
        let text = text.into();
        self.scope.meter.spend_bytes(text.len())?;
        self.scope.meter.check_memory(text.len())?;
        Ok(Value::String(text))
    }

    fn function(&mut self, callable: Callable) -> Result<Value> {
        let function = Function::new(callable);
        self.check(0, function.depth())?;
        Ok(Value::Function(function))
    }

    fn check(&self, bytes: usize, depth: usize) -> Result<()> {
        if depth > VALUE_DEPTH_MAX {
            return Err(too_deep());
        }
        self.scope.meter.check_memory(bytes)
    }

    /// Whether a value counts as true; undefined does not.
    pub(crate) fn boolean(&mut self, value: Option<&Value>) -> Result<bool> {
        Ok(match value {
            None | Some(Value::Null | Value::Function(_)) => false,
            Some(Value::Bool(value)) => *value,
            Some(Value::Number(number)) => is_numeric(*number)? && *number != 0.0,
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Object(object)) => !object.is_empty(),
            Some(Value::Array(array)) => {
                let mut any = false;
                for item in array.iter() {
                    self.spend(1)?;
                    // All are looked at, for what is out of range.
                    any |= self.boolean(Some(item))?;
                }
                any
            }
        })
    }

    /// What `$string` makes of a value.
    pub(crate) fn text(&mut self, value: &Value, layout: Layout) -> Result<Arc<str>> {
        match value {
            Value::String(text) => Ok(Arc::clone(text)),
            Value::Function(_) => Ok("".into()),
            Value::Number(number) if !number.is_finite() => {
                Err(Fault::new("D3001").value(json::shown(Some(value))))
            }
            other => {
                let text = json::to_string(other, layout, &mut self.scope.meter)?;
                Ok(text.into())
            }
        }
    }
}

pub(crate) fn is_thunk(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Function(function)) if matches!(function.callable(), Callable::Thunk { .. }))
}

/// Whether it is a number at all. One that is infinite is an error.
pub(crate) fn is_numeric(number: f64) -> Result<bool> {
    if number.is_infinite() {
        return Err(out_of_range());
    }
    Ok(!number.is_nan())
}

/// JSON has no infinity, so that it shows as `null`.
pub(crate) fn out_of_range() -> Box<Fault> {
    Fault::new("D1001").value("null")
}
