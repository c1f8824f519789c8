//! Who a function is to Postgres, where a secret says so.

use std::time::Duration;

use super::{Secret, object, text_of};

/// How long after a reading a refused password causes no other. Only Postgres refuses passwords, so it may be short: while
/// a rotation is under way, the secret can be a moment behind.
pub const COOL_DOWN: Duration = Duration::from_secs(1);

/// A user and a password, as `POSTGRES_SECRET_ARN` holds them; they go over those of the connection string.
#[derive(Debug, Clone, PartialEq)]
pub struct Credentials {
    /// The user; the connection string's where the secret names none.
    pub user: Option<String>,
    /// The password.
    pub password: Secret,
}

impl Credentials {
    /// Reads a secret: RDS' own form, `{"username": …, "password": …}` with whatever else, or nothing but the password.
    ///
    /// # Errors
    /// Says what is wrong with it; shows nothing of the content.
    pub fn parse(secret: &str) -> Result<Self, String> {
        let password = text_of(secret, "password")?;
        let user = if secret.trim_start().starts_with('{') {
            match object(secret)?.remove("username") {
                None => None,
                Some(serde_json::Value::String(user)) if !user.is_empty() => Some(user),
                Some(_) => return Err("its field \"username\" is not a text, or empty".to_owned()),
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
    fn the_forms_of_a_database_secret() {
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
