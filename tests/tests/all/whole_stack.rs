//! The whole length, through the real binaries: engine, gateway, functions, pgBouncer and Postgres, each its own process.

mod faults;
mod order_lifecycle;
mod reference;
