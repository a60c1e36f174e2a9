//! Live updates over HTTP, of our own: the events of an execution as they are committed, and a bell for a state
//! machine's list of executions, as server-sent events (HTML standard, 9.2).
//!
//! A stream holds no events: it waits for a bell and then reads what was committed where it stands, so that a reader
//! that comes again, or is slow, misses nothing and costs nobody else anything.

use std::sync::Arc;
use std::time::Duration;

use aws::{ApiError, Body, BodyError, BoxFuture, Caller, HttpService, RequestId, full_body};
use bytes::Bytes;
use engine::{Event, HistoryEvent};
use futures_util::stream;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use runtime::{Runtime, Watch};
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::{error, model, name};

/// What all paths of streams begin with.
pub const STREAMS_PATH: &str = "/_canter/";

const EXECUTION_EVENTS: &str = "/_canter/execution-events";
const STATE_MACHINE_EVENTS: &str = "/_canter/state-machine-events";

/// Streams at a time. Each holds a connection, and up to 5 MiB of events while its reader takes them.
const STREAMS_MAX: usize = 128;

/// Events read at a time, of a quarter of a megabyte at the most.
const PAGE_EVENTS: usize = 16;

/// They are sent in pieces of about so many bytes.
const PIECE_BYTES: usize = 64 << 10;

/// Something is sent so often, so that proxies and readers see that the stream is alive (they cut off after a minute,
/// or half of one).
const HEARTBEAT: Duration = Duration::from_secs(15);

/// A reader that takes nothing for so long is left.
const READER_TIME: Duration = Duration::from_secs(30);

/// A list's bell rings no more often.
const LIST_PAUSE: Duration = Duration::from_secs(1);

/// The first words: a reader that lost the connection is to come again after a second.
const HELLO: &str = "retry: 1000\n\n";

/// `GET` of streams.
pub struct StreamDoor {
    runtime: Runtime,
    places: Arc<Semaphore>,
}

impl StreamDoor {
    /// The streams of that runtime.
    pub fn new(runtime: Runtime) -> Self {
        Self {
            runtime,
            places: Arc::new(Semaphore::new(STREAMS_MAX)),
        }
    }

    fn answer(&self, request: &Request<Body>) -> Result<Response<Body>, ApiError> {
        let query = Query(request.uri().query().unwrap_or_default());
        let path = request.uri().path();
        if path != EXECUTION_EVENTS && path != STATE_MACHINE_EVENTS {
            return Err(ApiError::unknown_operation(path).with_status(404));
        }
        if *request.method() != Method::GET {
            let text = format!("{path} is read with GET");
            return Err(ApiError::new("MethodNotAllowed", text).with_status(405));
        }
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| {
            let text = format!("There are {STREAMS_MAX} streams already");
            ApiError::new("ThrottlingException", text).with_status(429)
        })?;
        // One piece waits while the one before is written.
        let (to, body) = mpsc::channel(1);
        let reader = Reader { to, _place: place };
        if path == EXECUTION_EVENTS {
            let arn = query.required("executionArn")?;
            name::execution(&arn)?;
            let asked = query.number("after")?;
            let seen = request.headers().get("last-event-id");
            let seen = seen.and_then(|seen| seen.to_str().ok()?.parse().ok());
            let events = Events {
                watch: self.runtime.watch_execution(&arn).map_err(error::api)?,
                runtime: self.runtime.clone(),
                arn,
                // A reader that comes again asks as it did the first time, and says what it saw last.
                after: asked.max(seen).unwrap_or(0),
                data: query.value("includeExecutionData").as_deref() != Some("false"),
            };
            tokio::spawn(events.tell(reader));
        } else {
            let arn = query.required("stateMachineArn")?;
            name::unqualified(&arn)?;
            let watch = self.runtime.watch_executions(&arn).map_err(error::api)?;
            tokio::spawn(ring(watch, reader));
        }
        Ok(streamed(body))
    }
}

impl HttpService for StreamDoor {
    fn handle(
        &self,
        _caller: Caller,
        request_id: RequestId,
        request: Request<Body>,
    ) -> BoxFuture<'_, Response<Body>> {
        Box::pin(async move {
            let mut response = self
                .answer(&request)
                .unwrap_or_else(|error| refused(&error));
            if let Ok(id) = HeaderValue::from_str(&request_id.0) {
                response.headers_mut().insert("x-amzn-requestid", id);
            }
            response
        })
    }
}

