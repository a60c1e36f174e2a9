//! canter-aws
