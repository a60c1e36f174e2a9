//! `States.Format` and the others: one row each in the table of its family.

mod array;
mod encoding;
mod hash;
mod json;
mod math;
mod string;
mod uuid;

use std::cell::RefCell;
use std::sync::Arc;

use crate::{Data, Entropy, Json, JsonPath, StatesError};

/// How deep calls may stand in calls, so that the stack is bounded.
const DEPTH_MAX: usize = 64;

/// How many calls a field may have, each that stands in another counted: the guide's limit, whose example counts nine
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html>).
const CALLS_MAX: usize = 10;

/// A call of an intrinsic function.
#[derive(Clone, Debug)]
pub struct Intrinsic {
    text: Arc<str>,
    function: &'static Function,
    arguments: Vec<Argument>,
}

/// A row of the table.
#[derive(Debug)]
struct Function {
    name: &'static str,
    arguments_min: usize,
    arguments_max: usize,
    call: fn(&[Json], &Means<'_>) -> Outcome,
}

/// What a function has besides its arguments.
struct Means<'a> {
    entropy: &'a RefCell<Entropy>,
    /// What its value may take, as [`Json::text_bytes_min`] counts it.
    bytes_max: usize,
}

type Outcome = Result<Json, Failure>;

/// Why a function has no value.
enum Failure {
    Problem(String),
    TooLarge,
}

impl From<String> for Failure {
    fn from(problem: String) -> Self {
        Self::Problem(problem)
    }
}

impl From<&str> for Failure {
    fn from(problem: &str) -> Self {
        Self::Problem(problem.to_owned())
    }
}

#[derive(Clone, Debug)]
enum Argument {
    /// In single quotes: with the escapes resolved, and as written (`States.Format` tells `\{` from `{`).
    Text {
        plain: Json,
        written: Json,
    },
    /// A number, `true`, `false`, `null`.
    Literal(Json),
    Path(JsonPath),
    Call(Intrinsic),
}

const FAMILIES: [&[Function]; 7] = [
    array::FUNCTIONS,
    encoding::FUNCTIONS,
    hash::FUNCTIONS,
    json::FUNCTIONS,
    math::FUNCTIONS,
    string::FUNCTIONS,
    uuid::FUNCTIONS,
];

