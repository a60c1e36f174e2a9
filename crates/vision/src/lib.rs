//! Pictures in, numbers or pixels out: decode, detect faces, align, embed, compare; thumbnails.
//!
//! The crate owns pixels and the face models with their weights. It never knows of HTTP, collections or AWS, reads no
//! file and no clock, and gives the same answer to the same bytes. Everything it is given is bounded: dimensions,
//! scans and memory are judged by the header before a pixel is decoded ([`Limits`]).
//!
//! Begin with [`decode`], then [`Models::detect`] and [`Models::embed`]; [`similarity`] compares two people. The
//! thumbnail needs no model: without the default feature `faces` nothing else is built.
//!
#![cfg_attr(feature = "faces", doc = "```")]
#![cfg_attr(not(feature = "faces"), doc = "```ignore")]
//! use vision::{Limits, Models, decode, similarity};
//!
//! # let bytes = include_bytes!("../tests/pictures/astronaut.jpg");
//! let models = Models::load()?;
//! let picture = decode(bytes, &Limits::default())?;
//! let faces = models.detect(&picture)?;
//! let person = models.embed(&picture, &faces[0])?;
//! assert!(similarity(person.cosine(&person)) > 99.9);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod exif;
#[cfg(feature = "faces")]
mod faces;
mod jpeg;
mod picture;
mod resample;
mod thumbnail;

#[cfg(feature = "faces")]
pub use faces::{
    Attributes, DIMENSIONS, Embedding, Face, Gallery, ModelError, Models, Point, Pose, Quality,
    Rect, Sunglasses, cosine_at, similarity,
};
pub use picture::{Format, ImageError, Limits, Picture, decode, sniff};
pub use thumbnail::{Thumb, thumbnail};
