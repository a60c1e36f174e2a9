//! The few AWS calls the functions make: what they need ([`Aws`]), the client that makes them, and a fake for tests.

mod client;
mod sigv4;

use std::fmt;

use serde_json::Value;

pub use client::{Client, ClientConfig};

/// What the functions ask of AWS.
pub trait Aws: Send + Sync {
    /// One Rekognition operation.
    ///
    /// # Errors
    /// Rekognition's error, or `NetworkingError`/`TimeoutError` when it did not answer.
    fn rekognition(&self, operation: &str, request: &Value) -> Result<Value, AwsError>;

    /// One DynamoDB operation.
    ///
    /// # Errors
    /// DynamoDB's error, or `NetworkingError`/`TimeoutError` when it did not answer.
    fn dynamodb(&self, operation: &str, request: &Value) -> Result<Value, AwsError>;

    /// The bytes of an S3 object.
    ///
    /// # Errors
    /// S3's error, `NetworkingError`/`TimeoutError`, or `ImageTooLargeException` above the size of a photo.
    fn get_object(&self, bucket: &str, key: &str) -> Result<Vec<u8>, AwsError>;

    /// Writes an S3 object.
    ///
    /// # Errors
    /// S3's error, or `NetworkingError`/`TimeoutError`.
    fn put_object(
        &self,
        bucket: &str,
        key: &str,
        content_type: &str,
        bytes: &[u8],
    ) -> Result<(), AwsError>;
}

/// An error as the AWS SDKs show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsError {
    /// The code, e.g. `InvalidS3ObjectException`.
    pub code: String,
    /// The service's words.
    pub message: String,
}

impl AwsError {
    /// An error of that code.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for AwsError {}

#[cfg(test)]
pub(crate) mod fake {
    use std::collections::BTreeMap;
    use std::sync::{Mutex, MutexGuard};

    use super::{Aws, AwsError};
    use serde_json::Value;

    /// Content type and bytes by bucket and key.
    type Objects = BTreeMap<(String, String), (String, Vec<u8>)>;

    /// Answers every JSON call alike, keeps objects in memory, and remembers what it was asked.
    pub(crate) struct FakeAws {
        answer: Result<Value, AwsError>,
        asked: Mutex<Vec<(String, Value)>>,
        objects: Mutex<Objects>,
    }

    impl FakeAws {
        pub(crate) fn answering(answer: Value) -> Self {
            Self::new(Ok(answer))
        }

        pub(crate) fn failing(code: &str, message: &str) -> Self {
            Self::new(Err(AwsError::new(code, message)))
        }

        fn new(answer: Result<Value, AwsError>) -> Self {
            Self {
                answer,
                asked: Mutex::default(),
                objects: Mutex::default(),
            }
        }

        pub(crate) fn requests(&self) -> Vec<(String, Value)> {
            lock(&self.asked).clone()
        }

        /// The content type and bytes of an object.
        pub(crate) fn object(&self, bucket: &str, key: &str) -> Option<(String, Vec<u8>)> {
            lock(&self.objects)
                .get(&(bucket.to_owned(), key.to_owned()))
                .cloned()
        }

        fn ask(&self, name: String, request: &Value) -> Result<Value, AwsError> {
            lock(&self.asked).push((name, request.clone()));
            self.answer.clone()
        }
    }

    fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex
            .lock()
            .expect("no test panics while it holds the lock")
    }

    impl Aws for FakeAws {
        fn rekognition(&self, operation: &str, request: &Value) -> Result<Value, AwsError> {
            self.ask(format!("rekognition:{operation}"), request)
        }

        fn dynamodb(&self, operation: &str, request: &Value) -> Result<Value, AwsError> {
            self.ask(format!("dynamodb:{operation}"), request)
        }

        fn get_object(&self, bucket: &str, key: &str) -> Result<Vec<u8>, AwsError> {
            self.object(bucket, key)
                .map(|(_, bytes)| bytes)
                .ok_or_else(|| AwsError::new("NoSuchKey", "The specified key does not exist."))
        }

        fn put_object(
            &self,
            bucket: &str,
            key: &str,
            content_type: &str,
            bytes: &[u8],
        ) -> Result<(), AwsError> {
            lock(&self.objects).insert(
                (bucket.to_owned(), key.to_owned()),
                (content_type.to_owned(), bytes.to_vec()),
            );
            Ok(())
        }
    }
}
