//! New connections: TLS from the configuration, user and password from the current secret.

use deadpool_postgres::Connect;
use futures_util::future::BoxFuture;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Error};
use tokio_postgres_rustls::MakeRustlsConnect;
use tracing::warn;

use crate::secrets::{Credentials, RefreshableSecret};

/// Creates the connections of the pool.
pub(super) struct Connector {
    pub(super) tls: MakeRustlsConnect,
    pub(super) credentials: Option<RefreshableSecret<Credentials>>,
}

impl Connect for Connector {
    fn connect(&self, config: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        let mut config = config.clone();
        // `Database::connection` has read the secret before it asks the pool.
        if let Some(credentials) = self.credentials.as_ref().and_then(RefreshableSecret::current) {
            if let Some(user) = &credentials.user {
                config.user(user);
            }
            config.password(credentials.password.expose());
        }
        Box::pin(async move {
            let (client, connection) = config.connect(self.tls.clone()).await?;
            let task = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    warn!(%error, "connection to the database failed");
                }
            });
            Ok((client, task))
        })
    }
}
