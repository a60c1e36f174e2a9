//! The one list of services.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use aws::{HttpService, Identities, Registry, Service};
use engine::Limits;
use gateway::{Doors, PageMount};
use outbound::{Client, Http, Remote, S3Door};
use runtime::{HistorySink, LongestTurn, Runtime, RuntimeConfig};
use service_dynamodb::DynamoDb;
use service_events::{Events, SystemClock};
use service_iam::Iam;
use service_lambda::{Lambda, LambdaConfig};
use service_logs::Logs;
use service_rekognition::Rekognition;
use service_s3::S3;
use service_sns::{Post, Sns, SnsConfig};
use service_sqs::{Sqs, SqsConfig};
use service_states::{ExecutionLogs, MOCK_PATH, MockDoor, STREAMS_PATH, States, StreamDoor};
use service_sts::Sts;
use store::Store;

use crate::{Config, console};

pub(crate) struct Services {
    registry: Registry,
    identities: Vec<Arc<dyn Identities>>,
    s3: Arc<dyn HttpService>,
    /// None if it is elsewhere.
    lambda: Option<Arc<Lambda>>,
    sqs: Sqs,
    sns: Arc<Sns>,
    events: Arc<Events>,
    runtime: Runtime,
    store: Store,
}

impl Services {
    /// Starts each service over the store and the data folder, and last the runtime: what it recovers calls the
    /// others.
    pub(crate) fn start(config: &Config, store: Store, data: &Path, url: &str) -> Result<Self> {
        let registry = Registry::default();
        let client = Client::new(config.ca_bundle.as_deref())?;
        let mut services: Vec<Arc<dyn Service>> = Vec::new();
        let s3: Arc<dyn HttpService> = match config.endpoints.get("s3") {
            Some(endpoint) => Arc::new(S3Door::new(endpoint.clone(), client.clone())),
            None => {
                let s3 = S3::open(store.clone(), &data.join("blobs"))
                    .context("can't open the object store's folder")?;
                services.push(Arc::new(s3.clone()));
                Arc::new(s3)
            }
        };
        let lambda = if config.endpoints.contains_key("lambda") {
            None
        } else {
            let lambda = Lambda::start(
                LambdaConfig::new(data, url),
                store.clone(),
                registry.clone(),
            )
            .context("can't start the functions' host")?;
            services.push(lambda.clone());
            Some(lambda)
        };
        let iam = Iam::new(store.clone());
        let sts = Sts::new(store.clone(), registry.clone());
        let sqs = Sqs::new(SqsConfig::new(url), store.clone());
        let sns = Sns::start(
            SnsConfig::new(url, post(&client)),
            store.clone(),
            registry.clone(),
        )
        .context("can't read the topics")?;
        let events = Events::open(store.clone(), registry.clone(), Arc::new(SystemClock))
            .context("can't read the event rules")?;
        let limits = if config.aws_limits {
            Limits::default()
        } else {
            lifted()
        };
        let logs = ExecutionLogs::start(registry.clone());
        let runtime = Runtime::start(RuntimeConfig {
            limits,
            logs: Some(Arc::clone(&logs) as Arc<dyn HistorySink>),
            mocks: config.mocks.clone(),
            retention_days: config.retention_days,
            ..RuntimeConfig::new(store.clone(), registry.clone())
        })
        .context("can't read the executions under way")?;
        services.extend([
            Arc::new(States::new(runtime.clone(), logs)) as Arc<dyn Service>,
            Arc::new(DynamoDb::open(&data.join("dynamodb"))),
            Arc::new(Rekognition::new(store.clone(), registry.clone())),
            Arc::new(Logs::start(store.clone())),
            events.clone(),
            Arc::new(iam.clone()),
            Arc::new(sts.clone()),
            Arc::new(sqs.clone()),
            Arc::new(Http::new(registry.clone(), client.clone())),
            sns.clone(),
        ]);
        // What is elsewhere answers from there, whoever calls.
        services.retain(|service| !config.endpoints.contains_key(service.id()));
        for (id, endpoint) in &config.endpoints {
            let remote = Remote::new(id, endpoint.clone(), client.clone());
            services.push(Arc::new(remote));
        }
        registry.fill(services);
        // What is elsewhere does nothing here; what it left waits for the day that it is here again.
        let is_here = |id: &str| !config.endpoints.contains_key(id);
        if is_here("sqs") {
            sqs.resume().context("can't read the moves of messages")?;
        }
        if is_here("sns") {
            sns.resume();
        }
        runtime.resume();
        if is_here("events") {
            events.resume();
        }
        let identities: Vec<Arc<dyn Identities>> = vec![Arc::new(iam), Arc::new(sts)];
        Ok(Self {
            registry,
            identities,
            s3,
            lambda,
            sqs,
            sns,
            events,
            runtime,
            store,
        })
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn doors(&self) -> Doors {
        let mocks = PageMount {
            prefix: MOCK_PATH,
            service: Arc::new(MockDoor::new(self.runtime.clone())),
        };
        let code = self.lambda.iter().map(|lambda| PageMount {
            prefix: service_lambda::CODE_PATH,
            service: lambda.clone(),
        });
        let inbox = PageMount {
            prefix: service_sns::PAGES_PATH,
            service: self.sns.clone(),
        };
        let streams = PageMount {
            prefix: STREAMS_PATH,
            service: Arc::new(StreamDoor::new(self.runtime.clone())),
        };
        Doors {
            registry: self.registry.clone(),
            s3: Some(self.s3.clone()),
            pages: code.chain([inbox, mocks, console::mount()]).collect(),
            signed: vec![streams],
            identities: self.identities.clone(),
            metrics: vec![Arc::new({
                let (store, runtime) = (self.store.clone(), self.runtime.clone());
                move |out: &mut String| {
                    commits(&store.counted(), out);
                    longest_turn(runtime.longest_turn(), out);
                }
            })],
            ready: Arc::new({
                let runtime = self.runtime.clone();
                move || runtime.is_running()
            }),
        }
    }

    /// Executions first: nothing more is committed for them, so that a function which is ended fails no task; the next
    /// start runs it again. Then events on their way, while their targets answer; then functions, while what they call
    /// still answers; the door closes last.
    pub(crate) async fn stop(self) {
        // Nobody shall wait for a message that comes no more.
        self.sqs.stop();
        self.runtime.shutdown().await;
        self.sns.shutdown(DELIVERIES_GRACE).await;
        self.events.shutdown(DELIVERIES_GRACE).await;
        if let Some(lambda) = self.lambda {
            lambda.shutdown(FUNCTIONS_GRACE).await;
        }
    }
}

/// How SNS reaches HTTP(S) endpoints: like all that leaves this process, with the authorities that it trusts.
fn post(client: &Client) -> Post {
    let client = client.with_limits(outbound::Limits {
        time: ENDPOINT_TIME_MAX,
        ..client.limits()
    });
    Arc::new(move |request| {
        let client = client.clone();
        Box::pin(async move {
            let status = client.status(request).await;
            status
                .map(|status| status.as_u16())
                .map_err(|error| error.to_string())
        })
    })
}

/// How long an endpoint of SNS may take, as on AWS.
const ENDPOINT_TIME_MAX: Duration = Duration::from_secs(15);

/// What a delivery under way may still take when the server stops; it is repeated at the next start otherwise.
const DELIVERIES_GRACE: Duration = Duration::from_secs(1);

/// What an invocation in flight may still take when the server stops; with the gateway's own bound below the 10 s that
/// a stop takes at most.
const FUNCTIONS_GRACE: Duration = Duration::from_secs(2);

/// Without the two limits that hurt. What is left bounds memory and disk: a payload is held whole, a history is kept.
fn lifted() -> Limits {
    Limits {
        payload_bytes_max: 64 << 20,
        history_events_max: 10_000_000,
        ..Limits::default()
    }
}

/// The store's commits in Prometheus' text format.
fn commits(counted: &store::Counted, out: &mut String) {
    for (name, about, value) in [
        ("commits", "Durable group commits.", counted.commits as f64),
        ("batches", "Batches in them.", counted.batches as f64),
        (
            "bytes",
            "Bytes of keys and values in them.",
            counted.bytes as f64,
        ),
        (
            "commit_seconds",
            "Time in which one of them ran.",
            counted.time.as_secs_f64(),
        ),
    ] {
        let name = format!("canter_store_{name}_total");
        // A string takes all.
        let _ = writeln!(
            out,
            "# HELP {name} {about}\n# TYPE {name} counter\n{name} {value}"
        );
    }
}

fn longest_turn(turn: LongestTurn, out: &mut String) {
    for (name, about, took) in [
        (
            "longest_turn_seconds",
            "Longest time since the last scrape in which a worker of shards was busy with what it had taken.",
            turn.wall,
        ),
        (
            "longest_turn_cpu_seconds",
            "Most processor time since the last scrape that a worker of shards took for what it had taken.",
            turn.processor,
        ),
    ] {
        let name = format!("canter_shard_{name}");
        let seconds = took.as_secs_f64();
        // A string takes all.
        let _ = writeln!(
            out,
            "# HELP {name} {about}\n# TYPE {name} gauge\n{name} {seconds}"
        );
    }
}
