//! HTTP calls: keep-alive connections, headers that frame the message, and proxies.

use super::{TABLE, TestStack, everything};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use testkit::{EngineProcess, TestDatabase, Webhook};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Starts a server that keeps the connection open after a response and closes it when the next request arrives, like a
/// server whose idle timeout ends at that moment.
async fn closing_when_used_again() -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let answered = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&answered);
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 64 * 1024];
            if socket.read(&mut request).await.unwrap_or(0) > 0 {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
                socket.write_all(answer).await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let _ = socket.read(&mut request).await;
            }
        }
    });
    (url, answered)
}

#[tokio::test]
async fn closed_idle_connection_does_not_count_as_attempt() {
    let stack = TestStack::new().await;
    let (url, answered) = closing_when_used_again().await;
    let mut definition = everything();
    definition["webhook"] = json!(url);
    stack.trigger("one", definition).await;
    for id in 1..=3 {
        stack.run(&format!("INSERT INTO t (id) VALUES ({id})")).await;
        let delivered = "SELECT count(*) FROM hdb_catalog.event_log WHERE delivered";
        stack.until(delivered, id).await;
    }
    assert_eq!(answered.load(Ordering::SeqCst), 3);
    assert_eq!(
        stack
            .number("SELECT count(*) FROM hdb_catalog.event_invocation_logs")
            .await,
        3
    );
}

#[tokio::test]
async fn configured_headers_cannot_change_message_framing() {
    let stack = TestStack::new().await;
    let headers = json!([{"name": "Content-Length", "value": "3"}, {"name": "Transfer-Encoding", "value": "gzip"},
        {"name": "X-Mine", "value": "yes"}]);
    let mut definition = everything();
    definition["headers"] = headers;
    stack.trigger("one", definition).await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    let received = stack.webhook.wait_for(1).await;
    assert_eq!(received[0].body["event"]["data"]["new"]["id"], 1);
    assert_eq!(received[0].headers["x-mine"], "yes");
}

#[tokio::test]
async fn proxy_is_used_only_if_link_local_webhooks_are_permitted() {
    let binary = Path::new(env!("CARGO_BIN_EXE_engine"));
    for permitted in [false, true] {
        let (webhook, proxy) = (Webhook::start().await, Webhook::start().await);
        let database = TestDatabase::create("ev").await;
        let client = database.connect().await;
        client.batch_execute(TABLE).await.unwrap();
        let option = format!("--events-link-local-webhooks={permitted}");
        let environment = [
            ("HTTP_PROXY", proxy.url.as_str()),
            ("NO_PROXY", ""),
            ("no_proxy", ""),
        ];
        let engine = EngineProcess::start(binary, database.url(), &[&option], &environment).await;
        engine.client.command("track_table", json!("t")).await;
        let mut args = everything();
        args["name"] = json!("one");
        args["table"] = json!("t");
        args["webhook"] = json!(webhook.url);
        engine.client.command("create_event_trigger", args).await;
        client
            .batch_execute("INSERT INTO t (id) VALUES (1)")
            .await
            .unwrap();
        let (called, other) = if permitted {
            (&proxy, &webhook)
        } else {
            (&webhook, &proxy)
        };
        let received = called.wait_for(1).await;
        assert_eq!(received[0].body["event"]["data"]["new"]["id"], 1);
        assert_eq!(other.count(), 0, "permitted: {permitted}");
    }
}
