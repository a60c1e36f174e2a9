use std::time::Duration;

use aws::ApiError;
use serde_json::{Value, json};

use crate::world::{Reached, World, json_of, queue, text};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

#[tokio::test]
async fn a_queue_gets_the_envelope_or_the_message_itself() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    let attributes = json!({
        "a": {"DataType": "String", "StringValue": "1"},
        "b": {"DataType": "String.Array", "StringValue": "[1]"},
    });
    let publish = json!({
        "TopicArn": topic, "Message": "hello", "Subject": "s", "MessageAttributes": attributes,
        "MessageGroupId": "fair",
    });
    let arn = world.subscribe(&topic, "sqs", &queue("q"), json!({})).await;
    let id = world.done("Publish", publish.clone()).await["MessageId"].clone();
    let queued = world.queued().await;
    assert_eq!(queued["QueueUrl"], "http://127.0.0.1:4566/000000000000/q");
    assert_eq!(queued["MessageGroupId"], "fair");
    assert_eq!(queued["MessageAttributes"], Value::Null);
    let body = json_of(&queued["MessageBody"]);
    assert_eq!(body["MessageId"], id);
    assert_eq!(body["Subject"], "s");
    assert_eq!(
        body["MessageAttributes"],
        json!({"a": {"Type": "String", "Value": "1"}, "b": {"Type": "String.Array", "Value": "[1]"}})
    );
    let raw = json!({"SubscriptionArn": arn, "AttributeName": "RawMessageDelivery", "AttributeValue": "true"});
    world.done("SetSubscriptionAttributes", raw).await;
    world.done("Publish", publish).await;
    let queued = world.queued().await;
    assert_eq!(queued["MessageBody"], "hello");
    assert_eq!(
        queued["MessageAttributes"],
        json!({
            "a": {"DataType": "String", "StringValue": "1"},
            "b": {"DataType": "String", "StringValue": "[1]"},
        })
    );
}

#[tokio::test]
async fn a_function_gets_records() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    let arn = world.subscribe(&topic, "lambda", FUNCTION, json!({})).await;
    let attributes = json!({"a": {"DataType": "Binary", "BinaryValue": "AA=="}});
    let publish = json!({"TopicArn": topic, "Message": "hello", "MessageAttributes": attributes});
    let id = world.done("Publish", publish).await["MessageId"].clone();
    let Reached::Function(input, event) = world.reached().await else {
        panic!("a function is invoked");
    };
    assert_eq!(
        input,
        json!({"FunctionName": FUNCTION, "InvocationType": "Event"})
    );
    let record = &event["Records"][0];
    assert_eq!(record["EventSource"], "aws:sns");
    assert_eq!(record["EventVersion"], "1.0");
    assert_eq!(record["EventSubscriptionArn"], arn);
    let sns = &record["Sns"];
    assert_eq!(sns["Type"], "Notification");
    assert_eq!(sns["MessageId"], id);
    assert_eq!(sns["TopicArn"], topic);
    assert_eq!(sns["Subject"], Value::Null);
    assert_eq!(sns["Message"], "hello");
    assert_eq!(
        sns["MessageAttributes"],
        json!({"a": {"Type": "Binary", "Value": "AA=="}})
    );
    for member in [
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertUrl",
        "UnsubscribeUrl",
    ] {
        assert!(sns[member].is_string(), "{member}");
    }
}

/// A confirmed HTTP subscription of a topic; gives its ARN.
async fn hook(world: &mut World, topic: &str, attributes: Value) -> String {
    world
        .subscribe(topic, "https", "https://example.com/hook", attributes)
        .await;
    let Reached::Http(request) = world.reached().await else {
        panic!("an HTTP endpoint is asked over HTTP");
    };
    let question: Value = serde_json::from_slice(request.body()).expect("JSON");
    let confirm = json!({"TopicArn": topic, "Token": question["Token"]});
    text(&world.done("ConfirmSubscription", confirm).await["SubscriptionArn"])
}

