//! The edges: HTTP, WebSocket, authentication, configuration.

pub mod config;
