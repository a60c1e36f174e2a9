//! Whether a mocked result is one that the API can answer, by the API's model.
//!
//! Field names are those that Step Functions shows, in PascalCase; what the model does not know is let through
//! (test_state/field_validation_mode…).

use asl::{Json, Pattern, Resource, Target};
use aws::ApiError;
use aws::model::{Kind, ServiceModel, Shape, ShapeId, sdk_case};

use super::mock::Validation;

/// What a task may be said to have answered.
struct Expected {
    model: &'static ServiceModel,
    shape: ShapeId,
    /// Members that the integration gives as JSON, of whatever type.
    free: &'static [&'static str],
}

/// Checks a task's mocked result. What has no model is let through: functions, activities, HTTP endpoints, what is sent
/// with a task token.
///
/// DIVERGENCE: AWS knows the models of all services; results of those that have none here are let through, too.
pub(super) fn check(
    resource: &Resource,
    result: &Json,
    validation: Validation,
) -> Result<(), ApiError> {
    if validation == Validation::None {
        return Ok(());
    }
    let Some(expected) = expected(resource) else {
        return Ok(());
    };
    let checker = Checker {
        model: expected.model,
        strict: validation == Validation::Strict,
    };
    let Some(members) = result.as_object() else {
        return Err(refusal("Mocked result must be an object"));
    };
    checker.members(expected.shape, members, expected.free)
}

/// The API's answer that the integration shows: of `.sync`, the one that tells of the job.
fn expected(resource: &Resource) -> Option<Expected> {
    let Target::Integration {
        action,
        pattern,
        sdk,
        ..
    } = resource.target()
    else {
        return None;
    };
    let model = resource.target().model()?;
    let mut operation = sdk_case(action);
    let mut free: &[&str] = &[];
    match (*sdk, model.id, &*operation, pattern) {
        (_, _, _, Pattern::WaitForTaskToken) => return None,
        (false, "lambda", "Invoke", _) => free = &["Payload"],
        (false, "states", "StartExecution", Pattern::Sync) => {
            operation = "DescribeExecution".into();
        }
        (false, "states", "StartExecution", Pattern::Sync2) => {
            operation = "DescribeExecution".into();
            free = &["Input", "Output"];
        }
        (_, _, _, Pattern::Sync | Pattern::Sync2) => return None,
        (_, _, _, Pattern::RequestResponse) => {}
    }
    let shape = model.operation(&operation)?.output?;
    Some(Expected { model, shape, free })
}

struct Checker {
    model: &'static ServiceModel,
    /// What is required must be there.
    strict: bool,
}

impl Checker {
    fn members(&self, shape: ShapeId, given: &asl::Object, free: &[&str]) -> Result<(), ApiError> {
        let Some(structure) = self.model.shape(shape).structure() else {
            return Ok(());
        };
        if self.strict {
            for (name, member) in &structure.members {
                let shown = sdk_case(name);
                if member.required && !given.contains_key(&*shown) {
                    return Err(refusal(format!("Required field '{shown}' is missing")));
                }
            }
        }
        for (name, value) in given {
            let known = structure
                .members
                .iter()
                .find(|(member, _)| sdk_case(member) == **name);
            if let Some((_, member)) = known
                && !free.contains(&&**name)
            {
                self.value(name, member.shape, value)?;
            }
        }
        Ok(())
    }

