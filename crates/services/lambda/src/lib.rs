//! canter-service-lambda
