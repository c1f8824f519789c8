//! Requests byte by byte, which an HTTP client library would not send.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Time for which an attacker keeps its connection open, unless the server closes it.
const PATIENCE: Duration = Duration::from_secs(6);

/// Opens a connection and sends these bytes.
pub(super) async fn send(address: &str, bytes: &[u8]) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(bytes).await?;
    Ok(stream)
}

/// The status of the answer, or how the connection ended.
pub(super) async fn answer(stream: &mut TcpStream) -> String {
    let mut buffer = [0; 4096];
    match timeout(PATIENCE, stream.read(&mut buffer)).await {
        Err(_) => "still open".to_owned(),
        Ok(Ok(0)) => "closed".to_owned(),
        Ok(Err(error)) => error.kind().to_string(),
        Ok(Ok(length)) => {
            let text = String::from_utf8_lossy(&buffer[..length]);
            let status = text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
            status.unwrap_or("bytes").to_owned()
        }
    }
}

/// Opens this number of connections with the same bytes, keeps them all, and returns the answer to the last.
pub(super) async fn many(address: &str, connections: usize, bytes: &[u8]) -> Result<String> {
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(send(address, bytes).await?);
    }
    let last = open.last_mut().context("no connection")?;
    Ok(answer(last).await)
}

/// A WebSocket after its handshake.
pub(super) struct WebSocket {
    pub(super) stream: TcpStream,
}

impl WebSocket {
    /// Opens a WebSocket with this sub-protocol.
    pub(super) async fn open(address: &str, protocol: &str) -> Result<Self> {
        let head = format!(
            "GET /v1/graphql HTTP/1.1\r\nhost: {address}\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: {protocol}\r\n\r\n"
        );
        let mut stream = send(address, head.as_bytes()).await?;
        let status = answer(&mut stream).await;
        if status != "101" {
            bail!("the handshake was answered with {status}");
        }
        Ok(Self { stream })
    }

    /// Sends a text message.
    pub(super) async fn text(&mut self, text: &str) -> Result<()> {
        let mut frame = header(text.len());
        frame.extend_from_slice(text.as_bytes());
        self.stream.write_all(&frame).await?;
        Ok(())
    }

    /// Sends the beginning of a text message that announces `length` bytes.
    pub(super) async fn incomplete(&mut self, length: usize, sent: usize) -> Result<()> {
        self.stream.write_all(&header(length)).await?;
        let chunk = vec![b' '; 64 * 1024];
        let mut left = sent;
        while left > 0 {
            let next = left.min(chunk.len());
            self.stream.write_all(&chunk[..next]).await?;
            left -= next;
        }
        Ok(())
    }
}

/// Header of a masked text frame. The mask is zero, which the protocol permits: the payload is sent as it is.
fn header(length: usize) -> Vec<u8> {
    let mut header = vec![0x81];
    match u16::try_from(length) {
        Ok(short @ 0..126) => header.push(0x80 | u8::try_from(short).unwrap_or(0)),
        Ok(medium) => {
            header.push(0x80 | 0x7e);
            header.extend_from_slice(&medium.to_be_bytes());
        }
        Err(_) => {
            header.push(0x80 | 0x7f);
            header.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    header.extend_from_slice(&[0; 4]);
    header
}
