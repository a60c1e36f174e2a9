//! The wire shapes of functions, and the row that a function is stored as.

use std::collections::BTreeMap;

use aws::{ApiError, Members};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error;
use crate::names::{LATEST, function_arn};

/// Reads an operation's input.
pub(crate) fn input<T: DeserializeOwned>(members: Members) -> Result<T, ApiError> {
    serde_json::from_value(Value::Object(members))
        .map_err(|why| error::invalid_parameter(why.to_string()))
}

/// One version of a function; `$LATEST` also holds what belongs to the function as a whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Function {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
    /// `$LATEST` or a number.
    pub(crate) version: String,
    pub(crate) runtime: String,
    pub(crate) handler: String,
    pub(crate) role: String,
    pub(crate) description: String,
    pub(crate) timeout_seconds: u32,
    pub(crate) memory_megabytes: u32,
    pub(crate) ephemeral_megabytes: u32,
    pub(crate) environment: Option<BTreeMap<String, String>>,
    pub(crate) architectures: Vec<String>,
    pub(crate) tracing_mode: String,
    pub(crate) log_format: String,
    pub(crate) log_group: Option<String>,
    /// Extracted over one another in this order, as AWS does below /opt.
    #[serde(default)]
    pub(crate) layers: Vec<LayerUse>,
    /// Members that are kept for the asking and change nothing here: `VpcConfig`, `DeadLetterConfig` …
    #[serde(default)]
    pub(crate) kept: Members,
    /// Base64, as AWS shows it; names the package in the code store.
    pub(crate) code_sha256: String,
    pub(crate) code_bytes: u64,
    pub(crate) last_modified: String,
    pub(crate) revision_id: String,
    /// Changes with code and configuration: what a running process was made from.
    pub(crate) generation: String,

    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
    /// The statements of the resource policy.
    #[serde(default)]
    pub(crate) policy: Vec<Value>,
    /// The number of the last published version.
    #[serde(default)]
    pub(crate) last_version: u64,
    #[serde(default)]
    pub(crate) reserved_concurrency: Option<u32>,
}

impl Function {
    pub(crate) fn is_latest(&self) -> bool {
        self.version == LATEST
    }

    pub(crate) fn arn(&self) -> String {
        function_arn(&self.account, &self.region, &self.name)
    }

    pub(crate) fn qualified_arn(&self) -> String {
        format!("{}:{}", self.arn(), self.version)
    }

    pub(crate) fn log_group(&self) -> String {
        self.log_group
            .clone()
            .unwrap_or_else(|| format!("/aws/lambda/{}", self.name))
    }

    /// Marks a change: new revision, new date.
    pub(crate) fn touch(&mut self) {
        self.last_modified = now();
        self.revision_id = uuid::Uuid::new_v4().to_string();
    }

    /// Marks a change after which processes must be made anew.
    pub(crate) fn touch_work(&mut self) {
        self.touch();
        self.generation = uuid::Uuid::new_v4().simple().to_string();
    }

