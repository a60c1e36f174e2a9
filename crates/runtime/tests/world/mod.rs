//! What the tests share: a fake Lambda, a runtime over a given store, and short ways to say what is started.
#![expect(dead_code, reason = "each test file uses its part of it")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws::{Answer, ApiError, BoxFuture, Call, Registry, Service};
use bytes::Bytes;
use engine::Timestamp;
use runtime::{
    Clock, CreateStateMachine, Finished, Runtime, RuntimeConfig, RuntimeError, StartExecution,
    Started, StateMachineType, SystemClock, Waker,
};
use serde_json::{Value, json};
use store::Store;

pub(crate) const ACCOUNT: &str = "000000000000";
pub(crate) const REGION: &str = "us-east-1";

/// A clock whose time passes whenever a worker would sleep, but for the time that an execution may run at most, a year or
/// five minutes, and the minute between two looks at what ended long ago.
#[derive(Default)]
pub(crate) struct Hurried(AtomicI64);

impl Clock for Hurried {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
    fn entropy(&self) -> [u8; 16] {
        SystemClock.entropy()
    }
    fn sleep(&self, until: Timestamp) -> Option<Duration> {
        if until.0 - self.now().0 >= 60_000 {
            return None;
        }
        self.0.fetch_max(until.0, Ordering::SeqCst);
        Some(Duration::ZERO)
    }
    fn on_change(&self, _waker: Waker) {}
}

/// What a fake function does with its event.
pub(crate) type Function = Arc<dyn Fn(Value) -> Returned + Send + Sync>;

pub(crate) enum Returned {
    Value(Value),
    /// `errorType`
    Error(&'static str),
    Refused(ApiError),
    /// The function never returns.
    Nothing,
    /// What is left to do before the function returns null.
    Later(BoxFuture<'static, ()>),
    Panic,
}

/// A Lambda whose functions are closures, and which notes each invocation.
#[derive(Clone, Default)]
pub(crate) struct Lambda {
    functions: Arc<Mutex<HashMap<String, Function>>>,
    pub(crate) calls: Arc<Mutex<Vec<(String, Value)>>>,
    pub(crate) states: States,
}

impl Lambda {
    pub(crate) fn with(
        self,
        name: &str,
        function: impl Fn(Value) -> Returned + Send + Sync + 'static,
    ) -> Self {
        self.functions
            .lock()
            .expect("no test panics here")
            .insert(name.to_owned(), Arc::new(function));
        self
    }

    pub(crate) fn called(&self) -> Vec<(String, Value)> {
        self.calls.lock().expect("no test panics here").clone()
    }
}

impl Service for Lambda {
    fn id(&self) -> &'static str {
        "lambda"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        let name = call.input["FunctionName"].as_str().unwrap_or_default();
        let name = name.rsplit(':').next().unwrap_or_default().to_owned();
        let event: Value = serde_json::from_slice(&call.body).unwrap_or(Value::Null);
        self.calls
            .lock()
            .expect("no test panics here")
            .push((name.clone(), event.clone()));
        let function = self
            .functions
            .lock()
            .expect("no test panics here")
            .get(&name)
            .cloned();
        Box::pin(async move {
            let Some(function) = function else {
                let text = format!(
                    "Function not found: arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}:$LATEST"
                );
                return Err(ApiError::new("ResourceNotFoundException", text).with_status(404));
            };
            match function(event) {
                Returned::Value(value) => Ok(Answer {
                    body: Bytes::from(value.to_string()),
                    ..Answer::json(json!({ "StatusCode": 200, "ExecutedVersion": "$LATEST" }))
                }),
                Returned::Error(name) => Ok(Answer {
                    body: Bytes::from(
                        json!({ "errorMessage": "it failed", "errorType": name }).to_string(),
                    ),
                    ..Answer::json(json!({ "StatusCode": 200, "FunctionError": "Unhandled" }))
                }),
                Returned::Refused(error) => Err(error),
                Returned::Nothing => std::future::pending().await,
                Returned::Later(work) => {
                    work.await;
                    Ok(Answer {
                        body: Bytes::from_static(b"null"),
                        ..Answer::json(json!({ "StatusCode": 200 }))
                    })
                }
                Returned::Panic => panic!("the function's author erred"),
            }
        })
    }
}

/// Step Functions as tasks find it: starts nested executions, and runs EXPRESS ones.
#[derive(Clone)]
pub(crate) struct States(tokio::sync::watch::Sender<Option<Runtime>>);

impl Default for States {
    fn default() -> Self {
        Self(tokio::sync::watch::Sender::new(None))
    }
}

impl States {
    /// Calls wait until this has been said.
    pub(crate) fn serve(&self, runtime: &Runtime) {
        self.0.send_replace(Some(runtime.clone()));
    }

