//! Aliases: names for one or two versions of a state machine.

use aws::{Answer, ApiError, Call};
use runtime::{Alias, Runtime};
use serde_json::{Value, json};

use crate::{error, input, model, name, page};

const LIST: &str = "ListStateMachineAliases";

pub(crate) async fn create(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let alias = input::text(call, "name")?;
    let description = input::maybe(call, "description").map(str::to_owned);
    let routes = routes(call).unwrap_or_default();
    let (arn, alias) = runtime
        .create_alias(alias, description, &routes)
        .await
        .map_err(error::api)?;
    Ok(Answer::json(json!({
        "stateMachineAliasArn": arn,
        "creationDate": model::time(alias.created),
    })))
}

pub(crate) async fn update(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "stateMachineAliasArn")?;
    name::state_machine(arn)?;
    let description = input::maybe(call, "description").map(str::to_owned);
    let routes = routes(call);
    let alias = runtime
        .update_alias(arn, description, routes.as_deref())
        .await
        .map_err(error::api)?;
    Ok(Answer::json(
        json!({"updateDate": model::time(alias.updated)}),
    ))
}

pub(crate) async fn delete(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "stateMachineAliasArn")?;
    name::state_machine(arn)?;
    runtime.delete_alias(arn).await.map_err(error::api)?;
    Ok(Answer::default())
}

pub(crate) fn describe(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "stateMachineAliasArn")?;
    name::state_machine(arn)?;
    let alias = runtime.describe_alias(arn).map_err(error::api)?;
    let machine = arn.rsplit_once(':').map_or(arn, |(machine, _)| machine);
    let routes: Vec<Value> = alias
        .routes
        .iter()
        .map(|(version, weight)| {
            json!({"stateMachineVersionArn": format!("{machine}:{version}"), "weight": weight})
        })
        .collect();
    let mut answer = Answer::json(json!({
        "stateMachineAliasArn": arn,
        "name": alias.name,
        "routingConfiguration": routes,
        "creationDate": model::time(alias.created),
        "updateDate": model::time(alias.updated),
    }));
    model::set(&mut answer.output, "description", alias.description);
    Ok(answer)
}

pub(crate) fn list(runtime: &Runtime, call: &Call) -> Result<Answer, ApiError> {
    let arn = input::text(call, "stateMachineArn")?;
    let machine = match name::state_machine(arn)? {
        (_, name::Resource::Qualified { .. }) => {
            arn.rsplit_once(':').map_or(arn, |(machine, _)| machine)
        }
        _ => arn,
    };
    let size = input::page_size(call);
    let after = page::read(call, LIST)?;
    let mut found: Vec<Alias> = runtime.list_aliases(arn).map_err(error::api)?;
    // There are at most a hundred: sorted and paged here.
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found.retain(|alias| after.as_ref().is_none_or(|after| alias.name > *after));
    let more = found.len() > size;
    found.truncate(size);
    let token = found
        .last()
        .filter(|_| more)
        .map(|last| page::write(LIST, &last.name));
    let aliases: Vec<Value> = found
        .iter()
        .map(|alias| {
            json!({
                "stateMachineAliasArn": format!("{machine}:{}", alias.name),
                "creationDate": model::time(alias.created),
            })
        })
        .collect();
    let mut answer = Answer::json(json!({"stateMachineAliases": aliases}));
    model::set(&mut answer.output, "nextToken", token);
    Ok(answer)
}

/// `routingConfiguration`; none if it was left out.
fn routes(call: &Call) -> Option<Vec<(String, u32)>> {
    let given = call.input.get("routingConfiguration")?.as_array()?;
    let route = |route: &Value| {
        let arn = route["stateMachineVersionArn"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let weight = route["weight"]
            .as_u64()
            .and_then(|weight| u32::try_from(weight).ok());
        (arn, weight.unwrap_or_default())
    };
    Some(given.iter().map(route).collect())
}
