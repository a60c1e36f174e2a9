use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use store::Fault;

use crate::world::{World, json_of, queue, text};

#[tokio::test]
async fn a_message_that_is_not_allowed_is_refused() {
    let world = World::new();
    let topic = world.topic("t", json!({})).await;
    let large = "x".repeat(262_145);
    for (input, refusal) in [
        (
            json!({"Message": "x"}),
            "InvalidParameter: Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter",
        ),
        (
            json!({"TopicArn": topic, "Message": ""}),
            "InvalidParameter: Invalid parameter: Empty message",
        ),
        (
            json!({"TopicArn": topic, "Message": large}),
            "InvalidParameter: Invalid parameter: Message too long",
        ),
        (
            json!({"TopicArn": topic, "Message": "x", "Subject": ""}),
            "InvalidParameter: Invalid parameter: Subject",
        ),
        (
            json!({"TopicArn": topic, "Message": "x", "Subject": "a\nb"}),
            "InvalidParameter: Invalid parameter: Subject",
        ),
        (
            json!({"TopicArn": topic, "Message": "x", "Subject": "a".repeat(101)}),
            "InvalidParameter: Invalid parameter: Subject",
        ),
        (
            json!({"TopicArn": topic, "Message": "x", "MessageStructure": "json"}),
            "InvalidParameter: Invalid parameter: Message Structure - JSON message body failed to parse",
        ),
        (
            json!({"TopicArn": topic, "Message": "{}", "MessageStructure": "json"}),
            "InvalidParameter: Invalid parameter: Message Structure - No default entry in JSON message body",
        ),
        (
            json!({"TopicArn": topic, "Message": "x", "MessageDeduplicationId": "1"}),
            "InvalidParameter: Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
        ),
        (
            json!({"TopicArn": topic, "Message": "x", "MessageAttributes": {"a": {"DataType": "String", "StringValue": ""}}}),
            "ParameterValueInvalid: The message attribute 'a' must contain non-empty message attribute value for message attribute type 'String'.",
        ),
        (
            json!({"TopicArn": topic, "Message": "x", "MessageAttributes": {"a": {"DataType": "Text", "StringValue": "b"}}}),
            "ParameterValueInvalid: The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
        ),
        (
            json!({"PhoneNumber": "1", "Message": "x"}),
            "InvalidParameter: Invalid parameter: PhoneNumber Reason: 1 is not valid to publish to",
        ),
        (
            json!({"TargetArn": "arn:aws:sns:us-east-1:000000000000:endpoint/APNS/a/b", "Message": "x"}),
            "InvalidParameter: Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified",
        ),
    ] {
        assert_eq!(world.refused("Publish", input).await, refusal);
    }
    // Exactly the limit is allowed, and a topic may be named as a target.
    world
        .done(
            "Publish",
            json!({"TargetArn": topic, "Message": "x".repeat(262_144)}),
        )
        .await;
}

#[tokio::test]
async fn each_protocol_gets_its_text() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    world.subscribe(&topic, "sqs", &queue("q"), json!({})).await;
    let message = json!({"default": "for all", "sqs": "for queues", "other": 1}).to_string();
    world
        .done(
            "Publish",
            json!({"TopicArn": topic, "Message": message, "MessageStructure": "json"}),
        )
        .await;
    assert_eq!(
        json_of(&world.queued().await["MessageBody"])["Message"],
        "for queues"
    );
}

