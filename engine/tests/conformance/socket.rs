//! One operation over a WebSocket, sub-protocol `graphql-ws`.

use apollo_compiler::Node;
use apollo_compiler::ast::{Definition, Directive, Document, OperationType};
use apollo_compiler::parser::Parser;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

const PATIENCE: Duration = Duration::from_secs(5);

/// The payload of the first `data` or `error`.
pub(crate) async fn ask(url: &str, headers: &[(String, String)], payload: &Value) -> Result<Value, String> {
    tokio::time::timeout(PATIENCE, talk(url, headers, payload))
        .await
        .map_err(|_| "no answer on the socket".to_owned())?
}

async fn talk(url: &str, headers: &[(String, String)], payload: &Value) -> Result<Value, String> {
    let mut request = url.into_client_request().map_err(|e| e.to_string())?;
    request.headers_mut().insert(
        "sec-websocket-protocol",
        http::HeaderValue::from_static("graphql-ws"),
    );
    let (mut socket, _) = tokio_tungstenite::connect_async(request)
        .await
        .map_err(|e| e.to_string())?;
    let headers: serde_json::Map<String, Value> = headers
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    for message in [
        json!({"type": "connection_init", "payload": {"headers": headers}}),
        json!({"type": "start", "id": "1", "payload": payload}),
    ] {
        socket
            .send(Message::text(message.to_string()))
            .await
            .map_err(|e| e.to_string())?;
    }
    while let Some(message) = socket.next().await {
        let message = message.map_err(|e| e.to_string())?;
        let Ok(text) = message.to_text() else { continue };
        let message: Value = serde_json::from_str(text).unwrap_or_default();
        match message["type"].as_str() {
            Some("data" | "error") => return Ok(message["payload"].clone()),
            Some("connection_error") => return Err(message.to_string()),
            _ => {}
        }
    }
    Err("the socket was closed".to_owned())
}

/// The same operation as a subscription that may have several fields.
pub(crate) fn make_subscription(payload: &mut Value) -> Result<(), String> {
    let text = payload["query"].as_str().unwrap_or_default();
    let mut document: Document = Parser::new()
        .parse_ast(text, "query.graphql")
        .map_err(|e| e.errors.to_string())?;
    for definition in &mut document.definitions {
        if let Definition::OperationDefinition(operation) = definition {
            let operation = operation.make_mut();
            operation.operation_type = OperationType::Subscription;
            let name = apollo_compiler::name!("_multiple_top_level_fields");
            operation.directives.push(Node::new(Directive {
                name,
                arguments: Vec::new(),
            }));
        }
    }
    payload["query"] = json!(document.to_string());
    Ok(())
}
