//! From PutEvents to the targets, through failures and restarts.

use std::time::Duration;

use aws::{ApiError, Caller};
use serde_json::{Value, json};
use store::{Disk, Fault, Store};

use crate::world::{ACCOUNT, DEAD, FUNCTION, MACHINE, MINUTE, QUEUE, ROLE, World};

fn unavailable() -> ApiError {
    ApiError::new("ServiceUnavailable", "later").with_status(503)
}

fn message(input: &Value) -> Value {
    let text = input["MessageBody"].as_str().expect("a message");
    serde_json::from_str(text).expect("JSON")
}

#[tokio::test]
async fn a_matching_event_starts_an_execution_under_a_name_of_its_own() {
    let mut world = World::new();
    world
        .rule(json!([{"Id": "1", "Arn": MACHINE, "RoleArn": ROLE}]))
        .await;
    let id = world.put(json!({"a": 1})).await;
    let call = world.asked().await;
    assert_eq!(
        (call.service, call.operation.as_str()),
        ("states", "StartExecution")
    );
    assert_eq!(&*call.caller.arn, ROLE);
    assert_eq!(call.input["stateMachineArn"], MACHINE);
    let name = call.input["name"].as_str().expect("a name");
    assert!(
        name.starts_with(&format!("{id}_")) && name.len() == 73,
        "{name}"
    );
    let input: Value =
        serde_json::from_str(call.input["input"].as_str().expect("text")).expect("JSON");
    assert_eq!(
        input,
        json!({
            "version": "0", "id": id, "detail-type": "t", "source": "s", "account": ACCOUNT,
            "time": "2026-11-22T17:00:00Z", "region": "us-east-1", "resources": [], "detail": {"a": 1},
        })
    );
    let members: Vec<&str> = input
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        members,
        [
            "version",
            "id",
            "detail-type",
            "source",
            "account",
            "time",
            "region",
            "resources",
            "detail"
        ]
    );
    world.until_delivered().await;
}

#[tokio::test]
async fn each_kind_of_target_is_asked_in_its_own_way() {
    let mut world = World::new();
    let topic = "arn:aws:sns:us-east-1:000000000000:t";
    let group = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/g:*";
    world
        .rule(json!([
            {"Id": "1", "Arn": FUNCTION, "Input": "{\"x\": 1}"},
            {"Id": "2", "Arn": QUEUE, "InputPath": "$.detail"},
            {"Id": "3", "Arn": topic, "InputTransformer": {"InputPathsMap": {"a": "$.detail.a"}, "InputTemplate": "\"a is <a>\""}},
            {"Id": "4", "Arn": group},
            {"Id": "5", "Arn": format!("{QUEUE}.fifo"), "Input": "1", "SqsParameters": {"MessageGroupId": "g"}},
        ]))
        .await;
    world.put(json!({"a": 1})).await;
    let mut calls = Vec::new();
    for _ in 0..5 {
        calls.push(world.asked().await);
    }
    calls.sort_by_key(|call| (call.service, call.input.len()));
    let [function, group, topic_call, queue, fifo] = calls.as_slice() else {
        panic!("there are five");
    };
    assert_eq!(
        Value::Object(function.input.clone()),
        json!({"FunctionName": FUNCTION, "InvocationType": "Event"})
    );
    assert_eq!(&function.body[..], b"{\"x\": 1}");
    let url = "https://sqs.us-east-1.amazonaws.com/000000000000/q";
    assert_eq!(
        Value::Object(queue.input.clone()),
        json!({"QueueUrl": url, "MessageBody": "{\"a\":1}"})
    );
    assert_eq!(fifo.input["QueueUrl"], format!("{url}.fifo"));
    assert_eq!(fifo.input["MessageGroupId"], "g");
    assert_eq!(
        Value::Object(topic_call.input.clone()),
        json!({"TopicArn": topic, "Message": "\"a is 1\""})
    );
    assert_eq!(group.operation, "PutLogEvents");
    assert_eq!(group.input["logGroupName"], "/aws/events/g");
    let event = &group.input["logEvents"][0];
    assert_eq!(event["timestamp"], 1_795_366_800_000_i64);
    assert!(
        event["message"]
            .as_str()
            .is_some_and(|text| text.contains("\"detail\":{\"a\":1}"))
    );
    world.until_delivered().await;
}

