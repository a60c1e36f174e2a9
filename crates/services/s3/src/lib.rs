//! canter-service-s3
