//! The values of an evaluation: JSON's, functions, and arrays that remember how they came about.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::evaluate::Callable;

/// The members of an object in their order.
pub type Members = IndexMap<Arc<str>, Value>;

/// A value that an expression reads or gives: a clone costs a reference count. What is undefined is no value.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// JSONata's numbers are doubles.
    Number(f64),
    /// Text.
    String(Arc<str>),
    /// An array.
    Array(Array),
    /// An object.
    Object(Object),
    /// A function or a regular expression, which JSON has no form for: AWS refuses it as a result.
    Function(Function),
}

/// A value as JSON would have it, for who reads a result.
#[derive(Clone, Copy, Debug)]
pub enum View<'a> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number without a fraction that fits.
    Integer(i64),
    /// Any other number; finite.
    Double(f64),
    /// Text.
    String(&'a Arc<str>),
    /// The items of an array.
    Array(&'a [Value]),
    /// The members of an object.
    Object(&'a Members),
    /// No JSON.
    Function,
}

/// Values in a row.
#[derive(Clone)]
pub struct Array {
    items: Arc<Nested<Vec<Value>>>,
    pub(crate) marks: Marks,
}

/// How an array came about, which decides whether it flattens into others and unwraps when it holds one item.
/// The names are the reference implementation's. Marks belong to the handle, not to the items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "five marks that the reference implementation sets one by one"
)]
pub(crate) struct Marks {
    /// The evaluator collected it.
    pub(crate) sequence: bool,
    /// `[…]` made it within a path.
    pub(crate) cons: bool,
    /// `[]` was asked for: one item stays an array.
    pub(crate) keep_singleton: bool,
    /// It wraps the context item, which is an array.
    pub(crate) outer_wrapper: bool,
    /// Its items are tuples: an object of bindings, the item itself under `@`.
    pub(crate) tuple_stream: bool,
}

impl Marks {
    /// Those of an array that `[…]` makes, in a path or elsewhere.
    pub(crate) fn constructed(cons: bool) -> Self {
        Self {
            cons,
            ..Self::default()
        }
    }
}

/// Members with names.
#[derive(Clone)]
pub struct Object(Arc<Nested<Members>>);

/// What can be called.
#[derive(Clone)]
pub struct Function(Arc<Nested<Callable>>);

struct Nested<T: Content> {
    /// Levels of containers and functions, this one included.
    depth: usize,
    /// See [`Bounds::memory_bytes`](crate::Bounds::memory_bytes).
    bytes: usize,
    /// Whether it holds JSON only: no function and no number that is not finite.
    plain: bool,
    content: T,
}

/// What containers cost beside their items, and functions in all.
const CONTAINER_BYTES: usize = 8;
const SCALAR_BYTES: usize = 8;

impl Value {
    /// A text.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    /// An array of these values.
    pub fn array(items: impl IntoIterator<Item = Value>) -> Self {
        Self::Array(Array::new(items.into_iter().collect()))
    }

    /// An object of these members; of equal names the last value stays, at the first's place.
    pub fn object<K: Into<Arc<str>>>(members: impl IntoIterator<Item = (K, Value)>) -> Self {
        let members = members.into_iter().map(|(key, value)| (key.into(), value));
        Self::Object(Object::new(members.collect()))
    }

