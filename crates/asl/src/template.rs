use std::collections::BTreeSet;
use std::sync::Arc;

use crate::machine::{QueryLanguage, Source};
use crate::{DEPTH_MAX, Data, Expression, Intrinsic, Json, JsonPath, Root, StatesError};

/// A payload template: JSON in which some values are computed.
#[derive(Clone, Debug, PartialEq)]
pub enum Template {
    /// Taken as it is.
    Literal(Json),
    /// An array with something to compute.
    Array(Vec<Template>),
    /// An object with something to compute; the keys are those of the result.
    Object(Vec<(Arc<str>, Template)>),
    /// `"key.$": "$…"`
    Path(PathMember),
    /// `"key.$": "States.…(…)"`
    Intrinsic(Intrinsic),
    /// `"{% … %}"` (JSONata).
    Expression(Expression),
}

/// A path and the key it was written for, which AWS names where the path fails.
#[derive(Clone, Debug, PartialEq)]
pub struct PathMember {
    /// `value.$`
    pub key: Arc<str>,
    /// The path.
    pub path: JsonPath,
}

impl Template {
    /// Reads a template; each problem is a message for the template's place.
    ///
    /// # Errors
    /// If a key that ends with `.$` has a value that is neither path nor intrinsic call, or an expression is not
    /// closed.
    pub fn parse(json: &Json, language: QueryLanguage) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let template = read(json, language, &mut problems);
        if problems.is_empty() {
            Ok(template)
        } else {
            Err(problems)
        }
    }

    /// Its value.
    ///
    /// # Errors
    /// `States.Runtime` where a path names nothing or a function fails; `States.QueryEvaluationError`.
    pub fn evaluate(&self, data: &Data<'_>) -> Result<Json, StatesError> {
        let value = self.value(data)?;
        if value.depth() > DEPTH_MAX {
            return Err(StatesError::runtime(format!(
                "The result is nested more than {DEPTH_MAX} levels deep."
            )));
        }
        Ok(value)
    }

    /// Every path, function and expression in it, in order.
    pub fn visit(&self, visitor: &mut dyn FnMut(&Template)) {
        match self {
            Self::Literal(_) => {}
            Self::Array(items) => items.iter().for_each(|item| item.visit(visitor)),
            Self::Object(members) => members.iter().for_each(|(_, member)| member.visit(visitor)),
            Self::Path(_) | Self::Intrinsic(_) | Self::Expression(_) => visitor(self),
        }
    }

    /// The names of the variables that it reads.
    pub fn variables(&self) -> BTreeSet<Arc<str>> {
        let mut names = BTreeSet::new();
        let mut read = |path: &JsonPath| {
            if let Root::Variable(name) = path.starts_from() {
                names.insert(Arc::clone(name));
            }
        };
        self.visit(&mut |inner| match inner {
            Self::Path(member) => read(&member.path),
            Self::Intrinsic(call) => call.paths().into_iter().for_each(&mut read),
            Self::Literal(_) | Self::Array(_) | Self::Object(_) | Self::Expression(_) => {}
        });
        names
    }

    fn value(&self, data: &Data<'_>) -> Result<Json, StatesError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Array(items) => items
                .iter()
                .map(|item| item.value(data))
                .collect::<Result<_, _>>()
                .map(Json::Array),
            Self::Object(members) => members
                .iter()
                .map(|(key, value)| Ok((Arc::clone(key), value.value(data)?)))
                .collect::<Result<_, _>>()
                .map(Json::Object),
            Self::Path(member) => member.path.evaluate_for(&member.key, data),
            Self::Intrinsic(intrinsic) => intrinsic.evaluate(data),
            Self::Expression(expression) => expression.evaluate(data),
        }
    }
}

impl JsonPath {
    /// Its value, for a payload template's field or for `ErrorPath`, `CausePath`.
    ///
    /// # Errors
    /// `States.Runtime`, naming the field and the input, if there is none.
    pub fn evaluate_for(&self, field: &str, data: &Data<'_>) -> Result<Json, StatesError> {
        self.evaluate(data).map_err(|_| {
            StatesError::runtime(format!(
                "The JSONPath '{}' specified for the field '{field}' could not be found in the input '{}'",
                self.text(),
                data.input
            ))
        })
    }
}

impl Source {
    /// Reads a path or an intrinsic call; none if the text is neither.
    pub fn parse(text: &str) -> Option<Self> {
        if text.starts_with("States.") {
            Intrinsic::parse(text).ok().map(Self::Intrinsic)
        } else {
            JsonPath::parse(text).ok().map(Self::Path)
        }
    }

    /// Its value, for that field.
    ///
    /// # Errors
    /// `States.Runtime`.
    pub fn evaluate_for(&self, field: &str, data: &Data<'_>) -> Result<Json, StatesError> {
        match self {
            Self::Path(path) => path.evaluate_for(field, data),
            Self::Intrinsic(intrinsic) => intrinsic.evaluate(data),
        }
    }

    /// As written.
    pub fn text(&self) -> &Arc<str> {
        match self {
            Self::Path(path) => path.text(),
            Self::Intrinsic(intrinsic) => intrinsic.text(),
        }
    }
}

