//! The mock configuration over HTTP, an operation of our own: docs/mock-configurations.md.

use std::time::Duration;

use aws::{Body, BoxFuture, Caller, HttpService, RequestId, full_body};
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use runtime::{MOCKS_BYTES_MAX, MockConfiguration, Runtime};
use serde_json::json;

/// Where the mock configuration is.
pub const MOCK_PATH: &str = "/_aws/stepfunctions/mock-config";

/// For the whole body of a request.
const BODY_TIME: Duration = Duration::from_mins(1);

/// `GET` gives the mock configuration in force, `POST` puts another one in its place.
pub struct MockDoor {
    runtime: Runtime,
}

impl MockDoor {
    /// The door of that runtime.
    pub fn new(runtime: Runtime) -> Self {
        Self { runtime }
    }

    async fn answer(&self, request: Request<Body>) -> Result<String, (StatusCode, String)> {
        if request.uri().path() != MOCK_PATH {
            return Err((StatusCode::NOT_FOUND, "there is no such page".into()));
        }
        match *request.method() {
            Method::GET | Method::HEAD => {
                let mocks = self.runtime.mocks();
                let text = mocks.text();
                Ok(if text.is_empty() { "{}" } else { text }.to_owned())
            }
            Method::POST | Method::PUT => self.set(request).await,
            _ => Err((
                StatusCode::METHOD_NOT_ALLOWED,
                "the mock configuration is read with GET and set with POST".into(),
            )),
        }
    }

    async fn set(&self, request: Request<Body>) -> Result<String, (StatusCode, String)> {
        // A foreign page can't send JSON without asking first, and is refused then.
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.split(';').next().unwrap_or_default().trim() != "application/json" {
            return Err((
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "a mock configuration has the content type application/json".into(),
            ));
        }
        let bytes = match tokio::time::timeout(BODY_TIME, read(request.into_body())).await {
            Ok(bytes) => bytes.map_err(|why| (StatusCode::BAD_REQUEST, why))?,
            Err(_) => {
                return Err((
                    StatusCode::REQUEST_TIMEOUT,
                    "the body has not come to its end".into(),
                ));
            }
        };
        let refused = |why: String| (StatusCode::BAD_REQUEST, why);
        let text = std::str::from_utf8(&bytes).map_err(|error| refused(error.to_string()))?;
        let mocks = MockConfiguration::parse(text).map_err(|error| refused(error.to_string()))?;
        self.runtime.set_mocks(mocks);
        Ok("{}".into())
    }
}

async fn read(mut body: Body) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| format!("the body can't be read: {error}"))?;
        bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
        if bytes.len() > MOCKS_BYTES_MAX {
            return Err(format!(
                "a mock configuration may have {MOCKS_BYTES_MAX} bytes"
            ));
        }
    }
    Ok(bytes)
}

impl HttpService for MockDoor {
    fn handle(
        &self,
        _caller: Caller,
        _request_id: RequestId,
        request: Request<Body>,
    ) -> BoxFuture<'_, Response<Body>> {
        Box::pin(async move {
            let (status, body) = match self.answer(request).await {
                Ok(body) => (StatusCode::OK, body),
                Err((status, why)) => (status, json!({ "message": why }).to_string()),
            };
            let mut response = Response::new(full_body(body));
            *response.status_mut() = status;
            let json = header::HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
            response
        })
    }
}
