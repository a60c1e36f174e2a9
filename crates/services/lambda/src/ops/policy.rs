//! The resource policy: kept and answered; who may invoke is not judged here.

use aws::{Answer, ApiError, Call};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{named, unqualified};
use crate::model::input;
use crate::{Lambda, error};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    statement_id: String,
    action: Option<String>,
    principal: Option<String>,
    source_arn: Option<String>,
    source_account: Option<String>,
    #[serde(rename = "PrincipalOrgID")]
    principal_org_id: Option<String>,
}

/// AddPermission.
pub(crate) async fn add_permission(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let input: Input = input(call.input)?;
    let _alone = lambda.functions.changing.lock().await;
    let mut function = unqualified(lambda, &reference)?;
    if function
        .policy
        .iter()
        .any(|one| one["Sid"] == *input.statement_id)
    {
        return Err(error::conflict(format!(
            "The statement id ({}) provided already exists. Please provide a new statement id, or remove the existing statement.",
            input.statement_id
        )));
    }
    let principal = match input.principal.as_deref().unwrap_or_default() {
        "*" => json!("*"),
        service if service.contains(".amazonaws.com") => json!({ "Service": service }),
        account if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) => {
            json!({ "AWS": format!("arn:aws:iam::{account}:root") })
        }
        arn => json!({ "AWS": arn }),
    };
    let mut statement = json!({
        "Sid": input.statement_id,
        "Effect": "Allow",
        "Principal": principal,
        "Action": input.action,
        "Resource": reference.qualified_arn(),
    });
    let mut condition = json!({});
    if let Some(account) = input.source_account {
        condition["StringEquals"] = json!({ "AWS:SourceAccount": account });
    }
    if let Some(organisation) = input.principal_org_id {
        condition["StringEquals"]["aws:PrincipalOrgID"] = json!(organisation);
    }
    if let Some(arn) = input.source_arn {
        condition["ArnLike"] = json!({ "AWS:SourceArn": arn });
    }
    if condition != json!({}) {
        statement["Condition"] = condition;
    }
    function.policy.push(statement.clone());
    function.revision_id = uuid::Uuid::new_v4().to_string();
    lambda.functions.put(vec![function]).await?;
    Ok(Answer::json(json!({ "Statement": statement.to_string() })))
}

/// RemovePermission.
pub(crate) async fn remove_permission(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let input: Input = input(call.input)?;
    let _alone = lambda.functions.changing.lock().await;
    let mut function = unqualified(lambda, &reference)?;
    let before = function.policy.len();
    function
        .policy
        .retain(|one| one["Sid"] != *input.statement_id);
    if function.policy.len() == before {
        return Err(error::not_found(format!(
            "Statement {} is not found in resource policy.",
            input.statement_id
        )));
    }
    function.revision_id = uuid::Uuid::new_v4().to_string();
    lambda.functions.put(vec![function]).await?;
    Ok(Answer {
        status: Some(204),
        ..Answer::default()
    })
}

/// GetPolicy.
pub(crate) fn get(lambda: &Lambda, call: Call) -> Result<Answer, ApiError> {
    let reference = named(&call.input, &call.caller)?;
    let function = unqualified(lambda, &reference)?;
    let resource = reference.qualified_arn();
    let own: Vec<&Value> = function
        .policy
        .iter()
        .filter(|one| one["Resource"] == *resource)
        .collect();
    if own.is_empty() {
        return Err(error::not_found(
            "The resource you requested does not exist.",
        ));
    }
    let policy = json!({ "Version": "2012-10-17", "Id": "default", "Statement": own });
    Ok(Answer::json(json!({
        "Policy": policy.to_string(),
        "RevisionId": function.revision_id,
    })))
}
