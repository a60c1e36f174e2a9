//! rider-photo-functions
