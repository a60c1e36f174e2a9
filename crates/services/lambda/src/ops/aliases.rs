use aws::{Answer, ApiError, Call};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{named, page, unqualified};
use crate::model::input;
use crate::names::FunctionRef;
use crate::storage::Alias;
use crate::{Lambda, error};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    name: String,
    function_version: Option<String>,
    description: Option<String>,
    routing_config: Option<Value>,
    revision_id: Option<String>,
}

/// CreateAlias.
pub(crate) async fn create(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let input: Input = input(call.input)?;
    let is_number = input.name.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = input
        .name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if is_number || !is_word || input.name.len() > 128 {
        let rule = "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)";
        return Err(error::constraint(&input.name, "name", rule));
    }
    refuse_routing(input.routing_config.as_ref())?;
    let _alone = lambda.functions.changing.lock().await;
    unqualified(lambda, &reference)?;
    if find(lambda, &reference, &input.name).is_ok() {
        return Err(error::conflict(format!(
            "Alias already exists: {}:{}",
            reference.arn(),
            input.name
        )));
    }
    let alias = Alias {
        name: input.name,
        version: input.function_version.unwrap_or_default(),
        description: input.description.unwrap_or_default(),
        revision_id: uuid::Uuid::new_v4().to_string(),
    };
    check_version(lambda, &reference, &alias.version)?;
    lambda.functions.put_alias(&reference, &alias).await?;
    Ok(answer(&reference, &alias))
}

/// GetAlias.
pub(crate) fn get(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let input: Input = input(call.input)?;
    let alias = find(lambda, &reference, &input.name)?;
    Ok(answer(&reference, &alias))
}

/// UpdateAlias.
pub(crate) async fn update(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let input: Input = input(call.input)?;
    refuse_routing(input.routing_config.as_ref())?;
    let _alone = lambda.functions.changing.lock().await;
    let mut alias = find(lambda, &reference, &input.name)?;
    if input
        .revision_id
        .is_some_and(|revision_id| revision_id != alias.revision_id)
    {
        return Err(error::precondition_failed());
    }
    if let Some(version) = input.function_version {
        check_version(lambda, &reference, &version)?;
        alias.version = version;
    }
    if let Some(description) = input.description {
        alias.description = description;
    }
    alias.revision_id = uuid::Uuid::new_v4().to_string();
    lambda.functions.put_alias(&reference, &alias).await?;
    Ok(answer(&reference, &alias))
}

/// DeleteAlias; an alias that is not there is deleted already.
pub(crate) async fn delete(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let input: Input = input(call.input)?;
    unqualified(lambda, &reference)?;
    lambda
        .functions
        .delete_alias(&reference, &input.name)
        .await?;
    Ok(Answer::default())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListInput {
    function_version: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

/// ListAliases.
pub(crate) fn list(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let input: ListInput = input(call.input)?;
    unqualified(lambda, &reference)?;
    let FunctionRef {
        account,
        region,
        name,
        ..
    } = &reference;
    let mut all = lambda.functions.aliases(account, region, name)?;
    if let Some(version) = &input.function_version {
        all.retain(|alias| alias.version == *version);
    }
    let (marker, items) = (input.marker.as_deref(), input.max_items);
    let (aliases, next) = page(all, |alias| alias.name.clone(), marker, items, 50)?;
    let aliases: Vec<Value> = aliases
        .iter()
        .map(|alias| configuration(&reference, alias))
        .collect();
    let mut answer = json!({ "Aliases": aliases });
    if let Some(next) = next {
        answer["NextMarker"] = json!(next);
    }
    Ok(Answer::json(answer))
}

fn find(lambda: &Lambda, function: &FunctionRef, alias: &str) -> Result<Alias, ApiError> {
    let FunctionRef {
        account,
        region,
        name,
        ..
    } = function;
    let found = lambda.functions.alias(account, region, name, alias)?;
    found.ok_or_else(|| {
        error::not_found(format!("Cannot find alias arn: {}:{alias}", function.arn()))
    })
}

fn check_version(lambda: &Lambda, function: &FunctionRef, version: &str) -> Result<(), ApiError> {
    let FunctionRef {
        account,
        region,
        name,
        ..
    } = function;
    match lambda.functions.get(account, region, name, version)? {
        Some(_) => Ok(()),
        None => Err(error::function_not_found(&format!(
            "{}:{version}",
            function.arn()
        ))),
    }
}

fn refuse_routing(routing: Option<&Value>) -> Result<(), ApiError> {
    let weights = routing
        .and_then(|routing| routing.get("AdditionalVersionWeights"))
        .and_then(Value::as_object);
    if weights.is_some_and(|weights| !weights.is_empty()) {
        // DIVERGENCE: an alias names one version; weights over two are refused.
        return Err(error::invalid_parameter(
            "AdditionalVersionWeights are not supported here.",
        ));
    }
    Ok(())
}

fn answer(function: &FunctionRef, alias: &Alias) -> Answer {
    Answer::json(configuration(function, alias))
}

fn configuration(function: &FunctionRef, alias: &Alias) -> Value {
    json!({
        "AliasArn": format!("{}:{}", function.arn(), alias.name),
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision_id,
    })
}
