//! A WebSocket client in plain JSON, so that tests compare the messages themselves.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message, http::HeaderName};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Time after which an expected message counts as missing.
const HANG: Duration = Duration::from_secs(30);

/// Sub-protocol of the library subscriptions-transport-ws.
pub const SUBSCRIPTIONS_TRANSPORT_WS: &str = "graphql-ws";

/// Sub-protocol of the library graphql-ws.
pub const GRAPHQL_TRANSPORT_WS: &str = "graphql-transport-ws";

/// An open WebSocket.
#[derive(Debug)]
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// Event that a client receives.
#[derive(Debug, PartialEq)]
pub enum SocketEvent {
    /// A text message, parsed.
    Message(Value),
    /// The close code; 1005 for a close frame without one, 1006 for a connection that closed without a close frame.
    Closed(u16),
}

impl Socket {
    /// Opens a WebSocket with a sub-protocol; `http_url` is the base URL of the engine; `ws://` is accepted too.
    pub async fn open(http_url: &str, path: &str, protocol: &str) -> Self {
        Self::try_open(http_url, path, &[("Sec-WebSocket-Protocol", protocol)])
            .await
            .expect("the engine accepts the handshake")
    }

    /// Opens a WebSocket with these headers in the handshake.
    ///
    /// # Errors
    /// Returns an error if the handshake fails.
    pub async fn try_open(
        http_url: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, tungstenite::Error> {
        let url = format!("{}{path}", http_url.replacen("http", "ws", 1));
        let mut request = url.into_client_request()?;
        for (name, value) in headers {
            let name = HeaderName::try_from(*name).expect("a valid header name");
            request
                .headers_mut()
                .insert(name, value.parse().expect("a valid header value"));
        }
        Ok(Self(connect_async(request).await?.0))
    }

    /// Opens and initialises a connection of subscriptions-transport-ws.
    pub async fn subscriptions_transport_ws(http_url: &str, path: &str) -> Self {
        let mut socket = Self::open(http_url, path, SUBSCRIPTIONS_TRANSPORT_WS).await;
        socket
            .send(&json!({"type": "connection_init", "payload": {"headers": {}}}))
            .await;
        assert_eq!(socket.next().await, json!({"type": "connection_ack"}));
        assert_eq!(
            socket.receive().await,
            SocketEvent::Message(json!({"type": "ka"})),
            "the acknowledgement is followed by a keep-alive"
        );
        socket
    }

    /// Opens and initialises a connection of graphql-transport-ws on `/v1/graphql`.
    pub async fn graphql_transport_ws(http_url: &str) -> Self {
        let mut socket = Self::open(http_url, "/v1/graphql", GRAPHQL_TRANSPORT_WS).await;
        socket.send(&json!({"type": "connection_init"})).await;
        assert_eq!(socket.next().await, json!({"type": "connection_ack"}));
        socket
    }

    /// Sends JSON.
    pub async fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string()).await;
    }

    /// Sends a text message that need not be JSON.
    pub async fn send_text(&mut self, text: &str) {
        self.0
            .send(Message::text(text))
            .await
            .expect("the connection is open");
    }

    /// Starts an operation of subscriptions-transport-ws.
    pub async fn start(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({"query": query, "variables": variables});
        self.send(&json!({"type": "start", "id": id, "payload": payload}))
            .await;
    }

    /// Starts an operation with all keys that the client library sends.
    pub async fn start_named(&mut self, id: &str, name: Option<&str>, query: &str, variables: Value) {
        let payload =
            json!({"variables": variables, "extensions": {}, "operationName": name, "query": query});
        self.send(&json!({"type": "start", "id": id, "payload": payload}))
            .await;
    }

    /// Stops an operation of subscriptions-transport-ws.
    pub async fn stop(&mut self, id: &str) {
        self.send(&json!({"type": "stop", "id": id})).await;
    }

    /// Returns the next message that is not a keep-alive.
    pub async fn next(&mut self) -> Value {
        loop {
            match self.receive().await {
                SocketEvent::Message(message) if is_keep_alive(&message) => {}
                SocketEvent::Message(message) => return message,
                SocketEvent::Closed(code) => panic!("closed with {code} instead of a message"),
            }
        }
    }

    /// Returns the payload of the next message, which must have this id and type.
    pub async fn expect(&mut self, id: &str, kind: &str) -> Value {
        let mut message = self.next().await;
        assert_eq!(
            (&message["id"], &message["type"]),
            (&json!(id), &json!(kind)),
            "{message}"
        );
        message["payload"].take()
    }

    /// Returns the id and the `data` of the next result of any operation.
    pub async fn data(&mut self) -> (String, Value) {
        let mut message = self.next().await;
        assert_eq!(message["type"], "data", "{message}");
        assert!(message["payload"]["errors"].is_null(), "{message}");
        (
            message["id"].as_str().unwrap_or_default().to_owned(),
            message["payload"]["data"].take(),
        )
    }

    /// Returns the close code; skips the messages before it.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let SocketEvent::Closed(code) = self.receive().await {
                return code;
            }
        }
    }

    /// Returns the next message, keep-alives included, or the close code.
    pub async fn receive(&mut self) -> SocketEvent {
        timeout(HANG, self.receive_forever())
            .await
            .unwrap_or_else(|_| panic!("no message in {HANG:?}"))
    }

    /// Returns the same without a time limit.
    pub async fn receive_forever(&mut self) -> SocketEvent {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    let message = serde_json::from_str(&text).expect("the engine sends JSON");
                    return SocketEvent::Message(message);
                }
                Some(Ok(Message::Close(frame))) => {
                    return SocketEvent::Closed(frame.map_or(1005, |frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return SocketEvent::Closed(1006),
            }
        }
    }

    /// Asserts that no message is queued: the engine sends in order, so one would precede the result of this query.
    pub async fn nothing_before(&mut self, id: &str) {
        self.start(id, "{ __typename }", json!({})).await;
        assert_eq!(
            self.expect(id, "data").await,
            json!({"data": {"__typename": "query_root"}})
        );
        self.expect(id, "complete").await;
    }
}

fn is_keep_alive(message: &Value) -> bool {
    message["type"] == "ka" || message["type"] == "ping"
}
