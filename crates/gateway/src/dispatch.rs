//! One request from its head to its answer.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use aws::model::{Operation, Protocol, ServiceModel};
use aws::{ApiError, Body, Call, Caller, HttpService, RequestId, empty_body, full_body};
use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::auth::{self, Credentials, Payload, Wording};
use crate::metrics::{Label, Metrics};
use crate::route::{Route, into_path_style, route};
use crate::{Config, Console, Doors, PageMount, door, pages};

pub(crate) struct Gateway {
    pub(crate) config: Config,
    pub(crate) doors: Doors,
    pub(crate) metrics: Metrics,
    pub(crate) started: Instant,
    address: SocketAddr,
    stopped: watch::Receiver<bool>,
}

/// An answer and what it is counted as.
struct Outcome {
    service: &'static str,
    operation: Cow<'static, str>,
    code: Cow<'static, str>,
    response: Response<Body>,
}

impl Outcome {
    fn page(response: Response<Body>) -> Self {
        Self::http("gateway", response)
    }

    fn http(service: &'static str, response: Response<Body>) -> Self {
        let status = response.status();
        let code = if status.as_u16() < 400 {
            "OK".into()
        } else {
            status.as_u16().to_string().into()
        };
        Self {
            service,
            operation: "".into(),
            code,
            response,
        }
    }
}

