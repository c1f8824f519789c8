//! Database roles and their passwords.

use uuid::Uuid;

/// Name of the engine's role, also of Hasura's on AWS.
pub const ENGINE_ROLE: &str = "hasura";

/// Each function and its role (`infra/function-roles.sql`).
pub const FUNCTION_ROLES: [(&str, &str); 7] = [
    ("login", "fn_login"),
    ("validate-order", "fn_validate"),
    ("payment", "fn_payment"),
    ("restaurant-approval", "fn_approval"),
    ("agent-assignment", "fn_assign"),
    ("refund-payment", "fn_refund"),
    ("expire-orders", "fn_expire"),
];

/// Name of the output of infra/main.yaml with the ARN of a function's secret, for example `ValidateOrderSecretArn`.
pub fn secret_output(function: &str) -> String {
    let words = function.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.chain(["SecretArn".to_owned()]).collect()
}

/// A role that pgBouncer accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub user: String,
    pub password: String,
}

impl Login {
    /// The engine's role with a new random password.
    pub fn for_engine() -> Self {
        Self {
            user: ENGINE_ROLE.to_owned(),
            password: random_password(),
        }
    }
}

/// The functions' roles, in the order of [`FUNCTION_ROLES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionLogins {
    suffix: String,
    logins: [Login; FUNCTION_ROLES.len()],
}

impl FunctionLogins {
    /// The roles with new random passwords.
    pub fn generate() -> Self {
        Self::new(|_| random_password())
    }

    /// The roles with one password, for tests and benchmarks that reach each other's services through one URL.
    pub fn with_password(password: &str) -> Self {
        Self::new(|_| password.to_owned())
    }

    /// The roles with these passwords.
    pub fn new(password: impl Fn(&str) -> String) -> Self {
        Self {
            suffix: String::new(),
            logins: FUNCTION_ROLES.map(|(_, role)| Login {
                user: role.to_owned(),
                password: password(role),
            }),
        }
    }

    /// The same roles with a suffix to their names.
    #[must_use]
    pub fn suffixed(self, suffix: &str) -> Self {
        Self {
            suffix: suffix.to_owned(),
            logins: self.logins.map(|login| Login {
                user: format!("{}{suffix}", login.user),
                ..login
            }),
        }
    }

    pub fn suffix(&self) -> &str {
        &self.suffix
    }

    /// Role of a function; `None` for an unknown function.
    pub fn of(&self, function: &str) -> Option<&Login> {
        let position = FUNCTION_ROLES.iter().position(|(name, _)| *name == function)?;
        self.logins.get(position)
    }

    /// Roles of all functions.
    pub fn all(&self) -> &[Login] {
        &self.logins
    }

    /// The roles with their names without the suffix.
    pub(crate) fn by_role(&self) -> impl Iterator<Item = (&'static str, &Login)> {
        FUNCTION_ROLES.iter().map(|(_, role)| *role).zip(&self.logins)
    }
}

pub(crate) fn random_password() -> String {
    Uuid::new_v4().simple().to_string()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_named_after_their_functions() {
        assert_eq!(secret_output("validate-order"), "ValidateOrderSecretArn");
        assert_eq!(secret_output("login"), "LoginSecretArn");
    }

    #[test]
    fn each_function_has_its_own_role_and_password() {
        let logins = FunctionLogins::generate().suffixed("_x");
        let login = logins.of("payment").unwrap();
        assert_eq!(login.user, "fn_payment_x");
        assert!(
            logins
                .all()
                .iter()
                .all(|other| other == login || other.password != login.password)
        );
        assert_eq!(logins.of("nothing"), None);
    }
}
