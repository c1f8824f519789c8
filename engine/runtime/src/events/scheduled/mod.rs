//! Events of cron triggers and one-off events, delivered at their time, as in Hasura. The dispatcher of captured events and this
//! scheduler share the pool, the instance lock, the HTTP client and the memory of large payloads.
//!
//! - `scheduler`: the main loop, which sleeps until the next event is due
//! - `generator`: the upcoming events of cron triggers
//! - `queue`: the statements
//! - `event`, `request`, `delivery`: one delivery

mod delivery;
mod event;
mod generator;
mod queue;
mod request;
mod scheduler;

pub(super) use scheduler::Scheduler;
