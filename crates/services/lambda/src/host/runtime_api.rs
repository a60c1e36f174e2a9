//! The Lambda Runtime API, version 2018-06-01, for one process: its own listener on loopback, so that no function can
//! take another's events. <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinSet;

use super::RESPONSE_BYTES_MAX;

const PREFIX: &str = "/2018-06-01/runtime/";
/// Past the largest answer a body is still read, and dropped, so that the function hears the refusal; but not for ever.
const DRAIN_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Connections that one process may hold open. Runtimes use one or two.
const CONNECTIONS_MAX: usize = 64;

/// An event on its way to the process.
pub(super) struct Offer {
    pub(super) request_id: Arc<str>,
    pub(super) deadline_milliseconds: i64,
    pub(super) invoked_arn: String,
    pub(super) trace_id: String,
    pub(super) client_context: Option<String>,
    pub(super) payload: Bytes,
}

/// What the process said of its event, or of its start.
#[derive(Debug, PartialEq)]
pub(super) enum Reply {
    Success(Bytes),
    Failure(Bytes),
    /// It never became ready: what it posted to `init/error`.
    InitFailure(Bytes),
    TooLarge,
}

/// How far the process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Starting,
    /// It has asked for its first event.
    Ready,
    /// It has reported that it can't start.
    Failed,
}

/// The process's side of the API.
pub(super) struct RuntimeApi {
    state: Mutex<State>,
    offered: Notify,
    phase: watch::Sender<Phase>,
    connections: watch::Sender<usize>,
}

#[derive(Default)]
struct State {
    offer: Option<Offer>,
    /// The event in hand, and who waits for its outcome.
    pending: Option<(Arc<str>, oneshot::Sender<Reply>)>,
    init_failure: Option<Bytes>,
}

impl RuntimeApi {
    /// Listens; the server ends when the returned set is dropped.
    pub(super) async fn listen() -> std::io::Result<(Arc<Self>, SocketAddr, JoinSet<()>)> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let api = Arc::new(Self {
            state: Mutex::default(),
            offered: Notify::new(),
            phase: watch::channel(Phase::Starting).0,
            connections: watch::channel(0).0,
        });
        let mut server = JoinSet::new();
        server.spawn(accept(Arc::clone(&api), listener));
        Ok((api, address, server))
    }

    pub(super) fn phase(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    pub(super) fn init_failure(&self) -> Option<Bytes> {
        self.lock().init_failure.take()
    }

    /// Puts an event where the process's next poll finds it.
    pub(super) fn offer(&self, offer: Offer) -> oneshot::Receiver<Reply> {
        let (tell, told) = oneshot::channel();
        {
            let mut state = self.lock();
            state.pending = Some((Arc::clone(&offer.request_id), tell));
            state.offer = Some(offer);
        }
        self.offered.notify_one();
        told
    }

    /// Takes back an event that the process has not fetched; false if it has.
    pub(super) fn withdraw(&self) -> bool {
        let mut state = self.lock();
        let untaken = state.offer.take().is_some();
        if untaken {
            state.pending = None;
        }
        untaken
    }

    /// Resolves when all that the process sent before it closed its connections has been dealt with.
    pub(super) async fn settled(&self) {
        // The sender lives in `self`, so that waiting can't fail.
        let _ = self
            .connections
            .subscribe()
            .wait_for(|open| *open == 0)
            .await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }

    async fn answer<B>(&self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let path = request.uri().path();
        let Some(rest) = path.strip_prefix(PREFIX) else {
            return refusal(StatusCode::NOT_FOUND, "NotFound", "no such path");
        };
        let mut parts = rest.split('/');
        let parts = (parts.next(), parts.next(), parts.next(), parts.next());
        match (request.method(), parts) {
            (&Method::GET, (Some("invocation"), Some("next"), None, None)) => self.next().await,
            (&Method::POST, (Some("invocation"), Some(id), Some("response"), None)) => {
                let id = id.to_owned();
                match collect(request.into_body()).await {
                    Collected::Whole(body) => self.reply(&id, Reply::Success(body)),
                    Collected::TooLarge => {
                        self.reply(&id, Reply::TooLarge);
                        refusal(
                            StatusCode::PAYLOAD_TOO_LARGE,
                            "RequestEntityTooLarge",
                            &format!(
                                "Exceeded maximum allowed payload size ({RESPONSE_BYTES_MAX} bytes)."
                            ),
                        )
                    }
                    Collected::Broken => refusal(
                        StatusCode::BAD_REQUEST,
                        "InvalidBody",
                        "the body ended early",
                    ),
                }
            }
            (&Method::POST, (Some("invocation"), Some(id), Some("error"), None)) => {
                let id = id.to_owned();
                let kind = error_type(request.headers());
                match collect(request.into_body()).await {
                    Collected::Whole(body) => self.reply(&id, Reply::Failure(or_type(body, &kind))),
                    Collected::TooLarge => self.reply(&id, Reply::TooLarge),
                    Collected::Broken => refusal(
                        StatusCode::BAD_REQUEST,
                        "InvalidBody",
                        "the body ended early",
                    ),
                }
            }
            (&Method::POST, (Some("init"), Some("error"), None, None)) => {
                let kind = error_type(request.headers());
                match collect(request.into_body()).await {
                    Collected::Whole(body) => self.init_failed(or_type(body, &kind)),
                    Collected::TooLarge | Collected::Broken => {
                        self.init_failed(or_type(Bytes::new(), &kind))
                    }
                }
            }
            _ => refusal(StatusCode::NOT_FOUND, "NotFound", "no such path"),
        }
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        self.phase.send_if_modified(|phase| {
            let first = *phase == Phase::Starting;
            if first {
                *phase = Phase::Ready;
            }
            first
        });
        loop {
            // A permit that is there already is no loss: the look comes after it.
            let offered = self.offered.notified();
            if let Some(offer) = self.lock().offer.take() {
                return event(offer);
            }
            offered.await;
        }
    }

    fn reply(&self, request_id: &str, reply: Reply) -> Response<Full<Bytes>> {
        let pending = {
            let mut state = self.lock();
            let fetched = state.offer.is_none();
            state
                .pending
                .take_if(|(id, _)| fetched && **id == *request_id)
        };
        match pending {
            Some((_, tell)) => {
                // The time limit may have passed at this very moment.
                let _ = tell.send(reply);
                accepted()
            }
            None => refusal(
                StatusCode::BAD_REQUEST,
                "InvalidRequestID",
                "Invalid request ID",
            ),
        }
    }

    fn init_failed(&self, error: Bytes) -> Response<Full<Bytes>> {
        let pending = {
            let mut state = self.lock();
            state.offer = None;
            state.init_failure = Some(error.clone());
            state.pending.take()
        };
        if let Some((_, tell)) = pending {
            let _ = tell.send(Reply::InitFailure(error));
        }
        self.phase.send_replace(Phase::Failed);
        accepted()
    }
}

