//! Who looks on: watchers of histories and of lists, searches, and states seen again.

mod world;

use std::sync::Arc;
use std::time::Duration;

use engine::{ReviewError, Timestamp, VisitStatus};
use runtime::{ExecutionSearch, Runtime, RuntimeError, Status, VirtualClock};
use serde_json::json;
use store::Store;
use world::*;

/// Reads a history as it grows, each event once, until its execution has ended; how often it was told to look.
async fn follow(runtime: &Runtime, arn: &str) -> (Vec<u64>, usize) {
    let mut watch = runtime.watch_execution(arn).expect("it is there");
    let (mut ids, mut rings) = (Vec::new(), 0);
    loop {
        let from = ids.last().map_or(1, |last| last + 1);
        let page = runtime.history(arn, Some(from), false, 1000);
        let page = page.expect("it is there");
        ids.extend(page.events.iter().map(|event| event.id));
        let ended = page
            .events
            .last()
            .is_some_and(|last| matches!(last.event, engine::Event::ExecutionSucceeded { .. }));
        if ended {
            return (ids, rings);
        }
        assert!(watch.changed().await, "the runtime goes on");
        rings += 1;
    }
}

#[tokio::test]
async fn a_watcher_sees_every_event_of_its_execution_whenever_it_began() {
    let lambda = Lambda::default().with("f", Returned::Value);
    let runtime = runtime(&Store::memory(), &lambda);
    let chain = json!({"StartAt": "A", "States": {
        "A": {"Type": "Task", "Resource": function_arn("f"), "Next": "B"},
        "B": {"Type": "Task", "Resource": function_arn("f"), "Next": "C"},
        "C": {"Type": "Task", "Resource": function_arn("f"), "End": true}}});
    create(&runtime, "M", &chain).await;
    // Watchers that begin at whatever instant of an execution, many times.
    for number in 0..200 {
        let started = start(&runtime, "M", &format!("run-{number}"), &json!({})).await;
        let arn = started.expect("it starts").arn;
        for _ in 0..number % 7 {
            tokio::task::yield_now().await;
        }
        let (one, other) = tokio::join!(follow(&runtime, &arn), follow(&runtime, &arn));
        let all: Vec<u64> = (1..=one.0.len() as u64).collect();
        assert_eq!((&one.0, &other.0), (&all, &all));
    }
}

#[tokio::test]
async fn a_watcher_is_not_told_of_other_executions() {
    let runtime = runtime(&Store::memory(), &Lambda::default());
    create(&runtime, "W", &wait(3600)).await;
    create(&runtime, "M", &pass()).await;
    let waits = start(&runtime, "W", "waits", &json!({})).await;
    let arn = waits.expect("it starts").arn;
    let mut watch = runtime.watch_execution(&arn).expect("it is there");
    let mut list = runtime
        .watch_executions(&machine_arn("M"))
        .expect("it is there");
    // The batch that was begun before anyone watched may ring for all.
    run(&runtime, "M", "first", &json!({})).await;
    assert!(list.changed().await);
    let quiet = async {
        for number in 0..20 {
            run(&runtime, "M", &format!("run-{number}"), &json!({})).await;
            assert!(list.changed().await);
        }
    };
    let mut rings = 0;
    tokio::pin!(quiet);
    loop {
        tokio::select! {
            biased;
            () = &mut quiet => break,
            told = watch.changed() => {
                assert!(told);
                rings += 1;
            }
        }
    }
    // Two workers have a batch each in hand.
    assert!(rings <= 2, "{rings} rings");
    runtime
        .stop_execution(&arn, None, None)
        .await
        .expect("it runs");
    assert!(watch.changed().await);
}

#[tokio::test]
async fn watches_end_with_the_runtime_and_are_refused_where_nothing_is_kept() {
    let runtime = runtime(&Store::memory(), &Lambda::default());
    create_express(&runtime, "X", &pass()).await;
    create(&runtime, "W", &wait(3600)).await;
    let refused = runtime.watch_executions(&machine_arn("X")).err();
    assert!(matches!(
        refused,
        Some(RuntimeError::StateMachineTypeNotSupported)
    ));
    let refused = runtime.watch_execution(&execution_arn("W", "nobody")).err();
    assert!(matches!(
        refused,
        Some(RuntimeError::ExecutionDoesNotExist(_))
    ));
    let arn = start(&runtime, "W", "waits", &json!({}))
        .await
        .expect("it starts")
        .arn;
    let mut watch = runtime.watch_execution(&arn).expect("it is there");
    runtime.shutdown().await;
    while watch.changed().await {}
}

