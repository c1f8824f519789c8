//! The event queue alone, with a webhook that responds immediately: latency from commit to webhook on an idle engine,
//! throughput of ten thousand queued events, and the transactions of an idle engine.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::figures::{Goal, Table, count, percentile_ms};
use super::rig::Rig;
use local_process::dirs;
use local_process::logs::{LogFormat, LogLevel, Logs};
use local_process::ports;
use local_stack::engine::{self, Engine};
use local_stack::setup::Metadata;

/// Events delivered one at a time.
const SINGLE_EVENTS: u32 = 100;
/// Events in the full queue.
const QUEUED_EVENTS: u64 = 10_000;
/// Observation time of the idle engine.
const IDLE_DURATION: Duration = Duration::from_secs(5);

pub(crate) async fn measure(runs: u32, logs: &Logs) -> Result<Table> {
    let mut table = Table::new("events");
    for run in 1..=runs {
        logs.log_line(&format!("events: run {run} of {runs}"));
        once(&mut table, logs).await?;
    }
    Ok(table)
}

async fn once(table: &mut Table, logs: &Logs) -> Result<()> {
    let rig = Rig::start(100, None).await?;
    let mut webhook = Webhook::open().await?;
    let options = engine::Options {
        program: dirs::bin_dir()?.join("engine"),
        dir: rig.services.dir().to_path_buf(),
        host: std::net::Ipv4Addr::LOCALHOST.into(),
        port: ports::free()?,
        database_url: rig.services.database_url(),
        functions_url: webhook.url.clone(),
        webhook_secret: "bench".to_owned(),
        allowed_origins: Vec::new(),
        log_format: LogFormat::Text,
        log_level: LogLevel::Error,
        env: Vec::new(),
    };
    let mut engine = Engine::start(options, logs, &rig.watchdog).await?;
    rig.database
        .batch_execute("CREATE TABLE ticks (id bigint PRIMARY KEY, said text NOT NULL DEFAULT 'tick')")
        .await?;
    let metadata = Metadata::new(&engine.url(), None)?;
    metadata
        .query(&json!({"type": "bulk", "args": [
            {"type": "track_table", "args": {"schema": "public", "name": "ticks"}},
            {"type": "create_event_trigger", "args": {
                "name": "tick", "table": "ticks", "webhook": "{{FUNCTIONS_URL}}/tick", "insert": {"columns": "*"}}}]}))
        .await?;

    let queries = idle_queries(&rig, logs).await?;
    table.add_with_goal("idle engine: transactions", "/s", queries, Goal::AtMost(3.0));

    let mut times = Vec::new();
    for number in 0..SINGLE_EVENTS {
        // Long enough for the engine to become idle again, and out of phase with its poll.
        sleep(Duration::from_millis(150) + Duration::from_micros(u64::from(number) * 1_373)).await;
        let id = i64::from(number);
        rig.database
            .execute("INSERT INTO ticks (id) VALUES ($1)", &[&id])
            .await?;
        let committed = Instant::now();
        let (arrived, at) = webhook.next().await?;
        ensure!(arrived == id, "event {arrived} arrived instead of {id}");
        times.push(at.saturating_duration_since(committed));
    }
    table.add_with_goal(
        "commit → webhook, idle: p50",
        "ms",
        percentile_ms(&mut times, 50),
        Goal::AtMost(5.0),
    );
    table.add("commit → webhook, idle: p99", "ms", percentile_ms(&mut times, 99));

    engine.stop().await;
    rig.database
        .execute(
            "INSERT INTO ticks (id) SELECT 1000000 + n FROM generate_series(1, $1::bigint) AS n",
            &[&i64::try_from(QUEUED_EVENTS)?],
        )
        .await?;
    engine.start_again().await?;
    let mut arrivals: HashMap<i64, Instant> = HashMap::new();
    while (arrivals.len() as u64) < QUEUED_EVENTS {
        let (id, at) = webhook.next().await?;
        arrivals.entry(id).or_insert(at);
    }
    let (first, last) = (arrivals.values().min(), arrivals.values().max());
    let took = match (first, last) {
        (Some(first), Some(last)) => last.duration_since(*first),
        _ => Duration::ZERO,
    };
    table.add(
        "10 000 waiting events: delivered",
        "/s",
        count(QUEUED_EVENTS) / took.as_secs_f64(),
    );
    engine.stop().await;
    rig.stop().await;
    Ok(())
}

/// Transactions per second of an idle engine, from Postgres' statistics.
async fn idle_queries(rig: &Rig, logs: &Logs) -> Result<f64> {
    let transactions = async || -> Result<i64> {
        // Idle backends report their statistics about once per second.
        let row = rig
            .database
            .query_one(
                "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()",
                &[],
            )
            .await?;
        Ok(row.try_get(0)?)
    };
    logs.log_line("events: observing an idle engine");
    // By then the engine's start and the set-up are complete and counted.
    sleep(Duration::from_secs(2)).await;
    let (before, began) = (transactions().await?, Instant::now());
    sleep(IDLE_DURATION).await;
    let more = u64::try_from(transactions().await? - before).unwrap_or(0);
    Ok(count(more) / began.elapsed().as_secs_f64())
}

/// A webhook that responds immediately and reports the row and arrival time of each event.
struct Webhook {
    url: String,
    arrivals: mpsc::UnboundedReceiver<(i64, Instant)>,
    _serving: AbortOnDropHandle<()>,
}

impl Webhook {
    async fn open() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (sender, arrivals) = mpsc::unbounded_channel();
        let router = Router::new()
            .route("/tick", post(tick))
            .with_state(Arc::new(sender));
        let serving = tokio::spawn(async move {
            // Ends with the benchmark, which drops the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            url,
            arrivals,
            _serving: AbortOnDropHandle::new(serving),
        })
    }

    async fn next(&mut self) -> Result<(i64, Instant)> {
        timeout(Duration::from_secs(30), self.arrivals.recv())
            .await
            .context("no event arrived for 30 s")?
            .context("the webhook is closed")
    }
}

async fn tick(State(sender): State<Arc<mpsc::UnboundedSender<(i64, Instant)>>>, body: axum::body::Bytes) {
    let at = Instant::now();
    let event: Value = serde_json::from_slice(&body).unwrap_or_default();
    if let Some(id) = event["event"]["data"]["new"]["id"].as_i64() {
        // The receiver is dropped at the end of the benchmark.
        let _ = sender.send((id, at));
    }
}
