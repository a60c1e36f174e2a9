//! The variables of a function's process, as AWS documents them.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>

use std::path::{Path, PathBuf};

use crate::model::Function;

/// Names that a function's configuration can't set, because the runtime sets them.
const RESERVED: [&str; 18] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

/// The reserved ones among these names.
pub(crate) fn reserved_variables<'a>(names: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    names
        .map(String::as_str)
        .filter(|name| RESERVED.contains(name))
        .collect()
}

/// What a process is told about where it runs.
pub(super) struct Place<'a> {
    pub(super) function: &'a Function,
    pub(super) task: &'a Path,
    pub(super) runtime: &'a Path,
    pub(super) scratch: &'a Path,
    /// Where the function's layers were unpacked, the last one first: what it holds hides what others hold.
    pub(super) layers: &'a [PathBuf],
    /// The folder of the interpreter, first in `PATH`.
    pub(super) interpreter: Option<&'a Path>,
    pub(super) runtime_api: String,
    pub(super) endpoint_url: &'a str,
    pub(super) log_stream: &'a str,
}

/// The whole environment; nothing of the server's own is inherited.
pub(super) fn variables(place: &Place<'_>) -> Vec<(String, String)> {
    let Place {
        function,
        task,
        runtime,
        scratch,
        layers,
        interpreter,
        runtime_api,
        endpoint_url,
        log_stream,
    } = place;
    let task = task.display();
    let runtime_dir = runtime.display();
    // DIVERGENCE: layers are not merged below /opt; each one's folders stand in PATH, LD_LIBRARY_PATH, PYTHONPATH and
    // NODE_PATH, where AWS has /opt's.
    let in_layers = |below: &str| -> String {
        let folders = layers
            .iter()
            .map(|layer| format!("{}/{below}:", layer.display()));
        folders.collect::<Vec<_>>().concat()
    };
    let interpreter =
        interpreter.map_or_else(String::new, |folder| format!("{}:", folder.display()));
    let path = format!(
        "{interpreter}{}/usr/local/bin:/usr/bin:/bin:/opt/bin",
        in_layers("bin")
    );
    let mut all: Vec<(String, String)> = [
        ("LANG", "en_US.UTF-8".to_owned()),
        ("TZ", ":UTC".into()),
        ("PATH", path),
        (
            "LD_LIBRARY_PATH",
            format!("{task}:{task}/lib:{}/opt/lib", in_layers("lib")),
        ),
        // A folder of the process's own, where AWS has a /tmp of its own.
        ("TMPDIR", scratch.display().to_string()),
        // Settings in the home of whoever runs the server are not the function's.
        ("HOME", scratch.display().to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    if function.runtime.starts_with("nodejs") {
        let modules = format!(
            "{}/opt/nodejs/node_modules:{runtime_dir}/node_modules:{runtime_dir}:{task}",
            in_layers("nodejs/node_modules")
        );
        all.push(("NODE_PATH".into(), modules));
    }
    if function.runtime.starts_with("python") && !layers.is_empty() {
        let packages = in_layers(&format!("python/lib/{}/site-packages", function.runtime));
        let paths = format!("{}{packages}", in_layers("python"));
        all.push(("PYTHONPATH".into(), paths.trim_end_matches(':').to_owned()));
    }
    all.extend(
        function
            .environment
            .iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    let account = &function.account;
    all.extend(
        [
            ("_HANDLER", function.handler.clone()),
            ("AWS_REGION", function.region.clone()),
            ("AWS_DEFAULT_REGION", function.region.clone()),
            (
                "AWS_EXECUTION_ENV",
                format!("AWS_Lambda_{}", function.runtime),
            ),
            ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
            (
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                function.memory_megabytes.to_string(),
            ),
            ("AWS_LAMBDA_FUNCTION_VERSION", function.version.clone()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".into()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", function.log_group()),
            ("AWS_LAMBDA_LOG_STREAM_NAME", (*log_stream).to_owned()),
            // An access key that is an account number brings the function's calls back to its own account.
            ("AWS_ACCESS_KEY_ID", account.clone()),
            ("AWS_SECRET_ACCESS_KEY", "canter".into()),
            ("AWS_SESSION_TOKEN", "canter".into()),
            ("AWS_LAMBDA_RUNTIME_API", runtime_api.clone()),
            ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR".into()),
            ("LAMBDA_TASK_ROOT", task.to_string()),
            ("LAMBDA_RUNTIME_DIR", runtime_dir.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    // A function may point its own clients elsewhere.
    if !all.iter().any(|(name, _)| name == "AWS_ENDPOINT_URL") {
        all.push(("AWS_ENDPOINT_URL".into(), (*endpoint_url).to_owned()));
    }
    all
}
