//! A request and its response as TestState shows them.

use aws::{Answer, ApiError};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use serde_json::{Value, json};

use super::connection::Connection;
use super::response;
use super::task::Task;

/// What was seen of a task's call.
#[derive(Default)]
pub(super) struct Seen {
    secrets: bool,
    request: Option<Value>,
}

impl Seen {
    pub(super) fn new(secrets: bool) -> Self {
        Self {
            secrets,
            request: None,
        }
    }

    /// The request as the task alone makes it.
    pub(super) fn task(&mut self, task: &Task, region: &str) -> Result<(), ApiError> {
        if !self.secrets {
            let request = task.clone().request(&Connection::default(), region)?;
            self.request = Some(shown(&request));
        }
        Ok(())
    }

    /// The request that is sent.
    pub(super) fn request(&mut self, request: &Request<Bytes>) {
        if self.secrets {
            self.request = Some(shown(request));
        }
    }

    pub(super) fn answer(self, answered: Result<Response<Bytes>, ApiError>) -> Answer {
        let mut output = json!({});
        // As the request's: it is what clients ask for in the address.
        let mut protocol = Value::Null;
        if let Some(request) = self.request {
            protocol = request["protocol"].clone();
            output["request"] = request;
        }
        let done = answered.and_then(|response| {
            output["response"] = json!({
                "protocol": protocol,
                "statusCode": response.status().as_u16().to_string(),
                "statusMessage": response.status().canonical_reason().unwrap_or_default(),
                "headers": headers(response.headers()),
                "body": String::from_utf8_lossy(response.body()),
            });
            response::answer(response)
        });
        match done {
            Ok(answer) => output["Result"] = Value::Object(answer.output),
            Err(error) => {
                output["Error"] = json!({ "Error": error.code, "Cause": error.message });
            }
        }
        Answer::json(output)
    }
}

fn shown(request: &Request<Bytes>) -> Value {
    let mut shown = json!({
        "protocol": request.uri().scheme_str().unwrap_or_default(),
        "method": request.method().as_str(),
        "url": request.uri().to_string(),
        "headers": headers(request.headers()),
    });
    if !request.body().is_empty() {
        shown["body"] = String::from_utf8_lossy(request.body()).into();
    }
    shown
}

/// `[content-type: application/json, range: bytes=0-262144]`
fn headers(headers: &HeaderMap) -> String {
    let pairs = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        format!("{name}: {value}")
    });
    format!("[{}]", pairs.collect::<Vec<_>>().join(", "))
}
