//! What CreateFunction and UpdateFunctionConfiguration judge alike.

use aws::{ApiError, Call, Registry, RequestId};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::Lambda;
use crate::code::{Package, ZIPPED_BYTES_MAX};
use crate::error::{constraint, invalid_parameter, too_large};
use crate::host::reserved_variables;
use crate::model::{Code, Configuration, Function};

/// Variables' names and values together, AWS's quota.
const ENVIRONMENT_BYTES_MAX: usize = 4096;

const ROLE_PATTERN: &str = r"Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+";

/// Runtimes that can be run here, for the refusal of others.
const RUNTIMES: &str = "[nodejs24.x, nodejs22.x, nodejs20.x, nodejs18.x, python3.14, python3.13, python3.12, python3.11, python3.10, python3.9, provided.al2023, provided.al2]";

/// Puts a configuration's members into a function.
pub(super) fn apply(
    lambda: &Lambda,
    function: &mut Function,
    given: Configuration,
) -> Result<(), ApiError> {
    let Configuration {
        runtime,
        handler,
        role,
        description,
        timeout,
        memory_size,
        environment,
        ephemeral_storage,
        tracing_config,
        logging_config,
        layers,
        vpc_config,
        dead_letter_config,
        kms_key_arn,
        file_system_configs,
        snap_start,
    } = given;
    if let Some(runtime) = runtime {
        check_runtime(&runtime)?;
        function.runtime = runtime;
    }
    if let Some(handler) = handler {
        if handler.len() > 128 || handler.contains(char::is_whitespace) {
            let rule = r"Member must satisfy regular expression pattern: [^\s]+";
            return Err(constraint(&handler, "handler", rule));
        }
        function.handler = handler;
    }
    if let Some(role) = role {
        if !is_role(&role) {
            return Err(constraint(&role, "role", ROLE_PATTERN));
        }
        function.role = role;
    }
    if let Some(description) = description {
        if description.chars().count() > 256 {
            let rule = "Member must have length less than or equal to 256";
            return Err(constraint(&description, "description", rule));
        }
        function.description = description;
    }
    if let Some(timeout) = timeout {
        function.timeout_seconds = within(timeout, "timeout", 1, 900)?;
    }
    if let Some(memory) = memory_size {
        function.memory_megabytes = within(memory, "memorySize", 128, 10_240)?;
    }
    if let Some(storage) = ephemeral_storage {
        function.ephemeral_megabytes = within(storage.size, "ephemeralStorage.size", 512, 10_240)?;
    }
    if let Some(environment) = environment {
        let variables = environment.variables.unwrap_or_default();
        check_environment(&variables)?;
        // An empty set is answered as none.
        function.environment = (!variables.is_empty()).then_some(variables);
    }
    if let Some(mode) = tracing_config.and_then(|tracing| tracing.mode) {
        if !["Active", "PassThrough"].contains(&mode.as_str()) {
            let rule = "Member must satisfy enum value set: [Active, PassThrough]";
            return Err(constraint(&mode, "tracingConfig.mode", rule));
        }
        function.tracing_mode = mode;
    }
    if let Some(logging) = logging_config {
        if let Some(format) = logging.log_format {
            function.log_format = format;
        }
        if logging.log_group.is_some() {
            function.log_group = logging.log_group;
        }
    }
    if let Some(layers) = layers {
        function.layers = super::layers::used(lambda, &layers)?;
    }
    // DIVERGENCE: LogFormat JSON is kept and changes nothing; lines are logged as they are written.
    // DIVERGENCE: dead-letter queues are kept and get nothing.
    let kept = [
        ("VpcConfig", vpc_config),
        ("DeadLetterConfig", dead_letter_config),
        ("KMSKeyArn", kms_key_arn),
        ("FileSystemConfigs", file_system_configs),
        ("SnapStart", snap_start),
    ];
    for (name, value) in kept {
        if let Some(value) = value {
            function.kept.insert(name.into(), value);
        }
    }
    Ok(())
}

fn within(value: i64, member: &str, least: u32, most: u32) -> Result<u32, ApiError> {
    if value < i64::from(least) {
        let rule = format!("Member must have value greater than or equal to {least}");
        return Err(constraint(&value.to_string(), member, &rule));
    }
    match u32::try_from(value) {
        Ok(value) if value <= most => Ok(value),
        _ => {
            let rule = format!("Member must have value less than or equal to {most}");
            Err(constraint(&value.to_string(), member, &rule))
        }
    }
}

