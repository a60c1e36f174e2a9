//! Functions of all kinds, run by real interpreters.

mod world;

mod api;
mod events;
mod lifetime;
mod limits;
mod node;
mod provided;
mod python;