impl PartialEq for Intrinsic {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Intrinsic {
    /// Reads a call, `States.Name(…)`.
    ///
    /// # Errors
    /// If the text is none, the function is unknown, or it takes another number of arguments.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader {
            text,
            at: 0,
            depth: 0,
        };
        let call = reader.call()?;
        reader.space();
        if reader.rest().is_empty() {
            Ok(call)
        } else {
            Err(format!(
                "unexpected text behind the call: {}",
                reader.rest()
            ))
        }
    }

    /// As written.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Every path among its arguments, in order.
    pub fn paths(&self) -> Vec<&JsonPath> {
        let mut paths = Vec::new();
        for argument in &self.arguments {
            match argument {
                Argument::Path(path) => paths.push(path),
                Argument::Call(call) => paths.extend(call.paths()),
                Argument::Text { .. } | Argument::Literal(_) => {}
            }
        }
        paths
    }

    /// Whether it has more calls than a field may. One that was accepted once is evaluated all the same.
    pub(crate) fn is_overfull(&self) -> bool {
        self.calls() > CALLS_MAX
    }

    pub(crate) fn overfull_message(&self) -> String {
        format!(
            "The intrinsic function call has {} nested functions, where {CALLS_MAX} are allowed: {}",
            self.calls(),
            self.text
        )
    }

    /// How many calls it is, with those among its arguments.
    fn calls(&self) -> usize {
        let inner = self.arguments.iter().map(|argument| match argument {
            Argument::Call(call) => call.calls(),
            Argument::Text { .. } | Argument::Literal(_) | Argument::Path(_) => 0,
        });
        1 + inner.sum::<usize>()
    }

    /// Its value.
    ///
    /// # Errors
    /// `States.Runtime`, under which AWS reports intrinsic failures; `States.DataLimitExceeded`.
    pub fn evaluate(&self, data: &Data<'_>) -> Result<Json, StatesError> {
        let format = self.function.name == "States.Format";
        let mut values = Vec::with_capacity(self.arguments.len());
        for (index, argument) in self.arguments.iter().enumerate() {
            values.push(match argument {
                Argument::Text { written, .. } if format && index == 0 => written.clone(),
                Argument::Text { plain, .. } => plain.clone(),
                Argument::Literal(value) => value.clone(),
                Argument::Path(path) => path.evaluate(data).or_else(|_| {
                    data.allowance.check_steps()?;
                    Err(self.failure(&format!(
                        "The JsonPath argument for the field '{}' could not be found in the input '{}'",
                        path.text(),
                        data.input
                    )))
                })?,
                Argument::Call(call) => call.evaluate(data)?,
            });
        }
        let bytes = values.iter().map(Json::text_bytes_min);
        let bytes = bytes.fold(0, usize::saturating_add);
        data.allowance.spend_bytes(bytes)?;
        let bytes_max = data.allowance.bytes_max();
        let means = Means {
            entropy: data.entropy,
            bytes_max,
        };
        match (self.function.call)(&values, &means) {
            Ok(value) if value.text_bytes_min() <= bytes_max => Ok(value),
            Ok(_) | Err(Failure::TooLarge) => Err(StatesError::too_large()),
            Err(Failure::Problem(problem)) => Err(self.failure(&problem)),
        }
    }

    fn failure(&self, problem: &str) -> StatesError {
        StatesError::runtime(format!(
            "The function '{}' had the following error: {problem}",
            self.text
        ))
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, expected: char) -> bool {
        self.space();
        let found = self.rest().starts_with(expected);
        self.at += if found { expected.len_utf8() } else { 0 };
        found
    }

    /// The text up to there, which is then read.
    fn advance(&mut self, length: usize) -> &'a str {
        let text = self.rest().get(..length).unwrap_or("");
        self.at += text.len();
        text
    }

    fn call(&mut self) -> Result<Intrinsic, String> {
        if self.depth == DEPTH_MAX {
            return Err("the calls are nested too deeply".to_owned());
        }
        self.depth += 1;
        self.space();
        let start = self.at;
        let name_length = self
            .rest()
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '.'))
            .unwrap_or(0);
        let name = self.advance(name_length);
        let function = FAMILIES
            .iter()
            .copied()
            .flatten()
            .find(|function| function.name == name);
        let function = function.ok_or_else(|| format!("unknown function '{name}'"))?;
        if !self.take('(') {
            return Err(format!("expected '(' behind {name}"));
        }
        let mut arguments = Vec::new();
        if !self.take(')') {
            loop {
                arguments.push(self.argument()?);
                if self.take(')') {
                    break;
                }
                if !self.take(',') {
                    return Err(format!("expected ',' or ')' in the arguments of {name}"));
                }
            }
        }
        if !(function.arguments_min..=function.arguments_max).contains(&arguments.len()) {
            return Err(format!(
                "{name} does not take {} arguments",
                arguments.len()
            ));
        }
        self.depth -= 1;
        let text = self.text.get(start..self.at).unwrap_or(self.text);
        Ok(Intrinsic {
            text: text.into(),
            function,
            arguments,
        })
    }

    fn argument(&mut self) -> Result<Argument, String> {
        self.space();
        let rest = self.rest();
        match rest.chars().next() {
            Some('\'') => self.string(),
            Some('$') => {
                let length = path_length(rest);
                let text = self.advance(length).trim_end();
                JsonPath::parse(text)
                    .map(Argument::Path)
                    .map_err(|error| error.to_string())
            }
            Some('S') => self.call().map(Argument::Call),
            Some(_) => {
                let length = rest.find([',', ')']).unwrap_or(rest.len());
                let text = self.advance(length).trim_end();
                match Json::from_text(text) {
                    Ok(value @ (Json::Number(_) | Json::Bool(_) | Json::Null)) => {
                        Ok(Argument::Literal(value))
                    }
                    _ => Err(format!("'{text}' is no argument")),
                }
            }
            None => Err("the call is not closed".to_owned()),
        }
    }

    fn string(&mut self) -> Result<Argument, String> {
        let inside = self.rest().get(1..).unwrap_or("");
        let mut plain = String::new();
        let mut chars = inside.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\'' => {
                    let written = inside.get(..at).unwrap_or("");
                    self.at += at + 2;
                    return Ok(Argument::Text {
                        plain: plain.into(),
                        written: written.into(),
                    });
                }
                '\\' => match chars.next() {
                    // Others are refused when the machine is created (recorded: test_illegal_escapes).
                    Some((_, escaped @ ('\'' | '{' | '}' | '\\'))) => plain.push(escaped),
                    _ => return Err("an escape must be one of \\' \\{ \\} \\\\".to_owned()),
                },
                _ => plain.push(c),
            }
        }
        Err("a text is not closed".to_owned())
    }
}

/// To the comma or parenthesis that ends the argument.
fn path_length(text: &str) -> usize {
    let mut depth = 0_i32;
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) => quote = quote.filter(|_| c != open),
            (None, '\'' | '"') if depth > 0 => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') if depth > 0 => depth -= 1,
            (None, ')' | ',') if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// An argument that must be an array.
