//! Who asks: a role and its session variables.

use std::collections::BTreeMap;

/// The role that may do everything.
pub const ADMIN: &str = "admin";

/// The session of one request, as authentication left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The role in force.
    pub role: String,
    /// All `x-hasura-*` variables, names in lower case, `x-hasura-role` among them, secrets removed.
    pub variables: BTreeMap<String, String>,
}

impl Session {
    /// A session of `role` with no variables but the role itself.
    pub fn of_role(role: &str) -> Self {
        Self {
            role: role.to_owned(),
            variables: BTreeMap::from([("x-hasura-role".to_owned(), role.to_owned())]),
        }
    }

    /// The admin's session.
    pub fn admin() -> Self {
        Self::of_role(ADMIN)
    }

    /// Whether everything is allowed.
    pub fn is_admin(&self) -> bool {
        self.role == ADMIN
    }

    /// The variables as the JSON object that events carry and that `SET LOCAL hasura.user` holds.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.variables).unwrap_or_else(|_| "{}".to_owned())
    }
}
