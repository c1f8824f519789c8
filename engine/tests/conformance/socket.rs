//! One operation over a WebSocket, sub-protocol `graphql-ws`.

use apollo_compiler::Node;
use apollo_compiler::ast::{Definition, Directive, Document, OperationType};
use apollo_compiler::parser::Parser;
use serde_json::{Value, json};
use testkit::socket::{SUBSCRIPTIONS_TRANSPORT_WS, Socket, SocketEvent};

/// Returns the payload of the first `data` or `error`.
pub(crate) async fn ask(
    engine: &str,
    path: &str,
    headers: &[(String, String)],
    payload: &Value,
) -> Result<Value, String> {
    let protocol = [("Sec-WebSocket-Protocol", SUBSCRIPTIONS_TRANSPORT_WS)];
    let mut socket = Socket::try_open(engine, path, &protocol)
        .await
        .map_err(|e| e.to_string())?;
    let headers: serde_json::Map<String, Value> = headers
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    socket
        .send(&json!({"type": "connection_init", "payload": {"headers": headers}}))
        .await;
    socket
        .send(&json!({"type": "start", "id": "1", "payload": payload}))
        .await;
    loop {
        let SocketEvent::Message(mut message) = socket.receive().await else {
            return Err("the engine closed the socket".to_owned());
        };
        match message["type"].as_str() {
            Some("data" | "error") => return Ok(message["payload"].take()),
            Some("connection_error") => return Err(message.to_string()),
            _ => {}
        }
    }
}

/// Turns the operation into a subscription that may have several fields.
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
