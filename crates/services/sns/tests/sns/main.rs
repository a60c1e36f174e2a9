//! SNS as its callers and its endpoints see it, on a disk and a network of the tests' own.

mod deliveries;
mod inbox;
mod publish;
mod restarts;
mod subscriptions;
mod topics;
mod world;
