//! A TCP proxy in front of Postgres that closes all connections and refuses new ones on request.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Forwards connections to one address until a test interrupts them.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    /// Incremented to close the open connections; odd while new ones are refused.
    epoch: Arc<watch::Sender<u64>>,
}

impl Proxy {
    /// Starts a proxy to `host:port`.
    pub async fn before(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let epoch = Arc::new(watch::Sender::new(0));
        let shared = Arc::clone(&epoch);
        tokio::spawn(async move {
            while let Ok((mut inbound, _)) = listener.accept().await {
                let mut epoch = shared.subscribe();
                if *epoch.borrow_and_update() % 2 == 1 {
                    continue;
                }
                let target = target.clone();
                tokio::spawn(async move {
                    let Ok(mut outbound) = TcpStream::connect(target).await else {
                        return;
                    };
                    tokio::select! {
                        _ = copy_bidirectional(&mut inbound, &mut outbound) => {}
                        _ = epoch.changed() => {}
                    }
                });
            }
        });
        Self { address, epoch }
    }

    /// Replaces the address in a connection string by the proxy's.
    pub fn url(&self, url: &str) -> String {
        with_address(url, &self.address.to_string())
    }

    /// Closes the open connections and accepts new ones, as after a restart.
    pub fn cut(&self) {
        self.epoch.send_modify(|epoch| *epoch += 2);
    }

    /// Closes the open connections and refuses new ones.
    pub fn go_away(&self) {
        self.epoch.send_modify(|epoch| *epoch |= 1);
    }

    /// Accepts connections again.
    pub fn come_back(&self) {
        self.epoch.send_modify(|epoch| *epoch += *epoch % 2);
    }
}

/// Returns the `host:port` of a connection string.
pub fn address_of(url: &str) -> String {
    let rest = url
        .rsplit_once('@')
        .or_else(|| url.split_once("://"))
        .map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default().to_owned()
}

/// Replaces `host:port` in a connection string.
pub(crate) fn with_address(url: &str, address: &str) -> String {
    let start = url
        .rfind('@')
        .map_or_else(|| url.find("://").map_or(0, |at| at + 3), |at| at + 1);
    let end = url[start..].find(['/', '?']).map_or(url.len(), |at| start + at);
    format!("{}{}{}", &url[..start], address, &url[end..])
}
