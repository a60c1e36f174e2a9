//! What ended long ago is forgotten, wholly, and nothing else is.

mod world;

use std::time::Duration;

use engine::Timestamp;
use runtime::{Runtime, RuntimeError, Status, VirtualClock};
use serde_json::{Value, json};
use store::{Keyspace, Order, Store, Table};
use world::*;

const DAY: Duration = Duration::from_hours(24);

const EXECUTIONS: Table = Table::new(Keyspace::State, "executions");
const INDEX: Table = Table::new(Keyspace::State, "executions/index");
const MAP_RUNS_OF: Table = Table::new(Keyspace::State, "map-runs/of-execution");

/// The tables in which executions leave something.
const TABLES: [Table; 11] = [
    Table::new(Keyspace::History, "history"),
    EXECUTIONS,
    INDEX,
    Table::new(Keyspace::State, "frames"),
    Table::new(Keyspace::State, "mocks"),
    Table::new(Keyspace::State, "mocks/invoked"),
    Table::new(Keyspace::State, "map-runs"),
    MAP_RUNS_OF,
    Table::new(Keyspace::State, "map-runs/children"),
    Table::new(Keyspace::State, "outbox"),
    Table::new(Keyspace::State, "timers"),
];

fn rows(store: &Store, tables: &[Table]) -> usize {
    let count = |table: &Table| store.prefix(*table, b"", Order::Ascending, usize::MAX);
    let counts = tables
        .iter()
        .map(|table| count(table).expect("memory can be read").len());
    counts.sum()
}

fn on(store: &Store, clock: &VirtualClock) -> Runtime {
    let lambda = Lambda::default().with("echo", Returned::Value);
    runtime_with(store, &lambda, |config| {
        config.clock = std::sync::Arc::new(clock.clone());
    })
}

fn map_run(children: &str) -> Value {
    json!({ "StartAt": "M", "States": { "M": { "Type": "Map", "End": true, "ItemProcessor": {
        "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": children },
        "StartAt": "T", "States": { "T": { "Type": "Task", "Resource": function_arn("echo"), "End": true } },
    } } } })
}

#[tokio::test]
async fn executions_are_forgotten_wholly_ninety_days_after_their_end() {
    let store = Store::memory();
    let clock = VirtualClock::at(Timestamp(0));
    let runtime = on(&store, &clock);
    create(&runtime, "Long", &wait(100 * 86_400)).await;
    create(&runtime, "M", &pass()).await;
    create(&runtime, "Standard", &map_run("STANDARD")).await;
    create(&runtime, "Express", &map_run("EXPRESS")).await;
    let long = start(&runtime, "Long", "run", &json!({}))
        .await
        .expect("it starts");
    for number in 0..150 {
        run(&runtime, "M", &format!("run-{number}"), &json!({})).await;
    }
    for machine in ["Standard", "Express"] {
        let ended = run(&runtime, machine, "run", &json!([1, 2, 3])).await;
        assert_eq!(ended.record.status, Status::Succeeded);
    }
    clock.advance(DAY);
    run(&runtime, "M", "a day later", &json!({})).await;
    clock.advance(DAY * 89 + Duration::from_hours(1));
    // It is looked for once an hour.
    let rows_later = |tables: &[Table]| {
        clock.advance(Duration::from_mins(1));
        rows(&store, tables)
    };
    // A history, a record and its place in a list: of the one that runs and of the one that ended later.
    until(|| rows_later(&TABLES[..3]) == 6).await;
    let gone = runtime.describe_execution(&execution_arn("M", "run-0"));
    assert!(matches!(gone, Err(RuntimeError::ExecutionDoesNotExist(_))));
    let listed = runtime.list_executions(&machine_arn("M"), None, None, 10);
    assert_eq!(listed.expect("the machine is there").executions.len(), 1);

    clock.advance(DAY * 10);
    let ended = runtime.ended(&long.arn).await.expect("it goes on");
    assert_eq!(ended.record.status, Status::Succeeded);
    clock.advance(DAY * 91);
    until(|| rows_later(&TABLES) == 0).await;
}

#[tokio::test]
async fn what_cannot_be_read_keeps_nothing_else() {
    let store = Store::memory();
    let clock = VirtualClock::at(Timestamp(0));
    let runtime = on(&store, &clock);
    create(&runtime, "M", &pass()).await;
    run(&runtime, "M", "damaged", &json!({})).await;
    let mut batch = store::Batch::default();
    let records = store.prefix(EXECUTIONS, b"", Order::Ascending, 1);
    let (key, _) = &records.expect("memory can be read")[0];
    batch.put(MAP_RUNS_OF, &[&key[..], &[0; 8]].concat(), &b"no id"[..]);
    // It comes before all others.
    batch.put(INDEX, &[0], &b""[..]);
    store.commit(batch).await.expect("memory does not fail");
    for number in 0..100 {
        run(&runtime, "M", &format!("run-{number}"), &json!({})).await;
    }
    clock.advance(DAY * 90);
    // Of the damaged one: history, record, place in a list; and the two rows above.
    until(|| {
        clock.advance(Duration::from_mins(1));
        rows(&store, &TABLES) == 5
    })
    .await;
}
