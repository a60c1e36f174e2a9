use serde_json::{Value, json};

use crate::world::{Reached, World, json_of, queue, text};

#[tokio::test]
async fn queues_and_functions_of_one_s_own_need_no_confirmation() {
    let world = World::new();
    let topic = world.topic("t", json!({})).await;
    for (protocol, endpoint) in [
        ("sqs", queue("q")),
        (
            "lambda",
            "arn:aws:lambda:us-east-1:000000000000:function:f".into(),
        ),
        ("sms", "+41791234567".into()),
    ] {
        let arn = world
            .subscribe(&topic, protocol, &endpoint, json!({}))
            .await;
        assert!(arn.starts_with(&format!("{topic}:")), "{arn}");
        assert_eq!(
            world
                .subscribe(&topic, protocol, &endpoint, json!({}))
                .await,
            arn
        );
        let listed = world
            .done("ListSubscriptionsByTopic", json!({"TopicArn": topic}))
            .await;
        let listed = listed["Subscriptions"].as_array().cloned().expect("a list");
        let one = listed.iter().find(|one| one["Protocol"] == protocol);
        assert_eq!(
            one,
            Some(&json!({
                "SubscriptionArn": arn, "Owner": "000000000000", "Protocol": protocol,
                "Endpoint": endpoint, "TopicArn": topic,
            }))
        );
    }
}

#[tokio::test]
async fn an_endpoint_that_does_not_fit_its_protocol_is_refused() {
    let world = World::new();
    let topic = world.topic("t", json!({})).await;
    let fifo = world.topic("t.fifo", json!({"FifoTopic": "true"})).await;
    for (topic, protocol, endpoint, refusal) in [
        (
            &topic,
            "fax",
            "1",
            "Does not support this protocol string: fax",
        ),
        (&topic, "sqs", "q", "SQS endpoint ARN"),
        (&topic, "lambda", "f", "Lambda endpoint ARN"),
        (
            &topic,
            "http",
            "https://example.com",
            "Endpoint must match the specified protocol",
        ),
        (
            &topic,
            "https",
            "example.com",
            "Endpoint must match the specified protocol",
        ),
        (&topic, "email", "nobody", "Email address"),
        (&topic, "sms", "call me", "Invalid SMS endpoint"),
        (
            &topic,
            "sqs",
            "arn:aws:sqs:us-east-1:000000000000:q.fifo",
            "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
        ),
        (&fifo, "email", "a@b.c", "Invalid protocol type: email"),
    ] {
        let input = json!({"TopicArn": topic, "Protocol": protocol, "Endpoint": endpoint});
        assert_eq!(
            world.refused("Subscribe", input).await,
            format!("InvalidParameter: Invalid parameter: {refusal}")
        );
    }
    let none = json!({"TopicArn": "t", "Protocol": "email", "Endpoint": "a@b.c"});
    assert_eq!(
        world.refused("Subscribe", none).await,
        "InvalidParameter: Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"
    );
}

#[tokio::test]
async fn an_http_endpoint_is_asked_and_confirms_by_the_link_or_the_token() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    let said = world
        .subscribe(&topic, "http", "http://example.com/hook", json!({}))
        .await;
    assert_eq!(said, "pending confirmation");
    let Reached::Http(request) = world.reached().await else {
        panic!("an HTTP endpoint is asked over HTTP");
    };
    assert_eq!(request.uri(), "http://example.com/hook");
    assert_eq!(
        request.headers()["x-amz-sns-message-type"],
        "SubscriptionConfirmation"
    );
    assert_eq!(request.headers()["x-amz-sns-topic-arn"], topic.as_str());
    let question: Value = serde_json::from_slice(request.body()).expect("JSON");
    assert_eq!(question["Type"], "SubscriptionConfirmation");
    assert_eq!(question["TopicArn"], topic);
    let link = text(&question["SubscribeURL"]);
    let token = text(&question["Token"]);
    assert!(link.contains(&token), "{link}");
    let listed = world.done("ListSubscriptions", json!({})).await;
    assert_eq!(
        listed["Subscriptions"][0]["SubscriptionArn"],
        "PendingConfirmation"
    );

    world.publish(&topic, "nobody listens").await;
    let (status, answer) = world.page(&link).await;
    assert_eq!(status, 200, "{answer}");
    assert!(
        answer.contains(
            "<ConfirmSubscriptionResult><SubscriptionArn>arn:aws:sns:us-east-1:000000000000:t:"
        ),
        "{answer}"
    );
    let confirm = json!({"TopicArn": topic, "Token": token});
    let arn = text(&world.done("ConfirmSubscription", confirm).await["SubscriptionArn"]);
    world.publish(&topic, "somebody listens").await;
    let Reached::Http(request) = world.reached().await else {
        panic!("an HTTP endpoint is told over HTTP");
    };
    assert_eq!(request.headers()["x-amz-sns-message-type"], "Notification");
    assert_eq!(
        request.headers()["x-amz-sns-subscription-arn"],
        arn.as_str()
    );
    let notification: Value = serde_json::from_slice(request.body()).expect("JSON");
    assert_eq!(notification["Message"], "somebody listens");
}

