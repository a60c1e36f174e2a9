use serde_json::{Value, json};

use crate::world::{URL, World, arn, text};

#[tokio::test]
async fn a_queue_is_found_again_by_its_name() {
    let world = World::new();
    let url = world.queue("q", json!({"VisibilityTimeout": "5"})).await;
    assert_eq!(url, format!("{URL}/000000000000/q"));
    let found = world.done("GetQueueUrl", json!({"QueueName": "q"})).await;
    assert_eq!(found["QueueUrl"], url);
    let none = world
        .refused("GetQueueUrl", json!({"QueueName": "none"}))
        .await;
    assert_eq!(
        none,
        "QueueDoesNotExist: The specified queue does not exist."
    );
    for input in [
        json!({"QueueName": "Q"}),
        json!({"QueueName": "q", "QueueOwnerAWSAccountId": "111111111111"}),
    ] {
        assert!(world.ask("GetQueueUrl", input).await.is_err());
    }
}

#[tokio::test]
async fn to_make_a_queue_again_changes_nothing_and_must_not_want_to() {
    let world = World::new();
    let url = world.queue("q", json!({"VisibilityTimeout": "5"})).await;
    assert_eq!(
        world
            .queue("q", json!({"VisibilityTimeout": "5", "DelaySeconds": "0"}))
            .await,
        url
    );
    assert_eq!(world.queue("q", json!({})).await, url);
    let differs = json!({"QueueName": "q", "Attributes": {"VisibilityTimeout": "6"}});
    assert_eq!(
        world.refused("CreateQueue", differs).await,
        "QueueNameExists: A queue already exists with the same name and a different value for attribute VisibilityTimeout"
    );
}

