//! The application on one machine: Postgres, pgBouncer, the functions behind a gateway, the engine, the browser apps.
//! [`Stack`] starts and stops them together.

pub mod addresses;
pub mod apps;
mod concurrency;
pub mod engine;
pub mod functions;
pub mod identity;
mod ports;
pub mod setup;
mod stack;

pub use concurrency::{ConcurrencyArgs, ONE_CALL_PER_PROCESS};
pub use ports::{MAX_OFFSET, traces_port};
pub use stack::{Access, Database, FUNCTION_POOL_SIZE, Options, PortChoice, Stack};
