//! Event triggers from the changed row to the webhook, with real Postgres and real HTTP servers.

mod altered_tables;
mod altered_types;
mod backoff;
mod calls;
mod capture;
mod commands;
mod cost;
mod delivery;
mod enum_values;
mod failed;
mod instances;
mod nested_values;
mod notify;
mod paused;
mod payload_values;
mod retention;
mod sizes;
mod traces;

use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;
use testkit::{Webhook, eventually};

/// An engine with the tracked table `t (id, name, note, doc)`, and a webhook.
struct TestStack {
    engine: TestEngine,
    webhook: Webhook,
    client: tokio_postgres::Client,
    // Dropped last: the other fields are connected to it.
    database: TestDatabase,
}

/// Statement that claims events.
const CLAIM: &str = include_str!("../../runtime/src/events/queue/claim.sql");
const DONE: &str = "SELECT count(*) FROM hdb_catalog.event_log WHERE delivered OR error";
const TABLE: &str = "CREATE TABLE t (id int PRIMARY KEY, name text, note text, doc json)";

impl TestStack {
    async fn new() -> Self {
        Self::with(&[], Webhook::start().await).await
    }

    async fn with(options: &[&str], webhook: Webhook) -> Self {
        let database = TestDatabase::create("ev").await;
        let client = database.connect().await;
        client.batch_execute(TABLE).await.unwrap();
        let engine = TestEngine::start(&database, options).await;
        engine.command("track_table", json!("t")).await;
        Self {
            engine,
            webhook,
            client,
            database,
        }
    }

    /// Creates a trigger on `t`; keys of `definition` extend or replace name, table and webhook.
    async fn trigger(&self, name: &str, definition: Value) {
        let args = self.args(name, definition);
        self.engine.command("create_event_trigger", args).await;
    }

    #[expect(clippy::needless_pass_by_value, reason = "callers write json!(…) in place")]
    fn args(&self, name: &str, definition: Value) -> Value {
        let mut args = json!({ "name": name, "table": "t", "webhook": self.webhook.url });
        for (key, value) in definition.as_object().unwrap() {
            args[key] = value.clone();
        }
        args
    }

    async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap();
    }

    async fn number(&self, sql: &str) -> i64 {
        self.client.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Payloads in the event log, oldest first.
    async fn payloads(&self) -> Vec<Value> {
        const PAYLOADS: &str = "SELECT payload FROM hdb_catalog.event_log ORDER BY created_at, id";
        self.client
            .query(PAYLOADS, &[])
            .await
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect()
    }

    /// Waits until a query returns this number.
    async fn until(&self, sql: &str, wanted: i64) {
        eventually(&format!("{sql} = {wanted}"), || async {
            (self.number(sql).await == wanted).then_some(())
        })
        .await;
    }
}

/// A definition for all operations and all columns.
fn everything() -> Value {
    json!({ "insert": {"columns": "*"}, "update": {"columns": "*"}, "delete": {"columns": "*"} })
}
