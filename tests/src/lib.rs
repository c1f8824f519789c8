//! Fixtures for the tests of this package, on top of `testkit`. The tests are one binary, `tests/tests/all/main.rs`.
//!
//! - [`calls`]: events of API Gateway for a function in this process.
//! - [`certificates`]: a certificate authority.
//! - [`database`]: a database per test with `schema.sql`, reached directly and through pgBouncer.
//! - [`deployed`]: the functions and their connections to the database as on AWS.
//! - [`gateway`]: a gateway that fails deliveries.
//! - [`invariants`]: conditions that hold for every order at any time.
//! - [`ministack`]: an AWS emulator.
//! - [`orders`]: orders written and read by SQL.
//! - [`pooler`]: a dedicated pgBouncer, with or without tracking of prepared statements.
//! - [`stack`]: the whole local stack.
//! - [`tokens`]: an issuer of tokens, with a sign-in page (`sign_in`).

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a fixture that fails fails the test"
)]

pub mod calls;
pub mod certificates;
pub mod database;
pub mod deployed;
pub mod gateway;
pub mod invariants;
pub mod ministack;
pub mod orders;
pub mod pooler;
mod sign_in;
pub mod stack;
pub mod tokens;
