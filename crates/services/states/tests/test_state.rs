//! TestState by its requests and answers.

use aws::{ApiError, Call, Caller, Registry, RequestId, Service};
use runtime::{Runtime, RuntimeConfig};
use serde_json::{Value, json};
use service_states::{ExecutionLogs, States};
use store::Store;

const ROLE: &str = "arn:aws:iam::000000000000:role/tester";
const INVOKE: &str = "arn:aws:states:::lambda:invoke";

async fn ask(mut input: Value) -> Result<Value, ApiError> {
    let registry = Registry::default();
    registry.fill(Vec::new());
    let config = RuntimeConfig::new(Store::memory(), registry.clone());
    let runtime = Runtime::start(config).expect("memory can be read");
    runtime.resume();
    let states = States::new(runtime.clone(), ExecutionLogs::start(registry));
    if let Some(definition) = input.get_mut("definition")
        && definition.is_object()
    {
        *definition = definition.to_string().into();
    }
    let Value::Object(input) = input else {
        panic!("an input is an object");
    };
    let answer = states
        .call(Call {
            caller: Caller::root("000000000000", "us-east-1"),
            request_id: RequestId("id".into()),
            service: "states",
            operation: "TestState".into(),
            input,
            body: bytes::Bytes::new(),
        })
        .await;
    runtime.shutdown().await;
    answer.map(|answer| Value::Object(answer.output))
}

async fn answer(input: Value) -> Value {
    ask(input).await.expect("it is answered")
}

async fn refusal(input: Value) -> (String, String) {
    let error = ask(input).await.expect_err("it is refused");
    (error.code.to_string(), error.message)
}

fn task() -> Value {
    json!({ "Type": "Task", "Resource": INVOKE, "Parameters": { "FunctionName": "f" }, "Next": "On" })
}

fn map(more: Value) -> Value {
    let mut map = json!({ "Type": "Map", "ItemsPath": "$.v", "End": true, "ItemProcessor": {
        "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
        "StartAt": "Inner", "States": { "Inner": { "Type": "Pass", "End": true } } } });
    for (name, value) in more.as_object().expect("an object") {
        map[name] = value.clone();
    }
    map
}

#[tokio::test]
async fn the_level_says_how_much_is_shown() {
    let input = |level: &str| {
        json!({ "definition": task(), "inspectionLevel": level, "mock": { "result": "{\"a\": 1}" },
            "variables": "{\"v\": 2}" })
    };
    let info = answer(input("INFO")).await;
    assert_eq!(
        info,
        json!({ "output": "{\"a\": 1}", "nextState": "On", "status": "SUCCEEDED" })
    );
    for level in ["DEBUG", "TRACE"] {
        let shown = answer(input(level)).await;
        assert_eq!(
            shown["inspectionData"],
            json!({ "input": "{}", "afterInputPath": "{}", "afterParameters": "{\"FunctionName\":\"f\"}",
                "result": "{\"a\": 1}", "afterResultSelector": "{\"a\": 1}", "afterResultPath": "{\"a\": 1}",
                "variables": "{\"v\":2}" })
        );
    }
}

#[tokio::test]
async fn mocks_are_for_tasks_maps_and_parallels() {
    let mock = json!({ "result": "1" });
    for (state, kind) in [
        (json!({ "Type": "Wait", "Seconds": 1, "End": true }), "Wait"),
        (
            json!({ "Type": "Choice", "Choices": [{ "Variable": "$.a", "IsNull": true, "Next": "N" }] }),
            "Choice",
        ),
    ] {
        let refused = refusal(json!({ "definition": state, "mock": mock })).await;
        let words = format!("State type '{kind}' is not supported when a mock is specified");
        assert_eq!(refused, ("ValidationException".into(), words));
    }
}

#[tokio::test]
async fn what_only_a_mock_can_answer_needs_one() {
    for (resource, parameters) in [
        (
            "arn:aws:states:us-east-1:000000000000:activity:a",
            json!({}),
        ),
        (
            "arn:aws:states:::states:startExecution.sync:2",
            json!({ "StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:m" }),
        ),
        (
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            json!({ "QueueUrl": "q", "MessageBody.$": "$$.Task.Token" }),
        ),
    ] {
        let state =
            json!({ "Type": "Task", "Resource": resource, "End": true, "Parameters": parameters });
        let (code, words) = refusal(json!({ "definition": state, "roleArn": ROLE })).await;
        assert_eq!(code, "InvalidDefinition");
        assert!(words.ends_with("unless a mock is specified"), "{words}");
        let mocked = json!({ "definition": state, "mock": { "errorOutput": { "error": "E" } } });
        let answer = answer(mocked).await;
        assert_eq!(answer, json!({ "error": "E", "status": "FAILED" }));
    }
}

