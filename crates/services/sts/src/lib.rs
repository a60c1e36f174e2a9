//! canter-service-sts
