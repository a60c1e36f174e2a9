use aws::{Answer, ApiError, Call};
use serde_json::{Value, json};

use super::{buses, flag, named_bus, required, text};
use crate::Inner;
use crate::error::not_found;

/// AWS's bound of a bus's policy, in characters.
const POLICY_CHARS_MAX: usize = 10_240;

pub(crate) async fn put(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let input = &call.input;
    let (zone, name) = named_bus(call, text(input, "EventBusName"));
    buses::change(inner, &zone, &name, |bus| {
        bus.statements = match text(input, "Policy") {
            Some(policy) => statements_of(policy)?,
            None => {
                let statement = statement(call, &bus.arn(&zone))?;
                let mut statements = bus.statements.clone();
                statements.retain(|other| other["Sid"] != statement["Sid"]);
                statements.push(statement);
                statements
            }
        };
        let policy = bus.policy().unwrap_or_default();
        if policy.chars().count() > POLICY_CHARS_MAX {
            return Err(ApiError::new(
                "PolicyLengthExceededException",
                format!("The policy length exceeds the limit of {POLICY_CHARS_MAX} characters."),
            ));
        }
        Ok(())
    })
    .await?;
    Ok(Answer::default())
}

fn statements_of(policy: &str) -> Result<Vec<Value>, ApiError> {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    match policy.get("Statement") {
        Some(Value::Array(statements)) => Ok(statements.clone()),
        Some(statement @ Value::Object(_)) => Ok(vec![statement.clone()]),
        _ => Err(ApiError::validation(
            "This policy contains invalid Json or has no statement",
        )),
    }
}

fn statement(call: &Call, bus_arn: &str) -> Result<Value, ApiError> {
    let input = &call.input;
    let principal = required(input, "Principal")?;
    let principal = match principal {
        "*" => json!("*"),
        account => json!({"AWS": format!("arn:aws:iam::{account}:root")}),
    };
    let mut statement = json!({
        "Sid": required(input, "StatementId")?,
        "Effect": "Allow",
        "Principal": principal,
        "Action": required(input, "Action")?,
        "Resource": bus_arn,
    });
    if let Some(condition) = input.get("Condition") {
        let text = |name: &str| {
            condition
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let mut test = serde_json::Map::new();
        test.insert(text("Key").to_owned(), text("Value").into());
        statement["Condition"] = json!({ text("Type"): test });
    }
    Ok(statement)
}

pub(crate) async fn remove(inner: &Inner, call: &Call) -> Result<Answer, ApiError> {
    let input = &call.input;
    let (zone, name) = named_bus(call, text(input, "EventBusName"));
    buses::change(inner, &zone, &name, |bus| {
        if flag(input, "RemoveAllPermissions") {
            bus.statements.clear();
            return Ok(());
        }
        let id = required(input, "StatementId")?;
        if bus.statements.is_empty() {
            return Err(not_found("EventBus does not have a policy."));
        }
        let before = bus.statements.len();
        bus.statements.retain(|statement| statement["Sid"] != id);
        if bus.statements.len() == before {
            return Err(not_found("Statement with the provided id does not exist."));
        }
        Ok(())
    })
    .await?;
    Ok(Answer::default())
}
