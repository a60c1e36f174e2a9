//! Step Functions' HTTP Task: a request to any HTTP endpoint, in the name of a connection of EventBridge.
//!
//! After the guide's page "Call HTTPS APIs in Step Functions workflows".

mod connection;
mod form;
mod oauth;
mod response;
mod task;
mod trace;

use aws::{Answer, ApiError, BoxFuture, Call, Registry, Service};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use serde_json::Value;

use self::connection::Connection;
use self::oauth::Tokens;
use self::task::Task;
use crate::{Client, Error};

/// The service `http`, with the operations `Invoke` and `Trace`.
///
/// Its input is the parameters of a task with the resource `arn:aws:states:::http:invoke`, its output `{Headers,
/// ResponseBody, StatusCode, StatusText}`. Its errors are the task's: `States.Http.StatusCode.<status>` for 400 and above,
/// `States.Http.Socket` when there is no answer within 60 s or at all, `States.Runtime` for a request or an answer that
/// is not allowed, `Events.ConnectionResource.…` when the connection can't be used.
///
/// `Trace` is the same for who looks on: of `{Parameters, RevealSecrets}` it makes `{request, response}`, which are
/// TestState's `InspectionDataRequest` and `InspectionDataResponse`, with `Result`, or with `Error: {Error, Cause}`. Without
/// `RevealSecrets` the request is shown without what the connection adds to it.
///
/// Secrets come from the registry's `events` service, by its operation `RetrieveConnectionSecrets`: `{ConnectionArn}` gives
/// `{AuthorizationType, AuthParameters}` as CreateConnection takes them.
pub struct Http {
    registry: Registry,
    client: Client,
    tokens: Tokens,
}

impl Http {
    /// The service over the registry that has, or will have, `events`.
    pub fn new(registry: Registry, client: Client) -> Self {
        Self {
            registry,
            client,
            tokens: Tokens::default(),
        }
    }

    async fn answer(&self, call: Call) -> Result<Answer, ApiError> {
        match call.operation.as_str() {
            "Invoke" => response::answer(self.invoke(&call, &call.input, &mut None).await?),
            "Trace" => self.trace(&call).await,
            other => Err(ApiError::unknown_operation(other)),
        }
    }

    async fn trace(&self, call: &Call) -> Result<Answer, ApiError> {
        let empty = aws::Members::new();
        let parameters = call.input.get("Parameters").and_then(Value::as_object);
        let secrets = call.input.get("RevealSecrets") == Some(&Value::Bool(true));
        let mut seen = Some(trace::Seen::new(secrets));
        let answered = self
            .invoke(call, parameters.unwrap_or(&empty), &mut seen)
            .await;
        Ok(seen.unwrap_or_default().answer(answered))
    }

    /// Sends the request that the parameters describe.
    async fn invoke(
        &self,
        call: &Call,
        parameters: &aws::Members,
        seen: &mut Option<trace::Seen>,
    ) -> Result<Response<Bytes>, ApiError> {
        let region = call.caller.region.clone();
        let task = Task::read(parameters)?;
        let arn = task.connection_arn.clone();
        if let Some(seen) = seen {
            seen.task(&task, &region)?;
        }
        let connection = Connection::retrieve(&self.registry, call, &arn).await?;
        let mut request = task.request(&connection, &region)?;
        let Some(grant) = &connection.grant else {
            if let Some(seen) = seen {
                seen.request(&request);
            }
            return self.send(request).await;
        };
        let token = self.tokens.token(&self.client, &arn, grant, None).await?;
        set_bearer(&mut request, &token)?;
        if let Some(seen) = seen {
            seen.request(&request);
        }
        let mut answered = self.send(request.clone()).await?;
        // EventBridge's guide: tokens are refreshed when one of these is answered.
        let refused = [
            StatusCode::UNAUTHORIZED,
            StatusCode::PROXY_AUTHENTICATION_REQUIRED,
        ];
        if refused.contains(&answered.status()) {
            let fresh = self
                .tokens
                .token(&self.client, &arn, grant, Some(&token))
                .await?;
            set_bearer(&mut request, &fresh)?;
            answered = self.send(request).await?;
        }
        Ok(answered)
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ApiError> {
        self.client
            .send(request)
            .await
            .map_err(|error| match error {
                Error::TooLarge(_) => response::too_large(),
                Error::Address(_) | Error::Connect(_) | Error::TimedOut(_) | Error::Broken(_) => {
                    ApiError::new("States.Http.Socket", error.to_string())
                }
            })
    }
}

impl Service for Http {
    fn id(&self) -> &'static str {
        "http"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(self.answer(call))
    }
}

fn set_bearer(request: &mut Request<Bytes>, token: &str) -> Result<(), ApiError> {
    let value = secret(&format!("Bearer {token}"))?;
    request.headers_mut().insert(header::AUTHORIZATION, value);
    Ok(())
}

fn secret(text: &str) -> Result<HeaderValue, ApiError> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| runtime("The connection's authorization can't be sent in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// What is wrong with a request or an answer, for which AWS has one name.
fn runtime(cause: impl Into<String>) -> ApiError {
    ApiError::new("States.Runtime", cause)
}

/// What is wrong with a connection.
fn unusable(kind: &str, cause: impl Into<String>) -> ApiError {
    ApiError::new(format!("Events.ConnectionResource.{kind}"), cause)
}

/// An address with further parameters in its query.
fn address(
    endpoint: &str,
    query: impl IntoIterator<Item = (String, String)>,
) -> Result<Uri, ApiError> {
    let mut text = form::legal(endpoint);
    for (name, value) in query {
        text.push(if text.contains('?') { '&' } else { '?' });
        text.push_str(&form::pair(&name, &value));
    }
    let refuse = || runtime(format!("'{endpoint}' is not a URL of http or https"));
    let uri: Uri = text.parse().map_err(|_| refuse())?;
    // DIVERGENCE: AWS calls endpoints of https only.
    let known = matches!(uri.scheme_str(), Some("http" | "https"));
    let plain = uri
        .authority()
        .is_some_and(|authority| !authority.host().is_empty() && !authority.as_str().contains('@'));
    (known && plain).then_some(uri).ok_or_else(refuse)
}