#[tokio::test]
async fn a_wrong_token_confirms_nothing() {
    let world = World::new();
    let topic = world.topic("t", json!({})).await;
    world.subscribe(&topic, "email", "a@b.c", json!({})).await;
    for token in ["", "wrong"] {
        let input = json!({"TopicArn": topic, "Token": token});
        assert_eq!(
            world.refused("ConfirmSubscription", input).await,
            "InvalidParameter: Invalid parameter: Token"
        );
    }
    let (status, answer) = world
        .page(&format!(
            "/_aws/sns/?Action=ConfirmSubscription&TopicArn={topic}&Token=wrong"
        ))
        .await;
    assert_eq!(status, 400);
    assert!(answer.contains("<Code>InvalidParameter</Code>"), "{answer}");
}

#[tokio::test]
async fn a_token_holds_for_two_days() {
    let world = World::new();
    let topic = world.topic("t", json!({})).await;
    world.subscribe(&topic, "email", "a@b.c", json!({})).await;
    let token = world.letters("email=a@b.c").await[0]["token"].clone();
    world.pass_hours(49);
    let input = json!({"TopicArn": topic, "Token": token});
    assert_eq!(
        world.refused("ConfirmSubscription", input).await,
        "InvalidParameter: Invalid parameter: Token"
    );
}

#[tokio::test]
async fn who_is_asked_again_has_two_days_again() {
    let world = World::new();
    let topic = world.topic("t", json!({})).await;
    world.subscribe(&topic, "email", "a@b.c", json!({})).await;
    world.pass_hours(49);
    world.subscribe(&topic, "email", "a@b.c", json!({})).await;
    let letters = world.letters("email=a@b.c").await;
    assert_ne!(letters[0]["token"], letters[1]["token"]);
    let input = json!({"TopicArn": topic, "Token": letters[0]["token"]});
    let confirmed = world.done("ConfirmSubscription", input).await;
    assert!(text(&confirmed["SubscriptionArn"]).starts_with(&topic));
}

#[tokio::test]
async fn what_is_not_confirmed_in_time_is_dropped() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    world.subscribe(&topic, "sqs", &queue("q"), json!({})).await;
    world.subscribe(&topic, "email", "a@b.c", json!({})).await;
    world.pass_hours(47);
    world.subscribe(&topic, "email", "d@e.f", json!({})).await;
    world.pass_hours(2);
    // Rows are looked through when a process begins, and then every few minutes.
    world.restart();
    let listed = async || {
        let listed = world
            .done("ListSubscriptionsByTopic", json!({"TopicArn": topic}))
            .await;
        let listed = listed["Subscriptions"].as_array().expect("a list").clone();
        let mut endpoints: Vec<String> = listed.iter().map(|one| text(&one["Endpoint"])).collect();
        endpoints.sort();
        endpoints
    };
    let dropped = async {
        while listed().await.len() > 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), dropped)
        .await
        .expect("it is dropped");
    assert_eq!(listed().await, [queue("q"), "d@e.f".to_owned()]);
}

