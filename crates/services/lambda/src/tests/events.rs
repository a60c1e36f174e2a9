//! Asynchronous events: accepted once they are written down, delivered until they succeed or have failed thrice.

use std::time::Duration;

use aws::Registry;
use serde_json::json;

use super::world::{World, has, until};

const NOTE: &str = "import os\ndef handler(event, context):\n    with open(os.environ['NOTE'], 'a') as f:\n        f.write(context.aws_request_id + ' ' + str(event) + '\\n')\n    if event == 'fail':\n        raise Exception('as asked')\n";

fn lines(note: &std::path::Path) -> Vec<String> {
    let text = std::fs::read_to_string(note).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

async fn world_with_note(delays: Duration) -> (World, std::path::PathBuf) {
    let world = World::with(|config| config.retry_delays = [delays, delays]);
    let note = world.folder.path().join("note");
    let more = json!({ "Environment": { "Variables": { "NOTE": note } } });
    let files = [("handler.py", NOTE)];
    world.create("f", "python3.12", &files, more).await;
    (world, note)
}

#[tokio::test]
async fn an_event_is_delivered_after_it_was_accepted() {
    if !has("python3") {
        return;
    }
    let (world, note) = world_with_note(Duration::from_mins(1)).await;
    let input = json!({ "FunctionName": "f", "InvocationType": "Event" });
    let answer = world
        .call_with("Invoke", input, "7")
        .await
        .expect("accepted");
    assert_eq!(answer.status, Some(202));
    assert_eq!(json!(answer.output), json!({ "StatusCode": 202 }));
    assert!(answer.body.is_empty());
    until("the event is delivered", || lines(&note).len() == 1).await;
    assert!(lines(&note)[0].ends_with(" 7"));
    until("the row is gone", || waiting(&world) == 0).await;
}

#[tokio::test]
async fn an_event_that_fails_is_tried_three_times_under_one_id() {
    if !has("python3") {
        return;
    }
    let (world, note) = world_with_note(Duration::from_millis(10)).await;
    let input = json!({ "FunctionName": "f", "InvocationType": "Event" });
    world
        .call_with("Invoke", input, "\"fail\"")
        .await
        .expect("accepted");
    until("the event is given up", || {
        lines(&note).len() == 3 && waiting(&world) == 0
    })
    .await;
    let tried = lines(&note);
    assert!(tried.iter().all(|line| *line == tried[0]), "{tried:?}");
}

#[tokio::test]
async fn an_event_outlives_the_server_that_accepted_it() {
    if !has("python3") {
        return;
    }
    let (world, note) = world_with_note(Duration::from_mins(1)).await;
    // As if the server had died right after it answered.
    world.lambda.events.stop();
    let input = json!({ "FunctionName": "f", "InvocationType": "Event" });
    world
        .call_with("Invoke", input, "8")
        .await
        .expect("accepted");
    assert_eq!(waiting(&world), 1);
    assert_eq!(lines(&note).len(), 0);
    let next = World::over(world.store.clone(), Registry::default(), |config| {
        config.data_dir = world.folder.path().into();
    });
    until("the event is delivered", || lines(&note).len() == 1).await;
    until("the row is gone", || waiting(&next) == 0).await;
}

#[tokio::test]
async fn a_shutdown_writes_down_what_came_of_an_event_in_hand() {
    if !has("python3") {
        return;
    }
    let world = World::new();
    let source = "import time\ndef handler(event, context):\n    print('begun', flush=True)\n    time.sleep(0.3)\n";
    let files = [("handler.py", source)];
    world.create("f", "python3.12", &files, json!({})).await;
    let input = json!({ "FunctionName": "f", "InvocationType": "Event" });
    world.call("Invoke", input).await.expect("accepted");
    until("the event is in hand", || {
        let log = world.lambda.logs("000000000000", "us-east-1", "f");
        log.iter().any(|event| event.message == "begun")
    })
    .await;
    world.lambda.shutdown(Duration::from_secs(10)).await;
    assert_eq!(waiting(&world), 0, "it is not delivered again");
}

#[tokio::test]
async fn a_shutdown_that_kills_an_event_in_hand_leaves_it_as_it_was() {
    if !has("python3") {
        return;
    }
    let world = World::with(|config| config.retry_delays = [Duration::ZERO; 2]);
    // Fails twice, and hangs at its last chance.
    let source = "import os, time\nNOTE = os.environ['NOTE']\ndef handler(event, context):\n    with open(NOTE, 'a') as f:\n        f.write('x\\n')\n    if len(open(NOTE).readlines()) < 3:\n        raise Exception('as asked')\n    time.sleep(600)\n";
    let note = world.folder.path().join("note");
    let more = json!({ "Timeout": 600, "Environment": { "Variables": { "NOTE": note } } });
    let files = [("handler.py", source)];
    world.create("f", "python3.12", &files, more).await;
    let input = json!({ "FunctionName": "f", "InvocationType": "Event" });
    world.call("Invoke", input).await.expect("accepted");
    until("it hangs", || lines(&note).len() == 3).await;
    world.lambda.shutdown(Duration::from_millis(10)).await;
    let left = world.lambda.functions.waiting_events();
    let left = left.expect("rows can be read");
    assert_eq!(left.len(), 1);
    let event = world.lambda.functions.event(&left[0].0);
    let event = event.expect("rows can be read").expect("it waits");
    assert_eq!(event.failures, 2, "the stop does not count");
}

fn waiting(world: &World) -> usize {
    world
        .lambda
        .functions
        .waiting_events()
        .expect("rows can be read")
        .len()
}
