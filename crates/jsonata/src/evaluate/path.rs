//! Paths: steps and predicates.

use crate::error::Result;
use crate::syntax::tree::{Kind, Node, Path, Stage};
use crate::value::{Array, Value};

use super::operators::all_numbers;
use super::tuples::{ITEM, is_stream};
use super::{Evaluator, Maybe, is_numeric};

/// What a step takes and gives. Where one item stands for a sequence, none has to be made.
pub(super) enum Items {
    Nothing,
    /// No array but a constructed one; undefined for a context that is.
    One(Maybe),
    Many(Array),
}

impl Items {
    fn is_empty(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::One(_) => false,
            Self::Many(array) => array.is_empty(),
        }
    }

    fn into_value(self) -> Maybe {
        match self {
            Self::Nothing => None,
            Self::One(item) => item,
            Self::Many(array) => Some(Value::Array(array)),
        }
    }
}

impl Evaluator<'_, '_> {
    pub(super) fn path(
        &mut self,
        node: &Node,
        path: &Path,
        input: Option<&Value>,
        frame: usize,
    ) -> Result<Maybe> {
        let absolute =
            matches!(path.steps.first(), Some(step) if matches!(step.kind, Kind::Variable(_)));
        let mut items = match input {
            Some(Value::Array(array)) if !absolute => Items::Many(array.clone()),
            other => Items::One(other.cloned()),
        };
        let mut tuples: Option<Array> = None;
        let mut streaming = false;
        let last = path.steps.len().saturating_sub(1);
        for (index, step) in path.steps.iter().enumerate() {
            streaming |= step.tuple;
            let result = if index == 0 && step.cons_array {
                let next_sorts =
                    matches!(path.steps.get(1), Some(next) if matches!(next.kind, Kind::Sort(_)));
                let context = self.items_as_context(&items)?;
                match self.eval(step, context.as_ref(), frame)? {
                    Some(Value::Array(array)) => Items::Many(array),
                    // Steps go over arrays, and only a sort leaves alone what is none.
                    Some(single) if next_sorts => Items::One(Some(single)),
                    _ => Items::Nothing,
                }
            } else if streaming {
                tuples = Some(self.tuple_step(step, &items, tuples.take(), frame)?);
                continue;
            } else {
                self.step(step, &items, frame, index == last)?
            };
            let ended = !streaming && result.is_empty();
            if ended || step.focus.is_none() {
                items = result;
            }
            if ended {
                break;
            }
        }
        let mut value = match tuples {
            Some(tuples) if node.tuple || node.group.is_some() => Some(Value::Array(tuples)),
            Some(tuples) => {
                let items = tuples
                    .iter()
                    .filter_map(|tuple| tuple.get(ITEM).cloned())
                    .collect();
                Some(Value::Array(self.sequence(items)?))
            }
            None => items.into_value(),
        };
        if path.keep_singleton {
            value = self.kept(value, true)?;
        }
        match &node.group {
            Some(group) => self.group(group, value, frame).map(Some),
            None if node.keep_array => self.kept(value, false),
            None => Ok(value),
        }
    }

    /// What `[]` makes of a path's value.
    fn kept(&mut self, value: Maybe, on_step: bool) -> Result<Maybe> {
        let mut array = match value {
            None => return Ok(None),
            Some(Value::Array(array))
                if !(on_step && array.marks.cons && !array.marks.sequence) =>
            {
                array
            }
            Some(single) => self.sequence(vec![single])?,
        };
        array.marks.keep_singleton |= on_step;
        Ok(Some(Value::Array(array)))
    }

    pub(super) fn items_as_context(&mut self, items: &Items) -> Result<Maybe> {
        Ok(match items {
            Items::Nothing | Items::One(None) => None,
            Items::One(Some(item)) => Some(Value::Array(self.sequence(vec![item.clone()])?)),
            Items::Many(array) => Some(Value::Array(array.clone())),
        })
    }

    fn step(&mut self, step: &Node, items: &Items, frame: usize, last: bool) -> Result<Items> {
        if let Kind::Sort(terms) = &step.kind {
            return self.sort_step(step, terms, items, frame);
        }
        match items {
            Items::Nothing => Ok(Items::Nothing),
            Items::One(item) => match self.step_value(step, item.as_ref(), frame)? {
                None => Ok(Items::Nothing),
                Some(Value::Array(array)) if last && !array.marks.sequence => {
                    Ok(Items::Many(array))
                }
                Some(Value::Array(array)) if !array.marks.cons => {
                    Ok(Items::Many(array.as_sequence()))
                }
                Some(value) => Ok(Items::One(Some(value))),
            },
            Items::Many(array) => {
                let mut results = Vec::with_capacity(array.len());
                for item in array.iter() {
                    results.extend(self.step_value(step, Some(item), frame)?);
                }
                self.collected(results, last)
            }
        }
    }

