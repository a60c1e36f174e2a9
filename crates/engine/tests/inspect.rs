//! One state by itself, as TestState and the console look at it.

use std::sync::Arc;

use asl::{Json, Payload};
use engine::{Awaits, Ending, Inspection, Limits, Seed, Seen, Subject, Timestamp};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp(1_764_000_000_000);

fn payload(value: Value) -> Payload {
    Payload::from_text(value.to_string()).expect("it is JSON")
}

fn value(payload: &Payload) -> Value {
    serde_json::from_str(payload.text()).expect("it is JSON")
}

fn subject(machine: &asl::StateMachine, state: &str, input: Value) -> Subject {
    let (scope, state) = machine.find(state).expect("the state is there");
    let input = payload(input);
    let seed = Seed {
        arn: "arn:aws:states:eu-west-1:111122223333:express:m:e".into(),
        name: "e".into(),
        state_machine_arn: "arn:aws:states:eu-west-1:111122223333:stateMachine:m".into(),
        state_machine_name: "m".into(),
        role_arn: "".into(),
        region: "eu-west-1".into(),
        input: input.clone(),
        start: NOW,
        state_machine_alias_arn: None,
        state_machine_version_arn: None,
        scope,
        express: true,
        synchronous: true,
        token_prefix: Vec::new(),
    };
    Subject {
        seed,
        state: Arc::clone(&state.name),
        input,
        variables: Vec::new(),
        context: None,
        retries: 0,
    }
}

fn begin_with(state: Value, input: Value, change: impl FnOnce(&mut Subject)) -> Inspection {
    let parsed = asl::parse_state(&state.to_string());
    let machine = parsed
        .machine
        .unwrap_or_else(|| panic!("{:?}", parsed.diagnostics));
    let mut subject = subject(&machine, asl::LONE_STATE, input);
    change(&mut subject);
    Inspection::begin(Arc::new(machine), subject, Limits::default(), NOW, [7; 16])
}

fn begin(state: Value, input: Value) -> Inspection {
    begin_with(state, input, |_| {})
}

fn succeeded(inspection: &Inspection) -> (Value, Option<String>) {
    match inspection.ending() {
        Some(Ending::Succeeded { output, next }) => {
            (value(&output), next.map(|next| next.to_string()))
        }
        other => panic!("it came to {other:?}"),
    }
}

fn failed(inspection: &Inspection) -> (String, String) {
    match inspection.ending() {
        Some(Ending::Failed { error, cause }) => {
            (error.unwrap_or_default(), cause.unwrap_or_default())
        }
        other => panic!("it came to {other:?}"),
    }
}

fn texts(seen: &Seen) -> Value {
    let text = |value: &Option<Payload>| value.as_ref().map(self::value);
    json!({
        "input": text(&seen.after_input_path),
        "parameters": text(&seen.after_parameters),
        "arguments": text(&seen.after_arguments),
        "result": text(&seen.result),
        "selected": text(&seen.after_result_selector),
        "combined": text(&seen.after_result_path),
    })
}

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:ask";

#[test]
fn a_task_is_seen_field_by_field() {
    let state = json!({"Type": "Task", "Resource": FUNCTION, "InputPath": "$.a", "Parameters": {"p.$": "$.b"},
        "ResultSelector": {"r.$": "$.c"}, "ResultPath": "$.d", "OutputPath": "$.d.r", "Next": "Elsewhere"});
    let mut inspection = begin(state, json!({"a": {"b": 1}}));
    let Awaits::Task(invocation) = inspection.awaits() else {
        panic!("a task is to be run");
    };
    assert_eq!(value(&invocation.parameters), json!({"p": 1}));
    assert_eq!(inspection.ending(), None);
    inspection.succeed(payload(json!({"c": 2})), NOW, [8; 16]);
    assert_eq!(succeeded(&inspection), (json!(2), Some("Elsewhere".into())));
    let expected = json!({
        "input": {"b": 1}, "parameters": {"p": 1}, "arguments": null, "result": {"c": 2}, "selected": {"r": 2},
        "combined": {"a": {"b": 1}, "d": {"r": 2}},
    });
    assert_eq!(texts(&inspection.seen()), expected);
}

