use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

/// The members of a structure, by the model's names, in the order they were sent.
///
/// Blobs are base64 text and timestamps epoch seconds, as in AWS's JSON protocols, whatever protocol the call came
/// over; a blob that is the whole HTTP payload (Lambda's `Payload`, S3's `Body`) is not here but in the `body` beside.
pub type Members = serde_json::Map<String, Value>;

/// Who calls: taken from the request's credentials, or from the role of the execution that calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Twelve digits. `000000000000` unless the access key is itself a 12-digit account number.
    pub account: Arc<str>,
    /// The region of the credential scope, `us-east-1` where there is none.
    pub region: Arc<str>,
    /// The access key id that signed, empty for calls from inside.
    pub access_key: Arc<str>,
    /// The ARN that GetCallerIdentity answers, `arn:aws:iam::<account>:root` by default.
    pub arn: Arc<str>,
}

impl Caller {
    /// The account's root user in a region.
    pub fn root(account: &str, region: &str) -> Self {
        Self {
            account: account.into(),
            region: region.into(),
            access_key: "".into(),
            arn: format!("arn:aws:iam::{account}:root").into(),
        }
    }
}

/// The request's id, as clients see it in `x-amzn-RequestId`: a UUID in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(pub Arc<str>);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One request to one operation, decoded and checked against the API model.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who asks, and in which account and region.
    pub caller: Caller,
    /// Given by the gateway, or made for a call from inside.
    pub request_id: RequestId,
    /// The service's id as in the registry: `states`, `lambda`, `s3`, `dynamodb` …
    pub service: &'static str,
    /// The operation by the model's name: `StartExecution`.
    pub operation: String,
    /// The input's members.
    pub input: Members,
    /// The HTTP payload, for operations whose input has a blob there; otherwise empty.
    pub body: Bytes,
}

/// What a service answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The output's members.
    pub output: Members,
    /// The HTTP payload, for operations whose output has a blob there; otherwise empty.
    pub body: Bytes,
    /// The HTTP status, where it is not the model's (`Lambda Invoke`: 200, 202, 204).
    pub status: Option<u16>,
}

impl Answer {
    /// An answer whose members are a JSON object.
    ///
    /// # Panics
    /// When `value` is not an object: the operation's author wrote it.
    pub fn json(value: Value) -> Self {
        match value {
            Value::Object(output) => Self {
                output,
                ..Self::default()
            },
            other => panic!("an answer is an object, not {other}"),
        }
    }
}
