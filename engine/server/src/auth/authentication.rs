//! Choice of the method: the admin secret alone decides if it is sent; otherwise JWT, the webhook or the unauthorized role.

use super::jwt::Jwt;
use super::repeated::only;
use super::session::{LEGACY_SECRET, SECRET, privileged, variables};
use super::webhook::Webhook;
use super::{Admission, Authenticated, Authenticator, Credentials};
use connection::Secret;
use engine_error::{Code, Error, Result};
use engine_model::session::Session;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue};
use std::collections::BTreeMap;

/// Configured authentication of all requests. The default has no secret: every request has the role that it names, by
/// default admin.
#[derive(Debug, Default)]
pub struct Authentication {
    /// Each of them is accepted, so that a secret can be replaced without an interruption.
    pub admin_secrets: Vec<Secret>,
    /// Applies to requests without any credentials; `None` rejects them.
    pub unauthorized: Option<UnauthorizedRole>,
    /// Authentication of requests without the admin secret. Has no effect if there is no admin secret.
    pub method: Option<Method>,
}

/// Authentication of clients without the admin secret.
#[derive(Debug)]
pub enum Method {
    Jwt(Jwt),
    Webhook(Box<Webhook>),
}

/// Role of requests without credentials.
#[derive(Debug, Clone)]
pub struct UnauthorizedRole {
    pub role: String,
    /// Whether the other session variables are the client's headers, as in Hasura. Permissions of the role must not use
    /// them then: any client can send any value.
    pub trusts_headers: bool,
}

impl Authenticator for Authentication {
    fn authenticate<'a>(&'a self, credentials: Credentials<'a>) -> BoxFuture<'a, Result<Authenticated>> {
        Box::pin(self.run(credentials))
    }

    fn admit(&self, headers: &HeaderMap) -> Result<Admission> {
        match self.called_webhook(headers) {
            Some(webhook) => webhook.capacity.admit(),
            None => Ok(Admission::default()),
        }
    }

    fn needs_body(&self, headers: &HeaderMap) -> bool {
        self.called_webhook(headers).is_some_and(Webhook::needs_body)
    }
}

impl Authentication {
    /// Returns the webhook if it decides about a client with these headers.
    fn called_webhook(&self, headers: &HeaderMap) -> Option<&Webhook> {
        match &self.method {
            Some(Method::Webhook(webhook)) => {
                let decides = !self.admin_secrets.is_empty() && !sends_secret(headers);
                decides.then_some(webhook)
            }
            Some(Method::Jwt(_)) | None => None,
        }
    }

    async fn run(&self, credentials: Credentials<'_>) -> Result<Authenticated> {
        let headers = credentials.headers;
        if self.admin_secrets.is_empty() {
            return Authenticated::new(privileged(variables(headers)?)?);
        }
        if let Some(sent) = sent_secret(headers)? {
            // All secrets are compared, so that the time does not depend on which one matches.
            let matches = |found, secret: &Secret| found | secret.matches(sent);
            if !self.admin_secrets.iter().fold(false, matches) {
                return Err(denied("invalid x-hasura-admin-secret/x-hasura-access-key"));
            }
            return Authenticated::new(privileged(variables(headers)?)?);
        }
        match &self.method {
            Some(Method::Webhook(webhook)) => webhook.authenticate(credentials).await,
            Some(Method::Jwt(jwt)) => match jwt.authenticate(headers).await? {
                Some(authenticated) => Ok(authenticated),
                None => self.unauthorized(headers, || {
                    // Hasura's wording
                    let message = "Missing 'Authorization' or 'Cookie' header in JWT authentication mode";
                    Error::new(Code::InvalidHeaders, message)
                }),
            },
            None => self.unauthorized(headers, || {
                denied("x-hasura-admin-secret/x-hasura-access-key required, but not found")
            }),
        }
    }

    /// Session of a request without credentials. The role is fixed: the client cannot choose another one.
    fn unauthorized(&self, headers: &HeaderMap, refusal: impl FnOnce() -> Error) -> Result<Authenticated> {
        let Some(UnauthorizedRole { role, trusts_headers }) = &self.unauthorized else {
            return Err(refusal());
        };
        let variables = if *trusts_headers {
            variables(headers)?
        } else {
            BTreeMap::new()
        };
        Ok(Authenticated::new(Session::new(role.clone(), variables))?.unidentified())
    }
}

