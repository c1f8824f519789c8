//! Subscriptions: latency from commit to update; and for a thousand subscribers, each with its own socket and
//! variable: statements per change, the effect on the rate of placed orders, and the engine's memory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Message, http::HeaderValue};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::super::figures::{Goal, Table, count, percentile_ms};
use super::super::load::closed;
use super::super::rig::{Rig, ensure_no_errors};
use super::client::{self, Client};
use super::{memory_mb, serve};
use local_process::logs::Logs;

/// Subscribers, each to its own order.
const SUBSCRIBERS: usize = 1_000;
/// Changes for the latency of one subscriber.
const CHANGES: u64 = 200;
/// Changes, one at a time, for the statement count.
const WAKE_UPS: u64 = 30;
/// Clients that place orders.
const CLIENTS: usize = 16;
const DURATION: Duration = Duration::from_secs(10);
const UPDATE_TIMEOUT: Duration = Duration::from_secs(30);
/// Idle time after which a connection has reported its statistics; Postgres documents ten seconds.
const STATISTICS_DELAY: Duration = Duration::from_secs(12);

const WATCH: &str = "subscription ($id: String!) { orders_by_pk(order_id: $id) { order_id address status } }";
const CHANGE: &str = "mutation ($id: String!, $address: String!) { update_orders_by_pk(pk_columns: {order_id: $id}, \
                      _set: {address: $address}) { order_id } }";
const PLACE: &str =
    "mutation ($order: orders_insert_input!) { insert_orders_one(object: $order) { order_id } }";

pub(super) async fn once(table: &mut Table, rig: &Rig, logs: &Logs) -> Result<()> {
    let engine = serve(rig, &[], logs).await?;
    let url = engine.url();
    table.add_with_goal(
        "memory at start, demo schema",
        "MB",
        memory_mb(&engine)?,
        Goal::AtMost(40.0),
    );
    delay(table, &url).await?;
    let alone = place(&url, "alone").await?;
    let subscribers = subscribe(&url).await?;
    table.add_with_goal(
        "memory with 1000 subscriptions",
        "MB",
        memory_mb(&engine)?,
        Goal::AtMost(45.0),
    );
    let drained = subscribers.drain();
    let watched = place(&url, "watched").await?;
    table.add("orders placed, no subscriptions", "/s", alone);
    table.add("orders placed, 1000 subscriptions", "/s", watched);
    table.add_with_goal(
        "orders placed: with subscriptions ÷ without",
        "×",
        watched / alone,
        Goal::AlwaysAtLeast(0.85),
    );
    table.add(
        "memory with 1000 subscriptions, after the orders",
        "MB",
        memory_mb(&engine)?,
    );
    drop(drained);
    engine.stop().await;

    statements(table, rig, logs).await
}

/// Latency from sending a mutation, including its execution and commit, to the update.
async fn delay(table: &mut Table, url: &str) -> Result<()> {
    let mut socket = Socket::open(url).await?;
    socket.subscribe("bench-0").await?;
    socket.update().await?;
    let mut client = Client::connect(url).await?;
    let mut times = Vec::new();
    for number in 0..CHANGES {
        // Out of phase with every timer.
        sleep(Duration::from_millis(20) + Duration::from_micros(number * 131)).await;
        let began = Instant::now();
        change(&mut client, "bench-0", &format!("street {number}")).await?;
        let update = socket.update().await?;
        ensure!(update["address"] == format!("street {number}"), "got {update}");
        times.push(began.elapsed());
    }
    table.add_with_goal(
        "mutation sent → subscription update: p50",
        "ms",
        percentile_ms(&mut times, 50),
        Goal::AtMost(2.0),
    );
    table.add(
        "mutation sent → subscription update: p99",
        "ms",
        percentile_ms(&mut times, 99),
    );
    Ok(())
}

/// Transactions per change with a thousand subscribers, from Postgres' count, on an engine that only reacts to notifications.
/// After the pause of the first count, each connection also discards its plans once. The test of the engine's permissions counts
/// the statements of the live queries alone: ten.
async fn statements(table: &mut Table, rig: &Rig, logs: &Logs) -> Result<()> {
    let quiet = [
        (
            "HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL",
            "3600000",
        ),
        ("HASURA_GRAPHQL_SCHEMA_SYNC_POLL_INTERVAL", "0"),
    ];
    // Transactions of its workers would be counted too.
    for statement in ["ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()"] {
        rig.database.batch_execute(statement).await?;
    }
    let engine = serve(rig, &quiet, logs).await?;
    let mut subscribers = subscribe(&engine.url()).await?;
    let mut client = Client::connect(&engine.url()).await?;
    // The first mutation opens a connection.
    change(&mut client, "bench-0", "the first").await?;
    subscribers.0[0].update().await?;
    let transactions = async || -> Result<i64> {
        sleep(STATISTICS_DELAY).await;
        let sql =
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()";
        Ok(rig.database.query_one(sql, &[]).await?.try_get(0)?)
    };
    let before = transactions().await?;
    for number in 0..WAKE_UPS {
        let place = usize::try_from(number).unwrap_or(0) * 31 % SUBSCRIBERS;
        change(&mut client, &format!("bench-{place}"), &format!("lane {number}")).await?;
        let update = subscribers.0[place].update().await?;
        ensure!(update["address"] == format!("lane {number}"), "got {update}");
        // Work for the other subscribers completes before the next change.
        sleep(Duration::from_millis(100)).await;
    }
    let own = i64::try_from(WAKE_UPS)? + 1;
    let more = u64::try_from(transactions().await? - before - own).unwrap_or(0);
    table.add(
        "1000 subscriptions: transactions per wake-up",
        "",
        count(more) / count(WAKE_UPS),
    );
    engine.stop().await;
    Ok(())
}

