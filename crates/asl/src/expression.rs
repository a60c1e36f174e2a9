//! JSONata in a definition: what it may read, and its value as JSON.

use std::collections::BTreeSet;
use std::sync::Arc;

use jsonata::{Bounds, References, Scope, Value, View};

use crate::data::Place;
use crate::diagnostic::Problem;
use crate::{Data, Json, StatesError};

/// A JSONata expression that reads nothing but `$states` and variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    parsed: jsonata::Expression,
}

/// The variable that Step Functions binds.
const STATES: &str = "states";

/// Its members; which of them there are depends on the field.
const MEMBERS: [&str; 4] = ["input", "result", "errorOutput", "context"];

impl Expression {
    /// Whether the text is meant to be an expression: it begins with `{%`.
    pub fn is_delimited(text: &str) -> bool {
        text.starts_with("{%")
    }

    /// The expression of a string from `{%` to `%}`; `members` are those of `$states` that its field can read besides
    /// `input` and `context`.
    ///
    /// # Errors
    /// If it is not closed, no JSONata, or reads what there is not.
    pub(crate) fn parse(delimited: &str, members: &[&str]) -> Result<Self, Problem> {
        let inner = delimited
            .strip_prefix("{%")
            .and_then(|rest| rest.strip_suffix("%}"));
        let Some(inner) = inner else {
            return Err(Problem::schema(format!(
                "The JSONata expression '{delimited}' must end with '%}}'"
            )));
        };
        let parsed = jsonata::Expression::parse(inner.trim())
            .map_err(|error| Problem::new("INVALID_JSONATA_EXPRESSION", error.message))?;
        let references = parsed.references();
        let unsupported = |message| Err(Problem::new("UNSUPPORTED_JSONATA_EXPRESSION", message));
        let context = references.context.then_some("$");
        if let Some(name) = context.or(references.fields.first().map(|name| &**name)) {
            return unsupported(format!(
                "Reference to '{name}' at the top level is not supported."
            ));
        }
        for path in &references.variables {
            let [root, member, ..] = path.as_slice() else {
                continue;
            };
            let member = &**member;
            let known = matches!(member, "input" | "context") || members.contains(&member);
            if &**root == STATES && !known {
                return unsupported(format!("Field '$states.{member}' does not exist."));
            }
        }
        Ok(Self { parsed })
    }

    /// Its text, without the delimiters.
    pub fn text(&self) -> &str {
        self.parsed.text()
    }

    /// The names of the variables that it reads.
    pub(crate) fn variables(&self) -> BTreeSet<Arc<str>> {
        let references = self.parsed.references();
        let roots = references.variables.iter().filter_map(|path| path.first());
        roots
            .filter(|name| &***name != STATES && !jsonata::is_function(name))
            .cloned()
            .collect()
    }

    /// Its value, for that field.
    ///
    /// # Errors
    /// `States.QueryEvaluationError` where it fails or gives nothing.
    pub fn evaluate(&self, data: &Data<'_>, place: Place) -> Result<Json, StatesError> {
        Evaluation::new(data, [self]).evaluate(self, &place.to_string())
    }
}

/// Expressions that are evaluated together, over the same values.
pub(crate) struct Evaluation<'a> {
    scope: Scope<'a>,
    data: &'a Data<'a>,
}

