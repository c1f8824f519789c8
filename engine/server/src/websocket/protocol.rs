//! The two sub-protocols: client messages, and the representation of the engine's messages in each.
//!
//! Sources: subscriptions-transport-ws `PROTOCOL.md`; enisdenjo/graphql-ws `PROTOCOL.md`; Hasura v2's own additions.

use super::outgoing::ResultMessage;
use crate::json;
use axum::body::Bytes;
use engine_runtime::graphql::Request;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// Maximum number of members of `payload.headers`. A map of headers has a capacity, and panics beyond it.
const MAX_INIT_HEADERS: usize = 100;

/// A sub-protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// subscriptions-transport-ws; its name on the wire is `graphql-ws`.
    SubscriptionsTransportWs,
    /// The npm package graphql-ws; its name on the wire is `graphql-transport-ws`.
    GraphqlTransportWs,
}

impl Protocol {
    /// Returns the sub-protocol requested by `Sec-WebSocket-Protocol`. As in Hasura, every value except the newer one's exact
    /// name selects the older one.
    pub(super) fn requested(header: Option<&str>) -> Self {
        let newer = header.is_some_and(|list| {
            list.split(',')
                .any(|name| name.trim() == Self::GraphqlTransportWs.name())
        });
        if newer {
            Self::GraphqlTransportWs
        } else {
            Self::SubscriptionsTransportWs
        }
    }