    fn value(&self, name: &str, id: ShapeId, value: &Json) -> Result<(), ApiError> {
        let shape = self.model.shape(id);
        match &shape.kind {
            Kind::Structure(_) => {
                let members = value.as_object().ok_or_else(|| no(name, "an object"))?;
                self.members(id, members, &[])
            }
            Kind::List(element) => {
                let items = value.as_array().ok_or_else(|| no(name, "an array"))?;
                length(name, shape, items.len())?;
                items
                    .iter()
                    .try_for_each(|item| self.value(name, element.shape, item))
            }
            Kind::Map(_, element) => {
                let members = value.as_object().ok_or_else(|| no(name, "an object"))?;
                length(name, shape, members.len())?;
                members
                    .iter()
                    .try_for_each(|(key, value)| self.value(key, element.shape, value))
            }
            Kind::String => {
                let text = value.as_str().ok_or_else(|| no(name, "a string"))?;
                text_of(name, shape, text)
            }
            Kind::Blob => {
                let text = value.as_str().ok_or_else(|| no(name, "a string"))?;
                length(name, shape, bytes(text))
            }
            Kind::Timestamp(_) => match value.as_str() {
                Some(_) => Ok(()),
                None => Err(no(name, "a string")),
            },
            Kind::Integer | Kind::Long | Kind::Double => {
                let number = value.as_f64().ok_or_else(|| no(name, "a number"))?;
                range(name, shape, number)
            }
            Kind::Boolean => match value.as_bool() {
                Some(_) => Ok(()),
                None => Err(no(name, "a boolean")),
            },
            Kind::Document => Ok(()),
        }
    }
}

fn text_of(name: &str, shape: &Shape, text: &str) -> Result<(), ApiError> {
    if !shape.values.is_empty() && !shape.values.iter().any(|value| **value == *text) {
        return Err(refused(name, "is not an expected value"));
    }
    length(name, shape, text.chars().count())?;
    match &shape.pattern {
        Some(pattern) if !pattern.matches(text) => {
            Err(refused(name, "does not match the expected pattern"))
        }
        Some(_) | None => Ok(()),
    }
}

fn length(name: &str, shape: &Shape, length: usize) -> Result<(), ApiError> {
    let length = length as f64;
    if shape.min.is_some_and(|min| length < min) {
        return Err(refused(name, "is smaller than the minimum length"));
    }
    if shape.max.is_some_and(|max| length > max) {
        return Err(refused(name, "exceeds the maximum length"));
    }
    Ok(())
}

fn range(name: &str, shape: &Shape, number: f64) -> Result<(), ApiError> {
    if shape.min.is_some_and(|min| number < min) {
        return Err(refused(name, "is less than the minimum value"));
    }
    if shape.max.is_some_and(|max| number > max) {
        return Err(refused(name, "exceeds the maximum value"));
    }
    Ok(())
}

/// The bytes of a blob: of its Base64, or of the text where it is none.
fn bytes(text: &str) -> usize {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .map_or(text.len(), |bytes| bytes.len())
}

fn no(name: &str, wanted: &str) -> ApiError {
    refused(name, &format!("must be {wanted}"))
}

fn refused(name: &str, why: &str) -> ApiError {
    refusal(format!("Field '{name}' {why}"))
}

