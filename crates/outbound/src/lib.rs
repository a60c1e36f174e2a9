//! Calls that leave this process.
//!
//! The crate owns the one HTTP client of the house and what is said over it: [`Remote`], a service of AWS's that lives
//! elsewhere and answers here like any other, [`S3Door`], which passes S3's requests on, and [`Http`], which is Step
//! Functions' HTTP Task. It keeps nothing. Begin with [`Client::send`]; every call is bounded in time and size.

mod client;
mod http;
mod remote;
mod s3_door;
mod sign;

pub use client::{CertificateError, Client, Error, Limits};
pub use http::Http;
pub use remote::{Credentials, Endpoint, EndpointError, Remote};
pub use s3_door::S3Door;