#[tokio::test]
async fn a_queue_of_another_account_is_asked() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    let queue = "arn:aws:sqs:us-east-1:111111111111:q";
    let said = world.subscribe(&topic, "sqs", queue, json!({})).await;
    assert_eq!(said, "pending confirmation");
    let asked = world.queued().await;
    assert_eq!(asked["QueueUrl"], "http://127.0.0.1:4566/111111111111/q");
    let question = json_of(&asked["MessageBody"]);
    let confirm = json!({"TopicArn": topic, "Token": question["Token"]});
    world.done("ConfirmSubscription", confirm).await;
    world.publish(&topic, "x").await;
    assert_eq!(
        json_of(&world.queued().await["MessageBody"])["Message"],
        "x"
    );
}

#[tokio::test]
async fn the_arn_of_a_pending_subscription_is_told_to_who_asks() {
    let world = World::new();
    let topic = world.topic("t", json!({})).await;
    let input = json!({
        "TopicArn": topic, "Protocol": "email", "Endpoint": "a@b.c", "ReturnSubscriptionArn": true,
    });
    let arn = text(&world.done("Subscribe", input).await["SubscriptionArn"]);
    let attributes = world
        .done("GetSubscriptionAttributes", json!({"SubscriptionArn": arn}))
        .await;
    assert_eq!(
        attributes["Attributes"],
        json!({
            "SubscriptionArn": arn,
            "TopicArn": topic,
            "Owner": "000000000000",
            "SubscriptionPrincipal": "arn:aws:iam::000000000000:root",
            "Protocol": "email",
            "Endpoint": "a@b.c",
            "PendingConfirmation": "true",
            "ConfirmationWasAuthenticated": "false",
            "RawMessageDelivery": "false",
        })
    );
}

#[tokio::test]
async fn attributes_are_checked_kept_and_can_be_changed() {
    let world = World::new();
    let topic = world.topic("t", json!({})).await;
    let policy = r#"{"shop": ["a"]}"#;
    let arn = world
        .subscribe(&topic, "sqs", &queue("q"), json!({"FilterPolicy": policy}))
        .await;
    let attributes = async || {
        let input = json!({"SubscriptionArn": arn});
        world.done("GetSubscriptionAttributes", input).await["Attributes"].clone()
    };
    assert_eq!(attributes().await["FilterPolicy"], policy);
    assert_eq!(attributes().await["FilterPolicyScope"], "MessageAttributes");
    assert_eq!(
        world
            .refused(
                "Subscribe",
                json!({
                    "TopicArn": topic, "Protocol": "sqs", "Endpoint": queue("q"),
                    "Attributes": {"FilterPolicy": "{}"},
                })
            )
            .await,
        "InvalidParameter: Invalid parameter: Attributes Reason: Subscription already exists with different attributes"
    );
    let set = |name: &str, value: &str| json!({"SubscriptionArn": arn, "AttributeName": name, "AttributeValue": value});
    world
        .done(
            "SetSubscriptionAttributes",
            set("RawMessageDelivery", "true"),
        )
        .await;
    assert_eq!(attributes().await["RawMessageDelivery"], "true");
    world
        .done("SetSubscriptionAttributes", set("FilterPolicy", "{}"))
        .await;
    assert_eq!(attributes().await["FilterPolicy"], Value::Null);
    let redrive = json!({"deadLetterTargetArn": queue("dead")}).to_string();
    world
        .done("SetSubscriptionAttributes", set("RedrivePolicy", &redrive))
        .await;
    for (name, value, refusal) in [
        ("Colour", "red", "AttributeName"),
        (
            "RawMessageDelivery",
            "yes",
            "RawMessageDelivery: Invalid value [yes].",
        ),
        ("FilterPolicy", "{", "FilterPolicy: failed to parse JSON."),
        (
            "RedrivePolicy",
            r#"{"deadLetterTargetArn": "x"}"#,
            "RedrivePolicy: deadLetterTargetArn is an invalid arn",
        ),
        (
            "FilterPolicyScope",
            "Everything",
            "FilterPolicyScope: Invalid value [Everything].",
        ),
    ] {
        assert_eq!(
            world
                .refused("SetSubscriptionAttributes", set(name, value))
                .await,
            format!("InvalidParameter: Invalid parameter: {refusal}")
        );
    }
    let none = json!({"SubscriptionArn": format!("{topic}:none")});
    assert_eq!(
        world.refused("GetSubscriptionAttributes", none).await,
        "NotFound: Subscription does not exist"
    );
}

