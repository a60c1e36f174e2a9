use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use crate::{Answer, ApiError, Call};

/// A boxed future, the price of `dyn Service`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What answers the operations of one AWS service, in this process or over HTTP elsewhere.
pub trait Service: Send + Sync {
    /// The id under which others find it: the model's `endpointPrefix` (`states`, `lambda`, `s3`, `dynamodb`,
    /// `rekognition`, `iam`, `sts`).
    fn id(&self) -> &'static str;

    /// Answers one call. Operations it does not know are [`ApiError::unknown_operation`].
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>>;

    /// The same for a client that reached this process at `base_url` (`http://localhost:4566`). A service whose answers
    /// hold addresses of its own tells it that one; the others need not care.
    fn call_at<'s>(
        &'s self,
        call: Call,
        base_url: &'s str,
    ) -> BoxFuture<'s, Result<Answer, ApiError>> {
        let _ = base_url;
        self.call(call)
    }
}

/// The services of this process, by id; filled once by the composition root.
///
/// Cheap to clone. A service that calls others is given a clone before the list is complete; it may call from its
/// first request on, when [`Registry::fill`] has long returned.
#[derive(Clone, Default)]
pub struct Registry {
    services: Arc<OnceLock<BTreeMap<&'static str, Arc<dyn Service>>>>,
}

impl Registry {
    /// Sets the services.
    ///
    /// # Panics
    /// When called twice, or with two services of one id.
    pub fn fill(&self, services: Vec<Arc<dyn Service>>) {
        let mut by_id = BTreeMap::new();
        for service in services {
            let id = service.id();
            assert!(
                by_id.insert(id, service).is_none(),
                "two services named {id}"
            );
        }
        assert!(
            self.services.set(by_id).is_ok(),
            "the registry is filled once"
        );
    }

    /// The service of that id, if this process has it.
    pub fn get(&self, id: &str) -> Option<&Arc<dyn Service>> {
        self.services.get()?.get(id)
    }

    /// The ids of the services there are.
    pub fn ids(&self) -> Vec<&'static str> {
        self.services
            .get()
            .map(|services| services.keys().copied().collect())
            .unwrap_or_default()
    }

    /// Answers a call by the service it names.
    ///
    /// # Errors
    /// What the service answers, or `UnknownOperationException` when there is no such service.
    pub async fn call(&self, call: Call) -> Result<Answer, ApiError> {
        match self.get(call.service) {
            Some(service) => service.call(call).await,
            None => Err(absent(&call)),
        }
    }

    /// The same for a client that reached this process at `base_url`.
    ///
    /// # Errors
    /// As [`Registry::call`].
    pub async fn call_at(&self, call: Call, base_url: &str) -> Result<Answer, ApiError> {
        match self.get(call.service) {
            Some(service) => service.call_at(call, base_url).await,
            None => Err(absent(&call)),
        }
    }
}

fn absent(call: &Call) -> ApiError {
    ApiError::unknown_operation(&format!("{}:{}", call.service, call.operation))
}
