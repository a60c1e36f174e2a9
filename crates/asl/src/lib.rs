//! canter-asl
