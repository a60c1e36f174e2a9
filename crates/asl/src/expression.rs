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

/// The part of a value that these paths lead to, equal ones together; a path of no fields leads to all of it. It costs
/// what the paths cost, however large the value is that has been read before.
fn read(json: &Json, paths: &[&[Arc<str>]]) -> Value {
    match json {
        Json::Object(members) if paths.iter().all(|path| !path.is_empty()) => {
            let groups = paths.chunk_by(|left, right| left.first() == right.first());
            Value::object(groups.filter_map(|group| {
                let (name, _) = group.first()?.split_first()?;
                let fields: Vec<_> = group.iter().filter_map(|path| path.get(1..)).collect();
                Some((Arc::clone(name), read(members.get(name)?, &fields)))
            }))
        }
        // A field of an array is that field of its items: all of them are read, so that it is done once.
        _ => json.to_jsonata(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_value_is_made_for_jsonata_once() {
        let order = |n: i64| Json::object([("id", Json::from(n)), ("tags", Json::array([]))]);
        let orders = Json::array((0..100).map(order));
        let input = Json::object([("orders", orders), ("note", Json::from("small"))]);
        let items = |fields: &[&str]| {
            let path: Vec<Arc<str>> = fields.iter().map(|field| (*field).into()).collect();
            let value = read(&input, &[&path]);
            match value.get("orders").map(Value::view) {
                Some(View::Array(items)) => items.as_ptr(),
                other => panic!("{other:?}"),
            }
        };
        let whole = items(&[]);
        assert_eq!(whole, items(&["orders"]));
        assert_eq!(whole, items(&["orders", "id"]));
        let copy = input
            .as_object()
            .map(|input| input.with("more", Json::Null));
        let copy = read(&copy.map(Json::Object).unwrap_or_default(), &[&[]]);
        assert!(
            matches!(copy.get("orders").map(Value::view), Some(View::Array(items)) if items.as_ptr() == whole)
        );
    }

    #[test]
    fn only_what_is_named_is_read_of_an_object() {
        let input = Json::object([
            (
                "a",
                Json::object([("b", Json::from(1_i64)), ("c", Json::Null)]),
            ),
            ("d", Json::Null),
        ]);
        let (b, none): ([Arc<str>; 2], [Arc<str>; 1]) = (["a".into(), "b".into()], ["e".into()]);
        let value = read(&input, &[&b, &none]);
        assert_eq!(write(&value).to_text(), r#"{"a":{"b":1}}"#);
    }
}
