//! The dictionary of AWS's fixed words: ARNs, errors, calls, and the API models.
//!
//! This crate owns the names and shapes that AWS fixed and the codecs over them. It never knows what an operation
//! does. Begin with [`Call`] (one request, decoded), [`Service`] (what answers it) and [`Registry`] (who is asked).
//! A request that came over HTTP and one that a Task state makes meet at the same [`Service::call`].

#![warn(missing_docs)]

mod arn;
mod call;
mod error;
mod http;
mod identity;
pub mod model;
pub mod protocol;
mod service;
mod shape_value;
mod timestamp;

pub use arn::{Arn, ArnError};
pub use call::{Answer, Call, Caller, Members, RequestId};
pub use error::{ApiError, Fault};
pub use http::{Body, BodyError, HttpService, empty_body, full_body};
pub use identity::{Identities, Identity, access_key_id, account_of_access_key, base32};
pub use service::{BoxFuture, Registry, Service};
pub use shape_value::Quotas;
