//! The whole stack with the real binaries: engine, gateway, functions, pgBouncer and Postgres as separate processes.

mod cost;
mod crash;
mod cron_triggers;
mod endings;
mod existing_database;
mod faults;
mod identity;
mod order_lifecycle;
mod permissions;
mod reference;
mod simulation;
mod traces;
