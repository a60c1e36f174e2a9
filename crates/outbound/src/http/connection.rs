//! A connection of EventBridge with its secrets.

use aws::{ApiError, Arn, Call, Caller, Registry};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, header};
use serde_json::Value;

use super::oauth::Grant;
use super::{runtime, secret, unusable};

/// What a connection adds to a request.
#[derive(Debug, Default)]
pub(super) struct Connection {
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Vec<(String, String)>,
    /// How a token is had, of connections whose authorization is OAuth.
    pub(super) grant: Option<Grant>,
}

impl Connection {
    /// Asks EventBridge.
    ///
    /// # Errors
    /// `Events.ConnectionResource.…`
    pub(super) async fn retrieve(
        registry: &Registry,
        call: &Call,
        arn: &str,
    ) -> Result<Self, ApiError> {
        let parsed: Result<Arn, _> = arn.parse();
        let Some(parsed) = parsed.ok().filter(|arn| arn.service == "events") else {
            return Err(runtime(format!("'{arn}' is not the ARN of a connection")));
        };
        let Some(events) = registry.get("events") else {
            return Err(unusable(
                "ResourceNotFound",
                "EventBridge is not part of this installation, so there is no connection",
            ));
        };
        let answered = events.call(Call {
            caller: Caller {
                region: parsed.region.into(),
                ..call.caller.clone()
            },
            request_id: call.request_id.clone(),
            service: "events",
            operation: "RetrieveConnectionSecrets".into(),
            input: aws::Members::from_iter([("ConnectionArn".to_owned(), arn.into())]),
            body: Bytes::new(),
        });
        let answer = answered.await.map_err(|error| {
            let kind = match &*error.code {
                "ResourceNotFoundException" => "ResourceNotFound",
                "IllegalStatusException" => "InvalidConnectionState",
                "AccessDeniedException" => "AccessDenied",
                _ => "InternalError",
            };
            unusable(kind, error.message)
        })?;
        Self::read(&Value::Object(answer.output))
    }

    fn read(secrets: &Value) -> Result<Self, ApiError> {
        let parameters = &secrets["AuthParameters"];
        let mut connection = Self {
            query: pairs(parameters, "QueryStringParameters"),
            body: pairs(parameters, "BodyParameters"),
            ..Self::default()
        };
        for (name, value) in pairs(parameters, "HeaderParameters") {
            connection.header(&name, &value)?;
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match secrets["AuthorizationType"].as_str() {
            Some("API_KEY") => {
                let key = &parameters["ApiKeyAuthParameters"];
                connection.header(&text(&key["ApiKeyName"]), &text(&key["ApiKeyValue"]))?;
            }
            Some("BASIC") => {
                let basic = &parameters["BasicAuthParameters"];
                let value = basic_value(&text(&basic["Username"]), &text(&basic["Password"]));
                connection
                    .headers
                    .push((header::AUTHORIZATION, secret(&value)?));
            }
            Some("OAUTH_CLIENT_CREDENTIALS") => {
                connection.grant = Some(Grant(parameters["OAuthParameters"].clone()));
            }
            _ => {
                return Err(unusable(
                    "InvalidConnectionState",
                    "The connection has no authorization",
                ));
            }
        }
        Ok(connection)
    }

    fn header(&mut self, name: &str, value: &str) -> Result<(), ApiError> {
        let known: HeaderName = name
            .parse()
            .map_err(|_| runtime(format!("The connection's header '{name}' can't be sent")))?;
        self.headers.push((known, secret(value)?));
        Ok(())
    }
}

/// `Basic …`
pub(super) fn basic_value(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// The parameters of a kind that go with every request.
fn pairs(parameters: &Value, kind: &str) -> Vec<(String, String)> {
    keys_and_values(&parameters["InvocationHttpParameters"][kind])
}

/// Reads `[{Key, Value}]`.
pub(super) fn keys_and_values(list: &Value) -> Vec<(String, String)> {
    let pair = |entry: &Value| {
        let (key, value) = (entry["Key"].as_str()?, entry["Value"].as_str()?);
        Some((key.to_owned(), value.to_owned()))
    };
    list.as_array()
        .unwrap_or(&Vec::new())
        .iter()
        .filter_map(pair)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_connection_without_authorization_is_none() {
        for secrets in [json!({}), json!({"AuthorizationType": "NEW"})] {
            let error = Connection::read(&secrets).expect_err("it authorizes nothing");
            assert_eq!(
                error.code,
                "Events.ConnectionResource.InvalidConnectionState"
            );
        }
    }

    #[test]
    fn secrets_do_not_show() {
        let connection = Connection::read(&json!({
            "AuthorizationType": "API_KEY",
            "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "hush"}},
        }))
        .expect("it is complete");
        assert!(!format!("{connection:?}").contains("hush"));
    }
}
