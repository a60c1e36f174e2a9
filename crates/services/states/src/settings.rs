//! `loggingConfiguration`, `tracingConfiguration` and `encryptionConfiguration`: checked and handed through.

use aws::{ApiError, Call, Members};
use runtime::Settings;
use serde_json::{Value, json};

use crate::input;

/// What the call sets; what it leaves out stays as it is.
///
/// # Errors
/// `InvalidLoggingConfiguration` when a level other than OFF has not exactly one destination (recorded in
/// sfn_api_logs), `InvalidEncryptionConfiguration` as [`encryption`] says.
pub(crate) fn read(call: &Call) -> Result<Settings, ApiError> {
    Ok(Settings {
        logging: input::object(call, "loggingConfiguration")
            .map(logging)
            .transpose()?,
        tracing: input::object(call, "tracingConfiguration")
            .cloned()
            .map(Value::Object),
        encryption: encryption(call)?,
    })
}

// DIVERGENCE: there is no KMS here; what AWS would encrypt lies in the data folder as it is.
/// The call's `encryptionConfiguration`, of state machines and activities.
///
/// # Errors
/// `InvalidEncryptionConfiguration` when a customer managed key is not named, or AWS's own is.
pub(crate) fn encryption(call: &Call) -> Result<Option<Value>, ApiError> {
    let Some(given) = input::object(call, "encryptionConfiguration") else {
        return Ok(None);
    };
    let managed = given.get("type").and_then(Value::as_str) == Some("CUSTOMER_MANAGED_KMS_KEY");
    let why = match (managed, given.contains_key("kmsKeyId")) {
        (true, false) => "kmsKeyId is required when type is CUSTOMER_MANAGED_KMS_KEY",
        (false, true) => "kmsKeyId cannot be set when type is AWS_OWNED_KEY",
        _ => return Ok(Some(Value::Object(given.clone()))),
    };
    Err(ApiError::new(
        "InvalidEncryptionConfiguration",
        format!("Invalid Encryption Configuration: {why}"),
    ))
}

/// The configuration with AWS's defaults filled in.
fn logging(given: &Members) -> Result<Value, ApiError> {
    let level = given.get("level").and_then(Value::as_str).unwrap_or("OFF");
    let destinations = given
        .get("destinations")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let refused = |why: &str| {
        Err(ApiError::new(
            "InvalidLoggingConfiguration",
            format!("Invalid Logging Configuration: {why}"),
        ))
    };
    if destinations.len() > 1 || (level != "OFF" && destinations.is_empty()) {
        return refused("Must specify exactly one Log Destination.");
    }
    for destination in destinations {
        let arn = destination["cloudWatchLogsLogGroup"]["logGroupArn"]
            .as_str()
            .unwrap_or_default();
        if !(arn.starts_with("arn:") && arn.ends_with(":*")) {
            return refused("Log Destination not found.");
        }
    }
    let include = given
        .get("includeExecutionData")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let mut whole = json!({"level": level, "includeExecutionData": include});
    if !destinations.is_empty() {
        whole["destinations"] = destinations.into();
    }
    Ok(whole)
}

/// The three members as DescribeStateMachine shows them, and `variableReferences`.
///
/// AWS shows logging and tracing even where they were not set; encryption is recorded both ways, and shown of machines
/// that assign variables (sfn_api_variable_references against sfn_api).
pub(crate) fn write(settings: &Settings, definition: &asl::StateMachine, members: &mut Members) {
    let logging = settings.logging.clone();
    members.insert(
        "loggingConfiguration".into(),
        logging.unwrap_or_else(|| json!({"level": "OFF", "includeExecutionData": false})),
    );
    let tracing = settings.tracing.clone();
    members.insert(
        "tracingConfiguration".into(),
        tracing.unwrap_or_else(|| json!({"enabled": false})),
    );
    let owned = || json!({"type": "AWS_OWNED_KEY"});
    let encryption = settings.encryption.clone();
    if let Some(encryption) = encryption.or_else(|| definition.assigns.then(owned)) {
        members.insert("encryptionConfiguration".into(), encryption);
    }
    let references = &definition.variable_references;
    if !references.is_empty() {
        let references: Members = references
            .iter()
            .map(|(state, names)| {
                (
                    state.to_string(),
                    names.iter().map(|name| &**name).collect(),
                )
            })
            .collect();
        members.insert("variableReferences".into(), references.into());
    }
}
