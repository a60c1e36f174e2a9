//! What holds of every execution, whatever its machine, its tasks and its crashes.

mod support;

use std::collections::BTreeSet;

use engine::{AttemptId, Event, Failure, Input, Invocation, Limits, Outcome, TimerId};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use support::{World, echo, machine};

#[test]
fn a_map_of_ten_thousand_iterations_touches_only_the_rows_that_changed() {
    let machine = machine(
        r#"{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
            "StartAt": "T", "States": {"T": {"Type": "Task", "End": true,
                "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f"}}}}}}"#,
    );
    let items: Vec<u32> = (0..10_000).collect();
    let input = json!(items).to_string();
    let limits = Limits {
        history_events_max: u64::MAX,
        ..Limits::default()
    };
    let mut world = World::with_limits(machine, &input, limits);
    world.give(Input::Started);
    assert_eq!(world.invocations.len(), 40);
    while let Some(invocation) = world.invocations.pop_front() {
        let answer = echo(&invocation);
        world.give(answer);
        let last = world.execution.outcome().is_some();
        assert!(
            last || world.rows_changed <= 8,
            "{} rows",
            world.rows_changed
        );
        assert!(
            last || world.bytes_written <= 4096,
            "{} bytes",
            world.bytes_written
        );
    }
    let Some(Outcome::Succeeded { output }) = world.execution.outcome() else {
        panic!("{:?}", world.execution.outcome());
    };
    assert_eq!(output.text().as_ref(), input);
    assert_eq!(world.rows.len(), 1, "only what it was born with stays");
}

#[test]
fn ten_pass_states_are_one_commit_and_an_endless_loop_many() {
    let mut states = Map::new();
    for n in 0..9 {
        states.insert(
            format!("P{n}"),
            json!({"Type": "Pass", "Next": format!("P{}", n + 1)}),
        );
    }
    states.insert("P9".into(), json!({"Type": "Pass", "End": true}));
    let ten = json!({"StartAt": "P0", "States": states}).to_string();
    let mut world = World::new(machine(&ten), "{}");
    world.give(Input::Started);
    assert_eq!((world.steps, world.history.len()), (1, 22));

    let endless = r#"{"StartAt": "P", "States": {
        "P": {"Type": "Pass", "Next": "C"},
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.end", "IsPresent": true, "Next": "Z"}], "Default": "P"},
        "Z": {"Type": "Succeed"}}}"#;
    let mut world = World::new(machine(endless), "{}");
    assert!(world.give_once(Input::Started));
    assert_eq!(world.history.len(), 1 + 2 * 256);
    assert!(world.execution.is_unfinished());
    world.give(Input::Continue);
    // AWS ends it when the history is full.
    assert_eq!(world.history.len(), 25_000);
    assert!(matches!(
        world.history.last().map(|event| &event.event),
        Some(Event::ExecutionFailed { cause: Some(cause), .. }) if cause.contains("25000")
    ));
}

#[test]
fn branches_nest_as_deep_as_the_limit_and_no_deeper() {
    let nested = |levels: usize| {
        let mut definition =
            json!({"StartAt": "S", "States": {"S": {"Type": "Pass", "End": true}}});
        for level in 0..levels {
            let name = format!("P{level}");
            let parallel = json!({"Type": "Parallel", "Branches": [definition], "End": true});
            let states: Map<_, _> = [(name.clone(), parallel)].into_iter().collect();
            definition = json!({"StartAt": name, "States": states});
        }
        let mut world = World::new(machine(&definition.to_string()), "1");
        world.crash = true;
        world.give(Input::Started);
        world
    };
    let deep = nested(64);
    assert!(matches!(
        deep.execution.outcome(),
        Some(Outcome::Succeeded { .. })
    ));
    assert_eq!(deep.history.len(), 4 + 4 * 64);
    let deeper = nested(65);
    assert!(matches!(
        deeper.execution.outcome(),
        Some(Outcome::Failed { .. })
    ));
}

