//! One connection to a server, one request at a time.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// Longer than a peer takes for its slowest scenario.
const CALL_TIME_MAX: Duration = Duration::from_mins(5);

/// How requests name who calls; servers that check signatures are not measured.
const CREDENTIAL: &str = "AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1";
const SIGNATURE: &str = "aws4_request, SignedHeaders=host;x-amz-date, Signature=0000000000000000000000000000000000000000000000000000000000000000";

/// A service's protocol: its name in the credential scope, and the prefix of its targets.
#[derive(Clone, Copy)]
pub(crate) struct Json(&'static str, &'static str);

pub(crate) const STATES: Json = Json("states", "AWSStepFunctions");
pub(crate) const REKOGNITION: Json = Json("rekognition", "RekognitionService");

/// A connection that is kept alive, and opened again where the server closes it after an answer.
pub(crate) struct Connection {
    authority: String,
    /// After which executions that were begun here have usually ended: asking before only costs the server.
    pub(crate) patience: Duration,
    /// Whether executions that are begun here are named: of other servers, one takes a second one without a name for
    /// the first.
    pub(crate) names: bool,
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    /// Connects to `http://host:port`.
    pub(crate) async fn open(endpoint: &str) -> Result<Self> {
        let authority = endpoint
            .strip_prefix("http://")
            .with_context(|| format!("`{endpoint}` is not an http:// URL"))?
            .trim_end_matches('/')
            .to_owned();
        let sender = connect(&authority).await?;
        Ok(Self {
            authority,
            patience: Duration::ZERO,
            names: false,
            sender,
        })
    }

    /// Calls an operation of a JSON protocol; its answer's text.
    pub(crate) async fn call(&mut self, of: Json, operation: &str, input: String) -> Result<Bytes> {
        let target = format!("{}.{operation}", of.1);
        let content_type = if of.0 == "states" {
            "application/x-amz-json-1.0"
        } else {
            "application/x-amz-json-1.1"
        };
        let request = self
            .request("POST", "/", of.0)
            .header("content-type", content_type)
            .header("x-amz-target", target);
        let (status, body) = self.send(request.body(Full::from(input))?).await?;
        ensure!(
            status.is_success(),
            "{operation}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        Ok(body)
    }

    /// The same with the answer read.
    pub(crate) async fn json(&mut self, of: Json, operation: &str, input: &Value) -> Result<Value> {
        let answer = self.call(of, operation, input.to_string()).await?;
        serde_json::from_slice(&answer)
            .with_context(|| format!("{operation}: the answer is no JSON"))
    }

    /// A request of a REST protocol.
    pub(crate) async fn rest(
        &mut self,
        service: &str,
        method: &str,
        path: &str,
        body: impl Into<Bytes>,
    ) -> Result<Bytes> {
        let request = self
            .request(method, path, service)
            .header("content-type", "application/json")
            .header("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        let (status, body) = self.send(request.body(Full::new(body.into()))?).await?;
        ensure!(
            status.is_success(),
            "{method} {path}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        Ok(body)
    }

    /// Numbers in one reading of `/metrics`; none of a server that does not tell one.
    pub(crate) async fn metrics<const N: usize>(
        &mut self,
        names: [&str; N],
    ) -> Result<[Option<f64>; N]> {
        let request = http::Request::get("/metrics").header("host", &self.authority);
        let (status, text) = self.send(request.body(Full::default())?).await?;
        if !status.is_success() {
            return Ok([None; N]);
        }
        let text = std::str::from_utf8(&text)?;
        Ok(names.map(|name| {
            let mut lines = text.lines().filter_map(|line| line.split_once(' '));
            let (_, value) = lines.find(|(found, _)| *found == name)?;
            value.trim().parse().ok()
        }))
    }

    fn request(&self, method: &str, path: &str, service: &str) -> http::request::Builder {
        http::Request::builder()
            .method(method)
            .uri(path)
            .header("host", &self.authority)
            .header("x-amz-date", "20260101T000000Z")
            .header(
                "authorization",
                format!("{CREDENTIAL}/{service}/{SIGNATURE}"),
            )
    }

    async fn send(
        &mut self,
        request: http::Request<Full<Bytes>>,
    ) -> Result<(http::StatusCode, Bytes)> {
        let answered = tokio::time::timeout(CALL_TIME_MAX, async {
            if self.sender.ready().await.is_err() {
                self.sender = connect(&self.authority).await?;
            }
            let response = self.sender.send_request(request).await?;
            let status = response.status();
            Ok::<_, anyhow::Error>((status, response.into_body().collect().await?.to_bytes()))
        });
        match answered.await {
            Ok(answer) => answer.context("the server closed the connection"),
            Err(_) => bail!("no answer within {} s", CALL_TIME_MAX.as_secs()),
        }
    }
}

async fn connect(authority: &str) -> Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(authority).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::task::spawn_local(async move {
        // A connection that breaks is told by the request that needed it.
        let _ = connection.await;
    });
    Ok(sender)
}