fn check_runtime(runtime: &str) -> Result<(), ApiError> {
    let numbered = |prefix: &str, suffix: &str| {
        runtime
            .strip_prefix(prefix)
            .and_then(|rest| rest.strip_suffix(suffix))
            .is_some_and(|number| {
                (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
            })
    };
    // DIVERGENCE: runtimes that AWS has retired (nodejs14.x, python3.9 …) are run by the interpreter that is here;
    // Java, .NET, Ruby and Go runtimes are refused as if they did not exist.
    if numbered("python3.", "")
        || numbered("nodejs", ".x")
        || ["provided", "provided.al2", "provided.al2023"].contains(&runtime)
    {
        return Ok(());
    }
    Err(invalid_parameter(format!(
        "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: {RUNTIMES} or be a valid ARN"
    )))
}

fn is_role(role: &str) -> bool {
    let parts: Vec<&str> = role.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", partition, "iam", "", account, resource]
        if partition.starts_with("aws")
            && account.len() == 12
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && resource.len() > 4
            && resource.starts_with("role"))
}

fn check_environment(
    variables: &std::collections::BTreeMap<String, String>,
) -> Result<(), ApiError> {
    let reserved = reserved_variables(variables.keys());
    if !reserved.is_empty() {
        return Err(invalid_parameter(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: {}",
            reserved.join(", ")
        )));
    }
    for (name, value) in variables {
        let mut bytes = name.bytes();
        let valid = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
            && name.len() >= 2
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !value.contains('\0');
        if !valid {
            let rule = "Member must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]";
            return Err(constraint(name, "environment.variables", rule));
        }
    }
    let text = json!(variables).to_string();
    if text.len() > ENVIRONMENT_BYTES_MAX {
        return Err(invalid_parameter(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: {text}"
        )));
    }
    Ok(())
}

pub(super) fn check_architectures(given: Vec<String>) -> Result<Vec<String>, ApiError> {
    match given.as_slice() {
        [one] if one == "x86_64" || one == "arm64" => Ok(given),
        other => Err(constraint(
            &format!("[{}]", other.join(", ")),
            "architectures",
            "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64]]",
        )),
    }
}

/// The package that a request holds or names.
pub(super) async fn package(
    code: Code,
    call: &Call,
    registry: &Registry,
) -> Result<Package, ApiError> {
    if code.image_uri.is_some() {
        return Err(invalid_parameter(
            "Container images are not supported here; provide a deployment package as ZipFile or in S3.",
        ));
    }
    let zip = match (code.zip_file, code.s3_bucket, code.s3_key) {
        (Some(zip), None, None) => {
            let zip = BASE64.decode(zip).map_err(|_| {
                invalid_parameter(
                    "Could not unzip uploaded file. Please check your file, then try to upload again.",
                )
            })?;
            if zip.len() > ZIPPED_BYTES_MAX {
                // The quota is on the request, whose package is in base64.
                return Err(too_large(70_167_211, &call.operation));
            }
            Bytes::from(zip)
        }
        (None, Some(bucket), Some(key)) => {
            from_s3(call, registry, bucket, key, code.s3_object_version).await?
        }
        (Some(_), _, _) => {
            return Err(invalid_parameter(
                "Please do not provide other FunctionCode parameters when providing a ZipFile.",
            ));
        }
        _ => {
            return Err(invalid_parameter(
                "Please provide a source for function code.",
            ));
        }
    };
    tokio::task::spawn_blocking(move || Package::check(zip))
        .await
        .map_err(|error| crate::error::service(&error))?
}

async fn from_s3(
    call: &Call,
    registry: &Registry,
    bucket: String,
    key: String,
    version: Option<String>,
) -> Result<Bytes, ApiError> {
    let mut input = aws::Members::new();
    input.insert("Bucket".into(), bucket.into());
    input.insert("Key".into(), key.into());
    if let Some(version) = version {
        input.insert("VersionId".into(), version.into());
    }
    let answer = registry
        .call(Call {
            caller: call.caller.clone(),
            request_id: RequestId(uuid::Uuid::new_v4().to_string().into()),
            service: "s3",
            operation: "GetObject".into(),
            input,
            body: Bytes::new(),
        })
        .await
        .map_err(|error| {
            invalid_parameter(format!(
                "Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}",
                error.code, error.message
            ))
        })?;
    Ok(answer.body)
}

/// A new function with AWS's defaults.
pub(super) fn new_function(account: &str, region: &str, name: &str, package: &Package) -> Function {
    let mut function = Function {
        account: account.into(),
        region: region.into(),
        name: name.into(),
        version: crate::names::LATEST.into(),
        runtime: String::new(),
        handler: String::new(),
        role: String::new(),
        description: String::new(),
        timeout_seconds: 3,
        memory_megabytes: 128,
        ephemeral_megabytes: 512,
        environment: None,
        architectures: vec!["x86_64".into()],
        tracing_mode: "PassThrough".into(),
        log_format: "Text".into(),
        log_group: None,
        layers: Vec::new(),
        kept: serde_json::Map::<String, Value>::new(),
        code_sha256: package.sha256.clone(),
        code_bytes: package.zip.len() as u64,
        last_modified: String::new(),
        revision_id: String::new(),
        generation: String::new(),
        tags: std::collections::BTreeMap::new(),
        policy: Vec::new(),
        last_version: 0,
        reserved_concurrency: None,
    };
    function.touch_work();
    function
}
