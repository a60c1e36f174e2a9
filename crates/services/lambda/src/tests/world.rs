//! A service over a memory store, and functions written in place.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use aws::{Answer, ApiError, Call, Caller, Members, Registry, RequestId, Service};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde_json::{Value, json};
use store::Store;
use zip::write::SimpleFileOptions;

use crate::{Lambda, LambdaConfig};

/// Looked up once: behind a version manager's shims that takes longer than most tests.
static PYTHON: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let answer = std::process::Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .output()
        .ok()?;
    let path = String::from_utf8(answer.stdout).ok()?;
    answer.status.success().then(|| path.trim().into())
});

pub(super) struct World {
    pub(super) lambda: Arc<Lambda>,
    pub(super) store: Store,
    pub(super) folder: tempfile::TempDir,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(change: impl FnOnce(&mut LambdaConfig)) -> Self {
        Self::over(Store::memory(), Registry::default(), change)
    }

    pub(super) fn over(
        store: Store,
        registry: Registry,
        change: impl FnOnce(&mut LambdaConfig),
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let mut config = LambdaConfig::new(folder.path(), "http://127.0.0.1:4566");
        config.python.clone_from(&PYTHON);
        change(&mut config);
        let lambda = Lambda::start(config, store.clone(), registry).expect("the service starts");
        Self {
            lambda,
            store,
            folder,
        }
    }

    pub(super) async fn call(&self, operation: &str, input: Value) -> Result<Answer, ApiError> {
        self.call_with(operation, input, Bytes::new()).await
    }

    pub(super) async fn call_with(
        &self,
        operation: &str,
        input: Value,
        body: impl Into<Bytes>,
    ) -> Result<Answer, ApiError> {
        let Value::Object(input) = input else {
            panic!("an input is an object")
        };
        self.lambda
            .call(Call {
                caller: Caller::root("000000000000", "us-east-1"),
                request_id: RequestId(uuid::Uuid::new_v4().to_string().into()),
                service: "lambda",
                operation: operation.into(),
                input,
                body: body.into(),
            })
            .await
    }

    /// Creates a function of some files; more members of the request may be given.
    pub(super) async fn create(
        &self,
        name: &str,
        runtime: &str,
        files: &[(&str, &str)],
        more: Value,
    ) -> Members {
        let mut input = json!({
            "FunctionName": name,
            "Runtime": runtime,
            "Handler": "handler.handler",
            "Role": "arn:aws:iam::000000000000:role/functions",
            "Code": { "ZipFile": BASE64.encode(zip_of(files)) },
            "Timeout": 20,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        let answer = self.call("CreateFunction", input).await;
        answer.expect("the function is created").output
    }

    /// Invokes and expects an answer, good or bad.
    pub(super) async fn invoke(&self, name: &str, payload: &str) -> Answer {
        let input = json!({ "FunctionName": name, "LogType": "Tail" });
        self.call_with("Invoke", input, payload.to_owned())
            .await
            .expect("the invocation is answered")
    }

    /// Invokes and gives the payload of an invocation that must succeed.
    pub(super) async fn result(&self, name: &str, payload: &str) -> String {
        let answer = self.invoke(name, payload).await;
        let text = text(&answer);
        assert_eq!(answer.output.get("FunctionError"), None, "{text}");
        text
    }

    /// Invokes and gives the error of an invocation that must fail.
    pub(super) async fn failure(&self, name: &str, payload: &str) -> Value {
        let answer = self.invoke(name, payload).await;
        let text = text(&answer);
        assert_eq!(answer.output["FunctionError"], "Unhandled", "{text}");
        serde_json::from_str(&text).expect("an error is JSON")
    }
}

pub(super) fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

pub(super) fn log_of(answer: &Answer) -> String {
    let log = answer.output["LogResult"]
        .as_str()
        .expect("a tail was asked for");
    String::from_utf8(BASE64.decode(log).expect("base64")).expect("text")
}

/// A package; files named `bootstrap` can be executed.
pub(super) fn zip_of(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        let mode = if name.ends_with("bootstrap") {
            0o755
        } else {
            0o644
        };
        let options = SimpleFileOptions::default().unix_permissions(mode);
        zip.start_file(*name, options)
            .expect("an entry can be begun");
        zip.write_all(content.as_bytes()).expect("memory takes it");
    }
    zip.finish().expect("the archive is closed").into_inner()
}

/// Whether the machine has an interpreter. Where nobody looks at messages (CI), it must.
pub(super) fn has(program: &str) -> bool {
    let found = std::process::Command::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    assert!(
        found || std::env::var_os("CI").is_none(),
        "{program} is needed for these tests"
    );
    if !found {
        eprintln!("skipped: {program} is not on this machine");
    }
    found
}

/// Looks again until something holds; a bound on what should take milliseconds, not a wait.
pub(super) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} did not come true within 20 s");
}

pub(super) fn processes_of(marker: &str) -> Vec<PathBuf> {
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            std::fs::read(path.join("environ"))
                .is_ok_and(|environment| String::from_utf8_lossy(&environment).contains(marker))
        })
        .collect()
}