/// Orders placed per second by sixteen clients.
async fn place(url: &str, prefix: &'static str) -> Result<f64> {
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(Mutex::new(Client::connect(url).await?));
    }
    let clients = Arc::new(clients);
    let load = closed(CLIENTS, u64::MAX, Some(DURATION), move |client, number| {
        let clients = clients.clone();
        async move {
            let order = json!({
                "order_id": format!("{prefix}-{number}"), "user_id": "bench", "restaurant_id": 1, "address": "1 Main St",
            });
            let body = json!({"query": PLACE, "variables": {"order": order}}).to_string();
            let mut client = clients[client].lock().await;
            let answer = client.send(&client::post("/v1/graphql", &body)).await;
            answer.is_ok_and(|body| body.starts_with(b"{\"data\""))
        }
    })
    .await;
    ensure_no_errors("placing orders", load.errors)?;
    Ok(load.rate())
}

async fn change(client: &mut Client, id: &str, address: &str) -> Result<()> {
    let body = json!({"query": CHANGE, "variables": {"id": id, "address": address}}).to_string();
    let answer = client.send(&client::post("/v1/graphql", &body)).await?;
    ensure!(
        answer.starts_with(b"{\"data\""),
        "{}",
        String::from_utf8_lossy(answer)
    );
    Ok(())
}

/// All subscribers, each with its first result.
struct Subscribers(Vec<Socket>);

async fn subscribe(url: &str) -> Result<Subscribers> {
    let mut opening = JoinSet::new();
    let mut open = Vec::new();
    for number in 0..SUBSCRIBERS {
        let url = url.to_owned();
        opening.spawn(async move {
            let mut socket = Socket::open(&url).await?;
            socket.subscribe(&format!("bench-{number}")).await?;
            socket.update().await?;
            anyhow::Ok((number, socket))
        });
        // Limits the backlog of connections, which is not what is measured.
        if opening.len() >= 50
            && let Some(opened) = opening.join_next().await
        {
            open.push(opened??);
        }
    }
    while let Some(opened) = opening.join_next().await {
        open.push(opened??);
    }
    open.sort_unstable_by_key(|(number, _)| *number);
    Ok(Subscribers(open.into_iter().map(|(_, socket)| socket).collect()))
}

impl Subscribers {
    /// Reads and discards all messages until dropped.
    fn drain(self) -> JoinSet<()> {
        let mut reading = JoinSet::new();
        for mut socket in self.0 {
            reading.spawn(async move { while let Some(Ok(_)) = socket.0.next().await {} });
        }
        reading
    }
}

/// A socket with the protocol `graphql-transport-ws`.
struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn open(url: &str) -> Result<Self> {
        let url = format!("{}/v1/graphql", url.replacen("http", "ws", 1));
        let mut request = url.into_client_request()?;
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        request.headers_mut().insert("Sec-WebSocket-Protocol", protocol);
        let (stream, _) = connect_async(request)
            .await
            .context("cannot open the WebSocket")?;
        let mut socket = Self(stream);
        socket.send(&json!({"type": "connection_init"})).await?;
        ensure!(
            socket.next().await?["type"] == "connection_ack",
            "the connection was not acknowledged"
        );
        Ok(socket)
    }

    async fn subscribe(&mut self, order_id: &str) -> Result<()> {
        let payload = json!({"query": WATCH, "variables": {"id": order_id}});
        self.send(&json!({"type": "subscribe", "id": "1", "payload": payload}))
            .await
    }

    /// Waits for the next update of the subscribed order.
    async fn update(&mut self) -> Result<Value> {
        let mut message = self.next().await?;
        let order = message["payload"]["data"]["orders_by_pk"].take();
        ensure!(order.is_object(), "got {message}");
        Ok(order)
    }

    async fn send(&mut self, message: &Value) -> Result<()> {
        Ok(self.0.send(Message::text(message.to_string())).await?)
    }

    async fn next(&mut self) -> Result<Value> {
        loop {
            let message = timeout(UPDATE_TIMEOUT, self.0.next())
                .await
                .context("no update within 30 s")?;
            match message.context("the socket was closed")?? {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text)?;
                    if message["type"] != "ping" {
                        return Ok(message);
                    }
                }
                Message::Close(frame) => bail!("the socket was closed: {frame:?}"),
                _ => {}
            }
        }
    }
}
