//! Scheduled rules by a clock that the test moves.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{MINUTE, QUEUE, World};

async fn schedule(world: &World, expression: &str) {
    world
        .done(
            "PutRule",
            json!({"Name": "tick", "ScheduleExpression": expression}),
        )
        .await;
    let targets = json!([{"Id": "1", "Arn": QUEUE}]);
    world
        .done("PutTargets", json!({"Rule": "tick", "Targets": targets}))
        .await;
}

/// The time of the next event that a schedule sends.
async fn fired(world: &mut World) -> String {
    let (operation, input) = world.asked_for().await;
    assert_eq!(operation, "sqs:SendMessage");
    let event: Value =
        serde_json::from_str(input["MessageBody"].as_str().expect("text")).expect("JSON");
    world.until_delivered().await;
    event["time"].as_str().expect("a time").to_owned()
}

/// Moves the clock by so many minutes, one at a time, and looks what comes with each.
async fn minutes(world: &mut World, count: usize, due: impl Fn(usize) -> bool) -> Vec<String> {
    let mut times = Vec::new();
    for minute in 1..=count {
        world.clock.advance(MINUTE);
        if due(minute) {
            times.push(fired(world).await);
        }
    }
    times
}

#[tokio::test]
async fn a_rate_fires_each_time_with_the_event_that_aws_sends() {
    let mut world = World::new();
    schedule(&world, "rate(2 minutes)").await;
    world.clock.advance(MINUTE);
    world.clock.advance(MINUTE);
    let (_, input) = world.asked_for().await;
    let mut event: Value =
        serde_json::from_str(input["MessageBody"].as_str().expect("text")).expect("JSON");
    assert!(event["id"].take().is_string());
    assert_eq!(
        event,
        json!({
            "version": "0", "id": null, "detail-type": "Scheduled Event", "source": "aws.events",
            "account": "000000000000", "time": "2026-11-22T17:02:00Z", "region": "us-east-1",
            "resources": ["arn:aws:events:us-east-1:000000000000:rule/tick"], "detail": {},
        })
    );
    world.until_delivered().await;
    let times = minutes(&mut world, 4, |minute| minute % 2 == 0).await;
    assert_eq!(times, ["2026-11-22T17:04:00Z", "2026-11-22T17:06:00Z"]);
}

#[tokio::test]
async fn a_cron_fires_at_its_minutes() {
    let mut world = World::new();
    schedule(&world, "cron(1,3 17 * * ? *)").await;
    let times = minutes(&mut world, 4, |minute| minute % 2 == 1).await;
    assert_eq!(times, ["2026-11-22T17:01:00Z", "2026-11-22T17:03:00Z"]);
    world.events.shutdown(MINUTE).await;
    assert_eq!(world.asked_by_now(), 0);
}

#[tokio::test]
async fn what_was_missed_is_not_made_up() {
    let world = World::new();
    schedule(&world, "rate(1 minute)").await;
    world.events.shutdown(MINUTE).await;
    world.clock.advance(Duration::from_mins(10));
    let mut world = world.restarted().await;
    let times = minutes(&mut world, 2, |_| true).await;
    assert_eq!(times, ["2026-11-22T17:11:00Z", "2026-11-22T17:12:00Z"]);
    // So is what the clock jumps over while the server runs, as after a machine's sleep.
    world.clock.advance(Duration::from_mins(10));
    assert_eq!(fired(&mut world).await, "2026-11-22T17:22:00Z");
    assert_eq!(
        minutes(&mut world, 1, |_| true).await,
        ["2026-11-22T17:23:00Z"]
    );
}

#[tokio::test]
async fn a_time_that_has_fired_does_not_fire_again() {
    let mut world = World::new();
    schedule(&world, "cron(* * * * ? *)").await;
    assert_eq!(
        minutes(&mut world, 1, |_| true).await,
        ["2026-11-22T17:01:00Z"]
    );
    // The clock is set back by half a minute, and a server starts.
    world.events.shutdown(MINUTE).await;
    let back = service_events::ManualClock::at(crate::world::at("2026-11-22T17:00:30Z"));
    let again = World::asleep(world.store.clone(), back);
    again.events.resume();
    let mut world = again;
    world.clock.advance(Duration::from_secs(30));
    world.clock.advance(MINUTE);
    assert_eq!(fired(&mut world).await, "2026-11-22T17:02:00Z");
}

#[tokio::test]
async fn a_disabled_rule_rests_and_begins_anew_when_it_is_enabled() {
    let mut world = World::new();
    schedule(&world, "rate(2 minutes)").await;
    world.done("DisableRule", json!({"Name": "tick"})).await;
    minutes(&mut world, 3, |_| false).await;
    world.done("EnableRule", json!({"Name": "tick"})).await;
    let times = minutes(&mut world, 2, |minute| minute == 2).await;
    assert_eq!(times, ["2026-11-22T17:05:00Z"]);
    world.clock.advance(MINUTE);
    let changed =
        json!({"Name": "tick", "ScheduleExpression": "rate(2 minutes)", "Description": "d"});
    world.done("PutRule", changed).await;
    let times = minutes(&mut world, 1, |_| true).await;
    assert_eq!(
        times,
        ["2026-11-22T17:07:00Z"],
        "a change of its description does not move it"
    );
}

#[tokio::test]
async fn a_deleted_rule_fires_no_more() {
    let mut world = World::new();
    schedule(&world, "rate(1 minute)").await;
    world
        .done("RemoveTargets", json!({"Rule": "tick", "Ids": ["1"]}))
        .await;
    world.done("DeleteRule", json!({"Name": "tick"})).await;
    minutes(&mut world, 3, |_| false).await;
    world.events.shutdown(MINUTE).await;
    assert_eq!(world.asked_by_now(), 0);
}

#[tokio::test]
async fn a_schedule_that_fires_beside_many_others_keeps_its_own_time() {
    let mut world = World::new();
    for n in 0..20 {
        let name = format!("r{n}");
        world
            .done(
                "PutRule",
                json!({"Name": name, "ScheduleExpression": format!("cron({n} 18 * * ? *)")}),
            )
            .await;
    }
    schedule(&world, "cron(2 17 * * ? *)").await;
    assert_eq!(
        minutes(&mut world, 3, |minute| minute == 2).await,
        ["2026-11-22T17:02:00Z"]
    );
}