    /// Lets go of the runtime, which else holds itself.
    pub(crate) fn leave(&self) {
        self.0.send_replace(None);
    }
}

impl Service for States {
    fn id(&self) -> &'static str {
        "states"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move {
            let text = |name: &str| {
                let value = call.input.get(name);
                value.and_then(Value::as_str).map(str::to_owned)
            };
            let request = StartExecution {
                state_machine_arn: text("stateMachineArn").unwrap_or_default(),
                name: text("name"),
                input: text("input"),
                ..StartExecution::default()
            };
            let mut served = self.0.subscribe();
            let runtime = served
                .wait_for(Option::is_some)
                .await
                .ok()
                .and_then(|runtime| runtime.clone())
                .expect("the sender is this service's own");
            if call.operation == "StartSyncExecution" {
                let ended = runtime.start_sync_execution(request).await;
                let ended = ended.map_err(|error| ApiError::new("Refused", error.to_string()))?;
                return Ok(Answer::json(
                    json!({ "output": outcome(&ended).to_string() }),
                ));
            }
            let started = runtime
                .start_execution(request)
                .await
                .map_err(|error| ApiError::new("ExecutionAlreadyExists", error.to_string()))?;
            let date = started.start.0 as f64 / 1000.0;
            Ok(Answer::json(
                json!({ "executionArn": &*started.arn, "startDate": date }),
            ))
        })
    }
}

/// A runtime over a store, with that Lambda, small and with two workers.
pub(crate) fn runtime(store: &Store, lambda: &Lambda) -> Runtime {
    runtime_with(store, lambda, |_| {})
}

pub(crate) fn runtime_with(
    store: &Store,
    lambda: &Lambda,
    change: impl FnOnce(&mut RuntimeConfig),
) -> Runtime {
    let registry = Registry::default();
    registry.fill(vec![
        Arc::new(lambda.clone()),
        Arc::new(lambda.states.clone()),
    ]);
    let mut config = RuntimeConfig::new(store.clone(), registry);
    config.workers = 2;
    change(&mut config);
    let runtime = Runtime::start(config).expect("the store can be read");
    runtime.resume();
    runtime
}

pub(crate) fn machine_arn(name: &str) -> String {
    format!("arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}")
}

pub(crate) fn execution_arn(machine: &str, name: &str) -> String {
    format!("arn:aws:states:{REGION}:{ACCOUNT}:execution:{machine}:{name}")
}

pub(crate) fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

pub(crate) fn new_machine(name: &str, definition: &Value) -> CreateStateMachine {
    CreateStateMachine {
        account: ACCOUNT.into(),
        region: REGION.into(),
        name: name.into(),
        definition: definition.to_string(),
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/role"),
        ..CreateStateMachine::default()
    }
}

pub(crate) async fn create(runtime: &Runtime, name: &str, definition: &Value) {
    runtime
        .create_state_machine(new_machine(name, definition))
        .await
        .expect("the definition is valid");
}

pub(crate) async fn create_express(runtime: &Runtime, name: &str, definition: &Value) {
    let new = CreateStateMachine {
        kind: StateMachineType::Express,
        ..new_machine(name, definition)
    };
    runtime
        .create_state_machine(new)
        .await
        .expect("the definition is valid");
}

pub(crate) fn request(machine: &str, name: &str, input: &Value) -> StartExecution {
    StartExecution {
        state_machine_arn: machine_arn(machine),
        name: Some(name.to_owned()),
        input: Some(input.to_string()),
        ..StartExecution::default()
    }
}

pub(crate) async fn start(
    runtime: &Runtime,
    machine: &str,
    name: &str,
    input: &Value,
) -> Result<Started, RuntimeError> {
    runtime.start_execution(request(machine, name, input)).await
}

/// Starts an execution and waits for its end.
pub(crate) async fn run(
    runtime: &Runtime,
    machine: &str,
    name: &str,
    input: &Value,
) -> Arc<Finished> {
    let started = start(runtime, machine, name, input)
        .await
        .expect("the execution starts");
    runtime
        .ended(&started.arn)
        .await
        .expect("the execution ends")
}

/// The output, or error and cause, as JSON.
pub(crate) fn outcome(finished: &Finished) -> Value {
    match &finished.outcome {
        engine::Outcome::Succeeded { output } => {
            serde_json::from_str(output.text()).expect("outputs are JSON")
        }
        engine::Outcome::Failed { error, cause } => {
            json!({ "Failed": { "Error": error, "Cause": cause } })
        }
        engine::Outcome::TimedOut { error, cause } => {
            json!({ "TimedOut": { "Error": error, "Cause": cause } })
        }
        engine::Outcome::Aborted { error, cause } => {
            json!({ "Aborted": { "Error": error, "Cause": cause } })
        }
    }
}

/// The names of a history's events.
pub(crate) fn event_names(runtime: &Runtime, arn: &str) -> Vec<String> {
    let page = runtime
        .history(arn, None, false, 10_000)
        .expect("the execution is there");
    page.events
        .iter()
        .map(|event| {
            let text = format!("{:?}", event.event);
            text.split([' ', '{', '('])
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .collect()
}

pub(crate) fn pass() -> Value {
    json!({ "StartAt": "P", "States": { "P": { "Type": "Pass", "End": true } } })
}

pub(crate) fn wait(seconds: u64) -> Value {
    json!({ "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": seconds, "End": true } } })
}

pub(crate) fn task(function: &str) -> Value {
    json!({ "StartAt": "T", "States": { "T": { "Type": "Task", "Resource": function_arn(function), "End": true } } })
}

/// Looks until it is so: others work on other threads.
pub(crate) async fn until(so: impl Fn() -> bool) {
    let look = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), look)
        .await
        .expect("it comes to be so");
}