fn array(values: &[Json], index: usize) -> Result<&crate::Array, String> {
    values
        .get(index)
        .and_then(Json::as_array)
        .ok_or_else(|| wrong(index, "an array"))
}

/// An argument that must be a text.
fn text(values: &[Json], index: usize) -> Result<&str, String> {
    values
        .get(index)
        .and_then(Json::as_str)
        .ok_or_else(|| wrong(index, "a string"))
}

/// An argument that must be a number; Java's `Math.round` makes it an integer (recorded: test_math_add).
fn integer(values: &[Json], index: usize) -> Result<i64, String> {
    let number = values.get(index).ok_or_else(|| wrong(index, "a number"))?;
    number
        .as_i64()
        .or_else(|| number.as_f64().map(|number| (number + 0.5).floor() as i64))
        .ok_or_else(|| wrong(index, "a number"))
}

fn wrong(index: usize, expected: &str) -> String {
    let ordinal = ["first", "second", "third"]
        .get(index)
        .copied()
        .unwrap_or("next");
    format!("The {ordinal} argument must be {expected}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    fn evaluate(call: &str, input: &str) -> Result<String, String> {
        let call = Intrinsic::parse(call).map_err(|problem| format!("syntax: {problem}"))?;
        let input = Json::from_text(input).map_err(|error| error.to_string())?;
        let entropy = RefCell::new(Entropy::new([7; 16]));
        let data = Data {
            input: &input,
            context: &|| Json::Null,
            variables: &|_| None,
            entropy: &entropy,
            allowance: &crate::Allowance::default(),
            jsonata: crate::JsonataData::default(),
        };
        call.evaluate(&data)
            .map(|value| value.to_text())
            .map_err(|error| error.cause)
    }

    #[test]
    fn there_are_eighteen() {
        assert_eq!(
            FAMILIES.iter().map(|family| family.len()).sum::<usize>(),
            18
        );
    }

    /// The examples of the developer guide and of the recordings.
    #[test]
    fn each_does_what_the_guide_says() {
        let cases = [
            ("States.Array($.id, 'x')", r#"{"id":1}"#, r#"[1,"x"]"#),
            (
                "States.ArrayPartition($.a, 4)",
                r#"{"a":[1,2,3,4,5]}"#,
                "[[1,2,3,4],[5]]",
            ),
            ("States.ArrayContains($.a, 5)", r#"{"a":[4,5]}"#, "true"),
            ("States.ArrayContains($.a, 5)", r#"{"a":[4]}"#, "false"),
            ("States.ArrayRange(1, 9, 2)", "{}", "[1,3,5,7,9]"),
            ("States.ArrayRange(3, 0, -2)", "{}", "[3,1]"),
            ("States.ArrayGetItem($.a, 1)", r#"{"a":[4,5]}"#, "5"),
            ("States.ArrayLength($.a)", r#"{"a":[4,5]}"#, "2"),
            (
                "States.ArrayUnique($.a)",
                r#"{"a":[1,2,1,{"x":1,"y":2},{"y":2,"x":1},1.0]}"#,
                r#"[1,2,{"x":1,"y":2},1.0]"#,
            ),
            (
                "States.Base64Encode('Data to encode')",
                "{}",
                r#""RGF0YSB0byBlbmNvZGU=""#,
            ),
            (
                "States.Base64Decode('RGVjb2RlZCBkYXRh')",
                "{}",
                r#""Decoded data""#,
            ),
            (
                "States.Hash('input data', 'SHA-1')",
                "{}",
                r#""aaff4a450a104cd177d28d18d74485e8cae074b7""#,
            ),
            (
                "States.JsonMerge($.a, $.b, false)",
                r#"{"a":{"x":{"p":1},"y":2},"b":{"x":{"q":3}}}"#,
                r#"{"x":{"q":3},"y":2}"#,
            ),
            (
                "States.StringToJson($.s)",
                r#"{"s":"{\"n\": 1}"}"#,
                r#"{"n":1}"#,
            ),
            (
                "States.JsonToString($.s)",
                r#"{"s":{"n": 1}}"#,
                r#""{\"n\":1}""#,
            ),
            ("States.MathAdd($.a, -1)", r#"{"a":111}"#, "110"),
            (
                "States.StringSplit('This.is+a,test=string', '.+,=')",
                "{}",
                r#"["This","is","a","test","string"]"#,
            ),
            (
                "States.Format('Hello, my name is {}.', $.name)",
                r#"{"name":"Ann"}"#,
                r#""Hello, my name is Ann.""#,
            ),
            (
                "States.Format('{} \\{\\} \\' \\\\ {}', $.a, null)",
                r#"{"a":{"b":[1,"x"]}}"#,
                r#""{b=[1, x]} {} ' \\ null""#,
            ),
            (
                "States.ArrayLength(States.StringSplit( 'a,b' , ',' ))",
                "{}",
                "2",
            ),
        ];
        for (call, input, expected) in cases {
            assert_eq!(evaluate(call, input), Ok(expected.to_owned()), "{call}");
        }
    }

    #[test]
    fn random_numbers_stay_in_their_range() {
        for seed in 0..100 {
            let number = evaluate(&format!("States.MathRandom(1, 3, {seed})"), "{}");
            assert!(
                number == Ok("1".to_owned()) || number == Ok("2".to_owned()),
                "{number:?}"
            );
        }
        assert_eq!(
            evaluate("States.MathRandom(0, 999, 3)", "{}"),
            evaluate("States.MathRandom(0, 999, 3)", "{}")
        );
        assert_eq!(
            evaluate("States.UUID()", "{}").map(|uuid| uuid.len()),
            Ok(38)
        );
    }

    #[test]
    fn failures_name_the_call() {
        assert_eq!(
            evaluate("States.Format('{}', $.no)", r#"{"a":1}"#),
            Err("The function 'States.Format('{}', $.no)' had the following error: The JsonPath argument for the field \
                 '$.no' could not be found in the input '{\"a\":1}'"
                .to_owned())
        );
        for call in [
            "States.ArrayGetItem($.a, 2)",
            "States.ArrayPartition($.a, 0)",
            "States.ArrayRange(1, 2000, 1)",
            "States.ArrayRange(1, 2, 0)",
            "States.StringToJson('{')",
            "States.Hash('a', 'MD4')",
            "States.JsonMerge($, $, true)",
            "States.Format('{} {}', 1)",
            "States.Base64Decode('%')",
            "States.MathRandom(2, 1)",
            "States.MathAdd('1', 2)",
        ] {
            let failure = evaluate(call, r#"{"a":[1]}"#).expect_err(call);
            assert!(
                failure.starts_with(&format!("The function '{call}' had the following error: ")),
                "{failure}"
            );
        }
    }

    /// Each call doubles the backslashes of the one in it: without a bound forty would make three terabytes.
    #[test]
    fn results_are_bounded_while_they_are_made() {
        let escaped = |calls: usize| {
            let (open, close) = ("States.JsonToString(".repeat(calls), ")".repeat(calls));
            evaluate(&format!("{open}$.a{close}"), r#"{"a":"\""}"#)
        };
        assert_eq!(escaped(1), Ok(r#""\"\\\"\"""#.to_owned()));
        assert!(escaped(64).is_err_and(|cause| cause.contains("maximum number of bytes")));

        let many = format!("States.Format('{}'{})", "{}".repeat(40), ", $.a".repeat(40));
        let long = |bytes: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes));
        assert!(evaluate(&many, &long(20_000)).is_ok());
        assert!(evaluate(&many, &long(40_000)).is_err());
        let array = format!("States.Array({}$.a)", "$.a, ".repeat(39));
        assert!(evaluate(&array, &long(20_000)).is_ok());
        assert!(evaluate(&array, &long(40_000)).is_err());
    }

    #[test]
    fn a_call_has_no_more_calls_in_it_than_a_field_may_have() {
        let nested = |calls: usize| {
            let parameters = Json::object([(
                "a.$",
                Json::from(format!(
                    "States.Array({})",
                    "States.UUID(), ".repeat(calls - 2) + "States.UUID()"
                )),
            )]);
            let definition = format!(
                r#"{{"StartAt":"P","States":{{"P":{{"Type":"Pass","Parameters":{parameters},"End":true}}}}}}"#
            );
            // What was accepted once goes on.
            assert!(crate::parse_accepted(&definition).is_some());
            crate::parse(&definition).machine.is_some()
        };
        assert!(nested(CALLS_MAX));
        assert!(!nested(CALLS_MAX + 1));
    }

    #[test]
    fn texts_that_are_no_calls_are_refused() {
        for text in [
            "States.Nope()",
            "States.UUID(1)",
            "States.format('x')",
            "States.Format('x'",
            r#"States.Format('\"')"#,
            "States.Array(x)",
            "States.Array(1) ",
            "States.Array(1,)",
            "States.Array(1)x",
        ] {
            let refused = Intrinsic::parse(text).is_err();
            assert_eq!(refused, !text.ends_with(' '), "{text}");
        }
        let deep = format!("{}1{}", "States.Array(".repeat(5_000), ")".repeat(5_000));
        assert!(Intrinsic::parse(&deep).is_err());
    }
}
