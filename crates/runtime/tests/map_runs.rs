//! Map Runs: items from a state's input and from files, children of both types, what may fail, and what is shown.

mod world;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws::{Answer, ApiError, BoxFuture, Call, Registry, Service};
use bytes::Bytes;
use engine::Timestamp;
use runtime::{
    MapRunStatus, Runtime, RuntimeError, StartExecution, Status, UpdateMapRun, VirtualClock,
};
use serde_json::{Value, json};
use store::Store;
use world::*;

/// S3 with one bucket, in memory.
#[derive(Clone, Default)]
struct Bucket {
    objects: Arc<Mutex<BTreeMap<String, Bytes>>>,
    calls: Arc<Mutex<Vec<(String, usize)>>>,
}

impl Bucket {
    fn put(&self, key: &str, body: impl Into<Bytes>) {
        let mut objects = self.objects.lock().expect("no test panics here");
        objects.insert(key.to_owned(), body.into());
    }

    fn get(&self, key: &str) -> Option<Value> {
        let objects = self.objects.lock().expect("no test panics here");
        serde_json::from_slice(objects.get(key)?).ok()
    }

    fn keys(&self) -> Vec<String> {
        let objects = self.objects.lock().expect("no test panics here");
        objects.keys().cloned().collect()
    }

    fn answer(&self, call: &Call) -> Result<Answer, ApiError> {
        let text = |member: &str| call.input.get(member).and_then(Value::as_str);
        let key = text("Key").unwrap_or_default();
        let missing =
            || ApiError::new("NoSuchKey", "The specified key does not exist.").with_status(404);
        let object = || {
            let objects = self.objects.lock().expect("no test panics here");
            objects.get(key).cloned().ok_or_else(missing)
        };
        match call.operation.as_str() {
            "HeadObject" => Ok(Answer::json(
                json!({"ContentLength": object()?.len(), "ETag": "\"e\""}),
            )),
            "GetObject" => {
                assert!(key != "panics.jsonl", "a mistake in a service");
                let object = object()?;
                let range = text("Range").and_then(|range| range.strip_prefix("bytes="));
                let (from, to) = range
                    .and_then(|range| range.split_once('-'))
                    .unwrap_or(("0", ""));
                let from: usize = from.parse().unwrap_or(0);
                let to = to.parse().map_or(object.len(), |to: usize| to + 1);
                let body = object.slice(from..to.min(object.len()));
                let mut calls = self.calls.lock().expect("no test panics here");
                calls.push((key.to_owned(), body.len()));
                Ok(Answer {
                    body,
                    ..Answer::default()
                })
            }
            "PutObject" => {
                self.put(key, call.body.clone());
                Ok(Answer::default())
            }
            other => Err(ApiError::unknown_operation(other)),
        }
    }
}

impl Service for Bucket {
    fn id(&self) -> &'static str {
        "s3"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move { self.answer(&call) })
    }
}

fn open(store: &Store, lambda: &Lambda, bucket: &Bucket, clock: &VirtualClock) -> Runtime {
    let registry = Registry::default();
    registry.fill(vec![Arc::new(lambda.clone()), Arc::new(bucket.clone())]);
    runtime_with(store, lambda, |config| {
        config.registry = registry;
        config.clock = Arc::new(clock.clone());
    })
}

fn memory(lambda: &Lambda, bucket: &Bucket) -> Runtime {
    open(
        &Store::memory(),
        lambda,
        bucket,
        &VirtualClock::at(Timestamp(1000)),
    )
}

/// A machine of one Distributed Map whose children are made of these states.
fn map(children: &str, states: &Value, more: &Value) -> Value {
    let first = states.as_object().and_then(|states| states.keys().next());
    let mut map = json!({
        "Type": "Map", "Label": "L", "End": true,
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": children},
            "StartAt": first, "States": states,
        },
    });
    if let (Value::Object(map), Value::Object(more)) = (&mut map, more.clone()) {
        map.extend(more);
    }
    json!({"StartAt": "M", "States": {"M": map}})
}

