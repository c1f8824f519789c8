//! The edges: HTTP, WebSocket, authentication, configuration.
//!
//! [`run`] assembles an engine and serves it; [`router`] is the list of paths; [`error`] is the one place where errors
//! become responses.

pub mod auth;
pub mod config;
pub mod cors;
pub mod cross_site;
pub mod error;
mod explain;
mod frame;
mod graphql;
mod info;
pub mod logging;
mod metadata;
pub mod router;
pub mod run;
mod version;
mod websocket;

pub use run::{Server, StartError, serve};
