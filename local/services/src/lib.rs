//! Postgres and pgBouncer as child processes, and the functions' database role.

pub mod app_role;
pub mod login;
pub mod orphans;
pub mod pgbouncer;
pub mod postgres;
pub mod programs;
pub mod services;
