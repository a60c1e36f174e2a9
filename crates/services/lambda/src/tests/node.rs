//! Node.js functions: all ways to answer, and the order in which things happen.

use serde_json::json;

use super::world::{World, has, log_of};

async fn world_with(file: &str, source: &str) -> World {
    let world = World::new();
    let more = json!({ "Handler": "index.handler" });
    world
        .create("f", "nodejs20.x", &[(file, source)], more)
        .await;
    world
}

#[tokio::test]
async fn modules_of_every_kind_answer() {
    if !has("node") {
        return;
    }
    let world = World::new();
    let esm = "import path from 'node:path';\nexport const handler = async (event) => ({ event, kind: path.extname(import.meta.url) });\n";
    let cjs =
        "exports.handler = async (event, context) => ({ event, name: context.functionName });\n";
    let package = ("package.json", r#"{"type":"module"}"#);
    for (name, files, expected) in [
        (
            "mjs",
            vec![("index.mjs", esm)],
            r#"{"event":1,"kind":".mjs"}"#,
        ),
        (
            "cjs",
            vec![("index.cjs", cjs)],
            r#"{"event":1,"name":"cjs"}"#,
        ),
        ("js", vec![("index.js", cjs)], r#"{"event":1,"name":"js"}"#),
        (
            "esm",
            vec![("index.js", esm), package],
            r#"{"event":1,"kind":".js"}"#,
        ),
    ] {
        let more = json!({ "Handler": "index.handler" });
        world.create(name, "nodejs20.x", &files, more).await;
        assert_eq!(world.result(name, "1").await, expected, "{name}");
        assert_eq!(world.result(name, "1").await, expected, "{name}");
    }
    let nested = [(
        "lib/app.js",
        "exports.api = { run: async () => undefined };\n",
    )];
    let more = json!({ "Handler": "lib/app.api.run" });
    world.create("nested", "nodejs20.x", &nested, more).await;
    assert_eq!(world.result("nested", "{}").await, "null");
}

#[tokio::test]
async fn only_the_first_callback_counts() {
    if !has("node") {
        return;
    }
    let world = world_with(
        "index.js",
        "exports.handler = (event, context, callback) => {\n  callback(null, 'first');\n  callback(new Error('second'));\n  callback(null, 'third');\n};\n",
    )
    .await;
    assert_eq!(world.result("f", "{}").await, "\"first\"");
    assert_eq!(world.result("f", "{}").await, "\"first\"");
}

#[tokio::test]
async fn an_answer_by_callback_waits_for_the_event_loop_and_an_error_does_not() {
    if !has("node") {
        return;
    }
    let world = world_with(
        "index.js",
        r"
let late = 0;
exports.handler = (event, context, callback) => {
  if (event === 'late') return callback(null, late);
  context.callbackWaitsForEmptyEventLoop = event !== 'now';
  setTimeout(() => { late += 1; console.log('later'); }, 300);
  callback(event === 'error' ? new TypeError('bad') : null, 'done');
};
",
    )
    .await;
    let waited = world.invoke("f", "\"wait\"").await;
    assert!(
        log_of(&waited).contains("\tINFO\tlater\n"),
        "{}",
        log_of(&waited)
    );
    let now = world.invoke("f", "\"now\"").await;
    assert!(!log_of(&now).contains("later"), "{}", log_of(&now));
    let error = world.invoke("f", "\"error\"").await;
    assert_eq!(error.output["FunctionError"], "Unhandled");
    assert!(!log_of(&error).contains("later"), "{}", log_of(&error));
    // Both timers of the answers that did not wait go on beside the next event.
    assert_eq!(world.result("f", "\"wait\"").await, "\"done\"");
    assert_eq!(world.result("f", "\"late\"").await, "4");
}

#[tokio::test]
async fn errors_have_their_name_and_their_trace() {
    if !has("node") {
        return;
    }
    let world = world_with(
        "index.js",
        r"
class RiderError extends Error { constructor(m) { super(m); this.name = 'RiderError'; } }
function Old(message) { this.name = 'Old'; this.message = message; }
Old.prototype = new Error();
exports.handler = (event, context, callback) => {
  if (event === 'throw') throw new RiderError('thrown');
  if (event === 'reject') return Promise.reject(new RiderError('rejected'));
  if (event === 'old') return callback(new Old('prototype'));
  if (event === 'text') return callback('just text');
  if (event === 'fail') return context.fail(new RiderError('failed'));
  if (event === 'loop') { const a = {}; a.a = a; return callback(null, a); }
};
",
    )
    .await;
    for (event, kind, message) in [
        ("throw", "RiderError", "thrown"),
        ("reject", "RiderError", "rejected"),
        ("old", "Old", "prototype"),
        ("text", "string", "just text"),
        ("fail", "RiderError", "failed"),
        ("loop", "Error", "Unable to stringify response body"),
    ] {
        let error = world.failure("f", &format!("\"{event}\"")).await;
        assert_eq!(error["errorType"], kind, "{event}");
        assert_eq!(error["errorMessage"], message, "{event}");
    }
    let error = world.failure("f", "\"throw\"").await;
    assert_eq!(error["trace"][0], "RiderError: thrown");
    let place = error["trace"][1].as_str().expect("text");
    assert!(place.contains("(/var/task/index.js:6:"), "{place}");
    let keys: Vec<&String> = error.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["errorType", "errorMessage", "trace"]);
    assert_eq!(world.result("f", "\"never\"").await, "null");
}

#[tokio::test]
async fn a_promise_that_never_settles_fails_the_event() {
    if !has("node") {
        return;
    }
    let world = world_with(
        "index.mjs",
        "export const handler = async (event) => event === 1 ? 1 : new Promise(() => {});\n",
    )
    .await;
    let error = world.failure("f", "{}").await;
    assert_eq!(error["errorType"], "Runtime.NodeJsExit");
    assert_eq!(world.result("f", "1").await, "1");
}

#[tokio::test]
async fn what_nobody_catches_fails_the_event_and_ends_the_process() {
    if !has("node") {
        return;
    }
    let world = world_with(
        "index.mjs",
        r"
let events = 0;
export const handler = (event) => new Promise((resolve) => {
  events += 1;
  if (event === 'throw') setTimeout(() => { throw new RangeError('uncaught'); }, 1);
  else if (event === 'reject') Promise.reject(new Error('unhandled'));
  else resolve(events);
});
",
    )
    .await;
    let error = world.failure("f", "\"throw\"").await;
    assert_eq!(error["errorType"], "RangeError");
    assert_eq!(world.result("f", "1").await, "1", "a new process");
    let error = world.failure("f", "\"reject\"").await;
    assert_eq!(error["errorType"], "Runtime.UnhandledPromiseRejection");
    assert_eq!(error["errorMessage"], "Error: unhandled");
    assert_eq!(world.result("f", "1").await, "1", "a new process");
}

#[tokio::test]
async fn what_cannot_be_loaded_says_why() {
    if !has("node") {
        return;
    }
    let world = World::new();
    let files = [
        (
            "index.js",
            "exports.handler = async () => 1;\nexports.text = 'x';\n",
        ),
        ("broken.js", "exports.handler = (=> 1;\n"),
        ("raising.mjs", "throw new RangeError('at import');\n"),
        ("needing.js", "require('not-there');\n"),
    ];
    for (name, handler, kind, message) in [
        (
            "missing",
            "nothing.handler",
            "Runtime.ImportModuleError",
            "Error: Cannot find module 'nothing'",
        ),
        (
            "needing",
            "needing.handler",
            "Runtime.ImportModuleError",
            "Error: Cannot find module 'not-there'",
        ),
        (
            "absent",
            "index.other",
            "Runtime.HandlerNotFound",
            "index.other is undefined or not exported",
        ),
        (
            "text",
            "index.text",
            "Runtime.HandlerNotFound",
            "index.text is not a function",
        ),
        (
            "plain",
            "index",
            "Runtime.MalformedHandlerName",
            "Bad handler",
        ),
        (
            "broken",
            "broken.handler",
            "Runtime.UserCodeSyntaxError",
            "SyntaxError: ",
        ),
        ("raising", "raising.handler", "RangeError", "at import"),
    ] {
        let more = json!({ "Handler": handler });
        world.create(name, "nodejs20.x", &files, more).await;
        let error = world.failure(name, "{}").await;
        assert_eq!(error["errorType"], kind, "{name}");
        let text = error["errorMessage"].as_str().expect("text");
        assert!(text.starts_with(message), "{name}: {text}");
    }
}

#[tokio::test]
async fn callbacks_are_refused_from_node_24_on() {
    if !has("node") {
        return;
    }
    let world = World::new();
    let files = [(
        "index.js",
        "exports.handler = (event, context, callback) => callback(null, 1);\n",
    )];
    let more = json!({ "Handler": "index.handler" });
    world.create("f", "nodejs24.x", &files, more).await;
    let error = world.failure("f", "{}").await;
    assert_eq!(error["errorType"], "Runtime.CallbackHandlerDeprecated");
}

#[tokio::test]
async fn large_events_and_answers_pass() {
    if !has("node") {
        return;
    }
    let world = world_with(
        "index.mjs",
        "export const handler = async (event) => event;\n",
    )
    .await;
    let event = format!("\"{}\"", "é".repeat(1_500_000));
    assert_eq!(world.result("f", &event).await, event);
}
