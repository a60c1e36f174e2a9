//! The command line's AWS client: Step Functions over HTTP, as any other client speaks it.

use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// A history page of 1,000 events with 256 KiB of input each is the largest answer there is.
const ANSWER_BYTES_MAX: usize = 512 << 20;

/// GetActivityTask's long poll and a StartSyncExecution of five minutes end before.
const CALL_SECONDS_MAX: u64 = 330;

/// A server's Step Functions API.
pub struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    endpoint: http::Uri,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The server said no.
    #[error("{code}: {message}")]
    Api {
        /// `StateMachineDoesNotExist` …
        code: String,
        /// Its text.
        message: String,
    },
    /// The server was not reached or did not answer in time or in JSON.
    #[error("{0:#}")]
    Transport(anyhow::Error),
}

impl CallError {
    /// The API's error code; empty if the API was not reached.
    pub fn code(&self) -> &str {
        match self {
            Self::Api { code, .. } => code,
            Self::Transport(_) => "",
        }
    }
}

impl Client {
    /// A client of the server at that URL, `http://127.0.0.1:4566`.
    ///
    /// # Errors
    /// When it is no `http` URL.
    pub fn new(endpoint: &str) -> Result<Self> {
        let uri: http::Uri = endpoint
            .parse()
            .with_context(|| format!("`{endpoint}` is not a URL"))?;
        anyhow::ensure!(
            uri.scheme_str() == Some("http") && uri.authority().is_some(),
            "`{endpoint}` is not an http:// URL"
        );
        Ok(Self {
            http: Http::builder(TokioExecutor::new()).build_http(),
            endpoint: uri,
        })
    }

    /// Calls an operation of Step Functions.
    ///
    /// # Errors
    /// What the API answers, or that it could not be reached.
    pub async fn states(&self, operation: &str, input: &Value) -> Result<Value, CallError> {
        let called = tokio::time::timeout(
            Duration::from_secs(CALL_SECONDS_MAX),
            self.post(operation, input),
        )
        .await;
        let (good, answer) = called
            .map_err(|_| anyhow::anyhow!("{operation}: no answer within {CALL_SECONDS_MAX} s"))
            .and_then(|done| done)
            .map_err(CallError::Transport)?;
        if good {
            return Ok(answer);
        }
        let code = answer["__type"].as_str().unwrap_or("UnknownError");
        let message = answer["message"]
            .as_str()
            .or_else(|| answer["Message"].as_str())
            .unwrap_or_default();
        Err(CallError::Api {
            code: code.rsplit('#').next().unwrap_or(code).to_owned(),
            message: message.to_owned(),
        })
    }

    async fn post(&self, operation: &str, input: &Value) -> Result<(bool, Value)> {
        let now = jiff::Timestamp::now()
            .strftime("%Y%m%dT%H%M%SZ")
            .to_string();
        let day = now.get(..8).unwrap_or_default();
        // Servers of ours read who calls and in which region; none of them checks the signature without being told
        // the secret, which this client does not know.
        let credentials = format!(
            "AWS4-HMAC-SHA256 Credential=canter/{day}/us-east-1/states/aws4_request, SignedHeaders=host;x-amz-date, Signature={:064}",
            0
        );
        let request = http::Request::post(self.endpoint.clone())
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("AWSStepFunctions.{operation}"))
            .header("x-amz-date", now)
            .header("authorization", credentials)
            .body(Full::new(Bytes::from(input.to_string())))?;
        let response = self
            .http
            .request(request)
            .await
            .with_context(|| format!("no server answers at {}", self.endpoint))?;
        let good = response.status().is_success();
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX)
            .collect()
            .await;
        let body = body
            .map_err(|error| anyhow::anyhow!("{operation}: {error}"))?
            .to_bytes();
        Ok((
            good,
            serde_json::from_slice(&body)
                .with_context(|| format!("{operation}: the answer is not JSON"))?,
        ))
    }
}
