//! canter-runtime
