//! Executions started as test cases of the mock configuration: no service is called for what is mocked, whatever
//! happens.

mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use runtime::{LoneTask, MockConfiguration, Runtime, RuntimeError, StartExecution};
use serde_json::{Value, json};
use store::{Disk, Fault, Store};
use world::*;

/// `A` is tried three times, `B` calls its function.
fn definition() -> Value {
    json!({ "StartAt": "A", "States": {
        "A": { "Type": "Task", "Resource": function_arn("never"), "Next": "B",
            "Retry": [{ "ErrorEquals": ["Busy"], "MaxAttempts": 5 }] },
        "B": { "Type": "Task", "Resource": function_arn("one"), "End": true },
    } })
}

fn mocks() -> MockConfiguration {
    let text = json!({
        "StateMachines": {
            "M": { "TestCases": { "Busy": { "A": "TwiceBusy" }, "Short": { "A": "Once" } } },
            "Mapped": { "TestCases": { "Case": { "A": "Always" } } },
        },
        "MockedResponses": {
            "TwiceBusy": {
                "0-1": { "Throw": { "Error": "Busy", "Cause": "later" } },
                "2": { "Return": { "StatusCode": 200, "Payload": "mocked" } },
            },
            "Once": { "0": { "Throw": { "Error": "Busy", "Cause": "later" } } },
            "Always": { "0-9": { "Return": { "Payload": "child" } } },
        },
    });
    MockConfiguration::parse(&text.to_string()).expect("it is one")
}

fn lambda() -> Lambda {
    Lambda::default()
        .with("never", |_| Returned::Error("Called"))
        .with("one", |event| Returned::Value(json!({ "one": event })))
}

fn as_case(machine: &str, name: &str, case: &str) -> StartExecution {
    StartExecution {
        test_case: Some(case.to_owned()),
        ..request(machine, name, &json!({}))
    }
}

fn open(store: &Store, lambda: &Lambda) -> Runtime {
    let runtime = hurried(store, lambda);
    runtime.set_mocks(mocks());
    runtime
}

fn hurried(store: &Store, lambda: &Lambda) -> Runtime {
    runtime_with(store, lambda, |config| {
        config.clock = Arc::new(Hurried::default());
    })
}

async fn drive(runtime: &Runtime) -> Result<Value, RuntimeError> {
    runtime
        .create_state_machine(new_machine("M", &definition()))
        .await?;
    match runtime.start_execution(as_case("M", "run", "Busy")).await {
        Ok(_) | Err(RuntimeError::ExecutionAlreadyExists(_)) => {}
        Err(error) => return Err(error),
    }
    Ok(outcome(&*runtime.ended(&execution_arn("M", "run")).await?))
}

#[tokio::test]
async fn a_test_case_answers_by_the_number_of_the_invocation_and_leaves_other_states_alone() {
    let lambda = lambda();
    let runtime = open(&Store::memory(), &lambda);
    let output = drive(&runtime).await.expect("memory does not fail");
    assert_eq!(output, json!({ "one": "mocked" }));
    assert_eq!(lambda.called(), [("one".to_owned(), json!("mocked"))]);
    runtime.shutdown().await;
}

#[tokio::test]
async fn a_crash_after_any_commit_calls_nobody_that_is_mocked() {
    for failing in 1.. {
        let (disk, lambda) = (Disk::default(), lambda());
        let failed = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&failed);
        let store = disk.open(move |lsn| {
            if lsn.0 == failing {
                seen.store(true, Ordering::SeqCst);
                Fault::Lost
            } else {
                Fault::None
            }
        });
        let first = open(&store, &lambda);
        let ended = drive(&first).await;
        first.shutdown().await;
        drop((first, store));
        if ended.is_ok() && !failed.load(Ordering::SeqCst) {
            assert!(failing > 4, "the fault was never reached");
            return;
        }
        // The next process has another configuration: what began as a test case goes on as it.
        let second = hurried(&disk.open(|_| Fault::None), &lambda);
        let began = second
            .describe_execution(&execution_arn("M", "run"))
            .is_ok();
        if !began {
            second.set_mocks(mocks());
        }
        let output = drive(&second).await;
        let output = match output {
            Err(RuntimeError::TestCaseDoesNotExist { .. }) if began => {
                let ended = second.ended(&execution_arn("M", "run")).await;
                outcome(&ended.expect("this disk works"))
            }
            output => output.expect("this disk works"),
        };
        assert_eq!(output, json!({ "one": "mocked" }), "commit {failing}");
        // The count of invocations goes on where it was: nothing is thrown a third time.
        let events = event_names(&second, &execution_arn("M", "run"));
        let thrown = events.iter().filter(|name| *name == "LambdaFunctionFailed");
        assert_eq!(thrown.count(), 2, "commit {failing}");
        let called = lambda.called();
        assert!(
            called.iter().all(|(name, _)| name == "one"),
            "commit {failing}: {called:?}"
        );
        second.shutdown().await;
    }
}

