//! canter-gateway
