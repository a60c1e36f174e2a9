use aws::{Answer, ApiError, Call};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{check_revision, list_functions, named, page, unqualified};
use crate::model::{Function, input};
use crate::{Lambda, error};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListInput {
    marker: Option<String>,
    max_items: Option<i64>,
}

/// ListVersionsByFunction.
pub(crate) fn list(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let input: ListInput = input(call.input)?;
    unqualified(lambda, &reference)?;
    let all =
        lambda
            .functions
            .list(&reference.account, &reference.region, Some(&reference.name))?;
    let (marker, items) = (input.marker.as_deref(), input.max_items);
    let (versions, next) = page(all, list_functions::key, marker, items, 50)?;
    let versions: Vec<Value> = versions
        .iter()
        .map(|version| Value::Object(version.configuration(true)))
        .collect();
    let mut answer = json!({ "Versions": versions });
    if let Some(next) = next {
        answer["NextMarker"] = json!(next);
    }
    Ok(Answer::json(answer))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PublishInput {
    code_sha256: Option<String>,
    description: Option<String>,
    revision_id: Option<String>,
}

/// PublishVersion.
pub(crate) async fn publish(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let input: PublishInput = input(call.input)?;
    let _alone = lambda.functions.changing.lock().await;
    let mut function = unqualified(lambda, &reference)?;
    check_revision(&function, input.revision_id.as_deref())?;
    if input
        .code_sha256
        .is_some_and(|sha256| sha256 != function.code_sha256)
    {
        return Err(error::invalid_parameter(
            "CodeSHA256 is different from current CodeSHA256 in $LATEST. Please try again with the CodeSHA256 in $LATEST.",
        ));
    }
    // Code and configuration that are published already are the version that they were published as.
    if let Some(last) = last_version(lambda, &function)?
        && last.generation == version_generation(&function)
    {
        return Ok(Answer {
            output: last.configuration(true),
            ..Answer::default()
        });
    }
    let version = published(&mut function, input.description);
    let output = version.as_ref().map_or_else(
        || function.configuration(true),
        |version| version.configuration(true),
    );
    let all = version.into_iter().chain([function]).collect();
    lambda.functions.put(all).await?;
    Ok(Answer {
        output,
        ..Answer::default()
    })
}

fn last_version(lambda: &Lambda, function: &Function) -> Result<Option<Function>, ApiError> {
    let Function {
        account,
        region,
        name,
        last_version,
        ..
    } = function;
    let found = lambda
        .functions
        .get(account, region, name, &last_version.to_string())?;
    Ok(found.map(|work| work.function.clone()))
}

fn version_generation(function: &Function) -> String {
    format!("{}-published", function.generation)
}

/// The next version of a function, which counts it.
pub(super) fn published(function: &mut Function, description: Option<String>) -> Option<Function> {
    function.last_version = function.last_version.checked_add(1)?;
    let mut version = function.clone();
    version.version = function.last_version.to_string();
    version.generation = version_generation(function);
    version.revision_id = uuid::Uuid::new_v4().to_string();
    version.tags.clear();
    version.policy.clear();
    if let Some(description) = description {
        version.description = description;
    }
    Some(version)
}
