//! A new connection: TLS as configured, user and password as the secret has them now.

use deadpool_postgres::Connect;
use futures_util::future::BoxFuture;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Error};
use tokio_postgres_rustls::MakeRustlsConnect;
use tracing::warn;

use crate::secrets::{Credentials, Rotating};

/// Makes the pool's connections.
pub(super) struct Connector {
    pub(super) tls: MakeRustlsConnect,
    pub(super) credentials: Option<Rotating<Credentials>>,
}

impl Connect for Connector {
    fn connect(&self, config: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        let mut config = config.clone();
        // Read before a connection is asked for, see `Database::connection`.
        if let Some(credentials) = self.credentials.as_ref().and_then(Rotating::current) {
            if let Some(user) = &credentials.user {
                config.user(user);
            }
            config.password(credentials.password.expose());
        }
        Box::pin(async move {
            let (client, connection) = config.connect(self.tls.clone()).await?;
            let task = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    warn!("a connection to the database ended: {error}");
                }
            });
            Ok((client, task))
        })
    }
}
