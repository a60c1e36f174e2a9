//! Time, memory, size and number: what goes too far ends, and the host lives on.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::world::{World, has, log_of, processes_of, text, until};

const ECHO: &str = "def handler(event, context):\n    return event\n";

#[tokio::test]
async fn a_function_out_of_time_is_killed_with_all_it_started() {
    if !has("python3") {
        return;
    }
    let world = World::new();
    let source = "import subprocess, time\ndef handler(event, context):\n    if event == 'sleep':\n        subprocess.Popen(['sleep', '600'])\n        time.sleep(600)\n    return event\n";
    let marker = format!("MARK={}", uuid::Uuid::new_v4());
    let more = json!({ "Timeout": 1, "Environment": { "Variables": { "MARK": marker } } });
    world
        .create("f", "python3.12", &[("handler.py", source)], more)
        .await;
    let answer = world.invoke("f", "\"sleep\"").await;
    let error: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(error["errorType"], "Sandbox.Timedout");
    let message = error["errorMessage"].as_str().expect("text");
    assert!(message.starts_with("RequestId: "), "{message}");
    assert!(
        message.ends_with(" Error: Task timed out after 1.00 seconds"),
        "{message}"
    );
    assert!(
        log_of(&answer).contains("Status: timeout"),
        "{}",
        log_of(&answer)
    );
    until("all processes end", || processes_of(&marker).is_empty()).await;
    assert_eq!(world.result("f", "1").await, "1");
}

#[tokio::test]
async fn a_function_that_takes_too_much_memory_is_killed() {
    if !has("python3") {
        return;
    }
    let world = World::new();
    let source = "import time\ndef handler(event, context):\n    held = bytearray(event * 1024 * 1024)\n    time.sleep(5 if event > 100 else 0)\n    return len(held)\n";
    let files = [("handler.py", source)];
    world.create("f", "python3.12", &files, json!({})).await;
    let error = world.failure("f", "300").await;
    assert_eq!(error["errorType"], "Runtime.ExitError");
    let message = error["errorMessage"].as_str().expect("text");
    assert!(
        message.ends_with("Runtime exited with error: signal: killed"),
        "{message}"
    );
    assert_eq!(world.result("f", "1").await, "1048576");
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_refused_and_the_process_goes_on() {
    if !has("python3") {
        return;
    }
    let world = World::new();
    let source = "def handler(event, context):\n    return b'1' * event\n";
    let files = [("handler.py", source)];
    world.create("f", "python3.12", &files, json!({})).await;
    assert_eq!(world.result("f", "6291556").await.len(), 6_291_556);
    let error = world.failure("f", "6291557").await;
    assert_eq!(error["errorType"], "Function.ResponseSizeTooLarge");
    assert_eq!(
        error["errorMessage"],
        "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
    );
    assert_eq!(world.result("f", "3").await, "111");
    assert_eq!(world.lambda.host.processes(), 1);
}

#[tokio::test]
async fn a_flood_of_log_is_bounded() {
    if !has("python3") {
        return;
    }
    let world = World::new();
    let source = "def handler(event, context):\n    for i in range(event):\n        print('x' * 1000)\n    print('y' * 1000000)\n    return 1\n";
    let files = [("handler.py", source)];
    world.create("f", "python3.12", &files, json!({})).await;
    let answer = world.invoke("f", "20000").await;
    assert_eq!(log_of(&answer).len(), 4096);
    assert!(log_of(&answer).contains("REPORT RequestId: "));
    let kept = world.lambda.logs("000000000000", "us-east-1", "f");
    let bytes: usize = kept.iter().map(|event| event.message.len()).sum();
    assert!(bytes <= 1024 * 1024, "{bytes}");
    let folder = world
        .folder
        .path()
        .join("lambda/logs/000000000000/us-east-1");
    let log = folder.join("f.log");
    until("the file is written", || log.exists()).await;
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let length = entry.expect("an entry").metadata().expect("a file").len();
        assert!(length <= 10 * 1024 * 1024 + 2 * 1024 * 1024, "{length}");
    }
}

