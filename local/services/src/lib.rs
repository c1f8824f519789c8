//! Postgres and pgBouncer as child processes, and the database roles of the engine and the functions.

pub mod engine_role;
pub mod function_roles;
pub mod functions;
pub mod login;
pub mod orphans;
pub mod pgbouncer;
pub mod postgres;
pub mod programs;
pub mod services;
