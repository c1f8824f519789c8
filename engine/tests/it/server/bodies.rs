//! Memory of request bodies and of WebSocket messages.

use super::raw::RawConnection;
use crate::support::{LOCKED, TestEngine, hold_lock, release_lock, until_waiting};
use serde_json::{Value, json};
use std::path::Path;
use testkit::socket::{SUBSCRIPTIONS_TRANSPORT_WS, Socket, SocketEvent};
use testkit::{EngineClient, EngineProcess, TestDatabase, eventually};
use tokio_postgres::Client;

const SECRET: &str = "x-hasura-admin-secret: s3cret\r\n";
const SECURED: [&str; 4] = ["--admin-secret", "s3cret", "--unauthorized-role", "anonymous"];

/// Growth of resident memory that the requests of clients may cause.
const MAX_GROWTH: u64 = 250 * 1024 * 1024;

async fn secured(options: &[&str]) -> (TestDatabase, TestEngine) {
    let database = TestDatabase::create("meta").await;
    let options: Vec<&str> = SECURED.iter().chain(options).copied().collect();
    let engine = TestEngine::start(&database, &options).await;
    (database, engine)
}

/// A request of this length.
fn request(bytes: usize) -> String {
    let request = |padding: usize| {
        let variables = json!({"a": "x".repeat(padding)});
        json!({"query": "query ($a: String) { __typename }", "variables": variables}).to_string()
    };
    request(bytes - request(0).len())
}

async fn status(engine: &TestEngine, headers: &str, bytes: usize) -> u16 {
    let mut connection = RawConnection::open(engine).await;
    connection
        .post("/v1alpha1/graphql", headers, &request(bytes))
        .await;
    let response = connection.response().await;
    if response.status == 503 {
        assert!(response.head.contains("retry-after: 1\r\n"), "{response:?}");
        assert!(
            response.body.contains("HASURA_GRAPHQL_MAX_CONCURRENT_BODY_BYTES"),
            "{response:?}"
        );
    }
    response.status
}

#[tokio::test]
async fn bodies_in_progress_are_limited_together() {
    // 300 kB for large requests.
    let (_database, engine) = secured(&["--max-concurrent-body-bytes", "400000"]).await;
    let usual = status(&engine, "", 100).await;
    assert_ne!(usual, 503);
    let body = request(250_000);
    let (most, rest) = body.split_at(240_000);
    let mut slow = RawConnection::open(&engine).await;
    slow.send_head("/v1alpha1/graphql", "Content-Length: 250000\r\n")
        .await;
    slow.send(most).await;
    eventually("the engine has received the first body", async || {
        (status(&engine, "", 100_000).await == 503).then_some(())
    })
    .await;
    // Small requests and the role admin have their own capacity.
    assert_eq!(status(&engine, "", 10_000).await, usual);
    assert_ne!(status(&engine, SECRET, 1_000_000).await, 503);
    slow.send(rest).await;
    assert_eq!(slow.response().await.status, usual);
    assert_eq!(status(&engine, "", 100_000).await, usual);
    // A request that is larger than the capacity needs all of it.
    assert_eq!(status(&engine, "", 1_000_000).await, usual);
}

#[tokio::test]
async fn messages_in_progress_are_limited_together() {
    let (database, engine) = secured(&["--max-concurrent-body-bytes", "100000"]).await;
    database
        .connect()
        .await
        .batch_execute(&format!("CREATE VIEW slow AS SELECT 1 AS id FROM {LOCKED}"))
        .await
        .unwrap();
    let secret = ("x-hasura-admin-secret", "s3cret");
    let track = json!({"type": "track_table", "args": "slow"});
    assert_eq!(engine.post("/v1/metadata", &[secret], &track).await.0, 200);
    let holder = hold_lock(&database).await;
    // The role admin has 300 kB for large requests.
    let start = async |socket: &mut Socket| {
        let query = "query ($a: String) { slow { id } }";
        socket.start("q", query, json!({"a": "x".repeat(200_000)})).await;
    };
    let mut first = admin_socket(&engine).await;
    start(&mut first).await;
    until_waiting(&holder, 1).await;
    let mut second = admin_socket(&engine).await;
    start(&mut second).await;
    assert_eq!(second.closed().await, 1013);
    release_lock(&holder).await;
    first.expect("q", "data").await;
    first.expect("q", "complete").await;
    eventually("the memory of the first operation is released", async || {
        let mut third = admin_socket(&engine).await;
        start(&mut third).await;
        loop {
            match third.receive().await {
                SocketEvent::Closed(code) => {
                    assert_eq!(code, 1013);
                    return None;
                }
                SocketEvent::Message(message) if message["type"] == "data" => return Some(()),
                SocketEvent::Message(_) => {}
            }
        }
    })
    .await;
}

