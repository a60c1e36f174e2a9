use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::data::Place;
use crate::diagnostic::Problem;
use crate::expression::Evaluation;
use crate::machine::{QueryLanguage, Source};
use crate::{
    DEPTH_MAX, Data, Expression, Intrinsic, Json, JsonPath, Members, Object, Root, StatesError,
};

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
    /// Reads a template of JSONPath.
    ///
    /// # Errors
    /// If a key that ends with `.$` has a value that is neither path nor intrinsic call.
    pub fn parse(json: &Json) -> Result<Self, Vec<Problem>> {
        Reader::read_all(json, QueryLanguage::JsonPath, &[])
    }

    /// Reads what JSONata computes; `members` are those of `$states` that it can read besides `input` and `context`.
    ///
    /// # Errors
    /// As [`Expression::parse`], for each expression.
    pub(crate) fn parse_jsonata(json: &Json, members: &[&str]) -> Result<Self, Vec<Problem>> {
        Reader::read_all(json, QueryLanguage::Jsonata, members)
    }

    /// Its value, for that field.
    ///
    /// # Errors
    /// `States.Runtime` where a path names nothing or a function fails; `States.QueryEvaluationError`;
    /// `States.DataLimitExceeded` where what is computed is larger than any payload may be.
    pub fn evaluate(&self, data: &Data<'_>, place: Place) -> Result<Json, StatesError> {
        let mut expressions = Vec::new();
        self.visit(&mut |inner| {
            if let Template::Expression(expression) = inner {
                expressions.push(expression);
            }
        });
        let evaluation = (!expressions.is_empty()).then(|| Evaluation::new(data, expressions));
        let mut filling = Filling {
            data,
            evaluation,
            place,
            steps: Vec::new(),
            bytes_left: data.allowance.bytes_max(),
        };
        let value = filling.value(self)?;
        if value.depth() > DEPTH_MAX {
            return Err(StatesError::runtime(format!(
                "The result is nested more than {DEPTH_MAX} levels deep."
            )));
        }
        Ok(value)
    }

    /// Every path, function and expression in it, in order.
    pub fn visit<'t>(&'t self, visitor: &mut dyn FnMut(&'t Template)) {
        match self {
            Self::Literal(_) => {}
            Self::Array(items) => items.iter().for_each(|item| item.visit(visitor)),
            Self::Object(members) => members.iter().for_each(|(_, member)| member.visit(visitor)),
            Self::Path(_) | Self::Intrinsic(_) | Self::Expression(_) => visitor(self),
        }
    }

    /// The calls that have more calls in them than a field may.
    pub(crate) fn overfull(&self) -> Vec<&Intrinsic> {
        let mut found = Vec::new();
        self.visit(&mut |inner| match inner {
            Self::Intrinsic(call) if call.is_overfull() => found.push(call),
            _ => {}
        });
        found
    }

    /// The names of the variables that it reads.
    pub fn variables(&self) -> BTreeSet<Arc<str>> {
        let mut names = BTreeSet::new();
        let variable = |path: &JsonPath| match path.starts_from() {
            Root::Variable(name) => Some(Arc::clone(name)),
            Root::Input | Root::Context => None,
        };
        self.visit(&mut |inner| match inner {
            Self::Path(member) => names.extend(variable(&member.path)),
            Self::Intrinsic(call) => names.extend(call.paths().into_iter().filter_map(variable)),
            Self::Expression(expression) => names.extend(expression.variables()),
            Self::Literal(_) | Self::Array(_) | Self::Object(_) => {}
        });
        names
    }
}

/// An evaluation on its way through a template.
struct Filling<'a, 't> {
    data: &'a Data<'a>,
    /// None where there is no expression.
    evaluation: Option<Evaluation<'a>>,
    place: Place,
    /// From the field down to the value at hand.
    steps: Vec<Step<'t>>,
    /// What the values that are still to be computed may take together.
    bytes_left: usize,
}

enum Step<'t> {
    Member(&'t str),
    Item(usize),
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(name) => write!(f, "/{name}"),
            Self::Item(index) => write!(f, "[{index}]"),
        }
    }
}

impl<'t> Filling<'_, 't> {
    /// Recursion is as deep as the definition; each level takes little of the stack.
    fn value(&mut self, template: &'t Template) -> Result<Json, StatesError> {
        match template {
            Template::Array(items) => {
                let mut values = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    self.steps.push(Step::Item(index));
                    values.push(self.value(item)?);
                    self.steps.pop();
                }
                Ok(Json::array(values))
            }
            Template::Object(members) => {
                let mut values = Members::with_capacity(members.len());
                for (key, member) in members {
                    self.steps.push(Step::Member(key));
                    values.insert(Arc::clone(key), self.value(member)?);
                    self.steps.pop();
                }
                Ok(Json::Object(Object::new(values)))
            }
            Template::Literal(value) => Ok(value.clone()),
            Template::Path(_) | Template::Intrinsic(_) | Template::Expression(_) => {
                let value = self.computed(template)?;
                let left = self.bytes_left.checked_sub(value.text_bytes_min());
                self.bytes_left = left.ok_or_else(StatesError::too_large)?;
                Ok(value)
            }
        }
    }

    fn computed(&mut self, template: &'t Template) -> Result<Json, StatesError> {
        match template {
            Template::Path(member) => member.path.evaluate_for(&member.key, self.data),
            Template::Intrinsic(intrinsic) => intrinsic.evaluate(self.data),
            Template::Expression(expression) => {
                let field = self.field();
                match &mut self.evaluation {
                    Some(evaluation) => evaluation.evaluate(expression, &field),
                    None => expression.evaluate(self.data, self.place),
                }
            }
            Template::Literal(_) | Template::Array(_) | Template::Object(_) => self.value(template),
        }
    }

    /// The place of the value at hand: `Output/orders[0]/total`.
    fn field(&self) -> String {
        let mut field = self.place.to_string();
        field.extend(self.steps.iter().map(Step::to_string));
        field
    }
}

