//! `NotificationPlaceholder`: what the rider would be told; the workshop sends no mail at this point.

use serde_json::{Value, json};

use crate::FunctionError;

/// Answers `{messageToSend: {title, message}}` from the `errorInfo` that a `Catch` left; both are empty without it.
///
/// # Errors
/// None: what cannot be read is shown as it stands.
pub fn handle(event: &Value) -> Result<Value, FunctionError> {
    let error = &event["errorInfo"];
    let title = error["Error"].as_str().unwrap_or_default();
    let cause = error["Cause"].as_str().unwrap_or_default();
    Ok(json!({ "messageToSend": { "title": title, "message": message(cause) } }))
}

/// A function's failure puts its error object into the cause as text; other causes are the message themselves.
fn message(cause: &str) -> String {
    serde_json::from_str::<Value>(cause)
        .ok()
        .and_then(|error| error["errorMessage"].as_str().map(str::to_owned))
        .unwrap_or_else(|| cause.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_what_the_failed_function_said() {
        let event = json!({"userId": "u", "errorInfo": {
            "Error": "PhotoDoesNotMeetRequirementError",
            "Cause": r#"{"errorType":"PhotoDoesNotMeetRequirementError","errorMessage":"Face is wearing sunglasses"}"#
        }});
        assert_eq!(
            handle(&event),
            Ok(json!({"messageToSend": {
                "title": "PhotoDoesNotMeetRequirementError",
                "message": "Face is wearing sunglasses"
            }}))
        );
    }

    #[test]
    fn a_cause_that_is_no_error_object_is_the_message() {
        let event = json!({"errorInfo": {"Error": "States.Timeout", "Cause": "too slow"}});
        let told = handle(&event).expect("always told");
        assert_eq!(told["messageToSend"]["message"], "too slow");
    }

    #[test]
    fn without_an_error_there_is_nothing_to_say() {
        assert_eq!(
            handle(&json!({"userId": "u"})),
            Ok(json!({"messageToSend": {"title": "", "message": ""}}))
        );
    }
}