    /// How it reads as JSON. The result of an evaluation has no numbers that are not finite; elsewhere such a one
    /// reads as `null`.
    pub fn view(&self) -> View<'_> {
        match self {
            Self::Null => View::Null,
            Self::Bool(value) => View::Bool(*value),
            Self::Number(value) if !value.is_finite() => View::Null,
            Self::Number(value) => integer(*value).map_or(View::Double(*value), View::Integer),
            Self::String(text) => View::String(text),
            Self::Array(array) => View::Array(array),
            Self::Object(object) => View::Object(object),
            Self::Function(_) => View::Function,
        }
    }

    /// The member of that name, if it is an object that has one.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Object(object) => object.get(key),
            _ => None,
        }
    }

    /// Whether it is JSON throughout: no function anywhere in it.
    pub fn is_json(&self) -> bool {
        match self {
            Self::Number(number) => number.is_finite(),
            Self::Array(array) => array.items.plain,
            Self::Object(object) => object.0.plain,
            Self::Function(_) => false,
            Self::Null | Self::Bool(_) | Self::String(_) => true,
        }
    }

    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::Array(array) => array.items.depth,
            Self::Object(object) => object.0.depth,
            Self::Function(function) => function.0.depth,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => 0,
        }
    }

    /// See [`Bounds::memory_bytes`](crate::Bounds::memory_bytes).
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Array(array) => array.items.bytes,
            Self::Object(object) => object.0.bytes,
            Self::String(text) => text.len(),
            Self::Function(_) => CONTAINER_BYTES,
            Self::Null | Self::Bool(_) | Self::Number(_) => SCALAR_BYTES,
        }
    }

    /// JavaScript's `===`: containers and functions are equal to themselves only.
    pub(crate) fn is_identical(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::Number(left), Self::Number(right)) => left == right,
            (Self::String(left), Self::String(right)) => left == right,
            (Self::Array(left), Self::Array(right)) => Arc::ptr_eq(&left.items, &right.items),
            (Self::Object(left), Self::Object(right)) => left.is_same(right),
            (Self::Function(left), Self::Function(right)) => {
                Arc::ptr_eq(&left.0, &right.0) || left.callable().is_same_native(right.callable())
            }
            _ => false,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&Arc<str>> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a sequence: nothing for none, the item for one that is not kept.
    pub(crate) fn unwrapped(self) -> Option<Value> {
        match self {
            Self::Array(array) if array.marks.sequence && !array.marks.tuple_stream => {
                match array.as_slice() {
                    [] => None,
                    [item] if !array.marks.keep_singleton => Some(item.clone()),
                    _ => Some(Self::Array(array)),
                }
            }
            other => Some(other),
        }
    }

    /// Numbers that are not finite become text, as AWS shows them: `1/0` is `Infinity` in an output
    /// (<https://github.com/floci-io/floci/pull/2783>).
    pub(crate) fn into_json_numbers(self) -> Value {
        match self {
            Self::Number(number) if !number.is_finite() => {
                Self::string(crate::number::to_text(number))
            }
            Self::Array(array) if !array.items.plain => {
                Self::array(array.iter().cloned().map(Self::into_json_numbers))
            }
            Self::Object(object) if !object.0.plain => Self::object(
                object
                    .iter()
                    .map(|(key, value)| (Arc::clone(key), value.clone().into_json_numbers())),
            ),
            other => other,
        }
    }
}

/// The integer that a number is.
fn integer(number: f64) -> Option<i64> {
    /// The smallest double that is too large for an `i64`.
    const END: f64 = 9_223_372_036_854_775_808.0;
    (number.fract() == 0.0 && (-END..END).contains(&number)).then_some(number as i64)
}

impl Array {
    /// These values.
    pub fn new(items: Vec<Value>) -> Self {
        Self {
            items: Arc::new(Nested::new(items)),
            marks: Marks::default(),
        }
    }

    pub(crate) fn sequence(items: Vec<Value>) -> Self {
        Self::new(items).as_sequence()
    }

    /// The same items as a sequence of their own.
    pub(crate) fn as_sequence(&self) -> Self {
        Self {
            items: Arc::clone(&self.items),
            marks: Marks {
                sequence: true,
                ..Marks::default()
            },
        }
    }

    pub(crate) fn as_slice(&self) -> &[Value] {
        &self.items.content
    }

    pub(crate) fn depth(&self) -> usize {
        self.items.depth
    }

    pub(crate) fn bytes(&self) -> usize {
        self.items.bytes
    }
}

impl Object {
    /// These members.
    pub fn new(members: Members) -> Self {
        Self(Arc::new(Nested::new(members)))
    }

    /// The same object, not an equal one.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What tells it from every other object while both live.
    pub(crate) fn identity(&self) -> usize {
        Arc::as_ptr(&self.0).cast::<u8>() as usize
    }

