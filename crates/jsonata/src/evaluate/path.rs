//! Paths: steps, predicates, sorting, grouping, and the streams of tuples that `@`, `#` and `%` make.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::error::{Fault, Result};
use crate::json;
use crate::syntax::tree::{Kind, Node, Pairs, Path, Stage, Term};
use crate::value::{Array, Members, Value};

use super::operators::{all_numbers, text_order};
use super::{Evaluator, Maybe, is_numeric};

/// The item itself in a tuple.
const ITEM: &str = "@";

/// What a step takes and gives. Where one item stands for a sequence, none has to be made.
enum Items {
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

    fn items_as_context(&mut self, items: &Items) -> Result<Maybe> {
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

    /// The member of that name, of an array's items all of them.
    pub(crate) fn field(&mut self, item: Option<&Value>, name: &str) -> Result<Maybe> {
        match item {
            Some(Value::Object(object)) => Ok(object.get(name).cloned()),
            Some(Value::Array(array)) => {
                let mut found = Vec::new();
                for item in array.iter() {
                    self.spend(1)?;
                    match self.field(Some(item), name)? {
                        None => {}
                        Some(Value::Array(array)) => {
                            self.spend(array.len() / 8)?;
                            found.extend_from_slice(&array);
                        }
                        Some(value) => found.push(value),
                    }
                }
                self.sequence(found).map(|array| Some(Value::Array(array)))
            }
            _ => Ok(None),
        }
    }

    pub(super) fn wildcard(&mut self, input: Option<&Value>) -> Result<Maybe> {
        let input = match input {
            Some(Value::Array(array)) if array.marks.outer_wrapper => array.first(),
            other => other,
        };
        let values: Vec<Value> = match input {
            Some(Value::Object(object)) => object.values().cloned().collect(),
            Some(Value::Array(array)) => array.to_vec(),
            _ => return Ok(Some(Value::Array(self.sequence(Vec::new())?))),
        };
        self.spend(values.len() / 4)?;
        let mut found = Vec::with_capacity(values.len());
        let mut appended = false;
        for value in values {
            if let Value::Array(array) = value {
                appended = true;
                self.flatten(&array, &mut found)?;
            } else {
                found.push(value);
            }
        }
        let mut array = self.array(found)?;
        // An array that others were appended to is no sequence.
        array.marks.sequence = !appended;
        Ok(Some(Value::Array(array)))
    }

    fn flatten(&mut self, array: &Array, found: &mut Vec<Value>) -> Result<()> {
        self.spend(1 + array.len() / 4)?;
        for item in array.iter() {
            match item {
                Value::Array(inner) => self.flatten(inner, found)?,
                other => found.push(other.clone()),
            }
        }
        Ok(())
    }

    pub(super) fn descendants(&mut self, input: Option<&Value>) -> Result<Maybe> {
        let Some(input) = input else {
            return Ok(None);
        };
        let mut found = Vec::new();
        let mut rest = vec![input];
        while let Some(value) = rest.pop() {
            self.spend(1)?;
            match value {
                Value::Array(array) => rest.extend(array.iter().rev()),
                Value::Object(object) => {
                    found.push(value.clone());
                    rest.extend(object.values().rev());
                }
                other => found.push(other.clone()),
            }
        }
        // Sharing can make more of them than one value may hold.
        let array = self.sequence(found)?;
        match array.as_slice() {
            [single] => Ok(Some(single.clone())),
            _ => Ok(Some(Value::Array(array))),
        }
    }

    /// The items that a predicate selects: by position where it gives numbers, by truth elsewhere.
    pub(super) fn filter(&mut self, predicate: &Node, input: Maybe, frame: usize) -> Result<Array> {
        let tuples = matches!(&input, Some(Value::Array(array)) if array.marks.tuple_stream);
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
            let selector = if tuples {
                self.in_tuple(item, frame, |evaluator, context, frame| {
                    evaluator.eval(predicate, context, frame)
                })?
            } else {
                self.eval(predicate, Some(item), frame)?
            };
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

    /// Does something with a tuple's item as the context and its bindings in a frame of their own.
    fn in_tuple<T>(
        &mut self,
        tuple: &Value,
        frame: usize,
        act: impl FnOnce(&mut Self, Option<&Value>, usize) -> Result<T>,
    ) -> Result<T> {
        let base = self.frames.len();
        let inner = self.frames.push(Some(frame));
        let mut context = None;
        if let Value::Object(bindings) = tuple {
            self.spend(bindings.len())?;
            for (name, value) in bindings.iter() {
                if name.as_ref() == ITEM {
                    context = Some(value);
                } else {
                    self.frames
                        .bind(inner, Arc::clone(name), Some(value.clone()));
                }
            }
        }
        let result = act(self, context, inner)?;
        self.frames.release(base);
        Ok(result)
    }

    fn tuple_step(
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
            let (item, value) = self.in_tuple(tuple, frame, |evaluator, context, frame| {
                Ok((context.cloned(), evaluator.eval(step, context, frame)?))
            })?;
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
                    value => self.bind_tuple(step, &mut bindings, value, index, item.as_ref()),
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

    fn sorted_tuples(
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
    fn stages(&mut self, stages: &[Stage], stream: Array, frame: usize) -> Result<Array> {
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

    fn sort_step(
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
    fn sort_by(
        &mut self,
        terms: &[Term],
        array: &Array,
        position: usize,
        frame: usize,
    ) -> Result<Array> {
        if array.len() <= 1 {
            return Ok(array.clone());
        }
        let tuples = array.marks.tuple_stream;
        let mut keys: Vec<Vec<Option<Maybe>>> = vec![vec![None; terms.len()]; array.len()];
        self.spend(array.len() * (1 + terms.len()) / 4)?;
        let order =
            self.merge_sort((0..array.len()).collect(), &mut |evaluator, left, right| {
                for (index, term) in terms.iter().enumerate() {
                    let mut key = |evaluator: &mut Self, item: usize| -> Result<Maybe> {
                        let known = keys
                            .get(item)
                            .and_then(|keys| keys.get(index))
                            .cloned()
                            .flatten();
                        if let Some(known) = known {
                            return Ok(known);
                        }
                        let value = array.get(item);
                        let key = match value {
                            Some(tuple) if tuples => {
                                evaluator.in_tuple(tuple, frame, |evaluator, context, frame| {
                                    evaluator.eval(&term.expression, context, frame)
                                })?
                            }
                            other => evaluator.eval(&term.expression, other, frame)?,
                        };
                        if let Some(place) = keys.get_mut(item).and_then(|keys| keys.get_mut(index))
                        {
                            *place = Some(key.clone());
                        }
                        Ok(key)
                    };
                    let (left, right) = (key(evaluator, *left)?, key(evaluator, *right)?);
                    let (Some(left), Some(right)) = (&left, &right) else {
                        // What is undefined comes last.
                        match (left.is_some(), right.is_some()) {
                            (false, false) => continue,
                            (known, _) => return Ok(!known),
                        }
                    };
                    let ordering = evaluator.key_order(left, right, position)?;
                    if ordering.is_ne() {
                        return Ok(ordering.is_gt() != term.descending);
                    }
                }
                Ok(false)
            })?;
        let items = order
            .into_iter()
            .filter_map(|index| array.get(index).cloned())
            .collect();
        self.array(items)
    }

    fn key_order(
        &mut self,
        left: &Value,
        right: &Value,
        position: usize,
    ) -> Result<std::cmp::Ordering> {
        match (left, right) {
            (Value::Number(left), Value::Number(right)) => {
                // Neither smaller nor the same counts as greater.
                Ok(left
                    .partial_cmp(right)
                    .unwrap_or(std::cmp::Ordering::Greater))
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

    /// An object whose names and values are evaluated for each item, items of the same name together.
    pub(super) fn group(&mut self, pairs: &Pairs, input: Maybe, frame: usize) -> Result<Value> {
        let tuples = matches!(&input, Some(Value::Array(array)) if array.marks.tuple_stream);
        let single;
        let items: &[Maybe] = match input {
            Some(Value::Array(array)) if !array.is_empty() => {
                self.spend(array.len() / 4)?;
                single = array.iter().cloned().map(Some).collect::<Vec<Maybe>>();
                &single
            }
            // A stream of no tuples makes no groups; an array of no items is one that is undefined.
            Some(Value::Array(_)) if tuples => return self.object(Members::new()),
            Some(Value::Array(_)) | None => &[None],
            value => {
                single = vec![value];
                &single
            }
        };
        let mut groups: IndexMap<Arc<str>, Group> = IndexMap::with_capacity(pairs.pairs.len());
        for item in items {
            for (index, (name, _)) in pairs.pairs.iter().enumerate() {
                let key = match (&name.kind, item) {
                    (Kind::String(text), _)
                        if name.predicates.is_empty() && name.group.is_none() =>
                    {
                        self.spend(1)?;
                        Some(Value::String(Arc::clone(text)))
                    }
                    (_, Some(tuple)) if tuples => {
                        self.in_tuple(tuple, frame, |evaluator, context, frame| {
                            evaluator.eval(name, context, frame)
                        })?
                    }
                    (_, item) => self.eval(name, item.as_ref(), frame)?,
                };
                let key = match key {
                    None => continue,
                    Some(Value::String(key)) => key,
                    Some(other) => {
                        return Err(Fault::new("T1003")
                            .at(pairs.position)
                            .value(json::shown(Some(&other))));
                    }
                };
                self.meter().spend_bytes(key.len())?;
                match groups.get_mut(&key) {
                    Some(group) if group.pair != index => {
                        return Err(Fault::new("D1009")
                            .at(pairs.position)
                            .value(json::quoted(&key)));
                    }
                    Some(group) => group.items.push(item.clone()),
                    None => {
                        self.spend(2)?;
                        groups.insert(
                            key,
                            Group {
                                pair: index,
                                items: vec![item.clone()],
                            },
                        );
                    }
                }
            }
        }
        let mut members = Members::with_capacity(groups.len());
        for (key, group) in groups {
            let Some((_, expression)) = pairs.pairs.get(group.pair) else {
                continue;
            };
            let value = if tuples {
                let tuple = self.merged_tuples(&group.items)?;
                self.in_tuple(&tuple, frame, |evaluator, context, frame| {
                    evaluator.eval(expression, context, frame)
                })?
            } else {
                let context = self.appended(group.items)?;
                self.eval(expression, context.as_ref(), frame)?
            };
            if let Some(value) = value {
                members.insert(key, value);
            }
        }
        self.object(members)
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

struct Group {
    /// Which pair of the constructor made it.
    pair: usize,
    items: Vec<Maybe>,
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
