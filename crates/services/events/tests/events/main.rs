//! EventBridge among other services, which the tests play.

mod api;
mod delivery;
mod schedules;
mod world;
