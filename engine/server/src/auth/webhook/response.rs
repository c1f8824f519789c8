//! Response of the webhook.

use crate::auth::Authenticated;
use crate::auth::cache_control::{max_age, time_until};
use crate::auth::session::is_variable;
use engine_error::{Code, Error, Result};
use engine_model::session::{ROLE, Session};
use http::StatusCode;
use std::collections::BTreeMap;
use std::time::SystemTime;

/// Returns the session that a response describes, or the refusal of the client. The outer error is the reason why the response
/// is invalid.
pub(super) fn session(
    status: StatusCode,
    body: &[u8],
    now: SystemTime,
) -> Result<Result<Authenticated>, String> {
    match status {
        // Hasura's wording
        StatusCode::UNAUTHORIZED => {
            let message = "Authentication hook unauthorized this request";
            Ok(Err(Error::new(Code::AccessDenied, message).with_status(401)))
        }
        StatusCode::OK => {
            // The parser's message would contain values of the response.
            let map = serde_json::from_slice::<BTreeMap<String, String>>(body)
                .map_err(|_| "expected a JSON object whose values are strings".to_owned())?;
            Ok(from_map(lowercase(map)?, now))
        }
        other => Err(format!("status {}", other.as_u16())),
    }
}

/// Returns the map with lowercase names, or the reason if two are the same then.
fn lowercase(map: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, String> {
    let mut lowercase = BTreeMap::new();
    for (name, value) in map {
        let name = name.to_lowercase();
        if lowercase.contains_key(&name) {
            return Err(format!("\"{name}\" occurs several times"));
        }
        lowercase.insert(name, value);
    }
    Ok(lowercase)
}

fn from_map(mut map: BTreeMap<String, String>, now: SystemTime) -> Result<Authenticated> {
    let lifetime = map.remove("cache-control").as_deref().and_then(max_age);
    let expires = map.remove("expires");
    let lifetime = lifetime.or_else(|| time_until(&expires?, now));
    map.retain(|name, _| is_variable(name));
    let Some(role) = map.remove(ROLE).filter(|role| !role.is_empty()) else {
        // Hasura's wording
        let message = "x-hasura-role not found in session variables";
        return Err(Error::new(Code::InvalidParams, message));
    };
    let authenticated = Authenticated::new(Session::new(role, map))?;
    Ok(match lifetime {
        Some(lifetime) => authenticated.expiring_in(lifetime),
        None => authenticated,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(status: u16, body: &Value) -> Result<Result<Authenticated>, String> {
        session(
            StatusCode::from_u16(status).unwrap(),
            body.to_string().as_bytes(),
            SystemTime::now(),
        )
    }

    #[test]
    fn object_of_strings_is_the_session() {
        let body = json!({
            "X-Hasura-Role": "user", "x-hasura-User-Id": "1", "x-hasura-admin-secret": "s", "other": "x",
            "X-Hasura-Use-Backend-Only-Permissions": "true",
        });
        let authenticated = read(200, &body).unwrap().unwrap();
        assert!(authenticated.expires_at().is_none());
        let variables = BTreeMap::from([
            ("x-hasura-user-id".to_owned(), "1".to_owned()),
            (
                "x-hasura-use-backend-only-permissions".to_owned(),
                "true".to_owned(),
            ),
        ]);
        assert_eq!(
            *authenticated.session(),
            Session::new("user".to_owned(), variables)
        );
    }

    #[test]
    fn expiry_is_read_from_the_body() {
        let past = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (cache_control, expires, expected) in [
            (Some("max-age=60"), None, true),
            (Some("no-cache"), Some(past), true),
            (Some("no-cache"), None, false),
            (None, Some(past), true),
            (None, Some("tomorrow"), false),
            (Some("max-age=soon"), Some("soon"), false),
        ] {
            let mut body = json!({"x-hasura-role": "user"});
            if let Some(text) = cache_control {
                body["Cache-Control"] = text.into();
            }
            if let Some(text) = expires {
                body["Expires"] = text.into();
            }
            let authenticated = read(200, &body).unwrap().unwrap();
            assert_eq!(authenticated.expires_at().is_some(), expected, "{body}");
        }
    }

    #[test]
    fn refusals_and_invalid_responses_are_distinguished() {
        let error = read(401, &json!({"x-hasura-role": "admin"}))
            .unwrap()
            .unwrap_err();
        assert_eq!((error.code, error.status), (Code::AccessDenied, 401));
        for body in [
            json!({}),
            json!({"x-hasura-user-id": "1"}),
            json!({"x-hasura-role": ""}),
        ] {
            let error = read(200, &body).unwrap().unwrap_err();
            assert_eq!((error.code, error.status), (Code::InvalidParams, 400), "{body}");
        }
        for body in [
            json!([]),
            json!("x-hasura-role"),
            json!({"x-hasura-role": "user", "x-hasura-user-id": 1}),
            json!({"x-hasura-role": ["user"]}),
        ] {
            assert!(read(200, &body).is_err(), "{body}");
        }
        for status in [201, 204, 302, 400, 403, 404, 500] {
            assert!(
                read(status, &json!({"x-hasura-role": "user"})).is_err(),
                "{status}"
            );
        }
    }
}
