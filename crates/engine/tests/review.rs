//! States of executions that took place, looked at from their histories.

mod support;

use asl::Payload;
use engine::{Failure, Input, Invocation, Review, ReviewError, Timestamp, VisitStatus};
use serde_json::{Value, json};
use support::{START, World, machine, reviewer};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:ask";

fn payload(value: &Value) -> Payload {
    Payload::from_text(value.to_string()).expect("it is JSON")
}

fn value(payload: &Payload) -> Value {
    serde_json::from_str(payload.text()).expect("it is JSON")
}

fn world(definition: &Value, input: &Value) -> World {
    World::new(machine(&definition.to_string()), &input.to_string())
}

/// Runs a machine whose tasks answer what `answer` makes of their parameters.
fn ran(
    definition: &Value,
    input: &Value,
    mut answer: impl FnMut(&Value) -> Result<Value, &'static str>,
) -> World {
    let mut world = world(definition, input);
    world.run(|invocation: &Invocation| {
        let attempt = invocation.attempt;
        match answer(&value(&invocation.parameters)) {
            Ok(output) => Input::TaskSucceeded {
                attempt,
                output: payload(&output),
            },
            Err(error) => Input::TaskFailed {
                attempt,
                error: Some(error.to_owned()),
                cause: Some("so it is".to_owned()),
                failure: Failure::Failed,
            },
        }
    });
    world
}

/// The review of the n-th visit, from 0, of the state of that name.
fn review(world: &World, state: &str, nth: usize) -> Review {
    let mut visits = world.history.iter().filter(|event| {
        matches!(&event.event, engine::Event::StateEntered { name, .. } if &**name == state)
    });
    let entered = visits.nth(nth).expect("the state was entered").id;
    let mut reviewer = reviewer(world, entered);
    for event in &world.history {
        if !reviewer.take(event.clone()).expect("it can be reviewed") {
            break;
        }
    }
    reviewer.review().expect("the state was entered")
}

/// All that was seen, in the order of the stages.
fn stages(review: &Review) -> Value {
    let seen = &review.seen;
    let stages = [
        ("afterInputPath", &seen.after_input_path),
        ("afterParameters", &seen.after_parameters),
        ("afterArguments", &seen.after_arguments),
        ("afterItemsPath", &seen.items),
        ("afterItemSelector", &seen.after_item_selector),
        ("result", &seen.result),
        ("afterResultSelector", &seen.after_result_selector),
        ("afterResultPath", &seen.after_result_path),
    ];
    let stages = stages
        .into_iter()
        .filter_map(|(name, stage)| Some((name.to_owned(), value(stage.as_ref()?))));
    Value::Object(stages.collect())
}

fn missing(review: &Review) -> Vec<&str> {
    review.gaps.iter().map(|gap| gap.member).collect()
}

fn output(review: &Review) -> Value {
    value(review.output.as_ref().expect("it was left"))
}