#[tokio::test]
async fn only_what_a_subscription_wants_reaches_it() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    let by_attribute =
        json!({"FilterPolicy": r#"{"shop": ["a"], "price": [{"numeric": [">", 5]}]}"#});
    world
        .subscribe(&topic, "sqs", &queue("attributes"), by_attribute)
        .await;
    let by_body = json!({"FilterPolicy": r#"{"order": {"state": ["open"]}}"#, "FilterPolicyScope": "MessageBody"});
    world
        .subscribe(&topic, "sqs", &queue("body"), by_body)
        .await;
    let publish = |message: &str, attributes: Value| json!({"TopicArn": topic, "Message": message, "MessageAttributes": attributes});
    let text_of = |value: &str| json!({"DataType": "String", "StringValue": value});
    let number = |value: &str| json!({"DataType": "Number", "StringValue": value});
    let list = json!({"DataType": "String.Array", "StringValue": r#"["b", "a"]"#});
    for (message, attributes) in [
        ("cheap", json!({"shop": text_of("a"), "price": number("5")})),
        (
            "elsewhere",
            json!({"shop": text_of("b"), "price": number("6")}),
        ),
        ("no JSON", json!({})),
        (r#"{"order": {"state": "closed"}}"#, json!({})),
        (r#"["order"]"#, json!({})),
    ] {
        world.done("Publish", publish(message, attributes)).await;
    }
    let wanted = publish("dear", json!({"shop": list, "price": number("5.5")}));
    world.done("Publish", wanted).await;
    let queued = world.queued().await;
    assert_eq!(
        queued["QueueUrl"],
        "http://127.0.0.1:4566/000000000000/attributes"
    );
    assert_eq!(json_of(&queued["MessageBody"])["Message"], "dear");
    world
        .done(
            "Publish",
            publish(r#"{"order": {"state": "open"}}"#, json!({})),
        )
        .await;
    let queued = world.queued().await;
    assert_eq!(
        queued["QueueUrl"],
        "http://127.0.0.1:4566/000000000000/body"
    );
}

#[tokio::test]
async fn a_batch_tells_of_each_entry() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    world
        .subscribe(
            &topic,
            "sqs",
            &queue("q"),
            json!({"RawMessageDelivery": "true"}),
        )
        .await;
    let entry = |id: &str, message: &str| json!({"Id": id, "Message": message});
    let batch = |entries: Value| json!({"TopicArn": topic, "PublishBatchRequestEntries": entries});
    let answer = world
        .done(
            "PublishBatch",
            batch(json!([entry("a", "1"), entry("b", ""), entry("c", "3")])),
        )
        .await;
    assert_eq!(answer["Successful"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        answer["Failed"],
        json!([{"Id": "b", "Code": "InvalidParameter", "Message": "Invalid parameter: Empty message", "SenderFault": true}])
    );
    let mut bodies = [
        text(&world.queued().await["MessageBody"]),
        text(&world.queued().await["MessageBody"]),
    ];
    bodies.sort();
    assert_eq!(bodies, ["1", "3"]);
    let eleven: Vec<Value> = (0..11).map(|n| entry(&n.to_string(), "x")).collect();
    let large = "x".repeat(200_000);
    for (entries, code) in [
        (json!([]), "EmptyBatchRequest"),
        (json!(eleven), "TooManyEntriesInBatchRequest"),
        (
            json!([entry("a", "x"), entry("a", "x")]),
            "BatchEntryIdsNotDistinct",
        ),
        (json!([entry("a b", "x")]), "InvalidBatchEntryId"),
        (
            json!([entry("a", &large), entry("b", &large)]),
            "BatchRequestTooLong",
        ),
    ] {
        let refusal = world.refused("PublishBatch", batch(entries)).await;
        assert!(refusal.starts_with(&format!("{code}:")), "{refusal}");
    }
}

#[tokio::test]
async fn a_fifo_topic_keeps_the_order_and_knows_messages_again() {
    let mut world = World::new();
    let topic = world.topic("t.fifo", json!({"FifoTopic": "true"})).await;
    world
        .subscribe(&topic, "sqs", &queue("q.fifo"), json!({}))
        .await;
    let publish = |message: &str, id: &str| json!({"TopicArn": topic, "Message": message, "MessageGroupId": "g", "MessageDeduplicationId": id});
    // Each one after the one before, also when that has to be tried again.
    let busy = aws::ApiError::internal("busy");
    world.refuse(vec![busy.clone(), busy]);
    let first = world.done("Publish", publish("1", "a")).await;
    let second = world.done("Publish", publish("2", "b")).await;
    let again = world.done("Publish", publish("3", "a")).await;
    assert_eq!(again, first);
    assert!(text(&second["SequenceNumber"]) > text(&first["SequenceNumber"]));
    let mut seen = Vec::new();
    for _ in 0..4 {
        let queued = world.queued().await;
        let body = json_of(&queued["MessageBody"]);
        assert_eq!(queued["MessageGroupId"], "g");
        seen.push((
            text(&body["Message"]),
            text(&queued["MessageDeduplicationId"]),
        ));
        assert!(body["SequenceNumber"].is_string());
    }
    let expected = [("1", "a"), ("1", "a"), ("1", "a"), ("2", "b")];
    assert_eq!(
        seen,
        expected.map(|(message, id)| (message.to_owned(), id.to_owned()))
    );
    world.restart();
    assert_eq!(world.done("Publish", publish("4", "b")).await, second);
    for (input, refusal) in [
        (
            json!({"TopicArn": topic, "Message": "x"}),
            "The MessageGroupId parameter is required for FIFO topics",
        ),
        (
            json!({"TopicArn": topic, "Message": "x", "MessageGroupId": "g"}),
            "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
        ),
    ] {
        assert_eq!(
            world.refused("Publish", input).await,
            format!("InvalidParameter: Invalid parameter: {refusal}")
        );
    }
}

#[tokio::test]
async fn a_fifo_topic_may_know_messages_by_their_content() {
    let mut world = World::new();
    let attributes = json!({"FifoTopic": "true", "ContentBasedDeduplication": "true"});
    let topic = world.topic("t.fifo", attributes).await;
    // A standard queue takes them too; it knows nothing of repetitions.
    world
        .subscribe(
            &topic,
            "sqs",
            &queue("q"),
            json!({"RawMessageDelivery": "true"}),
        )
        .await;
    for message in ["x", "x", "y"] {
        world
            .done(
                "Publish",
                json!({"TopicArn": topic, "Message": message, "MessageGroupId": "g"}),
            )
            .await;
    }
    for message in ["x", "y"] {
        let queued = world.queued().await;
        assert_eq!(queued["MessageBody"], message);
        assert_eq!(queued["MessageDeduplicationId"], Value::Null);
    }
}

#[tokio::test]
async fn publishers_of_a_fifo_topic_share_commits() {
    let mut world = World::new();
    let topic = world.topic("t.fifo", json!({"FifoTopic": "true"})).await;
    let commits = Arc::new(AtomicUsize::new(0));
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let count = Arc::clone(&commits);
    world.restart_with(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        // Nothing is durable before all have asked; then the other end is gone.
        let _ = wait.recv();
        Fault::None
    });
    let publish = |at: usize| {
        let id = (at % 25).to_string();
        let input = json!({
            "TopicArn": topic, "Message": "m", "MessageGroupId": "g", "MessageDeduplicationId": id,
        });
        tokio::spawn(world.asking("Publish", input))
    };
    let all: Vec<_> = (0..50).map(publish).collect();
    tokio::task::yield_now().await;
    drop(go);
    let mut answers = Vec::new();
    for answer in all {
        answers.push(answer.await.expect("no panic").expect("it is valid"));
    }
    let (first, second) = answers.split_at(25);
    assert_eq!(first, second, "they are the same messages");
    let number = |answer: &Value| text(&answer["SequenceNumber"]);
    assert!(first.iter().map(number).is_sorted());
    // The first one, the others together, and what is tidied.
    let commits = commits.load(Ordering::SeqCst);
    assert!(commits <= 5, "{commits} commits");
}