#[tokio::test]
async fn a_nested_policy_needs_its_scope_and_keeps_it() {
    let world = World::new();
    let topic = world.topic("t", json!({})).await;
    let nested = r#"{"order": {"state": ["open"]}}"#;
    let input = json!({
        "TopicArn": topic, "Protocol": "sqs", "Endpoint": queue("q"),
        "Attributes": {"FilterPolicy": nested},
    });
    assert_eq!(
        world.refused("Subscribe", input).await,
        "InvalidParameter: Invalid parameter: Attributes Reason: FilterPolicy: Filter policy scope MessageAttributes does not support nested filter policy"
    );
    let attributes = json!({"FilterPolicy": nested, "FilterPolicyScope": "MessageBody"});
    let arn = world
        .subscribe(&topic, "sqs", &queue("q"), attributes)
        .await;
    let back = json!({
        "SubscriptionArn": arn, "AttributeName": "FilterPolicyScope", "AttributeValue": "MessageAttributes",
    });
    let refusal = world.refused("SetSubscriptionAttributes", back).await;
    assert!(
        refusal.contains("does not support nested filter policy"),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_topic_has_so_many_filter_policies() {
    let world = World::new();
    let topic = world.topic("t", json!({})).await;
    for n in 0..200 {
        let attributes = json!({"FilterPolicy": r#"{"a": ["b"]}"#});
        world
            .subscribe(&topic, "sqs", &queue(&format!("q{n}")), attributes)
            .await;
    }
    let input = json!({
        "TopicArn": topic, "Protocol": "sqs", "Endpoint": queue("q"),
        "Attributes": {"FilterPolicy": r#"{"a": ["b"]}"#},
    });
    let refusal = world.refused("Subscribe", input).await;
    assert!(
        refusal.starts_with("FilterPolicyLimitExceeded"),
        "{refusal}"
    );
    let first = world.done("ListSubscriptions", json!({})).await;
    assert_eq!(first["Subscriptions"].as_array().map(Vec::len), Some(100));
    let second = world
        .done(
            "ListSubscriptions",
            json!({"NextToken": first["NextToken"]}),
        )
        .await;
    assert_eq!(second["Subscriptions"].as_array().map(Vec::len), Some(100));
    assert_eq!(second["NextToken"], Value::Null);
}

#[tokio::test]
async fn a_subscription_can_be_ended_by_its_arn_and_by_link_unless_it_is_guarded() {
    let mut world = World::new();
    let topic = world.topic("t", json!({})).await;
    let first = world.subscribe(&topic, "sqs", &queue("q"), json!({})).await;
    world.publish(&topic, "x").await;
    let link = text(&json_of(&world.queued().await["MessageBody"])["UnsubscribeURL"]);
    assert!(
        link.ends_with(&format!("/?Action=Unsubscribe&SubscriptionArn={first}")),
        "{link}"
    );
    let (status, answer) = world.page(&link).await;
    assert_eq!(status, 200);
    assert!(answer.contains("<UnsubscribeResponse"), "{answer}");
    let attributes = world
        .done("GetTopicAttributes", json!({"TopicArn": topic}))
        .await;
    assert_eq!(attributes["Attributes"]["SubscriptionsConfirmed"], "0");
    assert_eq!(attributes["Attributes"]["SubscriptionsDeleted"], "1");

    world.subscribe(&topic, "email", "a@b.c", json!({})).await;
    let token = world.letters("").await[0]["token"].clone();
    let confirm = json!({"TopicArn": topic, "Token": token, "AuthenticateOnUnsubscribe": "true"});
    let guarded = text(&world.done("ConfirmSubscription", confirm).await["SubscriptionArn"]);
    let (status, _) = world
        .page(&format!(
            "/_aws/sns/?Action=Unsubscribe&SubscriptionArn={guarded}"
        ))
        .await;
    assert_eq!(status, 403);
    world
        .done("Unsubscribe", json!({"SubscriptionArn": guarded}))
        .await;
    world
        .done("Unsubscribe", json!({"SubscriptionArn": guarded}))
        .await;
    let none = world.done("ListSubscriptions", json!({})).await;
    assert_eq!(none["Subscriptions"], json!([]));
    assert_eq!(
        world
            .refused("Unsubscribe", json!({"SubscriptionArn": "x"}))
            .await,
        "InvalidParameter: Invalid parameter: SubscriptionArn"
    );
}
