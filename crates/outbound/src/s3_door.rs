use std::time::Duration;

use aws::{ApiError, Body, BodyError, BoxFuture, Caller, HttpService, RequestId, full_body};
use http::{HeaderMap, Request, Response, Uri, header};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Incoming;
use jiff::Timestamp;

use crate::sign::{Scope, sign_hash};
use crate::{Client, Endpoint, Error};

/// S3's HTTP door when S3 lives elsewhere: requests are signed anew and passed on, bodies stream both ways.
///
/// A request without credentials is passed on without any, so that the other side judges it.
pub struct S3Door {
    endpoint: Endpoint,
    client: Client,
}

/// Until the head of an answer, which comes after the request's body: the largest part, 5 GiB, at 1.5 MB a second.
const HEAD_TIME: Duration = Duration::from_hours(1);
/// Between two pieces of an answer's body.
const PIECE_TIME: Duration = Duration::from_mins(1);

/// What speaks of this connection, or of the signature that the caller made.
const DROPPED: [&str; 11] = [
    "authorization",
    "connection",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "transfer-encoding",
    "upgrade",
    "x-amz-date",
    "x-amz-security-token",
];

impl S3Door {
    /// The door to that endpoint.
    pub fn new(endpoint: Endpoint, client: Client) -> Self {
        Self { endpoint, client }
    }

    async fn pass(
        &self,
        caller: &Caller,
        request: Request<Body>,
    ) -> Result<Response<Body>, ApiError> {
        let (parts, body) = request.into_parts();
        let hash = content_hash(&parts.headers)?;
        let mut passed = Request::new(body);
        *passed.method_mut() = parts.method;
        *passed.uri_mut() = self
            .endpoint
            .address(&without_signature(&parts.uri), None)
            .map_err(|error| ApiError::new("InvalidURI", error.to_string()))?;
        for (name, value) in &parts.headers {
            if !DROPPED.contains(&name.as_str()) {
                passed.headers_mut().append(name, value.clone());
            }
        }
        if &*caller.arn != "anonymous" {
            let scope = Scope {
                region: self.endpoint.region.as_deref().unwrap_or(&caller.region),
                service: "s3",
            };
            // The body streams behind the signature, so its length is not among what is signed.
            let length = passed.headers_mut().remove(header::CONTENT_LENGTH);
            let credentials = &self.endpoint.credentials;
            sign_hash(&mut passed, &hash, credentials, &scope, Timestamp::now());
            if let Some(length) = length {
                passed.headers_mut().insert(header::CONTENT_LENGTH, length);
            }
        }
        let began = tokio::time::timeout(HEAD_TIME, self.client.begin(passed)).await;
        let began = began.unwrap_or(Err(Error::TimedOut(HEAD_TIME)));
        let mut response = began.map_err(|error| {
            let url = self.endpoint.url();
            tracing::warn!(%url, %error, "S3 elsewhere can't be reached");
            ApiError::new("ServiceUnavailable", format!("S3 is at {url}: {error}")).with_status(503)
        })?;
        for name in ["connection", "keep-alive", "transfer-encoding"] {
            response.headers_mut().remove(name);
        }
        Ok(response.map(in_time))
    }
}

impl HttpService for S3Door {
    fn handle(
        &self,
        caller: Caller,
        request_id: RequestId,
        request: Request<Body>,
    ) -> BoxFuture<'_, Response<Body>> {
        Box::pin(async move {
            let resource = request.uri().path().to_owned();
            let passed = self.pass(&caller, request).await;
            passed.unwrap_or_else(|error| {
                aws::protocol::s3_error(&error, &resource, &request_id).map(full_body)
            })
        })
    }
}

/// What the caller says of the body, so far as it is true whoever signs.
fn content_hash(headers: &HeaderMap) -> Result<String, ApiError> {
    let said = headers.get("x-amz-content-sha256");
    match said.and_then(|value| value.to_str().ok()) {
        None => Ok("UNSIGNED-PAYLOAD".into()),
        // DIVERGENCE: pieces of a body that are signed one by one with the caller's key are refused.
        Some(said) if said.starts_with("STREAMING-AWS4-") => Err(ApiError::new(
            "NotImplemented",
            "S3 is elsewhere, and bodies whose chunks are signed can't be passed on; sign the payload as a whole, or not at all.",
        )
        .with_status(501)),
        Some(said) => Ok(said.to_owned()),
    }
}

/// The parameters of presigned addresses, of Signature Version 4 and 2.
const SIGNING: [&str; 11] = [
    "x-amz-algorithm",
    "x-amz-content-sha256",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
    "awsaccesskeyid",
    "expires",
    "signature",
];

/// The address without what presigned it.
fn without_signature(uri: &Uri) -> Uri {
    let signs = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        SIGNING.contains(&name.to_ascii_lowercase().as_str())
    };
    let kept: Vec<&str> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !signs(pair))
        .collect();
    let kept = kept.join("&");
    let path = uri.path();
    let text = if kept.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{kept}")
    };
    text.parse().expect("a part of an address is one")
}

/// The body, which breaks off when nothing comes for too long.
fn in_time(body: Incoming) -> Body {
    let pieces = futures_util::stream::unfold(Some(body), |body| async move {
        let mut body = body?;
        match tokio::time::timeout(PIECE_TIME, body.frame()).await {
            Ok(None) => None,
            Ok(Some(Ok(piece))) => Some((Ok(piece), Some(body))),
            Ok(Some(Err(error))) => Some((Err(BodyError::from(error)), None)),
            Err(late) => Some((Err(BodyError::from(late)), None)),
        }
    });
    StreamBody::new(pieces).boxed()
}
