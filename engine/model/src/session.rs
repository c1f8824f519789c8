//! Session: role and session variables of a request.

use std::collections::BTreeMap;
use trace_context::TraceContext;

/// Role without restrictions.
pub const ADMIN: &str = "admin";

/// Name of the session variable, and of the header, of the role.
pub const ROLE: &str = "x-hasura-role";

/// Session of one request, as determined by authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Effective role.
    pub role: String,
    /// All `x-hasura-*` variables with lowercase names, including `x-hasura-role`, without secrets.
    pub variables: BTreeMap<String, String>,
    /// Whether permissions with `backend_only` apply. Only a client with the admin secret can request it.
    pub backend_only: bool,
    /// Trace that the request belongs to, as the client sent it. Not part of the identity.
    pub trace: Option<TraceContext>,
}

impl Session {
    /// Returns a session whose only variable is the role.
    pub fn of_role(role: &str) -> Self {
        Self::new(role.to_owned(), BTreeMap::new())
    }

    /// Returns a session of this role; the variable of the role is set to it. Names of variables must be lowercase.
    pub fn new(role: String, mut variables: BTreeMap<String, String>) -> Self {
        variables.insert(ROLE.to_owned(), role.clone());
        Self {
            role,
            variables,
            backend_only: false,
            trace: None,
        }
    }

    pub fn admin() -> Self {
        Self::of_role(ADMIN)
    }

    /// Whether both sessions have the same rights; their traces may differ.
    pub fn has_identity_of(&self, other: &Self) -> bool {
        (&self.role, &self.variables, self.backend_only)
            == (&other.role, &other.variables, other.backend_only)
    }

    pub fn is_admin(&self) -> bool {
        self.role == ADMIN
    }

    /// Returns the variables as a JSON object, used in events, for arguments of functions and for `SET LOCAL hasura.user`.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.variables).unwrap_or_else(|_| "{}".to_owned())
    }
}
