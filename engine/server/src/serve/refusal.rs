//! Response to a connection beyond the limits, which no request of it is read for.

use super::registry::Refused;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Maximum number of refused connections that are still open. Further ones are closed without a response.
const MAX_REFUSALS: usize = 64;

/// Time in which a client can send the rest of its request. If the socket were closed with unread bytes, the client could not read
/// the response.
const LINGER: Duration = Duration::from_secs(1);

/// Maximum number of bytes that are discarded in this time.
const MAX_DISCARDED: u64 = 64 * 1024;

/// Refused connections that are still open.
#[derive(Debug)]
pub(super) struct Refusals(Arc<Semaphore>);

impl Refusals {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(MAX_REFUSALS)))
    }

    /// Responds with 503 and closes the connection.
    pub(super) fn refuse(&self, mut stream: TcpStream, reason: Refused) {
        let Ok(permit) = Arc::clone(&self.0).try_acquire_owned() else {
            return;
        };
        tokio::spawn(async move {
            let _permit = permit;
            // An error means that the client has disconnected.
            let _ = timeout(LINGER, async {
                stream.write_all(response(reason).as_bytes()).await?;
                stream.shutdown().await?;
                tokio::io::copy(&mut stream.take(MAX_DISCARDED), &mut tokio::io::sink()).await
            })
            .await;
        });
    }
}

fn response(reason: Refused) -> String {
    let message = match reason {
        Refused::Total => "too many connections; retry later",
        Refused::Address => "too many connections from this address; close some, or retry later",
    };
    let body = format!(r#"{{"path":"$","error":"{message}","code":"unexpected"}}"#);
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n\
         Content-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
