//! canter-service-states
