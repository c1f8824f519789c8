//! `WebSocket`s that keep the engine busy, before and after a customer has identified itself.

use anyhow::Result;
use serde_json::json;

use super::wire::{self, WebSocket};
use super::{Begin, Target};

const PROTOCOLS: [&str; 2] = ["graphql-transport-ws", "graphql-ws"];
const MIB: usize = 1024 * 1024;

pub(super) const ATTACKS: &[(&str, Begin)] = &[
    ("silent WebSockets", |target| {
        Box::pin(async move {
            let mut sockets = Vec::new();
            for number in 0..100 {
                sockets.push(WebSocket::open(&target.engine, PROTOCOLS[number % 2]).await?);
            }
            Ok(wire::answer(&mut sockets[0].stream).await)
        })
    }),
    ("large message before connection_init", |target| {
        Box::pin(async move {
            let mut last = String::new();
            for protocol in PROTOCOLS {
                let mut socket = WebSocket::open(&target.engine, protocol).await?;
                // The engine may close the connection while the message is sent.
                let _ = socket.incomplete(32 * MIB, 31 * MIB).await;
                last = wire::answer(&mut socket.stream).await;
            }
            Ok(last)
        })
    }),
    ("operations of a client that does not read", |target| {
        Box::pin(async move {
            let mut socket = customer(&target).await?;
            let padding = " ".repeat(200 * 1024);
            for number in 0..200 {
                let query = format!("{{ orders {{ order_id address }} }}{padding}");
                let sent = subscribe(&mut socket, number, &query).await;
                if sent.is_err() {
                    return Ok(format!("closed after {} operations", number / 50 * 50));
                }
            }
            Ok(wire::answer(&mut socket.stream).await)
        })
    }),
    ("many subscriptions", |target| {
        Box::pin(async move {
            let mut socket = customer(&target).await?;
            for number in 0..500 {
                let query = format!(
                    "subscription {{ orders(where: {{total: {{_gt: {number}}}}}) {{ order_id status items {{ item }} }} }}"
                );
                if subscribe(&mut socket, number, &query).await.is_err() {
                    return Ok("closed".to_owned());
                }
            }
            Ok(wire::answer(&mut socket.stream).await)
        })
    }),
    ("messages that are not JSON", |target| {
        Box::pin(async move {
            let mut socket = customer(&target).await?;
            let nested = "[".repeat(60 * 1024);
            socket.text(&nested).await?;
            Ok(wire::answer(&mut socket.stream).await)
        })
    }),
];

/// A WebSocket on which a customer has identified itself. The acknowledgement is not read.
async fn customer(target: &Target) -> Result<WebSocket> {
    let mut socket = WebSocket::open(&target.engine, PROTOCOLS[0]).await?;
    let authorization = format!("Bearer {}", target.token);
    let init = json!({"type": "connection_init", "payload": {"headers": {"authorization": authorization}}});
    socket.text(&init.to_string()).await?;
    Ok(socket)
}

async fn subscribe(socket: &mut WebSocket, id: usize, query: &str) -> Result<()> {
    let message = json!({"type": "subscribe", "id": id.to_string(), "payload": {"query": query}});
    socket.text(&message.to_string()).await
}