fn passing() -> Value {
    json!({"P": {"Type": "Pass", "End": true}})
}

/// Fails for odd numbers.
fn picky() -> Value {
    json!({
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.odd", "BooleanEquals": true, "Next": "F"}], "Default": "S"},
        "F": {"Type": "Fail", "Error": "Odd"},
        "S": {"Type": "Succeed"},
    })
}

fn map_run(runtime: &Runtime, execution: &str) -> runtime::MapRun {
    let (runs, _) = runtime
        .list_map_runs(&execution_arn("M", execution), None, 10)
        .expect("the execution is there");
    runtime.describe_map_run(&runs[0].arn).expect("it is there")
}

#[tokio::test]
async fn children_of_both_types_are_listed_and_described() {
    for children in ["STANDARD", "EXPRESS"] {
        let runtime = memory(&Lambda::default(), &Bucket::default());
        create(&runtime, "M", &map(children, &passing(), &json!({}))).await;
        let finished = run(&runtime, "M", "run", &json!([1, [2], "3"])).await;
        assert_eq!(outcome(&finished), json!([1, [2], "3"]), "{children}");
        let run = map_run(&runtime, "run");
        assert_eq!(run.status, MapRunStatus::Succeeded);
        assert_eq!((run.items.succeeded, run.executions.total()), (3, 3));
        assert_eq!(run.state_machine_arn.as_ref(), machine_arn("M/L"));
        let page = runtime
            .list_children(&run.arn, None, None, 2)
            .expect("it is there");
        assert_eq!(page.executions.len(), 2);
        let rest = runtime.list_children(&run.arn, Some(Status::Succeeded), page.next, 2);
        let rest = rest.expect("it is there").executions;
        assert_eq!(rest.len(), 1);
        let described = runtime
            .describe_execution(&rest[0].arn)
            .expect("it is there");
        assert_eq!(
            described.input.map(|input| input.text().to_string()),
            described.output.map(|output| output.text().to_string())
        );
        assert_eq!(
            described.record.child_of.map(|child| child.map_run_arn),
            Some(run.arn)
        );
        runtime.shutdown().await;
    }
}

#[tokio::test]
async fn what_an_item_selector_makes_is_the_childs_input() {
    let runtime = memory(&Lambda::default(), &Bucket::default());
    let selector = json!({"ItemsPath": "$.items", "ItemSelector": {
        "i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "s.$": "$$.Map.Item.Source", "all.$": "$.a",
    }});
    create(&runtime, "M", &map("EXPRESS", &passing(), &selector)).await;
    let finished = run(&runtime, "M", "run", &json!({"items": ["x"], "a": 7})).await;
    let expected = json!([{"i": 0, "v": "x", "s": "STATE_DATA", "all": 7}]);
    assert_eq!(outcome(&finished), expected);
}

#[tokio::test]
async fn failures_are_tolerated_up_to_the_threshold() {
    let items = json!([{"odd": false}, {"odd": true}, {"odd": true}, {"odd": false}]);
    for (threshold, status) in [
        (json!({"ToleratedFailureCount": 2}), Status::Succeeded),
        (json!({"ToleratedFailureCount": 1}), Status::Failed),
        (json!({"ToleratedFailurePercentage": 50}), Status::Succeeded),
        (json!({"ToleratedFailurePercentage": 49.9}), Status::Failed),
        (
            json!({"ToleratedFailurePercentage": 90, "ToleratedFailureCount": 1}),
            Status::Failed,
        ),
        (json!({}), Status::Failed),
    ] {
        let runtime = memory(&Lambda::default(), &Bucket::default());
        create(&runtime, "M", &map("STANDARD", &picky(), &threshold)).await;
        let finished = run(&runtime, "M", "run", &items).await;
        assert_eq!(finished.record.status, status, "{threshold}");
        let run = map_run(&runtime, "run");
        match status {
            Status::Succeeded => {
                assert_eq!(outcome(&finished), json!([{"odd": false}, {"odd": false}]));
                assert_eq!((run.items.failed, run.status), (2, MapRunStatus::Succeeded));
            }
            _ => {
                let error = finished.record.error.as_deref();
                assert_eq!(error, Some("States.ExceedToleratedFailureThreshold"));
                assert_eq!(run.status, MapRunStatus::Failed);
            }
        }
        runtime.shutdown().await;
    }
}

