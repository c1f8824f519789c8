//! Collector of `cargo xtask dev --traces`: receives spans by OTLP over HTTP with JSON, keeps the newest in memory, and shows each trace as
//! a waterfall. It listens on a loopback address, and nothing is stored.

mod otlp;
mod server;
mod store;

pub use server::Collector;
pub use store::{MAX_SPANS, MAX_SPANS_PER_TRACE, SpanRecord, Store, TraceSummary};
