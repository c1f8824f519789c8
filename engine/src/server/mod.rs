//! HTTP and WebSocket interfaces, authentication, configuration.
//!
//! [`run`] assembles an engine and serves requests; [`router`] lists the paths; [`error`] converts errors into responses.

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
