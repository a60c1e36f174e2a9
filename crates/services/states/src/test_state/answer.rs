//! The answer: how the state ended, and what the level lets see of its data.

use std::io;

use asl::Payload;
use asl::machine::{Flow, Kind};
use aws::{Answer, Members};
use engine::{Ending, Inspection, Seen};
use serde::Serialize as _;
use serde_json::ser::Formatter;
use serde_json::{Value, json};

use super::Beside;
use super::request::{Level, Request};
use crate::model;

pub(super) fn write(request: &Request, inspection: &Inspection, beside: Beside) -> Answer {
    let seen = inspection.seen();
    let mut answer = Answer::default();
    let members = &mut answer.output;
    let (error, cause) = seen.error.clone().unwrap_or_default();
    let (status, output, next, error, cause) = match inspection.ending() {
        Some(Ending::Succeeded { output, next }) => ("SUCCEEDED", Some(output), next, None, None),
        Some(Ending::Caught { output, next }) => ("CAUGHT_ERROR", Some(output), next, error, cause),
        Some(Ending::Retriable) => ("RETRIABLE", None, None, error, cause),
        Some(Ending::Failed { error, cause }) => ("FAILED", None, None, error, cause),
        // Whatever it waits for was given.
        None => ("FAILED", None, None, error, cause),
    };
    model::set(members, "cause", cause);
    model::set(members, "error", error);
    if request.level != Level::Info {
        let mut data = data(request, &seen, beside);
        let variables = inspection.variables();
        if !variables.is_empty() {
            let variables = asl::Json::object(
                variables
                    .into_iter()
                    .map(|(name, value)| (name, value.value().clone())),
            );
            data.insert("variables".into(), variables.to_text().into());
        }
        if matches!(inspection.ending(), Some(Ending::Succeeded { .. })) {
            data.shift_remove("errorDetails");
        }
        members.insert("inspectionData".into(), data.into());
    }
    model::set(members, "nextState", next.as_deref());
    model::set(members, "output", output.as_ref().map(text));
    members.insert("status".into(), status.into());
    answer
}

/// Which members AWS shows was recorded state type by state type (test_state/).
fn data(request: &Request, seen: &Seen, beside: Beside) -> Members {
    let mut data = Members::new();
    let mut put = |name: &str, value: Option<&Payload>| {
        model::set(&mut data, name, value.map(text));
    };
    let state = request.state();
    put("input", Some(&request.input));
    // A Parallel shows nothing of its way in, nor does a Pass that has its result.
    let way_in = match &state.kind {
        Kind::Parallel(_) => false,
        Kind::Pass(pass) => pass.result.is_none(),
        Kind::Task(_)
        | Kind::Choice(_)
        | Kind::Wait(_)
        | Kind::Succeed
        | Kind::Fail(_)
        | Kind::Map(_) => true,
    };
    if way_in {
        let selected = selected(request, seen.after_input_path.as_ref());
        put("afterInputPath", selected.as_ref());
        put("afterParameters", seen.after_parameters.as_ref());
        put("afterArguments", seen.after_arguments.as_ref());
    }
    if !matches!(state.kind, Kind::Map(_) | Kind::Parallel(_)) {
        put("result", seen.result.as_ref());
    }
    put("afterResultSelector", seen.after_result_selector.as_ref());
    put("afterResultPath", seen.after_result_path.as_ref());
    if matches!(state.flow, Flow::JsonPath(_)) {
        let selected = selected(request, seen.items.as_ref());
        put("afterItemsPath", selected.as_ref());
    }
    put("afterItemsPointer", beside.items.pointed.as_ref());
    let inline = seen.after_item_selector.as_ref();
    put(
        "afterItemSelector",
        inline.or(beside.items.selected.as_ref()),
    );
    put("afterItemBatcher", beside.items.batched.as_ref());
    model::set(&mut data, "maxConcurrency", seen.max_concurrency);
    model::set(
        &mut data,
        "toleratedFailureCount",
        seen.tolerated_failure_count,
    );
    model::set(
        &mut data,
        "toleratedFailurePercentage",
        seen.tolerated_failure_percentage,
    );
    let details = error_details(seen);
    if !details.is_empty() {
        data.insert("errorDetails".into(), details.into());
    }
    if let Some(Value::Object(http)) = beside.http {
        data.extend(http);
    }
    data
}

fn error_details(seen: &Seen) -> Members {
    let mut details = Members::new();
    model::set(&mut details, "catchIndex", seen.catch_index);
    model::set(&mut details, "retryIndex", seen.retry_index);
    let seconds = seen
        .retry_backoff_seconds
        .map(|seconds| json!(seconds as u64));
    model::set(&mut details, "retryBackoffIntervalSeconds", seconds);
    details
}

fn text(payload: &Payload) -> String {
    payload.text().as_ref().to_owned()
}

/// What a path selects is shown as the text that it was selected from was written, with blanks or without
/// (test_state/test_state_machine_with_state_error).
fn selected(request: &Request, value: Option<&Payload>) -> Option<Payload> {
    let value = value?;
    let whole = request.input.text();
    let spaced = **whole != *request.input.value().to_text();
    let untouched = value.text() == whole;
    if !spaced || untouched {
        return Some(value.clone());
    }
    Some(spaced_out(value).unwrap_or_else(|| value.clone()))
}

/// None for what nests too deep for the parser.
fn spaced_out(value: &Payload) -> Option<Payload> {
    let mut bytes = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut bytes, Spaced);
    let plain: Value = serde_json::from_str(value.text()).ok()?;
    plain.serialize(&mut writer).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    Some(Payload::with_text(value.value().clone(), text))
}

/// `{"a": 1, "b": [2, 3]}`
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        to: &mut W,
        first: bool,
    ) -> io::Result<()> {
        to.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        to: &mut W,
        first: bool,
    ) -> io::Result<()> {
        to.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        to.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_written_where_python_writes_them() {
        let value = Payload::from_text(r#"{"a":[1,"x,:",{}],"b":[]}"#).expect("it is JSON");
        let spaced = spaced_out(&value).expect("it is not deep");
        assert_eq!(spaced.text().as_ref(), r#"{"a": [1, "x,:", {}], "b": []}"#);
    }
}
