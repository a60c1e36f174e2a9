//! What stands in place of the state's work.

use asl::machine::{Kind, Map, State};
use asl::{Json, Payload};
use aws::{ApiError, Members};
use serde_json::Value;

use super::schema;

pub(super) enum Mock {
    Result(Payload),
    Error {
        error: Option<String>,
        cause: Option<String>,
    },
}

/// `fieldValidationMode`
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Validation {
    /// What is there is right, and what is required is there.
    Strict,
    /// What is there is right.
    Present,
    None,
}

impl Mock {
    /// How many results a Map or Parallel is given.
    pub(super) fn length(&self) -> Option<u64> {
        match self {
            Self::Result(result) => result.value().as_array().map(|items| items.len() as u64),
            Self::Error { .. } => None,
        }
    }

    /// Exactly one of its two members is there.
    pub(super) fn check_members(mock: &Members) -> Result<(), ApiError> {
        let there = |member: &str| mock.get(member).is_some_and(|value| !value.is_null());
        match (there("result"), there("errorOutput")) {
            (true, true) => Err(ApiError::validation(
                "A test mock should have only one of the following fields: [result, errorOutput].",
            )),
            (false, false) => Err(ApiError::validation(
                "A test mock should have one of the following fields: [result, errorOutput].",
            )),
            (true, false) | (false, true) => Ok(()),
        }
    }

    /// Reads it for a state that can be mocked.
    pub(super) fn read(mock: &Members, state: &State) -> Result<Self, ApiError> {
        if let Some(result) = mock.get("result").and_then(Value::as_str) {
            return result_of(result, mock, state).map(Self::Result);
        }
        let error = mock.get("errorOutput");
        let text = |member: &str| Some(error?.get(member)?.as_str()?.to_owned());
        Ok(Self::Error {
            error: text("error"),
            cause: text("cause"),
        })
    }
}

fn result_of(text: &str, mock: &Members, state: &State) -> Result<Payload, ApiError> {
    let result = Payload::from_text(text)
        .map_err(|_| ApiError::validation("Mocked result must be valid JSON"))?;
    let validation = match mock.get("fieldValidationMode").and_then(Value::as_str) {
        Some("NONE") => Validation::None,
        Some("PRESENT") => Validation::Present,
        _ => Validation::Strict,
    };
    match &state.kind {
        Kind::Parallel(parallel) => check_branches(result.value(), parallel.branches.len())?,
        Kind::Map(map) => check_iterations(result.value(), map)?,
        Kind::Task(task) => schema::check(&task.resource, result.value(), validation)?,
        Kind::Pass(_) | Kind::Choice(_) | Kind::Wait(_) | Kind::Succeed | Kind::Fail(_) => {}
    }
    Ok(result)
}

fn check_branches(result: &Json, branches: usize) -> Result<(), ApiError> {
    let results = result.as_array().ok_or_else(no_array)?;
    if results.len() != branches {
        return Err(ApiError::validation(
            "Mocked result must contain the same number of items as number of Parallel branches.",
        ));
    }
    Ok(())
}

/// With a `ResultWriter` a Map gives an object that says where its results are.
fn check_iterations(result: &Json, map: &Map) -> Result<(), ApiError> {
    if result.as_array().is_none() && map.result_writer.is_none() {
        return Err(no_array());
    }
    Ok(())
}

fn no_array() -> ApiError {
    ApiError::validation("Mocked result must be an array.")
}
