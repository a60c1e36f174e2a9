//! canter-store
