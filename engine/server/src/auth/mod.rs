//! Authentication: headers of a request, or of a WebSocket's handshake and `connection_init`, → [`Session`].
//!
//! [`Authentication`] is the configured combination of admin secrets, an unauthorized role, and one of [`jwt`] and
//! [`webhook`]. `session` makes the session of a client with the admin secret from its headers.

mod admission;
mod authentication;
mod cache_control;
mod extract;
mod http_client;
pub mod jwt;
mod repeated;
mod session;
pub mod webhook;

pub use admission::{Admission, Capacity};
pub use authentication::{Authentication, Method, UnauthorizedRole};
pub(crate) use extract::{AdminCommandSession, AdminSession, GraphqlInput, RequestSession, without_cookies};
pub(crate) use session::privileged;

use engine_error::{Code, Error, Result};
use engine_model::session::{ROLE, Session};
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// Maximum length of a role name in bytes, as of a Postgres identifier.
const MAX_ROLE_BYTES: usize = 63;

/// Maximum length of all session variables of a request in bytes, names included: each row's event repeats them.
const MAX_SESSION_BYTES: usize = 4096;

/// Maximum time until a WebSocket connection is closed because its session expires. Later times are not representable in
/// all clocks.
const MAX_SESSION_TIME: Duration = Duration::from_hours(24 * 365);

/// Input of the authentication of a client.
#[derive(Debug, Clone, Copy)]
pub struct Credentials<'a> {
    pub headers: &'a HeaderMap,
    /// Body of a request to a GraphQL endpoint; `None` unless [`Authenticator::needs_body`].
    pub body: Option<&'a Value>,
}

/// Method of authentication. It may perform I/O, for example call a webhook.
pub trait Authenticator: Send + Sync {
    /// Returns the session of a client, or an error with a 4xx status, or 500 if a webhook fails.
    fn authenticate<'a>(&'a self, credentials: Credentials<'a>) -> BoxFuture<'a, Result<Authenticated>>;

    /// Reserves the capacity for the authentication of a client with these headers, which is held until it ends. Returns an error
    /// with status 503 if there is none.
    fn admit(&self, _headers: &HeaderMap) -> Result<Admission> {
        Ok(Admission::default())
    }

    /// Whether the body of a GraphQL request is part of the credentials of a client with these headers.
    fn needs_body(&self, _headers: &HeaderMap) -> bool {
        false
    }
}

/// Result of a successful authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    session: Session,
    expires_at: Option<Instant>,
    cookies: Vec<HeaderValue>,
    /// Whether the client has credentials; false with the role of requests without them.
    identified: bool,
}

impl Authenticated {
    /// Returns an error if the role name is too long or contains control characters, because it appears in log lines and in
    /// SQL, or if the session variables are too long or contain a character that Postgres cannot store.
    pub fn new(session: Session) -> Result<Self> {
        let role = &session.role;
        if role.len() > MAX_ROLE_BYTES {
            return Err(invalid_session(format!(
                "{ROLE} is too long: {} bytes; the limit is {MAX_ROLE_BYTES} bytes",
                role.len()
            )));
        }
        if role.chars().any(char::is_control) {
            return Err(invalid_session(format!(
                "{ROLE} contains control characters: {role:?}; remove them"
            )));
        }
        let lengths = session
            .variables
            .iter()
            .map(|(name, value)| name.len() + value.len());
        let length = lengths.sum::<usize>();
        if length > MAX_SESSION_BYTES {
            return Err(invalid_session(format!(
                "session variables are too long: {length} bytes; the limit is {MAX_SESSION_BYTES} bytes"
            )));
        }
        let with_nul = session
            .variables
            .iter()
            .find(|(name, value)| name.contains('\0') || value.contains('\0'));
        if let Some((name, _)) = with_nul {
            return Err(invalid_session(format!(
                "session variable {name:?} contains the character U+0000; remove it"
            )));
        }
        Ok(Self {
            session,
            expires_at: None,
            cookies: Vec::new(),
            identified: true,
        })
    }

    /// Limits the session: a WebSocket connection is closed after this time.
    #[must_use]
    pub fn expiring_in(mut self, time: Duration) -> Self {
        self.expires_at = Instant::now().checked_add(time.min(MAX_SESSION_TIME));
        self
    }

    /// Marks the session as that of a client without credentials.
    #[must_use]
    pub(crate) fn unidentified(mut self) -> Self {
        self.identified = false;
        self
    }

    /// Adds `Set-Cookie` headers for the response.
    #[must_use]
    pub fn with_cookies(mut self, cookies: Vec<HeaderValue>) -> Self {
        self.cookies = cookies;
        self
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    pub(crate) fn is_identified(&self) -> bool {
        self.identified
    }

    pub(crate) fn into_session(self) -> Session {
        self.session
    }

    pub fn expires_at(&self) -> Option<Instant> {
        self.expires_at
    }
}

fn invalid_session(message: String) -> Error {
    Error::new(Code::InvalidHeaders, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

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

    #[test]
    fn long_variables_and_nul_are_rejected() {
        let check = |value: String| {
            let variables = BTreeMap::from([("x-hasura-user-id".to_owned(), value)]);
            Authenticated::new(Session::new("user".to_owned(), variables))
        };
        assert!(check("1".repeat(4000)).is_ok());
        for (value, reason) in [("1".repeat(4096), "4096 bytes"), ("a\0".to_owned(), "U+0000")] {
            let error = check(value).unwrap_err();
            assert_eq!((error.code, error.status), (Code::InvalidHeaders, 400));
            assert!(error.message.contains(reason), "{error}");
        }
    }

    #[test]
    fn expiry_beyond_the_clock_is_bounded() {
        let session = Authenticated::new(Session::admin()).unwrap();
        assert!(session.expiring_in(Duration::MAX).expires_at().is_some());
    }
}
