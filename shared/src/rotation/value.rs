//! New values of secrets.

use crate::secrets::{Credentials, Secret, object};

/// Number of characters of a generated value: 238 bits.
const LENGTH: usize = 40;

/// Characters of a generated value, which needs no escaping in a connection string.
const CHARACTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Returns the value after `current`: of the same form, with another password or secret. The error shows nothing of the content.
pub(super) fn renewed(current: &Secret) -> Result<Secret, String> {
    let text = current.expose().trim_end_matches(['\r', '\n']);
    let random = random()?;
    let value = if text.trim_start().starts_with('{') {
        let mut object = object(text)?;
        let field = ["password", "secret"]
            .into_iter()
            .find(|field| object.get(*field).is_some_and(serde_json::Value::is_string))
            .ok_or("the JSON object has no text field \"password\" or \"secret\"")?;
        object.insert(field.to_owned(), random.into());
        serde_json::Value::Object(object).to_string()
    } else {
        random
    };
    Secret::new(value).map_err(|error| error.to_string())
}

/// Role and password of a value; `None` of one that is not the login of a database role.
pub(super) fn login(value: &Secret) -> Option<Credentials> {
    let credentials = Credentials::parse(value.expose()).ok()?;
    credentials.user.is_some().then_some(credentials)
}

fn random() -> Result<String, String> {
    let mut text = String::with_capacity(LENGTH);
    let mut bytes = [0; 64];
    while text.len() < LENGTH {
        getrandom::fill(&mut bytes).map_err(|error| format!("no random numbers: {error}"))?;
        // Each character has the same number of bytes; the other bytes are skipped.
        let fair = bytes
            .iter()
            .filter(|byte| usize::from(**byte) < 4 * CHARACTERS.len());
        text.extend(
            fair.map(|byte| char::from(CHARACTERS[usize::from(*byte) % CHARACTERS.len()]))
                .take(LENGTH - text.len()),
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text).unwrap()
    }

    #[test]
    fn value_keeps_its_form() {
        for (current, start, end) in [
            ("hunter2\n", "", ""),
            (
                r#"{"secret":"hunter2","more":1}"#,
                r#"{"secret":""#,
                r#"","more":1}"#,
            ),
            (
                r#"{"username":"fn_payment","password":"hunter2","port":5432}"#,
                r#"{"username":"fn_payment","password":""#,
                r#"","port":5432}"#,
            ),
        ] {
            let renewed = renewed(&secret(current)).unwrap();
            let random = renewed
                .expose()
                .strip_prefix(start)
                .and_then(|rest| rest.strip_suffix(end));
            let random = random.unwrap_or_else(|| panic!("{current}"));
            assert_eq!(random.len(), LENGTH);
            assert!(random.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
        assert_ne!(renewed(&secret("x")).unwrap(), renewed(&secret("x")).unwrap());
    }

    #[test]
    fn unknown_forms_are_refused_without_their_content() {
        for current in ["{hunter2", "{}", r#"{"password":7,"secret":{"a":"hunter2"}}"#] {
            let error = renewed(&secret(current)).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn login_has_a_role() {
        let with_role = login(&secret(r#"{"username":"fn_payment","password":"p"}"#)).unwrap();
        assert_eq!(with_role.user.as_deref(), Some("fn_payment"));
        for other in ["hunter2", r#"{"secret":"hunter2"}"#, r#"{"password":"p"}"#] {
            assert!(login(&secret(other)).is_none(), "{other}");
        }
    }
}
