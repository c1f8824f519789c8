//! Subscriptions of simulated people, one WebSocket each, with the protocol `graphql-transport-ws`. A lost connection is replaced.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use local_client::{BackOff, Failure, Refused};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::account::Account;
use crate::client::Api;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The engine sends keep-alives more often.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Newest result of a subscription. Dropping it ends the subscription.
#[derive(Debug)]
pub(crate) struct Subscription(watch::Receiver<Value>);

impl Subscription {
    /// Subscribes; `query` has one field.
    pub(crate) fn start(account: &Arc<Account>, query: &'static str, variables: Value) -> Self {
        let (results, newest) = watch::channel(Value::Null);
        let account = account.clone();
        let api = account.api().clone();
        api.spawn(async move {
            let closed = results.clone();
            tokio::select! {
                () = closed.closed() => {}
                () = run(&account, query, &variables, &results) => {}
            }
        });
        Self(newest)
    }

    /// Waits for a result that differs from the previous one; returns the value of the field. Results in between may be missed. `None`
    /// if the stack refuses the subscription.
    pub(crate) async fn next<T: DeserializeOwned>(&mut self) -> Option<T> {
        loop {
            self.0.changed().await.ok()?;
            let value = self.0.borrow_and_update().clone();
            // A row that does not exist yet is null.
            if let Ok(result) = serde_json::from_value(value) {
                return Some(result);
            }
        }
    }
}

/// Keeps the subscription until the engine refuses it.
async fn run(account: &Account, query: &str, variables: &Value, results: &watch::Sender<Value>) {
    let mut back_off = Api::back_off();
    loop {
        match serve(account, query, variables, results, &mut back_off).await {
            Failure::Refused(refused) => {
                account.api().report(&account.name, &refused);
                return;
            }
            failure @ Failure::Unavailable { .. } => account.api().wait(&failure, &mut back_off).await,
        }
    }
}

/// Subscribes on a new connection, and forwards results until it ends.
async fn serve(
    account: &Account,
    query: &str,
    variables: &Value,
    results: &watch::Sender<Value>,
    back_off: &mut BackOff,
) -> Failure {
    let connected = timeout(CONNECT_TIMEOUT, connect(account)).await;
    let mut socket =
        match connected.unwrap_or_else(|_| Err(Failure::unavailable("the engine does not respond"))) {
            Ok(socket) => socket,
            Err(failure) => return failure,
        };
    let subscribe =
        json!({"id": "1", "type": "subscribe", "payload": {"query": query, "variables": variables}});
    if let Err(error) = socket.send(text(&subscribe)).await {
        return Failure::unavailable(error);
    }
    loop {
        let message = match timeout(IDLE_TIMEOUT, receive(&mut socket)).await {
            Ok(Ok(message)) => message,
            Ok(Err(failure)) => return failure,
            Err(_) => return Failure::unavailable("the engine sends no keep-alive"),
        };
        let payload = &message["payload"];
        match message["type"].as_str() {
            Some("next") if payload["errors"].is_null() => {
                account.api().note_response();
                back_off.reset();
                let fields = payload["data"].as_object();
                let result = fields.and_then(|fields| fields.values().next().cloned());
                results.send_replace(result.unwrap_or_default());
            }
            // A failed poll of the database; the engine has ended the subscription.
            Some("next") => return Failure::unavailable(&payload["errors"][0]["message"]),
            Some("error") => {
                let error = &payload[0];
                let message = error["message"].as_str().unwrap_or_default().to_owned();
                return match error["extensions"]["code"].as_str().unwrap_or_default() {
                    code @ ("validation-failed" | "permission-denied") => Refused {
                        code: code.to_owned(),
                        message,
                    }
                    .into(),
                    _ => Failure::unavailable(message),
                };
            }
            Some("complete") => return Failure::unavailable("the engine ended the subscription"),
            Some("ping") => {
                if let Err(error) = socket.send(text(&json!({"type": "pong"}))).await {
                    return Failure::unavailable(error);
                }
            }
            _ => {}
        }
    }
}

async fn connect(account: &Account) -> Result<Socket, Failure> {
    let token = account.token().await?;
    let url = account.api().client.graphql_url().replacen("http", "ws", 1);
    let mut request = url.into_client_request().map_err(Failure::unavailable)?;
    request.headers_mut().insert(
        SEC_WEBSOCKET_PROTOCOL,
        HeaderValue::from_static("graphql-transport-ws"),
    );
    let (mut socket, _) = connect_async_with_config(request, None, true)
        .await
        .map_err(Failure::unavailable)?;
    let headers = json!({"Authorization": format!("Bearer {token}")});
    let init = json!({"type": "connection_init", "payload": {"headers": headers}});
    socket.send(text(&init)).await.map_err(Failure::unavailable)?;
    loop {
        match receive(&mut socket).await {
            Ok(message) if message["type"] == "connection_ack" => return Ok(socket),
            Ok(_) => {}
            Err(failure) => {
                // The token may have expired.
                account.forget_token().await;
                return Err(failure);
            }
        }
    }
}

/// Waits for the next JSON message.
async fn receive(socket: &mut Socket) -> Result<Value, Failure> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap_or_default()),
            Some(Ok(Message::Close(frame))) => {
                let reason = frame.map_or_else(String::new, |frame| frame.reason.to_string());
                return Err(Failure::unavailable(format!(
                    "the engine closed a WebSocket: {reason}"
                )));
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(Failure::unavailable(error)),
            None => return Err(Failure::unavailable("the engine closed a WebSocket")),
        }
    }
}

fn text(message: &Value) -> Message {
    Message::text(message.to_string())
}