#[tokio::test]
async fn a_log_stream_is_made_when_it_is_not_there() {
    let mut world = World::new();
    let group = "arn:aws:logs:us-east-1:000000000000:log-group:g";
    world.rule(json!([{"Id": "1", "Arn": group}])).await;
    let absent = ApiError::new(
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    );
    world.fail("logs:PutLogEvents", absent);
    world.put(json!({})).await;
    let mut operations = Vec::new();
    for _ in 0..3 {
        operations.push(world.asked().await.operation);
    }
    assert_eq!(
        operations,
        ["PutLogEvents", "CreateLogStream", "PutLogEvents"]
    );
    world.until_delivered().await;
}

#[tokio::test]
async fn what_matches_no_rule_or_a_disabled_one_goes_nowhere() {
    let mut world = World::new();
    world.rule(json!([{"Id": "1", "Arn": QUEUE}])).await;
    let other = json!({"Source": "other", "DetailType": "t", "Detail": "{}"});
    let answer = world.done("PutEvents", json!({"Entries": [other]})).await;
    assert_eq!(answer["FailedEntryCount"], 0);
    assert!(world.deliveries().is_empty());
    world.done("DisableRule", json!({"Name": "r"})).await;
    world.put(json!({})).await;
    assert!(world.deliveries().is_empty());
    world.done("EnableRule", json!({"Name": "r"})).await;
    world.put(json!({})).await;
    assert_eq!(world.asked_for().await.0, "sqs:SendMessage");
    world.until_delivered().await;
    world.events.shutdown(MINUTE).await;
    assert_eq!(world.asked_by_now(), 0);
}

