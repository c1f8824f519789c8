//! A connection in memory: bytes of a client → bytes of the server.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::yield_now;

/// Capacity of the connection in each direction, in bytes.
const CAPACITY: usize = 64 * 1024;

/// Number of times that the tasks of the server may run before the client stops sending. No task of these servers waits for a
/// timer or, apart from calls of the webhook, for a socket.
const TURNS: usize = 64;

/// Sends the bytes, ends the sending direction and returns all bytes of the server. `hold`: whether the connection remains open until the
/// tasks of the server have run.
pub async fn exchange(router: Router, sent: &[u8], hold: bool) -> Vec<u8> {
    let (client, server) = tokio::io::duplex(CAPACITY);
    let connection = http1::Builder::new()
        .half_close(true)
        .serve_connection(TokioIo::new(server), TowerToHyperService::new(router))
        .with_upgrades();
    let connection = tokio::spawn(connection);
    let (mut reader, mut writer) = tokio::io::split(client);
    let send = async move {
        // A server that refuses a request closes the connection without reading the rest.
        if writer.write_all(sent).await.is_ok() && hold {
            for _ in 0..TURNS {
                yield_now().await;
            }
        }
        let _ = writer.shutdown().await;
    };
    let mut received = Vec::new();
    let (_, read) = futures_util::join!(send, reader.read_to_end(&mut received));
    read.expect("reading from memory");
    // An error of the connection means that the request was malformed.
    let _ = connection.await.expect("the connection does not panic");
    received
}
