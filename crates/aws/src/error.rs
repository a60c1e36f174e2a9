use std::borrow::Cow;
use std::fmt;

use crate::Members;

/// Whose fault an error is, for status codes and SDK retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request's: HTTP 4xx.
    Client,
    /// Ours: HTTP 5xx.
    Server,
}

/// An error as a client of AWS sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// `ExecutionDoesNotExist`, without a namespace.
    pub code: Cow<'static, str>,
    /// AWS's wording where it is known.
    pub message: String,
    /// The HTTP status, 400 unless the model says otherwise.
    pub status: u16,
    /// Further members of the error's shape (`reason`, `resourceName`, `Logref` …).
    pub members: Members,
}

impl ApiError {
    /// A client error with HTTP status 400.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            status: 400,
            members: Members::new(),
        }
    }

    /// The same with another HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same with a further member of the error's shape.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<serde_json::Value>) -> Self {
        self.members.insert(member.into(), value.into());
        self
    }

    /// `ValidationException` with the given text.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// The request made something of ours fail: HTTP 500, `InternalFailure`. The detail goes to the log, not here.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new("InternalFailure", message).with_status(500)
    }

    /// `UnknownOperationException`, for what the model has but this service does not (yet) answer.
    pub fn unknown_operation(operation: &str) -> Self {
        Self::new(
            "UnknownOperationException",
            format!("The operation {operation} is not supported."),
        )
        .with_status(400)
    }

    /// A call that failed on its way to a service elsewhere or back, and not in the service: `SdkClientException`, as the
    /// SDKs name it.
    pub fn on_this_side(message: impl Into<String>) -> Self {
        Self::new(Self::ON_THIS_SIDE, message).with_status(503)
    }

    /// The code of [`ApiError::on_this_side`].
    pub const ON_THIS_SIDE: &str = "SdkClientException";

    /// Whose fault it is, by the status.
    pub fn fault(&self) -> Fault {
        if self.status >= 500 {
            Fault::Server
        } else {
            Fault::Client
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for ApiError {}
