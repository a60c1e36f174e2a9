//! Sorting, as a step of a path and otherwise.

use std::cmp::Ordering;

use crate::error::{Fault, Result};
use crate::json;
use crate::syntax::tree::{Node, Term};
use crate::value::{Array, Value};

use super::operators::text_order;
use super::path::Items;
use super::{Evaluator, Maybe};

/// The values of terms, evaluated when they are asked for.
struct Keys<'k> {
    terms: &'k [Term],
    array: &'k Array,
    frame: usize,
    /// Item by item.
    known: Vec<Option<Maybe>>,
}

impl Keys<'_> {
    fn get(
        &mut self,
        evaluator: &mut Evaluator<'_, '_>,
        item: usize,
        term: usize,
    ) -> Result<Maybe> {
        let place = item * self.terms.len() + term;
        if let Some(Some(known)) = self.known.get(place) {
            return Ok(known.clone());
        }
        let Some(term) = self.terms.get(term) else {
            return Ok(None);
        };
        let tuples = self.array.marks.tuple_stream;
        let key =
            evaluator.eval_item(&term.expression, self.array.get(item), tuples, self.frame)?;
        if let Some(place) = self.known.get_mut(place) {
            *place = Some(key.clone());
        }
        Ok(key)
    }
}

impl Evaluator<'_, '_> {
    pub(super) fn sort_step(
        &mut self,
        step: &Node,
        terms: &[Term],
        items: &Items,
        frame: usize,
    ) -> Result<Items> {
        let unsorted = match items {
            Items::Nothing | Items::One(None) => return Ok(Items::Nothing),
            // Nothing to compare with.
            Items::One(Some(item)) => self.sequence(vec![item.clone()])?,
            Items::Many(array) => array.clone(),
        };
        let sorted = self.sort_by(terms, &unsorted, step.position, frame)?;
        self.stages(&step.stages, sorted, frame).map(Items::Many)
    }

    /// Sorted by terms, of which each is evaluated at most once an item.
    pub(super) fn sort_by(
        &mut self,
        terms: &[Term],
        array: &Array,
        position: usize,
        frame: usize,
    ) -> Result<Array> {
        if array.len() <= 1 {
            return Ok(array.clone());
        }
        self.spend(array.len() * (1 + terms.len()) / 4)?;
        let mut keys = Keys {
            terms,
            array,
            frame,
            known: vec![None; array.len() * terms.len()],
        };
        let order = (0..array.len()).collect();
        let order = self.merge_sort(order, &mut |evaluator, left, right| {
            for (index, term) in terms.iter().enumerate() {
                let left = keys.get(evaluator, *left, index)?;
                let right = keys.get(evaluator, *right, index)?;
                let ordering = match (&left, &right) {
                    (Some(left), Some(right)) => evaluator.key_order(left, right, position)?,
                    (None, None) => continue,
                    // What is undefined comes last.
                    (known, _) => return Ok(known.is_none()),
                };
                if ordering.is_ne() {
                    return Ok(ordering.is_gt() != term.descending);
                }
            }
            Ok(false)
        })?;
        let items = order.into_iter().filter_map(|index| array.get(index));
        self.array(items.cloned().collect())
    }

    fn key_order(&mut self, left: &Value, right: &Value, position: usize) -> Result<Ordering> {
        match (left, right) {
            (Value::Number(left), Value::Number(right)) => {
                // Neither smaller nor the same counts as greater.
                Ok(left.partial_cmp(right).unwrap_or(Ordering::Greater))
            }
            (Value::String(left), Value::String(right)) => {
                self.meter().spend_bytes(left.len().min(right.len()))?;
                Ok(text_order(left, right))
            }
            (Value::Number(_) | Value::String(_), Value::Number(_) | Value::String(_)) => {
                let mut fault = Fault::new("T2007")
                    .at(position)
                    .value(json::shown(Some(left)));
                fault.second = Some(json::shown(Some(right)));
                Err(fault)
            }
            _ => Err(Fault::new("T2008").at(position)),
        }
    }

    /// A stable merge sort that takes the same decisions in the same order as the reference implementation's:
    /// `swaps` says whether two items, the first from the left half, are in the wrong order.
    pub(crate) fn merge_sort<T: Clone>(
        &mut self,
        items: Vec<T>,
        swaps: &mut dyn FnMut(&mut Self, &T, &T) -> Result<bool>,
    ) -> Result<Vec<T>> {
        if items.len() <= 1 {
            return Ok(items);
        }
        let mut left = items;
        let right = left.split_off(left.len() / 2);
        let left = self.merge_sort(left, swaps)?;
        let right = self.merge_sort(right, swaps)?;
        let mut merged = Vec::with_capacity(left.len() + right.len());
        let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
        while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
            self.spend(1)?;
            let from_right = swaps(self, first, second)?;
            merged.extend(if from_right {
                right.next()
            } else {
                left.next()
            });
        }
        merged.extend(left);
        merged.extend(right);
        Ok(merged)
    }
}