impl JsonPath {
    /// Its value, for a payload template's field or for `ErrorPath`, `CausePath`.
    ///
    /// # Errors
    /// `States.Runtime`, naming the field and the input, if there is none.
    pub fn evaluate_for(&self, field: &str, data: &Data<'_>) -> Result<Json, StatesError> {
        self.evaluate(data).or_else(|_| {
            data.allowance.check_steps()?;
            Err(StatesError::runtime(format!(
                "The JSONPath '{}' specified for the field '{field}' could not be found in the input '{}'",
                self.text(),
                data.input
            )))
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

/// A template on its way in. Recursion is as deep as the definition, which [`Json::from_text`] bounds.
struct Reader<'m> {
    language: QueryLanguage,
    members: &'m [&'m str],
    problems: Vec<Problem>,
    /// Where below the template.
    below: String,
}

impl<'m> Reader<'m> {
    fn read_all(
        json: &Json,
        language: QueryLanguage,
        members: &'m [&'m str],
    ) -> Result<Template, Vec<Problem>> {
        let mut reader = Self {
            language,
            members,
            problems: Vec::new(),
            below: String::new(),
        };
        let template = reader.read(json);
        if reader.problems.is_empty() {
            Ok(template)
        } else {
            Err(reader.problems)
        }
    }

    fn read(&mut self, json: &Json) -> Template {
        let length = self.below.len();
        let mut plain = true;
        let template = match json {
            Json::Array(items) => {
                let mut read = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    self.go_below(&Step::Item(index));
                    let item = self.read(item);
                    self.below.truncate(length);
                    plain &= is_literal(&item);
                    read.push(item);
                }
                Template::Array(read)
            }
            Json::Object(members) => {
                let mut read = Vec::with_capacity(members.len());
                for (key, value) in members {
                    let member = match key.strip_suffix(".$") {
                        Some(name) if self.language == QueryLanguage::JsonPath => {
                            (Arc::from(name), self.computed(key, value))
                        }
                        _ => {
                            self.go_below(&Step::Member(key));
                            let value = self.read(value);
                            self.below.truncate(length);
                            (Arc::clone(key), value)
                        }
                    };
                    plain &= is_literal(&member.1);
                    read.push(member);
                }
                Template::Object(read)
            }
            Json::String(text) if self.language == QueryLanguage::Jsonata => {
                return self.string(text);
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
                return Template::Literal(json.clone());
            }
        };
        if plain {
            Template::Literal(json.clone())
        } else {
            template
        }
    }

    fn go_below(&mut self, step: &Step<'_>) {
        self.below.push_str(&step.to_string());
    }

    /// A text, which may be an expression of JSONata.
    fn string(&mut self, text: &Arc<str>) -> Template {
        let literal = || Template::Literal(Json::String(Arc::clone(text)));
        if !Expression::is_delimited(text) {
            return literal();
        }
        match Expression::parse(text, self.members) {
            Ok(expression) => Template::Expression(expression),
            Err(problem) => {
                self.problems.push(Problem {
                    below: self.below.clone(),
                    ..problem
                });
                literal()
            }
        }
    }

    fn computed(&mut self, key: &Arc<str>, value: &Json) -> Template {
        match value.as_str().and_then(Source::parse) {
            Some(Source::Path(path)) => Template::Path(PathMember {
                key: Arc::clone(key),
                path,
            }),
            Some(Source::Intrinsic(intrinsic)) => Template::Intrinsic(intrinsic),
            None => {
                self.problems.push(Problem::schema(format!(
                    "The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call"
                )));
                Template::Literal(value.clone())
            }
        }
    }
}

