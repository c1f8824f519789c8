//! A TCP proxy that can cut all connections and refuse new ones: a database that goes away, at will.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Forwards to an address until it is told not to.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    /// Counted up to cut what is open; odd while nothing new is let through.
    epoch: Arc<watch::Sender<u64>>,
}

impl Proxy {
    /// A proxy before `host:port`.
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

    /// The connection string `url` leads through this proxy.
    pub fn url(&self, url: &str) -> String {
        let start = url
            .rfind('@')
            .map_or_else(|| url.find("://").map_or(0, |at| at + 3), |at| at + 1);
        let end = url[start..].find(['/', '?']).map_or(url.len(), |at| start + at);
        format!("{}{}{}", &url[..start], self.address, &url[end..])
    }

    /// Cuts what is open. New connections come through, as after a restart.
    pub fn cut(&self) {
        self.epoch.send_modify(|epoch| *epoch += 2);
    }

    /// Cuts what is open and lets nothing through.
    pub fn go_away(&self) {
        self.epoch.send_modify(|epoch| *epoch |= 1);
    }

    /// Lets connections through again.
    pub fn come_back(&self) {
        self.epoch.send_modify(|epoch| *epoch += *epoch % 2);
    }
}

/// `host:port` of a connection string.
pub fn address_of(url: &str) -> String {
    let rest = url.rsplit_once('@').map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default().to_owned()
}