#[test]
fn a_newer_form_is_refused_by_its_version() {
    let error = engine::Execution::restore(&[9, 1], std::iter::empty(), Limits::default());
    assert_eq!(error.err(), Some(engine::ImageError::Version(9)));
}

/// A machine of a few states, with at most `depth` levels of branches and iterations.
fn machines(depth: u32) -> impl Strategy<Value = String> {
    workflow(depth).prop_map(|states| definition(&states, &mut 0).to_string())
}

/// The states of a workflow in their order, without names and transitions.
fn workflow(depth: u32) -> BoxedStrategy<Vec<Value>> {
    prop::collection::vec(state(depth), 1..4).boxed()
}

/// Gives the states names that are unique in the machine, and ties them together.
fn definition(states: &[Value], named: &mut u32) -> Value {
    // Nothing behind a Fail would be reachable.
    let fails = states.iter().position(|state| state["Type"] == "Fail");
    let count = fails.map_or(states.len(), |fails| fails + 1);
    let names: Vec<String> = (0..count)
        .map(|_| {
            *named += 1;
            format!("S{named}")
        })
        .collect();
    let mut tied = Map::new();
    for (n, state) in states.iter().take(count).enumerate() {
        let mut state = state.clone();
        if state["Type"] != "Fail" {
            match names.get(n + 1) {
                Some(next) => state["Next"] = json!(next),
                None => state["End"] = json!(true),
            }
        }
        for catcher in state
            .get_mut("Catch")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            catcher["Next"] = json!(names[count - 1]);
        }
        for branch in state
            .get_mut("Branches")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            *branch = definition(branch.as_array().expect("states"), named);
        }
        if let Some(processor) = state.get_mut("ItemProcessor") {
            *processor = definition(processor.as_array().expect("states"), named);
        }
        tied.insert(names[n].clone(), state);
    }
    json!({"StartAt": names[0], "States": tied})
}

