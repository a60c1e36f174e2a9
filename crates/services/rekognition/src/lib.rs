//! Rekognition's face operations over the models of [`vision`]: detect, index, search and compare faces.
//!
//! The crate owns collections and their faces. Pictures come with the request or from S3 through the [`Registry`], as
//! the caller. Faces are found and compared on blocking threads, as many at a time as there are cores; a search is
//! an exact scan over a collection's vectors, which are read from the store when first needed. Users (groups of
//! faces of one person), videos, labels and texts are absent. Begin with [`Rekognition`]; each operation is a row in
//! [`Rekognition::answer`].

mod error;
mod model;
mod ops;
mod pictures;
mod storage;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use aws::{Answer, ApiError, BoxFuture, Call, Registry, Service};
use store::Store;

use pictures::Pictures;
use storage::Storage;

/// The service, over a store that it shares with others and the services it reads pictures from.
#[derive(Clone)]
pub struct Rekognition {
    inner: Arc<Inner>,
}

struct Inner {
    storage: Storage,
    pictures: Pictures,
}

impl Rekognition {
    /// Rekognition with the collections that the store holds. No model is loaded before the first picture.
    pub fn new(store: Store, registry: Registry) -> Self {
        Self {
            inner: Arc::new(Inner {
                storage: Storage::new(store),
                pictures: Pictures::new(registry),
            }),
        }
    }

    async fn answer(&self, call: Call) -> Result<Answer, ApiError> {
        let Inner { storage, pictures } = &*self.inner;
        let output = match &*call.operation {
            "CreateCollection" => ops::collections::create(storage, call).await?,
            "DescribeCollection" => ops::collections::describe(storage, call).await?,
            "ListCollections" => ops::collections::list(storage, call)?,
            "DeleteCollection" => ops::collections::delete(storage, call).await?,
            "DetectFaces" => ops::detect_faces::answer(pictures, call).await?,
            "CompareFaces" => ops::compare_faces::answer(pictures, call).await?,
            "IndexFaces" => ops::index_faces::answer(storage, pictures, call).await?,
            "SearchFacesByImage" => ops::search::by_image(storage, pictures, call).await?,
            "SearchFaces" => ops::search::by_face(storage, pictures, call).await?,
            "ListFaces" => ops::faces::list(storage, call)?,
            "DeleteFaces" => ops::faces::delete(storage, call).await?,
            "TagResource" => ops::tags::tag(storage, call).await?,
            "UntagResource" => ops::tags::untag(storage, call).await?,
            "ListTagsForResource" => ops::tags::list(storage, call)?,
            other => return Err(ApiError::unknown_operation(other)),
        };
        Ok(Answer::json(output))
    }
}

impl Service for Rekognition {
    fn id(&self) -> &'static str {
        "rekognition"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(self.answer(call))
    }
}
