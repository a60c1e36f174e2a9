//! Objects whose names and values are evaluated: `{…}`, alone and behind a path.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::error::{Fault, Result};
use crate::json;
use crate::syntax::tree::{Kind, Node, Pairs};
use crate::value::{Members, Value};

use super::tuples::is_stream;
use super::{Evaluator, Maybe};

struct Group {
    /// Which pair of the constructor made it.
    pair: usize,
    items: Vec<Maybe>,
}

impl Evaluator<'_, '_> {
    /// An object whose names and values are evaluated for each item, items of the same name together.
    pub(super) fn group(&mut self, pairs: &Pairs, input: Maybe, frame: usize) -> Result<Value> {
        let tuples = is_stream(input.as_ref());
        let items: Vec<Maybe> = match input {
            Some(Value::Array(array)) if !array.is_empty() => {
                self.spend(array.len() / 4)?;
                array.iter().cloned().map(Some).collect()
            }
            // A stream of no tuples makes no groups; an array of no items is one that is undefined.
            Some(Value::Array(_)) if tuples => Vec::new(),
            Some(Value::Array(_)) => vec![None],
            single => vec![single],
        };
        let groups = self.groups(pairs, &items, tuples, frame)?;
        let mut members = Members::with_capacity(groups.len());
        for (key, group) in groups {
            let Some((_, expression)) = pairs.pairs.get(group.pair) else {
                continue;
            };
            let context = if tuples {
                Some(self.merged_tuples(&group.items)?)
            } else {
                self.appended(group.items)?
            };
            if let Some(value) = self.eval_item(expression, context.as_ref(), tuples, frame)? {
                members.insert(key, value);
            }
        }
        self.object(members)
    }

    /// The items by the name that they have for each pair.
    fn groups(
        &mut self,
        pairs: &Pairs,
        items: &[Maybe],
        tuples: bool,
        frame: usize,
    ) -> Result<IndexMap<Arc<str>, Group>> {
        let mut groups: IndexMap<Arc<str>, Group> = IndexMap::with_capacity(pairs.pairs.len());
        let fault = |code, value: String| Fault::new(code).at(pairs.position).value(value);
        for item in items {
            for (index, (name, _)) in pairs.pairs.iter().enumerate() {
                let key = match self.key(name, item.as_ref(), tuples, frame)? {
                    None => continue,
                    Some(Value::String(key)) => key,
                    Some(other) => return Err(fault("T1003", json::shown(Some(&other)))),
                };
                self.meter().spend_bytes(key.len())?;
                match groups.get_mut(&key) {
                    Some(group) if group.pair != index => {
                        return Err(fault("D1009", json::quoted(&key)));
                    }
                    Some(group) => group.items.push(item.clone()),
                    None => {
                        self.spend(2)?;
                        let items = vec![item.clone()];
                        groups.insert(key, Group { pair: index, items });
                    }
                }
            }
        }
        Ok(groups)
    }

    fn key(
        &mut self,
        name: &Node,
        item: Option<&Value>,
        tuples: bool,
        frame: usize,
    ) -> Result<Maybe> {
        match &name.kind {
            Kind::String(text) if name.predicates.is_empty() && name.group.is_none() => {
                self.spend(1)?;
                Ok(Some(Value::String(Arc::clone(text))))
            }
            _ => self.eval_item(name, item, tuples, frame),
        }
    }

    /// One item as it is; several as an array, arrays among them adding their items.
    fn appended(&mut self, mut items: Vec<Maybe>) -> Result<Maybe> {
        if items.len() <= 1 {
            return Ok(items.pop().flatten());
        }
        let mut appended = Vec::with_capacity(items.len());
        for item in items.into_iter().flatten() {
            match item {
                Value::Array(array) => {
                    self.spend(array.len() / 8)?;
                    appended.extend_from_slice(&array);
                }
                item => appended.push(item),
            }
        }
        self.array(appended).map(|array| Some(Value::Array(array)))
    }

    /// Tuples of one group as one, which binds each name to the values of all.
    fn merged_tuples(&mut self, tuples: &[Maybe]) -> Result<Value> {
        let mut merged: IndexMap<Arc<str>, Vec<Maybe>> = IndexMap::new();
        for tuple in tuples.iter().flatten() {
            if let Value::Object(bindings) = tuple {
                self.spend(bindings.len())?;
                for (name, value) in bindings.iter() {
                    merged
                        .entry(Arc::clone(name))
                        .or_default()
                        .push(Some(value.clone()));
                }
            }
        }
        let mut members = Members::with_capacity(merged.len());
        for (name, values) in merged {
            if let Some(value) = self.appended(values)? {
                members.insert(name, value);
            }
        }
        self.object(members)
    }
}
