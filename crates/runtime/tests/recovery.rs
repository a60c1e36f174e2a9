//! A crash after any commit, or a commit that fails: every accepted execution ends as it would have, and no task
//! whose result is committed runs again.

mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use runtime::{Clock, MapRunStatus, Runtime, RuntimeError, Status};
use serde_json::{Value, json};
use store::{Batch, Disk, Fault, Keyspace, Order, Store, Table};
use world::*;

fn lambda() -> Lambda {
    let tries = Arc::new(AtomicU32::new(0));
    Lambda::default()
        .with("one", |event| Returned::Value(json!({ "one": event })))
        .with("two", |event| Returned::Value(json!({ "two": event })))
        .with("long", |_| Returned::Value(json!("x".repeat(100_000))))
        .with("flaky", move |event| {
            if tries.fetch_add(1, Ordering::SeqCst) == 0 {
                Returned::Error("Flaky")
            } else {
                Returned::Value(event)
            }
        })
}

fn call(function: &str) -> Value {
    json!({ "Type": "Task", "Resource": function_arn(function), "End": true })
}

fn distributed(children: &str, function: &str) -> Value {
    json!({ "Type": "Map", "End": true, "ItemsPath": "$.items", "MaxConcurrency": 2, "ItemProcessor": {
        "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": children },
        "StartAt": "B", "States": { "B": call(function) },
    } })
}