#[tokio::test]
async fn large_subscriptions_of_roles_are_refused() {
    let (_database, engine) = secured(&[]).await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    let mut refusal = async |values: usize| {
        let variables = json!({"v": vec![0; values]});
        socket
            .start("s", "subscription ($v: [Int]) { menu { id } }", variables)
            .await;
        let error = socket.expect("s", "error").await;
        // The connection remains open, and the id can be used again.
        socket.expect("s", "complete").await;
        error.to_string().contains("524288")
    };
    assert!(refusal(10_000).await);
    assert!(!refusal(10).await);
}

#[tokio::test]
async fn stopped_mutations_keep_their_memory() {
    // The role admin has 300 kB for large requests.
    let (database, engine) = secured(&["--max-concurrent-body-bytes", "100000"]).await;
    let sql = "CREATE TABLE note (id int PRIMARY KEY);
               CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
               BEGIN PERFORM pg_advisory_xact_lock(42); RETURN new; END $$;
               CREATE TRIGGER slow BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION slow()";
    database.connect().await.batch_execute(sql).await.unwrap();
    let secret = ("x-hasura-admin-secret", "s3cret");
    let track = json!({"type": "track_table", "args": "note"});
    assert_eq!(engine.post("/v1/metadata", &[secret], &track).await.0, 200);
    let holder = hold_lock(&database).await;
    let mut socket = admin_socket(&engine).await;
    let query = "mutation ($a: String) { insert_note_one(object: {id: 1}) { id } }";
    socket.start("m", query, json!({"a": "x".repeat(200_000)})).await;
    until_waiting(&holder, 1).await;
    socket.stop("m").await;
    // Runs after the operation has stopped.
    socket.nothing_before("q").await;
    assert_eq!(status(&engine, SECRET, 200_000).await, 503);
    release_lock(&holder).await;
    eventually("the memory of the mutation is released", async || {
        (status(&engine, SECRET, 200_000).await != 503).then_some(())
    })
    .await;
}

/// Opens a WebSocket with the role admin.
async fn admin_socket(engine: &EngineClient) -> Socket {
    let mut socket = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
    let headers = json!({"x-hasura-admin-secret": "s3cret"});
    let init = json!({"type": "connection_init", "payload": {"headers": headers}});
    socket.send(&init).await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    socket
}

#[tokio::test]
async fn incomplete_message_has_a_deadline() {
    let (_database, engine) = secured(&["--request-body-timeout", "0.2"]).await;
    let mut connection = RawConnection::open(&engine).await;
    let head = format!(
        "GET /v1/graphql HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        connection.address
    );
    connection.send(&head).await;
    // Masked with zeros, that is not at all.
    let init = r#"{"type":"connection_init"}"#;
    let init = [&[0x81, 0x80 | 0x1a, 0, 0, 0, 0][..], init.as_bytes()].concat();
    connection.send_bytes(&init).await;
    // A message of 100 kB, of which 60 kB are sent.
    let mut message = vec![0x81, 0x80 | 0x7f];
    message.extend(100_000_u64.to_be_bytes());
    message.resize(message.len() + 60_000, 0);
    connection.send_bytes(&message).await;
    let sent = connection.closed_bytes().await;
    // The code is at the beginning of a close frame.
    let [first, second] = 1008_u16.to_be_bytes();
    let is_close = |frame: &[u8]| frame[0] == 0x88 && frame[2..] == [first, second];
    assert!(
        sent.windows(4).any(is_close),
        "{:?}",
        String::from_utf8_lossy(&sent)
    );
}

