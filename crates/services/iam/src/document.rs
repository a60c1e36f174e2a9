//! What IAM demands of a policy document before it keeps one.

use aws::ApiError;
use serde_json::{Map, Value};

use crate::error::malformed;

/// What a document is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Who may assume a role.
    Trust,
    /// What the carrier may do.
    Identity,
}

/// Checks a document's form.
///
/// # Errors
/// `MalformedPolicyDocument` with the first thing that is wrong.
pub(crate) fn check(document: &str, purpose: Purpose) -> Result<(), ApiError> {
    let Ok(Value::Object(policy)) = serde_json::from_str(document) else {
        return Err(malformed("This policy contains invalid Json"));
    };
    let version = policy.get("Version").and_then(Value::as_str);
    if policy.contains_key("Version") && !matches!(version, Some("2012-10-17" | "2008-10-17")) {
        return Err(malformed("Syntax errors in policy."));
    }
    let known = ["Version", "Id", "Statement"];
    if policy.keys().any(|key| !known.contains(&key.as_str())) {
        return Err(malformed("Syntax errors in policy."));
    }
    let statements: Vec<&Value> = match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement) => vec![statement],
        None => return Err(malformed("Syntax errors in policy.")),
    };
    if statements.is_empty() {
        return Err(malformed("Syntax errors in policy."));
    }
    for statement in statements {
        let Value::Object(statement) = statement else {
            return Err(malformed("Syntax errors in policy."));
        };
        check_statement(statement, purpose)?;
    }
    Ok(())
}

fn check_statement(statement: &Map<String, Value>, purpose: Purpose) -> Result<(), ApiError> {
    match statement.get("Effect").and_then(Value::as_str) {
        Some("Allow" | "Deny") => {}
        Some(_) => return Err(malformed("Syntax errors in policy.")),
        None => return Err(malformed("Missing required field Effect")),
    }
    let has = |name: &str| statement.contains_key(name);
    let actions = texts(statement, "Action", "NotAction")?;
    if actions.is_empty() {
        return Err(malformed(match purpose {
            Purpose::Trust => "Missing required field Action",
            Purpose::Identity => "Policy statement must contain actions.",
        }));
    }
    if actions
        .iter()
        .any(|action| *action != "*" && !action.contains(':'))
    {
        return Err(malformed(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ));
    }
    match purpose {
        Purpose::Trust if has("Resource") || has("NotResource") => {
            Err(malformed("Has prohibited field Resource"))
        }
        Purpose::Trust if !has("Principal") && !has("NotPrincipal") => {
            Err(malformed("Missing required field Principal"))
        }
        Purpose::Trust => Ok(()),
        Purpose::Identity if has("Principal") || has("NotPrincipal") => {
            Err(malformed("Policy document should not specify a principal."))
        }
        Purpose::Identity => {
            let resources = texts(statement, "Resource", "NotResource")?;
            if resources.is_empty() {
                return Err(malformed("Policy statement must contain resources."));
            }
            match resources
                .iter()
                .find(|resource| !resource.starts_with('*') && !resource.starts_with("arn:"))
            {
                Some(resource) => Err(malformed(format!(
                    "Resource {resource} must be in ARN format or \"*\"."
                ))),
                None => Ok(()),
            }
        }
    }
}

/// The texts of an element that may be one or a list, under either of its two names.
fn texts<'s>(
    statement: &'s Map<String, Value>,
    name: &str,
    negated: &str,
) -> Result<Vec<&'s str>, ApiError> {
    let value = statement.get(name).or_else(|| statement.get(negated));
    let items = match value {
        None => return Ok(Vec::new()),
        Some(Value::Array(items)) => items.as_slice(),
        Some(item) => std::slice::from_ref(item),
    };
    items
        .iter()
        .map(|item| {
            item.as_str()
                .ok_or_else(|| malformed("Syntax errors in policy."))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(document: &str, purpose: Purpose) -> String {
        check(document, purpose)
            .expect_err("it is malformed")
            .message
    }

    #[test]
    fn documents_of_both_purposes_are_taken() {
        let trust = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": ["states.amazonaws.com"]}, "Action": ["sts:AssumeRole"]}]}"#;
        assert_eq!(check(trust, Purpose::Trust), Ok(()));
        let identity = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
        assert_eq!(check(identity, Purpose::Identity), Ok(()));
    }

    #[test]
    fn what_is_wrong_is_said_as_aws_says_it() {
        assert_eq!(
            refused("{", Purpose::Identity),
            "This policy contains invalid Json"
        );
        assert_eq!(
            refused(r#"{"Version": "2012-10-17"}"#, Purpose::Identity),
            "Syntax errors in policy."
        );
        assert_eq!(
            refused(
                r#"{"Statement": [{"Effect": "Allow", "Action": "s3:*"}]}"#,
                Purpose::Identity
            ),
            "Policy statement must contain resources."
        );
        assert_eq!(
            refused(
                r#"{"Statement": [{"Effect": "Allow", "Action": "s3", "Resource": "*"}]}"#,
                Purpose::Identity
            ),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
        );
        assert_eq!(
            refused(
                r#"{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "b"}]}"#,
                Purpose::Identity
            ),
            "Resource b must be in ARN format or \"*\"."
        );
        assert_eq!(
            refused(
                r#"{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}"#,
                Purpose::Trust
            ),
            "Missing required field Principal"
        );
    }
}