fn scripts() -> Vec<(&'static str, Value)> {
    let retried = json!({ "Type": "Task", "Resource": function_arn("flaky"), "End": true,
        "Retry": [{ "ErrorEquals": ["Flaky"], "IntervalSeconds": 3 }] });
    let branch = |name: &str, state: Value| json!({ "StartAt": name, "States": { name: state } });
    vec![
        (
            "chain",
            json!({ "StartAt": "A", "States": {
            "A": { "Type": "Task", "Resource": function_arn("one"), "Next": "W" },
            "W": { "Type": "Wait", "Seconds": 5, "Next": "B" },
            "B": call("two"),
        } }),
        ),
        (
            "retry",
            json!({ "StartAt": "A", "States": { "A": retried } }),
        ),
        (
            "parallel",
            json!({ "StartAt": "P", "States": { "P": { "Type": "Parallel", "End": true, "Branches": [
            branch("B", call("one")), branch("C", call("two")),
        ] } } }),
        ),
        (
            "map",
            json!({ "StartAt": "M", "States": { "M": { "Type": "Map", "End": true, "ItemsPath": "$.items",
            "ItemProcessor": branch("B", call("one")) } } }),
        ),
        (
            "map run",
            json!({ "StartAt": "M", "States": { "M": distributed("STANDARD", "one") } }),
        ),
        (
            "map run of EXPRESS children",
            json!({ "StartAt": "M", "States": { "M": distributed("EXPRESS", "one") } }),
        ),
        (
            "map run whose result is too long",
            json!({ "StartAt": "M", "States": { "M": distributed("STANDARD", "long") } }),
        ),
        (
            "nested",
            json!({ "StartAt": "N", "States": { "N": { "Type": "Task", "End": true, "OutputPath": "$.Output",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": { "StateMachineArn": machine_arn("Child"), "Input": { "a": 1 } } } } }),
        ),
    ]
}

fn open(store: &Store, lambda: &Lambda, clock: &Arc<Hurried>) -> Runtime {
    let runtime = runtime_with(store, lambda, |config| {
        config.clock = Arc::clone(clock) as Arc<dyn Clock>;
        config.active_max = 2;
    });
    lambda.states.serve(&runtime);
    runtime
}

fn input() -> Value {
    json!({ "items": [1, 2, 3] })
}

/// Starts the execution if it is not there, and waits for its end. An error means that the store failed meanwhile.
async fn drive(runtime: &Runtime, definition: &Value) -> Result<Value, RuntimeError> {
    runtime
        .create_state_machine(new_machine("M", definition))
        .await?;
    runtime
        .create_state_machine(new_machine("Child", &pass()))
        .await?;
    match start(runtime, "M", "run", &input()).await {
        // It was accepted before the crash and has ended since.
        Ok(_) | Err(RuntimeError::ExecutionAlreadyExists(_)) => {}
        Err(error) => return Err(error),
    }
    let arn = execution_arn("M", "run");
    let ended = tokio::time::timeout(Duration::from_mins(1), runtime.ended(&arn)).await;
    Ok(outcome(&*ended.expect("the execution goes on")?))
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}

async fn survives(name: &str, definition: &Value, fault: Fault) {
    let reference = open(&Store::memory(), &lambda(), &Arc::default());
    let expected = drive(&reference, definition)
        .await
        .expect("memory does not fail");
    let events = sorted(event_names(&reference, &execution_arn("M", "run")));
    for failing in 1.. {
        let disk = Disk::default();
        let lambda = lambda();
        let clock = Arc::new(Hurried::default());
        let failed = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&failed);
        let store = disk.open(move |lsn| {
            if lsn.0 == failing {
                seen.store(true, Ordering::SeqCst);
                fault
            } else {
                Fault::None
            }
        });
        let first = open(&store, &lambda, &clock);
        let ended = drive(&first, definition).await;
        first.shutdown().await;
        lambda.states.leave();
        drop((first, store));
        if ended.is_ok() && !failed.load(Ordering::SeqCst) {
            assert!(failing > 2, "the fault was never reached");
            return;
        }
        // What is committed now is all that the next process has.
        let before = results(&disk, &clock).await;
        let calls = lambda.called();
        let second = open(&disk.open(|_| Fault::None), &lambda, &clock);
        let output = drive(&second, definition).await.expect("this disk works");
        assert_eq!(output, expected, "{name}, commit {failing}");
        let page = second
            .history(&execution_arn("M", "run"), None, false, 1000)
            .expect("it is there");
        let ids: Vec<u64> = page.events.iter().map(|event| event.id).collect();
        assert_eq!(
            ids,
            (1..=ids.len() as u64).collect::<Vec<_>>(),
            "{name}, commit {failing}"
        );
        if name != "retry" {
            // A failure that was not committed need not happen again.
            let after = sorted(event_names(&second, &execution_arn("M", "run")));
            assert_eq!(after, events, "{name}, commit {failing}");
        }
        let again = lambda.called().len() - calls.len();
        let tasks = events
            .iter()
            .filter(|event| *event == "LambdaFunctionSucceeded")
            .count();
        // Each task without a committed result runs once more, and none that has one.
        let allowed = match name {
            "retry" => tasks - before + 1,
            // The children's tasks are in their own histories.
            name if name.starts_with("map run") => 3,
            _ => tasks - before,
        };
        assert!(
            again <= allowed,
            "{name}, commit {failing}: {again} calls after {before} of {tasks} results"
        );
        second.shutdown().await;
        lambda.states.leave();
    }
}

/// How many results of tasks are committed.
async fn results(disk: &Disk, clock: &Arc<Hurried>) -> usize {
    // Nothing is resumed here, so that nothing runs.
    let mut config =
        runtime::RuntimeConfig::new(disk.open(|_| Fault::Lost), aws::Registry::default());
    config.clock = Arc::clone(clock) as Arc<dyn Clock>;
    let looker = Runtime::start(config).expect("the disk can be read");
    let arn = execution_arn("M", "run");
    let there = looker.history(&arn, None, false, 1000);
    let count = there.map_or(0, |page| {
        page.events
            .iter()
            .filter(|event| matches!(event.event, engine::Event::LambdaFunctionSucceeded { .. }))
            .count()
    });
    looker.shutdown().await;
    count
}

#[tokio::test]
async fn a_lost_commit_loses_nothing_that_was_accepted() {
    for (name, definition) in scripts() {
        survives(name, &definition, Fault::Lost).await;
    }
}

#[tokio::test]
async fn a_commit_of_unknown_outcome_is_taken_as_it_is_found() {
    for (name, definition) in scripts() {
        survives(name, &definition, Fault::Kept).await;
    }
}

#[tokio::test]
async fn a_runtime_dropped_at_any_time_is_taken_up_by_the_next() {
    let folder = tempfile::tempdir().expect("the system has room for a folder");
    let lambda = lambda();
    let names: Vec<String> = (0..40).map(|number| format!("run-{number}")).collect();
    let definition = json!({ "StartAt": "A", "States": {
        "A": { "Type": "Task", "Resource": function_arn("one"), "Next": "W" },
        "W": { "Type": "Wait", "Seconds": 1, "Next": "B" },
        "B": call("two"),
    } });
    let clock = Arc::new(Hurried::default());
    for (round, name) in names.iter().enumerate() {
        let store = Store::open(folder.path()).expect("the one before has let go");
        let runtime = open(&store, &lambda, &clock);
        if round == 0 {
            create(&runtime, "M", &definition).await;
        }
        start(&runtime, "M", name, &json!(round))
            .await
            .expect("it is accepted");
        // No waiting for anything: what was accepted is on the disk.
        runtime.shutdown().await;
        lambda.states.leave();
    }
    let store = Store::open(folder.path()).expect("the one before has let go");
    let runtime = open(&store, &lambda, &clock);
    for (round, name) in names.iter().enumerate() {
        let finished = runtime
            .ended(&execution_arn("M", name))
            .await
            .expect("it ends");
        assert_eq!(outcome(&finished), json!({ "two": { "one": round } }));
    }
}

/// A Parallel whose first branch waits for an execution that takes a day, and whose second fails.
fn failing_beside_a_nested_execution() -> Value {
    let fail = json!({ "StartAt": "B", "States": {
        "B": { "Type": "Task", "Resource": function_arn("one"), "Next": "F" },
        "F": { "Type": "Fail", "Error": "E" },
    } });
    let nested = json!({ "StartAt": "N", "States": { "N": {
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true,
        "Parameters": { "StateMachineArn": machine_arn("Long") },
    } } });
    json!({ "StartAt": "P", "States": { "P": { "Type": "Parallel", "End": true, "Branches": [nested, fail] } } })
}

#[tokio::test]
async fn what_a_failed_branch_waited_for_is_stopped_whenever_the_process_ends() {
    async fn to_the_end(runtime: &Runtime) -> Result<(), RuntimeError> {
        let long = new_machine("Long", &wait(86_400));
        runtime.create_state_machine(long).await?;
        let failed = drive(runtime, &failing_beside_a_nested_execution()).await?;
        assert_eq!(failed, json!({ "Failed": { "Error": "E", "Cause": null } }));
        let nested = runtime.list_executions(&machine_arn("Long"), None, None, 10)?;
        for record in nested.executions {
            let ended = tokio::time::timeout(Duration::from_mins(1), runtime.ended(&record.arn));
            let finished = ended.await.expect("it is stopped")?;
            assert_eq!(
                outcome(&finished),
                json!({ "Aborted": { "Error": null, "Cause": null } })
            );
        }
        Ok(())
    }
    for failing in 1.. {
        let disk = Disk::default();
        let clock = Arc::new(Hurried::default());
        let lambda = lambda();
        let failed = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&failed);
        let store = disk.open(move |lsn| {
            let fails = lsn.0 == failing;
            seen.fetch_or(fails, Ordering::SeqCst);
            if fails { Fault::Lost } else { Fault::None }
        });
        let first = open(&store, &lambda, &clock);
        let ended = to_the_end(&first).await;
        first.shutdown().await;
        lambda.states.leave();
        drop((first, store));
        if ended.is_ok() && !failed.load(Ordering::SeqCst) {
            assert!(failing > 2, "the fault was never reached");
            return;
        }
        let second = open(&disk.open(|_| Fault::None), &lambda, &clock);
        to_the_end(&second).await.expect("this disk works");
        second.shutdown().await;
        lambda.states.leave();
    }
}

#[tokio::test]
async fn an_execution_of_which_a_row_is_damaged_is_left_alone_and_the_others_go_on() {
    for table in ["outbox", "timers"] {
        let store = Store::memory();
        let clock = Arc::new(Hurried::default());
        let lambda = lambda().with("never", |_| Returned::Nothing);
        let first = open(&store, &lambda, &clock);
        create(&first, "Never", &task("never")).await;
        for name in ["a", "b"] {
            let started = start(&first, "Never", name, &json!(1)).await;
            started.expect("it is accepted");
        }
        first.shutdown().await;
        lambda.states.leave();

        let rows = Table::new(Keyspace::State, table);
        let found = store.prefix(rows, &[], Order::Ascending, 1);
        let (row, _) = &found.expect("memory can be read")[0];
        let mut batch = Batch::default();
        batch.put(rows, row, vec![0xff]);
        store.commit(batch).await.expect("memory does not fail");
        let called = lambda.called().len();
        let lambda = lambda.with("never", Returned::Value);
        let second = open(&store, &lambda, &clock);
        let arns = ["a", "b"].map(|name| execution_arn("Never", name));
        let (ended, _) = futures_util::future::select(
            std::pin::pin!(second.ended(&arns[0])),
            std::pin::pin!(second.ended(&arns[1])),
        )
        .await
        .factor_first();
        assert_eq!(outcome(&ended.expect("it ends")), json!(1), "{table}");
        assert_eq!(lambda.called().len(), called + 1, "{table}");
        let running = second.list_executions(&machine_arn("Never"), Some(Status::Running), None, 9);
        assert_eq!(running.expect("they are there").executions.len(), 1);
        second.shutdown().await;
        lambda.states.leave();
    }
}

/// A Map whose children wait for a day, but for one of a nine, which fails.
fn long_map(items: &[u64]) -> Value {
    let map = json!({ "Type": "Map", "End": true, "ItemProcessor": {
        "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
        "StartAt": "C", "States": {
            "C": { "Type": "Choice", "Default": "W",
                "Choices": [{ "Variable": "$", "NumericEquals": 9, "Next": "F" }] },
            "W": { "Type": "Wait", "Seconds": 86_400, "End": true },
            "F": { "Type": "Fail", "Error": "Nine" },
        },
    } });
    json!({ "StartAt": "I", "States": {
        "I": { "Type": "Pass", "Result": items, "Next": "M" },
        "M": map,
    } })
}

/// A Map Run that is given up since a branch beside it fails, and one that fails by itself.
fn maps_that_end_early() -> [(Value, &'static str); 2] {
    let fail = json!({ "StartAt": "B", "States": {
        "B": { "Type": "Task", "Resource": function_arn("one"), "Next": "E" },
        "E": { "Type": "Fail", "Error": "E" },
    } });
    let branches = [long_map(&[1, 2, 3]), fail];
    let beside = json!({ "Type": "Parallel", "End": true, "Branches": branches });
    [
        (json!({ "StartAt": "P", "States": { "P": beside } }), "E"),
        (
            long_map(&[1, 2, 3, 4, 5, 6, 7, 8, 9]),
            "States.ExceedToleratedFailureThreshold",
        ),
    ]
}

#[tokio::test]
async fn children_of_a_map_run_that_ends_early_are_stopped_whenever_the_process_ends() {
    /// False if there is still something under way.
    fn all_ended(runtime: &Runtime) -> Result<bool, RuntimeError> {
        let (runs, _) = runtime.list_map_runs(&execution_arn("M", "run"), None, 10)?;
        for run in runs {
            let children = runtime.list_children(&run.arn, None, None, 10)?.executions;
            let number = |status: Status| {
                let of_it = |child: &&runtime::ExecutionRecord| child.status == status;
                children.iter().filter(of_it).count() as u64
            };
            if run.status == MapRunStatus::Running || number(Status::Running) > 0 {
                return Ok(false);
            }
            let counts = [run.executions, run.items].map(|counts| (counts.failed, counts.aborted));
            let ended = (number(Status::Failed), number(Status::Aborted));
            assert_eq!(counts, [ended; 2], "{}", run.status.as_str());
        }
        Ok(true)
    }
    async fn to_the_end(
        runtime: &Runtime,
        definition: &Value,
        error: &str,
    ) -> Result<(), RuntimeError> {
        let failed = drive(runtime, definition).await?;
        assert_eq!(failed["Failed"]["Error"], error);
        let ended = async {
            while !all_ended(runtime)? {
                if !runtime.is_running() {
                    return Err(RuntimeError::Stopped);
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Ok(())
        };
        let ended = tokio::time::timeout(Duration::from_mins(1), ended).await;
        ended.expect("all children are stopped")
    }
    for (definition, error) in maps_that_end_early() {
        for failing in 1.. {
            let disk = Disk::default();
            let clock = Arc::new(Hurried::default());
            let lambda = lambda();
            let failed = Arc::new(AtomicBool::new(false));
            let seen = Arc::clone(&failed);
            let store = disk.open(move |lsn| {
                let fails = lsn.0 == failing;
                seen.fetch_or(fails, Ordering::SeqCst);
                if fails { Fault::Lost } else { Fault::None }
            });
            let first = open(&store, &lambda, &clock);
            let ended = to_the_end(&first, &definition, error).await;
            first.shutdown().await;
            lambda.states.leave();
            drop((first, store));
            if ended.is_ok() && !failed.load(Ordering::SeqCst) {
                assert!(failing > 2, "the fault was never reached");
                break;
            }
            let second = open(&disk.open(|_| Fault::None), &lambda, &clock);
            let ended = to_the_end(&second, &definition, error).await;
            ended.expect("this disk works");
            second.shutdown().await;
            lambda.states.leave();
        }
    }
}

/// A clock that workers, and nobody else, can break.
#[derive(Default)]
struct Fragile {
    clock: Hurried,
    broken: AtomicBool,
}

impl Clock for Fragile {
    fn now(&self) -> engine::Timestamp {
        let worker = std::thread::current()
            .name()
            .is_some_and(|name| name.starts_with("shards"));
        assert!(
            !(worker && self.broken.load(Ordering::SeqCst)),
            "a broken invariant, outside of any step"
        );
        self.clock.now()
    }
    fn entropy(&self) -> [u8; 16] {
        self.clock.entropy()
    }
    fn sleep(&self, until: engine::Timestamp) -> Option<Duration> {
        self.clock.sleep(until)
    }
    fn on_change(&self, waker: runtime::Waker) {
        self.clock.on_change(waker);
    }
}

#[tokio::test]
async fn children_whose_worker_panics_are_under_way_and_not_aborted() {
    const CHILDREN: u64 = 20;
    let store = Store::memory();
    let held = Arc::new(AtomicBool::new(true));
    let holding = Arc::clone(&held);
    let lambda = Lambda::default().with("one", move |event| {
        if holding.load(Ordering::SeqCst) {
            Returned::Nothing
        } else {
            Returned::Value(event)
        }
    });
    let clock = Arc::new(Fragile::default());
    let first = runtime_with(&store, &lambda, |config| {
        config.clock = Arc::clone(&clock) as Arc<dyn Clock>;
    });
    let mut map = distributed("STANDARD", "one");
    map["MaxConcurrency"] = json!(CHILDREN);
    create(
        &first,
        "M",
        &json!({ "StartAt": "M", "States": { "M": map } }),
    )
    .await;
    create(&first, "Pass", &pass()).await;
    let items = json!({ "items": (0..CHILDREN).collect::<Vec<_>>() });
    let started = start(&first, "M", "run", &items).await;
    started.expect("it is accepted");
    until(|| lambda.called().len() as u64 == CHILDREN).await;
    clock.broken.store(true, Ordering::SeqCst);
    let refused = start(&first, "Pass", "run", &json!({})).await;
    assert!(matches!(refused, Err(RuntimeError::Stopped)));
    // What nobody works on is described as it is stored, where nothing runs.
    until(|| {
        let (runs, _) = first
            .list_map_runs(&execution_arn("M", "run"), None, 1)
            .expect("it is there");
        let run = first.describe_map_run(&runs[0].arn).expect("it is there");
        run.items.running == 0
    })
    .await;
    first.shutdown().await;
    drop(first);

    clock.broken.store(false, Ordering::SeqCst);
    held.store(false, Ordering::SeqCst);
    let second = runtime_with(&store, &lambda, |config| {
        config.clock = Arc::clone(&clock) as Arc<dyn Clock>;
    });
    let ended = second.ended(&execution_arn("M", "run")).await;
    assert_eq!(outcome(&ended.expect("it ends")), items["items"]);
}

#[tokio::test]
async fn a_map_run_that_can_t_be_read_fails_its_execution_and_stops_its_children() {
    for table in ["map-runs/plans", "map-runs/open", "map-runs/checkpoints"] {
        let store = Store::memory();
        let clock = Arc::new(Hurried::default());
        let lambda = lambda();
        let first = open(&store, &lambda, &clock);
        create(&first, "M", &long_map(&[1, 2, 3])).await;
        let started = start(&first, "M", "run", &json!({})).await;
        started.expect("it is accepted");
        let running = |runtime: &Runtime| {
            let arn = execution_arn("M", "run");
            let (runs, _) = runtime.list_map_runs(&arn, None, 1).expect("it is there");
            runs.first().map_or(0, |run| {
                children_of_status(runtime, &run.arn, Status::Running)
            })
        };
        until(|| running(&first) == 3).await;
        first.shutdown().await;
        lambda.states.leave();

        let rows = Table::new(Keyspace::State, table);
        let found = store.prefix(
            Table::new(Keyspace::State, "map-runs/open"),
            &[],
            Order::Ascending,
            1,
        );
        let (row, _) = &found.expect("memory can be read")[0];
        let mut batch = Batch::default();
        batch.put(rows, row, vec![0xff]);
        store.commit(batch).await.expect("memory does not fail");
        let second = open(&store, &lambda, &clock);
        let arn = execution_arn("M", "run");
        let ended = tokio::time::timeout(Duration::from_mins(1), second.ended(&arn)).await;
        let record = ended
            .expect("someone is told")
            .expect("it ends")
            .record
            .clone();
        assert_eq!(record.error.as_deref(), Some("States.Runtime"), "{table}");
        assert_eq!(running(&second), 0, "{table}");
        second.shutdown().await;
        lambda.states.leave();
    }
}

#[tokio::test]
async fn a_map_run_of_which_a_child_is_damaged_fails_and_stops_the_others() {
    let store = Store::memory();
    let clock = Arc::new(Hurried::default());
    let lambda = lambda();
    let first = open(&store, &lambda, &clock);
    create(&first, "M", &long_map(&[1, 2, 3])).await;
    let started = start(&first, "M", "run", &json!({})).await;
    started.expect("it is accepted");
    let runs = |runtime: &Runtime| {
        let runs = runtime.list_map_runs(&execution_arn("M", "run"), None, 1);
        runs.expect("it is there").0
    };
    until(|| {
        runs(&first)
            .first()
            .is_some_and(|run| children_of_status(&first, &run.arn, Status::Running) == 3)
    })
    .await;
    first.shutdown().await;
    lambda.states.leave();

    let rows = Table::new(Keyspace::State, "executions");
    let found = store.prefix(rows, &[], Order::Ascending, 10);
    let is_child = |row: &[u8]| row.windows(12).any(|part| part == b"execution:M/");
    let found = found.expect("memory can be read");
    let child = found.iter().find(|(_, row)| is_child(row));
    let mut batch = Batch::default();
    batch.put(rows, &child.expect("there are three").0, vec![0xff]);
    store.commit(batch).await.expect("memory does not fail");
    let second = open(&store, &lambda, &clock);
    let arn = execution_arn("M", "run");
    let ended = tokio::time::timeout(Duration::from_mins(1), second.ended(&arn)).await;
    let ended = ended.expect("someone is told").expect("it ends");
    assert_eq!(ended.record.error.as_deref(), Some("States.Runtime"));
    let run = &runs(&second)[0];
    assert_eq!(run.status, MapRunStatus::Failed);
    assert_eq!(children_of_status(&second, &run.arn, Status::Aborted), 2);
    second.shutdown().await;
    lambda.states.leave();
}

/// How many children of that status are listed.
fn children_of_status(runtime: &Runtime, map_run: &str, status: Status) -> usize {
    let page = runtime.list_children(map_run, Some(status), None, 9);
    page.expect("it is there").executions.len()
}
