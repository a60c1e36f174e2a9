//! What outlives what: functions their server, never; rows and packages, always.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;

use super::world::{World, has, processes_of, until};

const SERVE: &str = "CANTER_TEST_SERVE_UNTIL_KILLED";
const SLEEPER: &str = "import subprocess, time\ndef handler(event, context):\n    subprocess.Popen(['sleep', '600'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n    print('asleep', flush=True)\n    time.sleep(600)\n";

/// Not a test of its own: the server that the next test kills. Without that test's word it does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn serve_until_killed() {
    let Ok(marker) = std::env::var(SERVE) else {
        return;
    };
    let world = World::new();
    let more = json!({ "Timeout": 300, "Environment": { "Variables": { "MARK": marker } } });
    let files = [("handler.py", SLEEPER)];
    world.create("f", "python3.12", &files, more).await;
    let announce = async {
        until("the function sleeps", || {
            let log = world.lambda.logs("000000000000", "us-east-1", "f");
            log.iter().any(|event| event.message == "asleep")
        })
        .await;
        eprintln!("serving");
    };
    tokio::join!(world.result("f", "{}"), announce);
}

#[tokio::test]
async fn a_killed_server_takes_its_functions_along() {
    if !has("python3") || !cfg!(target_os = "linux") {
        return;
    }
    let marker = uuid::Uuid::new_v4().to_string();
    let own = std::env::current_exe().expect("this test's program");
    let mut server = Command::new(own)
        .args([
            "--exact",
            "tests::lifetime::serve_until_killed",
            "--nocapture",
        ])
        .env(SERVE, &marker)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it can be started");
    let output = BufReader::new(server.stderr.take().expect("it is piped"));
    assert!(
        output
            .lines()
            .map_while(Result::ok)
            .any(|line| line == "serving"),
        "the function runs"
    );
    let functions = || {
        // The server itself also carries the marker, under another name.
        processes_of(&format!("MARK={marker}"))
    };
    assert!(!functions().is_empty(), "the function's process is there");
    server.kill().expect("kill -9");
    server.wait().expect("it is gone");
    // The function's own process gets the kernel's signal; what it started does not and is left to the function.
    until("the function ends", || {
        functions().iter().all(|path| {
            !std::fs::read(path.join("cmdline"))
                .is_ok_and(|line| String::from_utf8_lossy(&line).contains("bootstrap"))
        })
    })
    .await;
    for orphan in functions() {
        if let Some(pid) = orphan
            .file_name()
            .and_then(|name| name.to_str()?.parse().ok())
            && let Some(pid) = rustix::process::Pid::from_raw(pid)
        {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

#[tokio::test]
async fn a_shutdown_lets_events_in_hand_end_and_then_ends_everything() {
    if !has("python3") {
        return;
    }
    let world = World::new();
    let marker = format!("{}", uuid::Uuid::new_v4());
    let more = json!({ "Environment": { "Variables": { "MARK": marker } } });
    let source = "import time\ndef handler(event, context):\n    print('begun', flush=True)\n    time.sleep(event)\n    return event\n";
    let files = [("handler.py", source)];
    world.create("f", "python3.12", &files, more).await;
    world.result("f", "0").await;
    let begun = |times| {
        let log = world.lambda.logs("000000000000", "us-east-1", "f");
        log.iter().filter(|event| event.message == "begun").count() == times
    };
    let (ended, ()) = tokio::join!(world.result("f", "0.3"), async {
        until("the event is in hand", || begun(2)).await;
        world.lambda.shutdown(Duration::from_secs(10)).await;
    });
    assert_eq!(ended, "0.3");
    until("all processes end", || processes_of(&marker).is_empty()).await;
    let refused = world.call("Invoke", json!({ "FunctionName": "f" })).await;
    assert_eq!(refused.expect_err("it has stopped").status, 503);
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_ever() {
    if !has("python3") {
        return;
    }
    let world = World::new();
    let marker = format!("{}", uuid::Uuid::new_v4());
    let more = json!({ "Timeout": 600, "Environment": { "Variables": { "MARK": marker } } });
    let source = "import subprocess, time\ndef handler(event, context):\n    subprocess.Popen(['sleep', '600'])\n    print('begun', flush=True)\n    time.sleep(600)\n";
    let files = [("handler.py", source)];
    world.create("f", "python3.12", &files, more).await;
    let input = json!({ "FunctionName": "f" });
    let (ended, ()) = tokio::join!(world.call("Invoke", input), async {
        until("the event is in hand", || {
            let log = world.lambda.logs("000000000000", "us-east-1", "f");
            log.iter().any(|event| event.message == "begun")
        })
        .await;
        world.lambda.shutdown(Duration::from_millis(10)).await;
    });
    let error = ended.expect_err("it is no failure of the function");
    assert_eq!((&*error.code, error.status), ("ServiceException", 503));
    until("all it started ends", || processes_of(&marker).is_empty()).await;
}

#[tokio::test]
async fn a_deleted_function_stays_deleted_for_those_who_read_it_meanwhile() {
    let world = World::new();
    let files = [("handler.py", "")];
    world.create("f", "python3.12", &files, json!({})).await;
    let functions = &world.lambda.functions;
    let found = functions.list("000000000000", "us-east-1", Some("f"));
    let function = found.expect("rows can be read").remove(0);
    assert!(!functions.read_while_deleted(function).await);
}

#[tokio::test]
async fn a_package_stays_for_the_events_in_hand_and_goes_with_the_last() {
    if !has("python3") {
        return;
    }
    let world = World::with(|config| config.concurrency = 1);
    // What it imports late must still be there, and for the event that waits for a process too.
    let source = "import os, time\ndef handler(event, context):\n    print('begun', flush=True)\n    while not os.path.exists(os.environ['GO']):\n        time.sleep(0.01)\n    import late\n    return late.WORD\n";
    let go = world.folder.path().join("go");
    let more = json!({ "Environment": { "Variables": { "GO": go } } });
    let files = [("handler.py", source), ("late.py", "WORD = 'old'\n")];
    world.create("f", "python3.12", &files, more).await;
    let packages = || {
        let code = world.folder.path().join("lambda/code");
        let entries = std::fs::read_dir(code).expect("the folder is there");
        entries
            .map(|entry| entry.expect("readable").file_name())
            .filter(|name| name.to_string_lossy().ends_with(".zip"))
            .count()
    };
    let change = async {
        until("one event is in hand", || {
            let log = world.lambda.logs("000000000000", "us-east-1", "f");
            log.iter().any(|event| event.message == "begun")
        })
        .await;
        until("the other one waits", || world.lambda.host.waiting() == 1).await;
        world
            .call("DeleteFunction", json!({ "FunctionName": "f" }))
            .await
            .expect("it is deleted");
        assert_eq!(packages(), 1, "the package is still needed");
        std::fs::write(&go, "").expect("the folder is there");
    };
    let (first, second, ()) = tokio::join!(world.result("f", "1"), world.result("f", "2"), change);
    assert_eq!((&*first, &*second), ("\"old\"", "\"old\""));
    until("the package goes", || packages() == 0).await;
}
