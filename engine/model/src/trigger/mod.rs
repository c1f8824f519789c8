//! Event triggers as metadata documents ([`types`]), checked ([`check()`]) and resolved ([`resolve()`]), and the retention of
//! their logs ([`cleanup`]).

mod check;
pub mod cleanup;
pub mod environment;
pub mod resolve;
pub mod types;

pub use check::check;
pub(crate) use check::{check_header, check_transform};
pub use cleanup::CleanupConfig;
pub use resolve::{ResolvedTrigger, resolve};
pub use types::EventTrigger;
