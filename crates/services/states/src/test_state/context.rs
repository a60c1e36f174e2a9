//! The context object that a test is given.

use asl::machine::{Kind, State};
use asl::{Json, Pattern};
use aws::ApiError;

/// The members that may be given, and of which type they are to be.
const EXECUTION: &[(&str, Type)] = &[
    ("Id", Type::String),
    ("Input", Type::Any),
    ("Name", Type::String),
    ("RoleArn", Type::String),
    ("StartTime", Type::String),
    ("RedriveCount", Type::Number),
    ("RedriveTime", Type::String),
];
const STATE: &[(&str, Type)] = &[
    ("EnteredTime", Type::String),
    ("Name", Type::String),
    ("RetryCount", Type::Number),
];
const STATE_MACHINE: &[(&str, Type)] = &[("Id", Type::String), ("Name", Type::String)];
const TASK: &[(&str, Type)] = &[("Token", Type::String)];

#[derive(Clone, Copy)]
enum Type {
    Any,
    String,
    Number,
}

/// Reads the text; the words of refusals are recorded in test_state_context_object.
///
/// DIVERGENCE: whether AWS makes up the members that are left out is not known; here they are.
pub(super) fn read(text: &str, state: &State, mocked: bool) -> Result<Json, ApiError> {
    if !mocked {
        return Err(ApiError::validation(
            "A Context object can only be provided when a mock is specified",
        ));
    }
    let context = Json::from_text(text).map_err(|_| invalid("must be valid JSON"))?;
    let parts = context
        .as_object()
        .ok_or_else(|| invalid("must be a JSON object"))?;
    for (name, part) in parts {
        match &**name {
            "Execution" => check(name, part, EXECUTION)?,
            "State" => check(name, part, STATE)?,
            "StateMachine" => check(name, part, STATE_MACHINE)?,
            "Task" => {
                if !has_token(state) {
                    return Err(invalid(
                        "Context object contains 'Task' when state is not a Task state with a '.sync' or \
                         '.waitForTaskToken' service integration pattern",
                    ));
                }
                check(name, part, TASK)?;
            }
            "Map" => {
                return Err(invalid(
                    "'Map' field is not supported when mocking a Context object",
                ));
            }
            other => return Err(invalid(format!("Field '{other}' is not allowed"))),
        }
    }
    Ok(context)
}

fn check(name: &str, part: &Json, known: &[(&str, Type)]) -> Result<(), ApiError> {
    let members = part
        .as_object()
        .ok_or_else(|| invalid(format!("{name} must be an object")))?;
    for (member, value) in members {
        let Some((_, of_type)) = known.iter().find(|(known, _)| *known == &**member) else {
            return Err(invalid(format!("Field '{member}' is not allowed")));
        };
        let wanted = match of_type {
            Type::String if value.as_str().is_none() => "a string",
            Type::Number if value.as_number().is_none() => "a number",
            Type::Any | Type::String | Type::Number => continue,
        };
        return Err(invalid(format!("{name}.{member} must be {wanted}")));
    }
    Ok(())
}

fn invalid(why: impl std::fmt::Display) -> ApiError {
    ApiError::validation(format!("Invalid Context object provided: {why}"))
}

fn has_token(state: &State) -> bool {
    match &state.kind {
        Kind::Task(task) => task.resource.pattern() != Pattern::RequestResponse,
        Kind::Pass(_)
        | Kind::Choice(_)
        | Kind::Wait(_)
        | Kind::Succeed
        | Kind::Fail(_)
        | Kind::Parallel(_)
        | Kind::Map(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(resource: &str, context: &str) -> Option<String> {
        let state = format!(r#"{{"Type": "Task", "Resource": "{resource}", "End": true}}"#);
        let machine = asl::parse_state(&state).machine.expect("it is a state");
        let (_, state) = machine.find(asl::LONE_STATE).expect("it is there");
        let refused = read(context, state, true).err()?;
        let prefix = "Invalid Context object provided: ";
        Some(
            refused
                .message
                .strip_prefix(prefix)
                .expect("it begins so")
                .to_owned(),
        )
    }

    #[test]
    fn members_are_known_by_name_and_type() {
        let invoke = "arn:aws:states:::lambda:invoke";
        for (context, says) in [
            ("x", "must be valid JSON"),
            ("[]", "must be a JSON object"),
            (r#"{"Other": {}}"#, "Field 'Other' is not allowed"),
            (
                r#"{"Execution": {"pokemon": "squirtle"}}"#,
                "Field 'pokemon' is not allowed",
            ),
            (
                r#"{"Execution": {"Id": 1}}"#,
                "Execution.Id must be a string",
            ),
            (
                r#"{"State": {"RetryCount": "1"}}"#,
                "State.RetryCount must be a number",
            ),
            (r#"{"StateMachine": 1}"#, "StateMachine must be an object"),
            (
                r#"{"Map": {}}"#,
                "'Map' field is not supported when mocking a Context object",
            ),
        ] {
            assert_eq!(said(invoke, context).as_deref(), Some(says), "{context}");
        }
        assert_eq!(
            said(
                invoke,
                r#"{"Execution": {"Input": 1, "Name": "n"}, "State": {"RetryCount": 2}}"#
            ),
            None
        );
    }

    #[test]
    fn a_token_is_for_tasks_that_have_one() {
        let context = r#"{"Task": {"Token": "t"}}"#;
        assert_eq!(
            said("arn:aws:states:::sqs:sendMessage.waitForTaskToken", context),
            None
        );
        assert_eq!(
            said("arn:aws:states:::states:startExecution.sync", context),
            None
        );
        let said = said("arn:aws:states:::lambda:invoke", context).expect("it is refused");
        assert!(
            said.starts_with("Context object contains 'Task' when state is not a Task state"),
            "{said}"
        );
    }
}
