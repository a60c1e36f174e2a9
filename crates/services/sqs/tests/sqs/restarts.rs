use serde_json::json;
use store::Fault;

use crate::world::{World, text};

#[tokio::test]
async fn what_was_sent_is_there_after_a_restart() {
    let mut world = World::new();
    let url = world.queue("q", json!({"DelaySeconds": "1"})).await;
    for n in 0..3 {
        world.send(&url, &n.to_string()).await;
    }
    world.restart();
    assert_eq!(world.counts(&url).await, ["0", "0", "3"]);
    world.pass(1);
    assert_eq!(world.bodies(&url).await, ["0", "1", "2"]);
    // Numbers go on where they were, so that new messages come after old ones.
    world.restart();
    world.send(&url, "3").await;
    world.pass(31);
    assert_eq!(world.bodies(&url).await, ["0", "1", "2", "3"]);
}

#[tokio::test]
async fn what_is_in_flight_stays_so_over_a_restart() {
    let mut world = World::new();
    let url = world.queue("q", json!({})).await;
    world.send(&url, "x").await;
    let received = world.receive(&url).await;
    world.restart();
    assert!(world.receive(&url).await.is_empty());
    assert_eq!(world.counts(&url).await, ["0", "1", "0"]);
    let change = json!({"QueueUrl": url, "ReceiptHandle": received[0]["ReceiptHandle"], "VisibilityTimeout": 60});
    world.done("ChangeMessageVisibility", change).await;
    world.restart();
    world.pass(59);
    assert!(world.receive(&url).await.is_empty());
    world.pass(1);
    let again = world
        .receive_with(&url, json!({"AttributeNames": ["ApproximateReceiveCount"]}))
        .await;
    assert_eq!(again[0]["Attributes"]["ApproximateReceiveCount"], "2");
    world
        .delete(&url, &again[0])
        .await
        .expect("it is in flight");
    world.restart();
    world.pass(31);
    assert!(world.receive(&url).await.is_empty());
}

#[tokio::test]
async fn a_commit_that_fails_is_not_acknowledged_whether_it_was_kept_or_not() {
    for fault in [Fault::Lost, Fault::Kept] {
        let mut world = World::new();
        let url = world.queue("q", json!({})).await;
        world.send(&url, "first").await;
        let fails_next = move |lsn: store::Lsn| if lsn.0 == 1 { fault } else { Fault::None };

        world.restart_with(fails_next);
        let input = json!({"QueueUrl": url, "MessageBody": "second"});
        assert!(world.ask("SendMessage", input.clone()).await.is_err());
        assert!(
            world.ask("SendMessage", input).await.is_err(),
            "nothing is accepted any more"
        );

        world.restart_with(fails_next);
        let input = json!({"QueueUrl": url, "MaxNumberOfMessages": 10});
        assert!(world.ask("ReceiveMessage", input).await.is_err());

        world.restart();
        world.pass(31);
        let bodies = world.bodies(&url).await;
        match fault {
            Fault::Kept => assert_eq!(bodies, ["first", "second"]),
            Fault::Lost | Fault::None => assert_eq!(bodies, ["first"]),
        }
    }
}

#[tokio::test]
async fn a_delete_that_was_not_acknowledged_may_be_forgotten() {
    let mut world = World::new();
    let url = world.queue("q", json!({})).await;
    world.send(&url, "x").await;
    // The first commit is the receive, the second the delete.
    world.restart_with(|lsn| if lsn.0 == 2 { Fault::Lost } else { Fault::None });
    let received = world.receive(&url).await;
    assert!(world.delete(&url, &received[0]).await.is_err());
    world.restart();
    world.pass(31);
    assert_eq!(world.bodies(&url).await, ["x"]);
}

#[tokio::test]
async fn a_queue_half_deleted_is_a_queue_with_fewer_messages() {
    let mut world = World::new();
    let url = world.queue("q", json!({})).await;
    world.send(&url, "x").await;
    // The messages are the first commit, the queue itself is the second.
    world.restart_with(|lsn| if lsn.0 == 2 { Fault::Lost } else { Fault::None });
    assert!(
        world
            .ask("DeleteQueue", json!({"QueueUrl": url}))
            .await
            .is_err()
    );
    world.restart();
    assert!(world.bodies(&url).await.is_empty());
    let found = world.done("GetQueueUrl", json!({"QueueName": "q"})).await;
    assert_eq!(text(&found["QueueUrl"]), url);
}
