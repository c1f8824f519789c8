//! Integration tests of the engine against a real Postgres, in one binary, so that it is linked once.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod auth;
mod computed_fields;
mod events;
mod functions;
mod graphql;
mod hostile_names;
mod metadata;
mod naming;
mod permissions;
mod projects;
mod rest;
mod scale;
mod scheduled;
mod server;
mod stream;
mod support;
mod websocket;
