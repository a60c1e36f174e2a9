//! Pictures: had from the request or from S3, and looked at on a bounded number of threads.

use std::num::NonZero;
use std::sync::Arc;

use aws::{ApiError, Call, Members, Registry};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use tokio::sync::Semaphore;
use vision::{Embedding, Limits, Models, Picture};

use crate::error;
use crate::model::{Image, S3Object, Seen};

/// AWS's limits, `limits.md` of the developer guide.
const REQUEST_BYTES_MAX: usize = 5 << 20;
const S3_BYTES_MAX: u64 = 15 << 20;
const SIDE_MIN: u32 = 80;
const FACES_MAX: usize = 100;
/// A face is at least 40 pixels in a picture of up to 1920, and in proportion above.
const FACE_SIDE_MIN: f32 = 40.0;
const FACE_SIDE_OF: f32 = 1920.0;

/// Pictures that wait for a core, for each core: about five seconds' work. More are refused, as AWS refuses what is
/// above an account's rate, so that waiting pictures can't fill the memory.
const WAITING_PER_CORE: usize = 32;

#[derive(Clone)]
pub(crate) struct Pictures {
    registry: Registry,
    models: Models,
    cores: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// A picture's file.
pub(crate) enum Source {
    Base64(String),
    Bytes(Bytes),
}

impl Pictures {
    pub(crate) fn new(registry: Registry) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            registry,
            models: Models::lazy(),
            cores: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(Semaphore::new(cores * WAITING_PER_CORE)),
        }
    }

    /// The file of an image: what came with the request, or the object read from S3 as the caller.
    pub(crate) async fn fetch(&self, call: &Call, image: Image) -> Result<Source, ApiError> {
        match (image.bytes, image.s3_object) {
            (Some(text), None) if text.len() / 4 * 3 > REQUEST_BYTES_MAX + 3 => {
                Err(error::image_too_large())
            }
            (Some(text), None) => Ok(Source::Base64(text)),
            (None, Some(object)) => self.fetch_object(call, object).await.map(Source::Bytes),
            _ => Err(error::invalid_parameters()),
        }
    }

    async fn fetch_object(&self, call: &Call, object: S3Object) -> Result<Bytes, ApiError> {
        let (Some(bucket), Some(name)) = (object.bucket, object.name) else {
            return Err(error::invalid_s3_object());
        };
        let mut input = Members::new();
        input.insert("Bucket".into(), bucket.into());
        input.insert("Key".into(), name.into());
        if let Some(version) = object.version {
            input.insert("VersionId".into(), version.into());
        }
        let ask = |operation: &str| Call {
            caller: call.caller.clone(),
            request_id: call.request_id.clone(),
            service: "s3",
            operation: operation.into(),
            input: input.clone(),
            body: Bytes::new(),
        };
        let head = self.registry.call(ask("HeadObject")).await;
        let head = head.map_err(|_| error::invalid_s3_object())?;
        let length = head.output.get("ContentLength");
        if length.and_then(serde_json::Value::as_u64) > Some(S3_BYTES_MAX) {
            return Err(error::image_too_large());
        }
        let object = self.registry.call(ask("GetObject")).await;
        let body = object.map_err(|_| error::invalid_s3_object())?.body;
        if body.len() as u64 > S3_BYTES_MAX {
            return Err(error::image_too_large());
        }
        Ok(body)
    }

    /// Does work that keeps a core busy, when one is free.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Models) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let _place = self.waiting.try_acquire().map_err(|_| error::busy())?;
        let core = Arc::clone(&self.cores).acquire_owned().await;
        let core = core.map_err(|_| error::internal())?;
        let models = self.models.clone();
        let done = tokio::task::spawn_blocking(move || {
            let result = work(&models);
            // Whoever asked may have gone; the core is free only now.
            drop(core);
            result
        });
        done.await.unwrap_or_else(|panic| {
            tracing::error!(%panic, "looking at a picture failed");
            Err(error::internal())
        })
    }
}

impl Source {
    fn decode(self) -> Result<Picture, ApiError> {
        let bytes = match self {
            Self::Base64(text) => STANDARD
                .decode(text)
                .map_err(|_| error::invalid_parameters())?
                .into(),
            Self::Bytes(bytes) => bytes,
        };
        if bytes.is_empty() {
            return Err(error::invalid_parameters());
        }
        let picture = vision::decode(&bytes, &Limits::default()).map_err(|e| error::image(&e))?;
        let (width, height) = picture.original_size();
        if width.min(height) < SIDE_MIN {
            return Err(error::invalid_parameters());
        }
        Ok(picture)
    }

    /// The picture and its faces, the largest first, at most the hundred that AWS looks at.
    pub(crate) fn look(self, models: &Models) -> Result<(Picture, Vec<Seen>), ApiError> {
        let picture = self.decode()?;
        let mut faces = models.detect(&picture).map_err(|e| error::model(&e))?;
        let (width, height) = picture.original_size();
        let held = picture.width().max(picture.height()) as f32;
        let long = width.max(height) as f32;
        // In pixels of the picture as it is held, which may be a fraction of the file's.
        let least = FACE_SIDE_MIN * (long / FACE_SIDE_OF).max(1.0) * held / long;
        faces.retain(|face| face.bounds.width.max(face.bounds.height) >= least);
        faces.truncate(FACES_MAX);
        let seen = faces
            .into_iter()
            .map(|face| Seen::new(&picture, face, models.attributes(&picture, &face)))
            .collect();
        Ok((picture, seen))
    }
}

/// Who a face is.
pub(crate) fn embed(
    models: &Models,
    picture: &Picture,
    seen: &Seen,
) -> Result<Embedding, ApiError> {
    models
        .embed(picture, &seen.face)
        .map_err(|e| error::model(&e))
}
