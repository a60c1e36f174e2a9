//! canter-vision
