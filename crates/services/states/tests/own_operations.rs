//! The operations that AWS does not have, as the registry and the gateway call them.

use std::time::Duration;

use aws::{
    ApiError, Body, Call, Caller, HttpService as _, Registry, RequestId, Service as _, empty_body,
};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use runtime::{CreateStateMachine, Runtime, RuntimeConfig, StartExecution};
use serde_json::{Value, json};
use service_states::{ExecutionLogs, States, StreamDoor};
use store::Store;

const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:M";

async fn runtime(definition: &Value) -> Runtime {
    let config = RuntimeConfig::new(Store::memory(), Registry::default());
    let runtime = Runtime::start(config).expect("memory can be read");
    runtime.resume();
    let created = runtime.create_state_machine(CreateStateMachine {
        account: "000000000000".into(),
        region: "us-east-1".into(),
        name: "M".into(),
        definition: definition.to_string(),
        role_arn: "arn:aws:iam::000000000000:role/r".into(),
        ..CreateStateMachine::default()
    });
    created.await.expect("it is valid");
    runtime
}

async fn start(runtime: &Runtime, name: &str, input: &Value) -> String {
    let started = runtime.start_execution(StartExecution {
        state_machine_arn: MACHINE.into(),
        name: Some(name.into()),
        input: Some(input.to_string()),
        ..StartExecution::default()
    });
    started.await.expect("it starts").arn.to_string()
}

async fn run(runtime: &Runtime, name: &str, input: &Value) -> String {
    let arn = start(runtime, name, input).await;
    runtime.ended(&arn).await.expect("it is there");
    arn
}

async fn call(states: &States, operation: &str, input: Value) -> Result<Value, ApiError> {
    let call = Call {
        caller: Caller::root("000000000000", "us-east-1"),
        request_id: RequestId("id".into()),
        service: "states",
        operation: operation.into(),
        input: input.as_object().cloned().unwrap_or_default(),
        body: Bytes::new(),
    };
    states.call(call).await.map(|answer| answer.output.into())
}

fn states(runtime: &Runtime) -> States {
    States::new(runtime.clone(), ExecutionLogs::start(Registry::default()))
}

fn pass() -> Value {
    json!({"StartAt": "P", "States": {
        "P": {"Type": "Pass", "InputPath": "$.a", "ResultPath": "$.b", "Assign": {"v.$": "$"}, "Next": "Q"},
        "Q": {"Type": "Pass", "Parameters": {"v.$": "$v", "id.$": "States.UUID()"}, "End": true}}})
}

