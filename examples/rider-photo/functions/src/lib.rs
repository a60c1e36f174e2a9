//! The six functions of the rider-photo workflow, as AWS Lambda functions for the `provided.al2023` runtime.
//!
//! Each function is a plain `fn(&dyn Aws, …, &Value) -> Result<Value, FunctionError>` in a module of its own; a
//! binary under `src/bin` reads its settings from the environment and hands the function to [`serve`]. Nothing here
//! knows Canter: the functions find their services by `AWS_ENDPOINT_URL`, or on AWS itself where it is not set.

mod aws;
mod error;
mod photo;
mod runtime;

pub mod face_detection;
pub mod face_search;
pub mod index_face;
pub mod notification;
pub mod persist_metadata;
pub mod thumbnail;

pub use aws::{Aws, AwsError, Client, ClientConfig};
pub use error::FunctionError;
pub use photo::Photo;
pub use runtime::{serve, setting};
