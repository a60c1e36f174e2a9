//! Python functions: what they get, and what becomes of what they return or raise.

use serde_json::{Value, json};

use super::world::{World, has, log_of, text, until};

async fn world_with(source: &str) -> World {
    let world = World::new();
    let files = [("handler.py", source)];
    world.create("f", "python3.12", &files, json!({})).await;
    world
}

#[tokio::test]
async fn a_function_answers_its_event_and_stays_warm() {
    if !has("python3") {
        return;
    }
    let world = world_with(
        "count = 0\ndef handler(event, context):\n    global count\n    count += 1\n    return {'event': event, 'count': count}\n",
    )
    .await;
    let first = world.result("f", r#"{"a":1}"#).await;
    assert_eq!(first, r#"{"event": {"a": 1}, "count": 1}"#);
    let second = world.result("f", "\"é\"").await;
    assert_eq!(second, "{\"event\": \"é\", \"count\": 2}");
    assert_eq!(world.result("f", "").await, "{\"event\": {}, \"count\": 3}");
    assert_eq!(world.lambda.host.processes(), 1);
}

#[tokio::test]
async fn the_python_of_this_machine_is_found() {
    if !has("python3") {
        return;
    }
    let world = World::with(|config| config.python = None);
    let source = "import sys\ndef handler(event, context):\n    return sys.version_info[0]\n";
    let files = [("handler.py", source)];
    world.create("f", "python3.12", &files, json!({})).await;
    assert_eq!(world.result("f", "{}").await, "3");
}

#[tokio::test]
async fn an_exception_reads_as_on_aws() {
    if !has("python3") {
        return;
    }
    let world = world_with(
        "def handler(event, context):\n    raise Exception(\"Some exception was raised.\")\n",
    )
    .await;
    let answer = world.invoke("f", "{}").await;
    let error: Value = serde_json::from_slice(&answer.body).expect("an error is JSON");
    let id = error["requestId"].as_str().expect("an id");
    // Spaces and all: a Task state shows the text as it is.
    assert_eq!(
        text(&answer),
        format!(
            r#"{{"errorMessage": "Some exception was raised.", "errorType": "Exception", "requestId": "{id}", "stackTrace": ["  File \"/var/task/handler.py\", line 2, in handler\n    raise Exception(\"Some exception was raised.\")\n"]}}"#
        )
    );
    assert_eq!(answer.output["FunctionError"], "Unhandled");
    assert_eq!(answer.output["ExecutedVersion"], "$LATEST");
    assert_eq!(answer.output["StatusCode"], 200);
    let log = log_of(&answer);
    assert!(
        log.contains(&format!("START RequestId: {id} Version: $LATEST\n")),
        "{log}"
    );
    assert!(
        log.contains(
            "[ERROR] Exception: Some exception was raised.\rTraceback (most recent call last):\r"
        ),
        "{log}"
    );
}

#[tokio::test]
async fn an_exception_without_text_has_an_empty_message() {
    if !has("python3") {
        return;
    }
    let world = world_with(
        "class CustomException(Exception):\n    def __str__(self):\n        return \"\"\n\n\n\n\ndef handler(event, context):\n    raise CustomException()\n",
    )
    .await;
    let error = world.failure("f", "{}").await;
    assert_eq!(error["errorType"], "CustomException");
    assert_eq!(error["errorMessage"], "");
    assert_eq!(
        error["stackTrace"],
        json!([
            "  File \"/var/task/handler.py\", line 9, in handler\n    raise CustomException()\n"
        ])
    );
}

#[tokio::test]
async fn bytes_are_the_payload_as_they_are() {
    if !has("python3") {
        return;
    }
    let world = world_with(
        "import json\ndef handler(event, context):\n    return json.dumps('HelloWorld!').encode() if not event else b'a' * (257 * 1024)\n",
    )
    .await;
    assert_eq!(world.result("f", "{}").await, "\"HelloWorld!\"");
    assert_eq!(world.result("f", "1").await, "a".repeat(263_168));
}

#[tokio::test]
async fn what_has_no_json_is_a_marshal_error_and_decimals_have_some() {
    if !has("python3") {
        return;
    }
    let world = world_with(
        "import decimal\ndef handler(event, context):\n    return {'set': {1}, 'nan': float('nan'), 'good': [decimal.Decimal('1.10'), decimal.Decimal(7), b'x']}[event]\n",
    )
    .await;
    let error = world.failure("f", "\"set\"").await;
    assert_eq!(error["errorType"], "Runtime.MarshalError");
    assert_eq!(
        error["errorMessage"],
        "Unable to marshal response: Object of type set is not JSON serializable"
    );
    assert_eq!(error["stackTrace"], json!([]));
    assert_eq!(
        world.failure("f", "\"nan\"").await["errorType"],
        "Runtime.MarshalError"
    );
    assert_eq!(world.result("f", "\"good\"").await, r#"[1.10, 7, "x"]"#);
}

#[tokio::test]
async fn what_cannot_be_loaded_says_why() {
    if !has("python3") {
        return;
    }
    let world = World::new();
    let files = [
        ("handler.py", "def handler(event, context):\n    return 1\n"),
        ("broken.py", "def handler(:\n"),
        ("raising.py", "raise ValueError('at import')\n"),
    ];
    for (name, handler, kind, message) in [
        (
            "missing",
            "nothing.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'nothing': No module named 'nothing'",
        ),
        (
            "absent",
            "handler.other",
            "Runtime.HandlerNotFound",
            "Handler 'other' missing on module 'handler'",
        ),
        (
            "plain",
            "handler",
            "Runtime.MalformedHandlerName",
            "Bad handler 'handler': not enough values to unpack (expected 2, got 1)",
        ),
        (
            "broken",
            "broken.handler",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'broken': invalid syntax (broken.py, line 1)",
        ),
        ("raising", "raising.handler", "ValueError", "at import"),
    ] {
        let more = json!({ "Handler": handler });
        world.create(name, "python3.12", &files, more).await;
        let error = world.failure(name, "{}").await;
        assert_eq!(error["errorType"], kind, "{name}");
        assert_eq!(error["errorMessage"], message, "{name}");
        assert_eq!(error["requestId"], "", "{name}");
    }
    let broken = world.failure("broken", "{}").await;
    assert_eq!(
        broken["stackTrace"],
        json!(["  File \"/var/task/broken.py\" Line 1\n    def handler(:\n"])
    );
    until("what could not start is gone", || {
        world.lambda.host.processes() == 0
    })
    .await;
}

#[tokio::test]
async fn a_handler_may_live_in_a_package() {
    if !has("python3") {
        return;
    }
    let world = World::new();
    let files = [
        ("pkg/__init__.py", ""),
        ("pkg/sub/__init__.py", "from .part import answer\n"),
        ("pkg/sub/part.py", "answer = 42\n"),
        (
            "pkg/sub/app.py",
            "from . import answer\ndef run(event, context):\n    return answer\n",
        ),
    ];
    for (name, handler) in [("dots", "pkg.sub.app.run"), ("slashes", "pkg/sub/app.run")] {
        let more = json!({ "Handler": handler });
        world.create(name, "python3.12", &files, more).await;
        assert_eq!(world.result(name, "{}").await, "42", "{name}");
    }
}

#[tokio::test]
async fn environment_and_context_are_as_documented() {
    if !has("python3") {
        return;
    }
    let world = World::new();
    let source = r"
import os, sys, tempfile
def handler(event, context):
    return {
        'env': dict(os.environ), 'cwd': os.getcwd(), 'argv': sys.argv[1:], 'tmp': tempfile.gettempdir(),
        'id': context.aws_request_id, 'name': context.function_name, 'memory': context.memory_limit_in_mb,
        'arn': context.invoked_function_arn, 'group': context.log_group_name, 'stream': context.log_stream_name,
        'version': context.function_version, 'left': context.get_remaining_time_in_millis(),
        'custom': context.client_context.custom if context.client_context else None,
    }
";
    let more = json!({ "Environment": { "Variables": { "COLOUR": "blue" } }, "MemorySize": 256, "Timeout": 7 });
    world
        .create("f", "python3.12", &[("handler.py", source)], more)
        .await;
    let client_context = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        "{\n \"custom\": {\"a\": \"é\"}}",
    );
    let input = json!({ "FunctionName": "f:$LATEST", "ClientContext": client_context });
    let answer = world.call("Invoke", input).await.expect("an answer");
    let seen: Value = serde_json::from_slice(&answer.body).expect("JSON");
    let env = &seen["env"];
    for (name, value) in [
        ("COLOUR", "blue"),
        ("_HANDLER", "handler.handler"),
        ("TZ", ":UTC"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_python3.12"),
        ("AWS_LAMBDA_FUNCTION_NAME", "f"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/f"),
        ("AWS_ACCESS_KEY_ID", "000000000000"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
    ] {
        assert_eq!(env[name], value, "{name}");
    }
    assert_eq!(
        env["CARGO_MANIFEST_DIR"],
        Value::Null,
        "nothing is inherited"
    );
    assert!(
        env["_X_AMZN_TRACE_ID"]
            .as_str()
            .expect("a trace")
            .starts_with("Root=1-")
    );
    assert_eq!(seen["cwd"], env["LAMBDA_TASK_ROOT"]);
    assert_eq!(seen["tmp"], env["TMPDIR"]);
    assert_eq!(seen["argv"], json!([]));
    assert_eq!(
        seen["arn"],
        "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST"
    );
    assert_eq!(seen["group"], "/aws/lambda/f");
    assert_eq!(seen["stream"], env["AWS_LAMBDA_LOG_STREAM_NAME"]);
    assert_eq!(seen["memory"], "256");
    assert_eq!(seen["custom"], json!({ "a": "é" }));
    let left = seen["left"].as_i64().expect("a number");
    assert!((1..=7000).contains(&left), "{left}");
}

#[tokio::test]
async fn what_is_logged_comes_back_with_the_answer_and_stays() {
    if !has("python3") {
        return;
    }
    let world = world_with(
        "import logging, sys\nprint('loading')\ndef handler(event, context):\n    print('one')\n    print('two', file=sys.stderr)\n    logging.warning('three')\n    sys.stdout.write('four')\n",
    )
    .await;
    world.result("f", "{}").await;
    let answer = world.invoke("f", "{}").await;
    let log = log_of(&answer);
    let lines: Vec<&str> = log.lines().collect();
    assert!(lines[0].starts_with("START RequestId: "), "{log}");
    assert_eq!(lines[1], "one");
    assert_eq!(lines[2], "two");
    assert!(
        lines[3].starts_with("[WARNING]\t20") && lines[3].ends_with("\tthree"),
        "{log}"
    );
    assert_eq!(lines[4], "four", "{log}");
    assert!(
        log.contains("\tMemory Size: 128 MB\tMax Memory Used: "),
        "{log}"
    );
    assert!(!log.contains("loading"), "{log}");
    let kept = world.lambda.logs("000000000000", "us-east-1", "f");
    assert!(kept.iter().any(|event| event.message == "loading"));
    assert_eq!(
        kept.iter().filter(|event| event.message == "one").count(),
        2
    );
}

#[tokio::test]
async fn a_process_that_ends_in_mid_event_is_an_exit_error_and_another_takes_its_place() {
    if !has("python3") {
        return;
    }
    let world = world_with(
        "import os, sys\ndef handler(event, context):\n    if event == 'exit': sys.exit(3)\n    if event == 'silent': os._exit(0)\n    if event == 'abort': os.abort()\n    return event\n",
    )
    .await;
    for (event, text) in [
        ("exit", "Runtime exited with error: exit status 3"),
        ("silent", "Runtime exited without providing a reason"),
        ("abort", "Runtime exited with error: signal: aborted"),
    ] {
        let error = world.failure("f", &format!("\"{event}\"")).await;
        assert_eq!(error["errorType"], "Runtime.ExitError");
        let message = error["errorMessage"].as_str().expect("text");
        assert!(message.starts_with("RequestId: "), "{message}");
        assert!(message.ends_with(&format!(" Error: {text}")), "{message}");
        assert_eq!(world.result("f", "1").await, "1");
    }
}
