//! `|pattern|update,delete|`: a copy of a value with changes.
//!
//! The reference implementation copies the value and then writes into the copy. Values do not change here: what is
//! written goes to a list of new versions, by the identity of the object, and the copy is made anew in the end.

use std::collections::HashMap;
use std::sync::Arc;

use crate::bounds::{VALUE_DEPTH_MAX, too_deep};
use crate::error::{Fault, Result};
use crate::json;
use crate::syntax::tree::Transform;
use crate::value::{Members, Object, Value};

use super::{Evaluator, Maybe};

/// The present version of each object that was changed; with the object itself, so that no other takes its identity.
type Versions = HashMap<usize, (Object, Object)>;

impl Evaluator<'_, '_> {
    pub(super) fn transform(
        &mut self,
        transform: &Arc<Transform>,
        frame: usize,
        argument: Maybe,
    ) -> Result<Maybe> {
        let argument = match argument {
            None => return Ok(None),
            Some(argument @ (Value::Object(_) | Value::Array(_))) => argument,
            Some(_) => return Err(Fault::new("T0410").index(1)),
        };
        let copy = self.copy(argument, transform, frame)?;
        let matches = self.eval(&transform.pattern, copy.as_ref(), frame)?;
        let matches = match matches {
            None => Vec::new(),
            Some(Value::Array(array)) => array.to_vec(),
            Some(single) => vec![single],
        };
        let mut versions = Versions::new();
        for found in matches {
            self.change(transform, frame, &found, &mut versions)?;
        }
        match copy {
            Some(copy) => self.rebuilt(&copy, &versions, 0).map(Some),
            None => Ok(None),
        }
    }

    /// The copy that `$clone` makes, which an expression may replace.
    fn copy(&mut self, value: Value, transform: &Transform, frame: usize) -> Result<Maybe> {
        match self.lookup(frame, "clone") {
            Some(clone @ Value::Function(_)) => self.invoke(&clone, vec![Some(value)]),
            _ => Err(Fault::new("T2013").at(transform.position)),
        }
    }

    fn change(
        &mut self,
        transform: &Transform,
        frame: usize,
        found: &Value,
        versions: &mut Versions,
    ) -> Result<()> {
        let present = self.rebuilt(found, versions, 0)?;
        let update = self.eval(&transform.update, Some(&present), frame)?;
        let update = match update {
            None => None,
            Some(Value::Object(update)) => Some(update),
            Some(other) => {
                let position = transform.update.position;
                return Err(Fault::new("T2011")
                    .at(position)
                    .value(json::shown(Some(&other))));
            }
        };
        let mut members = match &present {
            Value::Object(object) => Members::clone(object),
            _ => Members::new(),
        };
        self.spend(members.len() / 2)?;
        if let Some(update) = update {
            self.spend(update.len())?;
            members.extend(
                update
                    .iter()
                    .map(|(name, value)| (Arc::clone(name), value.clone())),
            );
        }
        if let Some(delete) = &transform.delete {
            let context = match &present {
                Value::Object(_) => self.object(members.clone())?,
                other => other.clone(),
            };
            let deletions = self.eval(delete, Some(&context), frame)?;
            let items = match &deletions {
                None => &[],
                Some(Value::Array(array)) => array.as_slice(),
                Some(single) => std::slice::from_ref(single),
            };
            for item in items {
                let Value::String(name) = item else {
                    let position = delete.position;
                    return Err(Fault::new("T2012")
                        .at(position)
                        .value(json::shown(deletions.as_ref())));
                };
                self.spend(1 + members.len() / 8)?;
                members.shift_remove(name);
            }
        }
        // What is no object takes no changes.
        if let Value::Object(object) = found {
            self.object(members.clone())?;
            versions.insert(object.identity(), (object.clone(), Object::new(members)));
        }
        Ok(())
    }

    /// The value with all changed objects in it replaced by their present versions.
    fn rebuilt(&mut self, value: &Value, versions: &Versions, depth: usize) -> Result<Value> {
        if versions.is_empty() {
            return Ok(value.clone());
        }
        // An object may have been put into itself.
        if depth > VALUE_DEPTH_MAX {
            return Err(too_deep());
        }
        self.spend(1)?;
        match value {
            Value::Array(array) => {
                let mut items = Vec::with_capacity(array.len());
                for item in array.iter() {
                    items.push(self.rebuilt(item, versions, depth + 1)?);
                }
                let unchanged = items
                    .iter()
                    .zip(array.iter())
                    .all(|(new, old)| new.is_identical(old));
                if unchanged {
                    return Ok(value.clone());
                }
                let mut rebuilt = self.array(items)?;
                rebuilt.marks = array.marks;
                Ok(Value::Array(rebuilt))
            }
            Value::Object(object) => {
                let version = versions.get(&object.identity()).map(|(_, version)| version);
                let source = version.unwrap_or(object);
                let mut members = Members::with_capacity(source.len());
                let mut unchanged = version.is_none();
                for (name, member) in source.iter() {
                    let new = self.rebuilt(member, versions, depth + 1)?;
                    unchanged &= new.is_identical(member);
                    members.insert(Arc::clone(name), new);
                }
                if unchanged {
                    return Ok(value.clone());
                }
                self.object(members)
            }
            other => Ok(other.clone()),
        }
    }
}
