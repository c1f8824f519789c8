//! Environment variables of rotate-secret.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `POSTGRES_CONNECTION_STRING` | unset | Postgres itself, not the pool, without user and password; without it only random values are rotated |
//! | `POSTGRES_CA_CERTIFICATE` | unset | certificate authority of Postgres in PEM, if the connection string names none |
//! | `CHECKED_ARNS` | unset | secrets of the database roles that `checkRoles` checks, separated by commas; requires the connection string |

use connection::Connection;

use super::{CONNECT_TIMEOUT, ConfigError, variable};
use crate::rotation::Rotation;

/// Identifies its connections in Postgres.
const APPLICATION_NAME: &str = "3factor-rotation";

impl Rotation {
    /// Reads the environment of the function.
    pub fn from_env() -> Result<Self, ConfigError> {
        variable("AWS_LAMBDA_RUNTIME_API")?.ok_or(ConfigError::NotInLambda)?;
        let database = variable("POSTGRES_CONNECTION_STRING")?;
        let authority = variable("POSTGRES_CA_CERTIFICATE")?;
        let roles = variable("CHECKED_ARNS")?.unwrap_or_default();
        let roles: Vec<String> = roles
            .split(',')
            .map(str::trim)
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .collect();
        if database.is_none() && !roles.is_empty() {
            return Err(ConfigError::CheckWithoutConnectionString);
        }
        let database = database
            .map(|text| {
                let mut connection = Connection::parse(&text, authority.as_deref())?;
                connection.driver.connect_timeout(CONNECT_TIMEOUT);
                connection.driver.application_name(APPLICATION_NAME);
                Ok::<_, ConfigError>(connection)
            })
            .transpose()?;
        in_secrets_manager(database, roles)
    }
}

#[cfg(feature = "aws")]
#[expect(clippy::unnecessary_wraps, reason = "fails without the feature")]
fn in_secrets_manager(database: Option<Connection>, roles: Vec<String>) -> Result<Rotation, ConfigError> {
    let manager = crate::secrets::manager::SecretsManager::default();
    Ok(Rotation::new(std::sync::Arc::new(manager), database, roles))
}

#[cfg(not(feature = "aws"))]
fn in_secrets_manager(_: Option<Connection>, _: Vec<String>) -> Result<Rotation, ConfigError> {
    Err(ConfigError::RotationWithoutAws)
}
