//! Domain of the food ordering application: orders, the backend steps, and their interfaces to HTTP and Postgres.
//!
//! Start with [`steps`]: each step is one file and one SQL statement. The other modules:
//!
//! - [`order`]: domain types: order id, event delivery, response of a step.
//! - [`identity`], [`token`]: users and their roles, and the tokens that prove them.
//! - [`card`], [`gateway`]: payment card, and the interface to payment providers.
//! - [`database`]: connection pool, and the only way to send a statement to Postgres.
//! - [`http`]: conversion of API Gateway events to steps, and of results and errors to responses.
//! - [`metrics`]: metrics of the functions, as lines of the log; [`certificate`]: validity of certificates.
//! - [`trace`]: trace that a request belongs to, which its order began.
//! - [`config`]: environment variables; [`secrets`]: secrets that they refer to; [`rotation`]: renewal of the secrets.
//!
//! Dependencies point one way: `http` uses `steps`, `steps` use `gateway`, `token` and `database`, all use `order` and `identity`.
//! The rules (`card`, `identity`, the claims of a token, and the `decide` function of each step) are pure: no clock, no
//! randomness, no driver.

pub mod card;
pub mod certificate;
pub mod config;
pub mod database;
pub mod gateway;
pub mod http;
pub mod identity;
pub mod metrics;
pub mod order;
pub mod rotation;
pub mod secrets;
pub mod steps;
pub mod token;
pub mod trace;

pub use config::Config;
