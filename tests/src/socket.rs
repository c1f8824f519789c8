//! A WebSocket as the reference's apps open it (subscriptions-transport-ws, sub-protocol `graphql-ws`), in plain JSON.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest as _, http::HeaderValue},
};

/// How long an expected message may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open, initialised socket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Connects and waits for the acknowledgement.
    pub async fn open(engine: &str, path: &str) -> Self {
        let url = format!("{}{path}", engine.replacen("http", "ws", 1));
        let mut request = url.into_client_request().expect("a URL");
        let protocol = HeaderValue::from_static("graphql-ws");
        request.headers_mut().insert("Sec-WebSocket-Protocol", protocol);
        let mut socket = Self(connect_async(request).await.expect("a handshake").0);
        socket
            .send(&json!({"type": "connection_init", "payload": {"headers": {}}}))
            .await;
        assert_eq!(socket.next().await["type"], "connection_ack");
        socket
    }

    /// Starts an operation without a name as the reference's client does.
    pub async fn start(&mut self, id: &str, query: &str, variables: Value) {
        self.start_named(id, None, query, variables).await;
    }

    /// Starts an operation as the reference's client does, which sends the operation's name beside it.
    pub async fn start_named(&mut self, id: &str, name: Option<&str>, query: &str, variables: Value) {
        let payload =
            json!({"variables": variables, "extensions": {}, "operationName": name, "query": query});
        self.send(&json!({"type": "start", "id": id, "payload": payload}))
            .await;
    }

    /// Ends an operation.
    pub async fn stop(&mut self, id: &str) {
        self.send(&json!({"type": "stop", "id": id})).await;
    }

    /// The next message that is not a sign of life.
    pub async fn next(&mut self) -> Value {
        loop {
            let message = timeout(PATIENCE, self.0.next())
                .await
                .expect("the engine says something");
            if let Message::Text(text) = message.expect("an open socket").expect("a message") {
                let message: Value = serde_json::from_str(&text).expect("JSON");
                if message["type"] != "ka" {
                    return message;
                }
            }
        }
    }

    /// The next result of any operation: its id and its `data`.
    pub async fn data(&mut self) -> (String, Value) {
        let mut message = self.next().await;
        assert_eq!(message["type"], "data", "{message}");
        assert!(message["payload"]["errors"].is_null(), "{message}");
        (
            message["id"].as_str().unwrap_or_default().to_owned(),
            message["payload"]["data"].take(),
        )
    }

    async fn send(&mut self, message: &Value) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .expect("the socket takes it");
    }
}
