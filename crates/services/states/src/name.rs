//! The rules of names and ARNs that the API model can't say.

use aws::{ApiError, Arn};

/// What an ARN of this service names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    /// `stateMachine:Name`.
    StateMachine { name: String },
    /// `stateMachine:Name:Qualifier`: a version's number or an alias.
    Qualified { name: String, qualifier: String },
    /// `stateMachine:Name/Label`: the machine of a Distributed Map's children.
    Labelled { name: String, label: String },
    /// `execution:Machine:Name`.
    Execution { machine: String, name: String },
    /// `express:Machine:Name:Id`; of a Map Run's children, `Machine/Label`.
    Express { machine: String },
    /// `activity:Name`.
    Activity,
    /// `mapRun:…`
    MapRun,
}

/// Reads an ARN of this service.
///
/// # Errors
/// `InvalidArn`, in AWS's words, when the text is no ARN of Step Functions.
pub(crate) fn parse(text: &str) -> Result<(Arn, Resource), ApiError> {
    if !text.starts_with("arn:") {
        return Err(invalid_arn(&format!("Invalid ARN prefix: {text}")));
    }
    let arn: Arn = text.parse().map_err(|_| invalid_arn(text))?;
    if arn.service != "states" {
        return Err(invalid_arn(text));
    }
    let mut parts = arn.resource.splitn(3, ':');
    let kind = parts.next().unwrap_or_default();
    let first = parts.next().unwrap_or_default();
    let rest = parts.next();
    let resource = match (kind, rest) {
        (_, _) if first.is_empty() => return Err(invalid_arn(text)),
        ("stateMachine", None) => match first.split_once('/') {
            Some((name, label)) => Resource::Labelled {
                name: name.into(),
                label: label.into(),
            },
            None => Resource::StateMachine { name: first.into() },
        },
        ("stateMachine", Some(qualifier)) if !qualifier.is_empty() => Resource::Qualified {
            name: first.into(),
            qualifier: qualifier.into(),
        },
        ("execution", Some(name)) if !name.is_empty() => Resource::Execution {
            machine: first.into(),
            name: name.into(),
        },
        ("express", _) => Resource::Express {
            machine: first.into(),
        },
        ("activity", None) => Resource::Activity,
        ("mapRun", _) => Resource::MapRun,
        _ => return Err(invalid_arn(text)),
    };
    Ok((arn, resource))
}

/// The ARN of an execution, or the error that AWS gives for another kind of ARN.
pub(crate) fn execution(text: &str) -> Result<Arn, ApiError> {
    match parse(text)? {
        (arn, Resource::Execution { .. }) => Ok(arn),
        (_, Resource::Express { .. }) => Err(wrong_type("express")),
        (arn, _) => Err(wrong_type(
            arn.resource.split(':').next().unwrap_or_default(),
        )),
    }
}

/// The ARN of an execution that can be described: also of a Map Run's EXPRESS child.
pub(crate) fn described(text: &str) -> Result<(), ApiError> {
    match parse(text)? {
        (_, Resource::Express { machine }) if machine.contains('/') => Ok(()),
        _ => execution(text).map(drop),
    }
}

/// The ARN of a Map Run.
pub(crate) fn map_run(text: &str) -> Result<(), ApiError> {
    match parse(text)? {
        (_, Resource::MapRun) => Ok(()),
        (arn, _) => Err(wrong_type(
            arn.resource.split(':').next().unwrap_or_default(),
        )),
    }
}

/// The ARN of an activity.
pub(crate) fn activity(text: &str) -> Result<Arn, ApiError> {
    match parse(text)? {
        (arn, Resource::Activity) => Ok(arn),
        (arn, _) => Err(wrong_type(
            arn.resource.split(':').next().unwrap_or_default(),
        )),
    }
}

/// The ARN of what can have tags: a state machine itself or an activity.
pub(crate) fn taggable(text: &str) -> Result<Arn, ApiError> {
    activity(text).or_else(|_| unqualified(text))
}

/// The ARN of a state machine, qualified or not.
pub(crate) fn state_machine(text: &str) -> Result<(Arn, Resource), ApiError> {
    match parse(text)? {
        found @ (
            _,
            Resource::StateMachine { .. } | Resource::Qualified { .. } | Resource::Labelled { .. },
        ) => Ok(found),
        (arn, _) => Err(wrong_type(
            arn.resource.split(':').next().unwrap_or_default(),
        )),
    }
}

