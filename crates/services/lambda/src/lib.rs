//! The Lambda API, and the host that runs functions as processes of this machine.
//!
//! The crate owns functions' code and configuration, the queue of asynchronous events and the processes that run the
//! functions. It never knows who invokes: an AWS client through the gateway and a Task state meet at
//! [`aws::Service::call`]. Begin with [`Lambda::start`]; the processes are the business of `host`.
//!
//! It is no wall against hostile code: a function runs with the server's own user and rights (docs/functions.md).

mod code;
mod error;
mod events;
mod host;
mod model;
mod names;
mod ops;
mod storage;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws::{
    Answer, ApiError, Body, BoxFuture, Call, Caller, HttpService, Registry, RequestId, Service,
};
use serde_json::json;
use store::Store;

use crate::code::CodeStore;
use crate::events::EventQueue;
use crate::host::{Host, Settings};
use crate::storage::Functions;

pub use crate::host::{LogBatch, LogEvent, LogSink};

/// Where functions' files lie, what they call, and how many may run.
#[derive(Clone)]
pub struct LambdaConfig {
    /// The data folder; the service keeps to `lambda/` in it.
    pub data_dir: PathBuf,
    /// What functions get as `AWS_ENDPOINT_URL`: the gateway, as this machine reaches it.
    pub endpoint_url: String,
    /// How many processes there may be at once, over all functions.
    pub concurrency: usize,
    /// How long a new process may take to ask for its first event before the function's own time limit begins to
    /// count.
    pub init_timeout: Duration,
    /// How long an event waits for a process before it is refused with `TooManyRequestsException`.
    pub queue_timeout: Duration,
    /// How long a process without events is kept.
    pub idle_timeout: Duration,
    /// The Python to run functions with; the one found in `PATH` otherwise.
    pub python: Option<PathBuf>,
    /// The Node.js to run functions with; the one found in `PATH` otherwise.
    pub node: Option<PathBuf>,
    /// How long after the first and the second failure an asynchronous event is delivered again.
    pub retry_delays: [Duration; 2],
    /// Who else wants to know what functions log.
    pub log_sink: Option<Arc<dyn LogSink>>,
}

impl LambdaConfig {
    /// The defaults: 16 processes or two for each core, one minute in the queue, five minutes idle; AWS's ten seconds
    /// to start and AWS's retries.
    pub fn new(data_dir: impl Into<PathBuf>, endpoint_url: impl Into<String>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            data_dir: data_dir.into(),
            endpoint_url: endpoint_url.into(),
            concurrency: (2 * cores).max(16),
            init_timeout: Duration::from_secs(10),
            queue_timeout: Duration::from_mins(1),
            idle_timeout: Duration::from_mins(5),
            python: None,
            node: None,
            retry_delays: [Duration::from_mins(1), Duration::from_mins(2)],
            log_sink: None,
        }
    }
}

/// Why the service can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder can't be written.
    #[error("the folder for functions can't be used")]
    Folder(#[from] std::io::Error),
    /// The functions' rows can't be read.
    #[error("the functions can't be read from the store: {0}")]
    Store(ApiError),
}

/// The service.
pub struct Lambda {
    functions: Arc<Functions>,
    code: Arc<CodeStore>,
    host: Arc<Host>,
    events: EventQueue,
    registry: Registry,
    endpoint_url: String,
}

impl Lambda {
    /// Opens the functions and goes on with the events that wait; must be called inside the async runtime.
    ///
    /// # Errors
    /// When the data folder can't be written or the store can't be read.
    pub fn start(
        config: LambdaConfig,
        store: Store,
        registry: Registry,
    ) -> Result<Arc<Self>, StartError> {
        // Processes work in their own folders: what they are told must hold from there.
        let folder = std::path::absolute(config.data_dir.join("lambda"))?;
        let code = Arc::new(CodeStore::open(&folder)?);
        let functions = Arc::new(Functions::new(store, Arc::clone(&code)));
        code.sweep(&functions.packages().map_err(StartError::Store)?);
        let settings = Settings {
            folder,
            endpoint_url: config.endpoint_url.clone(),
            processes_max: config.concurrency,
            init_timeout: config.init_timeout,
            queue_timeout: config.queue_timeout,
            idle_timeout: config.idle_timeout,
            python: config.python,
            node: config.node,
            log_sink: config.log_sink,
        };
        let host = Arc::new(Host::start(settings, Arc::clone(&code))?);
        // Half of the processes at most: those who wait for their answer come before those who do not.
        let deliveries_max = (config.concurrency / 2).max(1);
        let events = EventQueue::start(
            Arc::clone(&functions),
            Arc::clone(&host),
            config.retry_delays,
            deliveries_max,
        )
        .map_err(StartError::Store)?;
        Ok(Arc::new(Self {
            functions,
            code,
            host,
            events,
            registry,
            endpoint_url: config.endpoint_url,
        }))
    }

    /// What a function logged, oldest first, as far as it is kept in memory; the files under
    /// `lambda/logs/<account>/<region>/` hold more.
    pub fn logs(&self, account: &str, region: &str, function: &str) -> Vec<LogEvent> {
        self.host.logs(account, region, function)
    }