#[tokio::test]
async fn events_beyond_the_processes_wait_their_turn() {
    if !has("python3") {
        return;
    }
    let world = World::with(|config| config.concurrency = 2);
    let files = [(
        "handler.py",
        "import time\ndef handler(event, context):\n    time.sleep(0.05)\n    return event\n",
    )];
    world.create("f", "python3.12", &files, json!({})).await;
    world.create("g", "python3.12", &files, json!({})).await;
    let results = [
        world.result("f", "1"),
        world.result("g", "2"),
        world.result("f", "3"),
        world.result("g", "4"),
        world.result("f", "5"),
    ];
    let mut pending = Vec::from(results.map(Box::pin));
    let mut seen = Vec::new();
    // One task polls them all, so that they are under way at once.
    std::future::poll_fn(|cx| {
        pending.retain_mut(|one| match one.as_mut().poll(cx) {
            std::task::Poll::Ready(text) => {
                seen.push(text);
                false
            }
            std::task::Poll::Pending => true,
        });
        assert!(world.lambda.host.processes() <= 2);
        if pending.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    seen.sort();
    assert_eq!(seen, ["1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn an_event_that_finds_no_process_in_time_is_throttled() {
    if !has("python3") {
        return;
    }
    let world = World::with(|config| {
        config.concurrency = 1;
        config.queue_timeout = Duration::from_millis(100);
    });
    let files = [(
        "handler.py",
        "import time\ndef handler(event, context):\n    time.sleep(event)\n    return event\n",
    )];
    world.create("f", "python3.12", &files, json!({})).await;
    world.result("f", "0").await;
    let lambda = std::sync::Arc::clone(&world.lambda);
    let (first, second) = tokio::join!(world.result("f", "1"), async {
        until("the first event is in hand", || {
            lambda
                .logs("000000000000", "us-east-1", "f")
                .iter()
                .filter(|event| event.message.starts_with("START"))
                .count()
                == 2
        })
        .await;
        world.call("Invoke", json!({ "FunctionName": "f" })).await
    });
    assert_eq!(first, "1");
    let refused = second.expect_err("no process is free");
    assert_eq!(refused.code, "TooManyRequestsException");
    assert_eq!(refused.message, "Rate Exceeded.");
    assert_eq!(refused.status, 429);
}

#[tokio::test]
async fn a_process_that_died_while_it_idled_is_replaced_unseen() {
    if !has("python3") {
        return;
    }
    let world = World::new();
    let source = "import os\ndef handler(event, context):\n    return os.getpid()\n";
    let files = [("handler.py", source)];
    world.create("f", "python3.12", &files, json!({})).await;
    let pid: i32 = world.result("f", "{}").await.parse().expect("a number");
    let process = rustix::process::Pid::from_raw(pid).expect("a process id");
    rustix::process::kill_process(process, rustix::process::Signal::KILL).expect("it lives");
    until("the process is dead", || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.is_empty() || stat.contains(") Z ")
    })
    .await;
    let second: i32 = world.result("f", "{}").await.parse().expect("a number");
    assert_ne!(pid, second);
}

#[tokio::test]
async fn processes_without_events_end() {
    if !has("python3") {
        return;
    }
    let world = World::with(|config| config.idle_timeout = Duration::from_millis(20));
    let files = [("handler.py", ECHO)];
    world.create("f", "python3.12", &files, json!({})).await;
    world.result("f", "{}").await;
    until("the process ends", || world.lambda.host.processes() == 0).await;
    let scratch = world.folder.path().join("lambda/scratch");
    let left = std::fs::read_dir(scratch).expect("a folder").count();
    assert_eq!(left, 0, "its folder goes with it");
}

#[tokio::test]
async fn a_storm_of_events_and_crashes_leaves_nothing_behind() {
    if !has("python3") {
        return;
    }
    let world = Arc::new(World::with(|config| config.concurrency = 4));
    let source = "import os\ndef handler(event, context):\n    if event % 17 == 0:\n        os._exit(1)\n    print('line', event)\n    return event\n";
    let files = [("handler.py", source)];
    let names = ["a", "b", "c"];
    for name in names {
        world.create(name, "python3.12", &files, json!({})).await;
    }
    let mut events = tokio::task::JoinSet::new();
    for event in 1..120 {
        let world = Arc::clone(&world);
        events.spawn(async move {
            let answer = world.invoke(names[event % 3], &event.to_string()).await;
            let failed = answer.output.contains_key("FunctionError");
            assert_eq!(failed, event % 17 == 0, "{event}");
            if !failed {
                assert_eq!(text(&answer), event.to_string());
                assert!(log_of(&answer).contains(&format!("\nline {event}\n")));
            }
        });
    }
    while let Some(ended) = events.join_next().await {
        ended.expect("each event has its own answer");
    }
    assert!(world.lambda.host.processes() <= 4);
    world.lambda.shutdown(Duration::from_secs(10)).await;
    assert_eq!(world.lambda.host.processes(), 0);
    let scratch = world.folder.path().join("lambda/scratch");
    assert_eq!(std::fs::read_dir(scratch).expect("a folder").count(), 0);
}