/// The ARN of a state machine itself: not of a version, an alias or a Distributed Map's children.
pub(crate) fn unqualified(text: &str) -> Result<Arn, ApiError> {
    match state_machine(text)? {
        (arn, Resource::StateMachine { .. }) => Ok(arn),
        (_, Resource::Labelled { .. }) => Err(labelled()),
        _ => Err(invalid_arn(text)),
    }
}

/// What operations that start or change a state machine say of a Distributed Map's children's.
pub(crate) fn labelled() -> ApiError {
    ApiError::validation("This operation does not support labeled state machine ARNs")
        .with("reason", "API_DOES_NOT_SUPPORT_LABELED_ARNS")
}

/// Whether a text can be the role of a state machine.
///
/// # Errors
/// `InvalidArn` for what is no ARN of IAM.
pub(crate) fn check_role(text: &str) -> Result<(), ApiError> {
    match text.parse::<Arn>() {
        Ok(arn) if arn.service == "iam" => Ok(()),
        _ if !text.starts_with("arn:") => Err(invalid_arn(&format!("Invalid ARN prefix: {text}"))),
        _ => Err(invalid_arn(&format!("Invalid Role Arn: {text}"))),
    }
}

pub(crate) fn invalid_arn(why: &str) -> ApiError {
    ApiError::new("InvalidArn", format!("Invalid Arn: '{why}'"))
}

fn wrong_type(found: &str) -> ApiError {
    invalid_arn(&format!("Resource type not valid in this context: {found}"))
}

/// Whether a state machine, execution or activity may have this name: no white space, brackets, wildcards, special
/// or control characters (API reference, StartExecution; recorded in sfn_api_activities).
///
/// # Errors
/// `InvalidName`.
pub(crate) fn check(name: &str) -> Result<(), ApiError> {
    let fine = |c: char| {
        !c.is_whitespace()
            && !c.is_control()
            && !"<>{}[]?*\"#%\\^|~`$&,;:/".contains(c)
            && !matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{10ffff}')
    };
    let length = name.chars().count();
    if (1..=80).contains(&length) && name.chars().all(fine) {
        Ok(())
    } else {
        Err(ApiError::new(
            "InvalidName",
            format!("Invalid Name: '{name}'"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_aws_refuses_are_refused_and_others_are_not() {
        for name in [
            "a b", "a~b", "a{b", "a$b", "a^b", "a|b", "a#b", "a`b", "a\"b", "a:b", "a?b",
            "a\u{1f}", "a\u{7f}", "\0a", "",
        ] {
            assert_eq!(
                check(name).map_err(|e| e.code),
                Err("InvalidName".into()),
                "{name:?}"
            );
        }
        for name in ["state.machine_1-x", "größe", "a=b", "a+b@c!"] {
            assert_eq!(check(name), Ok(()), "{name:?}");
        }
        assert!(check(&"x".repeat(81)).is_err());
    }

    #[test]
    fn arns_are_told_apart_by_what_they_name() {
        let of = |resource: &str| {
            parse(&format!("arn:aws:states:us-east-1:000000000000:{resource}")).map(|(_, r)| r)
        };
        assert_eq!(
            of("stateMachine:M"),
            Ok(Resource::StateMachine { name: "M".into() })
        );
        assert_eq!(
            of("stateMachine:M:1"),
            Ok(Resource::Qualified {
                name: "M".into(),
                qualifier: "1".into()
            })
        );
        assert_eq!(
            of("stateMachine:M/L"),
            Ok(Resource::Labelled {
                name: "M".into(),
                label: "L".into()
            })
        );
        assert_eq!(
            of("execution:M:x"),
            Ok(Resource::Execution {
                machine: "M".into(),
                name: "x".into()
            })
        );
        assert_eq!(
            execution("arn:aws:states:us-east-1:000000000000:express:M:x:y").map_err(|e| e.message),
            Err("Invalid Arn: 'Resource type not valid in this context: express'".into())
        );
        assert_eq!(
            parse("nonsense").map_err(|e| e.message),
            Err("Invalid Arn: 'Invalid ARN prefix: nonsense'".into())
        );
    }
}