    pub(crate) fn depth(&self) -> usize {
        self.0.depth
    }

    pub(crate) fn bytes(&self) -> usize {
        self.0.bytes
    }
}

impl Function {
    pub(crate) fn new(callable: Callable) -> Self {
        Self(Arc::new(Nested::new(callable)))
    }

    pub(crate) fn callable(&self) -> &Callable {
        &self.0.content
    }

    pub(crate) fn depth(&self) -> usize {
        self.0.depth
    }
}

impl Deref for Array {
    type Target = [Value];
    fn deref(&self) -> &[Value] {
        &self.items.content
    }
}

impl Deref for Object {
    type Target = Members;
    fn deref(&self) -> &Members {
        &self.0.content
    }
}

impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("function")
    }
}

/// Equal kinds and contents; the order of names does not matter, a function is equal to itself.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        let mut pairs = vec![(self, other)];
        while let Some((left, right)) = pairs.pop() {
            let equal = left.is_identical(right)
                || match (left, right) {
                    (Self::Array(left), Self::Array(right)) => {
                        pairs.extend(left.iter().zip(right.iter()));
                        left.len() == right.len()
                    }
                    (Self::Object(left), Self::Object(right)) => {
                        left.len() == right.len()
                            && left.iter().all(|(key, value)| {
                                right.get(key).is_some_and(|other| {
                                    pairs.push((value, other));
                                    true
                                })
                            })
                    }
                    _ => false,
                };
            if !equal {
                return false;
            }
        }
        true
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::string(value)
    }
}

impl<T: Content> Nested<T> {
    fn new(content: T) -> Self {
        let (mut depth, mut bytes, mut plain) = (0, content.own_bytes(), content.is_data());
        content.each(&mut |value| {
            depth = depth.max(value.depth());
            bytes = bytes.saturating_add(value.bytes());
            plain &= value.is_json();
        });
        Self {
            depth: depth + 1,
            bytes,
            plain,
            content,
        }
    }
}

/// Deep values are taken apart level by level: the drop glue would recurse once a level.
impl<T: Content> Drop for Nested<T> {
    fn drop(&mut self) {
        const RECURSION_IS_FINE: usize = 64;
        if self.depth <= RECURSION_IS_FINE {
            return;
        }
        let mut rest = Vec::new();
        self.content.move_into(&mut rest);
        while let Some(value) = rest.pop() {
            match value {
                Value::Array(mut array) => empty(&mut array.items, &mut rest),
                Value::Object(Object(mut members)) => empty(&mut members, &mut rest),
                Value::Function(Function(mut callable)) => empty(&mut callable, &mut rest),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
    }
}

/// Moves out what a container holds, if nobody else holds it.
fn empty<T: Content>(container: &mut Arc<Nested<T>>, rest: &mut Vec<Value>) {
    if let Some(nested) = Arc::get_mut(container) {
        nested.content.move_into(rest);
        nested.depth = 0;
    }
}

/// What holds values.
pub(crate) trait Content {
    fn each(&self, visit: &mut dyn FnMut(&Value));
    fn move_into(&mut self, values: &mut Vec<Value>);
    fn own_bytes(&self) -> usize {
        CONTAINER_BYTES
    }
    fn is_data(&self) -> bool {
        true
    }
}

impl Content for Vec<Value> {
    fn each(&self, visit: &mut dyn FnMut(&Value)) {
        self.iter().for_each(visit);
    }

    fn move_into(&mut self, values: &mut Vec<Value>) {
        values.append(self);
    }
}

impl Content for Members {
    fn each(&self, visit: &mut dyn FnMut(&Value)) {
        self.values().for_each(visit);
    }

    fn move_into(&mut self, values: &mut Vec<Value>) {
        values.extend(self.drain(..).map(|(_, value)| value));
    }

    fn own_bytes(&self) -> usize {
        let names: usize = self.keys().map(|key| key.len()).sum();
        CONTAINER_BYTES + names
    }
}
