//! Programs that the build and the tests need: found on the machine, or installed.

pub mod node;
pub mod programs;
pub mod python;
