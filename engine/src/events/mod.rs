//! Event triggers: changes of tracked tables are written down in the same transaction ([`capture`]) and delivered at
//! least once to webhooks.

pub mod capture;
pub mod resolve;
pub mod types;

pub use resolve::{ResolvedTrigger, resolve};
pub use types::EventTrigger;

/// Creates or updates the event queue in `hdb_catalog`. For `batch_execute` at start-up, before anything else of this room.
pub const CATALOG_SQL: &str = include_str!("catalog.sql");