    /// Takes no further event, lets those in hand end for up to `grace`, then ends every process.
    ///
    /// Asynchronous events that were accepted and not delivered wait in the store for the next start.
    pub async fn shutdown(&self, grace: Duration) {
        self.events.stop();
        self.host.shutdown(grace).await;
        // Nothing runs any more: what is left is to write down the last outcomes.
        let _ = tokio::time::timeout(Duration::from_secs(1), self.events.stopped()).await;
    }

    /// Writes a package down where none of its hash lies yet.
    async fn keep_package(&self, package: code::Package) -> Result<(), ApiError> {
        let code = Arc::clone(&self.code);
        tokio::task::spawn_blocking(move || code.put(&package))
            .await
            .map_err(std::io::Error::other)
            .and_then(|written| written)
            .map_err(|error| error::service(&error))
    }

    /// Removes a package if no function names it any more; its last event in hand takes it along.
    fn drop_package(&self, sha256: &str) -> Result<(), ApiError> {
        if !self.functions.packages()?.contains(sha256) {
            self.code.remove(sha256);
        }
        Ok(())
    }

    /// Where a package can be had by HTTP, if the gateway hands that path to this service.
    fn location(&self, sha256: &str) -> String {
        let endpoint = self.endpoint_url.trim_end_matches('/');
        format!("{endpoint}{CODE_PATH}{}.zip", code::file_name(sha256))
    }

    async fn dispatch(&self, call: Call) -> Result<Answer, ApiError> {
        match call.operation.as_str() {
            "AddPermission" => ops::policy::add_permission(self, call).await,
            "CreateAlias" => ops::aliases::create(self, call).await,
            "CreateFunction" => ops::create_function::run(self, call).await,
            "DeleteAlias" => ops::aliases::delete(self, call).await,
            "DeleteFunction" => ops::delete_function::run(self, call).await,
            "DeleteLayerVersion" => ops::layers::delete(self, call).await,
            "DeleteFunctionConcurrency" => ops::concurrency::delete(self, call).await,
            "GetAccountSettings" => ops::list_functions::account_settings(self, &call),
            "GetAlias" => ops::aliases::get(self, call),
            "GetFunction" => ops::get_function::run(self, call),
            "GetFunctionCodeSigningConfig" => ops::get_function::code_signing(self, call),
            "GetFunctionConcurrency" => ops::concurrency::get(self, call),
            "GetFunctionConfiguration" => ops::get_function::configuration(self, call),
            "GetLayerVersion" => ops::layers::get(self, call),
            "GetLayerVersionByArn" => ops::layers::get_by_arn(self, call),
            "GetPolicy" => ops::policy::get(self, call),
            "GetRuntimeManagementConfig" => ops::get_function::runtime_management(self, call),
            "Invoke" => ops::invoke::run(self, call).await,
            "ListAliases" => ops::aliases::list(self, call),
            // There is no operation that makes one, so that there is none.
            "ListEventSourceMappings" => Ok(Answer::json(json!({ "EventSourceMappings": [] }))),
            "ListFunctions" => ops::list_functions::run(self, call),
            "ListLayerVersions" => ops::layers::versions(self, call),
            "ListLayers" => ops::layers::list(self, call),
            "ListTags" => ops::tags::list(self, call),
            "ListVersionsByFunction" => ops::versions::list(self, call),
            "PublishLayerVersion" => ops::layers::publish(self, call).await,
            "PublishVersion" => ops::versions::publish(self, call).await,
            "PutFunctionConcurrency" => ops::concurrency::put(self, call).await,
            "RemovePermission" => ops::policy::remove_permission(self, call).await,
            "TagResource" => ops::tags::tag(self, call).await,
            "UntagResource" => ops::tags::untag(self, call).await,
            "UpdateAlias" => ops::aliases::update(self, call).await,
            "UpdateFunctionCode" => ops::update_function::code(self, call).await,
            "UpdateFunctionConfiguration" => ops::update_function::configuration(self, call).await,
            other => Err(ApiError::unknown_operation(other)),
        }
    }
}

impl Service for Lambda {
    fn id(&self) -> &'static str {
        "lambda"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(self.dispatch(call))
    }
}

/// Where `GetFunction` says that a package lies, before its hash.
pub const CODE_PATH: &str = "/_aws/lambda/code/";

/// Packages as `Code.Location` of GetFunction names them; whoever knows the hash may have the package.
impl HttpService for Lambda {
    fn handle(
        &self,
        _caller: Caller,
        _request_id: RequestId,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, http::Response<Body>> {
        Box::pin(async move {
            let zip = request
                .uri()
                .path()
                .strip_prefix(CODE_PATH)
                .and_then(|name| self.code.zip_named(name));
            let mut response = http::Response::new(match zip {
                Some(zip) => aws::full_body(zip),
                None => aws::empty_body(),
            });
            let headers = response.headers_mut();
            headers.insert(
                "content-type",
                http::HeaderValue::from_static("application/zip"),
            );
            if http_body::Body::size_hint(response.body()).exact() == Some(0) {
                *response.status_mut() = http::StatusCode::NOT_FOUND;
            }
            response
        })
    }
}

#[cfg(test)]
mod tests;
