//! Domain of the food ordering application: orders, the four backend steps, and their interfaces to HTTP and Postgres.
//!
//! Start with [`steps`]: each step is one file and one SQL statement. The other modules:
//!
//! - [`order`]: domain types: order id, event delivery, response of a step.
//! - [`card`], [`gateway`]: payment card, and the interface to payment providers.
//! - [`database`]: connection pool, and the only way to send a statement to Postgres.
//! - [`http`]: conversion of API Gateway events to steps, and of results and errors to responses.
//! - [`config`]: environment variables; [`secrets`]: secrets that they refer to, which may be rotated.
//!
//! Dependencies point one way: `http` uses `steps`, `steps` use `gateway` and `database`, all use `order`. The rules (`card`,
//! and the `decide` function of each step) are pure: no clock, no randomness, no driver.

pub mod card;
pub mod config;
pub mod database;
pub mod gateway;
pub mod http;
pub mod order;
pub mod secrets;
pub mod steps;

pub use config::Config;
