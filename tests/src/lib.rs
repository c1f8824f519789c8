//! What the tests of this workspace share. The tests themselves are one binary, `tests/tests/all/main.rs`.
//!
//! - [`database`]: a database per test, with `schema.sql` in it, reached directly and through pgBouncer.
//! - [`invariants`]: what must hold of every order at any moment.
//! - [`ministack`]: AWS without AWS.
//! - [`orders`]: placing orders in it, and asking what became of them.
//! - [`proxy`]: a database that goes away, at will.
//! - [`gateway`]: a gateway in bad shape.
//! - [`shop`]: a whole stack of a test's own; [`socket`]: a live query on it.
//! - [`deployed`]: the functions and their way to the database as they are on AWS; [`certificates`]: whom they trust.
//! - [`calls`]: API Gateway's events, handed to a function in this process.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "what fails in the harness fails the test, and says why"
)]

pub mod calls;
pub mod certificates;
pub mod database;
pub mod deployed;
pub mod gateway;
pub mod invariants;
pub mod ministack;
pub mod orders;
pub mod proxy;
pub mod shop;
pub mod socket;
