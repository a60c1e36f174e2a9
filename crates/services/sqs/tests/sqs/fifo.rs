use serde_json::{Value, json};

use crate::world::{World, bodies, text};

async fn queue(world: &World, attributes: Value) -> String {
    let mut attributes = attributes;
    attributes["FifoQueue"] = "true".into();
    world.queue("q.fifo", attributes).await
}

fn message(queue: &str, group: &str, id: &str, body: &str) -> Value {
    json!({"QueueUrl": queue, "MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": id})
}

#[tokio::test]
async fn a_group_keeps_its_order_and_waits_for_what_is_in_flight() {
    let world = World::new();
    let url = queue(&world, json!({})).await;
    for (group, id) in [("a", "1"), ("b", "2"), ("a", "3")] {
        world
            .done("SendMessage", message(&url, group, id, id))
            .await;
    }
    let first = world
        .receive_with(&url, json!({"MaxNumberOfMessages": 1}))
        .await;
    assert_eq!(bodies(&first), ["1"]);
    assert_eq!(world.bodies(&url).await, ["2"]);
    assert!(world.bodies(&url).await.is_empty());
    world
        .delete(&url, &first[0])
        .await
        .expect("it is in flight");
    assert_eq!(world.bodies(&url).await, ["3"]);
    world.pass(31);
    assert_eq!(world.bodies(&url).await, ["2", "3"]);
}

#[tokio::test]
async fn a_message_is_known_again_for_five_minutes_also_over_a_restart() {
    let mut world = World::new();
    let url = queue(&world, json!({})).await;
    let first = world
        .done("SendMessage", message(&url, "a", "x", "1"))
        .await;
    let received = world.receive(&url).await;
    world
        .delete(&url, &received[0])
        .await
        .expect("it is in flight");
    world.restart();
    world.pass(299);
    let again = world
        .done("SendMessage", message(&url, "b", "x", "2"))
        .await;
    for same in ["MessageId", "SequenceNumber"] {
        assert_eq!(again[same], first[same]);
    }
    assert!(world.bodies(&url).await.is_empty());
    world.pass(1);
    let new = world
        .done("SendMessage", message(&url, "b", "x", "3"))
        .await;
    assert_ne!(new["MessageId"], first["MessageId"]);
    assert!(text(&new["SequenceNumber"]) > text(&first["SequenceNumber"]));
    assert_eq!(text(&new["SequenceNumber"]).len(), 20);
    assert_eq!(world.bodies(&url).await, ["3"]);
}

#[tokio::test]
async fn a_queue_may_know_messages_by_content_and_within_their_group() {
    let world = World::new();
    let attributes =
        json!({"ContentBasedDeduplication": "true", "DeduplicationScope": "messageGroup"});
    let url = queue(&world, attributes).await;
    for (group, body) in [("a", "x"), ("a", "x"), ("b", "x"), ("a", "y")] {
        let input = json!({"QueueUrl": url, "MessageBody": body, "MessageGroupId": group});
        world.done("SendMessage", input).await;
    }
    let all = json!({"MaxNumberOfMessages": 10, "AttributeNames": ["All"]});
    let received = world.receive_with(&url, all).await;
    assert_eq!(bodies(&received), ["x", "y", "x"]);
    let attributes = &received[0]["Attributes"];
    assert_eq!(attributes["MessageGroupId"], "a");
    assert_eq!(
        attributes["MessageDeduplicationId"],
        "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    );
    assert!(attributes["SequenceNumber"].is_string());
}

#[tokio::test]
async fn what_a_fifo_queue_needs_must_be_there() {
    let world = World::new();
    let url = queue(&world, json!({})).await;
    for (input, refusal) in [
        (
            json!({"QueueUrl": url, "MessageBody": "x"}),
            "MissingParameter: The request must contain the parameter MessageGroupId.",
        ),
        (
            json!({"QueueUrl": url, "MessageBody": "x", "MessageGroupId": "a"}),
            "InvalidParameterValue: The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
        ),
        (
            json!({"QueueUrl": url, "MessageBody": "x", "MessageGroupId": "ä", "MessageDeduplicationId": "1"}),
            "InvalidParameterValue: Value ä for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.",
        ),
        (
            json!({"QueueUrl": url, "MessageBody": "x", "MessageGroupId": "a", "MessageDeduplicationId": "1", "DelaySeconds": 1}),
            "InvalidParameterValue: Value 1 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.",
        ),
    ] {
        assert_eq!(world.refused("SendMessage", input).await, refusal);
    }
}

#[tokio::test]
async fn a_receipt_whose_time_has_passed_deletes_nothing() {
    let world = World::new();
    let url = queue(&world, json!({})).await;
    world
        .done("SendMessage", message(&url, "a", "1", "1"))
        .await;
    let received = world.receive(&url).await;
    world.pass(31);
    let handle = text(&received[0]["ReceiptHandle"]);
    let refusal = world
        .delete(&url, &received[0])
        .await
        .expect_err("its time has passed");
    assert_eq!(
        refusal.to_string(),
        format!(
            "InvalidParameterValue: Value {handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
        )
    );
    assert_eq!(world.bodies(&url).await, ["1"]);
}

#[tokio::test]
async fn a_batch_keeps_its_order_and_knows_its_own_repetitions() {
    let world = World::new();
    let url = queue(&world, json!({})).await;
    let entry = |id: &str, deduplication: &str| json!({"Id": id, "MessageBody": id, "MessageGroupId": "g", "MessageDeduplicationId": deduplication});
    let sent = world
        .done("SendMessageBatch", json!({
            "QueueUrl": url, "Entries": [entry("a", "1"), entry("b", "2"), entry("c", "1"), entry("d", "4")],
        }))
        .await;
    let sent = sent["Successful"]
        .as_array()
        .cloned()
        .expect("all were accepted");
    assert_eq!(sent[2]["MessageId"], sent[0]["MessageId"]);
    assert_eq!(world.bodies(&url).await, ["a", "b", "d"]);
}
