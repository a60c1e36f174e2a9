use aws::{Answer, ApiError, Arn, Call};
use serde_json::{Value, json};

use super::rules::named;
use super::{bus_of, list as items, page, required};
use crate::Inner;
use crate::error::limit;
use crate::model::{Row as _, Target};
use crate::storage::Changes;
use crate::template::{Path, fault_of, placeholders};

/// AWS's quota for a rule.
const TARGETS_MAX: usize = 5;

pub(crate) async fn put(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let (zone, rule) = named(inner, call, "Rule")?;
    let given = items(&call.input, "Targets");
    for target in given {
        judge(target)?;
    }
    let _held = inner.storage.hold(&zone).await;
    // It may have been deleted meanwhile.
    named(inner, call, "Rule")?;
    let mut targets = inner.storage.targets(&zone, &rule)?;
    let mut changes = Changes::default();
    for settings in given {
        let target = Target {
            bus: rule.bus.clone(),
            rule: rule.name.clone(),
            settings: settings.clone(),
        };
        targets.retain(|other| other.id() != target.id());
        changes.put(&zone, &target);
        targets.push(target);
    }
    if targets.len() > TARGETS_MAX {
        return Err(limit());
    }
    inner
        .storage
        .commit_rules(&zone, &rule.bus, changes)
        .await?;
    Ok(none_failed())
}

fn none_failed() -> Answer {
    Answer::json(json!({"FailedEntryCount": 0, "FailedEntries": []}))
}

fn judge(target: &Value) -> Result<(), ApiError> {
    let invalid = |text: String| Err(ApiError::validation(text));
    let text = |name: &str| target.get(name).and_then(Value::as_str);
    let (id, given) = (
        text("Id").unwrap_or_default(),
        text("Arn").unwrap_or_default(),
    );
    let Ok(arn) = given.parse::<Arn>() else {
        return invalid(format!(
            "Parameter {given} is not valid. Reason: Provided Arn is not in correct format."
        ));
    };
    if arn.service == "states" && text("RoleArn").is_none() {
        return invalid(format!("RoleArn is required for target {given}."));
    }
    let group = target.pointer("/SqsParameters/MessageGroupId");
    let fifo = arn.service == "sqs" && arn.resource.rsplit('.').next() == Some("fifo");
    if fifo && group.is_none() {
        return invalid(format!(
            "Parameter(s) SqsParameters must be specified for target: {id}."
        ));
    }
    let inputs = ["Input", "InputPath", "InputTransformer"];
    if inputs
        .iter()
        .filter(|name| target.get(**name).is_some())
        .count()
        > 1
    {
        return invalid(format!(
            "Only one of Input, InputPath, or InputTransformer must be provided for target {id}."
        ));
    }
    if text("Input").is_some_and(|input| serde_json::from_str::<Value>(input).is_err()) {
        return invalid(format!("JSON syntax error in input for target {id}."));
    }
    if text("InputPath").is_some_and(|path| Path::parse(path).is_none()) {
        return invalid(format!("Invalid InputPath for target {id}."));
    }
    match target.get("InputTransformer") {
        Some(transformer) => judge_transformer(id, transformer),
        None => Ok(()),
    }
}

fn judge_transformer(id: &str, transformer: &Value) -> Result<(), ApiError> {
    let template = transformer.get("InputTemplate").and_then(Value::as_str);
    let paths = transformer.get("InputPathsMap").and_then(Value::as_object);
    let template = template.unwrap_or_default();
    if let Some((line, column, probe)) = fault_of(template) {
        return Err(ApiError::validation(format!(
            "Invalid InputTemplate for target {id} : [Source: (String)\"{probe}\"; line: {line}, column: {column}]."
        )));
    }
    for (name, path) in paths.into_iter().flatten() {
        if path.as_str().and_then(Path::parse).is_none() || name.starts_with("aws.") {
            return Err(ApiError::validation(format!(
                "Invalid InputPathsMap for target {id} : {name}."
            )));
        }
    }
    let unknown = placeholders(template).into_iter().find(|name| {
        !name.starts_with("aws.events.") && paths.is_none_or(|paths| !paths.contains_key(name))
    });
    match unknown {
        Some(name) => Err(ApiError::validation(format!(
            "InputTemplate for target {id} contains placeholder {name} that is not in InputPathsMap."
        ))),
        None => Ok(()),
    }
}

pub(crate) async fn remove(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let (zone, rule) = named(inner, call, "Rule")?;
    let _held = inner.storage.hold(&zone).await;
    let ids = items(&call.input, "Ids");
    let mut changes = Changes::default();
    for target in inner.storage.targets(&zone, &rule)? {
        if ids.iter().any(|id| id == target.id()) {
            changes.delete::<Target>(&zone, &target.name());
        }
    }
    inner
        .storage
        .commit_rules(&zone, &rule.bus, changes)
        .await?;
    Ok(none_failed())
}

pub(crate) fn list(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let (zone, rule) = named(inner, call, "Rule")?;
    let targets = inner.storage.targets(&zone, &rule)?;
    let item = |target: Target| (target.id().to_owned(), target.settings);
    page(call, "Targets", targets.into_iter().map(item).collect())
}

/// ListRuleNamesByTarget.
pub(crate) fn rule_names(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let (zone, bus) = bus_of(inner, call)?;
    let arn = required(&call.input, "TargetArn")?;
    let targets: Vec<Target> = inner.storage.list(&zone, &format!("{bus}/"))?;
    let mut names: Vec<String> = targets
        .into_iter()
        .filter(|target| target.arn() == arn)
        .map(|target| target.rule)
        .collect();
    names.sort();
    names.dedup();
    let item = |name: String| (name.clone(), name.into());
    page(call, "RuleNames", names.into_iter().map(item).collect())
}
