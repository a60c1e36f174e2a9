use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws::{HttpService, Identities, Quotas, Registry};

/// What the one who runs the server decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// Allows a listener that others can reach. Everything here trusts its callers, unless `secrets` are set.
    pub insecure_listen: bool,
    /// Host names to answer to, beside `localhost`, its subdomains and the loopback addresses.
    pub hosts: Vec<String>,
    /// Origins whose pages may call the APIs, beside the server's own: `http://localhost:3000`.
    pub origins: Vec<String>,
    /// Secrets by access key. When there are any, every request must be signed by one of them or by a key that this
    /// process gave out; otherwise signatures are read and not checked.
    pub secrets: BTreeMap<String, String>,
    /// Which of AWS's size quotas hold.
    pub quotas: Quotas,
    /// Bounds on connections and time.
    pub limits: Limits,
    /// The version that `/_localstack/info` and `/healthz` tell.
    pub version: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            insecure_listen: false,
            hosts: Vec::new(),
            origins: Vec::new(),
            secrets: BTreeMap::new(),
            quotas: Quotas::Aws,
            limits: Limits::default(),
            version: env!("CARGO_PKG_VERSION").into(),
        }
    }
}

/// Bounds on what clients may hold and for how long.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at one time; further ones wait in the listener's queue.
    pub connections_max: usize,
    /// For the request line and the headers.
    pub header_time: Duration,
    /// For the body of an API call.
    pub body_time: Duration,
    /// For a client to take anything of an answer; one that does not loses its connection.
    pub write_time: Duration,
    /// For requests in flight when the server stops.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A thousand may wait for tasks of one activity, and each holds a connection.
            connections_max: 4096,
            header_time: Duration::from_mins(1),
            body_time: Duration::from_mins(2),
            // S3 itself waits for less than one.
            write_time: Duration::from_mins(2),
            drain_time: Duration::from_secs(10),
        }
    }
}

/// A service for the paths that begin with a prefix: the console, the endpoints under `/_aws/`.
///
/// It is asked without credentials, but never by a foreign page. Its requests have no [`aws::Caller`] of their own.
#[derive(Clone)]
pub struct PageMount {
    /// `/console/`
    pub prefix: &'static str,
    /// Who answers.
    pub service: Arc<dyn HttpService>,
}

/// Writes further metrics in Prometheus' text format.
pub type MetricsSource = Arc<dyn Fn(&mut String) + Send + Sync>;

/// What is behind the front door.
#[derive(Clone)]
pub struct Doors {
    /// The services that the codecs speak for.
    pub registry: Registry,
    /// S3, which speaks HTTP itself. Its requests arrive in path style.
    pub s3: Option<Arc<dyn HttpService>>,
    /// Pages and other paths of our own.
    pub pages: Vec<PageMount>,
    /// Paths of our own under `/_` that are asked with credentials, like the APIs. Their requests have no body.
    pub signed: Vec<PageMount>,
    /// Who knows the access keys given out by this process.
    pub identities: Vec<Arc<dyn Identities>>,
    /// What `/readyz` answers.
    pub ready: Arc<dyn Fn() -> bool + Send + Sync>,
    /// What `/metrics` tells beside the gateway's own.
    pub metrics: Vec<MetricsSource>,
}

impl Default for Doors {
    fn default() -> Self {
        Self {
            registry: Registry::default(),
            s3: None,
            pages: Vec::new(),
            signed: Vec::new(),
            identities: Vec::new(),
            ready: Arc::new(|| true),
            metrics: Vec::new(),
        }
    }
}
