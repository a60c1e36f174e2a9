use serde_json::{Value, json};

use crate::world::{World, json_of, queue};

#[tokio::test]
async fn a_topic_is_made_once() {
    let mut world = World::new();
    let arn = world.topic("t", json!({"DisplayName": "Photos"})).await;
    assert_eq!(arn, "arn:aws:sns:us-east-1:000000000000:t");
    world.restart();
    assert_eq!(
        world.topic("t", json!({"DisplayName": "Photos"})).await,
        arn
    );
    assert_eq!(world.topic("t", json!({})).await, arn);
    for (input, refusal) in [
        (
            json!({"Name": "t", "Attributes": {"DisplayName": "Other"}}),
            "InvalidParameter: Invalid parameter: Attributes Reason: Topic already exists with different attributes",
        ),
        (
            json!({"Name": "t", "Tags": [{"Key": "a", "Value": "b"}]}),
            "InvalidParameter: Invalid parameter: Tags Reason: Topic already exists with different tags",
        ),
        (
            json!({"Name": "a b"}),
            "InvalidParameter: Invalid parameter: Topic Name",
        ),
        (
            json!({"Name": "t.fifo"}),
            "InvalidParameter: Invalid parameter: Topic Name",
        ),
        (
            json!({"Name": "t", "Attributes": {"FifoTopic": "true"}}),
            "InvalidParameter: Invalid parameter: Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.",
        ),
        (
            json!({"Name": "new", "Attributes": {"Colour": "red"}}),
            "InvalidParameter: Invalid parameter: Attributes Reason: Unknown attribute Colour",
        ),
    ] {
        assert_eq!(world.refused("CreateTopic", input).await, refusal);
    }
}

#[tokio::test]
async fn attributes_are_told_with_their_defaults_and_can_be_set() {
    let world = World::new();
    let arn = world.topic("t.fifo", json!({"FifoTopic": "true"})).await;
    world
        .subscribe(&arn, "sqs", &queue("q.fifo"), json!({}))
        .await;
    let set = |name: &str, value: &str| json!({"TopicArn": arn, "AttributeName": name, "AttributeValue": value});
    world
        .done("SetTopicAttributes", set("DisplayName", "Photos"))
        .await;
    let attributes = &world
        .done("GetTopicAttributes", json!({"TopicArn": arn}))
        .await["Attributes"];
    for (name, value) in [
        ("TopicArn", arn.as_str()),
        ("Owner", "000000000000"),
        ("DisplayName", "Photos"),
        ("SubscriptionsConfirmed", "1"),
        ("SubscriptionsPending", "0"),
        ("SubscriptionsDeleted", "0"),
        ("FifoTopic", "true"),
        ("ContentBasedDeduplication", "false"),
    ] {
        assert_eq!(attributes[name], value, "{name}");
    }
    assert_eq!(
        json_of(&attributes["Policy"])["Statement"][0]["Resource"],
        arn
    );
    assert_eq!(
        json_of(&attributes["EffectiveDeliveryPolicy"])["http"]["defaultHealthyRetryPolicy"]["numRetries"],
        3
    );
    for (name, value, refusal) in [
        (
            "Colour",
            "red",
            "InvalidParameter: Invalid parameter: AttributeName",
        ),
        (
            "FifoTopic",
            "false",
            "InvalidParameter: Invalid parameter: AttributeName",
        ),
        (
            "Policy",
            "{",
            "InvalidParameter: Invalid parameter: Invalid value [{] for attribute Policy",
        ),
    ] {
        assert_eq!(
            world.refused("SetTopicAttributes", set(name, value)).await,
            refusal
        );
    }
    let none = json!({"TopicArn": "arn:aws:sns:us-east-1:000000000000:none"});
    assert_eq!(
        world.refused("GetTopicAttributes", none).await,
        "NotFound: Topic does not exist"
    );
}