    /// A step's value for one item, with its predicates applied.
    fn step_value(&mut self, step: &Node, item: Option<&Value>, frame: usize) -> Result<Maybe> {
        let plain = step.predicates.is_empty() && step.group.is_none() && !step.keep_array;
        let mut value = match &step.kind {
            Kind::Name(name) if plain => {
                self.scope.meter.check_below()?;
                self.field(item, name)?.and_then(Value::unwrapped)
            }
            _ => self.eval(step, item, frame)?,
        };
        for stage in &step.stages {
            if let Stage::Filter(predicate) = stage {
                value = Some(Value::Array(self.filter(predicate, value, frame)?));
            }
        }
        Ok(value)
    }

    /// The results of a step as the next one's items: arrays add their items, but for constructed ones.
    fn collected(&mut self, mut results: Vec<Value>, last: bool) -> Result<Items> {
        if let [Value::Array(array)] = results.as_slice()
            && last
            && !array.marks.sequence
        {
            return Ok(Items::Many(array.clone()));
        }
        let flattens = |value: &Value| matches!(value, Value::Array(array) if !array.marks.cons);
        if results.iter().any(flattens) {
            let mut flat = Vec::with_capacity(results.len());
            for value in results {
                match value {
                    Value::Array(array) if !array.marks.cons => {
                        self.spend(array.len() / 8)?;
                        flat.extend_from_slice(&array);
                    }
                    value => flat.push(value),
                }
            }
            return self.sequence(flat).map(Items::Many);
        }
        match results.len() {
            0 => Ok(Items::Nothing),
            1 => Ok(Items::One(results.pop())),
            _ => self.sequence(results).map(Items::Many),
        }
    }

    /// The items that a predicate selects: by position where it gives numbers, by truth elsewhere.
    pub(super) fn filter(&mut self, predicate: &Node, input: Maybe, frame: usize) -> Result<Array> {
        let tuples = is_stream(input.as_ref());
        let single;
        let items: &[Value] = match &input {
            Some(Value::Array(array)) => array,
            Some(value) => {
                single = [value.clone()];
                &single
            }
            // A predicate is evaluated even where there is nothing to select, for its errors.
            None => {
                if !matches!(predicate.kind, Kind::Number(_)) {
                    self.eval(predicate, None, frame)?;
                }
                return self.sequence(Vec::new());
            }
        };
        if let Kind::Number(position) = predicate.kind {
            let item = index_of(position, items.len()).and_then(|index| items.get(index));
            return match item {
                Some(Value::Array(array)) => Ok(array.clone()),
                Some(item) => self.filtered(vec![item.clone()], tuples),
                None => self.filtered(Vec::new(), tuples),
            };
        }
        let mut kept = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let selector = self.eval_item(predicate, Some(item), tuples, frame)?;
            let times = self.selected(selector.as_ref(), index, items.len())?;
            kept.extend(std::iter::repeat_n(item, times).cloned());
        }
        self.filtered(kept, tuples)
    }

    fn filtered(&mut self, items: Vec<Value>, tuples: bool) -> Result<Array> {
        let mut array = self.sequence(items)?;
        array.marks.tuple_stream = tuples;
        Ok(array)
    }

    /// How many times a predicate's value selects the item there.
    fn selected(&mut self, selector: Option<&Value>, index: usize, length: usize) -> Result<usize> {
        let hits = |number: f64| index_of(number, length) == Some(index);
        match selector {
            Some(Value::Number(number)) if is_numeric(*number)? => Ok(usize::from(hits(*number))),
            Some(Value::Array(numbers)) if all_numbers(numbers)? => {
                self.spend(numbers.len() / 8)?;
                let hit = |value: &&Value| matches!(value, Value::Number(number) if hits(*number));
                let times = numbers.iter().filter(hit).count();
                self.spend(times)?;
                Ok(times)
            }
            other => self.boolean(other).map(usize::from),
        }
    }
}

/// The place that a number selects: rounded down, from the end where it is negative.
fn index_of(position: f64, length: usize) -> Option<usize> {
    let floor = position.floor();
    let index = if floor < 0.0 {
        floor + length as f64
    } else {
        floor
    };
    (index >= 0.0 && index < length as f64).then_some(index as usize)
}