#[tokio::test]
async fn a_queue_of_no_good_name_or_settings_is_refused() {
    let world = World::new();
    for (input, refusal) in [
        (
            json!({}),
            "MissingParameter: The request must contain the parameter QueueName.",
        ),
        (
            json!({"QueueName": "a b"}),
            "InvalidParameterValue: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        ),
        (
            json!({"QueueName": "q", "Attributes": {"FifoQueue": "true"}}),
            "InvalidParameterValue: The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.",
        ),
        (
            json!({"QueueName": "q", "Attributes": {"DelaySeconds": "901"}}),
            "InvalidAttributeValue: Invalid value for the parameter DelaySeconds.",
        ),
        (
            json!({"QueueName": "q", "tags": {"": "x"}}),
            "InvalidParameterValue: Tag keys must be between 1 and 128 characters in length.",
        ),
    ] {
        assert_eq!(world.refused("CreateQueue", input).await, refusal);
    }
    let policy = json!({"deadLetterTargetArn": arn("none"), "maxReceiveCount": 1}).to_string();
    let refusal = world
        .refused(
            "CreateQueue",
            json!({"QueueName": "q", "Attributes": {"RedrivePolicy": policy}}),
        )
        .await;
    assert_eq!(
        refusal,
        format!(
            "InvalidParameterValue: Value {policy} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist."
        )
    );
    assert!(
        world
            .ask("GetQueueUrl", json!({"QueueName": "q"}))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn attributes_are_told_with_their_defaults() {
    let world = World::new();
    let url = world.queue("q", json!({"DelaySeconds": "3"})).await;
    let all = json!({"QueueUrl": url, "AttributeNames": ["All"]});
    let attributes = &world.done("GetQueueAttributes", all).await["Attributes"];
    assert_eq!(
        *attributes,
        json!({
            "DelaySeconds": "3",
            "MaximumMessageSize": "1048576",
            "MessageRetentionPeriod": "345600",
            "ReceiveMessageWaitTimeSeconds": "0",
            "VisibilityTimeout": "30",
            "SqsManagedSseEnabled": "true",
            "ApproximateNumberOfMessages": "0",
            "ApproximateNumberOfMessagesDelayed": "0",
            "ApproximateNumberOfMessagesNotVisible": "0",
            "CreatedTimestamp": "1795366800",
            "LastModifiedTimestamp": "1795366800",
            "QueueArn": arn("q"),
        })
    );
    let none = world
        .done("GetQueueAttributes", json!({"QueueUrl": url}))
        .await;
    assert_eq!(none, json!({}));
    let unknown = json!({"QueueUrl": url, "AttributeNames": ["Colour"]});
    assert_eq!(
        world.refused("GetQueueAttributes", unknown).await,
        "InvalidAttributeName: Unknown Attribute Colour."
    );
    let fifo = world.queue("q.fifo", json!({"FifoQueue": "true"})).await;
    for (name, value) in [
        ("FifoQueue", "true"),
        ("ContentBasedDeduplication", "false"),
        ("DeduplicationScope", "queue"),
        ("FifoThroughputLimit", "perQueue"),
    ] {
        assert_eq!(world.attribute(&fifo, name).await, value, "{name}");
    }
}

#[tokio::test]
async fn attributes_can_be_set_and_texts_taken_away() {
    let world = World::new();
    let url = world.queue("q", json!({})).await;
    world.pass(10);
    let set = |attributes: Value| json!({"QueueUrl": url, "Attributes": attributes});
    let policy = r#"{"Statement": []}"#;
    world
        .done(
            "SetQueueAttributes",
            set(json!({"Policy": policy, "VisibilityTimeout": "7"})),
        )
        .await;
    assert_eq!(world.attribute(&url, "Policy").await, policy);
    assert_eq!(world.attribute(&url, "VisibilityTimeout").await, "7");
    assert_eq!(
        world.attribute(&url, "LastModifiedTimestamp").await,
        "1795366810"
    );
    world
        .done("SetQueueAttributes", set(json!({"Policy": ""})))
        .await;
    assert_eq!(world.attribute(&url, "Policy").await, Value::Null);
    for bad in [
        json!({}),
        json!({"VisibilityTimeout": "x"}),
        json!({"FifoQueue": "true"}),
    ] {
        assert!(world.ask("SetQueueAttributes", set(bad)).await.is_err());
    }
}

#[tokio::test]
async fn queues_are_listed_by_prefix_and_page() {
    let world = World::new();
    assert_eq!(world.done("ListQueues", json!({})).await, json!({}));
    for name in ["a1", "a2", "a3", "b1"] {
        world.queue(name, json!({})).await;
    }
    let names = |answer: &Value| -> Vec<String> {
        let urls = answer["QueueUrls"].as_array().cloned().unwrap_or_default();
        urls.iter()
            .map(|url| text(url).rsplit('/').next().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(
        names(&world.done("ListQueues", json!({})).await),
        ["a1", "a2", "a3", "b1"]
    );
    let first = world
        .done(
            "ListQueues",
            json!({"QueueNamePrefix": "a", "MaxResults": 2}),
        )
        .await;
    assert_eq!(names(&first), ["a1", "a2"]);
    let rest = json!({"QueueNamePrefix": "a", "MaxResults": 2, "NextToken": first["NextToken"]});
    let rest = world.done("ListQueues", rest).await;
    assert_eq!(names(&rest), ["a3"]);
    assert_eq!(rest["NextToken"], Value::Null);
    for bad in [json!({"MaxResults": 0}), json!({"NextToken": "!"})] {
        assert!(world.ask("ListQueues", bad).await.is_err());
    }
}

#[tokio::test]
async fn tags_are_kept() {
    let world = World::new();
    let url = world.queue("q", json!({})).await;
    let tags = || world.done("ListQueueTags", json!({"QueueUrl": url}));
    assert_eq!(tags().await, json!({}));
    world
        .done(
            "TagQueue",
            json!({"QueueUrl": url, "Tags": {"a": "1", "b": "2"}}),
        )
        .await;
    world
        .done("UntagQueue", json!({"QueueUrl": url, "TagKeys": ["a"]}))
        .await;
    assert_eq!(tags().await, json!({"Tags": {"b": "2"}}));
    let many: Value = (0..50)
        .map(|n| (format!("k{n}"), Value::from("v")))
        .collect();
    assert!(
        world
            .ask("TagQueue", json!({"QueueUrl": url, "Tags": many}))
            .await
            .is_err()
    );
    assert_eq!(tags().await, json!({"Tags": {"b": "2"}}));
}

#[tokio::test]
async fn permissions_are_statements_of_the_policy() {
    let world = World::new();
    let url = world.queue("q", json!({})).await;
    let add = json!({
        "QueueUrl": url, "Label": "alice", "AWSAccountIds": ["111111111111"], "Actions": ["SendMessage"],
    });
    world.done("AddPermission", add.clone()).await;
    let policy: Value =
        serde_json::from_str(&text(&world.attribute(&url, "Policy").await)).expect("JSON");
    assert_eq!(
        policy["Statement"],
        json!([{
            "Sid": "alice", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
            "Action": "SQS:SendMessage", "Resource": arn("q"),
        }])
    );
    assert_eq!(
        world.refused("AddPermission", add).await,
        "InvalidParameterValue: Value alice for parameter Label is invalid. Reason: Already exists."
    );
    let remove = json!({"QueueUrl": url, "Label": "alice"});
    world.done("RemovePermission", remove.clone()).await;
    assert_eq!(world.attribute(&url, "Policy").await, Value::Null);
    assert_eq!(
        world.refused("RemovePermission", remove).await,
        "InvalidParameterValue: Value alice for parameter Label is invalid. Reason: can't find label on existing policy."
    );
}

#[tokio::test]
async fn a_deleted_queue_is_gone_with_its_messages() {
    let mut world = World::new();
    let url = world.queue("q", json!({})).await;
    let other = world.queue("q2", json!({})).await;
    world.send(&url, "old").await;
    world.send(&other, "other").await;
    world.done("DeleteQueue", json!({"QueueUrl": url})).await;
    for operation in ["SendMessage", "ReceiveMessage", "DeleteQueue", "PurgeQueue"] {
        let input = json!({"QueueUrl": url, "MessageBody": "x"});
        let refusal = world.refused(operation, input).await;
        assert_eq!(
            refusal,
            "QueueDoesNotExist: The specified queue does not exist."
        );
    }
    world.queue("q", json!({})).await;
    assert!(world.bodies(&url).await.is_empty());
    world.restart();
    assert!(world.bodies(&url).await.is_empty());
    assert_eq!(world.bodies(&other).await, ["other"]);
}

#[tokio::test]
async fn what_does_not_name_a_queue_is_refused() {
    let world = World::new();
    assert_eq!(
        world
            .refused("SendMessage", json!({"MessageBody": "x"}))
            .await,
        "MissingParameter: The request must contain the parameter QueueUrl."
    );
    let address = json!({"QueueUrl": "http://no-such-queue", "MessageBody": "x"});
    assert_eq!(
        world.refused("SendMessage", address).await,
        "InvalidAddress: The address http://no-such-queue is not valid for this endpoint."
    );
    let unknown = world
        .ask("MakeCoffee", json!({}))
        .await
        .expect_err("there is none");
    assert_eq!(unknown.code, "UnknownOperationException");
}
