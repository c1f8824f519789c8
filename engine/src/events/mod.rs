//! Event triggers: changes of tracked tables are written down in the same transaction and delivered at
//! least once to webhooks.

pub mod resolve;
pub mod types;

pub use resolve::{ResolvedTrigger, resolve};
pub use types::EventTrigger;
