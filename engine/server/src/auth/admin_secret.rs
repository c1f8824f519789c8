//! Authentication by the admin secret.

use super::{Authenticated, Authenticator, ROLE};
use connection::Secret;
use engine_error::{Code, Error, Result};
use engine_model::session::{ADMIN, Session};
use futures_util::future::{BoxFuture, ready};
use http::HeaderMap;
use std::collections::BTreeMap;

const SECRET: &str = "x-hasura-admin-secret";
const LEGACY_SECRET_HEADER: &str = "x-hasura-access-key";

/// Authentication by the admin secret.
#[derive(Debug, Default)]
pub struct AdminSecret {
    /// Without a secret every request has the role that it names, by default admin.
    pub secret: Option<Secret>,
    /// Role of requests without the secret; `None` rejects them.
    pub unauthorized_role: Option<String>,
}

impl Authenticator for AdminSecret {
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> BoxFuture<'a, Result<Authenticated>> {
        Box::pin(ready(self.session(headers).and_then(Authenticated::new)))
    }
}

impl AdminSecret {
    /// Returns the session of a request, or a 401 `access-denied` error.
    fn session(&self, headers: &HeaderMap) -> Result<Session> {
        let Some(expected) = &self.secret else {
            return from_headers(headers);
        };
        match headers.get(SECRET).or_else(|| headers.get(LEGACY_SECRET_HEADER)) {
            Some(given) if expected.matches(given.as_bytes()) => from_headers(headers),
            Some(_) => Err(denied("invalid x-hasura-admin-secret/x-hasura-access-key")),
            None => match &self.unauthorized_role {
                // The role is fixed: a request without the secret cannot choose another one.
                Some(role) => {
                    let mut session = from_headers(headers)?;
                    session.backend_only = false;
                    session.variables.insert(ROLE.to_owned(), role.clone());
                    session.role.clone_from(role);
                    Ok(session)
                }
                None => Err(denied(
                    "x-hasura-admin-secret/x-hasura-access-key required, but not found",
                )),
            },
        }
    }
}

fn denied(message: &str) -> Error {
    Error::new(Code::AccessDenied, message).with_status(401)
}

/// Builds a session from all `x-hasura-*` headers except the secrets.
fn from_headers(headers: &HeaderMap) -> Result<Session> {
    let mut variables: BTreeMap<String, String> = headers
        .iter()
        .filter(|(name, _)| {
            let name = name.as_str();
            name.starts_with("x-hasura-") && name != SECRET && name != LEGACY_SECRET_HEADER
        })
        .map(|(name, value)| {
            // As in Hasura, invalid UTF-8 is replaced. Ignoring the header would give a request with an invalid role the
            // default role, admin.
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str().to_owned(), value.into_owned())
        })
        .collect();
    let role = variables
        .entry(ROLE.to_owned())
        .or_insert_with(|| ADMIN.to_owned())
        .clone();
    let backend_only = match variables.get(BACKEND_ONLY) {
        Some(text) => boolean(text)?,
        None => false,
    };
    Ok(Session {
        role,
        variables,
        backend_only,
    })
}

/// Header of a backend that uses the mutations restricted to backends.
const BACKEND_ONLY: &str = "x-hasura-use-backend-only-permissions";

fn boolean(text: &str) -> Result<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" => Ok(true),
        "false" | "f" | "no" | "n" => Ok(false),
        _ => {
            // Hasura's wording
            let message = format!(
                "{BACKEND_ONLY}:  Not a valid boolean text. True values are [\"true\",\"t\",\"yes\",\"y\"] and  False values are [\"false\",\"f\",\"no\",\"n\"]. All values are case insensitive"
            );
            Err(Error::new(Code::BadRequest, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn auth(secret: Option<&str>, unauthorized_role: Option<&str>) -> AdminSecret {
        AdminSecret {
            secret: secret.map(|secret| Secret::new(secret).unwrap()),
            unauthorized_role: unauthorized_role.map(ToOwned::to_owned),
        }
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn without_a_secret_the_role_of_the_request_is_used() {
        assert_eq!(auth(None, None).session(&headers(&[])).unwrap(), Session::admin());
        let given = headers(&[
            (ROLE, "user"),
            ("x-hasura-user-id", "1"),
            ("accept", "*/*"),
            (SECRET, "s"),
        ]);
        let session = auth(None, None).session(&given).unwrap();
        assert_eq!(
            session.to_json(),
            r#"{"x-hasura-role":"user","x-hasura-user-id":"1"}"#
        );
    }

    #[test]
    fn secret_is_required() {
        let auth = auth(Some("right"), None);
        assert!(auth.session(&headers(&[(SECRET, "right")])).unwrap().is_admin());
        assert!(
            auth.session(&headers(&[(LEGACY_SECRET_HEADER, "right")]))
                .unwrap()
                .is_admin()
        );
        let wrong = auth.session(&headers(&[(SECRET, "wrong")])).unwrap_err();
        assert_eq!((wrong.code, wrong.status), (Code::AccessDenied, 401));
        assert!(auth.session(&headers(&[(ROLE, "admin")])).is_err());
    }

    #[test]
    fn unauthorized_role_is_fixed() {
        let auth = auth(Some("right"), Some("anonymous"));
        let session = auth.session(&headers(&[(ROLE, "admin")])).unwrap();
        assert_eq!(
            (session.role.as_str(), session.variables[ROLE].as_str()),
            ("anonymous", "anonymous")
        );
        assert!(auth.session(&headers(&[(SECRET, "wrong")])).is_err());
    }

    #[test]
    fn role_that_is_not_ascii_is_not_admin() {
        let mut headers = HeaderMap::new();
        for (sent, role) in [("rôle".as_bytes(), "rôle"), (b"\xff", "\u{fffd}")] {
            headers.insert(ROLE, HeaderValue::from_bytes(sent).unwrap());
            assert_eq!(auth(None, None).session(&headers).unwrap().role, role);
        }
    }
}