fn sends_secret(headers: &HeaderMap) -> bool {
    headers.contains_key(SECRET) || headers.contains_key(LEGACY_SECRET)
}

fn sent_secret(headers: &HeaderMap) -> Result<Option<&[u8]>> {
    let sent = match only(headers, SECRET)? {
        Some(sent) => Some(sent),
        None => only(headers, LEGACY_SECRET)?,
    };
    Ok(sent.map(HeaderValue::as_bytes))
}

// Hasura's wording
fn denied(message: &str) -> Error {
    Error::new(Code::AccessDenied, message).with_status(401)
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine_model::session::ROLE;
    use futures_util::FutureExt as _;
    use http::HeaderName;

    fn auth(secrets: &[&str], unauthorized_role: Option<&str>) -> Authentication {
        Authentication {
            admin_secrets: secrets
                .iter()
                .map(|&secret| Secret::new(secret).unwrap())
                .collect(),
            unauthorized: unauthorized_role.map(|role| UnauthorizedRole {
                role: role.to_owned(),
                trusts_headers: false,
            }),
            method: None,
        }
    }

    fn session(auth: &Authentication, headers: &HeaderMap) -> Result<Session> {
        let credentials = Credentials { headers, body: None };
        let result = auth.authenticate(credentials).now_or_never().unwrap();
        result.map(|authenticated| authenticated.session().clone())
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn without_a_secret_the_role_of_the_request_is_used() {
        let open = auth(&[], None);
        assert_eq!(session(&open, &headers(&[])).unwrap(), Session::admin());
        let given = headers(&[
            (ROLE, "user"),
            ("x-hasura-user-id", "1"),
            ("accept", "*/*"),
            (SECRET, "s"),
        ]);
        assert_eq!(
            session(&open, &given).unwrap().to_json(),
            r#"{"x-hasura-role":"user","x-hasura-user-id":"1"}"#
        );
    }

    #[test]
    fn secret_is_required() {
        let auth = auth(&["right", "next"], None);
        for right in [
            [(SECRET, "right")],
            [(SECRET, "next")],
            [(LEGACY_SECRET, "right")],
        ] {
            assert!(session(&auth, &headers(&right)).unwrap().is_admin());
        }
        let wrong = session(&auth, &headers(&[(SECRET, "wrong")])).unwrap_err();
        assert_eq!((wrong.code, wrong.status), (Code::AccessDenied, 401));
        assert!(session(&auth, &headers(&[(ROLE, "admin")])).is_err());
    }

    #[test]
    fn unauthorized_role_is_fixed_and_ignores_variables() {
        let mut auth = auth(&["right"], Some("anonymous"));
        let sent = headers(&[
            (ROLE, "admin"),
            ("x-hasura-user-id", "1"),
            ("x-hasura-use-backend-only-permissions", "true"),
        ]);
        assert_eq!(session(&auth, &sent).unwrap(), Session::of_role("anonymous"));
        assert!(session(&auth, &headers(&[(SECRET, "wrong")])).is_err());
        auth.unauthorized.as_mut().unwrap().trusts_headers = true;
        let session = session(&auth, &sent).unwrap();
        assert_eq!(session.role, "anonymous");
        assert_eq!(session.variables[ROLE], "anonymous");
        assert_eq!(session.variables["x-hasura-user-id"], "1");
        assert!(!session.backend_only);
    }

    #[test]
    fn backend_only_requires_the_secret() {
        let auth = auth(&["right"], None);
        let sent = headers(&[
            (SECRET, "right"),
            (ROLE, "user"),
            ("x-hasura-use-backend-only-permissions", "yes"),
        ]);
        assert!(session(&auth, &sent).unwrap().backend_only);
    }

    #[test]
    fn role_that_is_not_ascii_is_not_admin() {
        let mut headers = HeaderMap::new();
        for (sent, role) in [("rôle".as_bytes(), "rôle"), (b"\xff", "\u{fffd}")] {
            headers.insert(ROLE, HeaderValue::from_bytes(sent).unwrap());
            assert_eq!(session(&auth(&[], None), &headers).unwrap().role, role);
        }
    }
}
