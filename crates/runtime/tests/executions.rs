//! Executions from their start to their end, by the names and rules that AWS has for them.

mod world;

use std::time::Duration;

use engine::Timestamp;
use runtime::{RuntimeError, StartExecution, Status, UpdateStateMachine, VirtualClock};
use serde_json::json;
use store::Store;
use world::*;

#[tokio::test]
async fn a_pass_machine_runs_and_is_described_as_it_was_committed() {
    let folder = tempfile::tempdir().expect("the system has room for a folder");
    for store in [
        Store::memory(),
        Store::open(folder.path()).expect("the folder is ours"),
    ] {
        let runtime = runtime(&store, &Lambda::default());
        create(&runtime, "M", &pass()).await;
        let finished = run(&runtime, "M", "run", &json!({ "a": 1 })).await;
        assert_eq!(outcome(&finished), json!({ "a": 1 }));
        let arn = execution_arn("M", "run");
        let described = runtime.describe_execution(&arn).expect("it is there");
        assert_eq!(described.record.status, Status::Succeeded);
        assert_eq!(
            described.input.expect("it has an input").text().as_ref(),
            r#"{"a":1}"#
        );
        assert_eq!(
            described.output.expect("it has an output").text().as_ref(),
            r#"{"a":1}"#
        );
        assert_eq!(
            event_names(&runtime, &arn),
            [
                "ExecutionStarted",
                "StateEntered",
                "StateExited",
                "ExecutionSucceeded"
            ]
        );
        runtime.shutdown().await;
    }
}

#[tokio::test]
async fn a_history_is_paged_in_both_orders_without_gap_or_repetition() {
    let runtime = runtime(&Store::memory(), &Lambda::default());
    let states: serde_json::Map<String, serde_json::Value> = (0..100)
        .map(|number| {
            let next = json!({ "Type": "Pass", "Next": format!("S{}", number + 1) });
            let last = json!({ "Type": "Pass", "End": true });
            (format!("S{number}"), if number == 99 { last } else { next })
        })
        .collect();
    create(&runtime, "M", &json!({ "StartAt": "S0", "States": states })).await;
    run(&runtime, "M", "run", &json!({})).await;
    let arn = execution_arn("M", "run");
    let all: Vec<u64> = (1..=202).collect();
    for reverse in [false, true] {
        for limit in [1, 7, 32, 33, 500] {
            let mut seen = Vec::new();
            let mut from = None;
            loop {
                let page = runtime
                    .history(&arn, from, reverse, limit)
                    .expect("it is there");
                seen.extend(page.events.iter().map(|event| event.id));
                from = page.next;
                if from.is_none() {
                    break;
                }
            }
            if reverse {
                seen.reverse();
            }
            assert_eq!(seen, all, "limit {limit}, reverse {reverse}");
        }
    }
}

#[tokio::test]
async fn a_task_is_given_its_input_and_its_result_goes_on() {
    let lambda = Lambda::default().with("double", |event| {
        Returned::Value(json!(event["n"].as_i64().unwrap_or_default() * 2))
    });
    let runtime = runtime(&Store::memory(), &lambda);
    create(&runtime, "M", &task("double")).await;
    let finished = run(&runtime, "M", "run", &json!({ "n": 21 })).await;
    assert_eq!(outcome(&finished), json!(42));
    assert_eq!(lambda.called(), [("double".to_owned(), json!({ "n": 21 }))]);
}

#[tokio::test]
async fn the_optimised_invoke_answers_with_what_lambda_says_around_the_payload() {
    let lambda = Lambda::default().with("echo", Returned::Value);
    let runtime = runtime(&Store::memory(), &lambda);
    let definition = json!({ "StartAt": "T", "States": { "T": {
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
        "Parameters": { "FunctionName": "echo", "Payload.$": "$" },
    } } });
    create(&runtime, "M", &definition).await;
    let output = outcome(&*run(&runtime, "M", "run", &json!({ "n": 1 })).await);
    assert_eq!(output["Payload"], json!({ "n": 1 }));
    assert_eq!(
        (&output["StatusCode"], &output["ExecutedVersion"]),
        (&json!(200), &json!("$LATEST"))
    );
    assert_eq!(output["SdkHttpMetadata"]["HttpStatusCode"], 200);
    assert!(output["SdkResponseMetadata"]["RequestId"].is_string());
}

