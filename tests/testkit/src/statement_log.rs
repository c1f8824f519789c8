//! A TCP proxy in front of Postgres that records the statements of its clients.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::{TcpListener, TcpStream};

use crate::proxy::with_address;

/// Codes with which a client asks for encryption, instead of a protocol version.
const ENCRYPTION_REQUESTS: [u32; 2] = [80_877_103, 80_877_104];

/// Forwards connections to a server without TLS, and records each execution of a statement.
#[derive(Debug)]
pub struct StatementLog {
    address: SocketAddr,
    executed: Executed,
}

#[derive(Debug, Clone, Default)]
struct Executed(Arc<Mutex<Vec<String>>>);

impl StatementLog {
    /// Starts a proxy to `host:port`.
    pub async fn before(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let executed = Executed::default();
        let log = executed.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (target, log) = (target.clone(), log.clone());
                // An error ends the connection on both sides.
                tokio::spawn(async move { forward(client, &target, &log).await });
            }
        });
        Self { address, executed }
    }

    /// Replaces the address in a connection string by the proxy's.
    pub fn url(&self, url: &str) -> String {
        with_address(url, &self.address.to_string())
    }

    /// Number of executions until now of statements whose text contains all of the parts.
    pub fn count(&self, parts: &[&str]) -> usize {
        let executed = self.executed.0.lock().unwrap_or_else(PoisonError::into_inner);
        let matching = executed
            .iter()
            .filter(|sql| parts.iter().all(|part| sql.contains(part)));
        matching.count()
    }
}

async fn forward(client: TcpStream, target: &str, log: &Executed) -> io::Result<()> {
    let server = TcpStream::connect(target).await?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let requests = async {
        let mut statements = HashMap::new();
        loop {
            let startup = message(&mut from_client, 0).await?;
            to_server.write_all(&startup).await?;
            let code = startup.get(4..8).and_then(|code| code.try_into().ok());
            if !code.is_some_and(|code| ENCRYPTION_REQUESTS.contains(&u32::from_be_bytes(code))) {
                break;
            }
        }
        loop {
            let message = message(&mut from_client, 1).await?;
            log.record(&message, &mut statements);
            to_server.write_all(&message).await?;
        }
    };
    tokio::select! {
        result = requests => result,
        result = copy(&mut from_server, &mut to_client) => result.map(|_| ()),
    }
}

/// Reads a message whose length follows `kind` bytes, which the length does not include.
async fn message(stream: &mut (impl AsyncRead + Unpin), kind: usize) -> io::Result<Vec<u8>> {
    let mut message = vec![0; kind + 4];
    stream.read_exact(&mut message).await?;
    let length = message[kind..].try_into().map_or(0, u32::from_be_bytes) as usize;
    message.resize(kind + length.max(4), 0);
    stream.read_exact(&mut message[kind + 4..]).await?;
    Ok(message)
}

impl Executed {
    /// Records Query and Bind messages; a Bind refers to the text of an earlier Parse by its name.
    fn record(&self, message: &[u8], statements: &mut HashMap<String, String>) {
        let mut texts = message[5..]
            .split(|&byte| byte == 0)
            .map(|text| String::from_utf8_lossy(text).into_owned());
        let mut next = || texts.next().unwrap_or_default();
        let executed = match message[0] {
            b'P' => {
                statements.insert(next(), next());
                return;
            }
            b'Q' => next(),
            b'B' => {
                let _portal = next();
                statements.get(&next()).cloned().unwrap_or_default()
            }
            _ => return,
        };
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(executed);
    }
}
