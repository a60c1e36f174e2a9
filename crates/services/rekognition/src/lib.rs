//! canter-service-rekognition