#[tokio::test]
async fn requests_that_can_not_be_are_refused() {
    let pass = json!({ "Type": "Pass", "End": true });
    for (input, code, words) in [
        (
            json!({ "definition": pass, "input": "{" }),
            "InvalidExecutionInput",
            "Invalid State Machine Execution Input",
        ),
        (
            json!({ "definition": pass, "variables": "[]" }),
            "ValidationException",
            "Variables must be",
        ),
        (
            json!({ "definition": pass, "context": "{}" }),
            "ValidationException",
            "A Context object can only",
        ),
        (
            json!({ "definition": pass, "roleArn": "x" }),
            "InvalidArn",
            "Invalid Arn",
        ),
        (
            json!({ "definition": task(), "mock": {} }),
            "ValidationException",
            "A test mock should have one",
        ),
        (
            json!({ "definition": task(), "mock": { "result": "{}" },
            "stateConfiguration": { "errorCausedByState": "None" } }),
            "ValidationException",
            "State not found in definition",
        ),
        (
            json!({ "definition": map(json!({})), "mock": { "result": "{}" } }),
            "ValidationException",
            "Mocked result must be an array.",
        ),
        (
            json!({ "definition": "{\"Type\": \"Pass\"}" }),
            "InvalidDefinition",
            "Invalid State Machine Definition",
        ),
    ] {
        let refused = refusal(input.clone()).await;
        assert_eq!(refused.0, code, "{input}");
        assert!(refused.1.starts_with(words), "{input}: {}", refused.1);
    }
}

#[tokio::test]
async fn a_state_of_a_machine_is_found_by_its_name_however_deep() {
    let definition = json!({ "StartAt": "M", "States": { "M": map(json!({})) } });
    let inner =
        answer(json!({ "definition": definition, "stateName": "Inner", "input": "5" })).await;
    assert_eq!(inner, json!({ "output": "5", "status": "SUCCEEDED" }));
}

#[tokio::test]
async fn failures_of_iterations_are_judged_by_what_the_map_tolerates() {
    let ask = |more: Value, failures: u64| {
        let input = json!({ "definition": map(more), "input": "{\"v\": [1, 2, 3, 4]}",
            "mock": { "result": "[1, 2, 3, 4]" }, "stateConfiguration": { "mapIterationFailureCount": failures } });
        async move {
            let answer = answer(input).await;
            (answer["status"].clone(), answer["error"].clone())
        }
    };
    let failed = (
        json!("FAILED"),
        json!("States.ExceedToleratedFailureThreshold"),
    );
    let succeeded = (json!("SUCCEEDED"), Value::Null);
    for (more, failures, expected) in [
        (json!({}), 4, &succeeded),
        (json!({ "ToleratedFailureCount": 2 }), 2, &succeeded),
        (json!({ "ToleratedFailureCount": 2 }), 3, &failed),
        (json!({ "ToleratedFailurePercentage": 50 }), 2, &succeeded),
        (json!({ "ToleratedFailurePercentage": 50 }), 3, &failed),
    ] {
        assert_eq!(
            &ask(more.clone(), failures).await,
            expected,
            "{more}, {failures}"
        );
    }
}

#[tokio::test]
async fn a_distributed_map_shows_what_its_children_would_be_given() {
    let more = json!({
        "ItemSelector": { "n.$": "$$.Map.Item.Value", "k.$": "$.k" },
        "ItemBatcher": { "MaxItemsPerBatch": 2 },
        "ToleratedFailurePercentage": 10,
    });
    let shown = answer(
        json!({ "definition": map(more), "input": "{\"v\":[1,2,3],\"k\":0}",
        "inspectionLevel": "DEBUG", "mock": { "result": "[9]" } }),
    )
    .await;
    assert_eq!(
        shown["inspectionData"],
        json!({
            "input": "{\"v\":[1,2,3],\"k\":0}", "afterInputPath": "{\"v\":[1,2,3],\"k\":0}",
            "afterItemsPath": "[1,2,3]",
            "afterItemSelector": "[{\"n\":1,\"k\":0},{\"n\":2,\"k\":0},{\"n\":3,\"k\":0}]",
            "afterItemBatcher": "[{\"Items\":[{\"n\":1,\"k\":0},{\"n\":2,\"k\":0}]},{\"Items\":[{\"n\":3,\"k\":0}]}]",
            "afterResultSelector": "[9]", "afterResultPath": "[9]", "maxConcurrency": 0, "toleratedFailurePercentage": 10.0,
        })
    );
}

