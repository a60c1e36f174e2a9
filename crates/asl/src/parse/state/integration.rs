//! What a task may ask a service for: the actions and parameters of those whose API models are here.

use aws::model::{self, Kind, Structure, sdk_case};

use crate::{Json, Target};

use super::{Node, Parser};

/// Whether an SDK integration names an action that its service has. Of a service without a model nothing is known.
pub(super) fn has_action(service: &str, action: &str) -> bool {
    let id = model::id_by_sdk_name(service);
    let Some(model) = id.and_then(model::service) else {
        return true;
    };
    operation_name(action).is_some_and(|name| model.operation(&name).is_some())
}

/// Reports parameters that the action does not have, and those it needs and lacks.
pub(super) fn parameters(parser: &mut Parser, node: &Node<'_>, target: &Target) {
    let Some(structure) = input(target) else {
        return;
    };
    let field = if node.has("Arguments") {
        "Arguments"
    } else {
        "Parameters"
    };
    let Some(given) = node.get(field).and_then(Json::as_object) else {
        return;
    };
    let at = node.at(field);
    // Letters' cases differ between the models and AWS's SDK for Java, whose names Step Functions uses.
    let same = |member: &str, key: &str| {
        let name = key.strip_suffix(".$").unwrap_or(key);
        member.eq_ignore_ascii_case(name)
    };
    for key in given.keys() {
        if !structure.members.keys().any(|member| same(member, key)) {
            let name = key.strip_suffix(".$").unwrap_or(key);
            parser.error(
                &at,
                format!("The field '{name}' is not supported by Step Functions"),
            );
        }
    }
    for (member, _) in structure
        .members
        .iter()
        .filter(|(_, member)| member.required)
    {
        if !given.keys().any(|key| same(member, key)) {
            let name = sdk_case(member);
            parser.error(
                &at,
                format!("The field '{name}' is required but was missing"),
            );
        }
    }
}

/// The input of the operation that a task calls.
fn input(target: &Target) -> Option<&'static Structure> {
    let Target::Integration { action, .. } = target else {
        return None;
    };
    let model = target.model()?;
    let operation = model.operation(&operation_name(action)?)?;
    match &model.shape(operation.input?).kind {
        Kind::Structure(structure) => Some(structure),
        _ => None,
    }
}

/// `putItem` is the operation `PutItem`; the action itself never begins with a capital.
fn operation_name(action: &str) -> Option<String> {
    let first = action.chars().next()?;
    (!first.is_ascii_uppercase()).then(|| sdk_case(action))
}
