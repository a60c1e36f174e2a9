//! canter-service-iam
