//! S3: buckets, objects and multipart uploads, over HTTP and for calls from inside.
//!
//! The crate owns the rows of the object store and its blob folder. It never checks signatures (the gateway has) and
//! holds no object in memory whole. Begin with [`S3::open`]: the value is an [`aws::HttpService`] for what comes over
//! HTTP, read by the `s3s` crate, and an [`aws::Service`] for Task states and other services; both lead to one backend.

mod backend;
mod blobs;
mod checksum;
mod chunked;
mod cors;
mod door;
mod error;
mod inside;
mod rows;
mod wire;

use std::path::Path;
use std::sync::Arc;

use aws::{Answer, ApiError, Body, BoxFuture, Call, Caller, HttpService, RequestId, Service};
use http::{Request, Response};
use s3s::service::{S3Service, S3ServiceBuilder};
use store::Store;

use crate::backend::Backend;
use crate::blobs::Blobs;

/// The object store. Cheap to clone.
#[derive(Clone)]
pub struct S3 {
    backend: Arc<Backend>,
    http: S3Service,
}

impl S3 {
    /// The object store over its rows in `store` and a folder for its bytes, made if it is not there. Bytes that a crash
    /// left without a row are unlinked in the background.
    ///
    /// # Errors
    /// When the folder can't be made.
    pub fn open(store: Store, folder: &Path) -> std::io::Result<Self> {
        let backend = Arc::new(Backend::new(store, Arc::new(Blobs::open(folder)?)));
        let sweeper = Arc::clone(&backend);
        std::thread::Builder::new()
            .name("s3-sweep".into())
            .spawn(move || match sweeper.sweep() {
                Ok(0) => {}
                Ok(swept) => tracing::info!(swept, "unlinked blobs that a crash left behind"),
                Err(error) => tracing::warn!(%error, "the blob folder could not be swept"),
            })?;
        let http = S3ServiceBuilder::new(wire::Wire(Arc::clone(&backend))).build();
        Ok(Self { backend, http })
    }
}

impl HttpService for S3 {
    fn handle(
        &self,
        caller: Caller,
        request_id: RequestId,
        request: Request<Body>,
    ) -> BoxFuture<'_, Response<Body>> {
        let (backend, http) = (Arc::clone(&self.backend), self.http.clone());
        Box::pin(async move {
            // A task of its own: a client that goes away must not stop a write between its commit and what follows it.
            let id = request_id.clone();
            tokio::spawn(door::answer(backend, http, caller, request_id, request))
                .await
                .unwrap_or_else(|stopped| {
                    tracing::error!(%stopped, "a request's task stopped");
                    door::broken(&id)
                })
        })
    }
}

impl Service for S3 {
    fn id(&self) -> &'static str {
        "s3"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        let backend = Arc::clone(&self.backend);
        Box::pin(async move {
            // As above: a caller that stops waiting must not stop the work halfway.
            tokio::spawn(async move { inside::answer(&backend, call).await })
                .await
                .unwrap_or_else(|stopped| {
                    tracing::error!(%stopped, "a call's task stopped");
                    Err(error::internal())
                })
        })
    }
}
