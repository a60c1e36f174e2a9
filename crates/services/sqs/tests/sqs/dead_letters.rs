use serde_json::{Value, json};

use crate::world::{World, arn, bodies, text};

/// A queue and its dead letters, whose messages go there after one receive.
async fn pair(world: &World) -> (String, String) {
    let dead = world.queue("dead", json!({})).await;
    let policy = json!({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": "1"}).to_string();
    let queue = world.queue("q", json!({"RedrivePolicy": policy})).await;
    (queue, dead)
}

/// Receives a message in vain until it is a dead letter.
async fn bury(world: &World, queue: &str, body: &str) -> Value {
    let sent = world.send(queue, body).await;
    assert_eq!(world.bodies(queue).await, [body]);
    world.pass(31);
    assert!(world.bodies(queue).await.is_empty());
    sent
}

#[tokio::test]
async fn what_is_received_too_often_becomes_a_dead_letter() {
    let mut world = World::new();
    let (queue, dead) = pair(&world).await;
    let input = json!({
        "QueueUrl": queue, "MessageBody": "x",
        "MessageAttributes": {"a": {"DataType": "String", "StringValue": "1"}},
    });
    let sent = world.done("SendMessage", input).await;
    world.receive(&queue).await;
    world.pass(31);
    assert!(world.receive(&queue).await.is_empty());
    assert_eq!(world.counts(&queue).await, ["0", "0", "0"]);
    world.restart();
    assert!(world.receive(&queue).await.is_empty());
    let all = json!({"AttributeNames": ["All"], "MessageAttributeNames": ["All"]});
    let received = world.receive_with(&dead, all).await;
    assert_eq!(received[0]["MessageId"], sent["MessageId"]);
    assert_eq!(received[0]["MessageAttributes"]["a"]["StringValue"], "1");
    assert_eq!(
        received[0]["Attributes"],
        json!({
            "SenderId": "000000000000",
            "SentTimestamp": "1795366800000",
            "ApproximateReceiveCount": "2",
            "ApproximateFirstReceiveTimestamp": "1795366800000",
            "DeadLetterQueueSourceArn": arn("q"),
        })
    );
    let sources = world
        .done("ListDeadLetterSourceQueues", json!({"QueueUrl": dead}))
        .await;
    assert_eq!(sources, json!({"queueUrls": [queue]}));
    let none = world
        .done("ListDeadLetterSourceQueues", json!({"QueueUrl": queue}))
        .await;
    assert_eq!(none, json!({"queueUrls": []}));
}

#[tokio::test]
async fn dead_letters_may_have_dead_letters_of_their_own() {
    let world = World::new();
    let (queue, dead) = pair(&world).await;
    let last = world.queue("last", json!({})).await;
    let policy = json!({"deadLetterTargetArn": arn("last"), "maxReceiveCount": 1}).to_string();
    let input = json!({"QueueUrl": dead, "Attributes": {"RedrivePolicy": policy}});
    world.done("SetQueueAttributes", input).await;
    bury(&world, &queue, "x").await;
    // The receives of the first queue do not count in the second.
    assert_eq!(world.bodies(&dead).await, ["x"]);
    world.pass(31);
    assert!(world.bodies(&dead).await.is_empty());
    assert_eq!(world.bodies(&last).await, ["x"]);
}

#[tokio::test]
async fn without_its_dead_letter_queue_a_message_stays() {
    let world = World::new();
    let (queue, dead) = pair(&world).await;
    world.send(&queue, "x").await;
    world.done("DeleteQueue", json!({"QueueUrl": dead})).await;
    for _ in 0..3 {
        assert_eq!(world.bodies(&queue).await, ["x"]);
        world.pass(31);
    }
}

#[tokio::test]
async fn a_queue_and_its_dead_letters_are_of_one_kind() {
    let world = World::new();
    world.queue("dead", json!({})).await;
    let policy = json!({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 1}).to_string();
    let input = json!({"QueueName": "q.fifo", "Attributes": {"FifoQueue": "true", "RedrivePolicy": policy}});
    let refusal = world.refused("CreateQueue", input).await;
    assert!(
        refusal.ends_with("Reason: Dead-letter queue must be same type of queue as the source."),
        "{refusal}"
    );
}

/// The task's description once it has ended.
async fn ended(world: &World) -> Value {
    loop {
        let tasks = world
            .done("ListMessageMoveTasks", json!({"SourceArn": arn("dead")}))
            .await;
        let task = tasks["Results"][0].clone();
        if task["Status"] != "RUNNING" {
            return task;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn dead_letters_are_moved_back_where_they_came_from() {
    let world = World::new();
    let (queue, dead) = pair(&world).await;
    let first = bury(&world, &queue, "1").await;
    bury(&world, &queue, "2").await;
    let started = world
        .done("StartMessageMoveTask", json!({"SourceArn": arn("dead")}))
        .await;
    let task = ended(&world).await;
    assert_eq!(
        task,
        json!({
            "Status": "COMPLETED",
            "SourceArn": arn("dead"),
            "ApproximateNumberOfMessagesMoved": 2,
            "ApproximateNumberOfMessagesToMove": 2,
            "StartedTimestamp": 1_795_366_862_000_i64,
        })
    );
    let received = world
        .receive_with(
            &queue,
            json!({"MaxNumberOfMessages": 10, "AttributeNames": ["All"]}),
        )
        .await;
    assert_eq!(bodies(&received), ["1", "2"]);
    // They are new messages.
    assert_ne!(received[0]["MessageId"], first["MessageId"]);
    assert_eq!(received[0]["Attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!(
        received[0]["Attributes"]["DeadLetterQueueSourceArn"],
        Value::Null
    );
    assert_eq!(world.counts(&dead).await, ["0", "0", "0"]);
    let refusal = world.refused("CancelMessageMoveTask", started).await;
    assert_eq!(
        refusal,
        "UnsupportedOperation: Only active tasks can be cancelled."
    );
}

#[tokio::test]
async fn dead_letters_are_moved_where_one_wants_them() {
    let world = World::new();
    let (queue, dead) = pair(&world).await;
    let third = world.queue("third", json!({})).await;
    bury(&world, &queue, "1").await;
    // One that nobody knows the source of.
    world.send(&dead, "2").await;
    let input = json!({"SourceArn": arn("dead"), "DestinationArn": arn("third")});
    world.done("StartMessageMoveTask", input).await;
    assert_eq!(ended(&world).await["Status"], "COMPLETED");
    assert_eq!(world.bodies(&third).await, ["1", "2"]);
}

#[tokio::test]
async fn a_move_that_does_not_know_whither_fails() {
    let world = World::new();
    let (_, dead) = pair(&world).await;
    world.send(&dead, "x").await;
    world
        .done("StartMessageMoveTask", json!({"SourceArn": arn("dead")}))
        .await;
    let task = ended(&world).await;
    assert_eq!(task["Status"], "FAILED");
    assert_eq!(task["FailureReason"], "CouldNotDetermineMessageSource");
    assert_eq!(world.bodies(&dead).await, ["x"]);
}

#[tokio::test]
async fn a_slow_move_can_be_cancelled_and_goes_on_after_a_restart() {
    let mut world = World::new();
    let (queue, dead) = pair(&world).await;
    for n in 0..3 {
        bury(&world, &queue, &n.to_string()).await;
    }
    let input = json!({"SourceArn": arn("dead"), "MaxNumberOfMessagesPerSecond": 1});
    let handle = world.done("StartMessageMoveTask", input.clone()).await;
    let refusal = world.refused("StartMessageMoveTask", input).await;
    assert!(
        refusal.starts_with("UnsupportedOperation: There is already a task running."),
        "{refusal}"
    );
    world.restart();
    let tasks = world
        .done("ListMessageMoveTasks", json!({"SourceArn": arn("dead")}))
        .await;
    assert_eq!(tasks["Results"][0]["TaskHandle"], handle["TaskHandle"]);
    let cancelled = world.done("CancelMessageMoveTask", handle).await;
    let task = ended(&world).await;
    assert_eq!(task["Status"], "CANCELLED");
    assert_eq!(
        task["ApproximateNumberOfMessagesMoved"],
        cancelled["ApproximateNumberOfMessagesMoved"]
    );
    let moved = cancelled["ApproximateNumberOfMessagesMoved"]
        .as_u64()
        .expect("a number");
    assert!(moved < 3, "{moved}");
    assert_eq!(
        text(&world.attribute(&dead, "ApproximateNumberOfMessages").await),
        (3 - moved).to_string()
    );
}

#[tokio::test]
async fn a_service_that_is_elsewhere_moves_nothing() {
    let mut world = World::new();
    let (queue, _) = pair(&world).await;
    for n in 0..3 {
        bury(&world, &queue, &n.to_string()).await;
    }
    let input = json!({"SourceArn": arn("dead"), "MaxNumberOfMessagesPerSecond": 1});
    let handle = world.done("StartMessageMoveTask", input).await;
    world.restart_idle();
    assert_eq!(
        world.refused("CancelMessageMoveTask", handle.clone()).await,
        "UnsupportedOperation: Only active tasks can be cancelled."
    );
    world.sqs.resume().expect("the disk can be read");
    world.done("CancelMessageMoveTask", handle).await;
}

#[tokio::test]
async fn only_dead_letters_can_be_moved() {
    let world = World::new();
    pair(&world).await;
    for (input, refusal) in [
        (
            json!({}),
            "MissingParameter: The request must contain the parameter SourceArn.",
        ),
        (
            json!({"SourceArn": arn("none")}),
            "ResourceNotFoundException: The resource that you specified for the SourceArn parameter doesn't exist.",
        ),
        (
            json!({"SourceArn": arn("q")}),
            "InvalidParameterValue: Source queue must be configured as a Dead Letter Queue.",
        ),
        (
            json!({"SourceArn": arn("dead"), "DestinationArn": arn("none")}),
            "ResourceNotFoundException: The resource that you specified for the DestinationArn parameter doesn't exist.",
        ),
    ] {
        assert_eq!(world.refused("StartMessageMoveTask", input).await, refusal);
    }
    assert!(
        world
            .ask("CancelMessageMoveTask", json!({"TaskHandle": "x"}))
            .await
            .is_err()
    );
}