fn variables(review: &Review) -> Value {
    let variables = review.variables_before.iter();
    variables
        .map(|(name, it)| (name.to_string(), value(it)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn task(more: Value) -> Value {
    let mut task = json!({"Type": "Task", "Resource": FUNCTION, "End": true});
    let members = task.as_object_mut().expect("it is an object");
    members.extend(more.as_object().expect("so is this").clone());
    task
}

#[test]
fn each_stage_of_a_jsonpath_task_is_computed_again() {
    let definition = json!({"StartAt": "Ask", "States": {"Ask": task(json!({
        "InputPath": "$.a", "Parameters": {"p.$": "$.b", "who.$": "$$.Execution.Name"}, "ResultSelector": {"r.$": "$.c"},
        "ResultPath": "$.d", "OutputPath": "$.d.r"}))}});
    let world = ran(&definition, &json!({"a": {"b": 1}}), |_| {
        Ok(json!({"c": 2}))
    });
    let review = review(&world, "Ask", 0);
    let expected = json!({"afterInputPath": {"b": 1}, "afterParameters": {"p": 1, "who": "name"}, "result": {"c": 2},
        "afterResultSelector": {"r": 2}, "afterResultPath": {"a": {"b": 1}, "d": {"r": 2}}});
    assert_eq!(stages(&review), expected);
    assert_eq!(
        (review.status, output(&review), missing(&review)),
        (VisitStatus::Succeeded, json!(2), vec![])
    );
    let attempt = &review.attempts[0];
    let given = attempt.parameters.as_ref().map(value);
    assert_eq!(given, Some(json!({"p": 1, "who": "name"})));
}

#[test]
fn jsonata_reads_the_clock_as_it_was_and_what_hung_on_chance_is_left_out() {
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "Early", "States": {
        "Early": {"Type": "Wait", "Seconds": 7, "Next": "Make"},
        "Make": {"Type": "Pass", "Output": {"at": "{% $millis() %}"}, "Next": "Draw"},
        "Draw": task(json!({"Arguments": {"id": "{% $uuid() %}"}, "Output": "{% [$states.result, $random()] %}"}))}});
    let world = ran(&definition, &json!({}), |given| Ok(given["id"].clone()));
    let made = review(&world, "Make", 0);
    assert_eq!(output(&made), json!({"at": START + 7000}));
    assert_eq!(missing(&made), Vec::<&str>::new());
    let drawn = review(&world, "Draw", 0);
    // The arguments hung on chance, too, but the history tells them.
    let id = &output(&drawn)[0];
    assert_eq!(
        stages(&drawn),
        json!({"afterArguments": {"id": id}, "result": id})
    );
    assert_eq!(drawn.status, VisitStatus::Succeeded);
}

#[test]
fn what_a_pass_state_drew_is_not_invented() {
    let definition = json!({"StartAt": "P", "States": {"P": {"Type": "Pass", "InputPath": "$.a",
        "Parameters": {"id.$": "States.UUID()"}, "ResultPath": "$.b", "End": true}}});
    let world = ran(&definition, &json!({"a": 1}), |_| Err("nobody asks"));
    let review = review(&world, "P", 0);
    assert_eq!(stages(&review), json!({"afterInputPath": 1}));
    assert_eq!(
        missing(&review),
        ["afterParameters", "afterResultSelector", "afterResultPath"]
    );
    assert!(output(&review)["b"]["id"].is_string());
}

#[test]
fn tries_are_told_with_their_errors_and_pauses_until_one_is_caught() {
    let definition = json!({"StartAt": "Ask", "States": {"Ask": task(json!({
        "Retry": [{"ErrorEquals": ["Other"]}, {"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "BackoffRate": 3.0, "MaxAttempts": 2}],
        "Catch": [{"ErrorEquals": ["Other"], "Next": "Done"}, {"ErrorEquals": ["Busy"], "ResultPath": "$.error", "Next": "Done"}]})),
        "Done": {"Type": "Succeed"}}});
    let world = ran(&definition, &json!({"a": 1}), |_| Err("Busy"));
    let review = review(&world, "Ask", 0);
    assert_eq!(
        (review.status, review.next.as_deref()),
        (VisitStatus::Caught, Some("Done"))
    );
    let error = json!({"Error": "Busy", "Cause": "so it is"});
    assert_eq!(output(&review), json!({"a": 1, "error": error}));
    let tries = review.attempts.iter();
    let tries: Vec<_> = tries
        .map(|attempt| {
            let error = attempt.error.clone().unwrap_or_default().0;
            (error, attempt.retry_index, attempt.retry_delay_seconds)
        })
        .collect();
    let busy = || Some("Busy".to_owned());
    assert_eq!(
        tries,
        [
            (busy(), Some(1), Some(2.0)),
            (busy(), Some(1), Some(6.0)),
            (busy(), Some(1), None)
        ]
    );
    assert_eq!(review.seen.catch_index, Some(1));
}

#[test]
fn a_try_that_succeeds_in_the_end_shows_its_own_result() {
    let definition = json!({"StartAt": "Ask", "States": {"Ask": task(json!({
        "Parameters": {"try.$": "$$.State.RetryCount"}, "ResultPath": "$.r",
        "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "JitterStrategy": "FULL"}]}))}});
    let world = ran(&definition, &json!({}), |given| {
        match given["try"].as_u64() {
            Some(0) => Err("Busy"),
            _ => Ok(json!("done")),
        }
    });
    let review = review(&world, "Ask", 0);
    let expected = json!({"afterInputPath": {}, "afterParameters": {"try": 1}, "result": "done",
        "afterResultSelector": "done", "afterResultPath": {"r": "done"}});
    assert_eq!((stages(&review), missing(&review)), (expected, vec![]));
    assert_eq!((review.error, review.attempts.len()), (None, 2));
    // The pause was drawn, and then it took place.
    let pause = review.attempts[0].retry_delay_seconds;
    assert!(pause.is_some_and(|seconds| seconds < 1.0), "{pause:?}");
}

#[test]
fn a_result_that_cannot_be_used_is_told_with_the_try() {
    let definition = json!({"StartAt": "Ask", "QueryLanguage": "JSONata", "States": {"Ask": task(json!({
        "Output": "{% $states.result.n + 1 %}", "Catch": [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "Done"}]})),
        "Done": {"Type": "Succeed"}}});
    let world = ran(&definition, &json!({}), |_| Ok(json!({"n": "x"})));
    let review = review(&world, "Ask", 0);
    assert_eq!(review.status, VisitStatus::Caught);
    let attempt = &review.attempts[0];
    assert_eq!(attempt.result.as_ref().map(value), Some(json!({"n": "x"})));
    assert_eq!(attempt.error, review.error);
    assert_eq!(output(&review)["Error"], "States.QueryEvaluationError");
}

#[test]
fn a_timeout_and_a_missed_heartbeat_are_told_apart() {
    let definition = json!({"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "End": true,
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "TimeoutSeconds": 10, "HeartbeatSeconds": 4,
        "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
        "Retry": [{"ErrorEquals": ["States.HeartbeatTimeout"], "MaxAttempts": 1}]}}});
    let mut world = world(&definition, &json!({}));
    world.give(Input::Started);
    // One heartbeat is missed, then the pause, then one is missed again.
    while world.execution.outcome().is_none() && world.fire_next_timer() {}
    let review = review(&world, "Ask", 0);
    assert_eq!(review.status, VisitStatus::Failed);
    let retriers: Vec<_> = review.attempts.iter().map(|it| it.retry_index).collect();
    assert_eq!(retriers, [Some(0), Some(0)]);
    // The history tells what the task was given, its token too; the context object does not.
    assert_eq!(missing(&review), ["context.Task"]);
    let given = review.seen.after_parameters.as_ref().map(value);
    assert!(given.is_some_and(|given| given["MessageBody"].is_string()));
}

fn of_items(inner: &Value) -> Value {
    json!({"StartAt": "Before", "States": {
        "Before": {"Type": "Pass", "Assign": {"by.$": "$.by"}, "Next": "Each"},
        "Each": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "ResultPath": "$.sums", "Next": "After",
            "ItemSelector": {"n.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index"},
            "ItemProcessor": {"StartAt": "Note", "States": {
                "Note": {"Type": "Pass", "Assign": {"twice.$": "States.MathAdd($.n, $.n)"}, "Next": "Work"}, "Work": inner}}},
        "After": {"Type": "Pass", "End": true}}})
}

#[test]
fn an_iteration_has_its_own_item_and_variables_and_those_around_it() {
    let inner = task(
        json!({"Parameters": {"n.$": "$.n", "item.$": "$$.Map.Item.Value", "by.$": "$by", "twice.$": "$twice"}}),
    );
    let world = ran(
        &of_items(&inner),
        &json!({"items": [10, 20, 30, 40], "by": 2}),
        |given| Ok(json!(given["n"].as_u64().unwrap_or(0) * 2)),
    );
    for nth in 0..4 {
        let review = review(&world, "Work", nth);
        let n = value(&review.input)["n"].clone();
        assert_eq!(
            variables(&review),
            json!({"by": 2, "twice": n.as_u64().map(|n| n * 2)})
        );
        let context: Value = serde_json::from_str(&review.context.to_text()).expect("it is JSON");
        assert_eq!(context["Map"]["Item"]["Value"], n);
        let expected = json!({"n": n, "item": n, "by": 2, "twice": n.as_u64().map(|n| n * 2)});
        assert_eq!(stages(&review)["afterParameters"], expected);
        assert_eq!(missing(&review), Vec::<&str>::new());
    }
    let map = review(&world, "Each", 0);
    let stages = stages(&map);
    assert_eq!(stages["afterItemsPath"], json!([10, 20, 30, 40]));
    assert_eq!(stages["afterItemSelector"][3], json!({"n": 40, "at": 3}));
    assert_eq!(stages["result"], json!([20, 40, 60, 80]));
    assert_eq!((map.seen.max_concurrency, missing(&map)), (Some(2), vec![]));
    // An iteration's variables are gone with it.
    assert_eq!(variables(&review(&world, "After", 0)), json!({"by": 2}));
}

#[test]
fn an_iteration_that_fails_is_told_by_its_map_and_aborts_its_neighbours() {
    let world = ran(
        &of_items(&task(json!({}))),
        &json!({"items": [1, 2, 3], "by": 2}),
        |given| {
            if given["n"] == 1 {
                Err("Bad")
            } else {
                Ok(json!(0))
            }
        },
    );
    let failed = review(&world, "Work", 0);
    let bad = Some((Some("Bad".to_owned()), Some("so it is".to_owned())));
    assert_eq!(
        (failed.status, failed.error),
        (VisitStatus::Failed, bad.clone())
    );
    assert_eq!(review(&world, "Work", 1).status, VisitStatus::Aborted);
    let map = review(&world, "Each", 0);
    assert_eq!((map.status, map.error), (VisitStatus::Failed, bad));
}

#[test]
fn a_parallel_that_is_tried_again_tells_each_try() {
    let definition = json!({"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "ResultSelector": {"second.$": "$[1]"},
    "End": true, "Retry": [{"ErrorEquals": ["Bad"], "IntervalSeconds": 5}], "Branches": [
        {"StartAt": "Left", "States": {"Left": {"Type": "Pass", "Assign": {"mine": 1}, "End": true}}},
        {"StartAt": "Right", "States": {"Right": {"Type": "Pass", "Next": "Ask"}, "Ask": task(json!({})),
            }}]}}});
    let mut tries = 0;
    let world = ran(&definition, &json!({}), |_| {
        tries += 1;
        if tries == 1 {
            Err("Bad")
        } else {
            Ok(json!("fine"))
        }
    });
    let both = review(&world, "Both", 0);
    assert_eq!(
        stages(&both),
        json!({"afterInputPath": {}, "afterParameters": {}, "result": [{}, "fine"],
            "afterResultSelector": {"second": "fine"}, "afterResultPath": {"second": "fine"}})
    );
    assert_eq!(
        (both.status, both.attempts.len()),
        (VisitStatus::Succeeded, 2)
    );
    let first = &both.attempts[0];
    assert_eq!(
        (first.retry_index, first.retry_delay_seconds),
        (Some(0), Some(5.0))
    );
    assert_eq!(
        first.error.as_ref().and_then(|error| error.0.as_deref()),
        Some("Bad")
    );
    // A branch does not see the other's variables.
    let asked = review(&world, "Ask", 1);
    assert_eq!(variables(&asked), json!({}));
}

#[test]
fn what_a_fail_state_says_goes_up_through_what_is_around_it() {
    let definition = json!({"StartAt": "Outer", "States": {"Outer": {"Type": "Parallel", "Next": "Z",
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "Z"}], "Branches": [
            {"StartAt": "Inner", "States": {"Inner": {"Type": "Map", "ItemsPath": "$.i", "End": true, "ItemProcessor": {
                "StartAt": "Stop", "States": {"Stop": {"Type": "Fail", "ErrorPath": "$", "CausePath": "$$.Map.Item.Value"}}}}}}]},
        "Z": {"Type": "Succeed"}}});
    let world = ran(&definition, &json!({"i": ["Wrong"]}), |_| {
        Err("nobody asks")
    });
    let outer = review(&world, "Outer", 0);
    let wrong = || Some("Wrong".to_owned());
    assert_eq!(
        (outer.status, outer.error.clone()),
        (VisitStatus::Caught, Some((wrong(), wrong())))
    );
    assert_eq!(missing(&outer), Vec::<&str>::new());
}

#[test]
fn a_choice_tells_its_rule_and_a_visit_of_a_loop_its_own_data() {
    let definition = json!({"StartAt": "Count", "States": {
        "Count": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Assign": {"last.$": "$.n"}, "Next": "More?"},
        "More?": {"Type": "Choice", "Choices": [
            {"Variable": "$.n", "NumericLessThan": 0, "Next": "Done"}, {"Variable": "$.n", "NumericLessThan": 3, "Next": "Count"}],
            "Default": "Done"},
        "Done": {"Type": "Succeed"}}});
    let world = ran(&definition, &json!({"n": 0}), |_| Err("nobody asks"));
    for nth in 0..3 {
        let count = review(&world, "Count", nth);
        assert_eq!(stages(&count)["afterParameters"], json!({"n": nth + 1}));
        let before = if nth == 0 {
            json!({})
        } else {
            json!({"last": nth})
        };
        assert_eq!(variables(&count), before);
        let after = count
            .variables_after
            .as_ref()
            .and_then(|all| all.get("last"));
        assert_eq!(after.map(value), Some(json!(nth + 1)));
        let rule = review(&world, "More?", nth).seen.choice_index;
        assert_eq!(rule, (nth < 2).then_some(1));
    }
}

#[test]
fn a_state_that_is_not_over_shows_what_is_known() {
    let definition = json!({"StartAt": "Ask", "States": {"Ask": task(json!({
        "Parameters": {"p.$": "$.a"}, "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 9}]}))}});
    let mut world = world(&definition, &json!({"a": 1}));
    world.give(Input::Started);
    let running = review(&world, "Ask", 0);
    assert_eq!(
        (running.status, stages(&running)),
        (
            VisitStatus::Running,
            json!({"afterInputPath": {"a": 1}, "afterParameters": {"p": 1}})
        )
    );
    let attempt = world.invocations.pop_front().expect("a task runs").attempt;
    world.give(Input::TaskFailed {
        attempt,
        error: Some("Busy".into()),
        cause: None,
        failure: Failure::Failed,
    });
    let waiting = review(&world, "Ask", 0);
    assert_eq!(waiting.status, VisitStatus::Retriable);
    assert_eq!(waiting.attempts[0].retry_delay_seconds, Some(9.0));
    world.give(Input::Stop {
        error: None,
        cause: None,
    });
    assert_eq!(review(&world, "Ask", 0).status, VisitStatus::Aborted);
}

#[test]
fn a_map_run_s_output_is_known_where_nothing_changes_it() {
    let definition = |more: Value| {
        let mut map = json!({"Type": "Map", "End": true, "ItemSelector": {"v.$": "$$.Map.Item.Value"}, "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}});
        let members = map.as_object_mut().expect("it is an object");
        members.extend(more.as_object().expect("so is this").clone());
        json!({"StartAt": "M", "States": {"M": map}})
    };
    let run = |more: Value| {
        let mut world = world(&definition(more), &json!([1, 2]));
        world.give(Input::Started);
        let attempt = world
            .map_runs
            .pop_front()
            .expect("a Map Run is asked for")
            .attempt;
        world.give(Input::MapRunSucceeded {
            attempt,
            output: payload(&json!(["x", "y"])),
        });
        review(&world, "M", 0)
    };
    let whole = run(json!({}));
    assert_eq!(stages(&whole)["result"], json!(["x", "y"]));
    assert_eq!(missing(&whole), ["afterItemSelector"]);
    let selected = run(json!({"ResultSelector": {"first.$": "$[0]"}}));
    assert_eq!(
        stages(&selected),
        json!({"afterInputPath": [1, 2], "afterItemsPath": [1, 2]})
    );
    let lost = [
        "afterItemSelector",
        "result",
        "afterResultSelector",
        "afterResultPath",
    ];
    assert_eq!(missing(&selected), lost);
    assert_eq!(output(&selected), json!({"first": "x"}));
}

#[test]
fn what_is_no_entering_of_this_machine_is_refused() {
    let definition = json!({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}});
    let world = ran(&definition, &json!({}), |_| Err("nobody asks"));
    let taken = |entered: u64| {
        let mut reviewer = reviewer(&world, entered);
        for event in &world.history {
            if !reviewer.take(event.clone())? {
                break;
            }
        }
        reviewer.review().map(|review| review.entered)
    };
    assert_eq!(taken(2), Ok(Timestamp(START)));
    assert_eq!(taken(1), Err(ReviewError::NotEntered));
    assert_eq!(taken(3), Err(ReviewError::NotEntered));
    assert_eq!(taken(99), Err(ReviewError::NoSuchEvent));
    assert_eq!(taken(0), Err(ReviewError::NoSuchEvent));
    let other = json!({"StartAt": "Q", "States": {"Q": {"Type": "Pass", "End": true}}});
    let mut other = reviewer(&ran(&other, &json!({}), |_| Err("nobody asks")), 2);
    let refused = world
        .history
        .iter()
        .find_map(|event| other.take(event.clone()).err());
    assert_eq!(refused, Some(ReviewError::OtherMachine));
}

#[test]
fn what_would_take_too_long_is_refused() {
    let long = "{% $sum($map([1..60000], function($n) { $n * 2 })) & 'x' + 1 %}";
    let definition = json!({"StartAt": "Ask", "QueryLanguage": "JSONata", "States": {"Ask": task(json!({"Output": long,
        "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 60}]}))}});
    let world = ran(&definition, &json!({}), |_| Ok(json!(1)));
    let mut reviewer = reviewer(&world, 2);
    for event in &world.history {
        let _ = reviewer.take(event.clone()).expect("it can be read");
    }
    assert_eq!(reviewer.review().err(), Some(ReviewError::TooLarge));
}
