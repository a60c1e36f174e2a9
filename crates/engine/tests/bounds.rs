//! What definitions may cost, however they are written.

mod support;

use engine::{Input, Limits, Outcome};
use serde_json::{Value, json};
use support::{World, machine};

fn failure(world: &World) -> (String, String) {
    match world.execution.outcome() {
        Some(Outcome::Failed { error, cause }) => (
            error.clone().unwrap_or_default(),
            cause.clone().unwrap_or_default(),
        ),
        other => panic!("{other:?}"),
    }
}

fn output(world: &World) -> Value {
    match world.execution.outcome() {
        Some(Outcome::Succeeded { output }) => {
            serde_json::from_str(output.text()).expect("it is JSON")
        }
        other => panic!("{other:?}"),
    }
}

/// A task that gives an error, and after it what `states` says.
fn after_a_task(language: &str, task: Value, states: Value) -> String {
    let mut all = json!({"T": {
        "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "Next": "S"}});
    merge(&mut all["T"], task);
    merge(&mut all, states);
    json!({"StartAt": "T", "QueryLanguage": language, "States": all}).to_string()
}

fn merge(into: &mut Value, from: Value) {
    let (Value::Object(into), Value::Object(from)) = (into, from) else {
        panic!("both are objects");
    };
    into.extend(from);
}

#[test]
fn each_state_has_its_own_steps_of_jsonata() {
    // Two such are too many.
    let much = "{% $sum($map([1..120000], function($n){$n + 1})) %}";
    let definition = after_a_task(
        "JSONata",
        json!({"Output": much}),
        json!({"S": {"Type": "Pass", "Output": much, "End": true}}),
    );
    let mut world = World::new(machine(&definition), "{}");
    world.run(support::echo);
    assert_eq!(output(&world), json!(7_200_180_000_u64));

    let twice = json!({"StartAt": "S", "QueryLanguage": "JSONata", "States": {
        "S": {"Type": "Pass", "Output": [much, much], "End": true}}});
    let mut world = World::new(machine(&twice.to_string()), "{}");
    world.give(Input::Started);
    assert_eq!(failure(&world).0, "States.QueryEvaluationError");
}

#[test]
fn what_a_catcher_assigns_is_bounded_as_all_payloads_are() {
    let definition = after_a_task(
        "JSONata",
        json!({"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S",
            "Assign": {"big": "{% $pad('', 300000, 'x') %}"}}]}),
        json!({"S": {"Type": "Pass", "End": true}}),
    );
    let mut world = World::new(machine(&definition), "{}");
    world.run(|invocation| Input::TaskFailed {
        attempt: invocation.attempt,
        error: Some("Bad".to_owned()),
        cause: None,
        failure: engine::Failure::Failed,
    });
    let (error, cause) = failure(&world);
    assert_eq!(error, "States.DataLimitExceeded", "{cause}");
}

#[test]
fn a_variable_that_is_set_again_takes_the_place_of_what_it_was() {
    let set = |bytes: usize, next: &str| {
        let value = format!("{{% $pad('', {bytes}, 'x') %}}");
        json!({"Type": "Pass", "Assign": {"v": value}, "Next": next})
    };
    let definition = |second: usize| {
        json!({"StartAt": "A", "QueryLanguage": "JSONata", "States": {
            "A": set(500, "B"), "B": set(second, "C"), "C": {"Type": "Pass", "End": true}}})
        .to_string()
    };
    let run = |second| {
        let limits = Limits {
            variables_bytes_max: 700,
            ..Limits::default()
        };
        let mut world = World::with_limits(machine(&definition(second)), "{}", limits);
        world.give(Input::Started);
        world
    };
    assert_eq!(output(&run(600)), json!({}));
    assert_eq!(failure(&run(800)).0, "States.DataLimitExceeded");
}

/// An input of that many bytes.
fn input(bytes: usize) -> String {
    json!({"a": "x".repeat(bytes - 8)}).to_string()
}

/// `part` as the value of so many members.
fn members(count: usize, suffix: &str, part: &str) -> Value {
    let members = (0..count).map(|n| (format!("m{n}{suffix}"), json!(part)));
    Value::Object(members.collect())
}

/// A megabyte of definition times a quarter of a megabyte of input would be a text of fifteen gigabytes.
#[test]
fn an_input_that_is_named_again_and_again_is_too_large() {
    let states = [
        json!({"Type": "Pass", "Parameters": members(40_000, ".$", "$"), "End": true}),
        json!({"Type": "Pass", "Assign": members(3, ".$", "$"), "Parameters": members(2, ".$", "$"), "End": true}),
        json!({"Type": "Pass", "QueryLanguage": "JSONata", "End": true,
            "Output": members(20_000, "", "{% $states.input %}")}),
        json!({"Type": "Pass", "QueryLanguage": "JSONata", "End": true,
            "Assign": members(20_000, "", "{% $states.input %}")}),
    ];
    for state in states {
        let definition = json!({"StartAt": "S", "States": {"S": state}}).to_string();
        let mut world = World::new(machine(&definition), &input(250_000));
        world.give(Input::Started);
        assert_eq!(
            failure(&world),
            (
                "States.DataLimitExceeded".to_owned(),
                "The state/task 'S' returned a result with a size exceeding the maximum number of bytes service limit."
                    .to_owned()
            )
        );
    }
}

/// What is left of a result may be small enough, whatever it was on the way.
#[test]
fn a_value_may_be_larger_than_a_payload_until_the_state_is_left() {
    let definition = json!({"StartAt": "S", "States": {"S": {
        "Type": "Parallel", "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Pass", "End": true}}}],
        "ResultSelector": members(3, ".$", "$[0]"), "OutputPath": "$.m1.a", "End": true}}});
    let mut world = World::new(machine(&definition.to_string()), &input(200_000));
    world.give(Input::Started);
    assert_eq!(output(&world), json!("x".repeat(200_000 - 8)));
}

#[test]
fn the_paths_of_a_state_share_their_steps() {
    let items: Vec<u32> = (0..50_000).collect();
    let definition = json!({"StartAt": "S", "States": {"S": {
        "Type": "Pass", "Parameters": members(10_000, ".$", "$..nothing"), "End": true}}});
    let mut world = World::new(machine(&definition.to_string()), &json!(items).to_string());
    world.give(Input::Started);
    let (error, cause) = failure(&world);
    assert_eq!(error, "States.Runtime");
    assert!(cause.contains("too much data"), "{cause}");
}
