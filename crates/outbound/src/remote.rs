use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws::model::{self, Operation};
use aws::protocol::client;
use aws::{Answer, ApiError, BoxFuture, Call, Service};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Uri, header};
use jiff::Timestamp;
use md5::{Digest as _, Md5};

use crate::sign::{Scope, sign};
use crate::{Client, Limits};

/// In whose name requests are signed.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `AKIA…`
    pub access_key: String,
    /// Never shown.
    pub secret_key: String,
    /// Of temporary credentials.
    pub session_token: Option<String>,
}

impl Default for Credentials {
    /// What emulators take and AWS refuses.
    fn default() -> Self {
        Self {
            access_key: "test".into(),
            secret_key: "test".into(),
            session_token: None,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key", &self.access_key)
            .finish_non_exhaustive()
    }
}

/// Where a service lives, and how it is called there.
#[derive(Clone, Debug)]
pub struct Endpoint {
    url: Uri,
    pub(crate) credentials: Credentials,
    pub(crate) region: Option<String>,
}

/// The endpoint can't be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not `http://host[:port][/path]` or the same with `https`.
    #[error("`{0}` is not a URL such as https://minio.local:9000")]
    Url(String),
    /// A credential or the region has characters that no header takes.
    #[error("the {0} has characters that can't be sent")]
    Text(&'static str),
}

impl Endpoint {
    /// An endpoint by its URL; requests are signed by `credentials` for `region`, or for the region of the call.
    ///
    /// # Errors
    /// See [`EndpointError`].
    pub fn new(
        url: &str,
        credentials: Credentials,
        region: Option<String>,
    ) -> Result<Self, EndpointError> {
        let refuse = || EndpointError::Url(url.into());
        let parsed: Uri = url.parse().map_err(|_| refuse())?;
        let plain = parsed.authority().is_some_and(|authority| {
            !authority.host().is_empty() && !authority.as_str().contains('@')
        });
        if !plain
            || !matches!(parsed.scheme_str(), Some("http" | "https"))
            || parsed.query().is_some()
        {
            return Err(refuse());
        }
        let sendable = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        for (name, text) in [
            ("access key", Some(&credentials.access_key)),
            ("session token", credentials.session_token.as_ref()),
            ("region", region.as_ref()),
        ] {
            if !text.is_none_or(|text| sendable(text)) {
                return Err(EndpointError::Text(name));
            }
        }
        Ok(Self {
            url: parsed,
            credentials,
            region,
        })
    }

    /// `https://minio.local:9000/`
    pub fn url(&self) -> &Uri {
        &self.url
    }

    /// The whole address of a request that has a path. AWS's own hosts have a prefix for some operations.
    pub(crate) fn address(
        &self,
        request: &Uri,
        prefix: Option<String>,
    ) -> Result<Uri, http::Error> {
        let host = self.url.host().unwrap_or_default();
        let authority = self
            .url
            .authority()
            .map_or("", |authority| authority.as_str());
        let is_aws = host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn");
        let prefix = prefix.filter(|_| is_aws).unwrap_or_default();
        let base = self.url.path().trim_end_matches('/');
        let path = request.path_and_query().map_or("/", PathAndQuery::as_str);
        Uri::builder()
            .scheme(self.url.scheme_str().unwrap_or("https"))
            .authority(format!("{prefix}{authority}"))
            .path_and_query(format!("{base}{path}"))
            .build()
    }
}

/// A service of AWS's that lives elsewhere: in AWS, in MinIO, in an emulator, in another Canter.
pub struct Remote {
    id: &'static str,
    endpoint: Endpoint,
    client: Client,
}

impl Remote {
    /// The service of that id, which has a model.
    pub fn new(id: &'static str, endpoint: Endpoint, client: Client) -> Self {
        Self {
            id,
            endpoint,
            client,
        }
    }

    async fn answer(&self, call: Call) -> Result<Answer, ApiError> {
        let known = model::service(self.id)
            .and_then(|model| Some((model, model.operation(&call.operation)?)));
        let Some((model, operation)) = known else {
            return Err(ApiError::unknown_operation(&call.operation));
        };
        let region = Arc::clone(&call.caller.region);
        let prefix = client::host_prefix(operation, &call.input);
        let mut request = client::encode(model, operation, call)?;
        let address = self.endpoint.address(request.uri(), prefix);
        *request.uri_mut() = address.map_err(|error| ApiError::validation(error.to_string()))?;
        add_checksum(operation, &mut request);
        let scope = Scope {
            region: self.endpoint.region.as_deref().unwrap_or(&region),
            service: &model.signing_name,
        };
        sign(
            &mut request,
            &self.endpoint.credentials,
            &scope,
            Timestamp::now(),
        );
        let agent = HeaderValue::from_static(concat!("canter/", env!("CARGO_PKG_VERSION")));
        request.headers_mut().insert(header::USER_AGENT, agent);
        let limits = Limits {
            time: time(self.id, &operation.name),
            ..self.client.limits()
        };
        let answered = self.client.with_limits(limits).send(request).await;
        let response = answered.map_err(|error| {
            tracing::warn!(service = self.id, operation = &*operation.name, url = %self.endpoint.url, %error, "a service elsewhere can't be reached");
            ApiError::on_this_side(format!("Unable to execute HTTP request: {error}"))
        })?;
        let status = response.status().as_u16();
        tracing::debug!(service = self.id, operation = &*operation.name, url = %self.endpoint.url, status, "answered elsewhere");
        client::decode(model, operation, response)
    }
}

impl Service for Remote {
    fn id(&self) -> &'static str {
        self.id
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(self.answer(call))
    }
}

/// How long an operation may take: those that wait by their nature as long as AWS lets them, and a little to tell.
fn time(service: &str, operation: &str) -> Duration {
    match (service, operation) {
        ("lambda", "Invoke") => Duration::from_secs(15 * 60 + 10),
        ("states", "StartSyncExecution" | "TestState") => Duration::from_secs(5 * 60 + 10),
        ("states", "GetActivityTask") => Duration::from_secs(70),
        _ => Limits::default().time,
    }
}

/// S3 refuses some requests whose body has no checksum, and any that says which checksum it has and does not have it.
fn add_checksum(operation: &Operation, request: &mut Request<Bytes>) {
    const ALGORITHM: &str = "x-amz-sdk-checksum-algorithm";
    const ABOUT: [&str; 3] = [
        "x-amz-checksum-algorithm",
        "x-amz-checksum-mode",
        "x-amz-checksum-type",
    ];
    let given = request.headers().keys().any(|name| {
        let name = name.as_str();
        name.starts_with("x-amz-checksum-") && !ABOUT.contains(&name)
    });
    if given {
        return;
    }
    let body = request.body().clone();
    let headers = request.headers_mut();
    let value = |text: String| HeaderValue::from_str(&text).expect("base64 is plain text");
    if headers.contains_key(ALGORITHM) {
        let sum = crc32fast::hash(&body).to_be_bytes();
        headers.insert(ALGORITHM, HeaderValue::from_static("CRC32"));
        headers.insert("x-amz-checksum-crc32", value(STANDARD.encode(sum)));
    } else if operation.checksum_required && !headers.contains_key("content-md5") {
        headers.insert("content-md5", value(STANDARD.encode(Md5::digest(&body))));
    }
}
