//! Any bytes of a WebSocket client, in both sub-protocols: no panic, no result before `connection_init` has succeeded, at most one
//! session per message, and no task that remains after the connection.
//!
//! The first byte of an input selects the protocol, the configuration, and whether the rest is frames, or messages separated by line breaks.

#![no_main]

use connection::Secret;
use engine_model::session::Session;
use engine_server::auth::{Authentication, UnauthorizedRole};
use fuzz::server::{SECRET, Server, runtime, sends_secret};
use fuzz::wire::exchange;
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use std::sync::LazyLock;
use tokio::runtime::Runtime;
use tokio::task::yield_now;

/// Opcode of a text message in one frame.
const TEXT: u8 = 0x81;

/// Opcode without the bit of the last frame of a message.
const OPCODE: u8 = 0x0f;

/// Bit of a masked frame.
const MASKED: u8 = 0x80;

/// Number of times that tasks may run until the last reference to a closed connection is gone.
const TURNS: usize = 1000;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(runtime);

static SERVERS: LazyLock<[Server; 2]> = LazyLock::new(|| {
    let _inside = RUNTIME.enter();
    [None, Some("anonymous")].map(|role| {
        let authentication = Authentication {
            admin_secrets: vec![Secret::new(SECRET).expect("a value")],
            unauthorized: role.map(|role| UnauthorizedRole {
                role: role.to_owned(),
                trusts_headers: false,
            }),
            method: None,
        };
        Server::new(authentication, check)
    })
});

fuzz_target!(|data: &[u8]| {
    let Some((&choice, input)) = data.split_first() else {
        return;
    };
    let protocol = ["graphql-ws", "graphql-transport-ws"][usize::from(choice & 1)];
    let server = &SERVERS[usize::from(choice >> 1 & 1)];
    let mut sent = format!(
        "GET /v1/graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n"
    )
    .into_bytes();
    if choice & 4 == 0 {
        for message in input.split(|&byte| byte == b'\n') {
            add_message(&mut sent, message);
        }
    } else {
        sent.extend_from_slice(input);
    }
    let before = server.references();
    let received = RUNTIME.block_on(async {
        let received = exchange(server.router(), &sent, true).await;
        for _ in 0..TURNS {
            if server.references() == before {
                break;
            }
            yield_now().await;
        }
        received
    });
    assert_eq!(server.references(), before, "a task remains after its connection");
    check_messages(&received, server.take_sessions());
});

/// Without the secret a session has the configured role only.
fn check(headers: &HeaderMap, session: &Session) {
    if !sends_secret(headers) {
        assert_eq!(*session, Session::of_role("anonymous"));
    }
}

/// Appends a message in one frame with the mask 0, which leaves the bytes as they are.
fn add_message(sent: &mut Vec<u8>, message: &[u8]) {
    sent.push(TEXT);
    match u16::try_from(message.len()) {
        Ok(length) if length < 126 => sent.push(MASKED | length.to_le_bytes()[0]),
        Ok(length) => {
            sent.push(MASKED | 126);
            sent.extend(length.to_be_bytes());
        }
        Err(_) => {
            sent.push(MASKED | 127);
            sent.extend((message.len() as u64).to_be_bytes());
        }
    }
    sent.extend([0; 4]);
    sent.extend_from_slice(message);
}

/// The messages of the server: results follow an acknowledgement, of which each needs a session.
fn check_messages(received: &[u8], sessions: usize) {
    let end = received.windows(4).position(|part| part == b"\r\n\r\n");
    let mut frames = &received[end.expect("a response to the handshake") + 4..];
    assert!(
        received.starts_with(b"HTTP/1.1 101 "),
        "the handshake was refused"
    );
    let mut acknowledged = 0;
    while let Some((opcode, payload, rest)) = frame(frames) {
        frames = rest;
        if opcode & OPCODE != TEXT & OPCODE {
            continue;
        }
        let message: Value = serde_json::from_slice(payload).expect("messages are JSON");
        match message["type"].as_str().expect("messages have a type") {
            "connection_ack" => acknowledged += 1,
            "data" | "next" => assert!(acknowledged > 0, "a result before connection_init"),
            "connection_error" | "ka" | "ping" | "pong" | "error" | "complete" => {}
            other => panic!("unknown message {other}"),
        }
    }
    assert!(
        acknowledged <= sessions,
        "{acknowledged} acknowledgements of {sessions} sessions"
    );
}

/// Returns the first frame: first byte, payload, and the bytes after it. `None` if no whole frame is left.
fn frame(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[first, short], rest) = bytes.split_first_chunk()?;
    let (length, rest) = match short {
        126 => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        127 => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::try_from(u64::from_be_bytes(*length)).ok()?, rest)
        }
        length => (usize::from(length), rest),
    };
    let (payload, rest) = rest.split_at_checked(length)?;
    Some((first, payload, rest))
}
