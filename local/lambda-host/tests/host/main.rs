//! The function host and gateway, with a real Lambda binary that misbehaves on request.

#![expect(clippy::unwrap_used, reason = "a failure in a test helper fails the test")]

mod concurrency;
mod environment;
mod failures;
mod fixture;
mod gateway;
mod pages;
mod processes;
mod runtime_api;
