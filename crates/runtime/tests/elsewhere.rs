//! Tasks whose service is elsewhere, or answers by the task's own errors.

mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws::{Answer, ApiError, BoxFuture, Call, Registry, Service};
use runtime::Runtime;
use serde_json::{Value, json};
use store::Store;
use world::{Lambda, create, outcome, run, runtime_with};

/// A service that answers by a function.
struct Fake(&'static str, fn(&Call) -> Result<Answer, ApiError>);

impl Service for Fake {
    fn id(&self) -> &'static str {
        self.0
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        let answer = self.1(&call);
        Box::pin(async move { answer })
    }
}

fn runtime(services: Vec<Arc<dyn Service>>) -> Runtime {
    runtime_with(&Store::memory(), &Lambda::default(), |config| {
        config.registry = Registry::default();
        config.registry.fill(services);
    })
}

static MACHINES: AtomicUsize = AtomicUsize::new(0);

async fn of_task(runtime: &Runtime, resource: &str, parameters: Value) -> Value {
    let definition = json!({ "StartAt": "T", "States": { "T": {
        "Type": "Task", "Resource": format!("arn:aws:states:::{resource}"), "Parameters": parameters, "End": true,
    } } });
    let name = format!("m{}", MACHINES.fetch_add(1, Ordering::Relaxed));
    create(runtime, &name, &definition).await;
    outcome(&*run(runtime, &name, "run", &json!({})).await)
}

#[tokio::test]
async fn an_http_task_s_answer_and_errors_are_the_task_s() {
    let http = Fake("http", |call| {
        assert_eq!(call.operation, "Invoke");
        match call.input["Method"].as_str() {
            Some("GET") => Ok(Answer::json(json!({
                "Headers": {"x-a": ["1"]}, "ResponseBody": {"b": 2}, "StatusCode": 200, "StatusText": "OK",
            }))),
            _ => Err(ApiError::new("States.Http.StatusCode.404", "not here")),
        }
    });
    let runtime = runtime(vec![Arc::new(http)]);
    let answer = of_task(&runtime, "http:invoke", json!({"Method": "GET"})).await;
    assert_eq!(
        answer,
        json!({"Headers": {"x-a": ["1"]}, "ResponseBody": {"b": 2}, "StatusCode": 200, "StatusText": "OK"})
    );
    let failed = of_task(&runtime, "http:invoke", json!({"Method": "POST"})).await;
    assert_eq!(
        failed["Failed"],
        json!({"Error": "States.Http.StatusCode.404", "Cause": "not here"})
    );
    runtime.shutdown().await;
}

/// Recorded: events, test_put_events_base.
#[tokio::test]
async fn events_name_the_execution_that_sent_them() {
    let events = Fake("events", |call| {
        let resources = call.input["Entries"][0]["Resources"].to_string();
        Ok(Answer::json(
            json!({"FailedEntryCount": 0, "Entries": [{"EventId": resources}]}),
        ))
    });
    let runtime = runtime(vec![Arc::new(events)]);
    let entries =
        json!({"Entries": [{"Source": "s", "Detail": {}, "DetailType": "t", "Resources": ["r"]}]});
    let answer = of_task(&runtime, "events:putEvents", entries).await;
    let resources = answer["Entries"][0]["EventId"].as_str().unwrap_or_default();
    let resources: Vec<&str> = serde_json::from_str(resources).expect("a list");
    let (machine, execution) = match resources.as_slice() {
        ["r", machine, execution] => (machine, execution),
        others => panic!("{others:?}"),
    };
    let name = machine.rsplit(':').next().unwrap_or_default();
    assert!(machine.contains(":stateMachine:"), "{machine}");
    assert!(
        execution.ends_with(&format!(":execution:{name}:run")),
        "{execution}"
    );
    runtime.shutdown().await;
}

#[tokio::test]
async fn a_service_that_is_not_reached_is_the_client_s_error() {
    let unreached = |_: &Call| Err(ApiError::on_this_side("Unable to execute HTTP request: no"));
    let runtime = runtime(vec![
        Arc::new(Fake("sqs", unreached)),
        Arc::new(Fake("dynamodb", unreached)),
    ]);
    let message = json!({"QueueUrl": "q", "MessageBody": "m"});
    for (resource, parameters, error) in [
        ("sqs:sendMessage", message, "SQS.SdkClientException"),
        (
            "aws-sdk:dynamodb:listTables",
            json!({}),
            "DynamoDb.SdkClientException",
        ),
    ] {
        let failed = of_task(&runtime, resource, parameters).await;
        assert_eq!(
            failed["Failed"],
            json!({"Error": error, "Cause": "Unable to execute HTTP request: no"})
        );
    }
    runtime.shutdown().await;
}

#[tokio::test]
async fn a_service_that_is_nowhere_is_told_with_the_setting_that_says_where() {
    let runtime = runtime(Vec::new());
    let failed = of_task(&runtime, "aws-sdk:polly:describeVoices", json!({})).await;
    assert_eq!(failed["Failed"]["Error"], "Polly.SdkClientException");
    let cause = failed["Failed"]["Cause"].as_str().expect("a text");
    assert!(
        cause.contains("`endpoints.polly` (CANTER_ENDPOINT_POLLY)"),
        "{cause}"
    );
    runtime.shutdown().await;
}
