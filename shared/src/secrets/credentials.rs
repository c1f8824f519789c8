//! Postgres credentials from a secret.

use std::time::Duration;

use super::{Secret, object, text_of};

/// Minimum interval between two reads caused by refused passwords. It may be short, because only Postgres refuses a password
/// and during a rotation the secret may briefly lag behind.
pub const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(1);

/// User and password from `POSTGRES_SECRET_ARN`; they take precedence over the connection string.
#[derive(Debug, Clone, PartialEq)]
pub struct Credentials {
    /// `None`: the user of the connection string.
    pub user: Option<String>,
    pub password: Secret,
}

impl Credentials {
    /// Parses a secret in the format of RDS, `{"username": …, "password": …}` with any other fields, or the password alone.
    /// The error shows nothing of the content.
    pub fn parse(secret: &str) -> Result<Self, String> {
        let password = text_of(secret, "password")?;
        let user = if secret.trim_start().starts_with('{') {
            match object(secret)?.remove("username") {
                None => None,
                Some(serde_json::Value::String(user)) if !user.is_empty() => Some(user),
                Some(_) => return Err("field \"username\" must be a non-empty text".to_owned()),
            }
        } else {
            None
        };
        Ok(Self { user, password })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn database_secret_is_an_object_or_a_password() {
        let rds = r#"{"username":"app","password":"p\"w{é","engine":"postgres","host":"db","port":5432}"#;
        for (secret, user, password) in [
            (rds, Some("app"), "p\"w{é"),
            (r#"{"password":"pw"}"#, None, "pw"),
            ("just-a-password\n", None, "just-a-password"),
        ] {
            let credentials = Credentials::parse(secret).unwrap();
            assert_eq!(
                (credentials.user.as_deref(), credentials.password.expose()),
                (user, password)
            );
            assert!(!format!("{credentials:?}").contains(password));
        }
        for wrong in [
            "",
            "{",
            "{}",
            r#"{"username":"app"}"#,
            r#"{"username":7,"password":"pw-7"}"#,
            r#"{"username":"","password":"pw-7"}"#,
        ] {
            let error = Credentials::parse(wrong).unwrap_err();
            assert!(!error.contains("pw-7"), "{error}");
        }
    }
}