#[tokio::test]
async fn an_execution_that_is_stopped_stops_its_children() {
    let runtime = memory(&Lambda::default(), &Bucket::default());
    let waiting = json!({"W": {"Type": "Wait", "Seconds": 3600, "End": true}});
    let definition = map("STANDARD", &waiting, &json!({"MaxConcurrency": 2}));
    create(&runtime, "M", &definition).await;
    start(&runtime, "M", "run", &json!([1, 2, 3]))
        .await
        .expect("it starts");
    let arn = map_run(&runtime, "run").arn;
    until(|| {
        runtime
            .list_children(&arn, Some(Status::Running), None, 10)
            .is_ok_and(|page| page.executions.len() == 2)
    })
    .await;
    let execution = execution_arn("M", "run");
    let stopped = runtime.stop_execution(&execution, None, None).await;
    stopped.expect("it is stopped");
    until(|| {
        runtime
            .describe_map_run(&arn)
            .is_ok_and(|run| run.status == MapRunStatus::Aborted)
    })
    .await;
    let run = map_run(&runtime, "run");
    assert_eq!((run.items.aborted, run.items.pending), (2, 1));
    let children = runtime.list_children(&arn, Some(Status::Aborted), None, 10);
    assert_eq!(children.expect("it is there").executions.len(), 2);
    let refused = runtime.update_map_run(&arn, UpdateMapRun::default()).await;
    assert!(matches!(refused, Err(RuntimeError::MapRunCompleted)));
}

#[tokio::test]
async fn a_running_map_run_heeds_new_settings() {
    let runtime = memory(&Lambda::default(), &Bucket::default());
    let waiting = json!({"W": {"Type": "Wait", "Seconds": 3600, "End": true}});
    let definition = map("STANDARD", &waiting, &json!({"MaxConcurrency": 1}));
    create(&runtime, "M", &definition).await;
    start(&runtime, "M", "run", &json!([1, 2, 3]))
        .await
        .expect("it starts");
    let arn = map_run(&runtime, "run").arn;
    let running = |number: usize| {
        let page = runtime.list_children(&arn, Some(Status::Running), None, 10);
        page.is_ok_and(|page| page.executions.len() == number)
    };
    until(|| running(1)).await;
    let update = UpdateMapRun {
        max_concurrency: Some(3),
        ..UpdateMapRun::default()
    };
    runtime.update_map_run(&arn, update).await.expect("it runs");
    until(|| running(3)).await;
    assert_eq!(map_run(&runtime, "run").max_concurrency, 3);
}

#[tokio::test]
async fn a_file_is_read_in_batches_and_results_are_written() {
    let bucket = Bucket::default();
    bucket.put("in.csv", "n,s\n1,a\n2,b\n3,c\n");
    let runtime = memory(&Lambda::default(), &bucket);
    let more = json!({
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            "Parameters": {"Bucket": "b", "Key": "in.csv"},
        },
        "ItemSelector": {"n.$": "$$.Map.Item.Value.n", "from.$": "$$.Map.Item.Source"},
        "ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"x.$": "$.x"}},
        "ResultWriter": {
            "Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket": "b", "Prefix": "out"},
            "WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSON"},
        },
    });
    create(&runtime, "M", &map("EXPRESS", &passing(), &more)).await;
    let finished = run(&runtime, "M", "run", &json!({"x": 1})).await;
    let output = outcome(&finished);
    let run = map_run(&runtime, "run");
    assert_eq!((run.items.succeeded, run.executions.succeeded), (3, 2));
    assert_eq!(output["MapRunArn"], json!(&*run.arn));
    let manifest = output["ResultWriterDetails"]["Key"]
        .as_str()
        .expect("there is a key");
    let manifest = bucket.get(manifest).expect("it was written");
    let file = manifest["ResultFiles"]["SUCCEEDED"][0]["Key"]
        .as_str()
        .expect("there is a file");
    let item = |n: &str| json!({"n": n, "from": "S3://b/in.csv"});
    assert_eq!(
        bucket.get(file),
        Some(json!([
            {"BatchInput": {"x": 1}, "Items": [item("1"), item("2")]},
            {"BatchInput": {"x": 1}, "Items": [item("3")]},
        ])),
        "{:?}",
        bucket.keys()
    );
}