impl Gateway {
    pub(crate) fn new(
        config: Config,
        doors: Doors,
        address: SocketAddr,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        Self {
            config,
            doors,
            metrics: Metrics::default(),
            started: Instant::now(),
            address,
            stopped,
        }
    }

    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let began = Instant::now();
        let request_id = RequestId(uuid::Uuid::new_v4().to_string().into());
        let (parts, body) = request.into_parts();
        let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
        let other_origin = door::other_origin(&parts)
            .filter(|origin| door::allows_origin(&self.config, origin))
            .and_then(|origin| HeaderValue::from_str(origin).ok());
        let mut outcome = self.respond(parts, body, &request_id).await;
        let headers = outcome.response.headers_mut();
        if method == Method::GET && outcome.service != CONSOLE {
            keep_from_the_console(headers);
        }
        if let Some(origin) = other_origin {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::VARY, HeaderValue::from_static("Origin"));
            headers.insert(
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static("*"),
            );
        }
        let took = began.elapsed();
        let status = outcome.response.status().as_u16();
        if status >= 500 {
            tracing::error!(%request_id, service = outcome.service, operation = %outcome.operation, code = %outcome.code, status, ?took, %method, path, "a request failed");
        } else {
            tracing::debug!(%request_id, service = outcome.service, operation = %outcome.operation, code = %outcome.code, status, ?took, %method, path, "answered");
        }
        self.metrics.record(
            Label {
                service: outcome.service,
                operation: outcome.operation,
                code: outcome.code,
            },
            took,
        );
        outcome.response
    }

    async fn respond(&self, parts: Parts, body: Incoming, request_id: &RequestId) -> Outcome {
        let host = match door::host(&parts) {
            Some(host) if door::knows_host(&self.config, self.address, &host) => host,
            host => {
                let name = host.unwrap_or_default();
                return Outcome::page(pages::text(
                    StatusCode::FORBIDDEN,
                    format!(
                        "The host `{name}` is not one that this server answers to. Use localhost or 127.0.0.1, or add the name to the allowed hosts.\n"
                    ),
                ));
            }
        };
        let credentials = Credentials::read(&parts);
        let route = route(&self.config, &self.doors.pages, &parts, &host, &credentials);
        if let Some(response) = self.preflight(&parts) {
            return Outcome::page(response);
        }
        let is_kept_from_pages = !matches!(route, Route::S3 { .. }) && !is_console(&parts);
        if is_kept_from_pages && door::is_foreign(&self.config, &parts) {
            return Outcome::page(foreign());
        }
        if self.is_browser_at_the_door(&parts, &credentials) {
            return Outcome::page(to_console());
        }
        match route {
            Route::Page => {
                let path = parts.uri.path();
                let signed = self.doors.signed.iter();
                match signed.into_iter().find(|it| path.starts_with(it.prefix)) {
                    Some(mount) => self.signed(mount, parts, &credentials, request_id).await,
                    None => self.page(parts, body, request_id).await,
                }
            }
            Route::S3 { bucket } => self.s3(parts, body, bucket, &credentials, request_id).await,
            Route::Api(id) => {
                let content_type = door::header(&parts, "content-type").unwrap_or_default();
                let model = aws::model::spoken(id, content_type)
                    .expect("routes lead to services with a model");
                self.api(model, parts, body, &credentials, request_id).await
            }
            Route::Unknown(name) => {
                let error = match &credentials {
                    Credentials::V4(_) => ApiError::unknown_operation(&name),
                    _ => ApiError::new(
                        "UnknownOperationException",
                        format!("There is no service for {name}."),
                    ),
                };
                let response = aws::protocol::encode_unrouted_error(&parts, &error, request_id);
                Outcome {
                    service: "unknown",
                    operation: "".into(),
                    code: error.code,
                    response: response.map(full_body),
                }
            }
        }
    }

    /// Whether someone typed the server's address: the console is meant, not S3's list of buckets.
    fn is_browser_at_the_door(&self, parts: &Parts, credentials: &Credentials) -> bool {
        parts.method == Method::GET
            && parts.uri.path() == "/"
            && parts.uri.query().is_none()
            && !credentials.are_there()
            && door::header(parts, "accept").is_some_and(|accept| accept.contains("text/html"))
            && self
                .doors
                .pages
                .iter()
                .any(|mount| mount.prefix == Console::PREFIX)
    }

    /// Answers a browser's question for the origins that the one who runs the server allows.
    fn preflight(&self, parts: &Parts) -> Option<Response<Body>> {
        let asked = parts.method == Method::OPTIONS
            && parts
                .headers
                .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let origin = door::other_origin(parts)?;
        if !asked || !door::allows_origin(&self.config, origin) {
            return None;
        }
        let mut response = pages::text(StatusCode::NO_CONTENT, "");
        let headers = response.headers_mut();
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE"),
        );
        let wanted = parts.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
        if let Some(wanted) = wanted {
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
        }
        headers.insert(
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from_static("600"),
        );
        Some(response)
    }

    async fn page(&self, parts: Parts, body: Incoming, request_id: &RequestId) -> Outcome {
        let path = parts.uri.path();
        let reads = parts.method == Method::GET || parts.method == Method::HEAD;
        if reads && let Some(response) = pages::page(self, path) {
            return Outcome::page(response);
        }
        let mount = self.doors.pages.iter().find(|mount| {
            path.starts_with(mount.prefix) || path == mount.prefix.trim_end_matches('/')
        });
        match mount {
            Some(mount) => {
                let caller = Caller::root("000000000000", "us-east-1");
                let service = Arc::clone(&mount.service);
                let request = Request::from_parts(parts, streamed(body));
                let response = self.handle(service, caller, request_id, request).await;
                match response {
                    Ok(response) if mount.prefix == Console::PREFIX => {
                        Outcome::http(CONSOLE, response)
                    }
                    Ok(response) => Outcome::page(response),
                    Err(error) => Outcome::page(pages::text(
                        StatusCode::INTERNAL_SERVER_ERROR,
                        error.message,
                    )),
                }
            }
            None => Outcome::page(pages::text(
                StatusCode::NOT_FOUND,
                "There is no such page.\n",
            )),
        }
    }

    async fn signed(
        &self,
        mount: &PageMount,
        parts: Parts,
        credentials: &Credentials,
        request_id: &RequestId,
    ) -> Outcome {
        let caller = auth::caller(
            &self.config,
            &self.doors.identities,
            &parts,
            credentials,
            Payload::Whole(b""),
            Wording::Json,
            jiff::Timestamp::now(),
        );
        let answer = match caller {
            Ok(caller) => {
                let service = Arc::clone(&mount.service);
                let request = Request::from_parts(parts.clone(), empty_body());
                self.handle(service, caller, request_id, request).await
            }
            Err(error) => Err(error),
        };
        let refuse = |error| aws::protocol::encode_unrouted_error(&parts, &error, request_id);
        Outcome::page(answer.unwrap_or_else(|error| refuse(error).map(full_body)))
    }

    async fn s3(
        &self,
        mut parts: Parts,
        body: Incoming,
        bucket: Option<String>,
        credentials: &Credentials,
        request_id: &RequestId,
    ) -> Outcome {
        let refuse = |parts: &Parts, error: &ApiError| Outcome {
            service: "s3",
            operation: "".into(),
            code: error.code.clone(),
            response: aws::protocol::s3_error(error, parts.uri.path(), request_id).map(full_body),
        };
        let Some(service) = self.doors.s3.clone() else {
            let error = ApiError::new("NotImplemented", "This server has no S3.").with_status(501);
            return refuse(&parts, &error);
        };
        let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(&parts.method);
        let foreign = door::is_foreign(&self.config, &parts);
        // DIVERGENCE: a browser's form upload, whose policy and signature are in the form, is refused: any page could send
        // one, and nothing here checks them yet.
        let caller = if !credentials.are_there() && reads {
            Ok(auth::anonymous())
        } else {
            auth::caller(
                &self.config,
                &self.doors.identities,
                &parts,
                credentials,
                Payload::Streamed,
                Wording::S3,
                jiff::Timestamp::now(),
            )
        };
        let caller = match caller {
            Ok(caller) => caller,
            Err(error) => return refuse(&parts, &error),
        };
        if let Some(bucket) = bucket {
            match into_path_style(&parts.uri, &bucket) {
                Some(uri) => parts.uri = uri,
                None => {
                    return refuse(
                        &parts,
                        &ApiError::new("InvalidURI", "Couldn't parse the specified URI."),
                    );
                }
            }
        }
        if foreign
            && !reads
            && !self
                .bucket_allows(&service, &caller, &parts, request_id)
                .await
        {
            return Outcome::http("s3", self::foreign());
        }
        let error_parts = parts.clone();
        let request = Request::from_parts(parts, streamed(body));
        match self.handle(service, caller, request_id, request).await {
            Ok(mut response) => {
                let headers = response.headers_mut();
                if let Ok(id) = HeaderValue::from_str(&request_id.0) {
                    headers.entry("x-amz-request-id").or_insert(id);
                }
                Outcome::http("s3", response)
            }
            Err(error) => refuse(&error_parts, &error),
        }
    }

    /// Asks S3, as a browser would, whether the bucket's CORS rules allow a page's request. A page can send some
    /// requests without asking first, and where signatures are not checked it could make them up.
    async fn bucket_allows(
        &self,
        service: &Arc<dyn HttpService>,
        caller: &Caller,
        parts: &Parts,
        request_id: &RequestId,
    ) -> bool {
        let Some(origin) = parts.headers.get(header::ORIGIN) else {
            return false;
        };
        let mut question = Request::new(empty_body());
        *question.method_mut() = Method::OPTIONS;
        *question.uri_mut() = parts.uri.clone();
        let headers = question.headers_mut();
        headers.insert(header::ORIGIN, origin.clone());
        if let Ok(method) = HeaderValue::from_str(parts.method.as_str()) {
            headers.insert(header::ACCESS_CONTROL_REQUEST_METHOD, method);
        }
        if let Some(host) = parts.headers.get(header::HOST) {
            headers.insert(header::HOST, host.clone());
        }
        let answer = self
            .handle(Arc::clone(service), caller.clone(), request_id, question)
            .await;
        answer.is_ok_and(|response| {
            let allowed = response.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
            response.status().is_success()
                && allowed.is_some_and(|allowed| allowed == "*" || allowed == origin)
        })
    }

    /// Lets an HTTP service answer, in a task of its own, so that its panic is its own.
    async fn handle(
        &self,
        service: Arc<dyn HttpService>,
        caller: Caller,
        request_id: &RequestId,
        request: Request<Body>,
    ) -> Result<Response<Body>, ApiError> {
        let id = request_id.clone();
        let task = tokio::spawn(async move { service.handle(caller, id, request).await });
        task.await.map_err(|error| panicked(request_id, &error))
    }

    async fn api(
        &self,
        model: &'static ServiceModel,
        parts: Parts,
        body: Incoming,
        credentials: &Credentials,
        request_id: &RequestId,
    ) -> Outcome {
        let mut operation = None;
        let result = self
            .call(model, &parts, body, credentials, request_id, &mut operation)
            .await;
        let name = operation.map_or("", |operation: &Operation| &operation.name);
        match result {
            Ok(response) => Outcome {
                service: model.id,
                operation: name.into(),
                code: "OK".into(),
                response: response.map(full_body),
            },
            Err(error) => Outcome {
                service: model.id,
                operation: name.into(),
                code: error.code.clone(),
                response: aws::protocol::encode_error(model, &error, request_id).map(full_body),
            },
        }
    }

    async fn call(
        &self,
        model: &'static ServiceModel,
        parts: &Parts,
        body: Incoming,
        credentials: &Credentials,
        request_id: &RequestId,
        operation: &mut Option<&'static Operation>,
    ) -> Result<Response<Bytes>, ApiError> {
        let wording = match model.protocol {
            Protocol::Query => Wording::Query,
            Protocol::AwsJson | Protocol::RestJson | Protocol::RestXml => Wording::Json,
        };
        let caller = |payload| {
            auth::caller(
                &self.config,
                &self.doors.identities,
                parts,
                credentials,
                payload,
                wording,
                jiff::Timestamp::now(),
            )
        };
        // Who has no credentials at all shall not make us read a body.
        if !matches!(credentials, Credentials::V4(_)) {
            caller(Payload::Whole(b""))?;
        }
        if model.protocol != Protocol::Query {
            *operation = Some(aws::protocol::find_operation(model, parts, b"")?);
        }
        let name = operation.map_or("", |operation| &*operation.name);
        let body = self
            .read(body, body_bytes_max(model.id, name), model.id, name)
            .await?;
        let caller = caller(Payload::Whole(&body))?;
        let found = match *operation {
            Some(operation) => operation,
            None => aws::protocol::find_operation(model, parts, &body)?,
        };
        *operation = Some(found);
        // An image in a page is a GET; only what reads may be asked that way.
        let reads = ["Get", "List", "Describe"]
            .iter()
            .any(|prefix| found.name.starts_with(prefix));
        if model.protocol == Protocol::Query && parts.method == Method::GET && !reads {
            return Err(ApiError::new(
                "InvalidAction",
                format!("{} needs a POST request", found.name),
            ));
        }
        let (input, body) = aws::protocol::decode(model, found, parts, body, self.config.quotas)?;
        let call = Call {
            caller,
            request_id: request_id.clone(),
            service: model.id,
            operation: found.name.to_string(),
            input,
            body,
        };
        let base_url = door::header(parts, "host").map(|host| format!("http://{host}"));
        let answer = self.invoke(call, base_url).await?;
        Ok(aws::protocol::encode(model, found, answer, request_id))
    }

    /// Calls the service in a task of its own: a panic there is one request's failure, and a client that goes away
    /// does not cut a change in half. `base_url` is how the client reached us, if it says.
    async fn invoke(&self, call: Call, base_url: Option<String>) -> Result<aws::Answer, ApiError> {
        let registry = self.doors.registry.clone();
        let request_id = call.request_id.clone();
        let is_long_poll = LONG_POLLS.contains(&(call.service, &call.operation));
        let task = tokio::spawn(async move {
            match base_url {
                Some(base_url) => registry.call_at(call, &base_url).await,
                None => registry.call(call).await,
            }
        });
        if !is_long_poll {
            return task.await.map_err(|error| panicked(&request_id, &error))?;
        }
        // Nobody is there to take what a poll brings when its client has gone or the server stops.
        let mut task = AbortOnDrop(task);
        let mut stopped = self.stopped.clone();
        tokio::select! {
            joined = &mut task.0 => joined.map_err(|error| panicked(&request_id, &error))?,
            () = crate::server::stop_asked(&mut stopped) => Err(ApiError::new(
                "ServiceUnavailable",
                "The request has failed due to a temporary failure of the server.",
            )
            .with_status(503)),
        }
    }

    /// The whole of a bounded body.
    async fn read(
        &self,
        body: Incoming,
        bytes_max: usize,
        service: &str,
        operation: &str,
    ) -> Result<Bytes, ApiError> {
        tokio::time::timeout(self.config.limits.body_time, read_bounded(body, bytes_max))
            .await
            .map_err(|_| {
                ApiError::new("RequestTimeout", "The request body did not arrive in time.")
                    .with_status(408)
            })?
            .map_err(|error| match error {
                ReadError::TooLarge => too_large(service, operation, bytes_max),
                ReadError::Broken => ApiError::new(
                    "IncompleteBody",
                    "The request body ended before its length.",
                ),
            })
    }
}