#[tokio::test]
async fn executions_are_found_by_name_error_and_time() {
    let clock = Arc::new(VirtualClock::default());
    let lambda = Lambda::default();
    let runtime = runtime_with(&Store::memory(), &lambda, |config| {
        config.clock = Arc::clone(&clock) as Arc<dyn runtime::Clock>;
    });
    create(&runtime, "M", &pass()).await;
    let fails = json!({"StartAt": "F", "States": {"F": {"Type": "Fail", "ErrorPath": "$.e", "CausePath": "$.c"}}});
    create(&runtime, "F", &fails).await;
    for number in 0..30 {
        run(&runtime, "M", &format!("Order-{number}"), &json!({})).await;
        let input = json!({"e": format!("Bad.{}", number % 3), "c": format!("number {number}")});
        run(&runtime, "F", &format!("f-{number}"), &input).await;
        clock.advance(Duration::from_secs(1));
    }
    let found = |machine: &str, search: &ExecutionSearch, limit: usize| {
        let (mut names, mut before) = (Vec::new(), None);
        loop {
            let page = runtime.search_executions(&machine_arn(machine), search, before, limit);
            let page = page.expect("it is there");
            names.extend(page.executions.iter().map(|record| record.name.to_string()));
            before = page.next;
            if before.is_none() {
                return names;
            }
        }
    };
    let text = |text: &str| Some(text.to_owned());
    for limit in [1, 7, 1000] {
        let named = ExecutionSearch {
            name_contains: text("order-2"),
            ..ExecutionSearch::default()
        };
        let mut expected: Vec<String> = (20..30).rev().map(|n| format!("Order-{n}")).collect();
        expected.push("Order-2".into());
        assert_eq!(found("M", &named, limit), expected, "limit {limit}");
        let failed = ExecutionSearch {
            error_contains: text("bad.1"),
            ..ExecutionSearch::default()
        };
        assert_eq!(found("F", &failed, limit).len(), 10);
        let cause = ExecutionSearch {
            error_contains: text("NUMBER 17"),
            ..ExecutionSearch::default()
        };
        assert_eq!(found("F", &cause, limit), ["f-17"]);
        let at = |second: i64| Some(Timestamp(second * 1000));
        let between = ExecutionSearch {
            started_after: at(10),
            started_before: at(13),
            ..ExecutionSearch::default()
        };
        assert_eq!(
            found("M", &between, limit),
            ["Order-12", "Order-11", "Order-10"]
        );
        let none = ExecutionSearch {
            status: Some(Status::Running),
            ..between
        };
        assert_eq!(found("M", &none, limit), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_search_reads_a_bounded_part_of_the_list_for_a_page() {
    let clock = Arc::new(VirtualClock::default());
    let runtime = runtime_with(&Store::memory(), &Lambda::default(), |config| {
        config.clock = Arc::clone(&clock) as Arc<dyn runtime::Clock>;
    });
    create(&runtime, "M", &pass()).await;
    for number in 0..2500 {
        clock.advance(Duration::from_secs(1));
        let started = start(&runtime, "M", &format!("run-{number}"), &json!({})).await;
        started.expect("it starts");
    }
    let search = ExecutionSearch {
        name_contains: Some("nobody".into()),
        ..ExecutionSearch::default()
    };
    let mut pages = 1;
    let mut before = None;
    loop {
        let page = runtime.search_executions(&machine_arn("M"), &search, before, 100);
        let page = page.expect("it is there");
        assert!(page.executions.is_empty());
        before = page.next;
        if before.is_none() {
            break;
        }
        pages += 1;
    }
    assert!((2..=4).contains(&pages), "{pages} pages");
    // What is older than asked for is not gone through.
    let late = ExecutionSearch {
        started_after: Some(Timestamp(2_400_000)),
        ..search
    };
    let page = runtime.search_executions(&machine_arn("M"), &late, None, 100);
    assert_eq!(page.expect("it is there").next, None);
}

#[tokio::test]
async fn a_state_of_an_execution_that_has_ended_is_reviewed() {
    let lambda = Lambda::default().with("double", |input| {
        Returned::Value(json!(input["n"].as_u64().unwrap_or(0) * 2))
    });
    let runtime = runtime(&Store::memory(), &lambda);
    let double = json!({"StartAt": "D", "States": {"D": {"Type": "Task", "Resource": function_arn("double"), "End": true,
        "Parameters": {"n.$": "$.x", "of.$": "$$.StateMachine.Name"}, "ResultPath": "$.y"}}});
    create(&runtime, "M", &double).await;
    run(&runtime, "M", "run", &json!({"x": 4})).await;
    let arn = execution_arn("M", "run");
    let review = runtime
        .review_state(&arn, 2)
        .expect("it is there")
        .expect("it was entered");
    assert_eq!(review.status, VisitStatus::Succeeded);
    let given = review.seen.after_parameters.expect("it was seen");
    assert_eq!(given.text().as_ref(), r#"{"n":4,"of":"M"}"#);
    assert_eq!(
        review.output.expect("it was left").text().as_ref(),
        r#"{"x":4,"y":8}"#
    );
    assert_eq!(review.gaps, []);
    for (event, expected) in [(1, ReviewError::NotEntered), (77, ReviewError::NoSuchEvent)] {
        let refused = runtime.review_state(&arn, event).expect("it is there");
        assert_eq!(refused.err(), Some(expected));
    }
    assert!(
        runtime
            .review_state(&execution_arn("M", "nobody"), 2)
            .is_err()
    );
}