fn refused(error: &ApiError) -> Response<Body> {
    let body = json!({"__type": error.code, "message": error.message});
    let mut response = Response::new(full_body(body.to_string()));
    *response.status_mut() =
        StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = HeaderValue::from_static("application/x-amz-json-1.0");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn streamed(pieces: mpsc::Receiver<Bytes>) -> Response<Body> {
    let pieces = stream::unfold(pieces, |mut pieces| async move {
        let piece = pieces.recv().await?;
        Some((Ok::<_, BodyError>(Frame::data(piece)), pieces))
    });
    let mut response = Response::new(StreamBody::new(pieces).boxed());
    let headers = response.headers_mut();
    let set = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // nginx gathers answers otherwise.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    for (name, value) in set {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The parameters of a query string.
struct Query<'q>(&'q str);

impl Query<'_> {
    fn value(&self, name: &str) -> Option<String> {
        let pairs = self
            .0
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let (_, value) = pairs.into_iter().find(|(known, _)| *known == name)?;
        let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
        Some(value.into_owned())
    }

    fn required(&self, name: &str) -> Result<String, ApiError> {
        self.value(name)
            .ok_or_else(|| ApiError::validation(format!("The parameter {name} is missing")))
    }

    fn number(&self, name: &str) -> Result<Option<u64>, ApiError> {
        let wrong = |_| ApiError::validation(format!("The parameter {name} is not a number"));
        let value = self.value(name);
        value.map(|value| value.parse().map_err(wrong)).transpose()
    }
}

/// Who reads a stream, and its place among those there may be.
struct Reader {
    to: mpsc::Sender<Bytes>,
    _place: OwnedSemaphorePermit,
}

/// The reader has gone, or takes nothing.
struct Gone;

impl Reader {
    async fn send(&self, piece: impl Into<Bytes>) -> Result<(), Gone> {
        let sent = self.to.send_timeout(piece.into(), READER_TIME).await;
        sent.map_err(|_| Gone)
    }

    /// Waits for the bell, and says meanwhile that it does; whether there may be more.
    async fn wait(&self, watch: &mut Watch) -> Result<bool, Gone> {
        loop {
            tokio::select! {
                more = watch.changed() => return Ok(more),
                () = self.to.closed() => return Err(Gone),
                () = tokio::time::sleep(HEARTBEAT) => self.send(":\n\n").await?,
            }
        }
    }
}

/// A history on its way to a reader.
struct Events {
    runtime: Runtime,
    watch: Watch,
    arn: String,
    /// The event that was told last.
    after: u64,
    data: bool,
}

impl Events {
    async fn tell(mut self, reader: Reader) {
        // Whoever has gone needs no word of it.
        let _ = self.told(&reader).await;
    }

    async fn told(&mut self, reader: &Reader) -> Result<(), Gone> {
        reader.send(HELLO).await?;
        loop {
            match self.next() {
                Next::Events(events) => self.send(reader, &events).await?,
                Next::End(status) => {
                    let data = json!({"status": status});
                    return reader.send(format!("event: end\ndata: {data}\n\n")).await;
                }
                Next::Nothing => {
                    if !reader.wait(&mut self.watch).await? {
                        return Ok(());
                    }
                }
                Next::Broken => return Ok(()),
            }
        }
    }

    fn next(&self) -> Next {
        let from = self.after.saturating_add(1);
        let page = self
            .runtime
            .history(&self.arn, Some(from), false, PAGE_EVENTS);
        let Ok(page) = page else {
            return Next::Broken;
        };
        if page.events.is_empty() {
            let newest = self.runtime.history(&self.arn, None, true, 1);
            let newest = newest.ok().and_then(|mut newest| newest.events.pop());
            let end = newest.and_then(|newest| end(&newest.event));
            return end.map_or(Next::Nothing, Next::End);
        }
        Next::Events(page.events)
    }

    async fn send(&mut self, reader: &Reader, events: &[HistoryEvent]) -> Result<(), Gone> {
        let mut text = String::new();
        for event in events {
            self.after = event.id;
            text.push_str(&piece(event, self.data));
            if text.len() > PIECE_BYTES {
                reader.send(std::mem::take(&mut text)).await?;
            }
        }
        if text.is_empty() {
            return Ok(());
        }
        reader.send(text).await
    }
}

enum Next {
    Events(Vec<HistoryEvent>),
    /// With that status, and all is told.
    End(&'static str),
    Nothing,
    /// The history can't be read.
    Broken,
}

/// A JSON text has no line feeds but escaped ones.
fn piece(event: &HistoryEvent, data: bool) -> String {
    let HistoryEvent { id, .. } = event;
    let event = model::history_event(event, data);
    format!("id: {id}\nevent: history\ndata: {event}\n\n")
}

/// The status of an execution that has ended with that event.
fn end(event: &Event) -> Option<&'static str> {
    match event {
        Event::ExecutionSucceeded { .. } => Some("SUCCEEDED"),
        Event::ExecutionFailed { .. } => Some("FAILED"),
        Event::ExecutionTimedOut { .. } => Some("TIMED_OUT"),
        Event::ExecutionAborted { .. } => Some("ABORTED"),
        _ => None,
    }
}

/// Tells that executions began or ended.
async fn ring(mut watch: Watch, reader: Reader) {
    if reader.send(HELLO).await.is_err() {
        return;
    }
    while let Ok(true) = reader.wait(&mut watch).await {
        if reader.send("event: changed\ndata: {}\n\n").await.is_err() {
            return;
        }
        tokio::time::sleep(LIST_PAUSE).await;
    }
}
