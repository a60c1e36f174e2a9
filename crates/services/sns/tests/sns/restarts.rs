use serde_json::json;
use store::{Fault, Keyspace, Order, Table};

use crate::world::{World, json_of, queue};

#[tokio::test]
async fn what_was_not_delivered_is_delivered_after_a_restart() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    world.subscribe(&topic, "sqs", &queue("a"), json!({})).await;
    world.subscribe(&topic, "sqs", &queue("b"), json!({})).await;
    // No delivery begins any more, as in a process that is killed right after its answer.
    world.sns.shutdown(std::time::Duration::from_secs(10)).await;
    let id = world.publish(&topic, "hello").await;
    assert!(world.unseen().is_empty());
    world.restart();
    let mut queues = Vec::new();
    for _ in 0..2 {
        let queued = world.queued().await;
        assert_eq!(json_of(&queued["MessageBody"])["MessageId"], id);
        queues.push(queued["QueueUrl"].clone());
    }
    queues.sort_by_key(ToString::to_string);
    assert_eq!(
        queues,
        [
            "http://127.0.0.1:4566/000000000000/a",
            "http://127.0.0.1:4566/000000000000/b"
        ]
    );
    // What was delivered is not delivered again.
    world.sns.shutdown(std::time::Duration::from_secs(10)).await;
    world.restart();
    world.publish(&topic, "next").await;
    for _ in 0..2 {
        assert_eq!(
            json_of(&world.queued().await["MessageBody"])["Message"],
            "next"
        );
    }
}

#[tokio::test]
async fn what_was_delivered_leaves_nothing_behind() {
    for subscriptions in 1..3 {
        let mut world = World::new();
        let topic = world.topic("t", json!({})).await;
        for n in 0..subscriptions {
            let endpoint = queue(&n.to_string());
            world.subscribe(&topic, "sqs", &endpoint, json!({})).await;
        }
        world.publish(&topic, "hello").await;
        for _ in 0..subscriptions {
            world.queued().await;
        }
        world.sns.shutdown(std::time::Duration::from_secs(10)).await;
        // Commits are durable in their order: with this one those of the deliveries are.
        world.topic("other", json!({})).await;
        let store = world.disk.open(|_| Fault::None);
        for name in ["sns/messages", "sns/outbox"] {
            let table = Table::new(Keyspace::Services, name);
            let rows = store.prefix(table, b"", Order::Ascending, 10);
            assert!(rows.expect("it can be read").is_empty(), "{name}");
        }
    }
}

#[tokio::test]
async fn nothing_is_delivered_before_the_process_is_whole() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    world.subscribe(&topic, "sqs", &queue("q"), json!({})).await;
    world.sns.shutdown(std::time::Duration::from_secs(10)).await;
    world.publish(&topic, "first").await;
    world.restart_idle();
    // Long enough for a delivery, were there one: a publish takes a commit.
    world.publish(&topic, "second").await;
    assert!(world.unseen().is_empty());
    world.sns.resume();
    for message in ["first", "second"] {
        assert_eq!(
            json_of(&world.queued().await["MessageBody"])["Message"],
            message
        );
    }
}

#[tokio::test]
async fn a_question_that_was_not_asked_is_asked_after_a_restart() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    world.sns.shutdown(std::time::Duration::from_secs(10)).await;
    world
        .subscribe(
            &topic,
            "sqs",
            "arn:aws:sqs:us-east-1:111111111111:q",
            json!({}),
        )
        .await;
    world.restart();
    assert_eq!(
        json_of(&world.queued().await["MessageBody"])["Type"],
        "SubscriptionConfirmation"
    );
}

#[tokio::test]
async fn a_publish_that_is_not_durable_is_neither_acknowledged_nor_delivered() {
    for fault in [Fault::Lost, Fault::Kept] {
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
        world.restart_with(move |_| fault);
        let input = json!({"TopicArn": topic, "Message": "first"});
        assert!(world.ask("Publish", input).await.is_err());
        assert!(world.unseen().is_empty());
        world.restart();
        world.publish(&topic, "second").await;
        let mut bodies = vec![world.queued().await["MessageBody"].clone()];
        if fault == Fault::Kept {
            bodies.push(world.queued().await["MessageBody"].clone());
        }
        bodies.sort_by_key(ToString::to_string);
        match fault {
            Fault::Kept => assert_eq!(bodies, ["first", "second"]),
            Fault::Lost | Fault::None => assert_eq!(bodies, ["second"]),
        }
    }
}
