//! A new connection: TLS as configured, user and password as the secret has them now.

use std::sync::Arc;

use deadpool_postgres::Connect;
use futures_util::future::BoxFuture;
use rustls::ClientConfig;
use tokio::task::JoinHandle;
use tokio_postgres::{
    Client, Error, NoTls, Socket,
    tls::{MakeTlsConnect, TlsConnect},
};
use tokio_postgres_rustls::MakeRustlsConnect;
use tracing::warn;

use crate::secrets::{Credentials, Rotating};

/// Makes the pool's connections.
pub(super) struct Connector {
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) credentials: Option<Rotating<Credentials>>,
}

impl Connect for Connector {
    fn connect(
        &self,
        config: &tokio_postgres::Config,
    ) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        let mut config = config.clone();
        // Read before a connection is asked for, see `Database::connection`.
        if let Some(credentials) = self.credentials.as_ref().and_then(Rotating::current) {
            if let Some(user) = &credentials.user {
                config.user(user);
            }
            config.password(credentials.password.reveal());
        }
        match &self.tls {
            None => Box::pin(open(config, NoTls)),
            Some(tls) => Box::pin(open(config, MakeRustlsConnect::new(ClientConfig::clone(tls)))),
        }
    }
}

async fn open<T>(config: tokio_postgres::Config, tls: T) -> Result<(Client, JoinHandle<()>), Error>
where
    T: MakeTlsConnect<Socket> + Send + 'static,
    T::Stream: Send,
    T::TlsConnect: Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    let (client, connection) = config.connect(tls).await?;
    let task = tokio::spawn(async move {
        if let Err(error) = connection.await {
            warn!("a connection to the database ended: {error}");
        }
    });
    Ok((client, task))
}
