//! HTTP and WebSocket interfaces of the engine.
//!
//! [`router()`] lists the paths; each handler is in the module of its endpoint. [`auth`] makes the session of a request,
//! [`cross_site`] and [`cors`] protect against foreign web pages, and `error_response` is the only place that converts
//! errors into responses.

mod api_version;
mod app;
pub mod auth;
mod body;
pub mod body_budget;
mod client_address;
mod console;
mod cookies;
pub mod cors;
pub mod cross_site;
mod error_response;
mod explain;
mod graphql;
mod info;
mod json;
mod metadata;
mod middleware;
pub mod options;
mod pace;
mod rest;
mod router;
pub mod serve;
mod slow_requests;
mod status;
#[cfg(test)]
mod tests;
mod websocket;

pub use app::App;
pub use router::router;
pub use slow_requests::SlowRequests;
