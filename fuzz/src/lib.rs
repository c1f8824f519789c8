//! Fixtures that several fuzz targets share.

pub mod catalog;
pub mod metadata;
pub mod server;
pub mod wire;
