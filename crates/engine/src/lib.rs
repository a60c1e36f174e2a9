//! canter-engine