#[tokio::test]
async fn data_of_a_reader_is_read_as_the_map_would() {
    let reader = |config: Value| {
        map(
            json!({ "ItemReader": { "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config,
            "Parameters": { "Bucket": "b", "Key": "k" } }, "ItemSelector": { "item.$": "$$.Map.Item.Value" } }),
        )
    };
    let ask = |config: Value, data: &str| {
        let input = json!({ "definition": reader(config), "inspectionLevel": "TRACE", "mock": { "result": "[]" },
            "stateConfiguration": { "mapItemReaderData": data } });
        answer(input)
    };
    let csv = ask(
        json!({ "InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW" }),
        "a,b\n1,2\n",
    )
    .await;
    assert_eq!(
        csv["inspectionData"]["afterItemSelector"],
        "[{\"item\":{\"a\":\"1\",\"b\":\"2\"}}]"
    );
    let json = ask(
        json!({ "InputType": "JSON", "ItemsPointer": "/x" }),
        "{\"x\": [1, 2]}",
    )
    .await;
    assert_eq!(json["inspectionData"]["afterItemsPointer"], "[1,2]");
    assert_eq!(
        json["inspectionData"]["afterItemSelector"],
        "[{\"item\":1},{\"item\":2}]"
    );
    let broken = ask(json!({ "InputType": "JSON" }), "{").await;
    assert_eq!(
        (&broken["status"], &broken["error"]),
        (&json!("FAILED"), &json!("States.ItemReaderFailed"))
    );
}

#[tokio::test]
async fn more_failures_than_iterations_are_refused() {
    let input = json!({ "definition": map(json!({})), "input": "{\"v\": [1]}",
        "mock": { "errorOutput": { "error": "E" } }, "stateConfiguration": { "mapIterationFailureCount": 2 } });
    let words =
        "Map iteration failure count must be less than or equal to the number of Map iterations";
    assert_eq!(
        refusal(input).await,
        ("ValidationException".into(), words.into())
    );
}

#[tokio::test]
async fn a_service_that_is_not_there_fails_the_task_as_in_an_execution() {
    let answer = answer(json!({ "definition": task(), "roleArn": ROLE })).await;
    assert_eq!(
        (&answer["status"], &answer["error"]),
        (&json!("FAILED"), &json!("Lambda.SdkClientException"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_waited_for_and_no_longer_than_a_test_may_run() {
    let wait =
        |seconds: u64| json!({ "definition": { "Type": "Wait", "Seconds": seconds, "End": true } });
    let began = tokio::time::Instant::now();
    assert_eq!(answer(wait(20)).await["status"], "SUCCEEDED");
    assert!(began.elapsed().as_secs() >= 19);
    let answer = answer(wait(3600)).await;
    assert_eq!(
        (&answer["status"], &answer["error"]),
        (&json!("FAILED"), &json!("States.Timeout"))
    );
    assert!(began.elapsed().as_secs() < 400);
}

#[tokio::test]
async fn the_execution_around_a_state_is_made_up_as_aws_does() {
    let state = json!({ "Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.context %}", "End": true });
    let answer =
        answer(json!({ "definition": state, "roleArn": ROLE, "input": "{\"a\":1}" })).await;
    let output: Value =
        serde_json::from_str(answer["output"].as_str().expect("a text")).expect("it is JSON");
    let machine = output["StateMachine"]["Name"].as_str().expect("a text");
    let name = output["Execution"]["Name"].as_str().expect("a text");
    let id = format!("arn:aws:states:us-east-1:000000000000:express:{machine}:{name}");
    assert_eq!(output["Execution"]["Id"], id);
    assert_eq!(
        (&output["Execution"]["RoleArn"], &output["State"]["Name"]),
        (&json!(ROLE), &json!("StateName"))
    );
}
