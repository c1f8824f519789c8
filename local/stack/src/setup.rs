//! Set-up of a new database and engine: the schema, tracked tables and relationships, event and cron triggers, permissions.
//! Each step is idempotent; existing objects are kept.

mod client;
mod cron_triggers;
mod event_triggers;
mod export;
mod introspection;
mod permissions;
mod schema;
mod tracking;

pub use client::{Metadata, MetadataError};
pub use cron_triggers::{CRON_TRIGGERS, load_cron_triggers, read_cron_triggers};
pub use event_triggers::load_triggers;
pub use introspection::limit_introspection;
pub use permissions::load_permissions;
pub use schema::{DELETE_DEMO_ACCOUNTS, DEMO_ACCOUNTS, apply_schema, run_sql};
pub use tracking::{track, track_remotely};
