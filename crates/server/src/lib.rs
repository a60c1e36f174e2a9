//! canter
