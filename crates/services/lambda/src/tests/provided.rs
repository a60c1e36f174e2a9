//! Functions that bring their own `bootstrap`.

use serde_json::json;

use super::world::{World, has};

/// Speaks the Runtime API with bash alone, a connection for each request.
const BOOTSTRAP: &str = r#"#!/bin/bash
host=${AWS_LAMBDA_RUNTIME_API%:*}
port=${AWS_LAMBDA_RUNTIME_API#*:}
base=/2018-06-01/runtime/invocation
while true; do
  exec 3<>"/dev/tcp/$host/$port"
  printf 'GET %s/next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' "$base" >&3
  while IFS= read -r line <&3; do
    line=${line%$'\r'}
    [ -z "$line" ] && break
    case "${line,,}" in lambda-runtime-aws-request-id:*) id=${line#*: } ;; esac
  done
  body=$(cat <&3)
  exec 3>&-
  echo "got $body"
  what=response
  answer="{\"handler\":\"$_HANDLER\",\"event\":$body}"
  if [ "$body" = '"fail"' ]; then
    what=error
    answer='{"errorType":"Own.Error","errorMessage":"as asked"}'
  fi
  exec 3<>"/dev/tcp/$host/$port"
  printf 'POST %s/%s/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n' "$base" "$id" "$what" >&3
  printf '%x\r\n%s\r\n0\r\n\r\n' "${#answer}" "$answer" >&3
  cat <&3 >/dev/null
  exec 3>&-
done
"#;

#[tokio::test]
async fn a_bootstrap_of_ones_own_answers_and_fails() {
    if !has("bash") {
        return;
    }
    let world = World::new();
    let files = [("bootstrap", BOOTSTRAP)];
    world
        .create("f", "provided.al2023", &files, json!({}))
        .await;
    for event in ["1", r#"{"a":[]}"#] {
        let expected = format!(r#"{{"handler":"handler.handler","event":{event}}}"#);
        assert_eq!(world.result("f", event).await, expected);
    }
    let error = world.failure("f", "\"fail\"").await;
    assert_eq!(
        error,
        json!({ "errorType": "Own.Error", "errorMessage": "as asked" })
    );
    assert_eq!(world.lambda.host.processes(), 1);
}

#[tokio::test]
async fn what_cannot_be_executed_is_an_invalid_entry_point() {
    let world = World::new();
    for (name, files, reason) in [
        (
            "none",
            [("other", "")],
            "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
        ),
        (
            "garbage",
            [("bootstrap", "\u{1}\u{2}")],
            "fork/exec /var/task/bootstrap: exec format error",
        ),
        (
            "nobody",
            [("bootstrap", "#!/no/such/shell\n")],
            "fork/exec /var/task/bootstrap: no such file or directory",
        ),
    ] {
        world.create(name, "provided.al2", &files, json!({})).await;
        let error = world.failure(name, "{}").await;
        assert_eq!(error["errorType"], "Runtime.InvalidEntrypoint", "{name}");
        let message = error["errorMessage"].as_str().expect("text");
        assert!(message.ends_with(&format!(" Error: {reason}")), "{message}");
    }
    assert_eq!(world.lambda.host.processes(), 0, "none was started");
}

#[tokio::test]
async fn an_interpreter_that_is_not_there_is_named() {
    let world = World::with(|config| config.python = Some("/no/such/python3".into()));
    let files = [("handler.py", "")];
    world.create("f", "python3.12", &files, json!({})).await;
    let error = world.failure("f", "{}").await;
    let message = error["errorMessage"].as_str().expect("text");
    assert!(message.contains("/no/such/python3"), "{message}");
}

#[tokio::test]
async fn a_process_that_never_asks_for_an_event_runs_out_of_time() {
    let world = World::with(|config| config.init_timeout = std::time::Duration::from_millis(50));
    let files = [("bootstrap", "#!/bin/sh\nexec sleep 60\n")];
    let more = json!({ "Timeout": 1 });
    world.create("f", "provided.al2", &files, more).await;
    let error = world.failure("f", "{}").await;
    assert_eq!(error["errorType"], "Sandbox.Timedout");
}

#[tokio::test]
async fn a_process_that_ends_before_its_first_event_is_an_exit_error() {
    let world = World::new();
    let files = [("bootstrap", "#!/bin/sh\nexit 7\n")];
    world.create("f", "provided.al2", &files, json!({})).await;
    let error = world.failure("f", "{}").await;
    assert_eq!(error["errorType"], "Runtime.ExitError");
    let message = error["errorMessage"].as_str().expect("text");
    assert!(
        message.ends_with("Runtime exited with error: exit status 7"),
        "{message}"
    );
}
