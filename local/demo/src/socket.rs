//! One WebSocket with a subscription per order, with the protocol of the Node.js example's apps (`graphql-ws`, the
//! sub-protocol of subscriptions-transport-ws). Reconnects automatically and renews its subscriptions.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const SUBSCRIPTION: &str = "subscription fetch_orders($user: String!, $order_id: String!) {
  orders(where: {user_id: {_eq: $user}, order_id: {_eq: $order_id}}, order_by: {created: asc}) {
    order_id order_valid payment_valid approved driver_assigned status problem
  }
}";

/// The customer's view of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct OrderStatus {
    pub(crate) order_valid: Option<bool>,
    pub(crate) payment_valid: Option<bool>,
    pub(crate) approved: bool,
    pub(crate) driver_assigned: bool,
    pub(crate) status: String,
    /// Reason for a rejection.
    pub(crate) problem: Option<String>,
}

/// A message from the socket's task.
#[derive(Debug)]
pub(crate) enum Update {
    /// An order's new state and its arrival time.
    Order(usize, OrderStatus, Instant),
    /// A subscription was rejected; it will not deliver updates.
    Rejected(usize, String),
}

/// A command to the socket's task.
#[derive(Debug)]
pub(crate) enum SubscriptionCommand {
    /// Subscribe to this order, under this number.
    Start(usize, String),
    /// Unsubscribe.
    Stop(usize),
}

/// Settings of the socket.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The engine's base URL.
    pub(crate) engine: String,
    /// Owner of the orders.
    pub(crate) user: String,
    /// Sent with `connection_init`.
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// Keeps the socket open until the command channel closes. Returns an error if the engine rejects the connection, for
/// example because of a wrong secret; lost connections are re-established.
pub(crate) async fn run(
    settings: Settings,
    mut orders: mpsc::UnboundedReceiver<SubscriptionCommand>,
    updates: mpsc::UnboundedSender<Update>,
) -> Result<()> {
    let mut followed: HashMap<usize, String> = HashMap::new();
    loop {
        let mut socket = loop {
            match connect(&settings).await {
                Ok(socket) => break socket,
                Err(error) if error.is::<Rejected>() => return Err(error),
                Err(_) if updates.is_closed() => return Ok(()),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        };
        for (number, order_id) in &followed {
            // If this fails, the read below fails too.
            let _ = socket.send(start(&settings, *number, order_id)).await;
        }
        match serve(&settings, &mut socket, &mut followed, &mut orders, &updates).await {
            ClosedBy::Client => {
                let _ = socket.close(None).await;
                return Ok(());
            }
            ClosedBy::Server => {}
        }
    }
}

/// The engine rejected the connection.
#[derive(Debug, thiserror::Error)]
#[error("the engine rejected the WebSocket: {0}")]
struct Rejected(String);

enum ClosedBy {
    Client,
    Server,
}

async fn connect(settings: &Settings) -> Result<Socket> {
    let url = settings.engine.trim_end_matches('/').replacen("http", "ws", 1);
    let mut request = format!("{url}/v1/graphql")
        .into_client_request()
        .context("not a URL")?;
    request
        .headers_mut()
        .insert("sec-websocket-protocol", HeaderValue::from_static("graphql-ws"));
    let (mut socket, _) = connect_async_with_config(request, None, true).await?;
    let headers: serde_json::Map<String, Value> = settings
        .headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    let init = json!({"type": "connection_init", "payload": {"headers": headers}});
    socket.send(Message::text(init.to_string())).await?;
    while let Some(message) = socket.next().await {
        let Message::Text(text) = message? else { continue };
        let message: Value = serde_json::from_str(&text)?;
        match message["type"].as_str() {
            Some("connection_ack") => return Ok(socket),
            Some("connection_error") => return Err(Rejected(message["payload"].to_string()).into()),
            _ => {}
        }
    }
    bail!("the engine closed the WebSocket before it was acknowledged")
}

async fn serve(
    settings: &Settings,
    socket: &mut Socket,
    followed: &mut HashMap<usize, String>,
    orders: &mut mpsc::UnboundedReceiver<SubscriptionCommand>,
    updates: &mpsc::UnboundedSender<Update>,
) -> ClosedBy {
    loop {
        tokio::select! {
            order = orders.recv() => {
                let mut next = order;
                if next.is_none() {
                    return ClosedBy::Client;
                }
                // A burst is one write, not a thousand.
                while let Some(order) = next {
                    let message = match order {
                        SubscriptionCommand::Start(number, order_id) => {
                            let message = start(settings, number, &order_id);
                            followed.insert(number, order_id);
                            message
                        }
                        SubscriptionCommand::Stop(number) => {
                            followed.remove(&number);
                            Message::text(json!({"type": "stop", "id": number.to_string()}).to_string())
                        }
                    };
                    if socket.feed(message).await.is_err() {
                        return ClosedBy::Server;
                    }
                    next = orders.try_recv().ok();
                }
                if socket.flush().await.is_err() {
                    return ClosedBy::Server;
                }
            }
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    let arrived = Instant::now();
                    if let Some(update) = read(&text, arrived) && updates.send(update).is_err() {
                        return ClosedBy::Client;
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return ClosedBy::Server,
            },
        }
    }
}

fn start(settings: &Settings, number: usize, order_id: &str) -> Message {
    let payload = json!({
        "operationName": "fetch_orders",
        "query": SUBSCRIPTION,
        "variables": {"user": settings.user, "order_id": order_id},
        "extensions": {},
    });
    Message::text(json!({"type": "start", "id": number.to_string(), "payload": payload}).to_string())
}

#[derive(Deserialize)]
struct Incoming<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    id: Option<&'a str>,
    payload: Option<&'a serde_json::value::RawValue>,
}

