//! Logins of a database role, and the change of its own password.

use std::time::Duration;

use connection::{Connection, chain};
use postgres_protocol::password::scram_sha_256;
use tokio::time::timeout;
use tokio_postgres::{Client, error::SqlState};

use super::RotationError;
use crate::secrets::{Credentials, Secret};

/// Maximum duration of a login, and of the statement.
const LIMIT: Duration = Duration::from_secs(5);

/// Logs in to Postgres itself; `None` if it refuses the password.
pub(super) async fn log_in(
    connection: &Connection,
    credentials: &Credentials,
) -> Result<Option<Client>, RotationError> {
    let mut config = connection.driver.clone();
    if let Some(user) = &credentials.user {
        config.user(user);
    }
    config.password(credentials.password.expose());
    let connecting = timeout(LIMIT, config.connect(connection.tls.clone()));
    match connecting.await.map_err(|_| RotationError::Timeout)? {
        Ok((client, connection)) => {
            // Ends with the client.
            tokio::spawn(connection);
            Ok(Some(client))
        }
        Err(error) if error.code() == Some(&SqlState::INVALID_PASSWORD) => Ok(None),
        Err(error) => Err(RotationError::Database(chain(&error))),
    }
}

/// Changes the password of the role that has logged in. Postgres receives the verifier of SCRAM instead of the password, which a log of
/// statements would contain.
pub(super) async fn change_password(client: &Client, password: &Secret) -> Result<(), RotationError> {
    // Base64, and the characters of SCRAM-SHA-256$:
    let verifier = scram_sha_256(password.expose().as_bytes());
    let statement = format!("ALTER ROLE CURRENT_USER PASSWORD '{verifier}'");
    let changing = timeout(LIMIT, client.batch_execute(&statement));
    let changed = changing.await.map_err(|_| RotationError::Timeout)?;
    changed.map_err(|error| RotationError::Database(chain(&error)))
}