#[tokio::test]
async fn an_entry_that_is_wrong_fails_alone_in_aws_s_words() {
    let world = World::new();
    let entries = json!([
        {"Source": "s", "DetailType": "t", "Detail": "{}"},
        {"DetailType": "t", "Detail": "{}"},
        {"Source": "s", "Detail": "{}"},
        {"Source": "s", "DetailType": "t"},
        {"Source": "s", "DetailType": "t", "Detail": "no"},
        {"Source": "s", "DetailType": "t", "Detail": "[]"},
        {"Source": "aws.s3", "DetailType": "t", "Detail": "{}"},
        {"Source": "s", "DetailType": "t", "Detail": "{}", "EventBusName": "nowhere"},
    ]);
    let answer = world.done("PutEvents", json!({"Entries": entries})).await;
    assert_eq!(answer["FailedEntryCount"], 6);
    let results = answer["Entries"].as_array().expect("a list");
    for taken in [0, 7] {
        assert!(results[taken]["EventId"].is_string(), "{}", results[taken]);
    }
    let required = |name: &str| {
        json!({"ErrorCode": "InvalidArgument",
        "ErrorMessage": format!("Parameter {name} is not valid. Reason: {name} is a required argument.")})
    };
    let malformed = json!({"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."});
    assert_eq!(
        results[1..7],
        [
            required("Source"),
            required("DetailType"),
            required("Detail"),
            malformed.clone(),
            malformed,
            json!({"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}),
        ]
    );
}

#[tokio::test]
async fn only_services_of_this_process_speak_for_aws() {
    let world = World::new();
    let entry = json!({"Entries": [{"Source": "aws.s3", "DetailType": "t", "Detail": "{}"}]});
    let put = async |caller: Caller| {
        let answer = world.ask_as(caller, "PutEvents", entry.clone()).await;
        answer.expect("it is answered")["FailedEntryCount"].clone()
    };
    let service = Caller::root(ACCOUNT, "us-east-1");
    assert_eq!(put(service.clone()).await, 0);
    let task = Caller {
        arn: ROLE.into(),
        ..service
    };
    assert_eq!(put(task).await, 1);
}

#[tokio::test]
async fn a_request_that_is_too_large_is_refused() {
    let world = World::new();
    let detail = json!({"a": "x".repeat(256 * 1024 - 9)}).to_string();
    let entry =
        |detail: &str| json!({"Entries": [{"Source": "s", "DetailType": "t", "Detail": detail}]});
    let refused = world.refused("PutEvents", entry(&detail)).await;
    assert_eq!(
        refused,
        "ValidationException: Total size of the entries in the request is over the limit."
    );
    let answer = world
        .done("PutEvents", entry(&detail.replace("xx\"}", "\"}")))
        .await;
    assert_eq!(answer["FailedEntryCount"], 0);
}

#[tokio::test]
async fn an_event_as_deep_as_it_may_be_is_delivered() {
    let mut world = World::new();
    world.rule(json!([{"Id": "1", "Arn": QUEUE}])).await;
    let detail = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    let entries = [100, 101, 1000]
        .map(|levels| json!({"Source": "s", "DetailType": "t", "Detail": detail(levels)}));
    let answer = world.done("PutEvents", json!({"Entries": entries})).await;
    assert_eq!(answer["FailedEntryCount"], 2);
    assert_eq!(
        message(&world.asked_for().await.1)["id"],
        answer["Entries"][0]["EventId"]
    );
    world.until_delivered().await;
}

#[tokio::test]
async fn the_time_and_resources_of_an_entry_are_kept() {
    let mut world = World::new();
    world.rule(json!([{"Id": "1", "Arn": QUEUE}])).await;
    let entry = json!({"Source": "s", "DetailType": "t", "Detail": "{ \"a\" : 1e2 }", "Time": 1_795_366_700.9, "Resources": ["arn:x"]});
    world.done("PutEvents", json!({"Entries": [entry]})).await;
    let event = message(&world.asked_for().await.1);
    assert_eq!(event["time"], "2026-11-22T16:58:20Z");
    assert_eq!(event["resources"], json!(["arn:x"]));
    assert_eq!(event["detail"], json!({"a": 100.0}));
}

#[tokio::test]
async fn what_is_accepted_is_delivered_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("it opens");
    let asleep = World::asleep(
        store,
        service_events::ManualClock::at(crate::world::at("2026-11-22T17:00:00Z")),
    );
    asleep
        .rule(json!([{"Id": "1", "Arn": QUEUE}, {"Id": "2", "Arn": FUNCTION}]))
        .await;
    let first = asleep.put(json!({"n": 1})).await;
    let second = asleep.put(json!({"n": 2})).await;
    drop(asleep);
    let mut world = World::over(Store::open(folder.path()).expect("it opens again"));
    let mut ids = Vec::new();
    for _ in 0..4 {
        let call = world.asked().await;
        if call.service == "sqs" {
            ids.push(message(&Value::Object(call.input))["id"].clone());
        }
    }
    ids.sort_by_key(|id| *id != first);
    assert_eq!(ids, [first, second]);
    world.until_delivered().await;
}

#[tokio::test]
async fn an_event_whose_commit_failed_is_not_acknowledged_nor_delivered() {
    let disk = Disk::default();
    let mut world = World::over(disk.open(|lsn| if lsn.0 < 3 { Fault::None } else { Fault::Lost }));
    world.rule(json!([{"Id": "1", "Arn": QUEUE}])).await;
    let entry = json!({"Source": "s", "DetailType": "t", "Detail": "{}"});
    let refused = world.ask("PutEvents", json!({"Entries": [entry]})).await;
    assert_eq!(refused.expect_err("it is not durable").status, 500);
    world.events.shutdown(MINUTE).await;
    assert_eq!(world.asked_by_now(), 0);
}

#[tokio::test]
async fn a_target_that_is_down_gets_the_event_once_it_is_up() {
    let mut world = World::new();
    world
        .rule(json!([{"Id": "1", "Arn": QUEUE, "DeadLetterConfig": {"Arn": DEAD}}]))
        .await;
    world.fail("sqs:SendMessage", unavailable());
    let id = world.put(json!({})).await;
    for retries in 1..=3 {
        world.asked().await;
        world.until(|rows| rows[0]["retries"] == retries).await;
        // A pause doubles with each failure, from a second on.
        world.clock.advance(Duration::from_secs(1 << (retries - 1)));
    }
    world.asked().await;
    world.until(|rows| rows[0]["retries"] == 4).await;
    world.mend("sqs:SendMessage");
    // What waits goes on after a restart, and its pause does not begin again.
    let mut world = world.restarted().await;
    world.clock.advance(Duration::from_secs(8));
    let (operation, input) = world.asked_for().await;
    assert_eq!(
        (operation.as_str(), &message(&input)["id"]),
        ("sqs:SendMessage", &json!(id))
    );
    assert!(
        input["QueueUrl"]
            .as_str()
            .is_some_and(|url| url.ends_with("/q"))
    );
    world.until_delivered().await;
}

#[tokio::test]
async fn after_its_last_retry_an_event_goes_to_the_dead_letter_queue() {
    let mut world = World::new();
    let policy = json!({"MaximumRetryAttempts": 2});
    let dead = json!({"Arn": DEAD});
    world.rule(json!([{"Id": "1", "Arn": FUNCTION, "Input": "1", "RetryPolicy": policy, "DeadLetterConfig": dead}])).await;
    world.fail(
        "lambda:Invoke",
        ApiError::new("TooManyRequestsException", "Rate Exceeded.").with_status(429),
    );
    let id = world.put(json!({})).await;
    for retries in 1..=2 {
        assert_eq!(world.asked().await.service, "lambda");
        world.until(|rows| rows[0]["retries"] == retries).await;
        world.clock.advance(Duration::from_secs(2));
    }
    assert_eq!(world.asked().await.service, "lambda");
    let (operation, input) = world.asked_for().await;
    assert_eq!(operation, "sqs:SendMessage");
    assert!(
        input["QueueUrl"]
            .as_str()
            .is_some_and(|url| url.ends_with("/000000000000/dead"))
    );
    assert_eq!(
        message(&input)["id"],
        id,
        "the event itself, whatever the target would have got"
    );
    let attributes = input["MessageAttributes"].as_object().expect("attributes");
    let values: Vec<(&str, &str)> = attributes
        .iter()
        .map(|(name, value)| (name.as_str(), value["StringValue"].as_str().expect("text")))
        .collect();
    assert_eq!(
        values,
        [
            ("RULE_ARN", "arn:aws:events:us-east-1:000000000000:rule/r"),
            ("TARGET_ARN", FUNCTION),
            ("ERROR_CODE", "THROTTLING"),
            ("ERROR_MESSAGE", "TooManyRequestsException: Rate Exceeded."),
            ("EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts"),
            ("RETRY_ATTEMPTS", "2"),
        ]
    );
    world.until_delivered().await;
}

#[tokio::test]
async fn an_event_that_would_be_too_old_is_given_up() {
    let mut world = World::new();
    let target = json!({"Id": "1", "Arn": FUNCTION, "RetryPolicy": {"MaximumEventAgeInSeconds": 60}, "DeadLetterConfig": {"Arn": DEAD}});
    world.rule(json!([target])).await;
    world.fail("lambda:Invoke", unavailable());
    world.put(json!({})).await;
    world.asked().await;
    world.until(|rows| rows[0]["retries"] == 1).await;
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(world.asked().await.service, "lambda");
    let (_, input) = world.asked_for().await;
    let condition = &input["MessageAttributes"]["EXHAUSTED_RETRY_CONDITION"]["StringValue"];
    assert_eq!(condition, "MaximumEventAgeInSeconds");
    world.until_delivered().await;
}

#[tokio::test]
async fn what_no_retry_would_mend_goes_to_the_dead_letter_queue_at_once() {
    let mut world = World::new();
    let stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    let dead = json!({"Arn": DEAD});
    world
        .rule(json!([
            {"Id": "1", "Arn": MACHINE, "RoleArn": ROLE, "DeadLetterConfig": dead},
            {"Id": "2", "Arn": stream, "DeadLetterConfig": dead},
        ]))
        .await;
    world.fail(
        "states:StartExecution",
        ApiError::new(
            "StateMachineDoesNotExist",
            "State Machine Does Not Exist: 'm'",
        ),
    );
    world.put(json!({})).await;
    let mut codes = Vec::new();
    while codes.len() < 2 {
        let (operation, input) = world.asked_for().await;
        if operation == "sqs:SendMessage" {
            let attributes = &input["MessageAttributes"];
            assert_eq!(attributes.get("RETRY_ATTEMPTS"), None);
            codes.push((
                attributes["TARGET_ARN"]["StringValue"].clone(),
                attributes["ERROR_CODE"]["StringValue"].clone(),
            ));
        }
    }
    codes.sort_by_key(|(target, _)| target.to_string());
    assert_eq!(
        codes,
        [
            (json!(stream), json!("SDK_CLIENT_ERROR")),
            (json!(MACHINE), json!("NO_RESOURCE"))
        ]
    );
    world.until_delivered().await;
}

#[tokio::test]
async fn a_dead_letter_queue_that_is_down_is_asked_again() {
    let mut world = World::new();
    let target = json!({"Id": "1", "Arn": FUNCTION, "RetryPolicy": {"MaximumRetryAttempts": 0}, "DeadLetterConfig": {"Arn": DEAD}});
    world.rule(json!([target])).await;
    world.fail("lambda:Invoke", unavailable());
    world.fail("sqs:SendMessage", unavailable());
    world.put(json!({})).await;
    assert_eq!(world.asked().await.service, "lambda");
    assert_eq!(world.asked().await.service, "sqs");
    world.until(|rows| rows[0]["refusals"] == 1).await;
    world.mend("sqs:SendMessage");
    let mut world = world.restarted().await;
    world.clock.advance(Duration::from_secs(1));
    let (operation, input) = world.asked_for().await;
    assert_eq!(operation, "sqs:SendMessage");
    assert_eq!(
        input["MessageAttributes"]["ERROR_CODE"]["StringValue"],
        "ERROR_FROM_TARGET"
    );
    world.until_delivered().await;
}

#[tokio::test]
async fn without_a_dead_letter_queue_what_failed_for_good_is_dropped() {
    let mut world = World::new();
    world.rule(json!([{"Id": "1", "Arn": FUNCTION}])).await;
    world.fail(
        "lambda:Invoke",
        ApiError::new("ResourceNotFoundException", "gone").with_status(404),
    );
    world.put(json!({})).await;
    assert_eq!(world.asked().await.service, "lambda");
    world.until_delivered().await;
}

#[tokio::test]
async fn a_second_try_that_finds_its_execution_has_delivered() {
    let mut world = World::new();
    world.rule(json!([{"Id": "1", "Arn": MACHINE, "RoleArn": ROLE, "DeadLetterConfig": {"Arn": DEAD}}])).await;
    world.fail("states:StartExecution", unavailable());
    world.put(json!({})).await;
    let first = world.asked().await;
    world.until(|rows| rows[0]["retries"] == 1).await;
    world.fail(
        "states:StartExecution",
        ApiError::new("ExecutionAlreadyExists", "Execution Already Exists"),
    );
    world.clock.advance(Duration::from_secs(1));
    let second = world.asked().await;
    assert_eq!(first.input, second.input);
    world.until_delivered().await;
    world.events.shutdown(MINUTE).await;
    assert_eq!(world.asked_by_now(), 0);
}

async fn bus(world: &World, name: &str, target: &str) {
    world.done("CreateEventBus", json!({"Name": name})).await;
    let pattern = json!({"source": ["s"]}).to_string();
    world
        .done(
            "PutRule",
            json!({"Name": "r", "EventBusName": name, "EventPattern": pattern}),
        )
        .await;
    let targets = json!([{"Id": "1", "Arn": target, "DeadLetterConfig": {"Arn": DEAD}}]);
    world
        .done(
            "PutTargets",
            json!({"Rule": "r", "EventBusName": name, "Targets": targets}),
        )
        .await;
}

#[tokio::test]
async fn an_event_goes_on_from_bus_to_bus_as_it_was() {
    let mut world = World::new();
    let other = "arn:aws:events:us-east-1:000000000000:event-bus/other";
    bus(&world, "other", QUEUE).await;
    world.rule(json!([{"Id": "1", "Arn": other}])).await;
    let id = world.put(json!({"a": 1})).await;
    let event = message(&world.asked_for().await.1);
    assert_eq!(
        (&event["id"], &event["detail"]["a"]),
        (&json!(id), &json!(1))
    );
    world.until_delivered().await;
}

#[tokio::test]
async fn an_event_does_not_go_around_for_ever() {
    let mut world = World::new();
    bus(
        &world,
        "a",
        "arn:aws:events:us-east-1:000000000000:event-bus/b",
    )
    .await;
    bus(
        &world,
        "b",
        "arn:aws:events:us-east-1:000000000000:event-bus/a",
    )
    .await;
    let entry = json!({"Source": "s", "DetailType": "t", "Detail": "{}", "EventBusName": "a"});
    world.done("PutEvents", json!({"Entries": [entry]})).await;
    let (_, input) = world.asked_for().await;
    let why = &input["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"];
    assert_eq!(why, "the event has come through 8 event buses");
    world.until_delivered().await;
}

#[tokio::test]
async fn a_bus_that_is_gone_takes_nothing() {
    let mut world = World::new();
    let gone = "arn:aws:events:us-east-1:000000000000:event-bus/gone";
    world
        .rule(json!([{"Id": "1", "Arn": gone, "DeadLetterConfig": {"Arn": DEAD}}]))
        .await;
    world.put(json!({})).await;
    let (_, input) = world.asked_for().await;
    assert_eq!(
        input["MessageAttributes"]["ERROR_CODE"]["StringValue"],
        "NO_RESOURCE"
    );
    world.until_delivered().await;
}

#[tokio::test]
async fn an_event_that_several_rules_send_to_a_bus_goes_there_once() {
    let mut world = World::new();
    let other = "arn:aws:events:us-east-1:000000000000:event-bus/other";
    bus(&world, "other", QUEUE).await;
    let to_bus = json!({"Id": "1", "Arn": other});
    let to_function = json!({"Id": "2", "Arn": FUNCTION});
    world.rule(json!([to_bus, to_function])).await;
    let second = json!({"Name": "second", "EventPattern": json!({"source": ["s"]}).to_string()});
    world.done("PutRule", second).await;
    let targets = json!({"Rule": "second", "Targets": [to_bus, to_function]});
    world.done("PutTargets", targets).await;
    world.put(json!({})).await;
    world.until_delivered().await;
    let mut asked: Vec<String> = Vec::new();
    for _ in 0..3 {
        asked.push(world.asked_for().await.0);
    }
    asked.sort();
    assert_eq!(asked, ["lambda:Invoke", "lambda:Invoke", "sqs:SendMessage"]);
    assert_eq!(world.asked_by_now(), 0);
}

/// An API destination by name; its connection's ARN, and its own.
async fn destination(world: &World) -> (Value, Value) {
    let key = json!({"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "secret"}});
    let connection = world
        .done(
            "CreateConnection",
            json!({"Name": "c", "AuthorizationType": "API_KEY", "AuthParameters": key}),
        )
        .await;
    let destination = world
        .done(
            "CreateApiDestination",
            json!({"Name": "d", "ConnectionArn": connection["ConnectionArn"],
            "InvocationEndpoint": "https://example.com/*/items", "HttpMethod": "POST"}),
        )
        .await;
    (
        connection["ConnectionArn"].clone(),
        destination["ApiDestinationArn"].clone(),
    )
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_holds_nobody_else_up() {
    let mut world = World::new();
    let (_, endpoint) = destination(&world).await;
    world.hang("http:Invoke");
    world
        .rule(json!([{"Id": "1", "Arn": endpoint}, {"Id": "2", "Arn": QUEUE}]))
        .await;
    for n in 0..100 {
        world.put(json!({"n": n})).await;
    }
    let (mut messages, mut requests) = (0, 0);
    while messages < 100 {
        match world.asked_for().await.0.as_str() {
            "sqs:SendMessage" => messages += 1,
            _ => requests += 1,
        }
    }
    assert!(requests <= 8, "{requests} requests at once");
    world.until(|rows| rows.len() == 100).await;
    // AWS gives an endpoint five seconds.
    world.clock.advance(Duration::from_secs(5));
    world
        .until(|rows| rows.iter().any(|row| row["retries"] == 1))
        .await;
    world.mend("http:Invoke");
    let passing = async {
        while !world.deliveries().is_empty() {
            world.clock.advance(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
    };
    let passed = tokio::time::timeout(MINUTE, passing).await;
    passed.expect("all arrive once it answers");
}

#[tokio::test]
async fn an_api_destination_is_asked_by_the_service_for_http() {
    let mut world = World::new();
    let (connection, endpoint) = destination(&world).await;
    let target = json!({
        "Id": "1", "Arn": endpoint, "RoleArn": ROLE, "InputPath": "$.detail",
        "DeadLetterConfig": {"Arn": DEAD}, "RetryPolicy": {"MaximumRetryAttempts": 1},
        "HttpParameters": {"PathParameterValues": ["$.detail.user"], "HeaderParameters": {"x-a": "b"}, "QueryStringParameters": {"id": "$.id"}},
    });
    world.rule(json!([target])).await;
    world.fail(
        "http:Invoke",
        ApiError::new("States.Http.StatusCode.429", "slow down"),
    );
    let id = world.put(json!({"user": "u1"})).await;
    let request = json!({
        "ApiEndpoint": "https://example.com/u1/items", "Method": "POST", "Headers": {"x-a": "b"},
        "QueryParameters": {"id": id}, "RequestBody": {"user": "u1"}, "Authentication": {"ConnectionArn": connection},
    });
    assert_eq!(world.asked_for().await, ("http:Invoke".to_owned(), request));
    world.until(|rows| rows[0]["retries"] == 1).await;
    world.fail(
        "http:Invoke",
        ApiError::new("States.Http.StatusCode.404", "no"),
    );
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.asked().await.service, "http");
    assert_eq!(world.asked().await.service, "sqs", "404 is not tried again");
    world.until_delivered().await;
}

#[tokio::test]
async fn many_putters_share_the_outbox_and_lose_nothing() {
    let mut world = World::new();
    world.rule(json!([{"Id": "1", "Arn": QUEUE}])).await;
    let world_ref = &world;
    let puts = (0..200).map(|n| world_ref.put(json!({"n": n})));
    let mut ids = Vec::new();
    for put in puts {
        ids.push(put.await);
    }
    let mut seen = Vec::new();
    for _ in 0..200 {
        seen.push(
            message(&world.asked_for().await.1)["id"]
                .as_str()
                .expect("an id")
                .to_owned(),
        );
    }
    ids.sort();
    seen.sort();
    assert_eq!(ids, seen);
    world.until_delivered().await;
}