#[test]
fn jsonata_has_arguments_and_none_of_the_paths() {
    let state = json!({"Type": "Task", "QueryLanguage": "JSONata", "Resource": FUNCTION, "End": true,
        "Arguments": {"p": "{% $states.input.a + $v %}"}, "Output": "{% $states.result & '!' %}", "Assign": {"w": "{% $states.result %}"}});
    let mut inspection = begin_with(state, json!({"a": 1}), |subject| {
        subject.variables = vec![("v".into(), payload(json!(2)))];
    });
    inspection.succeed(payload(json!("done")), NOW, [8; 16]);
    assert_eq!(succeeded(&inspection), (json!("done!"), None));
    let seen = texts(&inspection.seen());
    assert_eq!(
        (&seen["arguments"], &seen["input"], &seen["combined"]),
        (&json!({"p": 3}), &Value::Null, &Value::Null)
    );
    let variables: Vec<_> = inspection.variables();
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, set)| (&**name, value(set)))
        .collect();
    assert_eq!(variables, [("v", json!(2)), ("w", json!("done"))]);
}

#[test]
fn only_the_state_itself_runs() {
    let definition = r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Fail"}}}"#;
    let machine = asl::parse(definition).machine.expect("it is one");
    let subject = subject(&machine, "A", json!({"x": 1}));
    let inspection = Inspection::begin(Arc::new(machine), subject, Limits::default(), NOW, [0; 16]);
    assert_eq!(succeeded(&inspection), (json!({"x": 1}), Some("B".into())));
}

#[test]
fn a_state_inside_a_map_can_be_looked_at() {
    let definition = json!({"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
        "StartAt": "Inner", "States": {"Inner": {"Type": "Pass", "Result": 1, "End": true}}}}}});
    let machine = asl::parse(&definition.to_string())
        .machine
        .expect("it is one");
    let subject = subject(&machine, "Inner", json!({}));
    let inspection = Inspection::begin(Arc::new(machine), subject, Limits::default(), NOW, [0; 16]);
    assert_eq!(succeeded(&inspection), (json!(1), None));
}

