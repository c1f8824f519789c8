//! Authentication: headers of a request, or of a WebSocket's handshake and `connection_init`, → [`Session`].

mod admin_secret;
mod extract;

pub use admin_secret::AdminSecret;
pub(crate) use extract::{AdminSession, RequestSession};

use engine_error::{Code, Error, Result};
use engine_model::session::Session;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use tokio::time::Instant;

/// Maximum length of a role name in bytes, as of a Postgres identifier.
const MAX_ROLE_BYTES: usize = 63;

/// Header and session variable of the role.
const ROLE: &str = "x-hasura-role";

/// Method of authentication. It may perform I/O, for example call a webhook.
pub trait Authenticator: Send + Sync {
    /// Returns the session of a client that sent these headers, or an error with a 4xx status.
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> BoxFuture<'a, Result<Authenticated>>;
}

/// Result of a successful authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    session: Session,
    expires_at: Option<Instant>,
}

impl Authenticated {
    /// Returns an error if the role name is too long or contains control characters: it appears in log lines and in SQL.
    pub fn new(session: Session) -> Result<Self> {
        let role = &session.role;
        if role.len() > MAX_ROLE_BYTES {
            return Err(invalid_role(format!(
                "{ROLE} is too long: {} bytes; the limit is {MAX_ROLE_BYTES} bytes",
                role.len()
            )));
        }
        if role.chars().any(char::is_control) {
            return Err(invalid_role(format!(
                "{ROLE} contains control characters: {role:?}; remove them"
            )));
        }
        Ok(Self {
            session,
            expires_at: None,
        })
    }

    /// Limits the session: a WebSocket connection is closed at this time.
    #[must_use]
    pub fn expiring_at(mut self, expires_at: Instant) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// Returns the session and its end.
    pub(crate) fn into_parts(self) -> (Session, Option<Instant>) {
        (self.session, self.expires_at)
    }
}

fn invalid_role(message: String) -> Error {
    Error::new(Code::InvalidHeaders, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_roles_and_control_characters_are_rejected() {
        let check = |role: &str| Authenticated::new(Session::of_role(role));
        assert!(check(&"r".repeat(63)).is_ok());
        assert!(check("rôle").is_ok());
        for (role, reason) in [(&*"r".repeat(64), "64 bytes"), ("a\tb", "control characters")] {
            let error = check(role).unwrap_err();
            assert_eq!((error.code, error.status), (Code::InvalidHeaders, 400));
            assert!(error.message.contains(reason), "{error}");
        }
    }
}
