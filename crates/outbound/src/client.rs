use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws::{Body, full_body};
use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// What a call may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the first step of connecting to the last byte of the answer.
    pub time: Duration,
    /// The answer's body.
    pub body_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // The longest that an HTTP Task may take, and about what AWS's SDKs wait for an answer.
            time: Duration::from_mins(1),
            // What S3's door for calls from inside gives at most, and the largest answer of DynamoDB.
            body_bytes_max: 16 << 20,
        }
    }
}

/// For the TCP connection alone: AWS's SDKs wait as long.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// AWS's load balancers close what idles for 20 s and more; a connection is not to be closed while we write to it.
const IDLE_TIME: Duration = Duration::from_secs(15);
/// As many calls of one host as may well be under way at once; further connections are closed after use.
const IDLE_CONNECTIONS_MAX: usize = 64;

/// Why there is no answer. The texts are those of AWS's SDK for Java, as far as it has them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address has no host, or is neither `http` nor `https`.
    #[error("`{0}` is not an address of http or https")]
    Address(Uri),
    /// No connection came about: no such name, refused, not in time, no trust.
    #[error("{0}")]
    Connect(String),
    /// The time was over.
    #[error("Read timed out")]
    TimedOut(Duration),
    /// The answer is larger than the limit, in bytes.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// The connection ended before the answer did.
    #[error("{0}")]
    Broken(String),
}

/// A client for HTTP/1.1 with and without TLS, with a pool of connections. Cheap to clone; clones share the pool.
///
/// Nothing is tried twice but what an idle connection that was closed meanwhile did not take.
#[derive(Clone)]
pub struct Client {
    // Reading the roots takes milliseconds, so whoever makes no call does not pay for it.
    pool: Arc<OnceLock<Pool<HttpsConnector<HttpConnector>, Body>>>,
    trusted: Arc<[CertificateDer<'static>]>,
    limits: Limits,
}

/// The file can't be read, or holds no certificates.
#[derive(Debug, thiserror::Error)]
#[error("`{path}` is no PEM file of certificates")]
pub struct CertificateError {
    path: String,
    #[source]
    source: Option<rustls::pki_types::pem::Error>,
}

impl Client {
    /// A client that trusts the authorities of Mozilla's programme, the system's, and those in the PEM file.
    ///
    /// # Errors
    /// When the file can't be read or is none of certificates.
    pub fn new(authorities: Option<&Path>) -> Result<Self, CertificateError> {
        let trusted = authorities.map_or(Ok(Vec::new()), certificates)?;
        Ok(Self {
            pool: Arc::default(),
            trusted: trusted.into(),
            limits: Limits::default(),
        })
    }

    /// The same client with other limits.
    #[must_use]
    pub fn with_limits(&self, limits: Limits) -> Self {
        Self {
            limits,
            ..self.clone()
        }
    }

    /// Its limits.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Sends a request to the host in its address, and reads the whole answer. Redirects are answers.
    ///
    /// # Errors
    /// See [`Error`]. Answers of any status are none.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        let Limits {
            time,
            body_bytes_max,
        } = self.limits;
        let exchange = async {
            let answered = self.begin(request.map(full_body)).await?;
            let (parts, body) = answered.into_parts();
            let body = Limited::new(body, body_bytes_max).collect().await;
            let body = body.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    Error::TooLarge(body_bytes_max)
                } else {
                    Error::Broken(root(&*error).to_string())
                }
            })?;
            Ok(Response::from_parts(parts, body.to_bytes()))
        };
        let answered = tokio::time::timeout(time, exchange).await;
        answered.unwrap_or(Err(Error::TimedOut(time)))
    }

    /// Sends a request and reads no more of its answer than the status.
    ///
    /// # Errors
    /// See [`Error`]. Answers of any status are none.
    pub async fn status(&self, request: Request<Bytes>) -> Result<StatusCode, Error> {
        let time = self.limits.time;
        let begun = tokio::time::timeout(time, self.begin(request.map(full_body))).await;
        let answered = begun.unwrap_or(Err(Error::TimedOut(time)))?;
        Ok(answered.status())
    }

    /// Sends a request and reads the head of its answer. Nothing but connecting is bounded.
    pub(crate) async fn begin(&self, request: Request<Body>) -> Result<Response<Incoming>, Error> {
        let address = request.uri().clone();
        if !matches!(address.scheme_str(), Some("http" | "https")) || address.host().is_none() {
            return Err(Error::Address(address));
        }
        let pool = self.pool.get_or_init(|| pool(&self.trusted));
        pool.request(request).await.map_err(|error| {
            if error.is_connect() {
                Error::Connect(unconnected(&address, &error))
            } else {
                Error::Broken(root(&error).to_string())
            }
        })
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let refuse = |source| CertificateError {
        path: path.display().to_string(),
        source,
    };
    let read = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|source| refuse(Some(source)))?;
    if read.is_empty() {
        return Err(refuse(None));
    }
    Ok(read)
}

fn pool(trusted: &[CertificateDer<'static>]) -> Pool<HttpsConnector<HttpConnector>, Body> {
    let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::warn!(%error, "some certificates of the system can't be read");
    }
    roots.add_parsable_certificates(system.certs);
    roots.add_parsable_certificates(trusted.iter().cloned());
    let tls =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has ciphers for each version")
            .with_root_certificates(roots)
            .with_no_client_auth();
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_connect_timeout(Some(CONNECT_TIME));
    http.set_nodelay(true);
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(http);
    Pool::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIME)
        .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
        .build(connector)
}

/// What is at the bottom of an error.
fn root<'e>(error: &'e (dyn std::error::Error + 'static)) -> &'e (dyn std::error::Error + 'static) {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root
}

/// `no-such-host: Name or service not known` (recorded: error_handling, test_send_message_no_such_queue), or `Connect to
/// host:port failed: Connection refused`.
fn unconnected(address: &Uri, error: &(dyn std::error::Error + 'static)) -> String {
    let text = root(error).to_string();
    // `Connection refused (os error 111)`
    let text = text.split(" (os error").next().unwrap_or_default();
    let host = address.host().unwrap_or_default();
    if let Some(unknown) = text.strip_prefix("failed to lookup address information: ") {
        return format!("{host}: {unknown}");
    }
    let default = if address.scheme_str() == Some("https") {
        443
    } else {
        80
    };
    let port = address.port_u16().unwrap_or(default);
    let text = match text {
        "deadline has elapsed" => "connect timed out",
        text => text,
    };
    format!("Connect to {host}:{port} failed: {text}")
}