async fn accept(api: Arc<RuntimeApi>, listener: TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors: the process waits in the listener's queue until there are some.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        if connections.len() < CONNECTIONS_MAX {
            api.connections.send_modify(|open| *open += 1);
            connections.spawn(serve(Open(Arc::clone(&api)), stream));
        }
    }
}

/// Counts a connection for as long as it is open.
struct Open(Arc<RuntimeApi>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.connections.send_modify(|open| *open -= 1);
    }
}

async fn serve(open: Open, stream: TcpStream) {
    // Without it the second segment of an answer waits for the first one's acknowledgement.
    let _ = stream.set_nodelay(true);
    let api = &open.0;
    let service = service_fn(move |request: Request<Incoming>| async move {
        Ok::<_, Infallible>(api.answer(request).await)
    });
    // A process that breaks its connection has nothing more to say; what it had in hand ends with the process.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

enum Collected {
    Whole(Bytes),
    TooLarge,
    Broken,
}

async fn collect(mut body: impl Body<Data = Bytes> + Unpin) -> Collected {
    let mut first: Option<Bytes> = None;
    let mut whole = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Collected::Broken;
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        length += data.len();
        if length > DRAIN_BYTES_MAX {
            return Collected::TooLarge;
        }
        if length <= RESPONSE_BYTES_MAX {
            // A small answer comes in one piece and is not copied.
            if let Some(first) = first.take() {
                whole.extend_from_slice(&first);
            }
            if whole.is_empty() {
                first = Some(data);
            } else {
                whole.extend_from_slice(&data);
            }
        }
    }
    if length > RESPONSE_BYTES_MAX {
        Collected::TooLarge
    } else {
        Collected::Whole(first.unwrap_or_else(|| whole.freeze()))
    }
}

fn event(offer: Offer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(offer.payload));
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    set(headers, "lambda-runtime-aws-request-id", &offer.request_id);
    set(
        headers,
        "lambda-runtime-deadline-ms",
        &offer.deadline_milliseconds.to_string(),
    );
    set(
        headers,
        "lambda-runtime-invoked-function-arn",
        &offer.invoked_arn,
    );
    set(headers, "lambda-runtime-trace-id", &offer.trace_id);
    if let Some(context) = &offer.client_context {
        set(headers, "lambda-runtime-client-context", context);
    }
    response
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    // Text from outside was checked for what a header can't hold where it came in.
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

fn accepted() -> Response<Full<Bytes>> {
    json(StatusCode::ACCEPTED, r#"{"status":"OK"}"#.into())
}

fn refusal(status: StatusCode, kind: &str, message: &str) -> Response<Full<Bytes>> {
    let error = serde_json::json!({ "errorMessage": message, "errorType": kind });
    json(status, error.to_string())
}

fn json(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert("content-type", HeaderValue::from_static("application/json"));
    response
}

fn error_type(headers: &HeaderMap) -> String {
    headers
        .get("lambda-runtime-function-error-type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or("Runtime.Unknown")
        .to_owned()
}

/// The error that was posted; without one, its type alone.
fn or_type(body: Bytes, kind: &str) -> Bytes {
    if body.is_empty() {
        serde_json::json!({ "errorType": kind }).to_string().into()
    } else {
        body
    }
}