fn is_literal(template: &Template) -> bool {
    matches!(template, Template::Literal(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entropy, Payload};
    use std::cell::RefCell;

    fn evaluate(template: &str, input: &str) -> Result<String, String> {
        let json = |text| Json::from_text(text).unwrap_or_else(|error| panic!("{error}"));
        let template = Template::parse(&json(template)).map_err(|problems| {
            let messages = problems.into_iter().map(|problem| problem.message);
            messages.collect::<Vec<_>>().join("; ")
        })?;
        let entropy = RefCell::new(Entropy::new([0; 16]));
        let context = || Json::object([("Task", Json::object([("Token", Json::from("T"))]))]);
        let variables = |name: &str| (name == "v").then(|| Payload::new(Json::from(7_u64)));
        let input = json(input);
        let data = Data {
            input: &input,
            context: &context,
            variables: &variables,
            entropy: &entropy,
            allowance: &crate::Allowance::default(),
            jsonata: crate::JsonataData::default(),
        };
        template
            .evaluate(&data, Place::Field("Parameters"))
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

    /// A JSONata template's value, with `$states.input`, a result, and the variable `$v`.
    fn evaluate_jsonata(template: &str) -> Result<String, String> {
        let json = |text| Json::from_text(text).unwrap_or_else(|error| panic!("{error}"));
        let template =
            Template::parse_jsonata(&json(template), &["result"]).map_err(|problems| {
                let texts = problems.iter().map(|problem| {
                    let Problem {
                        code,
                        below,
                        message,
                    } = problem;
                    format!("{code} at {below}: {message}")
                });
                texts.collect::<Vec<_>>().join("; ")
            })?;
        let entropy = RefCell::new(Entropy::new([0; 16]));
        let context = || Json::object([("Task", Json::object([("Token", Json::from("T"))]))]);
        let variables = |name: &str| (name == "v").then(|| Payload::new(json(r#"{"w":[1,2]}"#)));
        let input = json(r#"{"items":[{"n":1,"skip":[]},{"n":2.5},7],"big":9007199254740993}"#);
        let result = json(r#"{"ok":true}"#);
        let data = Data {
            input: &input,
            context: &context,
            variables: &variables,
            entropy: &entropy,
            allowance: &crate::Allowance::default(),
            jsonata: crate::JsonataData {
                result: Some(&result),
                ..crate::JsonataData::default()
            },
        };
        template
            .evaluate(&data, Place::Field("Output"))
            .map(|value| value.to_text())
            .map_err(|error| {
                let location = error.location.unwrap_or_default();
                format!("{}: {} [{location}]", error.name, error.cause)
            })
    }

    #[test]
    fn jsonata_reads_states_and_variables() {
        assert_eq!(
            evaluate_jsonata(
                r#"{"a.$":"$.b","n":["{% $states.input.items.n %}"],"sum":"{%$sum($v.w) + 0.5%}","all":"{% $states.result %}",
                    "t":"{% $states.context.Task.Token & '!' %}","keys":"{% $keys($states) %}","own":"{% $states.input.items[2] %}"}"#
            ),
            Ok(
                r#"{"a.$":"$.b","n":[[1,2.5]],"sum":3.5,"all":{"ok":true},"t":"T!","keys":["input","result","context"],"own":7}"#
                    .to_owned()
            )
        );
        assert_eq!(
            evaluate_jsonata(r#"" {% 1 %}""#),
            Ok(r#"" {% 1 %}""#.to_owned())
        );
    }

    /// The causes are those of evaluate_jsonata/ and of <https://github.com/floci-io/floci/issues/2662>.
    #[test]
    fn jsonata_errors_name_the_expression_and_its_place() {
        let cases = [
            (
                r#"{"a":[0,{"b":"{% $nope %}"}]}"#,
                "The JSONata expression '$nope' specified for the field 'Output/a[1]/b' returned nothing (undefined). \
                 [Output/a[1]/b]",
            ),
            (
                r#""{% $sum('x') %}""#,
                "The JSONata expression '$sum('x')' specified for the field 'Output' threw an error during evaluation. \
                 T0412: Argument 1 of function \"sum\" must be an array of \"numbers\" [Output]",
            ),
            (
                r#""{% ($f := function() { $f() }; $f()) %}""#,
                "The JSONata expression '($f := function() { $f() }; $f())' specified for the field 'Output' threw an \
                 error during evaluation: Expression evaluation timeout: Check for infinite loop [Output]",
            ),
        ];
        for (template, cause) in cases {
            assert_eq!(
                evaluate_jsonata(template),
                Err(format!("States.QueryEvaluationError: {cause}"))
            );
        }
    }

    /// <https://github.com/floci-io/floci/issues/2745>
    #[test]
    fn jsonata_that_can_never_work_is_refused() {
        let cases = [
            (
                r#"{"v":"{% phone %}"}"#,
                "UNSUPPORTED_JSONATA_EXPRESSION at /v: Reference to 'phone' at the top level is not supported.",
            ),
            (
                r#"["{% $$ %}"]"#,
                "UNSUPPORTED_JSONATA_EXPRESSION at [0]: Reference to '$' at the top level is not supported.",
            ),
            (
                r#""{% $states.errorOutput %}""#,
                "UNSUPPORTED_JSONATA_EXPRESSION at : Field '$states.errorOutput' does not exist.",
            ),
            (
                r#""{% 1 + %}""#,
                "INVALID_JSONATA_EXPRESSION at : Unexpected end of expression",
            ),
            (
                r#""{% 1""#,
                "SCHEMA_VALIDATION_FAILED at : The JSONata expression '{% 1' must end with '%}'",
            ),
        ];
        for (template, problem) in cases {
            assert_eq!(evaluate_jsonata(template), Err(problem.to_owned()));
        }
    }
}
