//! Fixtures that the integration tests of this workspace share.
//!
//! The crate knows the engine only as an HTTP server or as a binary, never as a library: the tests of the package
//! `engine` depend on it, and a dependency in the other direction would be a cycle.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a fixture that fails fails the test"
)]

pub mod database;
pub mod engine;
pub mod gate;
pub mod jwt;
pub mod proxy;
pub mod socket;
pub mod statement_log;
pub mod wait;
pub mod webhook;

pub use database::TestDatabase;
pub use engine::{EngineClient, EngineProcess};
pub use gate::Gate;
pub use socket::Socket;
pub use statement_log::StatementLog;
pub use wait::{eventually, eventually_within};
pub use webhook::Webhook;

/// Returns an HTTP client without a proxy; installs the TLS provider that `reqwest` requires.
pub fn http_client() -> reqwest::Client {
    // Another fixture or the engine itself may have installed the provider.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a TLS provider is installed")
}
