//! Database roles and their passwords.

use uuid::Uuid;

/// Name of the functions' role.
pub const FUNCTIONS_ROLE: &str = "app";

/// A role that pgBouncer accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub user: String,
    pub password: String,
}

impl Login {
    /// The functions' role with a new random password.
    pub fn for_functions() -> Self {
        Self {
            user: FUNCTIONS_ROLE.to_owned(),
            password: Uuid::new_v4().simple().to_string(),
        }
    }
}

/// The same connection string with another role.
pub fn as_login(url: &str, login: &Login) -> String {
    let Ok(mut parsed) = reqwest::Url::parse(url) else {
        return url.to_owned();
    };
    // These fail only for URLs without a host.
    let _ = parsed.set_username(&login.user);
    let _ = parsed.set_password(Some(&login.password));
    parsed.into()
}
