//! The one list of services.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use aws::{Identities, Registry, Service};
use engine::Limits;
use gateway::{Doors, PageMount};
use runtime::{Runtime, RuntimeConfig};
use service_dynamodb::DynamoDb;
use service_iam::Iam;
use service_lambda::{Lambda, LambdaConfig};
use service_rekognition::Rekognition;
use service_s3::S3;
use service_sns::{Sns, SnsConfig};
use service_sqs::{Sqs, SqsConfig};
use service_states::States;
use service_sts::Sts;
use store::Store;

use crate::Config;

pub(crate) struct Services {
    registry: Registry,
    identities: Vec<Arc<dyn Identities>>,
    s3: S3,
    lambda: Arc<Lambda>,
    sqs: Sqs,
    sns: Arc<Sns>,
    runtime: Runtime,
}

impl Services {
    /// Starts each service over the store and the data folder, and last the runtime: what it recovers calls the
    /// others.
    pub(crate) fn start(config: &Config, store: Store, data: &Path, url: &str) -> Result<Self> {
        let registry = Registry::default();
        let s3 = S3::open(store.clone(), &data.join("blobs"))
            .context("can't open the object store's folder")?;
        let lambda = Lambda::start(
            LambdaConfig::new(data, url),
            store.clone(),
            registry.clone(),
        )
        .context("can't start the functions' host")?;
        let iam = Iam::new(store.clone());
        let sts = Sts::new(store.clone(), registry.clone());
        let sqs =
            Sqs::start(SqsConfig::new(url), store.clone()).context("can't read the queues")?;
        let sns = Sns::start(SnsConfig::new(url), store.clone(), registry.clone())
            .context("can't read the topics")?;
        let limits = if config.aws_limits {
            Limits::default()
        } else {
            lifted()
        };
        let runtime = Runtime::start(RuntimeConfig {
            limits,
            ..RuntimeConfig::new(store.clone(), registry.clone())
        })
        .context("can't read the executions under way")?;
        let services: Vec<Arc<dyn Service>> = vec![
            Arc::new(States::new(runtime.clone())),
            Arc::new(s3.clone()),
            lambda.clone(),
            Arc::new(DynamoDb::open(&data.join("dynamodb"))),
            Arc::new(Rekognition::new(store, registry.clone())),
            Arc::new(iam.clone()),
            Arc::new(sts.clone()),
            Arc::new(sqs.clone()),
            sns.clone(),
        ];
        registry.fill(services);
        sns.resume();
        runtime.resume();
        let identities: Vec<Arc<dyn Identities>> = vec![Arc::new(iam), Arc::new(sts)];
        Ok(Self {
            registry,
            identities,
            s3,
            lambda,
            sqs,
            sns,
            runtime,
        })
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn doors(&self) -> Doors {
        Doors {
            registry: self.registry.clone(),
            s3: Some(Arc::new(self.s3.clone())),
            pages: vec![
                PageMount {
                    prefix: service_lambda::CODE_PATH,
                    service: self.lambda.clone(),
                },
                PageMount {
                    prefix: service_sns::PAGES_PATH,
                    service: self.sns.clone(),
                },
            ],
            identities: self.identities.clone(),
            ready: Arc::new({
                let runtime = self.runtime.clone();
                move || runtime.is_running()
            }),
            ..Doors::default()
        }
    }

    /// Executions first: nothing more is committed for them, so that a function which is ended fails no task; the next
    /// start runs it again. Then functions, while what they call still answers; the door closes last.
    pub(crate) async fn stop(self) {
        // Nobody shall wait for a message that comes no more.
        self.sqs.stop();
        self.runtime.shutdown().await;
        self.sns.shutdown(DELIVERIES_GRACE).await;
        self.lambda.shutdown(FUNCTIONS_GRACE).await;
    }
}

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
