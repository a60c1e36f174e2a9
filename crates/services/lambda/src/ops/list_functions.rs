use aws::{Answer, ApiError, Call};
use serde::Deserialize;
use serde_json::{Value, json};

use super::page;
use crate::Lambda;
use crate::code::UNZIPPED_BYTES_MAX;
use crate::code::ZIPPED_BYTES_MAX;
use crate::model::{Function, input};
use crate::storage::function_key;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    function_version: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

pub(crate) fn run(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let (account, region) = (call.caller.account, call.caller.region);
    let input: Input = input(call.input)?;
    let all_versions = input.function_version.as_deref() == Some("ALL");
    let mut all = lambda.functions.list(&account, &region, None)?;
    all.retain(|function| all_versions || function.is_latest());
    let (functions, next) = page(all, key, input.marker.as_deref(), input.max_items, 50)?;
    let functions: Vec<Value> = functions
        .iter()
        .map(|function| Value::Object(function.configuration(all_versions)))
        .collect();
    let mut answer = json!({ "Functions": functions });
    if let Some(next) = next {
        answer["NextMarker"] = json!(next);
    }
    Ok(Answer::json(answer))
}

pub(super) fn key(function: &Function) -> String {
    function_key("", "", &function.name, &function.version)
}

/// GetAccountSettings.
pub(crate) fn account_settings(lambda: &Lambda, call: &Call) -> Result<Answer, ApiError> {
    let all = lambda
        .functions
        .list(&call.caller.account, &call.caller.region, None)?;
    let total: u64 = all.iter().map(|function| function.code_bytes).sum();
    let count = all.iter().filter(|function| function.is_latest()).count();
    Ok(Answer::json(json!({
        "AccountLimit": {
            "TotalCodeSize": 80_530_636_800_u64,
            "CodeSizeUnzipped": UNZIPPED_BYTES_MAX,
            "CodeSizeZipped": ZIPPED_BYTES_MAX,
            "ConcurrentExecutions": 1000,
            "UnreservedConcurrentExecutions": 1000,
        },
        "AccountUsage": { "TotalCodeSize": total, "FunctionCount": count },
    })))
}
