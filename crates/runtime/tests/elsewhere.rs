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

#[tokio::test]
async fn a_service_that_is_not_reached_is_the_client_s_error() {
    let unreached = |_: &Call| Err(ApiError::on_this_side("Unable to execute HTTP request: no"));
    let runtime = runtime(vec![
        Arc::new(Fake("sqs", unreached)),
        Arc::new(Fake("dynamodb", unreached)),
    ]);
    for (resource, error) in [
        ("sqs:sendMessage", "SQS.SdkClientException"),
        ("aws-sdk:dynamodb:listTables", "DynamoDb.SdkClientException"),
    ] {
        let parameters = json!({"QueueUrl": "q", "MessageBody": "m"});
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