fn retried() -> Value {
    json!({"Type": "Task", "Resource": FUNCTION, "End": true,
        "Retry": [{"ErrorEquals": ["Other"]}, {"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 3.0}],
        "Catch": [{"ErrorEquals": ["Other"], "Next": "No"}, {"ErrorEquals": ["States.ALL"], "Next": "Caught", "ResultPath": "$.e"}]})
}

#[test]
fn a_retrier_with_tries_left_says_when_the_next_would_be() {
    for (retries, seconds) in [(0, 2.0), (1, 6.0), (2, 18.0)] {
        let mut inspection = begin_with(retried(), json!({}), |subject| subject.retries = retries);
        inspection.fail(Some("Busy".into()), Some("later".into()), NOW, [8; 16]);
        assert_eq!(inspection.ending(), Some(Ending::Retriable));
        let seen = inspection.seen();
        assert_eq!(
            (
                seen.retry_index,
                seen.retry_backoff_seconds,
                seen.catch_index
            ),
            (Some(1), Some(seconds), None)
        );
        assert_eq!(
            seen.error,
            Some((Some("Busy".into()), Some("later".into())))
        );
    }
}

#[test]
fn a_used_up_retrier_leaves_the_error_to_the_catchers() {
    let mut inspection = begin_with(retried(), json!({"a": 1}), |subject| subject.retries = 3);
    inspection.fail(Some("Busy".into()), Some("later".into()), NOW, [8; 16]);
    let Some(Ending::Caught { output, next }) = inspection.ending() else {
        panic!("it is caught");
    };
    assert_eq!(
        value(&output),
        json!({"a": 1, "e": {"Error": "Busy", "Cause": "later"}})
    );
    assert_eq!(next.as_deref(), Some("Caught"));
    let seen = inspection.seen();
    assert_eq!(
        (
            seen.retry_index,
            seen.retry_backoff_seconds,
            seen.catch_index
        ),
        (Some(1), None, Some(1))
    );
}

#[test]
fn an_error_of_evaluation_does_not_tell_a_place_that_the_state_has_not() {
    let state = json!({"Type": "Map", "ItemsPath": "$.none", "End": true,
        "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}});
    let (error, cause) = failed(&begin(state, json!({"none": 1})));
    assert_eq!(
        (error.as_str(), cause.as_str()),
        (
            "States.Runtime",
            "Reference path \"$.none\" must point to array."
        )
    );
}

#[test]
fn branches_and_iterations_are_not_run_but_given() {
    let branch = json!({"StartAt": "B", "States": {"B": {"Type": "Fail"}}});
    let parallel =
        json!({"Type": "Parallel", "Branches": [branch], "Parameters": {"p": 1}, "End": true});
    let mut inspection = begin(parallel, json!({}));
    assert!(matches!(inspection.awaits(), Awaits::Branches));
    inspection.succeed(payload(json!(["done"])), NOW, [8; 16]);
    assert_eq!(succeeded(&inspection), (json!(["done"]), None));

    let map = json!({"Type": "Map", "ItemsPath": "$.i", "MaxConcurrency": 3, "ToleratedFailureCount": 1, "End": true,
        "ItemSelector": {"n.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index"}, "ItemProcessor": branch});
    let mut inspection = begin(map, json!({"i": ["x", "y"]}));
    assert!(matches!(inspection.awaits(), Awaits::Iterations));
    let seen = inspection.seen();
    assert_eq!(seen.items.as_ref().map(value), Some(json!(["x", "y"])));
    let selected = seen.after_item_selector.as_ref().map(value);
    assert_eq!(
        selected,
        Some(json!([{"n": "x", "at": 0}, {"n": "y", "at": 1}]))
    );
    assert_eq!(
        (seen.max_concurrency, seen.tolerated_failure_count),
        (Some(3), Some(1))
    );
    inspection.fail(Some("Bad".into()), None, NOW, [8; 16]);
    assert_eq!(failed(&inspection), ("Bad".into(), String::new()));
}

#[test]
fn a_distributed_map_awaits_its_map_run() {
    let map = json!({"Type": "Map", "QueryLanguage": "JSONata", "Items": "{% $states.input.i %}", "End": true, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}});
    let mut inspection = begin(map, json!({"i": [1, 2]}));
    let Awaits::MapRun(plan) = inspection.awaits() else {
        panic!("a Map Run is to be made");
    };
    assert_eq!(plan.items.as_ref().map(value), Some(json!([1, 2])));
    inspection.succeed(payload(json!([3, 4])), NOW, [8; 16]);
    assert_eq!(succeeded(&inspection), (json!([3, 4]), None));
}

#[test]
fn a_wait_says_until_when() {
    let mut inspection = begin(
        json!({"Type": "Wait", "SecondsPath": "$.s", "Next": "On"}),
        json!({"s": 5}),
    );
    assert!(matches!(inspection.awaits(), Awaits::Instant(at) if at.0 == NOW.0 + 5000));
    inspection.succeed(Payload::default(), Timestamp(NOW.0 + 5000), [8; 16]);
    assert_eq!(succeeded(&inspection), (json!({"s": 5}), Some("On".into())));
}

#[test]
fn members_of_the_context_object_can_be_given() {
    let state = json!({"Type": "Pass", "QueryLanguage": "JSONata", "End": true,
        "Output": "{% [$states.context.Execution.Name, $states.context.Execution.Input.x, $states.context.Task.Token, $states.context.State.Name] %}"});
    let context = r#"{"Execution": {"Name": "mine"}, "Task": {"Token": "abcd"}}"#;
    let context = Json::from_text(context).expect("it is JSON");
    let inspection = begin_with(state, json!({"x": 1}), |subject| {
        subject.context = Some(context);
    });
    assert_eq!(
        succeeded(&inspection).0,
        json!(["mine", 1, "abcd", "StateName"])
    );
}

#[test]
fn a_result_beyond_the_quota_fails_the_state() {
    let mut inspection = begin(
        json!({"Type": "Task", "Resource": FUNCTION, "End": true}),
        json!({}),
    );
    inspection.succeed(payload(json!("x".repeat(262_144))), NOW, [8; 16]);
    assert_eq!(failed(&inspection).0, "States.DataLimitExceeded");
}

/// Each of a few thousand iterations may be given a quarter of a megabyte, but nobody looks at all of them.
#[test]
fn what_the_iterations_under_test_would_be_given_is_bounded() {
    let selected = |items: usize| {
        begin(
            json!({"Type": "Map", "ItemsPath": "$.items", "ItemSelector": {"all.$": "$"}, "End": true,
                "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}),
            json!({"items": vec![1; items], "big": "x".repeat(100_000)}),
        )
    };
    assert!(selected(5).seen().after_item_selector.is_some());
    assert_eq!(failed(&selected(50)).0, "States.DataLimitExceeded");
}
