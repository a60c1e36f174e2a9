//! SQS as its callers see it, on a clock and a disk of the tests' own.

mod dead_letters;
mod fifo;
mod messages;
mod queues;
mod restarts;
mod world;