#[tokio::test]
async fn a_file_that_is_not_there_fails_the_map_run() {
    let runtime = memory(&Lambda::default(), &Bucket::default());
    let more = json!({"ItemReader": {
        "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": "b", "Key": "gone.json"},
    }});
    create(&runtime, "M", &map("EXPRESS", &passing(), &more)).await;
    let finished = run(&runtime, "M", "run", &json!({})).await;
    assert_eq!(
        finished.record.error.as_deref(),
        Some("States.ItemReaderFailed")
    );
    let cause = finished.record.cause.as_deref().unwrap_or_default();
    assert!(
        cause.contains("The specified key does not exist."),
        "{cause}"
    );
}

/// Children that ended are not run again, those under way are, and reading goes on where the oldest of them began.
#[tokio::test]
async fn a_map_run_goes_on_where_it_was_after_a_restart() {
    for children in ["STANDARD", "EXPRESS"] {
        let bucket = Bucket::default();
        let lines: Vec<String> = (0..500).map(|n| format!("{{\"n\":{n}}}")).collect();
        bucket.put("in.jsonl", lines.join("\n"));
        let held = Arc::new(Mutex::new(true));
        let holding = Arc::clone(&held);
        let lambda = Lambda::default().with("f", move |event| {
            // The four hundredth and those behind it never return, at first.
            if event["n"].as_u64() >= Some(400) && *holding.lock().expect("no test panics here") {
                Returned::Nothing
            } else {
                Returned::Value(event["n"].clone())
            }
        });
        let more = json!({"MaxConcurrency": 7, "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSONL"},
            "Parameters": {"Bucket": "b", "Key": "in.jsonl"},
        }});
        let task = json!({"T": {"Type": "Task", "Resource": function_arn("f"), "End": true}});
        let folder = tempfile::tempdir().expect("the system has room for a folder");
        let clock = VirtualClock::at(Timestamp(1000));
        let store = Store::open(folder.path()).expect("the folder is ours");
        let runtime = open(&store, &lambda, &bucket, &clock);
        create(&runtime, "M", &map(children, &task, &more)).await;
        start(&runtime, "M", "run", &json!({}))
            .await
            .expect("it starts");
        until(|| lambda.called().len() == 407).await;
        let run = map_run(&runtime, "run");
        until(|| {
            runtime
                .describe_map_run(&run.arn)
                .is_ok_and(|run| run.items.succeeded == 400)
        })
        .await;
        runtime.shutdown().await;
        drop((runtime, store));

        *held.lock().expect("no test panics here") = false;
        let store = Store::open(folder.path()).expect("the one before has let go");
        let runtime = open(&store, &lambda, &bucket, &clock);
        let finished = runtime
            .ended(&execution_arn("M", "run"))
            .await
            .expect("it ends");
        assert_eq!(
            outcome(&finished),
            json!((0..500).collect::<Vec<_>>()),
            "{children}"
        );
        let run = map_run(&runtime, "run");
        assert_eq!(
            (run.items.succeeded, run.executions.total()),
            (500, 500),
            "{children}"
        );
        let mut calls: BTreeMap<u64, u32> = BTreeMap::new();
        for (_, event) in lambda.called() {
            *calls
                .entry(event["n"].as_u64().expect("a number"))
                .or_default() += 1;
        }
        let again = calls.values().filter(|times| **times > 1).count();
        // Ends of EXPRESS children share a commit, and those of one that was not made are lost.
        let most = if children == "STANDARD" { 7 } else { 7 + 256 };
        assert!((7..=most).contains(&again), "{children}: {again} ran again");
        assert!(calls.values().all(|times| *times <= 2), "{children}");
        runtime.shutdown().await;
    }
}

