//! Python functions: what they get, and what becomes of what they return or raise.

use serde_json::{Value, json};

use super::world::{World, has, log_of, text};

const ECHO: &str = "def handler(event, context):\n    return event\n";

async fn world_with(source: &str) -> World {
    let world = World::new();
    world
        .create("f", "python3.12", &[("handler.py", source)], json!({}))
        .await;
    world
}

#[tokio::test]
async fn a_function_answers_its_event_and_stays_warm() {
    if !has("python3") {
        return;
    }
    let world = world_with("count = 0\ndef handler(event, context):\n    global count\n    count += 1\n    return {'event': event, 'count': count}\n").await;
    assert_eq!(
        world.result("f", r#"{"a":1}"#).await,
        r#"{"event": {"a": 1}, "count": 1}"#
    );
    assert_eq!(
        world.result("f", "\"é\"").await,
        "{\"event\": \"é\", \"count\": 2}"
    );
    assert_eq!(world.lambda.host.processes(), 1);
}