/// Operations that wait for something to come; they are given up when the client goes or the server stops.
const LONG_POLLS: [(&str, &str); 2] = [("states", "GetActivityTask"), ("sqs", "ReceiveMessage")];

struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

const MIB: usize = 1024 * 1024;

/// The largest body of an operation.
fn body_bytes_max(service: &str, operation: &str) -> usize {
    match (service, operation) {
        // AWS's own numbers: a synchronous payload, and a 50 MB archive in base64.
        ("lambda", "Invoke" | "InvokeWithResponseStream") => 6 * MIB,
        ("lambda", "CreateFunction" | "UpdateFunctionCode" | "PublishLayerVersion") => 69_905_067,
        // Two images of 5 MB in base64.
        ("rekognition", "CompareFaces") => 15 * MIB,
        ("dynamodb", _) => 16 * MIB,
        // One image; a definition of 1 MiB whose quotes are escaped, and what goes with it in TestState; a batch of log
        // events of 1 MiB, escaped likewise.
        ("rekognition" | "states", _) | ("logs", "PutLogEvents") => 8 * MIB,
        // Messages of 1 MiB in all, of which each letter may take six in JSON.
        ("sqs", "SendMessage" | "SendMessageBatch" | "") => 7 * MIB,
        _ => 2 * MIB,
    }
}

