//! Database roles and their passwords.

use anyhow::Result;
use uuid::Uuid;

use crate::functions::{Function, Functions, functions};

/// Name of the engine's role, also of Hasura's on AWS.
pub const ENGINE_ROLE: &str = "hasura";

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

/// The functions' roles, in the order of [`functions`].
#[derive(Debug, Clone)]
pub struct FunctionLogins {
    functions: &'static Functions,
    suffix: String,
    logins: Vec<Login>,
}

impl FunctionLogins {
    /// The roles with new random passwords.
    pub fn generate() -> Result<Self> {
        Self::new(|_| random_password())
    }

    /// The roles with one password, for tests and benchmarks that reach each other's services through one URL.
    pub fn with_password(password: &str) -> Result<Self> {
        Self::new(|_| password.to_owned())
    }

    /// The roles with these passwords.
    pub fn new(password: impl Fn(&str) -> String) -> Result<Self> {
        let functions = functions()?;
        let login = |function: &Function| Login {
            user: function.role.clone(),
            password: password(&function.role),
        };
        Ok(Self {
            functions,
            suffix: String::new(),
            logins: functions.all.iter().map(login).collect(),
        })
    }

    /// The same roles with a suffix to their names.
    #[must_use]
    pub fn suffixed(mut self, suffix: &str) -> Self {
        suffix.clone_into(&mut self.suffix);
        for login in &mut self.logins {
            login.user.push_str(suffix);
        }
        self
    }

    pub fn suffix(&self) -> &str {
        &self.suffix
    }

    /// Role of a function; `None` for an unknown function.
    pub fn of(&self, function: &str) -> Option<&Login> {
        let mut pairs = self.functions.all.iter().zip(&self.logins);
        pairs.find_map(|(known, login)| (known.name == function).then_some(login))
    }

    /// Roles of all functions.
    pub fn all(&self) -> &[Login] {
        &self.logins
    }

    /// The roles with their names without the suffix.
    pub(crate) fn by_role(&self) -> impl Iterator<Item = (&'static str, &Login)> {
        let roles = self.functions.all.iter().map(|function| function.role.as_str());
        roles.zip(&self.logins)
    }

    /// The SQL that creates the roles.
    pub(crate) fn sql(&self) -> &'static str {
        &self.functions.roles_sql
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
    fn each_function_has_its_own_role_and_password() {
        let logins = FunctionLogins::generate().unwrap().suffixed("_x");
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
