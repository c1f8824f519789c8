//! A client that sends parts of requests on a plain TCP connection.

use crate::support::TestEngine;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Time after which an expected event counts as missing.
const HANG: Duration = Duration::from_secs(30);

/// A connection to an engine.
pub(super) struct RawConnection {
    stream: BufReader<TcpStream>,
    pub(super) address: String,
}

/// A response.
#[derive(Debug)]
pub(super) struct RawResponse {
    pub(super) status: u16,
    /// Status line and headers.
    pub(super) head: String,
    pub(super) body: String,
}

impl RawConnection {
    pub(super) async fn open(engine: &TestEngine) -> Self {
        let address = engine.url.trim_start_matches("http://").to_owned();
        let stream = BufReader::new(TcpStream::connect(&address).await.unwrap());
        Self { stream, address }
    }

    pub(super) async fn send(&mut self, text: &str) {
        self.send_bytes(text.as_bytes()).await;
    }

    pub(super) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Sends the head of a POST request with these further header lines.
    pub(super) async fn send_head(&mut self, path: &str, headers: &str) {
        let head = format!("POST {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", self.address);
        self.send(&head).await;
    }

    /// Sends a request with a body; the engine may refuse and close the connection before its end.
    pub(super) async fn post(&mut self, path: &str, headers: &str, body: &str) {
        let headers = format!("{headers}Content-Length: {}\r\n", body.len());
        self.send_head(path, &headers).await;
        drop(self.stream.write_all(body.as_bytes()).await);
    }

    pub(super) async fn get(&mut self, path: &str) -> RawResponse {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        self.send(&request).await;
        self.response().await
    }

    /// Reads a response with a content length.
    pub(super) async fn response(&mut self) -> RawResponse {
        timeout(HANG, self.read_response())
            .await
            .expect("the engine responds")
            .expect("the connection is open")
    }

    /// Reads a response; `None` if the engine closes the connection.
    async fn read_response(&mut self) -> Option<RawResponse> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head).await.ok()? == 0 {
                return None;
            }
        }
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let lowercase = head.to_lowercase();
        let length = lowercase.split("content-length: ").nth(1)?;
        let mut body = vec![0; length.lines().next()?.parse().ok()?];
        self.stream.read_exact(&mut body).await.ok()?;
        let body = String::from_utf8(body).ok()?;
        Some(RawResponse { status, head, body })
    }

    /// Sends a request and returns its status; `None` if the engine closes the connection.
    pub(super) async fn try_get(engine: &TestEngine, path: &str, headers: &str) -> Option<u16> {
        let mut connection = Self::open(engine).await;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n",
            connection.address
        );
        drop(connection.stream.write_all(request.as_bytes()).await);
        let response = timeout(HANG, connection.read_response()).await;
        Some(
            response
                .expect("the engine responds or closes the connection")?
                .status,
        )
    }

    /// Waits until the engine closes the connection; returns what it has sent before.
    pub(super) async fn closed(&mut self) -> String {
        String::from_utf8(self.closed_bytes().await).unwrap()
    }

    /// The same as bytes.
    pub(super) async fn closed_bytes(&mut self) -> Vec<u8> {
        let mut sent = Vec::new();
        let read = timeout(HANG, self.stream.read_to_end(&mut sent)).await;
        // A reset ends the connection too.
        drop(read.expect("the engine closes the connection"));
        sent
    }
}
