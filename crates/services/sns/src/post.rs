//! How a message leaves this machine: one HTTP POST.

use std::sync::Arc;

use aws::BoxFuture;
use bytes::Bytes;

/// Sends a request to an HTTP(S) endpoint, without following redirects; gives the status of the answer, or why there was
/// none. AWS gives an endpoint 15 seconds.
pub type Post =
    Arc<dyn Fn(http::Request<Bytes>) -> BoxFuture<'static, Result<u16, String>> + Send + Sync>;