#[tokio::test]
async fn an_invocation_beyond_the_configuration_fails_without_a_call() {
    let lambda = lambda();
    let runtime = open(&Store::memory(), &lambda);
    create(&runtime, "M", &definition()).await;
    let started = runtime.start_execution(as_case("M", "run", "Short")).await;
    let ended = runtime.ended(&started.expect("it starts").arn).await;
    let failed = outcome(&ended.expect("it ends"));
    assert_eq!(failed["Failed"]["Error"], "States.Runtime");
    assert!(lambda.called().is_empty());
    runtime.shutdown().await;
}

#[tokio::test]
async fn a_test_case_that_is_not_there_is_refused() {
    let runtime = open(&Store::memory(), &lambda());
    create(&runtime, "M", &definition()).await;
    let refused = runtime.start_execution(as_case("M", "run", "None")).await;
    let refused = refused.expect_err("there is none").to_string();
    assert_eq!(
        refused,
        "The test case 'None' of the state machine 'M' is not in the mock configuration"
    );
    runtime.shutdown().await;
}

#[tokio::test]
async fn the_children_of_a_map_run_are_of_the_same_test_case() {
    let lambda = lambda();
    let runtime = open(&Store::memory(), &lambda);
    let definition = json!({ "StartAt": "M", "States": { "M": { "Type": "Map", "End": true,
        "ItemProcessor": { "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
            "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": function_arn("never"), "End": true } } } } } });
    create(&runtime, "Mapped", &definition).await;
    let request = StartExecution {
        input: Some("[1, 2]".into()),
        ..as_case("Mapped", "run", "Case")
    };
    let started = runtime.start_execution(request).await.expect("it starts");
    let ended = runtime.ended(&started.arn).await.expect("it ends");
    assert_eq!(outcome(&ended), json!(["child", "child"]));
    assert!(lambda.called().is_empty());
    runtime.shutdown().await;
}

#[tokio::test]
async fn an_activity_and_a_callback_can_be_mocked() {
    let runtime = open(&Store::memory(), &lambda());
    let activity = format!("arn:aws:states:{REGION}:{ACCOUNT}:activity:work");
    runtime
        .create_activity(ACCOUNT, REGION, "work", Vec::new(), None)
        .await
        .expect("it is made");
    let definition = json!({ "StartAt": "A", "States": {
        "A": { "Type": "Task", "Resource": activity, "Next": "B" },
        "B": { "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": true,
            "Parameters": { "QueueUrl": "q", "MessageBody.$": "$$.Task.Token" } },
    } });
    create(&runtime, "M", &definition).await;
    let mocks = json!({
        "StateMachines": { "M": { "TestCases": { "Case": { "A": "Worked", "B": "Called" } } } },
        "MockedResponses": { "Worked": { "0": { "Return": 1 } }, "Called": { "0": { "Return": 2 } } },
    });
    runtime.set_mocks(MockConfiguration::parse(&mocks.to_string()).expect("it is one"));
    let started = runtime.start_execution(as_case("M", "run", "Case")).await;
    let arn = started.expect("it starts").arn;
    let ended = runtime.ended(&arn).await.expect("it ends");
    assert_eq!(outcome(&ended), json!(2));
    let events = event_names(&runtime, &arn);
    assert!(events.contains(&"TaskSubmitted".to_owned()), "{events:?}");
    runtime.shutdown().await;
}

#[tokio::test]
async fn a_task_of_no_execution_is_run_in_the_name_that_is_given() {
    let lambda = lambda();
    let runtime = open(&Store::memory(), &lambda);
    let machine = json!({ "Type": "Task", "Resource": function_arn("one"), "End": true });
    let machine = asl::parse_state(&machine.to_string())
        .machine
        .expect("it is one");
    let (scope, state) = machine.find(asl::LONE_STATE).expect("it is there");
    let input = asl::Payload::from_text("5").expect("it is JSON");
    let seed = engine::Seed {
        arn: "a".into(),
        name: "n".into(),
        state_machine_arn: "m".into(),
        state_machine_name: "m".into(),
        role_arn: "r".into(),
        region: REGION.into(),
        input: input.clone(),
        start: runtime.now(),
        state_machine_alias_arn: None,
        state_machine_version_arn: None,
        scope,
        express: true,
        synchronous: true,
        token_prefix: Vec::new(),
    };
    let subject = engine::Subject {
        seed,
        state: Arc::clone(&state.name),
        input,
        variables: Vec::new(),
        context: None,
        retries: 0,
    };
    let limits = runtime.limits().clone();
    let inspection = engine::Inspection::begin(
        Arc::new(machine),
        subject,
        limits,
        runtime.now(),
        runtime.entropy(),
    );
    let engine::Awaits::Task(invocation) = inspection.awaits() else {
        panic!("a task is to be run");
    };
    let task = LoneTask {
        account: ACCOUNT.into(),
        region: REGION.into(),
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/role").into(),
        invocation: (**invocation).clone(),
        trace: None,
    };
    let done = runtime.run_task(task).await;
    let result = done.result.expect("the function returns");
    assert_eq!(result.text().as_ref(), r#"{"one":5}"#);
    runtime.shutdown().await;
}
