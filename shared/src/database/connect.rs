//! New connections: TLS from the configuration, user and password from the current secret.

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use tokio_postgres::{Config, Error};
use tokio_postgres_rustls::MakeRustlsConnect;
use tracing::warn;

use super::statement::Connection;
use crate::secrets::{Credentials, RefreshableSecret};

/// Creates the connections of the pool.
pub(super) struct Connector {
    pub(super) driver: Config,
    pub(super) tls: MakeRustlsConnect,
    pub(super) credentials: Option<RefreshableSecret<Credentials>>,
    /// Whether statements may be prepared.
    pub(super) may_prepare: bool,
}

impl Manager for Connector {
    type Type = Connection;
    type Error = Error;

    async fn create(&self) -> Result<Connection, Error> {
        let mut config = self.driver.clone();
        // `Database::connection` has read the secret before it asks the pool.
        if let Some(credentials) = self.credentials.as_ref().and_then(RefreshableSecret::current) {
            if let Some(user) = &credentials.user {
                config.user(user);
            }
            config.password(credentials.password.expose());
        }
        let (client, connection) = config.connect(self.tls.clone()).await?;
        let task = tokio::spawn(async move {
            if let Err(error) = connection.await {
                warn!(%error, "connection to the database failed");
            }
        });
        Ok(Connection::new(client, task, self.may_prepare))
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<Error> {
        if !connection.is_reusable() {
            return Err(RecycleError::message(
                "connection closed, or its last call did not end",
            ));
        }
        Ok(())
    }
}