#[tokio::test]
async fn topics_are_listed_by_the_hundred() {
    let world = World::new();
    for n in 0..101 {
        world.topic(&format!("t{n:03}"), json!({})).await;
    }
    let first = world.done("ListTopics", json!({})).await;
    assert_eq!(first["Topics"].as_array().map(Vec::len), Some(100));
    let rest = world
        .done("ListTopics", json!({"NextToken": first["NextToken"]}))
        .await;
    assert_eq!(
        rest,
        json!({"Topics": [{"TopicArn": "arn:aws:sns:us-east-1:000000000000:t100"}]})
    );
    let bad = world.refused("ListTopics", json!({"NextToken": "!"})).await;
    assert_eq!(bad, "InvalidParameter: Invalid parameter: NextToken");
}

#[tokio::test]
async fn a_deleted_topic_is_gone_with_its_subscriptions() {
    let mut world = World::new();
    let arn = world.topic("t", json!({})).await;
    let other = world.topic("t2", json!({})).await;
    world.subscribe(&arn, "sqs", &queue("q"), json!({})).await;
    world.subscribe(&other, "sqs", &queue("q"), json!({})).await;
    world.done("DeleteTopic", json!({"TopicArn": arn})).await;
    world.done("DeleteTopic", json!({"TopicArn": arn})).await;
    world.restart();
    assert_eq!(
        world
            .refused("Publish", json!({"TopicArn": arn, "Message": "x"}))
            .await,
        "NotFound: Topic does not exist"
    );
    let left = world.done("ListSubscriptions", json!({})).await;
    assert_eq!(left["Subscriptions"].as_array().map(Vec::len), Some(1));
    assert_eq!(left["Subscriptions"][0]["TopicArn"], other);
    world.topic("t", json!({})).await;
    let none = world
        .done("ListSubscriptionsByTopic", json!({"TopicArn": arn}))
        .await;
    assert_eq!(none["Subscriptions"], json!([]));
}

#[tokio::test]
async fn tags_are_kept() {
    let world = World::new();
    let arn = world.topic("t", json!({})).await;
    let tag = |key: &str| json!({"Key": key, "Value": "v"});
    world
        .done(
            "TagResource",
            json!({"ResourceArn": arn, "Tags": [tag("a"), tag("b")]}),
        )
        .await;
    world
        .done(
            "UntagResource",
            json!({"ResourceArn": arn, "TagKeys": ["a"]}),
        )
        .await;
    let tags = world
        .done("ListTagsForResource", json!({"ResourceArn": arn}))
        .await;
    assert_eq!(tags, json!({"Tags": [tag("b")]}));
    let many: Vec<Value> = (0..50).map(|n| tag(&n.to_string())).collect();
    let refusal = world
        .refused("TagResource", json!({"ResourceArn": arn, "Tags": many}))
        .await;
    assert!(refusal.starts_with("TagLimitExceeded"), "{refusal}");
    let none = json!({"ResourceArn": "arn:aws:sns:us-east-1:000000000000:none"});
    assert_eq!(
        world.refused("ListTagsForResource", none).await,
        "ResourceNotFound: Resource does not exist"
    );
}

#[tokio::test]
async fn permissions_are_statements_of_the_policy() {
    let world = World::new();
    let arn = world.topic("t", json!({})).await;
    let add = json!({
        "TopicArn": arn, "Label": "bob", "AWSAccountId": ["111111111111"], "ActionName": ["Publish"],
    });
    world.done("AddPermission", add.clone()).await;
    let statements = async || {
        let input = json!({"TopicArn": arn});
        let attributes = &world.done("GetTopicAttributes", input).await["Attributes"];
        json_of(&attributes["Policy"])["Statement"].clone()
    };
    assert_eq!(
        statements().await[1],
        json!({
            "Sid": "bob", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
            "Action": "SNS:Publish", "Resource": arn,
        })
    );
    assert_eq!(
        world.refused("AddPermission", add).await,
        "InvalidParameter: Invalid parameter: Statement already exists"
    );
    world
        .done("RemovePermission", json!({"TopicArn": arn, "Label": "bob"}))
        .await;
    assert_eq!(statements().await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_it_does_not_do_it_says() {
    let world = World::new();
    let refusal = world.refused("CreatePlatformApplication", json!({})).await;
    assert!(refusal.starts_with("InvalidAction"), "{refusal}");
}
