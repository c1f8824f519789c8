//! The whole stack with the real binaries: engine, gateway, functions, pgBouncer and Postgres as separate processes.

mod faults;
mod order_lifecycle;
mod reference;