fn too_large(service: &str, operation: &str, bytes_max: usize) -> ApiError {
    let (code, operation) = match (service, operation) {
        ("lambda", "Invoke") => ("RequestTooLargeException", "InvokeFunction"),
        (_, "") => ("RequestEntityTooLargeException", "requested"),
        (_, operation) => ("RequestEntityTooLargeException", operation),
    };
    let text =
        format!("Request must be smaller than {bytes_max} bytes for the {operation} operation");
    ApiError::new(code, text).with_status(413)
}

enum ReadError {
    TooLarge,
    Broken,
}

/// How much of a body that is too large is read and thrown away, so that the client hears the answer.
const DISCARD_BYTES_MAX: usize = 128 * MIB;

async fn read_bounded(mut body: Incoming, bytes_max: usize) -> Result<Bytes, ReadError> {
    let expected = body.size_hint().exact().unwrap_or(0) as usize;
    let mut whole = BytesMut::with_capacity(expected.min(bytes_max));
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(ReadError::Broken);
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        seen += data.len();
        if seen <= bytes_max {
            whole.extend_from_slice(&data);
        } else {
            whole = BytesMut::new();
        }
        if seen > DISCARD_BYTES_MAX {
            break;
        }
    }
    if seen > bytes_max {
        return Err(ReadError::TooLarge);
    }
    Ok(whole.freeze())
}