impl<'a> Evaluation<'a> {
    /// Binds what these expressions read.
    pub(crate) fn new<'e>(
        data: &'a Data<'a>,
        expressions: impl IntoIterator<Item = &'e Expression>,
    ) -> Self {
        let bounds = Bounds {
            steps: data.allowance.jsonata_steps.get(),
            ..Bounds::default()
        };
        let random = || data.entropy.borrow_mut().next_u64();
        let mut scope = Scope::new(data.jsonata.now_millis, random, bounds);
        let mut paths: Vec<&[Arc<str>]> = Vec::new();
        for expression in expressions {
            let references: &'e References = expression.parsed.references();
            paths.extend(references.variables.iter().map(Vec::as_slice));
        }
        paths.sort_unstable();
        for group in paths.chunk_by(|left, right| left.first() == right.first()) {
            let Some((root, _)) = group.first().and_then(|path| path.split_first()) else {
                continue;
            };
            let fields: Vec<&[Arc<str>]> = group.iter().filter_map(|path| path.get(1..)).collect();
            let value = if &**root == STATES {
                Some(states(data, &fields))
            } else {
                (data.variables)(root).map(|payload| read(payload.value(), &fields))
            };
            if let Some(value) = value {
                scope.bind(Arc::clone(root), value);
            }
        }
        Self { scope, data }
    }

    /// The value of one of them; `field` is its place in the state.
    pub(crate) fn evaluate(
        &mut self,
        expression: &Expression,
        field: &str,
    ) -> Result<Json, StatesError> {
        let value = expression.parsed.evaluate(&mut self.scope);
        self.data
            .allowance
            .jsonata_steps
            .set(self.scope.steps_left());
        let text = expression.text();
        let cause = match value {
            Ok(Some(value)) if value.is_json() => return Ok(write(&value)),
            Ok(Some(_)) => "returned an unsupported result type.".to_owned(),
            Ok(None) => "returned nothing (undefined).".to_owned(),
            Err(error) => {
                let point = if error.code.is_some() { '.' } else { ':' };
                format!("threw an error during evaluation{point} {error}")
            }
        };
        Err(StatesError::query(
            field,
            format!("The JSONata expression '{text}' specified for the field '{field}' {cause}"),
        ))
    }
}

/// `$states`, as far as these paths need it.
fn states(data: &Data<'_>, paths: &[&[Arc<str>]]) -> Value {
    let members = MEMBERS.into_iter().filter_map(|name| {
        let fields = below(paths, name)?;
        let value = match name {
            "input" => read(data.input, &fields),
            "result" => read(data.jsonata.result?, &fields),
            "errorOutput" => read(data.jsonata.error_output?, &fields),
            _ => read(&(data.context)(), &fields),
        };
        Some((name, value))
    });
    Value::object(members)
}

/// The part of a value that these paths lead to; a path of no fields leads to all of it.
fn read(json: &Json, paths: &[&[Arc<str>]]) -> Value {
    if paths.iter().any(|path| path.is_empty()) {
        return read_whole(json);
    }
    match json {
        // A field of an array is that field of its items.
        Json::Array(items) => Value::array(items.iter().map(|item| read(item, paths))),
        Json::Object(members) => Value::object(members.iter().filter_map(|(name, value)| {
            Some((Arc::clone(name), read(value, &below(paths, name)?)))
        })),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => read_whole(json),
    }
}

fn read_whole(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(_) => json.as_f64().map_or(Value::Null, Value::Number),
        Json::String(text) => Value::String(Arc::clone(text)),
        Json::Array(items) => Value::array(items.iter().map(read_whole)),
        Json::Object(members) => {
            let members = members.iter();
            Value::object(members.map(|(name, value)| (Arc::clone(name), read_whole(value))))
        }
    }
}

/// The paths that go on below a member; none if no path goes there.
fn below<'p>(paths: &[&'p [Arc<str>]], name: &str) -> Option<Vec<&'p [Arc<str>]>> {
    let tails: Vec<_> = paths
        .iter()
        .filter_map(|path| match path.split_first() {
            None => Some(*path),
            Some((first, rest)) => (**first == *name).then_some(rest),
        })
        .collect();
    (!tails.is_empty()).then_some(tails)
}

/// A value that is JSON throughout.
fn write(value: &Value) -> Json {
    match value.view() {
        View::Null | View::Function => Json::Null,
        View::Bool(value) => Json::Bool(value),
        View::Integer(number) => Json::Number(number.into()),
        View::Double(number) => {
            serde_json::Number::from_f64(number).map_or(Json::Null, Json::Number)
        }
        View::String(text) => Json::String(Arc::clone(text)),
        View::Array(items) => Json::array(items.iter().map(write)),
        View::Object(members) => Json::object(
            members
                .iter()
                .map(|(name, value)| (Arc::clone(name), write(value))),
        ),
    }
}
