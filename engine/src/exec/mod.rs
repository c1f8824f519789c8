//! exec

pub mod pool;