fn streamed(body: Incoming) -> Body {
    body.map_err(|error| Box::new(error) as aws::BodyError)
        .boxed()
}

/// What the console's answers are counted as.
const CONSOLE: &str = "console";

/// What people put into buckets, packages and messages comes from the origin on which the console keeps its access key.
///
/// A browser gives a page among it an origin of its own and runs no scripts in it, and takes nothing for a page that
/// does not say it is one. Pictures, downloads and what a script fetches are as they were.
// DIVERGENCE: AWS's services have origins of their own, and their answers no such headers.
fn keep_from_the_console(headers: &mut HeaderMap) {
    // Beside a policy of a server elsewhere, each of them holds.
    headers.append(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
}

/// The console's files are the same for everyone and do nothing by themselves; a link to a page of it, in a mail or a wiki,
/// may be followed. Frames are refused by its own headers.
fn is_console(parts: &Parts) -> bool {
    parts.method == Method::GET
        && parts.uri.path().starts_with(Console::PREFIX)
        && door::header(parts, "sec-fetch-mode") == Some("navigate")
}

fn to_console() -> Response<Body> {
    let mut response = pages::text(StatusCode::FOUND, "");
    // Relative, so that it leads to the right place behind a proxy's prefix too.
    response
        .headers_mut()
        .insert(header::LOCATION, HeaderValue::from_static("console/"));
    response
}

fn foreign() -> Response<Body> {
    pages::text(
        StatusCode::FORBIDDEN,
        "Pages of other origins may not call this server. Allow the origin with --allow-origin if it is yours.\n",
    )
}

fn panicked(request_id: &RequestId, error: &tokio::task::JoinError) -> ApiError {
    tracing::error!(%request_id, %error, "a service did not survive a request");
    ApiError::internal(
        "The request processing has failed because of an unknown error, exception or failure.",
    )
}