#[tokio::test]
async fn an_http_endpoint_is_tried_again_three_times_and_then_given_up() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    let redrive = json!({"deadLetterTargetArn": queue("dead")}).to_string();
    let attributes = json!({"RawMessageDelivery": "true", "RedrivePolicy": redrive});
    hook(&mut world, &topic, attributes).await;
    world.answer_with(vec![Ok(500), Err("nobody there".into()), Ok(429), Ok(503)]);
    world.publish(&topic, "hello").await;
    for _ in 0..4 {
        let Reached::Http(request) = world.reached().await else {
            panic!("an HTTP endpoint is told over HTTP");
        };
        assert_eq!(request.body(), "hello");
        assert_eq!(request.headers()["x-amz-sns-rawdelivery"], "true");
        assert_eq!(
            request.headers()["content-type"],
            "text/plain; charset=UTF-8"
        );
    }
    let buried = world.queued().await;
    assert_eq!(
        buried["QueueUrl"],
        "http://127.0.0.1:4566/000000000000/dead"
    );
    assert_eq!(buried["MessageBody"], "hello");
    assert_eq!(
        buried["MessageAttributes"]["ErrorCode"]["StringValue"],
        "503"
    );
    assert!(world.unseen().is_empty());
}

#[tokio::test]
async fn an_endpoint_that_recovers_gets_the_message_once() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    hook(&mut world, &topic, json!({})).await;
    world.answer_with(vec![Ok(500), Ok(200)]);
    world.publish(&topic, "first").await;
    world.reached().await;
    world.reached().await;
    world.publish(&topic, "second").await;
    let Reached::Http(request) = world.reached().await else {
        panic!("an HTTP endpoint is told over HTTP");
    };
    let body: Value = serde_json::from_slice(request.body()).expect("JSON");
    assert_eq!(body["Message"], "second");
}

#[tokio::test]
async fn what_an_endpoint_refuses_is_not_tried_again() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    hook(&mut world, &topic, json!({})).await;
    world.answer_with(vec![Ok(404)]);
    world.publish(&topic, "first").await;
    world.reached().await;
    world.publish(&topic, "second").await;
    let Reached::Http(request) = world.reached().await else {
        panic!("an HTTP endpoint is told over HTTP");
    };
    let body: Value = serde_json::from_slice(request.body()).expect("JSON");
    assert_eq!(body["Message"], "second");
}

#[tokio::test]
async fn a_queue_that_is_gone_gets_nothing_more_and_one_that_is_busy_is_tried_again() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    let redrive = json!({"deadLetterTargetArn": queue("dead")}).to_string();
    world
        .subscribe(
            &topic,
            "sqs",
            &queue("q"),
            json!({"RedrivePolicy": redrive}),
        )
        .await;
    world.refuse(vec![ApiError::new("QueueDoesNotExist", "No.")]);
    world.publish(&topic, "gone").await;
    assert_eq!(
        world.queued().await["QueueUrl"],
        "http://127.0.0.1:4566/000000000000/q"
    );
    let buried = world.queued().await;
    assert_eq!(
        buried["QueueUrl"],
        "http://127.0.0.1:4566/000000000000/dead"
    );
    assert_eq!(json_of(&buried["MessageBody"])["Message"], "gone");
    // Sixteen tries, then it is a dead letter.
    world.refuse(vec![ApiError::internal("busy"); 16]);
    world.publish(&topic, "busy").await;
    for _ in 0..16 {
        assert_eq!(
            world.queued().await["QueueUrl"],
            "http://127.0.0.1:4566/000000000000/q"
        );
    }
    let buried = world.queued().await;
    assert_eq!(
        buried["QueueUrl"],
        "http://127.0.0.1:4566/000000000000/dead"
    );
}

#[tokio::test]
async fn one_endpoint_s_trouble_is_not_the_others() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    hook(&mut world, &topic, json!({})).await;
    world.answer_with(vec![Ok(500)]);
    world.subscribe(&topic, "sqs", &queue("q"), json!({})).await;
    world.subscribe(&topic, "lambda", FUNCTION, json!({})).await;
    world.publish(&topic, "hello").await;
    let mut kinds = Vec::new();
    for _ in 0..3 {
        kinds.push(match world.reached().await {
            Reached::Queue(_) => "queue",
            Reached::Function(..) => "function",
            Reached::Http(_) => "http",
        });
    }
    kinds.sort_unstable();
    assert_eq!(kinds, ["function", "http", "queue"]);
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_holds_nobody_else_up() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    hook(&mut world, &topic, json!({})).await;
    world.subscribe(&topic, "sqs", &queue("q"), json!({})).await;
    world.hang();
    for _ in 0..100 {
        world.publish(&topic, "hello").await;
    }
    let (mut messages, mut requests) = (0, 0);
    while messages < 100 {
        let reached = tokio::time::timeout(Duration::from_secs(20), world.reached()).await;
        match reached.expect("the queue is reached") {
            Reached::Http(_) => requests += 1,
            _ => messages += 1,
        }
    }
    assert!(requests <= 8, "{requests} requests at once");
}
