//! Programs that builds and tests need: found on this machine, or installed.

pub mod node;
pub mod pgbouncer;
pub mod programs;
pub mod python;
