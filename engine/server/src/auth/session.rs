//! Sessions from headers, for clients that may choose them: with the admin secret, or if no secret is configured.

use super::repeated::only;
use engine_error::{Code, Error, Result};
use engine_model::session::{ADMIN, ROLE, Session};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::collections::BTreeMap;

pub(super) const SECRET: &str = "x-hasura-admin-secret";
pub(super) const LEGACY_SECRET: &str = "x-hasura-access-key";
const PREFIX: &str = "x-hasura-";
const BACKEND_ONLY: &str = "x-hasura-use-backend-only-permissions";

/// Whether this lowercase name is one of a session variable.
pub(super) fn is_variable(name: &str) -> bool {
    name.starts_with(PREFIX) && name != SECRET && name != LEGACY_SECRET
}

/// Returns all `x-hasura-*` headers except the secrets, or an error if one is sent several times.
pub(super) fn variables(headers: &HeaderMap) -> Result<BTreeMap<String, String>> {
    let names = headers.keys().map(HeaderName::as_str);
    let mut variables = BTreeMap::new();
    for name in names.filter(|name| is_variable(name)) {
        if let Some(value) = only(headers, name)? {
            variables.insert(name.to_owned(), text(value));
        }
    }
    Ok(variables)
}

/// Returns the text of a header. As in Hasura, invalid UTF-8 is replaced. Ignoring the header would give a request with an invalid role
/// the default role, admin.
pub(super) fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// Returns the session that these variables describe. The default role is admin. The client must be trusted.
pub(crate) fn privileged(variables: BTreeMap<String, String>) -> Result<Session> {
    let role = variables.get(ROLE).map_or(ADMIN, String::as_str).to_owned();
    let backend_only = match variables.get(BACKEND_ONLY) {
        Some(text) => boolean(text)?,
        None => false,
    };
    Ok(Session {
        backend_only,
        ..Session::new(role, variables)
    })
}

fn boolean(text: &str) -> Result<bool> {
    match text.to_lowercase().as_str() {
        "true" | "t" | "yes" | "y" => Ok(true),
        "false" | "f" | "no" | "n" => Ok(false),
        // Hasura's wording
        _ => Err(Error::new(
            Code::BadRequest,
            format!(
                "{BACKEND_ONLY}:  Not a valid boolean text. True values are [\"true\",\"t\",\"yes\",\"y\"] and  \
                 False values are [\"false\",\"f\",\"no\",\"n\"]. All values are case insensitive"
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backend_only_is_a_boolean_text() {
        let session = |text: &str| privileged(BTreeMap::from([(BACKEND_ONLY.to_owned(), text.to_owned())]));
        for text in ["true", "T", "yes", "Y"] {
            assert!(session(text).unwrap().backend_only, "{text}");
        }
        for text in ["false", "F", "no", "N"] {
            assert!(!session(text).unwrap().backend_only, "{text}");
        }
        for text in ["", "1", "on", "true "] {
            let error = session(text).unwrap_err();
            assert_eq!((error.code, error.status), (Code::BadRequest, 400), "{text}");
        }
        assert!(!privileged(BTreeMap::new()).unwrap().backend_only);
    }
}
