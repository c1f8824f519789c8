//! Session: role and session variables of a request.

use std::collections::BTreeMap;

/// Role without restrictions.
pub const ADMIN: &str = "admin";

/// Session of one request, as determined by authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Effective role.
    pub role: String,
    /// All `x-hasura-*` variables with lowercase names, including `x-hasura-role`, without secrets.
    pub variables: BTreeMap<String, String>,
}

impl Session {
    /// Returns a session whose only variable is the role.
    pub fn of_role(role: &str) -> Self {
        Self {
            role: role.to_owned(),
            variables: BTreeMap::from([("x-hasura-role".to_owned(), role.to_owned())]),
        }
    }

    pub fn admin() -> Self {
        Self::of_role(ADMIN)
    }

    pub fn is_admin(&self) -> bool {
        self.role == ADMIN
    }

    /// Returns the variables as a JSON object, used in events and for `SET LOCAL hasura.user`.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.variables).unwrap_or_else(|_| "{}".to_owned())
    }
}