#[tokio::test]
async fn errors_of_functions_and_services_have_the_names_that_catchers_know() {
    let lambda = Lambda::default()
        .with("fails", |_| Returned::Error("CustomError"))
        .with("panics", |_| Returned::Panic)
        .with("large", |_| Returned::Value(json!("x".repeat(262_144))));
    let runtime = runtime(&Store::memory(), &lambda);
    let missing = json!({ "StartAt": "T", "States": { "T": {
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
        "Parameters": { "FunctionName": "missing" },
    } } });
    let absent = json!({ "StartAt": "T", "States": { "T": {
        "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:listQueues", "End": true,
    } } });
    let cases = [
        (
            "fails",
            task("fails"),
            "CustomError",
            r#"{"errorMessage":"it failed","errorType":"CustomError"}"#,
        ),
        (
            "missing",
            missing,
            "Lambda.ResourceNotFoundException",
            "(Service: AWSLambda; Status Code: 404; Error Code: ",
        ),
        (
            "panics",
            task("panics"),
            "States.TaskFailed",
            "internal error",
        ),
        (
            "large",
            task("large"),
            "States.DataLimitExceeded",
            "function:large' returned a result with a size exceeding",
        ),
        (
            "absent",
            absent,
            "Sqs.SdkClientException",
            "the service `sqs` is not part of this installation",
        ),
    ];
    for (name, definition, error, cause) in cases {
        create(&runtime, name, &definition).await;
        let output = outcome(&*run(&runtime, name, "run", &json!({})).await);
        assert_eq!(output["Failed"]["Error"], error, "{output}");
        assert!(
            output["Failed"]["Cause"]
                .as_str()
                .unwrap_or_default()
                .contains(cause),
            "{output}"
        );
    }
}

#[tokio::test]
async fn a_retry_waits_on_the_clock_and_no_longer() {
    let clock = VirtualClock::at(Timestamp(1_000_000));
    let tries = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let (tried, mut trials) = tokio::sync::mpsc::unbounded_channel();
    let counter = std::sync::Arc::clone(&tries);
    let lambda = Lambda::default().with("flaky", move |_| {
        let number = counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        tried.send(number).expect("the test listens");
        if number < 2 {
            Returned::Error("Flaky")
        } else {
            Returned::Value(json!("done"))
        }
    });
    let times = clock.clone();
    let runtime = runtime_with(&Store::memory(), &lambda, |config| {
        config.clock = std::sync::Arc::new(times);
    });
    let definition = json!({ "StartAt": "T", "States": { "T": {
        "Type": "Task", "Resource": function_arn("flaky"), "End": true,
        "Retry": [{ "ErrorEquals": ["Flaky"], "IntervalSeconds": 10, "BackoffRate": 2.0 }],
    } } });
    create(&runtime, "M", &definition).await;
    start(&runtime, "M", "run", &json!({}))
        .await
        .expect("it starts");
    let arn = execution_arn("M", "run");
    for pause in [10, 20] {
        trials.recv().await.expect("the function is called");
        let before = clock.clone();
        // The failure is committed some time after the call; only then is there a timer that time can pass.
        settled(
            &runtime,
            &arn,
            "LambdaFunctionFailed",
            if pause == 10 { 1 } else { 2 },
        )
        .await;
        before.advance(Duration::from_secs(pause));
    }
    trials.recv().await.expect("the function is called");
    let finished = runtime.ended(&arn).await.expect("it ends");
    assert_eq!(outcome(&finished), json!("done"));
    let stop = finished.record.stop.expect("it has ended");
    assert_eq!(
        stop,
        Timestamp(1_030_000),
        "no timer fired early and none late"
    );
}

