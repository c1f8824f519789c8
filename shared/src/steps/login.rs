//! login: reads the account of a user name and issues a token for it. Without a password, so it is for demos only; elsewhere an
//! identity provider issues the tokens.
//!
//! It writes nothing: a customer needs no account, so that invented names use no storage.

use std::time::Duration;

use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio_postgres::{Row, types::Type};

use super::StepError;
use crate::{
    database::{Database, statement::Statement},
    identity::{Account, Role, UserId, UserName},
    secrets::{RefreshableSecret, SecretError},
    token::{
        SigningKeys,
        claims::{self, Issuer},
        now,
    },
};

/// Age at which the signing keys are read again, so that a rotation needs no restart.
const KEYS_MAX_AGE: Duration = Duration::from_mins(5);

const STATEMENT: Statement = Statement {
    lock: None,
    sql: include_str!("login.sql"),
};

/// Issues tokens. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TokenIssuer {
    pub issuer: Issuer,
    pub keys: RefreshableSecret<SigningKeys>,
    /// Time for which a token is valid.
    pub lifetime: Duration,
}

/// Response of a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoginResponse {
    pub token: String,
    /// Time at which the token expires (RFC 3339).
    pub expires_at: String,
    pub role: Role,
    pub user_id: UserId,
}

impl TokenIssuer {
    /// Returns the signing keys.
    pub async fn keys(&self) -> Result<std::sync::Arc<SigningKeys>, SecretError> {
        self.keys.get_within(KEYS_MAX_AGE).await
    }

    /// Issues a token for an account at a time.
    pub async fn issue(&self, account: &Account, now: u64) -> Result<LoginResponse, StepError> {
        let keys = self.keys().await?;
        let expires_at = now + self.lifetime.as_secs();
        let token = keys
            .sign(&claims::of_account(&self.issuer, account, now, expires_at))
            .map_err(StepError::Signing)?;
        let expires_at = i64::try_from(expires_at)
            .ok()
            .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
            .and_then(|time| time.format(&Rfc3339).ok())
            .ok_or_else(|| StepError::Signing("the time is out of range".to_owned()))?;
        Ok(LoginResponse {
            token,
            expires_at,
            role: account.role,
            user_id: account.user_id.clone(),
        })
    }
}

/// Logs a user in.
pub async fn run(
    database: &Database,
    issuer: &TokenIssuer,
    name: &UserName,
) -> Result<LoginResponse, StepError> {
    let row = database.row(&STATEMENT, &[(&name.as_str(), Type::TEXT)]).await?;
    let account = decide(name, row.as_ref().map(AccountRow::from))?;
    issuer.issue(&account, now()).await
}

/// Row returned by the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AccountRow {
    role: String,
    restaurant_id: Option<i32>,
    driver_id: Option<i32>,
}

fn decide(name: &UserName, row: Option<AccountRow>) -> Result<Account, StepError> {
    match row {
        Some(row) => Ok(Account {
            user_id: UserId::from(name),
            // A constraint of the table limits the roles.
            role: Role::parse(&row.role).ok_or(StepError::UnknownAccount)?,
            restaurant_id: row.restaurant_id,
            driver_id: row.driver_id,
        }),
        None if name.is_reserved() => Err(StepError::UnknownAccount),
        None => Ok(Account::customer(name)),
    }
}

impl From<&Row> for AccountRow {
    fn from(row: &Row) -> Self {
        Self {
            role: row.get("role"),
            restaurant_id: row.get("restaurant_id"),
            driver_id: row.get("driver_id"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_without_account_is_a_customer_unless_it_is_reserved() {
        let name = |text| UserName::parse(text).unwrap();
        let alice = decide(&name("alice"), None).unwrap();
        assert_eq!((alice.role, alice.user_id.as_str()), (Role::Customer, "alice"));
        for reserved in ["restaurant-9", "driver-51", "manager"] {
            let error = decide(&name(reserved), None).unwrap_err();
            assert!(matches!(error, StepError::UnknownAccount), "{error}");
        }
        let row = AccountRow {
            role: "driver".to_owned(),
            restaurant_id: None,
            driver_id: Some(7),
        };
        let driver = decide(&name("driver-7"), Some(row)).unwrap();
        assert_eq!((driver.role, driver.driver_id), (Role::Driver, Some(7)));
    }
}