fn wait() -> Value {
    json!({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": true}}})
}

#[tokio::test]
async fn a_state_is_inspected_in_teststates_words() {
    let runtime = runtime(&pass()).await;
    let states = states(&runtime);
    let arn = run(&runtime, "run", &json!({"a": 1})).await;
    let answer = call(
        &states,
        "InspectState",
        json!({"executionArn": arn, "eventId": 2}),
    )
    .await;
    let mut answer = answer.expect("it was entered");
    let members = answer.as_object_mut().expect("it is an object");
    let context = members.shift_remove("context").expect("it is told");
    let context: Value = serde_json::from_str(context.as_str().unwrap_or("")).expect("JSON");
    assert_eq!(context["State"]["Name"], "P");
    for date in ["enteredDate", "exitedDate"] {
        assert!(members.shift_remove(date).is_some_and(|at| at.is_number()));
    }
    let expected = json!({
        "executionArn": arn, "eventId": 2, "stateName": "P", "stateType": "Pass", "status": "SUCCEEDED",
        "exitedEventId": 3, "input": r#"{"a":1}"#, "output": r#"{"a":1,"b":1}"#, "nextState": "Q",
        "variablesBefore": "{}", "variablesAfter": r#"{"v":1}"#,
        "inspectionData": {"input": r#"{"a":1}"#, "afterInputPath": "1", "afterParameters": "1", "afterResultSelector": "1",
            "afterResultPath": r#"{"a":1,"b":1}"#},
        "attempts": [], "notRecomputed": [],
    });
    assert_eq!(answer, expected);
    let random = call(
        &states,
        "InspectState",
        json!({"executionArn": arn, "eventId": 4}),
    )
    .await;
    let random = random.expect("it was entered");
    assert_eq!(random["variablesBefore"], r#"{"v":1}"#);
    assert_eq!(random["notRecomputed"][0]["member"], "afterParameters");
    assert_eq!(random["inspectionData"].get("afterParameters"), None);
}

#[tokio::test]
async fn what_can_not_be_inspected_is_refused_in_aws_s_words() {
    let runtime = runtime(&pass()).await;
    let states = states(&runtime);
    let arn = run(&runtime, "run", &json!({"a": 1})).await;
    let nobody = arn.replace(":run", ":nobody");
    let express = arn.replace(":execution:", ":express:") + ":id";
    for (arn, event, code, part) in [
        (&arn, 1, "ValidationException", "not one of a state"),
        (&arn, 99, "ValidationException", "no event 99"),
        (&nobody, 2, "ExecutionDoesNotExist", "nobody"),
        (&express, 2, "InvalidArn", "express"),
    ] {
        let refused = call(
            &states,
            "InspectState",
            json!({"executionArn": arn, "eventId": event}),
        );
        let refused = refused.await.expect_err("it is refused");
        assert_eq!(refused.code, code);
        assert!(refused.message.contains(part), "{}", refused.message);
    }
}

#[tokio::test]
async fn executions_are_searched_page_by_page_and_a_token_is_good_for_its_search() {
    let runtime =
        runtime(&json!({"StartAt": "F", "States": {"F": {"Type": "Fail", "ErrorPath": "$.e"}}}))
            .await;
    let states = states(&runtime);
    for number in 0..6 {
        let error = format!("Bad.{}", number % 2);
        run(&runtime, &format!("order-{number}"), &json!({"e": error})).await;
    }
    let search = json!({"stateMachineArn": MACHINE, "errorContains": "bad.1", "maxResults": 2});
    let first = call(&states, "SearchExecutions", search.clone())
        .await
        .expect("it is there");
    let names = |page: &Value| -> Vec<String> {
        let executions = page["executions"].as_array().into_iter().flatten();
        executions
            .map(|it| it["name"].as_str().unwrap_or("").to_owned())
            .collect()
    };
    assert_eq!(names(&first), ["order-5", "order-3"]);
    assert_eq!(first["executions"][0]["error"], "Bad.1");
    let mut next = search.clone();
    next["nextToken"] = first["nextToken"].clone();
    let second = call(&states, "SearchExecutions", next.clone())
        .await
        .expect("it is there");
    assert_eq!(
        (names(&second), second.get("nextToken")),
        (vec!["order-1".to_owned()], None)
    );
    next["errorContains"] = json!("bad.0");
    let refused = call(&states, "SearchExecutions", next)
        .await
        .map_err(|error| error.code);
    assert_eq!(refused, Err("InvalidToken".into()));
}

async fn stream(door: &StreamDoor, uri: &str, last: Option<u64>) -> Response<Body> {
    let mut request = Request::get(uri);
    if let Some(last) = last {
        request = request.header("Last-Event-ID", last);
    }
    let request = request.body(empty_body()).expect("a request");
    let caller = Caller::root("000000000000", "us-east-1");
    door.handle(caller, RequestId("id".into()), request).await
}

/// The next piece of a stream; none at its end.
async fn piece(stream: &mut Response<Body>) -> Option<String> {
    let frame = stream.body_mut().frame().await?.expect("it does not break");
    let data = frame.into_data().expect("it has no trailers");
    Some(String::from_utf8(data.to_vec()).expect("it is text"))
}

async fn whole(mut stream: Response<Body>) -> String {
    let mut text = String::new();
    while let Some(piece) = piece(&mut stream).await {
        text += &piece;
    }
    text
}

fn ids(text: &str) -> Vec<u64> {
    let ids = text.lines().filter_map(|line| line.strip_prefix("id: "));
    ids.map(|id| id.parse().expect("a number")).collect()
}

fn events_of(arn: &str) -> String {
    format!("/_canter/execution-events?executionArn={arn}")
}

#[tokio::test]
async fn a_stream_tells_each_event_as_the_history_does_and_then_the_end() {
    let runtime = runtime(&pass()).await;
    let door = StreamDoor::new(runtime.clone());
    let arn = run(&runtime, "run", &json!({"a": "line\nbreak"})).await;
    let answer = stream(&door, &events_of(&arn), None).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let text = whole(answer).await;
    assert_eq!(ids(&text), [1, 2, 3, 4, 5, 6]);
    assert!(
        text.ends_with("event: end\ndata: {\"status\":\"SUCCEEDED\"}\n\n"),
        "{text}"
    );
    let service = states(&runtime);
    let input = json!({"executionArn": arn});
    let history = call(&service, "GetExecutionHistory", input).await;
    let history = history.expect("it is there");
    let data: Vec<Value> = text
        .split("\n\n")
        .filter(|event| event.starts_with("id: "))
        .filter_map(|event| event.split_once("data: "))
        .map(|(_, data)| serde_json::from_str(data).expect("it is JSON"))
        .collect();
    assert_eq!(history["events"], json!(data));
    let without = whole(
        stream(
            &door,
            &(events_of(&arn) + "&includeExecutionData=false"),
            None,
        )
        .await,
    )
    .await;
    assert!(!without.contains("break"));
    // Whoever comes again goes on, by what it says itself or by what its browser says.
    let rest = whole(stream(&door, &(events_of(&arn) + "&after=4"), None).await).await;
    assert_eq!(ids(&rest), [5, 6]);
    let rest = whole(stream(&door, &(events_of(&arn) + "&after=2"), Some(5)).await).await;
    assert_eq!(ids(&rest), [6]);
    for after in [6, 600] {
        let rest = whole(stream(&door, &events_of(&arn), Some(after)).await).await;
        assert_eq!(ids(&rest), Vec::<u64>::new());
        assert!(rest.contains("event: end"));
    }
}

#[tokio::test]
async fn a_stream_goes_on_until_its_execution_ends() {
    let runtime = runtime(&wait()).await;
    let door = StreamDoor::new(runtime.clone());
    let arn = start(&runtime, "run", &json!({})).await;
    let mut stream = stream(&door, &events_of(&arn), None).await;
    let mut text = String::new();
    while ids(&text) != [1, 2] {
        text += &piece(&mut stream).await.expect("it goes on");
    }
    runtime
        .stop_execution(&arn, None, None)
        .await
        .expect("it runs");
    let rest = whole(stream).await;
    assert_eq!(ids(&rest), [3]);
    assert!(rest.contains("\"ABORTED\""));
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_says_that_it_is_there() {
    let runtime = runtime(&wait()).await;
    let door = StreamDoor::new(runtime.clone());
    let arn = start(&runtime, "run", &json!({})).await;
    let mut stream = stream(&door, &(events_of(&arn) + "&after=2"), None).await;
    let began = tokio::time::Instant::now();
    assert_eq!(piece(&mut stream).await.as_deref(), Some("retry: 1000\n\n"));
    for beat in 1..4 {
        assert_eq!(piece(&mut stream).await.as_deref(), Some(":\n\n"));
        assert_eq!(began.elapsed().as_secs(), 15 * beat);
    }
}

#[tokio::test(start_paused = true)]
async fn streams_are_bounded_and_one_that_nobody_reads_is_left() {
    let runtime = runtime(&wait()).await;
    let door = StreamDoor::new(runtime.clone());
    let arn = start(&runtime, "run", &json!({})).await;
    let mut unread = Vec::new();
    for _ in 0..128 {
        unread.push(stream(&door, &events_of(&arn), None).await);
    }
    let refused = stream(&door, &events_of(&arn), None).await;
    assert_eq!(refused.status(), 429);
    assert!(whole(refused).await.contains("ThrottlingException"));
    // A reader that goes makes place at once.
    unread.pop();
    unread.push(loop {
        let answer = stream(&door, &events_of(&arn), None).await;
        if answer.status() == 200 {
            break answer;
        }
        tokio::task::yield_now().await;
    });
    let began = tokio::time::Instant::now();
    while stream(&door, &events_of(&arn), None).await.status() != 200 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let waited = began.elapsed().as_secs();
    assert!((28..=32).contains(&waited), "{waited} s");
}

#[tokio::test]
async fn streams_end_with_the_runtime() {
    let runtime = runtime(&wait()).await;
    let door = StreamDoor::new(runtime.clone());
    let arn = start(&runtime, "run", &json!({})).await;
    let events = stream(&door, &events_of(&arn), None).await;
    let uri = format!("/_canter/state-machine-events?stateMachineArn={MACHINE}");
    let list = stream(&door, &uri, None).await;
    runtime.shutdown().await;
    assert!(!whole(events).await.contains("event: end"));
    assert_eq!(whole(list).await, "retry: 1000\n\n");
}

#[tokio::test]
async fn the_list_of_a_state_machine_rings_when_executions_begin_and_end() {
    let runtime = runtime(&pass()).await;
    let door = StreamDoor::new(runtime.clone());
    let uri = format!("/_canter/state-machine-events?stateMachineArn={MACHINE}");
    let mut list = stream(&door, &uri, None).await;
    assert_eq!(piece(&mut list).await.as_deref(), Some("retry: 1000\n\n"));
    run(&runtime, "run", &json!({"a": 1})).await;
    let rung = piece(&mut list).await;
    assert_eq!(rung.as_deref(), Some("event: changed\ndata: {}\n\n"));
}

#[tokio::test]
async fn what_is_no_stream_is_refused() {
    let runtime = runtime(&pass()).await;
    let door = StreamDoor::new(runtime.clone());
    let arn = run(&runtime, "run", &json!({"a": 1})).await;
    for (uri, status, code) in [
        (
            "/_canter/nothing".to_owned(),
            404,
            "UnknownOperationException",
        ),
        (
            "/_canter/execution-events".to_owned(),
            400,
            "ValidationException",
        ),
        (events_of("nonsense"), 400, "InvalidArn"),
        (
            events_of(&arn.replace(":run", ":nobody")),
            400,
            "ExecutionDoesNotExist",
        ),
        (events_of(&arn) + "&after=x", 400, "ValidationException"),
    ] {
        let answer = stream(&door, &uri, None).await;
        assert_eq!(answer.status().as_u16(), status, "{uri}");
        let text = whole(answer).await;
        assert!(text.contains(code), "{uri}: {text}");
    }
}
