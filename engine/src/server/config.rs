//! What the engine is started with.

/// The options.
#[derive(Debug, Clone)]
pub struct Config {
    /// Whether bigint, numeric and double are printed as strings.
    pub stringify_numeric_types: bool,
}
