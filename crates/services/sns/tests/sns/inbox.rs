use serde_json::{Value, json};

use crate::world::{World, text};

#[tokio::test]
async fn an_address_is_asked_and_then_told_by_letters() {
    let mut world = World::new();
    let topic = world.topic("t", json!({"DisplayName": "Photos"})).await;
    let said = world
        .subscribe(&topic, "email", "ann@example.com", json!({}))
        .await;
    assert_eq!(said, "pending confirmation");
    world.publish(&topic, "not yet").await;
    world.restart();
    let letters = world.letters("email=ann@example.com").await;
    assert_eq!(letters.len(), 1);
    let question = &letters[0];
    assert_eq!(question["kind"], "confirmation");
    assert_eq!(question["to"], "ann@example.com");
    assert_eq!(
        question["subject"],
        "AWS Notification - Subscription Confirmation"
    );
    assert_eq!(question["topicArn"], topic);
    let link = text(&question["confirmUrl"]);
    assert!(text(&question["body"]).contains(&link), "{question}");
    assert_eq!(world.page(&link).await.0, 200);

    let publish = json!({"TopicArn": topic, "Message": "hello", "Subject": "Photo"});
    let id = world.done("Publish", publish).await["MessageId"].clone();
    world.publish(&topic, "no subject").await;
    let letters = world.letters("email=ANN@example.com").await;
    assert_eq!(letters.len(), 3);
    assert_eq!(letters[0]["subject"], "AWS Notification Message");
    let told = &letters[1];
    assert_eq!(told["kind"], "notification");
    assert_eq!(told["from"], "Photos <no-reply@sns.amazonaws.com>");
    assert_eq!(told["subject"], "Photo");
    assert_eq!(told["messageId"], id);
    assert!(text(&told["body"]).starts_with("hello\n"), "{told}");
    assert_eq!(world.page(&text(&told["unsubscribeUrl"])).await.0, 200);
    world.publish(&topic, "no more").await;
    assert_eq!(world.letters("").await.len(), 3);
    assert!(world.letters("email=bob@example.com").await.is_empty());
    assert!(world.letters("account=111111111111").await.is_empty());
}

#[tokio::test]
async fn an_address_may_want_json() {
    let world = World::new();
    let topic = world.topic("t", json!({})).await;
    world
        .subscribe(&topic, "email-json", "a@b.c", json!({}))
        .await;
    let question: Value =
        serde_json::from_str(&text(&world.letters("").await[0]["body"])).expect("JSON");
    let confirm = json!({"TopicArn": topic, "Token": question["Token"]});
    world.done("ConfirmSubscription", confirm).await;
    world.publish(&topic, "hello").await;
    let body: Value =
        serde_json::from_str(&text(&world.letters("").await[0]["body"])).expect("JSON");
    assert_eq!(body["Message"], "hello");
}

#[tokio::test]
async fn a_phone_gets_letters_too() {
    let world = World::new();
    let sent = json!({"PhoneNumber": "+41 79 123 45 67", "Message": "hello"});
    world.done("Publish", sent).await;
    let letters = world.letters("to=%2B41+79+123+45+67").await;
    assert!(letters.is_empty(), "a plus in a query is a plus");
    let letters = world.letters("to=%2B41%2079%20123%2045%2067").await;
    assert_eq!(letters[0]["kind"], "sms");
    assert_eq!(letters[0]["body"], "hello");
}

#[tokio::test]
async fn an_inbox_holds_a_thousand_letters_and_is_read_by_pages() {
    let mut world = World::new();
    for n in 0..1003 {
        let sent = json!({"PhoneNumber": "+41791234567", "Message": n.to_string()});
        world.done("Publish", sent).await;
        if n == 500 {
            world.restart();
        }
    }
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let query = format!("/_aws/sns/inbox?limit=49{next}");
        let (_, page) = world.page(&query).await;
        let page: Value = serde_json::from_str(&page).expect("JSON");
        let letters = page["messages"].as_array().cloned().expect("a list");
        seen.extend(letters.iter().map(|letter| text(&letter["body"])));
        match page["next"].as_str() {
            Some(number) => next = format!("&next={number}"),
            None => break,
        }
    }
    let expected: Vec<String> = (3..1003).rev().map(|n| n.to_string()).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn other_pages_are_not_there() {
    let world = World::new();
    for (page, status) in [
        ("/_aws/sns/inbox?limit=many", 400),
        ("/_aws/sns/inbox?next=x", 400),
        ("/_aws/sns/?Action=DeleteTopic&TopicArn=x", 400),
        ("/_aws/sns/", 400),
        ("/_aws/sns/SimpleNotificationService-unsigned.pem", 404),
    ] {
        assert_eq!(world.page(page).await.0, status, "{page}");
    }
}
