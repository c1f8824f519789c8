//! A WebSocket client that speaks plain JSON, so that tests see what is on the wire.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long an expected message may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open socket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What a socket says next.
#[derive(Debug, PartialEq)]
pub enum Said {
    /// A message.
    Message(Value),
    /// The end, with its close code.
    Closed(u16),
}

impl Socket {
    /// Connects by a sub-protocol; `http_url` is the engine's.
    pub async fn open(http_url: &str, path: &str, protocol: &str) -> Self {
        Self::try_open(http_url, path, &[("Sec-WebSocket-Protocol", protocol)])
            .await
            .expect("a handshake")
    }

    /// Connects with these headers; the error is the handshake's.
    pub async fn try_open(
        http_url: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, tungstenite::Error> {
        let url = format!("{}{path}", http_url.replacen("http", "ws", 1));
        let mut request = url.into_client_request()?;
        for (name, value) in headers {
            let name = http::HeaderName::try_from(*name).expect("a header's name");
            request
                .headers_mut()
                .insert(name, value.parse().expect("a header's value"));
        }
        Ok(Self(connect_async(request).await?.0))
    }

    /// Connects by `graphql-ws` and initialises.
    pub async fn legacy(http_url: &str) -> Self {
        let mut socket = Self::open(http_url, "/v1/graphql", "graphql-ws").await;
        socket
            .send(&json!({"type": "connection_init", "payload": {"headers": {}}}))
            .await;
        assert_eq!(socket.next().await, json!({"type": "connection_ack"}));
        assert_eq!(socket.said().await, Said::Message(json!({"type": "ka"})));
        socket
    }

    /// Connects by `graphql-transport-ws` and initialises.
    pub async fn transport(http_url: &str) -> Self {
        let mut socket = Self::open(http_url, "/v1/graphql", "graphql-transport-ws").await;
        socket.send(&json!({"type": "connection_init"})).await;
        assert_eq!(socket.next().await, json!({"type": "connection_ack"}));
        socket
    }

    /// Sends JSON.
    pub async fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string()).await;
    }

    /// Sends anything.
    pub async fn send_text(&mut self, text: &str) {
        self.0
            .send(Message::text(text))
            .await
            .expect("the socket takes it");
    }

    /// Starts an operation in the older protocol.
    pub async fn start(&mut self, id: &str, query: &str, variables: Value) {
        self.send(&json!({"type": "start", "id": id, "payload": {"query": query, "variables": variables}}))
            .await;
    }

    /// The next message that is not a sign of life.
    pub async fn next(&mut self) -> Value {
        loop {
            match self.said().await {
                Said::Message(message) if is_sign_of_life(&message) => {}
                Said::Message(message) => return message,
                Said::Closed(code) => panic!("closed with {code} instead of a message"),
            }
        }
    }

    /// The next message of that operation, which must be of that type; its payload.
    pub async fn expect(&mut self, id: &str, kind: &str) -> Value {
        let mut message = self.next().await;
        assert_eq!(
            (&message["id"], &message["type"]),
            (&json!(id), &json!(kind)),
            "{message}"
        );
        message["payload"].take()
    }

    /// The code with which the engine closes; what it says before is passed over.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Said::Closed(code) = self.said().await {
                return code;
            }
        }
    }

    /// The next thing of any kind.
    pub async fn said(&mut self) -> Said {
        loop {
            let message = timeout(PATIENCE, self.0.next())
                .await
                .expect("the engine says something");
            return match message {
                Some(Ok(Message::Text(text))) => Said::Message(serde_json::from_str(&text).expect("JSON")),
                Some(Ok(Message::Close(frame))) => {
                    Said::Closed(frame.map_or(1005, |frame| frame.code.into()))
                }
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => Said::Closed(1006),
            };
        }
    }

    /// Asserts that nothing is waiting: what was answered before a query's answer would have come before it.
    pub async fn nothing_before(&mut self, id: &str) {
        self.start(id, "{ __typename }", json!({})).await;
        assert_eq!(
            self.expect(id, "data").await,
            json!({"data": {"__typename": "query_root"}})
        );
        self.expect(id, "complete").await;
    }
}

fn is_sign_of_life(message: &Value) -> bool {
    message["type"] == "ka" || message["type"] == "ping"
}
