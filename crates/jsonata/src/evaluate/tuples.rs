//! The streams of tuples that `@`, `#` and `%` make: items with bindings.

use std::sync::Arc;

use crate::error::Result;
use crate::syntax::tree::{Kind, Node, Stage, Term};
use crate::value::{Array, Members, Value};

use super::path::Items;
use super::{Evaluator, Maybe};

/// The item itself in a tuple.
pub(super) const ITEM: &str = "@";

/// Whether it is a stream of tuples.
pub(super) fn is_stream(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Array(array)) if array.marks.tuple_stream)
}

impl Evaluator<'_, '_> {
    /// The value of a node for an item, or for a tuple: then the tuple's item is the context, and its bindings are in
    /// a frame of their own.
    pub(super) fn eval_item(
        &mut self,
        node: &Node,
        item: Option<&Value>,
        is_tuple: bool,
        frame: usize,
    ) -> Result<Maybe> {
        let Some(Value::Object(bindings)) = item.filter(|_| is_tuple) else {
            return self.eval(node, item, frame);
        };
        self.spend(bindings.len())?;
        let base = self.frames.len();
        let inner = self.frames.push(Some(frame));
        for (name, value) in bindings.iter().filter(|(name, _)| name.as_ref() != ITEM) {
            self.frames
                .bind(inner, Arc::clone(name), Some(value.clone()));
        }
        let value = self.eval(node, bindings.get(ITEM), inner)?;
        self.frames.release(base);
        Ok(value)
    }

    pub(super) fn tuple_step(
        &mut self,
        step: &Node,
        items: &Items,
        tuples: Option<Array>,
        frame: usize,
    ) -> Result<Array> {
        if let Kind::Sort(terms) = &step.kind {
            return self.sorted_tuples(step, terms, items, tuples, frame);
        }
        let tuples = match tuples {
            Some(tuples) => tuples,
            None => self.first_tuples(items)?,
        };
        let mut results = Vec::new();
        for tuple in tuples.iter() {
            let item = tuple.get(ITEM);
            let value = self.eval_item(step, Some(tuple), true, frame)?;
            let single;
            let (values, stream) = match &value {
                None => continue,
                Some(Value::Array(array)) => (array.as_slice(), array.marks.tuple_stream),
                Some(value) => {
                    single = [value.clone()];
                    (&single[..], false)
                }
            };
            for (index, value) in values.iter().enumerate() {
                let mut bindings = match tuple {
                    Value::Object(bindings) => Members::clone(bindings),
                    _ => Members::new(),
                };
                self.spend(4 + 2 * bindings.len())?;
                match value {
                    Value::Object(more) if stream => {
                        bindings.extend(
                            more.iter()
                                .map(|(name, value)| (Arc::clone(name), value.clone())),
                        );
                    }
                    value => self.bind_tuple(step, &mut bindings, value, index, item),
                }
                results.push(self.object(bindings)?);
            }
        }
        let mut results = self.sequence(results)?;
        results.marks.tuple_stream = true;
        self.stages(&step.stages, results, frame)
    }

    fn bind_tuple(
        &self,
        step: &Node,
        bindings: &mut Members,
        value: &Value,
        index: usize,
        item: Option<&Value>,
    ) {
        match &step.focus {
            Some(focus) => bindings.insert(Arc::clone(focus), value.clone()),
            None => bindings.insert(ITEM.into(), value.clone()),
        };
        if let Some(name) = &step.index {
            bindings.insert(Arc::clone(name), Value::Number(index as f64));
        }
        if let (Some(label), Some(item)) =
            (step.ancestor.and_then(|slot| self.labels.get(slot)), item)
        {
            bindings.insert(Arc::clone(label), item.clone());
        }
    }

    fn first_tuples(&mut self, items: &Items) -> Result<Array> {
        let tuple = |item: &Value| Value::object([(ITEM, item.clone())]);
        let tuples = match items {
            Items::Nothing => Vec::new(),
            Items::One(None) => vec![Value::object(Members::new())],
            Items::One(Some(item)) => vec![tuple(item)],
            Items::Many(array) => {
                self.spend(array.len().saturating_mul(4))?;
                array.iter().map(tuple).collect()
            }
        };
        self.array(tuples)
    }

    pub(super) fn sorted_tuples(
        &mut self,
        step: &Node,
        terms: &[Term],
        items: &Items,
        tuples: Option<Array>,
        frame: usize,
    ) -> Result<Array> {
        let sorted = match tuples {
            Some(tuples) => self.sort_by(terms, &tuples, step.position, frame)?,
            None => {
                let context = self.items_as_context(items)?;
                let unsorted = match context {
                    Some(Value::Array(array)) => array,
                    _ => self.sequence(Vec::new())?,
                };
                let sorted = self.sort_by(terms, &unsorted, step.position, frame)?;
                self.spend(sorted.len().saturating_mul(4))?;
                let numbered = sorted.iter().enumerate().map(|(index, item)| {
                    let number = step
                        .index
                        .iter()
                        .map(|name| (Arc::clone(name), Value::Number(index as f64)));
                    Value::object([(ITEM.into(), item.clone())].into_iter().chain(number))
                });
                let numbered = numbered.collect();
                let mut stream = self.sequence(numbered)?;
                stream.marks.tuple_stream = true;
                stream
            }
        };
        self.stages(&step.stages, sorted, frame)
    }

    /// Predicates and `#$i` on the whole of a stream.
    pub(super) fn stages(
        &mut self,
        stages: &[Stage],
        stream: Array,
        frame: usize,
    ) -> Result<Array> {
        let mut stream = stream;
        for stage in stages {
            stream = match stage {
                Stage::Filter(predicate) => {
                    self.filter(predicate, Some(Value::Array(stream)), frame)?
                }
                Stage::Index(name) => {
                    self.spend(stream.len().saturating_mul(4))?;
                    let marks = stream.marks;
                    let numbered = stream.iter().enumerate().map(|(index, tuple)| match tuple {
                        Value::Object(bindings) => {
                            let mut bindings = Members::clone(bindings);
                            bindings.insert(Arc::clone(name), Value::Number(index as f64));
                            Value::object(bindings)
                        }
                        other => other.clone(),
                    });
                    let numbered = numbered.collect();
                    let mut array = self.array(numbered)?;
                    array.marks = marks;
                    array
                }
            };
        }
        Ok(stream)
    }
}