    /// `FunctionConfiguration`, with or without the version in the ARN.
    pub(crate) fn configuration(&self, qualified: bool) -> Members {
        let arn = if qualified {
            self.qualified_arn()
        } else {
            self.arn()
        };
        let mut all = Members::new();
        let mut set = |name: &str, value: Value| {
            all.insert(name.into(), value);
        };
        set("FunctionName", json!(self.name));
        set("FunctionArn", json!(arn));
        set("Runtime", json!(self.runtime));
        set("Role", json!(self.role));
        if !self.handler.is_empty() {
            set("Handler", json!(self.handler));
        }
        set("CodeSize", json!(self.code_bytes));
        set("Description", json!(self.description));
        set("Timeout", json!(self.timeout_seconds));
        set("MemorySize", json!(self.memory_megabytes));
        set("LastModified", json!(self.last_modified));
        set("CodeSha256", json!(self.code_sha256));
        set("Version", json!(self.version));
        if let Some(variables) = &self.environment {
            set("Environment", json!({ "Variables": variables }));
        }
        set("TracingConfig", json!({ "Mode": self.tracing_mode }));
        set("RevisionId", json!(self.revision_id));
        set("State", json!("Active"));
        set("LastUpdateStatus", json!("Successful"));
        set("PackageType", json!("Zip"));
        set("Architectures", json!(self.architectures));
        set(
            "EphemeralStorage",
            json!({ "Size": self.ephemeral_megabytes }),
        );
        let apply_on = self
            .kept
            .get("SnapStart")
            .and_then(|given| given.get("ApplyOn"))
            .cloned()
            .unwrap_or_else(|| json!("None"));
        set(
            "SnapStart",
            json!({ "ApplyOn": apply_on, "OptimizationStatus": "Off" }),
        );
        let runtime_arn = format!(
            "arn:aws:lambda:{}::runtime:{}",
            self.region,
            hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&self.runtime))
        );
        set(
            "RuntimeVersionConfig",
            json!({ "RuntimeVersionArn": runtime_arn }),
        );
        set(
            "LoggingConfig",
            json!({ "LogFormat": self.log_format, "LogGroup": self.log_group() }),
        );
        if !self.layers.is_empty() {
            let layers: Vec<Value> = self
                .layers
                .iter()
                .map(|layer| json!({ "Arn": layer.arn, "CodeSize": layer.code_bytes }))
                .collect();
            set("Layers", json!(layers));
        }
        for (name, value) in &self.kept {
            if name != "SnapStart" {
                set(name, value.clone());
            }
        }
        all
    }
}

/// A layer version as a function names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LayerUse {
    pub(crate) arn: String,
    pub(crate) code_sha256: String,
    pub(crate) code_bytes: u64,
}

/// One version of a layer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Layer {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) version: u64,
    pub(crate) description: String,
    pub(crate) license: Option<String>,
    pub(crate) runtimes: Vec<String>,
    pub(crate) architectures: Vec<String>,
    pub(crate) created: String,
    pub(crate) code_sha256: String,
    pub(crate) code_bytes: u64,
}

impl Layer {
    pub(crate) fn arn(&self) -> String {
        let Self {
            account,
            region,
            name,
            ..
        } = self;
        format!("arn:aws:lambda:{region}:{account}:layer:{name}")
    }

    pub(crate) fn version_arn(&self) -> String {
        format!("{}:{}", self.arn(), self.version)
    }
}

/// `2026-11-22T11:26:19.405+0000`
pub(crate) fn now() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%S.%3f+0000")
        .to_string()
}

/// Where a deployment package is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Code {
    /// Base64.
    pub(crate) zip_file: Option<String>,
    pub(crate) s3_bucket: Option<String>,
    pub(crate) s3_key: Option<String>,
    pub(crate) s3_object_version: Option<String>,
    pub(crate) image_uri: Option<String>,
}

/// What CreateFunction and UpdateFunctionConfiguration have in common.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Configuration {
    pub(crate) runtime: Option<String>,
    pub(crate) handler: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) timeout: Option<i64>,
    pub(crate) memory_size: Option<i64>,
    pub(crate) environment: Option<Environment>,
    pub(crate) ephemeral_storage: Option<EphemeralStorage>,
    pub(crate) tracing_config: Option<TracingConfig>,
    pub(crate) logging_config: Option<LoggingConfig>,
    pub(crate) layers: Option<Vec<String>>,
    pub(crate) vpc_config: Option<Value>,
    pub(crate) dead_letter_config: Option<Value>,
    #[serde(rename = "KMSKeyArn")]
    pub(crate) kms_key_arn: Option<Value>,
    pub(crate) file_system_configs: Option<Value>,
    pub(crate) snap_start: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Environment {
    pub(crate) variables: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EphemeralStorage {
    pub(crate) size: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct TracingConfig {
    pub(crate) mode: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct LoggingConfig {
    pub(crate) log_format: Option<String>,
    pub(crate) log_group: Option<String>,
}
