//! Cron triggers and one-off scheduled events: definitions ([`types`]), schedules ([`schedule`]), the list in the metadata
//! ([`document`]), and their resolution for delivery ([`resolve()`]).

pub mod document;
pub mod resolve;
pub mod schedule;
pub mod types;

pub use resolve::{ResolvedCronTrigger, ResolvedWebhook, resolve};
pub use types::CronTrigger;

/// Number of upcoming events of a cron trigger that are inserted at once, and below which more are inserted.
pub const UPCOMING: usize = 100;