#[derive(Deserialize)]
struct Payload {
    data: Option<Data>,
    errors: Option<Value>,
}

#[derive(Deserialize)]
struct Data {
    orders: Vec<OrderStatus>,
}

/// Parses an order's update; `None` for other messages, such as keep-alives.
fn read(text: &str, arrived: Instant) -> Option<Update> {
    let message: Incoming<'_> = serde_json::from_str(text).ok()?;
    let number: usize = message.id?.parse().ok()?;
    let payload = message.payload?.get();
    match message.kind {
        "data" => {
            let payload: Payload = serde_json::from_str(payload).ok()?;
            match (payload.data, payload.errors) {
                (Some(data), _) => Some(Update::Order(number, data.orders.into_iter().next()?, arrived)),
                (None, Some(errors)) => Some(Update::Rejected(number, errors.to_string())),
                (None, None) => None,
            }
        }
        "error" => Some(Update::Rejected(number, payload.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engine_messages_are_parsed() {
        let now = Instant::now();
        let data = r#"{"type":"data","id":"7","payload":{"data":{"orders":[{"order_id":"x","order_valid":true,
            "payment_valid":null,"approved":false,"driver_assigned":false,"problem":null}]}}}"#;
        let Some(Update::Order(7, seen, _)) = read(data, now) else {
            panic!("not read")
        };
        assert_eq!(seen.order_valid, Some(true));
        assert_eq!(seen.payment_valid, None);
        let error = r#"{"type":"error","id":"7","payload":{"errors":[{"message":"no"}]}}"#;
        assert!(matches!(read(error, now), Some(Update::Rejected(7, why)) if why.contains("no")));
        let failed = r#"{"type":"data","id":"7","payload":{"data":null,"errors":[{"message":"no"}]}}"#;
        assert!(matches!(read(failed, now), Some(Update::Rejected(7, _))));
        for other in [r#"{"type":"ka"}"#, r#"{"type":"complete","id":"7"}"#, "nonsense"] {
            assert!(read(other, now).is_none(), "{other}");
        }
        let nothing = r#"{"type":"data","id":"7","payload":{"data":{"orders":[]}}}"#;
        assert!(read(nothing, now).is_none());
    }
}