/// A function for which `held` items wait until they are let go.
fn holding(
    held: &Arc<Mutex<bool>>,
    from: u64,
    then: impl Fn() -> Returned + Send + Sync + 'static,
) -> Lambda {
    let holding = Arc::clone(held);
    Lambda::default().with("f", move |event| {
        if event["n"].as_u64() >= Some(from) && *holding.lock().expect("no test panics here") {
            Returned::Nothing
        } else {
            then()
        }
    })
}

#[tokio::test]
async fn results_that_are_too_large_are_so_after_a_restart_as_well() {
    let held = Arc::new(Mutex::new(true));
    let lambda = holding(&held, 400, || Returned::Value("x".repeat(1000).into()));
    let task = json!({"T": {"Type": "Task", "Resource": function_arn("f"), "End": true}});
    let items: Vec<Value> = (0..500).map(|n| json!({"n": n})).collect();
    let folder = tempfile::tempdir().expect("the system has room for a folder");
    let clock = VirtualClock::at(Timestamp(1000));
    let store = Store::open(folder.path()).expect("the folder is ours");
    let runtime = open(&store, &lambda, &Bucket::default(), &clock);
    let definition = map("STANDARD", &task, &json!({"MaxConcurrency": 7}));
    create(&runtime, "M", &definition).await;
    start(&runtime, "M", "run", &json!(items))
        .await
        .expect("it starts");
    until(|| lambda.called().len() == 407 && map_run(&runtime, "run").items.succeeded == 400).await;
    runtime.shutdown().await;
    drop((runtime, store));

    *held.lock().expect("no test panics here") = false;
    let store = Store::open(folder.path()).expect("the one before has let go");
    let runtime = open(&store, &lambda, &Bucket::default(), &clock);
    let ended = runtime.ended(&execution_arn("M", "run")).await;
    let record = &ended.expect("it ends").record;
    assert_eq!(record.error.as_deref(), Some("States.DataLimitExceeded"));
    runtime.shutdown().await;
}

#[tokio::test]
async fn a_reader_that_panics_fails_the_map_run() {
    let bucket = Bucket::default();
    bucket.put("panics.jsonl", "{}");
    let runtime = memory(&Lambda::default(), &bucket);
    let more = json!({"ItemReader": {
        "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSONL"},
        "Parameters": {"Bucket": "b", "Key": "panics.jsonl"},
    }});
    create(&runtime, "M", &map("STANDARD", &passing(), &more)).await;
    start(&runtime, "M", "run", &json!({}))
        .await
        .expect("it starts");
    let ended = runtime.ended(&execution_arn("M", "run")).await;
    let record = &ended.expect("it ends").record;
    assert_eq!(record.error.as_deref(), Some("States.Runtime"));
    assert_eq!(map_run(&runtime, "run").status, MapRunStatus::Failed);
}