fn refusal(why: impl std::fmt::Display) -> ApiError {
    ApiError::validation(format!("Mock result schema validation error: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(resource: &str, result: &str, validation: Validation) -> Option<String> {
        let resource = Resource::parse(resource).expect("it is a resource");
        let result = Json::from_text(result).expect("it is JSON");
        let refused = check(&resource, &result, validation).err()?;
        let prefix = "Mock result schema validation error: ";
        Some(
            refused
                .message
                .strip_prefix(prefix)
                .expect("it begins so")
                .to_owned(),
        )
    }

    const GET_FUNCTION: &str = "arn:aws:states:::aws-sdk:lambda:getFunction";
    const START: &str = "arn:aws:states:::states:startExecution";

    #[test]
    fn each_type_has_its_words() {
        for (resource, result, says) in [
            (
                START,
                r#"{"StartDate": 1, "ExecutionArn": "a"}"#,
                "Field 'StartDate' must be a string",
            ),
            (
                START,
                r#"{"StartDate": "a", "ExecutionArn": {}}"#,
                "Field 'ExecutionArn' must be a string",
            ),
            (
                GET_FUNCTION,
                r#"{"Tags": []}"#,
                "Field 'Tags' must be an object",
            ),
            (
                GET_FUNCTION,
                r#"{"Tags": {"a": 1}}"#,
                "Field 'a' must be a string",
            ),
            (
                GET_FUNCTION,
                r#"{"Configuration": "x"}"#,
                "Field 'Configuration' must be an object",
            ),
            (
                GET_FUNCTION,
                r#"{"Configuration": {"Layers": {}}}"#,
                "Field 'Layers' must be an array",
            ),
            (
                GET_FUNCTION,
                r#"{"Configuration": {"CodeSize": "1"}}"#,
                "Field 'CodeSize' must be a number",
            ),
            (
                GET_FUNCTION,
                r#"{"Configuration": {"MemorySize": 1}}"#,
                "Field 'MemorySize' is less than the minimum value",
            ),
            (
                GET_FUNCTION,
                r#"{"Configuration": {"MemorySize": 1e9}}"#,
                "Field 'MemorySize' exceeds the maximum value",
            ),
            (
                GET_FUNCTION,
                r#"{"Configuration": {"PackageType": "Crate"}}"#,
                "Field 'PackageType' is not an expected value",
            ),
            (
                "arn:aws:states:::aws-sdk:kms:encrypt",
                r#"{"CiphertextBlob": ""}"#,
                "Field 'CiphertextBlob' is smaller than the minimum length",
            ),
            (
                "arn:aws:states:::aws-sdk:s3:getObject",
                r#"{"DeleteMarker": "no"}"#,
                "Field 'DeleteMarker' must be a boolean",
            ),
        ] {
            assert_eq!(
                said(resource, result, Validation::Strict).as_deref(),
                Some(says),
                "{result}"
            );
            assert_eq!(
                said(resource, result, Validation::Present).as_deref(),
                Some(says),
                "{result}"
            );
            assert_eq!(said(resource, result, Validation::None), None, "{result}");
        }
    }

    #[test]
    fn what_is_required_may_be_absent_unless_it_is_strict() {
        assert_eq!(
            said(START, "{}", Validation::Strict).as_deref(),
            Some("Required field 'ExecutionArn' is missing")
        );
        assert_eq!(said(START, "{}", Validation::Present), None);
        // Fields of other names are nobody's, whatever they are.
        assert_eq!(
            said(START, r#"{"executionArn": 1}"#, Validation::Present),
            None
        );
    }

    #[test]
    fn a_job_is_told_by_the_api_that_describes_it() {
        let described = r#"{"ExecutionArn": "a", "StateMachineArn": "m", "StartDate": "d", "Status": "RUNNING", "Output": {"a": 1}}"#;
        let sync2 = "arn:aws:states:::states:startExecution.sync:2";
        assert_eq!(said(sync2, described, Validation::Strict), None);
        assert_eq!(
            said(
                "arn:aws:states:::states:startExecution.sync",
                described,
                Validation::Strict
            )
            .as_deref(),
            Some("Field 'Output' must be a string")
        );
        assert_eq!(
            said(sync2, "{}", Validation::Strict).as_deref(),
            Some("Required field 'ExecutionArn' is missing")
        );
    }

    #[test]
    fn what_has_no_model_is_let_through() {
        for resource in [
            "arn:aws:lambda:us-east-1:000000000000:function:f",
            "arn:aws:states:us-east-1:000000000000:activity:a",
            "arn:aws:states:::http:invoke",
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "arn:aws:states:::aws-sdk:polly:describeVoices",
        ] {
            assert_eq!(
                said(resource, "[1]", Validation::Strict),
                None,
                "{resource}"
            );
        }
        let invoked = r#"{"Payload": {"any": ["thing"]}}"#;
        assert_eq!(
            said(
                "arn:aws:states:::lambda:invoke",
                invoked,
                Validation::Strict
            ),
            None
        );
    }
}
