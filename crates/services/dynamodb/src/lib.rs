//! canter-service-dynamodb
