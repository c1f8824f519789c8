//! Catalog + metadata + role → GraphQL schema.

use crate::metadata::tracked::Tracked;

/// What one role sees: an immutable snapshot.
#[derive(Debug)]
pub struct RoleSchema {}

impl RoleSchema {
    /// Builds the schema of a role.
    pub fn build(_tracked: &Tracked, _role: &str, _stringify_numeric_types: bool) -> Self {
        todo!()
    }
}
