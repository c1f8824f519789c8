//! What is tracked: the stored metadata in Hasura's v3 form, the commands that change it, and its resolution.

pub mod tracked;

/// The metadata as Hasura exports it (`version: 3`).
#[derive(Debug, Clone, Default)]
pub struct Metadata {}

/// Something in the metadata that does not fit the database, left out until it does.
#[derive(Debug, Clone)]
pub struct InconsistentObject {}