/// Three run, one may run when the next process begins, and that one fails.
#[tokio::test]
async fn children_that_a_restarted_map_run_does_not_come_to_are_stopped_when_it_fails() {
    let held = Arc::new(Mutex::new(true));
    let lambda = holding(&held, 0, || Returned::Error("Broken"));
    let task = json!({"T": {"Type": "Task", "Resource": function_arn("f"), "End": true}});
    let folder = tempfile::tempdir().expect("the system has room for a folder");
    let clock = VirtualClock::at(Timestamp(1000));
    let store = Store::open(folder.path()).expect("the folder is ours");
    let runtime = open(&store, &lambda, &Bucket::default(), &clock);
    let wait = json!({
        "C": {"Type": "Choice", "Default": "T", "Choices": [{"Variable": "$.n", "NumericGreaterThan": 0, "Next": "W"}]},
        "T": task["T"], "W": {"Type": "Wait", "Seconds": 3600, "End": true},
    });
    let definition = map("STANDARD", &wait, &json!({"MaxConcurrency": 3}));
    create(&runtime, "M", &definition).await;
    start(&runtime, "M", "run", &json!([{"n": 0}, {"n": 1}, {"n": 2}]))
        .await
        .expect("it starts");
    let arn = map_run(&runtime, "run").arn;
    until(|| {
        let page = runtime.list_children(&arn, Some(Status::Running), None, 10);
        page.is_ok_and(|page| page.executions.len() == 3)
    })
    .await;
    let update = UpdateMapRun {
        max_concurrency: Some(1),
        ..UpdateMapRun::default()
    };
    runtime.update_map_run(&arn, update).await.expect("it runs");
    runtime.shutdown().await;
    drop((runtime, store));

    *held.lock().expect("no test panics here") = false;
    let store = Store::open(folder.path()).expect("the one before has let go");
    let runtime = open(&store, &lambda, &Bucket::default(), &clock);
    let ended = runtime.ended(&execution_arn("M", "run")).await;
    let record = &ended.expect("it ends").record;
    let error = record.error.as_deref();
    assert_eq!(error, Some("States.ExceedToleratedFailureThreshold"));
    let aborted = runtime.list_children(&arn, Some(Status::Aborted), None, 10);
    assert_eq!(aborted.expect("it is there").executions.len(), 2);
    let run = map_run(&runtime, "run");
    assert_eq!((run.items.failed, run.items.aborted), (1, 2));
    runtime.shutdown().await;
}

#[tokio::test]
async fn an_input_too_deep_for_a_map_run_fails_the_state() {
    let runtime = memory(&Lambda::default(), &Bucket::default());
    let definition = map("STANDARD", &passing(), &json!({"ItemsPath": "$[0]"}));
    create(&runtime, "M", &definition).await;
    for (levels, status) in [(997, Status::Succeeded), (999, Status::Failed)] {
        let name = levels.to_string();
        let input = format!("[[1],{}{}]", "[".repeat(levels), "]".repeat(levels));
        let request = StartExecution {
            input: Some(input),
            ..request("M", &name, &Value::Null)
        };
        runtime.start_execution(request).await.expect("it starts");
        let arn = execution_arn("M", &name);
        let ended = tokio::time::timeout(Duration::from_mins(1), runtime.ended(&arn)).await;
        let ended = ended.expect("someone is told").expect("it ends");
        assert_eq!(ended.record.status, status);
        let error = (status == Status::Failed).then_some("States.Runtime");
        assert_eq!(ended.record.error.as_deref(), error);
    }
}

#[tokio::test]
async fn map_runs_beyond_the_bound_wait_and_can_be_given_up_meanwhile() {
    let lambda = Lambda::default();
    let runtime = runtime_with(&Store::memory(), &lambda, |config| {
        config.limits.open_map_runs_max = 1;
        config.clock = Arc::new(VirtualClock::at(Timestamp(1000)));
    });
    let waiting = json!({"W": {"Type": "Wait", "Seconds": 3600, "End": true}});
    create(&runtime, "M", &map("STANDARD", &waiting, &json!({}))).await;
    let children = |execution: &str| {
        let arn = map_run(&runtime, execution).arn;
        let page = runtime.list_children(&arn, None, None, 10);
        page.expect("it is there").executions.len()
    };
    let stop = async |execution: &str| {
        let arn = execution_arn("M", execution);
        let stopped = runtime.stop_execution(&arn, None, None).await;
        stopped.expect("it is stopped");
        until(|| map_run(&runtime, execution).status == MapRunStatus::Aborted).await;
    };
    for execution in ["first", "second", "third"] {
        let started = start(&runtime, "M", execution, &json!([1, 2])).await;
        started.expect("it starts");
        if execution == "first" {
            until(|| children("first") == 2).await;
        }
    }
    stop("second").await;
    assert_eq!((children("second"), children("third")), (0, 0));
    stop("first").await;
    until(|| children("third") == 2).await;
}
