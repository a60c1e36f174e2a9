use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};

use serde_json::{Value, json};

use crate::world::{World, ask, bodies, text};

#[tokio::test]
async fn a_message_is_sent_received_and_deleted() {
    let world = World::new();
    let url = world.queue("q", json!({})).await;
    let sent = world.send(&url, "hello").await;
    assert_eq!(sent["MD5OfMessageBody"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(sent["MD5OfMessageAttributes"], Value::Null);
    assert_eq!(sent["SequenceNumber"], Value::Null);
    let received = world.receive(&url).await;
    assert_eq!(
        received,
        [json!({
            "MessageId": sent["MessageId"],
            "ReceiptHandle": received[0]["ReceiptHandle"],
            "MD5OfBody": "5d41402abc4b2a76b9719d911017c592",
            "Body": "hello",
        })]
    );
    assert_eq!(world.counts(&url).await, ["0", "1", "0"]);
    world.delete(&url, &received[0]).await.expect("it is there");
    assert_eq!(world.counts(&url).await, ["0", "0", "0"]);
    world
        .delete(&url, &received[0])
        .await
        .expect("to delete again is no error");
    world.pass(31);
    assert!(world.receive(&url).await.is_empty());
}

#[tokio::test]
async fn messages_come_in_the_order_in_which_they_were_sent() {
    let world = World::new();
    let url = world.queue("q", json!({})).await;
    for n in 0..12 {
        world.send(&url, &n.to_string()).await;
    }
    assert_eq!(bodies(&world.receive_with(&url, json!({})).await), ["0"]);
    let ten: Vec<String> = (1..11).map(|n| n.to_string()).collect();
    assert_eq!(world.bodies(&url).await, ten);
    assert_eq!(world.bodies(&url).await, ["11"]);
}

#[tokio::test]
async fn a_message_that_is_not_deleted_comes_again_when_its_time_has_passed() {
    let world = World::new();
    let url = world.queue("q", json!({"VisibilityTimeout": "10"})).await;
    world.send(&url, "x").await;
    let all = json!({"AttributeNames": ["All"]});
    let first = world.receive_with(&url, all.clone()).await;
    world.pass(10);
    let second = world
        .receive_with(
            &url,
            json!({"MessageSystemAttributeNames": ["All"], "VisibilityTimeout": 3}),
        )
        .await;
    assert_eq!(
        second[0]["Attributes"],
        json!({
            "SenderId": "000000000000",
            "SentTimestamp": "1795366800000",
            "ApproximateReceiveCount": "2",
            "ApproximateFirstReceiveTimestamp": "1795366800000",
        })
    );
    assert_eq!(first[0]["MessageId"], second[0]["MessageId"]);
    assert_ne!(first[0]["ReceiptHandle"], second[0]["ReceiptHandle"]);
    // A receipt that is not the newest one deletes nothing.
    world.delete(&url, &first[0]).await.expect("it is no error");
    world.pass(3);
    let third = world.receive(&url).await;
    assert_eq!(third.len(), 1);
    // The newest one deletes even when its time has passed.
    world.pass(10);
    world.delete(&url, &third[0]).await.expect("it is there");
    assert!(world.receive(&url).await.is_empty());
}

#[tokio::test]
async fn how_long_a_message_is_hidden_can_be_changed_while_it_is_in_flight() {
    let world = World::new();
    let url = world.queue("q", json!({})).await;
    world.send(&url, "x").await;
    let received = world.receive(&url).await;
    let change = |seconds: i64| json!({"QueueUrl": url, "ReceiptHandle": received[0]["ReceiptHandle"], "VisibilityTimeout": seconds});
    world.done("ChangeMessageVisibility", change(100)).await;
    world.pass(50);
    assert!(world.receive(&url).await.is_empty());
    assert_eq!(
        world
            .refused("ChangeMessageVisibility", change(43_200))
            .await,
        "InvalidParameterValue: Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]."
    );
    assert_eq!(
        world
            .refused("ChangeMessageVisibility", change(43_201))
            .await,
        "InvalidParameterValue: Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200, if provided."
    );
    world.done("ChangeMessageVisibility", change(0)).await;
    let refusal = world.refused("ChangeMessageVisibility", change(10)).await;
    let handle = text(&received[0]["ReceiptHandle"]);
    assert_eq!(
        refusal,
        format!(
            "InvalidParameterValue: Value {handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change."
        )
    );
    assert_eq!(world.bodies(&url).await, ["x"]);
}

#[tokio::test]
async fn what_is_no_receipt_is_refused() {
    let world = World::new();
    let url = world.queue("q", json!({})).await;
    let other = world.queue("other", json!({})).await;
    world.send(&other, "x").await;
    let foreign = text(&world.receive(&other).await[0]["ReceiptHandle"]);
    for handle in ["garbage", &foreign] {
        for operation in ["DeleteMessage", "ChangeMessageVisibility"] {
            let input = json!({"QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": 1});
            assert_eq!(
                world.refused(operation, input).await,
                format!(
                    "ReceiptHandleIsInvalid: The input receipt handle \"{handle}\" is not a valid receipt handle."
                )
            );
        }
    }
    assert_eq!(
        world
            .refused("DeleteMessage", json!({"QueueUrl": url}))
            .await,
        "MissingParameter: The request must contain the parameter ReceiptHandle."
    );
}

#[tokio::test]
async fn a_message_can_be_delayed_by_itself_or_by_its_queue() {
    let world = World::new();
    let url = world.queue("q", json!({"DelaySeconds": "60"})).await;
    world.send(&url, "by the queue").await;
    let now = json!({"QueueUrl": url, "MessageBody": "now", "DelaySeconds": 0});
    world.done("SendMessage", now).await;
    let soon = json!({"QueueUrl": url, "MessageBody": "soon", "DelaySeconds": 5});
    world.done("SendMessage", soon).await;
    assert_eq!(world.counts(&url).await, ["1", "0", "2"]);
    assert_eq!(world.bodies(&url).await, ["now"]);
    world.pass(5);
    assert_eq!(world.bodies(&url).await, ["soon"]);
    world.pass(54);
    assert_eq!(world.bodies(&url).await, ["now", "soon"]);
    world.pass(1);
    assert_eq!(world.bodies(&url).await, ["by the queue"]);
}

#[tokio::test]
async fn what_is_too_old_is_deleted() {
    let world = World::new();
    let url = world
        .queue("q", json!({"MessageRetentionPeriod": "60"}))
        .await;
    world.send(&url, "old").await;
    world.pass(30);
    world.send(&url, "young").await;
    world.pass(31);
    assert_eq!(world.counts(&url).await, ["1", "0", "0"]);
    assert_eq!(world.bodies(&url).await, ["young"]);
}

#[tokio::test]
async fn attributes_travel_with_a_message_and_are_chosen_on_receipt() {
    let world = World::new();
    let url = world.queue("q", json!({})).await;
    let attributes = json!({
        "my_attribute_name_1": {"DataType": "String", "StringValue": "my_attribute_value_1"},
        "my_attribute_name_2": {"DataType": "String", "StringValue": "my_attribute_value_2"},
    });
    let sent = world
        .done("SendMessage", json!({
            "QueueUrl": url, "MessageBody": "x", "MessageAttributes": attributes,
            "MessageSystemAttributes": {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-2-3"}},
        }))
        .await;
    assert_eq!(
        sent["MD5OfMessageAttributes"],
        "c48838208d2b4e14e3ca0093a8443f09"
    );
    assert!(sent["MD5OfMessageSystemAttributes"].is_string());
    let wanted = json!({
        "MessageAttributeNames": ["All"], "AttributeNames": ["AWSTraceHeader"], "VisibilityTimeout": 0,
    });
    let received = world.receive_with(&url, wanted).await;
    assert_eq!(received[0]["MessageAttributes"], attributes);
    assert_eq!(
        received[0]["MD5OfMessageAttributes"],
        sent["MD5OfMessageAttributes"]
    );
    assert_eq!(
        received[0]["Attributes"],
        json!({"AWSTraceHeader": "Root=1-2-3"})
    );
    // The digest is that of the attributes which are shown.
    let one = json!({"MessageAttributeNames": ["my_attribute_name_1"], "VisibilityTimeout": 0});
    let received = world.receive_with(&url, one).await;
    assert_eq!(
        received[0]["MessageAttributes"]
            .as_object()
            .map(serde_json::Map::len),
        Some(1)
    );
    assert_ne!(
        received[0]["MD5OfMessageAttributes"],
        sent["MD5OfMessageAttributes"]
    );
    let received = world.receive(&url).await;
    assert_eq!(received[0]["MessageAttributes"], Value::Null);
    assert_eq!(received[0]["Attributes"], Value::Null);
}

#[tokio::test]
async fn messages_that_are_not_allowed_are_refused() {
    let world = World::new();
    let url = world
        .queue("q", json!({"MaximumMessageSize": "1024"}))
        .await;
    let send = |mut input: Value| {
        input["QueueUrl"] = url.clone().into();
        input
    };
    for (input, refusal) in [
        (
            json!({}),
            "MissingParameter: The request must contain the parameter MessageBody.",
        ),
        (
            json!({"MessageBody": null}),
            "MissingParameter: The request must contain the parameter MessageBody.",
        ),
        (
            json!({"MessageBody": ""}),
            "MissingParameter: The request must contain the parameter MessageBody.",
        ),
        (
            json!({"MessageBody": "\u{0}"}),
            "InvalidMessageContents: Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
        ),
        (
            json!({"MessageBody": "x".repeat(1025)}),
            "InvalidParameterValue: One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.",
        ),
        (
            json!({"MessageBody": "x", "DelaySeconds": 901}),
            "InvalidParameterValue: Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
        ),
        (
            json!({"MessageBody": "x", "MessageDeduplicationId": "a"}),
            "InvalidParameterValue: Value a for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not valid for this queue type.",
        ),
        (
            json!({"MessageBody": "x", "MessageSystemAttributes": {"Other": {"DataType": "String", "StringValue": "x"}}}),
            "InvalidParameterValue: Message system attribute name 'Other' is invalid.",
        ),
    ] {
        assert_eq!(world.refused("SendMessage", send(input)).await, refusal);
    }
    // Exactly the limit is allowed, and a standard queue takes a group for fairness' sake.
    world
        .done(
            "SendMessage",
            send(json!({"MessageBody": "x".repeat(1024), "MessageGroupId": "g"})),
        )
        .await;
    let received = world
        .receive_with(&url, json!({"AttributeNames": ["MessageGroupId"]}))
        .await;
    assert_eq!(received[0]["Attributes"], json!({"MessageGroupId": "g"}));
}

#[tokio::test]
async fn receives_that_are_not_allowed_are_refused() {
    let world = World::new();
    let url = world.queue("q", json!({})).await;
    for (name, value, reason) in [
        (
            "MaxNumberOfMessages",
            11,
            "Must be between 1 and 10, if provided.",
        ),
        (
            "MaxNumberOfMessages",
            0,
            "Must be between 1 and 10, if provided.",
        ),
        (
            "WaitTimeSeconds",
            21,
            "Must be >= 0 and <= 20, if provided.",
        ),
        (
            "VisibilityTimeout",
            -1,
            "Must be between 0 and 43200, if provided.",
        ),
    ] {
        let refusal = world
            .refused("ReceiveMessage", json!({"QueueUrl": url, name: value}))
            .await;
        assert_eq!(
            refusal,
            format!(
                "InvalidParameterValue: Value {value} for parameter {name} is invalid. Reason: {reason}"
            )
        );
    }
    let unknown = json!({"QueueUrl": url, "AttributeNames": ["Colour"]});
    assert!(world.ask("ReceiveMessage", unknown).await.is_err());
}

#[tokio::test]
async fn a_batch_tells_of_each_entry() {
    let world = World::new();
    let url = world.queue("q", json!({})).await;
    let entry = |id: &str, body: &str| json!({"Id": id, "MessageBody": body});
    let sent = world
        .done(
            "SendMessageBatch",
            json!({
                "QueueUrl": url, "Entries": [entry("a", "1"), entry("b", "\u{1}"), entry("c", "3")],
            }),
        )
        .await;
    let ids = |list: &Value| -> Vec<String> {
        let list = list.as_array().cloned().unwrap_or_default();
        list.iter().map(|entry| text(&entry["Id"])).collect()
    };
    assert_eq!(ids(&sent["Successful"]), ["a", "c"]);
    assert_eq!(ids(&sent["Failed"]), ["b"]);
    assert_eq!(sent["Failed"][0]["Code"], "InvalidMessageContents");
    assert_eq!(sent["Failed"][0]["SenderFault"], true);
    let received = world.receive(&url).await;
    assert_eq!(bodies(&received), ["1", "3"]);
    assert_eq!(received[1]["MessageId"], sent["Successful"][1]["MessageId"]);
    let handle = |n: usize| received[n]["ReceiptHandle"].clone();
    let changed = world
        .done(
            "ChangeMessageVisibilityBatch",
            json!({"QueueUrl": url, "Entries": [
                {"Id": "a", "ReceiptHandle": handle(0), "VisibilityTimeout": 60},
                {"Id": "b", "ReceiptHandle": "x", "VisibilityTimeout": 60},
                {"Id": "c", "ReceiptHandle": handle(1)},
            ]}),
        )
        .await;
    assert_eq!(changed["Successful"], json!([{"Id": "a"}]));
    assert_eq!(ids(&changed["Failed"]), ["b", "c"]);
    let deleted = world
        .done(
            "DeleteMessageBatch",
            json!({"QueueUrl": url, "Entries": [
                {"Id": "a", "ReceiptHandle": handle(0)},
                {"Id": "b", "ReceiptHandle": handle(1)},
            ]}),
        )
        .await;
    assert_eq!(deleted, json!({"Successful": [{"Id": "a"}, {"Id": "b"}]}));
    assert_eq!(world.counts(&url).await, ["0", "0", "0"]);
}

#[tokio::test]
async fn a_batch_that_is_none_is_refused() {
    let world = World::new();
    let url = world.queue("q", json!({})).await;
    let entries = |ids: &[&str], body: &str| -> Value {
        ids.iter()
            .map(|id| json!({"Id": id, "MessageBody": body}))
            .collect()
    };
    let eleven: Vec<String> = (0..11).map(|n| n.to_string()).collect();
    let eleven: Vec<&str> = eleven.iter().map(String::as_str).collect();
    for (entries, refusal) in [
        (
            json!([]),
            "EmptyBatchRequest: There should be at least one SendMessageBatchRequestEntry in the request.",
        ),
        (
            entries(&eleven, "x"),
            "TooManyEntriesInBatchRequest: Maximum number of entries per request are 10. You have sent 11.",
        ),
        (
            entries(&["a", "a"], "x"),
            "BatchEntryIdsNotDistinct: Id a repeated.",
        ),
        (
            entries(&["a b"], "x"),
            "InvalidBatchEntryId: A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
        ),
        (
            entries(&["a", "b"], &"x".repeat(600_000)),
            "BatchRequestTooLong: Batch requests cannot be longer than 1048576 bytes. You have sent 1200000 bytes.",
        ),
    ] {
        let input = json!({"QueueUrl": url, "Entries": entries});
        assert_eq!(world.refused("SendMessageBatch", input).await, refusal);
    }
}

#[tokio::test]
async fn a_long_poll_ends_with_the_message_that_comes() {
    let world = World::new();
    let url = world.queue("q", json!({})).await;
    let input = json!({"QueueUrl": url, "WaitTimeSeconds": 20});
    let sqs = world.sqs.clone();
    let poll = tokio::spawn(async move { ask(&sqs, "ReceiveMessage", input).await });
    // Whether the poll waits already or not: it gets the message.
    tokio::task::yield_now().await;
    world.send(&url, "x").await;
    let answer = poll
        .await
        .expect("it does not panic")
        .expect("it is allowed");
    assert_eq!(answer["Messages"][0]["Body"], "x");
}

#[tokio::test(start_paused = true)]
async fn a_long_poll_ends_when_its_time_has_passed_and_when_the_server_stops() {
    let world = World::new();
    let url = world
        .queue("q", json!({"ReceiveMessageWaitTimeSeconds": "20"}))
        .await;
    let began = tokio::time::Instant::now();
    assert!(
        world
            .receive_with(&url, json!({"WaitTimeSeconds": 3}))
            .await
            .is_empty()
    );
    assert_eq!(began.elapsed().as_secs(), 3);
    assert!(world.receive(&url).await.is_empty());
    assert_eq!(began.elapsed().as_secs(), 23);
    let poll = tokio::spawn({
        let (sqs, input) = (world.sqs.clone(), json!({"QueueUrl": url}));
        async move { ask(&sqs, "ReceiveMessage", input).await }
    });
    tokio::task::yield_now().await;
    world.sqs.stop();
    assert_eq!(poll.await.expect("it does not panic"), Ok(json!({})));
    assert_eq!(began.elapsed().as_secs(), 23);
}

#[tokio::test(start_paused = true)]
async fn a_long_poll_ends_when_a_hidden_message_becomes_visible() {
    let world = World::new();
    let url = world.queue("q", json!({})).await;
    let delayed = json!({"QueueUrl": url, "MessageBody": "x", "DelaySeconds": 5});
    world.done("SendMessage", delayed).await;
    let began = tokio::time::Instant::now();
    let poll = tokio::spawn({
        let (sqs, input) = (
            world.sqs.clone(),
            json!({"QueueUrl": url, "WaitTimeSeconds": 20}),
        );
        async move { ask(&sqs, "ReceiveMessage", input).await }
    });
    tokio::task::yield_now().await;
    world.pass(5);
    let answer = poll
        .await
        .expect("it does not panic")
        .expect("it is allowed");
    assert_eq!(answer["Messages"][0]["Body"], "x");
    assert_eq!(began.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn a_long_poll_on_a_queue_that_is_deleted_ends() {
    let world = World::new();
    let began = std::time::Instant::now();
    let url = world.queue("q", json!({})).await;
    let poll = tokio::spawn({
        let (sqs, input) = (
            world.sqs.clone(),
            json!({"QueueUrl": url, "WaitTimeSeconds": 20}),
        );
        async move { ask(&sqs, "ReceiveMessage", input).await }
    });
    tokio::task::yield_now().await;
    world.done("DeleteQueue", json!({"QueueUrl": url})).await;
    let refusal = poll
        .await
        .expect("it does not panic")
        .expect_err("it is gone");
    assert_eq!(refusal.code, "QueueDoesNotExist");
    assert!(began.elapsed().as_secs() < 20, "it waited to its end");
}

#[tokio::test]
async fn a_purged_queue_is_empty() {
    let mut world = World::new();
    let url = world.queue("q", json!({})).await;
    for n in 0..3 {
        world.send(&url, &n.to_string()).await;
    }
    world.receive_with(&url, json!({})).await;
    world.done("PurgeQueue", json!({"QueueUrl": url})).await;
    world.send(&url, "new").await;
    world.restart();
    world.pass(31);
    assert_eq!(world.bodies(&url).await, ["new"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_senders_and_receivers_lose_nothing_and_share_nothing() {
    let world = World::new();
    let url = world.queue("q", json!({})).await;
    let senders = (0..16).map(|sender| {
        let (sqs, url) = (world.sqs.clone(), url.clone());
        tokio::spawn(async move {
            for n in 0..10 {
                let input = json!({"QueueUrl": url, "MessageBody": format!("{sender}-{n}")});
                ask(&sqs, "SendMessage", input)
                    .await
                    .expect("it is allowed");
            }
        })
    });
    let senders: Vec<_> = senders.collect();
    let left = Arc::new(AtomicIsize::new(160));
    let receivers = (0..4).map(|_| {
        let (sqs, url, left) = (world.sqs.clone(), url.clone(), Arc::clone(&left));
        tokio::spawn(async move {
            let mut seen = Vec::new();
            while left.load(Ordering::SeqCst) > 0 {
                let input =
                    json!({"QueueUrl": url, "MaxNumberOfMessages": 7, "WaitTimeSeconds": 1});
                let answer = ask(&sqs, "ReceiveMessage", input)
                    .await
                    .expect("it is allowed");
                let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
                left.fetch_sub(messages.len() as isize, Ordering::SeqCst);
                seen.extend(bodies(&messages));
            }
            seen
        })
    });
    let receivers: Vec<_> = receivers.collect();
    for sender in senders {
        sender.await.expect("it does not panic");
    }
    let mut seen = Vec::new();
    for receiver in receivers {
        seen.extend(receiver.await.expect("it does not panic"));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 160);
}