    /// Returns the name in the handshake.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SubscriptionsTransportWs => "graphql-ws",
            Self::GraphqlTransportWs => "graphql-transport-ws",
        }
    }

    /// Returns the id of the operation that a message would start, without the memory of the other values.
    pub(super) fn started_id(self, text: &str) -> Option<String> {
        #[derive(Deserialize)]
        struct Start {
            #[serde(rename = "type")]
            kind: String,
            id: String,
        }
        let start: Start = serde_json::from_str(text).ok()?;
        let kind = match self {
            Self::SubscriptionsTransportWs => "start",
            Self::GraphqlTransportWs => "subscribe",
        };
        (start.kind == kind).then_some(start.id)
    }

    /// Parses one message of a client; the error is a human-readable description.
    pub(super) fn parse(self, text: &str) -> Result<ClientMessage, String> {
        let message = Raw::parse(text)?;
        let id = |id: Option<Value>| match id {
            Some(Value::String(id)) => Ok(id),
            // Some clients number their operations.
            Some(Value::Number(id)) => Ok(id.to_string()),
            Some(_) => Err("the key \"id\" must be a string".to_owned()),
            None => Err("the key \"id\" is missing".to_owned()),
        };
        match (self, message.kind.as_str()) {
            (_, "connection_init") => Ok(ClientMessage::Init(headers(message.payload.unwrap_or_default())?)),
            (Self::SubscriptionsTransportWs, "start") | (Self::GraphqlTransportWs, "subscribe") => {
                let id = id(message.id)?;
                let payload = message.payload.ok_or("the key \"payload\" is missing")?;
                let request =
                    Request::from_json(payload).map_err(|error| format!("payload: {}", error.message))?;
                Ok(ClientMessage::Start { id, request })
            }
            (Self::SubscriptionsTransportWs, "stop") | (Self::GraphqlTransportWs, "complete") => {
                Ok(ClientMessage::Stop { id: id(message.id)? })
            }
            (Self::SubscriptionsTransportWs, "connection_terminate") => Ok(ClientMessage::Terminate),
            (Self::GraphqlTransportWs, "ping") => Ok(ClientMessage::Ping(message.payload)),
            (Self::GraphqlTransportWs, "pong") => Ok(ClientMessage::Pong),
            (_, unknown) => Err(format!("unknown message type {unknown:?}")),
        }
    }

    /// Response to `connection_init`.
    pub(super) fn ack() -> String {
        json!({"type": "connection_ack"}).to_string()
    }

    /// Keep-alive message.
    pub(super) fn keep_alive(self) -> String {
        match self {
            Self::SubscriptionsTransportWs => json!({"type": "ka"}),
            Self::GraphqlTransportWs => json!({"type": "ping", "payload": {"message": "keepalive"}}),
        }
        .to_string()
    }

    /// Response to a ping, with its payload.
    pub(super) fn pong(payload: Option<Value>) -> String {
        match payload {
            Some(payload) => json!({"type": "pong", "payload": payload}),
            None => json!({"type": "pong"}),
        }
        .to_string()
    }

    /// Error of the whole connection. Only the older protocol has a message for it; the newer one closes the connection.
    pub(super) fn connection_error(message: &str) -> String {
        json!({"type": "connection_error", "payload": message}).to_string()
    }

    /// Result message. The payload is JSON text, built by Postgres and not parsed again.
    pub(super) fn data(self, id: &str, payload: Payload) -> ResultMessage {
        let kind = match self {
            Self::SubscriptionsTransportWs => "data",
            Self::GraphqlTransportWs => "next",
        };
        let id = serde_json::to_string(id).map_or(Cow::Borrowed("\"\""), Cow::Owned);
        let (before, body, tail) = match payload {
            Payload::Response(body) => ("", body, "}"),
            Payload::Data(data) => (r#"{"data":"#, data, "}}"),
        };
        ResultMessage {
            head: [r#"{"type":""#, kind, r#"","id":"#, &id, r#","payload":"#, before].concat(),
            body,
            tail,
        }
    }

    /// Error message for an operation that did not start.
    pub(super) fn error(id: &str, payload: &Value) -> String {
        json!({"type": "error", "id": id, "payload": payload}).to_string()
    }

    /// End of an operation.
    pub(super) fn complete(id: &str) -> String {
        json!({"type": "complete", "id": id}).to_string()
    }
}

/// Payload of a result message.
#[derive(Debug)]
pub(super) enum Payload {
    /// Whole response, such as `{"data":{…}}`.
    Response(Bytes),
    /// Its `data` object.
    Data(Bytes),
}

/// Client message of either protocol.
#[derive(Debug)]
pub(super) enum ClientMessage {
    /// `connection_init`, with the headers of its payload.
    Init(Vec<(String, String)>),
    /// `start` or `subscribe`.
    Start {
        /// Operation id chosen by the client.
        id: String,
        request: Request,
    },
    /// `stop` or `complete`.
    Stop { id: String },
    /// `connection_terminate`.
    Terminate,
    /// `ping`.
    Ping(Option<Value>),
    /// `pong`.
    Pong,
}

struct Raw {
    kind: String,
    id: Option<Value>,
    payload: Option<Value>,
}

impl Raw {
    fn parse(text: &str) -> Result<Self, String> {
        let message = json::parse(text.as_bytes()).map_err(|error| error.to_string())?;
        let Value::Object(mut message) = message else {
            return Err("a message is an object".to_owned());
        };
        let kind = match message.shift_remove("type") {
            Some(Value::String(kind)) => kind,
            Some(_) => return Err("the key \"type\" must be a string".to_owned()),
            None => return Err("the key \"type\" is missing".to_owned()),
        };
        let mut take = |key: &str| message.shift_remove(key).filter(|value| !value.is_null());
        Ok(Self {
            kind,
            id: take("id"),
            payload: take("payload"),
        })
    }
}

/// Returns `payload.headers` of `connection_init`. Numbers and booleans are converted to text, as header values are text.
fn headers(payload: Value) -> Result<Vec<(String, String)>, String> {
    let headers: Map<String, Value> = match payload {
        Value::Null => Map::new(),
        Value::Object(mut payload) => match payload.remove("headers").unwrap_or_default() {
            Value::Null => Map::new(),
            Value::Object(headers) => headers,
            _ => return Err("payload.headers must be an object".to_owned()),
        },
        _ => return Err("payload must be an object".to_owned()),
    };
    if headers.len() > MAX_INIT_HEADERS {
        let count = headers.len();
        return Err(format!(
            "payload.headers has {count} members; send at most {MAX_INIT_HEADERS}"
        ));
    }
    headers
        .into_iter()
        .map(|(name, value)| match value {
            Value::String(value) => Ok((name, value)),
            Value::Number(_) | Value::Bool(_) => Ok((name, value.to_string())),
            _ => Err(format!("payload.headers.{name} must be a string")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newer_protocol_is_chosen_by_its_exact_name_only() {
        let requested = |header| Protocol::requested(header);
        assert_eq!(
            requested(Some("graphql-transport-ws")),
            Protocol::GraphqlTransportWs
        );
        assert_eq!(
            requested(Some("graphql-ws, graphql-transport-ws")),
            Protocol::GraphqlTransportWs
        );
        assert_eq!(requested(Some("graphql-ws")), Protocol::SubscriptionsTransportWs);
        assert_eq!(requested(Some("anything")), Protocol::SubscriptionsTransportWs);
        assert_eq!(requested(None), Protocol::SubscriptionsTransportWs);
    }

    #[test]
    fn messages_of_one_protocol_are_unknown_in_the_other() {
        assert!(
            Protocol::SubscriptionsTransportWs
                .parse(r#"{"type":"subscribe","id":"1","payload":{"query":"{a}"}}"#)
                .is_err()
        );
        assert!(
            Protocol::GraphqlTransportWs
                .parse(r#"{"type":"start","id":"1","payload":{"query":"{a}"}}"#)
                .is_err()
        );
        assert!(
            Protocol::GraphqlTransportWs
                .parse(r#"{"type":"connection_terminate"}"#)
                .is_err()
        );
    }

    #[test]
    fn the_id_of_an_operation_is_found_without_its_request() {
        let started = |text| Protocol::GraphqlTransportWs.started_id(text);
        let id = started(r#"{"payload":{"variables":{"id":[0,{}]}},"id":"1","type":"subscribe"}"#);
        assert_eq!(id.as_deref(), Some("1"));
        assert_eq!(started(r#"{"type":"complete","id":"1"}"#), None);
        assert_eq!(started(r#"{"type":"subscribe","payload":{}}"#), None);
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Protocol::SubscriptionsTransportWs
            .parse(r#"{"type":"stop"}"#)
            .unwrap_err();
        assert!(error.contains("\"id\""), "{error}");
        let error = Protocol::SubscriptionsTransportWs
            .parse(r#"{"type":"start","id":"1","payload":{}}"#)
            .unwrap_err();
        assert!(error.contains("query"), "{error}");
    }

    #[test]
    fn a_result_is_embedded_as_it_came() {
        let data = Payload::Data(Bytes::from_static(br#"{"n":1.50}"#));
        let response = Payload::Response(Bytes::from_static(br#"{"data":{"n":1.50}}"#));
        for payload in [data, response] {
            let ResultMessage { head, body, tail } = Protocol::SubscriptionsTransportWs.data("a\"b", payload);
            assert_eq!(
                [head.as_bytes(), &body, tail.as_bytes()].concat(),
                br#"{"type":"data","id":"a\"b","payload":{"data":{"n":1.50}}}"#
            );
        }
    }

    #[test]
    fn init_headers_are_text() {
        let init = |payload: Value| {
            let text = json!({"type": "connection_init", "payload": payload}).to_string();
            Protocol::SubscriptionsTransportWs.parse(&text)
        };
        let Ok(ClientMessage::Init(headers)) = init(json!({"headers": {"X-Hasura-User-Id": 7}})) else {
            panic!()
        };
        assert_eq!(headers, [("X-Hasura-User-Id".to_owned(), "7".to_owned())]);
        assert!(matches!(init(json!({})), Ok(ClientMessage::Init(h)) if h.is_empty()));
        assert!(matches!(init(Value::Null), Ok(ClientMessage::Init(h)) if h.is_empty()));
        assert!(init(json!({"headers": {"a": []}})).is_err());
    }
}