/// Starts the binary, because the memory of a test process is that of all its tests.
async fn process(database: &TestDatabase) -> EngineProcess {
    let binary = Path::new(env!("CARGO_BIN_EXE_engine"));
    EngineProcess::start(binary, database.url(), &SECURED, &[]).await
}

#[tokio::test]
async fn values_of_bodies_are_bounded_in_memory() {
    let database = TestDatabase::create("meta").await;
    let engine = process(&database).await;
    let before = engine.resident_bytes();
    for value in ["[]", "{\"\":{}}", "0", "[[[[]]]]"] {
        let values = vec![value; 1_900_000 / (value.len() + 1)].join(",");
        let body = format!(r#"{{"query": "{{ __typename }}", "variables": {{"a": [{values}]}}}}"#);
        let requests = (0..20).map(|_| {
            let request = engine
                .client
                .http
                .post(format!("{}/v1/graphql", engine.client.url));
            let request = request
                .header("content-type", "application/json")
                .body(body.clone());
            async move { request.send().await.unwrap().status().as_u16() }
        });
        let statuses = futures_util::future::join_all(requests).await;
        assert!(statuses.contains(&200), "{value}: {statuses:?}");
        let grown = engine.resident_bytes().saturating_sub(before);
        assert!(grown <= MAX_GROWTH, "{value}: {grown} bytes");
    }
    engine.kill().await;
}

/// Starts the binary with the table `slow`, whose queries wait for the lock of the returned connection.
async fn process_with_slow_table() -> (TestDatabase, Client, EngineProcess) {
    let database = TestDatabase::create("meta").await;
    let holder = hold_lock(&database).await;
    holder
        .batch_execute(&format!("CREATE VIEW slow AS SELECT 1 AS id FROM {LOCKED}"))
        .await
        .unwrap();
    let engine = process(&database).await;
    let secret = [("x-hasura-admin-secret", "s3cret")];
    let track = json!({"type": "track_table", "args": "slow"});
    assert_eq!(engine.client.post("/v1/metadata", &secret, &track).await.0, 200);
    (database, holder, engine)
}

/// Waits until the engine has read all messages up to that of this operation, which it refuses.
async fn until_refused(socket: &mut Socket, id: &str) {
    let refused = loop {
        let message: Value = socket.next().await;
        if message["id"] == id {
            break message;
        }
    };
    assert_eq!(refused["type"], "error", "{refused}");
}

#[tokio::test]
async fn waiting_operations_of_a_socket_are_bounded_in_memory() {
    let (_database, holder, engine) = process_with_slow_table().await;
    let before = engine.resident_bytes();
    let mut socket = admin_socket(&engine.client).await;
    for id in 0..600 {
        let variables = json!({"a": "x".repeat(1_000_000)});
        let query = "query ($a: String) { slow { id } }";
        socket.start(&id.to_string(), query, variables).await;
    }
    until_refused(&mut socket, "599").await;
    let grown = engine.resident_bytes().saturating_sub(before);
    assert!(grown <= MAX_GROWTH, "{grown} bytes");
    release_lock(&holder).await;
    engine.kill().await;
}

/// A parsed document needs many times the memory of its text, which is what counts for the limit of a connection.
#[tokio::test]
async fn documents_of_waiting_operations_are_bounded_in_memory() {
    let (_database, holder, engine) = process_with_slow_table().await;
    let before = engine.resident_bytes();
    let mut socket = admin_socket(&engine.client).await;
    // They have all turns, so that the operations after them wait.
    for id in 0..16 {
        let id = format!("turn-{id}");
        socket.start(&id, "{ slow { id } }", json!({})).await;
    }
    let fields: Vec<String> = (0..22_000).map(|n| format!("a{n}:id")).collect();
    let fields = fields.join(" ");
    let query = format!("{{ slow {{ {fields} }} }}");
    for id in 0..200 {
        socket.start(&id.to_string(), &query, json!({})).await;
    }
    until_refused(&mut socket, "199").await;
    let grown = engine.resident_bytes().saturating_sub(before);
    assert!(grown <= MAX_GROWTH, "{grown} bytes");
    release_lock(&holder).await;
    engine.kill().await;
}
