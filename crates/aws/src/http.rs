use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full};

use crate::{BoxFuture, Caller, RequestId};

/// Why a body could not be read or written to its end.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// A streaming HTTP body.
pub type Body = BoxBody<Bytes, BodyError>;

/// A body that is there already.
pub fn full_body(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed()
}

/// A body of no bytes.
pub fn empty_body() -> Body {
    Empty::new().map_err(|never| match never {}).boxed()
}

/// A service that speaks HTTP itself (S3), instead of the model-driven protocols.
///
/// The gateway has authenticated the request; the handler applies its own size and time bounds to the stream.
pub trait HttpService: Send + Sync {
    /// Answers one request. Errors are responses.
    fn handle(
        &self,
        caller: Caller,
        request_id: RequestId,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, http::Response<Body>>;
}
