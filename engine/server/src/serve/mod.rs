//! TCP connections: the accept loop, the graceful shutdown, and what a client may use before it is authenticated.
//!
//! `axum::serve` has no limits. This server speaks HTTP/1.1 only, and closes connections that exceed [`ConnectionLimits`].

mod accept;
mod activity;
mod connection;
mod refusal;
mod registry;
mod stream;

pub use accept::serve;
pub(crate) use registry::Slot;

use std::time::Duration;

/// Limits of the connections of clients.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// Maximum time from the start of a connection, or from the first byte of a later request, to the end of the request's headers.
    pub header_timeout: Duration,
    /// Maximum time between two requests of a connection.
    pub idle_timeout: Duration,
    /// Maximum time without progress of a response that the client does not read.
    pub write_timeout: Duration,
    /// Maximum number of connections, `WebSocket`s included.
    pub connections: usize,
    /// The same per client address, for IPv6 per network of 64 bits; `None` if there is no limit.
    pub connections_per_address: Option<usize>,
    /// Maximum length of the request line and the headers of a request in bytes.
    pub header_bytes: usize,
}