/// Recursion is as deep as the definition, which [`Json::from_text`] bounds.
fn read(json: &Json, language: QueryLanguage, problems: &mut Vec<String>) -> Template {
    match json {
        Json::Array(items) => {
            let items: Vec<Template> = items
                .iter()
                .map(|item| read(item, language, problems))
                .collect();
            if items.iter().all(is_literal) {
                Template::Literal(json.clone())
            } else {
                Template::Array(items)
            }
        }
        Json::Object(members) => {
            let mut plain = true;
            let mut read_members = Vec::with_capacity(members.len());
            for (key, value) in members {
                let (key, value) = match key
                    .strip_suffix(".$")
                    .filter(|_| language == QueryLanguage::JsonPath)
                {
                    Some(name) => (Arc::from(name), computed(key, value, problems)),
                    None => (Arc::clone(key), read(value, language, problems)),
                };
                plain &= is_literal(&value);
                read_members.push((key, value));
            }
            if plain {
                Template::Literal(json.clone())
            } else {
                Template::Object(read_members)
            }
        }
        Json::String(text) if language == QueryLanguage::Jsonata && text.starts_with("{%") => {
            if let Some(expression) = Expression::from_delimited(text) {
                Template::Expression(expression)
            } else {
                problems.push(format!(
                    "The JSONata expression '{text}' must end with '%}}'"
                ));
                Template::Literal(json.clone())
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            Template::Literal(json.clone())
        }
    }
}

fn is_literal(template: &Template) -> bool {
    matches!(template, Template::Literal(_))
}

fn computed(key: &Arc<str>, value: &Json, problems: &mut Vec<String>) -> Template {
    match value.as_str().and_then(Source::parse) {
        Some(Source::Path(path)) => Template::Path(PathMember {
            key: Arc::clone(key),
            path,
        }),
        Some(Source::Intrinsic(intrinsic)) => Template::Intrinsic(intrinsic),
        None => {
            problems.push(format!(
                "The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call"
            ));
            Template::Literal(value.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entropy, Payload};
    use std::cell::RefCell;

    fn evaluate(template: &str, input: &str) -> Result<String, String> {
        let json = |text| Json::from_text(text).unwrap_or_else(|error| panic!("{error}"));
        let template = Template::parse(&json(template), QueryLanguage::JsonPath)
            .map_err(|problems| problems.join("; "))?;
        let entropy = RefCell::new(Entropy::new([0; 16]));
        let context = || Json::object([("Task", Json::object([("Token", Json::from("T"))]))]);
        let variables = |name: &str| (name == "v").then(|| Payload::new(Json::from(7_u64)));
        let input = json(input);
        let data = Data {
            input: &input,
            context: &context,
            variables: &variables,
            entropy: &entropy,
        };
        template
            .evaluate(&data)
            .map(|value| value.to_text())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn keys_with_a_dollar_are_computed_wherever_they_stand() {
        assert_eq!(
            evaluate(
                r#"{"a":"$.x","b.$":"$.x","c":[{"d.$":"$v"},"e.$"],"f":{"g.$":"$$.Task.Token"},"h.$":"States.Array($.x)"}"#,
                r#"{"x":{"y":null}}"#
            ),
            Ok(
                r#"{"a":"$.x","b":{"y":null},"c":[{"d":7},"e.$"],"f":{"g":"T"},"h":[{"y":null}]}"#
                    .to_owned()
            )
        );
        for literal in ["1", "[]", "\"$.x\"", "{}", "null"] {
            assert_eq!(evaluate(literal, "{}"), Ok(literal.to_owned()));
        }
    }

    /// As recorded in `test_invalid_jsonpath_INVALID_JSONPATH_IN_STRING_EXPR_…`.
    #[test]
    fn missing_places_name_the_field_and_the_input() {
        for path in [
            "$.no_such_jsonpath",
            "$$.Execution.Input.no_such_jsonpath",
            "$nope",
        ] {
            assert_eq!(
                evaluate(
                    &format!(r#"{{"value.$":"{path}"}}"#),
                    r#"{"int-literal":0}"#
                ),
                Err(format!(
                    "States.Runtime: The JSONPath '{path}' specified for the field 'value.$' could not be found in the \
                     input '{{\"int-literal\":0}}'"
                ))
            );
        }
    }

    #[test]
    fn results_are_not_deeper_than_texts_may_be() {
        let deep = format!("{}{}", "[".repeat(DEPTH_MAX), "]".repeat(DEPTH_MAX));
        assert!(evaluate(r#"{"a.$":"$"}"#, &deep).is_err_and(|error| error.contains("nested")));
    }

    #[test]
    fn jsonata_templates_keep_their_expressions() {
        let json = Json::from_text(r#"{"a.$":"$.b","c":["{% $x %}"]}"#).unwrap_or_default();
        let template = Template::parse(&json, QueryLanguage::Jsonata);
        let mut found = Vec::new();
        if let Ok(template) = &template {
            template.visit(&mut |inner| {
                found.extend(match inner {
                    Template::Expression(expression) => Some(expression.text().to_owned()),
                    _ => None,
                });
            });
        }
        assert_eq!(found, ["$x"]);
    }
}
