//! The domain: what an order is, what each of the four backend steps does to it, and how a step meets HTTP and Postgres.
//!
//! Start with [`steps`]: each step is one small file beside the SQL statement that does its work. Around them:
//!
//! - [`order`]: the words of the domain: an order's id, an event's delivery, a step's answer.
//! - [`card`], [`gateway`]: what somebody pays with, and the port to who takes the money.
//! - [`database`]: the pool, and the one way in which a statement reaches Postgres.
//! - [`http`]: from API Gateway's event to a step and back; the only place where errors become responses.
//! - [`config`]: the environment, read once; [`secrets`]: what it points to, which may change.
//!
//! Arrows point one way: `http` knows `steps`, `steps` know `gateway` and `database`, all know `order`. The rules
//! (`card`, and the `decide` function of each step) are pure: no clock, no randomness, no driver.

pub mod card;
pub mod config;
pub mod database;
pub mod gateway;
pub mod http;
pub mod order;
pub mod secrets;
pub mod steps;

pub use config::Config;