/// Waits until a history has that many events of a name.
async fn settled(runtime: &runtime::Runtime, arn: &str, event: &str, count: usize) {
    while event_names(runtime, arn)
        .iter()
        .filter(|name| *name == event)
        .count()
        < count
    {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_name_means_one_execution() {
    let clock = VirtualClock::at(Timestamp(0));
    let times = clock.clone();
    let runtime = runtime_with(&Store::memory(), &Lambda::default(), |config| {
        config.clock = std::sync::Arc::new(times);
    });
    create(&runtime, "M", &wait(60)).await;
    let first = start(&runtime, "M", "run", &json!({ "a": 1 }))
        .await
        .expect("it starts");
    clock.advance(Duration::from_secs(1));
    let again = start(&runtime, "M", "run", &json!({ "a": 1 }))
        .await
        .expect("the same name and input");
    assert_eq!(first, again, "the first answer, with its date");
    let other = start(&runtime, "M", "run", &json!({ "a": 2 })).await;
    assert!(
        matches!(other, Err(RuntimeError::ExecutionAlreadyExists(arn)) if arn == first.arn.as_ref())
    );
    clock.advance(Duration::from_mins(1));
    runtime.ended(&first.arn).await.expect("it ends");
    let closed = start(&runtime, "M", "run", &json!({ "a": 1 })).await;
    assert!(
        matches!(closed, Err(RuntimeError::ExecutionAlreadyExists(_))),
        "closed within 90 days"
    );
    clock.advance(Duration::from_hours(90 * 24));
    let fresh = start(&runtime, "M", "run", &json!({ "a": 2 }))
        .await
        .expect("the name is free again");
    assert_ne!(fresh.start, first.start);
    let events = event_names(&runtime, &fresh.arn);
    assert_eq!(
        events,
        ["ExecutionStarted", "StateEntered"],
        "nothing is left of the earlier history"
    );
    let listed = runtime
        .list_executions(&machine_arn("M"), None, None, 10)
        .expect("the machine is there");
    assert_eq!(listed.executions.len(), 1);
}

#[tokio::test]
async fn a_page_ends_though_few_of_many_executions_were_started_through_the_version() {
    let runtime = runtime(&Store::memory(), &Lambda::default());
    create(&runtime, "M", &pass()).await;
    let version = runtime
        .publish_version(&machine_arn("M"), None, None)
        .await
        .expect("it is there")
        .version_arn()
        .expect("published");
    let request = StartExecution {
        state_machine_arn: version.clone(),
        ..StartExecution::default()
    };
    let wanted = runtime.start_execution(request).await.expect("it starts");
    for number in 0..1_600 {
        start(&runtime, "M", &format!("run-{number}"), &json!({}))
            .await
            .expect("it starts");
    }
    let (mut pages, mut found, mut before) = (0, Vec::new(), None);
    loop {
        let page = runtime
            .list_executions(&version, None, before, 100)
            .expect("it is there");
        pages += 1;
        found.extend(page.executions.into_iter().map(|record| record.arn));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!((pages, found), (2, vec![wanted.arn]));
}

#[tokio::test]
async fn executions_are_listed_newest_first_by_status_in_stable_pages() {
    let runtime = runtime(&Store::memory(), &Lambda::default());
    create(&runtime, "M", &pass()).await;
    create(&runtime, "W", &wait(3600)).await;
    let mut expected = Vec::new();
    for number in 0..25 {
        let name = format!("run-{number}");
        run(&runtime, "M", &name, &json!({})).await;
        expected.insert(0, name);
    }
    start(&runtime, "W", "waits", &json!({}))
        .await
        .expect("it starts");
    for limit in [1, 10, 24, 25, 26] {
        for status in [None, Some(Status::Succeeded)] {
            let mut seen = Vec::new();
            let mut before = None;
            loop {
                let page = runtime
                    .list_executions(&machine_arn("M"), status, before, limit)
                    .expect("it is there");
                seen.extend(page.executions.iter().map(|record| record.name.to_string()));
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
            assert_eq!(seen, expected, "limit {limit}");
        }
    }
    let running = runtime.list_executions(&machine_arn("M"), Some(Status::Running), None, 10);
    assert!(running.expect("it is there").executions.is_empty());
    let waiting = runtime.list_executions(&machine_arn("W"), Some(Status::Running), None, 10);
    assert_eq!(waiting.expect("it is there").executions.len(), 1);
}

#[tokio::test]
async fn a_stopped_execution_gives_up_its_task_and_stays_stopped() {
    let lambda = Lambda::default().with("forever", |_| Returned::Nothing);
    let runtime = runtime(&Store::memory(), &lambda);
    create(&runtime, "M", &task("forever")).await;
    let started = start(&runtime, "M", "run", &json!({}))
        .await
        .expect("it starts");
    let stopped = runtime
        .stop_execution(&started.arn, Some("E".into()), Some("C".into()))
        .await
        .expect("it runs");
    let finished = runtime.ended(&started.arn).await.expect("it has ended");
    assert_eq!(
        outcome(&finished),
        json!({ "Aborted": { "Error": "E", "Cause": "C" } })
    );
    assert_eq!(finished.record.stop, Some(stopped));
    let again = runtime
        .stop_execution(&started.arn, None, None)
        .await
        .expect("it is known");
    assert_eq!(again, stopped, "an ended execution says when it ended");
    let unknown = runtime
        .stop_execution(&execution_arn("M", "other"), None, None)
        .await;
    assert!(matches!(
        unknown,
        Err(RuntimeError::ExecutionDoesNotExist(_))
    ));
}

#[tokio::test]
async fn an_express_execution_answers_its_caller_and_leaves_nothing_behind() {
    let lambda = Lambda::default().with("echo", Returned::Value);
    let runtime = runtime(&Store::memory(), &lambda);
    create_express(&runtime, "X", &task("echo")).await;
    for _ in 0..2 {
        // Names of EXPRESS executions may be given again at once.
        let finished = runtime
            .start_sync_execution(request("X", "run", &json!({ "a": 1 })))
            .await
            .expect("it runs");
        assert_eq!(outcome(&finished), json!({ "a": 1 }));
        assert!(
            finished.record.arn.contains(":express:X:run:"),
            "{}",
            finished.record.arn
        );
        let described = runtime.describe_execution(&finished.record.arn);
        assert!(matches!(described, Err(RuntimeError::InvalidArn(_))));
    }
    create(&runtime, "S", &pass()).await;
    let standard = runtime
        .start_sync_execution(request("S", "run", &json!({})))
        .await;
    assert!(matches!(
        standard,
        Err(RuntimeError::StateMachineTypeNotSupported)
    ));
}

#[tokio::test]
async fn a_running_execution_keeps_its_revision() {
    let clock = VirtualClock::at(Timestamp(0));
    let times = clock.clone();
    let runtime = runtime_with(&Store::memory(), &Lambda::default(), |config| {
        config.clock = std::sync::Arc::new(times);
        config.active_max = 2;
    });
    let old = json!({ "StartAt": "W", "States": {
        "W": { "Type": "Wait", "Seconds": 60, "Next": "P" },
        "P": { "Type": "Pass", "Result": "old", "End": true },
    } });
    let new = old.to_string().replace("old", "new");
    create(&runtime, "M", &old).await;
    start(&runtime, "M", "before", &json!({}))
        .await
        .expect("it starts");
    let updated = runtime
        .update_state_machine(UpdateStateMachine {
            arn: machine_arn("M"),
            definition: Some(new),
            ..UpdateStateMachine::default()
        })
        .await
        .expect("the definition is valid");
    assert!(updated.revision.id.is_some());
    start(&runtime, "M", "after", &json!({}))
        .await
        .expect("it starts");
    // More than stay in memory, so that the first are read again.
    for number in 0..20 {
        start(&runtime, "M", &format!("more-{number}"), &json!({}))
            .await
            .expect("it starts");
    }
    clock.advance(Duration::from_mins(1));
    for (name, result) in [("before", "old"), ("after", "new"), ("more-7", "new")] {
        let finished = runtime
            .ended(&execution_arn("M", name))
            .await
            .expect("it ends");
        assert_eq!(outcome(&finished), json!(result));
    }
    let (_, revision, _) = runtime
        .state_machine_for_execution(&execution_arn("M", "before"))
        .expect("it is there");
    assert_eq!(&*revision.definition, &old.to_string());
}

#[tokio::test]
async fn creating_again_is_the_same_or_refused() {
    let runtime = runtime(&Store::memory(), &Lambda::default());
    let first = runtime
        .create_state_machine(new_machine("M", &pass()))
        .await
        .expect("it is valid");
    let mut again = new_machine("M", &pass());
    again.role_arn = "arn:aws:iam::000000000000:role/other".into();
    let same = runtime
        .create_state_machine(again)
        .await
        .expect("role and tags don't count");
    assert_eq!(same.revision.role_arn, first.revision.role_arn);
    let other = runtime
        .create_state_machine(new_machine("M", &wait(1)))
        .await;
    assert!(matches!(
        other,
        Err(RuntimeError::StateMachineAlreadyExists(_))
    ));
    let invalid = runtime
        .create_state_machine(new_machine("N", &json!({})))
        .await;
    assert!(matches!(invalid, Err(RuntimeError::InvalidDefinition(_))));
    let names = runtime
        .list_state_machines(ACCOUNT, REGION, None, 10)
        .expect("the store can be read");
    assert_eq!(names.len(), 1);

    run(&runtime, "M", "run", &json!({})).await;
    runtime
        .delete_state_machine(&machine_arn("M"))
        .await
        .expect("it is there");
    runtime
        .delete_state_machine(&machine_arn("M"))
        .await
        .expect("deleting nothing succeeds");
    let gone = start(&runtime, "M", "run", &json!({})).await;
    assert!(matches!(
        gone,
        Err(RuntimeError::StateMachineDoesNotExist(_))
    ));
    // Another state machine of that name has names of its own.
    create(&runtime, "M", &pass()).await;
    run(&runtime, "M", "run", &json!({})).await;
    let listed = runtime
        .list_executions(&machine_arn("M"), None, None, 10)
        .expect("it is there");
    assert_eq!(listed.executions.len(), 1);
}

#[tokio::test]
async fn a_callback_ends_its_task_once() {
    let lambda = Lambda::default().with("accepts", |_| Returned::Value(json!(null)));
    let runtime = runtime(&Store::memory(), &lambda);
    let definition = json!({ "StartAt": "T", "States": { "T": {
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "End": true,
        "Parameters": { "FunctionName": "accepts", "Payload": { "token.$": "$$.Task.Token" } },
    } } });
    create(&runtime, "M", &definition).await;
    let started = start(&runtime, "M", "run", &json!({}))
        .await
        .expect("it starts");
    settled(&runtime, &started.arn, "TaskSubmitted", 1).await;
    let token = lambda.called()[0].1["token"]
        .as_str()
        .expect("the task is given its token")
        .to_owned();

    let garbled = runtime.send_task_success("no token", "no JSON").await;
    assert!(matches!(garbled, Err(RuntimeError::InvalidToken)));
    let (prefix, attempt, nonce) = engine::parse_task_token(&token).expect("it is a token");
    let guessed = engine::task_token(&prefix, attempt, nonce ^ 1);
    let guessed = runtime.send_task_success(&guessed, "{}").await;
    assert!(
        matches!(guessed, Err(RuntimeError::InvalidToken)),
        "{guessed:?}"
    );
    let elsewhere = engine::task_token(&[7; 18], attempt, nonce);
    let elsewhere = runtime.send_task_success(&elsewhere, "{}").await;
    assert!(
        matches!(elsewhere, Err(RuntimeError::TaskDoesNotExist)),
        "{elsewhere:?}"
    );
    let no_json = runtime.send_task_success(&token, "{").await;
    assert!(matches!(no_json, Err(RuntimeError::InvalidOutput(_))));

    runtime
        .send_task_heartbeat(&token)
        .await
        .expect("the task runs");
    runtime
        .send_task_success(&token, r#"{"answer":42}"#)
        .await
        .expect("the task runs");
    let finished = runtime.ended(&started.arn).await.expect("it ends");
    assert_eq!(outcome(&finished), json!({ "answer": 42 }));
    let late = runtime.send_task_success(&token, "{}").await;
    assert!(matches!(late, Err(RuntimeError::TaskTimedOut)), "{late:?}");
}

#[tokio::test]
async fn an_activitys_task_waits_for_a_worker_and_is_handed_over_once() {
    let store = Store::memory();
    let first = runtime(&store, &Lambda::default());
    let activity = first
        .create_activity(ACCOUNT, REGION, "A", Vec::new(), None)
        .await
        .expect("the name is free");
    let same = first
        .create_activity(ACCOUNT, REGION, "A", Vec::new(), None)
        .await
        .expect("it is the same again");
    assert_eq!(activity, same);
    let definition = json!({ "StartAt": "T", "States": { "T": {
        "Type": "Task", "Resource": &*activity.arn, "End": true,
    } } });
    create(&first, "M", &definition).await;
    start(&first, "M", "run", &json!({ "a": 1 }))
        .await
        .expect("it starts");
    // Nobody has taken it: it waits over a restart.
    first.shutdown().await;
    drop(first);
    let second = runtime(&store, &Lambda::default());
    let task = second
        .get_activity_task(&activity.arn, Some("worker".into()))
        .await
        .expect("the activity is there");
    let task = task.expect("a task waits");
    assert_eq!(task.input.text().as_ref(), r#"{"a":1}"#);
    let arn = execution_arn("M", "run");
    assert!(event_names(&second, &arn).contains(&"ActivityStarted".to_owned()));
    // It is handed over: after another restart it is not offered again, and its token still counts.
    second.shutdown().await;
    drop(second);
    let third = runtime(&store, &Lambda::default());
    third
        .send_task_heartbeat(&task.token)
        .await
        .expect("the task runs");
    third
        .send_task_success(&task.token, "42")
        .await
        .expect("the task runs");
    assert_eq!(
        outcome(&third.ended(&arn).await.expect("it ends")),
        json!(42)
    );

    // A worker that waits gets the next one; one that has gone gets none.
    let gone = third.get_activity_task(&activity.arn, None);
    assert!(
        futures_util::future::poll_immediate(Box::pin(gone))
            .await
            .is_none(),
        "it waits"
    );
    let poller = third.clone();
    let waiting = activity.arn.clone();
    let polled = tokio::spawn(async move { poller.get_activity_task(&waiting, None).await });
    start(&third, "M", "next", &json!({}))
        .await
        .expect("it starts");
    let task = polled
        .await
        .expect("it does not panic")
        .expect("the activity is there")
        .expect("a task comes");
    third
        .send_task_failure(&task.token, Some("E".into()), None)
        .await
        .expect("the task runs");
    let failed = outcome(
        &third
            .ended(&execution_arn("M", "next"))
            .await
            .expect("it ends"),
    );
    assert_eq!(failed["Failed"]["Error"], "E");
    third
        .delete_activity(&activity.arn)
        .await
        .expect("it is there");
    let unknown = third.get_activity_task(&activity.arn, None).await;
    assert!(matches!(
        unknown,
        Err(RuntimeError::ActivityDoesNotExist(_))
    ));
}

#[tokio::test]
async fn versions_are_numbered_once_and_aliases_route_to_them() {
    let runtime = runtime(&Store::memory(), &Lambda::default());
    let result = |text: &str| json!({ "StartAt": "P", "States": { "P": { "Type": "Pass", "Result": text, "End": true } } });
    let arn = machine_arn("M");
    create(&runtime, "M", &result("one")).await;
    let first = runtime
        .publish_version(&arn, None, None)
        .await
        .expect("it is there");
    let again = runtime
        .publish_version(&arn, None, None)
        .await
        .expect("it is there");
    assert_eq!(
        first.version, again.version,
        "publishing is idempotent per revision"
    );
    let update = UpdateStateMachine {
        arn: arn.clone(),
        definition: Some(result("two").to_string()),
        publish: true,
        ..UpdateStateMachine::default()
    };
    let second = runtime
        .update_state_machine(update)
        .await
        .expect("it is valid");
    let (one, two) = (
        first.version_arn().expect("published"),
        second.version_arn().expect("published"),
    );
    assert!(one.ends_with(":M:1") && two.ends_with(":M:2"));
    let stale = runtime.publish_version(&arn, Some("INITIAL"), None).await;
    assert!(
        matches!(stale, Err(RuntimeError::Conflict(text)) if text.contains("revision INITIAL"))
    );

    let routes = [(one.clone(), 0), (two.clone(), 100)];
    let (alias, _) = runtime
        .create_alias("live", None, &routes)
        .await
        .expect("the versions are there");
    runtime
        .create_alias("live", None, &routes)
        .await
        .expect("it is the same again");
    let other = runtime
        .create_alias("live", Some("x".into()), &routes)
        .await;
    assert!(matches!(other, Err(RuntimeError::Conflict(_))));
    let unversioned = runtime
        .create_alias("bad", None, &[(arn.clone(), 100)])
        .await;
    assert!(
        matches!(unversioned, Err(RuntimeError::Validation(text)) if text.contains(&format!("[{arn}]")))
    );
    for (target, output) in [(&arn, "two"), (&one, "one"), (&alias, "two")] {
        let request = StartExecution {
            state_machine_arn: target.clone(),
            ..StartExecution::default()
        };
        let started = runtime.start_execution(request).await.expect("it starts");
        let finished = runtime.ended(&started.arn).await.expect("it ends");
        assert_eq!(outcome(&finished), json!(output));
        let listed = runtime
            .list_executions(target, None, None, 10)
            .expect("it is there")
            .executions;
        assert!(listed.iter().any(|record| record.arn == started.arn));
        assert_eq!(listed.len(), 1, "only what was started through {target}");
    }
    let used = runtime.delete_version(&two).await;
    assert!(matches!(used, Err(RuntimeError::Conflict(_))));
    runtime
        .update_alias(&alias, None, Some(&[(one, 100)]))
        .await
        .expect("the version is there");
    runtime
        .delete_version(&two)
        .await
        .expect("nothing routes to it");
    let third = runtime
        .publish_version(&arn, None, None)
        .await
        .expect("it is there");
    assert_eq!(
        third.version.expect("published").number,
        3,
        "numbers are not given again"
    );
    runtime.delete_alias(&alias).await.expect("it is there");
    assert!(matches!(
        runtime.describe_alias(&alias),
        Err(RuntimeError::ResourceNotFound(_))
    ));
}

#[tokio::test]
async fn a_nested_execution_ends_its_parents_task_with_what_became_of_it() {
    let lambda = Lambda::default();
    let runtime = runtime(&Store::memory(), &lambda);
    lambda.states.serve(&runtime);
    let fail = json!({ "StartAt": "F", "States": { "F": { "Type": "Fail", "Error": "E", "Cause": "C" } } });
    create(&runtime, "Child", &pass()).await;
    create_express(&runtime, "Quick", &pass()).await;
    create(&runtime, "Failing", &fail).await;
    let parent = |pattern: &str, child: &str| {
        json!({ "StartAt": "T", "States": { "T": {
            "Type": "Task", "Resource": format!("arn:aws:states:::states:startExecution{pattern}"), "End": true,
            "Parameters": { "StateMachineArn": machine_arn(child), "Input": { "a": 1 } },
        } } })
    };
    for (name, pattern, child) in [
        ("Plain", "", "Child"),
        ("Sync", ".sync", "Child"),
        ("Sync2", ".sync:2", "Child"),
        ("Fails", ".sync:2", "Failing"),
        ("Express", ".sync:2", "Quick"),
    ] {
        create(&runtime, name, &parent(pattern, child)).await;
    }
    let plain = outcome(&*run(&runtime, "Plain", "run", &json!({})).await);
    assert!(
        plain["ExecutionArn"]
            .as_str()
            .is_some_and(|arn| arn.contains(":execution:Child:")),
        "{plain}"
    );
    let sync = outcome(&*run(&runtime, "Sync", "run", &json!({})).await);
    assert_eq!(
        (&sync["Output"], &sync["Status"]),
        (&json!(r#"{"a":1}"#), &json!("SUCCEEDED"))
    );
    let sync2 = outcome(&*run(&runtime, "Sync2", "run", &json!({})).await);
    assert_eq!(
        (&sync2["Output"], &sync2["Input"]),
        (&json!({ "a": 1 }), &json!({ "a": 1 }))
    );
    for run_name in ["a", "b", "c", "d"] {
        let express = outcome(&*run(&runtime, "Express", run_name, &json!({})).await);
        assert_eq!(express["Output"], json!({ "a": 1 }));
    }
    let fails = outcome(&*run(&runtime, "Fails", "run", &json!({})).await);
    assert_eq!(fails["Failed"]["Error"], "States.TaskFailed");
    let cause: serde_json::Value =
        serde_json::from_str(fails["Failed"]["Cause"].as_str().unwrap_or_default())
            .expect("the cause is JSON");
    assert_eq!(
        (&cause["Error"], &cause["Cause"], &cause["Status"]),
        (&json!("E"), &json!("C"), &json!("FAILED"))
    );
    runtime.shutdown().await;
    lambda.states.leave();
}

#[tokio::test]
async fn a_nested_execution_is_stopped_with_the_task_that_waits_for_it() {
    let lambda = Lambda::default();
    let runtime = runtime(&Store::memory(), &lambda);
    lambda.states.serve(&runtime);
    create(&runtime, "Child", &wait(3600)).await;
    for (name, pattern, expected) in [
        ("Sync", ".sync:2", Status::Aborted),
        ("Plain", "", Status::Running),
    ] {
        let nested = json!({
            "Type": "Task", "Resource": format!("arn:aws:states:::states:startExecution{pattern}"), "Next": "W",
            "Parameters": { "StateMachineArn": machine_arn("Child"), "Name": name },
        });
        let waiting = json!({ "Type": "Wait", "Seconds": 3600, "End": true });
        create(
            &runtime,
            name,
            &json!({ "StartAt": "T", "States": { "T": nested, "W": waiting } }),
        )
        .await;
        let started = start(&runtime, name, "run", &json!({})).await;
        let arn = started.expect("it starts").arn;
        let said = if pattern.is_empty() {
            "TaskSucceeded"
        } else {
            "TaskSubmitted"
        };
        settled(&runtime, &arn, said, 1).await;
        let stopped = runtime.stop_execution(&arn, None, None).await;
        stopped.expect("it runs");
        let child = execution_arn("Child", name);
        if expected == Status::Aborted {
            let finished = runtime.ended(&child).await.expect("it is there");
            assert_eq!(
                outcome(&finished),
                json!({ "Aborted": { "Error": null, "Cause": null } })
            );
        }
        let described = runtime.describe_execution(&child).expect("it is there");
        assert_eq!(described.record.status, expected, "{name}");
    }
    runtime.shutdown().await;
    lambda.states.leave();
}

#[tokio::test]
async fn a_history_of_large_events_comes_in_smaller_pages() {
    let runtime = runtime(&Store::memory(), &Lambda::default());
    let mut states = serde_json::Map::new();
    for number in 0..11 {
        let next = json!({ "Type": "Pass", "Next": format!("P{}", number + 1) });
        states.insert(format!("P{number}"), next);
    }
    states.insert("P11".into(), json!({ "Type": "Succeed" }));
    create(&runtime, "M", &json!({ "StartAt": "P0", "States": states })).await;
    run(&runtime, "M", "run", &json!("x".repeat(250_000))).await;
    let arn = execution_arn("M", "run");
    for reverse in [false, true] {
        let (mut ids, mut from, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = runtime
                .history(&arn, from, reverse, 1000)
                .expect("it is there");
            assert!(!page.events.is_empty());
            ids.extend(page.events.iter().map(|event| event.id));
            pages += 1;
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        if reverse {
            ids.reverse();
        }
        assert_eq!(ids, (1..=26).collect::<Vec<_>>());
        assert_eq!(pages, 2, "six megabytes at four a page");
    }
}

#[tokio::test]
async fn changes_of_an_activity_at_the_same_time_are_all_kept() {
    let runtime = runtime(&Store::memory(), &Lambda::default());
    let tags = |value: &str| vec![("by".to_owned(), value.to_owned())];
    let (one, two) = tokio::join!(
        runtime.create_activity(ACCOUNT, REGION, "a", tags("one"), None),
        runtime.create_activity(ACCOUNT, REGION, "a", tags("two"), None),
    );
    let (one, two) = (one.expect("it is new"), two.expect("it is the same"));
    assert_eq!(one.tags, two.tags);
    let add = |name: &'static str| {
        runtime.tag_activity(&one.arn, move |tags| {
            tags.push((name.to_owned(), String::new()));
            Ok(())
        })
    };
    let (x, y) = tokio::join!(add("x"), add("y"));
    assert!(x.is_ok() && y.is_ok());
    let activity = runtime.describe_activity(&one.arn).expect("it is there");
    assert_eq!(activity.tags.len(), 3);
}

#[tokio::test]
async fn a_service_finishes_what_it_began_when_its_task_is_given_up() {
    let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
    let gate = std::sync::Arc::new(tokio::sync::Notify::new());
    let done = std::sync::Arc::new(tokio::sync::Notify::new());
    let (held, finished) = (gate.clone(), done.clone());
    let lambda = Lambda::default().with("slow", move |_| {
        begun.send(()).expect("the test listens");
        let (held, finished) = (held.clone(), finished.clone());
        Returned::Later(Box::pin(async move {
            held.notified().await;
            finished.notify_one();
        }))
    });
    let runtime = runtime(&Store::memory(), &lambda);
    create(&runtime, "M", &task("slow")).await;
    let started = start(&runtime, "M", "run", &json!({}))
        .await
        .expect("it starts");
    begins.recv().await.expect("the function is called");
    runtime
        .stop_execution(&started.arn, None, None)
        .await
        .expect("it runs");
    // The task is given up by now, and its future dropped at the next turn.
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    gate.notify_one();
    let end = tokio::time::timeout(std::time::Duration::from_secs(10), done.notified()).await;
    assert!(end.is_ok(), "the service's work was cut off");
    runtime.shutdown().await;
}

#[tokio::test]
async fn nested_executions_run_their_tasks_however_many_tasks_wait_for_them() {
    let lambda = Lambda::default().with("f", Returned::Value);
    let runtime = runtime_with(&Store::memory(), &lambda, |config| config.tasks_max = 1);
    lambda.states.serve(&runtime);
    create_express(&runtime, "Inner", &task("f")).await;
    let nested = |resource: &str| {
        json!({ "StartAt": "N", "States": { "N": { "Type": "Task", "End": true, "Resource": resource,
            "Parameters": { "StateMachineArn": machine_arn("Inner"), "Input": "7" }, "OutputPath": "$.Output",
        } } })
    };
    let resources = [
        "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
        "arn:aws:states:::states:startExecution.sync",
    ];
    for (machine, resource) in ["A", "B"].into_iter().zip(resources) {
        create(&runtime, machine, &nested(resource)).await;
        for name in ["1", "2"] {
            let started = start(&runtime, machine, name, &json!({})).await;
            started.expect("it starts");
        }
        for name in ["1", "2"] {
            let arn = execution_arn(machine, name);
            let ended = tokio::time::timeout(Duration::from_mins(1), runtime.ended(&arn)).await;
            let ended = ended.expect("nobody waits for each other");
            assert_eq!(outcome(&ended.expect("it ends")), json!("7"), "{resource}");
        }
    }
    lambda.states.leave();
}