fn state(depth: u32) -> BoxedStrategy<Value> {
    let retry = prop_oneof![
        Just(json!([])),
        Just(json!([{"ErrorEquals": ["Bad"], "MaxAttempts": 2, "JitterStrategy": "FULL"}])),
        Just(
            json!([{"ErrorEquals": ["States.Timeout"]}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}])
        ),
    ];
    let catch = prop_oneof![
        Just(json!([])),
        Just(json!([{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error"}])),
        Just(json!([{"ErrorEquals": ["Worse"]}])),
    ];
    let errors = (retry, catch);
    let message = json!({"count.$": "$$.State.RetryCount", "name.$": "$$.State.Name"});
    let call = prop_oneof![
        Just((
            "arn:aws:lambda:us-east-1:000000000000:function:f",
            message.clone()
        )),
        Just((
            "arn:aws:states:::lambda:invoke",
            json!({"FunctionName": "f", "Payload": message})
        )),
        Just((
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            json!({"QueueUrl": "q", "MessageBody": message})
        )),
    ];
    let task = (errors.clone(), call, any::<bool>()).prop_map(|((retry, catch), (resource, parameters), limited)| {
        let mut task = json!({
            "Type": "Task", "Resource": resource, "Retry": retry, "Catch": catch, "ResultPath": "$.result",
            "Parameters": parameters,
            "Assign": {"seen.$": "$"},
        });
        if limited {
            task["TimeoutSeconds"] = json!(60);
            task["HeartbeatSeconds"] = json!(20);
        }
        task
    });
    let simple = prop_oneof![
        4 => task,
        2 => Just(json!({"Type": "Pass", "Result": {"made": [1, 2]}, "ResultPath": "$.made"})),
        1 => Just(json!({"Type": "Wait", "Seconds": 3})),
        1 => Just(json!({"Type": "Fail", "Error": "Worse", "Cause": "it is"})),
    ];
    if depth == 0 {
        return simple.boxed();
    }
    let branches = prop::collection::vec(workflow(depth - 1), 1..4);
    let parallel = (errors.clone(), branches).prop_map(|((retry, catch), branches)| {
        json!({"Type": "Parallel", "Branches": branches, "Retry": retry, "Catch": catch, "ResultPath": "$.branches"})
    });
    let map = (errors, workflow(depth - 1), 0_u32..3).prop_map(|((retry, catch), processor, concurrency)| {
        json!({
            "Type": "Map", "ItemsPath": "$$.Execution.Input.items", "MaxConcurrency": concurrency,
            "ItemSelector": {"index.$": "$$.Map.Item.Index", "item.$": "$$.Map.Item.Value"},
            "ItemProcessor": processor, "Retry": retry, "Catch": catch, "ResultPath": "$.map",
        })
    });
    prop_oneof![3 => simple, 1 => parallel, 1 => map].boxed()
}

/// What becomes of an attempt, by chance; none: it is never heard of again.
fn fate(invocation: &Invocation, chance: u64) -> Option<Input> {
    let attempt = invocation.attempt;
    let chance = (chance ^ attempt.0.wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .wrapping_mul(0xD1B5_4A32_D192_ED03)
        >> 59;
    let failed = |error: &str, failure| Input::TaskFailed {
        attempt,
        error: Some(error.to_owned()),
        cause: None,
        failure,
    };
    match chance {
        0..=17 => Some(echo(invocation)),
        18..=22 => Some(failed("Bad", Failure::Failed)),
        23..=25 => Some(failed("Worse", Failure::Failed)),
        26..=27 => Some(failed("States.Timeout", Failure::TimedOut)),
        28 => Some(Input::TaskHeartbeat { attempt }),
        _ => None,
    }
}

fn run(definition: &str, chance: u64, crash: bool, limits: Limits) -> World {
    // Now and then something that the machine's paths do not fit.
    let input = match chance % 16 {
        0 => json!(null),
        1 => json!([1, {"items": 2}]),
        2 => json!("items"),
        3 => json!({"items": {"no": "array"}}),
        4 => json!({"items": []}),
        _ => json!({"items": [1, "two", [3]]}),
    };
    let input = input.to_string();
    let mut world = World::with_limits(machine(definition), &input, limits);
    world.crash = crash;
    world.give(Input::Started);
    for _ in 0..400 {
        if world.execution.outcome().is_some() {
            break;
        }
        // Tasks end in any order.
        let nth = (chance ^ world.steps) as usize % world.invocations.len().max(1);
        match world.invocations.remove(nth) {
            Some(invocation) => {
                if let Some(input) = fate(&invocation, chance) {
                    world.give(input);
                }
            }
            None => assert!(world.fire_next_timer(), "the execution waits for nothing"),
        }
    }
    world
}

fn described(world: &World) -> String {
    format!("{:#?}\n{:?}", world.history, world.execution.outcome())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_turns_give_the_same_history_and_a_crash_after_every_commit_changes_nothing(
        definition in machines(2),
        chance in any::<u64>(),
    ) {
        let first = run(&definition, chance, false, Limits::default());
        let again = run(&definition, chance, false, Limits::default());
        prop_assert_eq!(described(&first), described(&again));
        let crashed = run(&definition, chance, true, Limits::default());
        prop_assert_eq!(described(&first), described(&crashed));
    }

    #[test]
    fn event_ids_are_gapless_and_every_started_attempt_ends_once(
        definition in machines(2),
        chance in any::<u64>(),
    ) {
        let world = run(&definition, chance, false, Limits::default());
        for (id, event) in (1..).zip(&world.history) {
            prop_assert_eq!(event.id, id);
            prop_assert!(event.previous_event_id < id);
        }
        let count = |wanted: &[&str]| world.types().iter().filter(|kind| wanted.contains(&kind.as_str())).count();
        let scheduled = count(&["TaskScheduled", "LambdaFunctionScheduled"]);
        // What was scheduled and given up within one step was never asked for, nor started.
        prop_assert!(world.invoked.len() <= scheduled);
        prop_assert_eq!(world.invoked.len(), count(&["TaskStarted", "LambdaFunctionStarted"]));
        let ended = count(&[
            "TaskSucceeded", "TaskFailed", "TaskTimedOut",
            "LambdaFunctionSucceeded", "LambdaFunctionFailed", "LambdaFunctionTimedOut",
        ]);
        prop_assert!(ended <= world.invoked.len());
        let unique: BTreeSet<_> = world.invoked.iter().collect();
        prop_assert_eq!(unique.len(), world.invoked.len());
        if world.execution.outcome().is_some() {
            prop_assert!(world.invoked.iter().all(|attempt| !world.execution.awaits(*attempt)));
            prop_assert!(world.timers.is_empty(), "{:?}", world.timers);
            prop_assert_eq!(world.rows.len(), 1);
        }
    }

    #[test]
    fn what_is_no_longer_awaited_changes_nothing(
        definition in machines(1),
        chance in any::<u64>(),
    ) {
        let input = json!({"items": [1, 2]}).to_string();
        let mut world = World::new(machine(&definition), &input);
        world.give(Input::Started);
        for _ in 0..40 {
            let before = world.history.len();
            for attempt in (0..24).map(AttemptId).filter(|attempt| !world.execution.awaits(*attempt)).collect::<Vec<_>>() {
                let output = asl::Payload::from_text("1").expect("it is JSON");
                world.give(Input::TaskSucceeded { attempt, output });
                world.give(Input::TaskHeartbeat { attempt });
            }
            for timer in (0..24).map(TimerId).filter(|timer| !world.execution.awaits_timer(*timer)).collect::<Vec<_>>() {
                world.give(Input::TimerFired { timer });
            }
            world.give(Input::Started);
            world.give(Input::Continue);
            prop_assert_eq!(world.history.len(), before);
            prop_assert_eq!((world.rows_changed, world.bytes_written), (0, 0));
            if world.execution.outcome().is_some() {
                break;
            }
            match world.invocations.pop_front() {
                Some(invocation) => if let Some(input) = fate(&invocation, chance) { world.give(input) },
                None => { world.fire_next_timer(); }
            }
        }
    }

    #[test]
    fn damaged_rows_are_refused_or_run_but_bring_nothing_down(
        definition in machines(2),
        chance in any::<u64>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let input = json!({"items": [1, 2]}).to_string();
        let mut world = World::new(machine(&definition), &input);
        world.give(Input::Started);
        for (row, byte, value) in damage {
            let keys: Vec<_> = world.rows.keys().cloned().collect();
            if keys.is_empty() {
                break;
            }
            let key = row.get(&keys);
            if value < 128 {
                world.rows.remove(key);
            } else if let Some(row) = world.rows.get_mut(key) {
                let at = byte.index(row.len());
                row[at] = value;
            }
        }
        let rows = world.rows.clone().into_iter();
        if let Ok(execution) = engine::Execution::restore(&world.head, rows, Limits::default()) {
            world.execution = execution;
            for _ in 0..20 {
                match world.invocations.pop_front() {
                    Some(invocation) => if let Some(input) = fate(&invocation, chance) { world.give(input) },
                    None => { world.fire_next_timer(); }
                }
            }
            world.give(Input::Stop { error: None, cause: None });
        }
    }

    #[test]
    fn no_payload_is_larger_than_the_limit(
        definition in machines(2),
        chance in any::<u64>(),
        payload_bytes_max in 30_usize..400,
    ) {
        let limits = Limits { payload_bytes_max, ..Limits::default() };
        let world = run(&definition, chance, false, limits);
        // What the execution was given was judged when it was given.
        let given = world.execution.seed().input.text_bytes();
        for event in &world.history {
            let payload = match &event.event {
                Event::StateEntered { input, .. } | Event::LambdaFunctionScheduled { input, .. } => input,
                Event::StateExited { output, .. } | Event::ExecutionSucceeded { output } => output,
                Event::TaskScheduled { parameters, .. } => parameters,
                _ => continue,
            };
            prop_assert!(payload.text_bytes() <= payload_bytes_max.max(given), "{event:?}");
        }
    }
}
