//! Functions of all kinds, run by real interpreters.

mod world;

mod python;
