//! Event triggers as metadata documents ([`types`]), checked ([`check()`]) and resolved ([`resolve()`]).

mod check;
pub mod environment;
pub mod resolve;
pub mod types;

pub use check::check;
pub use resolve::{ResolvedTrigger, resolve};
pub use types::EventTrigger;
