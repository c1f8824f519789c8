//! Cron triggers and one-off scheduled events, with real Postgres and real HTTP servers. Events are due at once, because tests write
//! them with times in the past.

mod commands;
mod delivery;
mod failures;
mod generation;
mod idle;
mod instances;
mod metadata;

use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::{TestDatabase, Webhook, eventually};

/// An engine and a webhook.
struct TestStack {
    engine: TestEngine,
    webhook: Webhook,
    client: tokio_postgres::Client,
    // Dropped last: the other fields are connected to it.
    database: TestDatabase,
}

impl TestStack {
    async fn new() -> Self {
        Self::with(&[], Webhook::start().await).await
    }

    async fn with(options: &[&str], webhook: Webhook) -> Self {
        let database = TestDatabase::create("cron").await;
        let client = database.connect().await;
        let engine = TestEngine::start(&database, options).await;
        Self {
            engine,
            webhook,
            client,
            database,
        }
    }

    /// Creates a trigger that is due once a year; keys of `definition` extend or replace the others.
    async fn trigger(&self, name: &str, definition: Value) {
        let args = self.args(name, definition);
        self.engine.command("create_cron_trigger", args).await;
    }

    #[expect(clippy::needless_pass_by_value, reason = "callers write json!(…) in place")]
    fn args(&self, name: &str, definition: Value) -> Value {
        let mut args = json!({
            "name": name, "webhook": self.webhook.url, "schedule": "0 0 1 1 *", "include_in_metadata": true,
        });
        for (key, value) in definition.as_object().unwrap() {
            args[key] = value.clone();
        }
        args
    }

    /// Creates a one-off event that is due, and returns its id.
    async fn one_off(&self, definition: Value) -> String {
        let mut args = json!({"webhook": self.webhook.url, "schedule_at": self.now().await});
        for (key, value) in definition.as_object().unwrap() {
            args[key] = value.clone();
        }
        let answer = self.engine.command("create_scheduled_event", args).await;
        assert_eq!(answer["message"], "success");
        answer["event_id"].as_str().unwrap().to_owned()
    }

    /// Writes an event of a trigger that was due this number of seconds ago.
    async fn due(&self, trigger: &str, seconds_ago: u32) {
        self.due_between(trigger, seconds_ago, seconds_ago).await;
    }

    /// Writes an event for each of these seconds. Several calls could write the same time, because the clock advances between them.
    async fn due_between(&self, trigger: &str, first_seconds_ago: u32, last_seconds_ago: u32) {
        self.run(&format!(
            "INSERT INTO hdb_catalog.hdb_cron_events (trigger_name, scheduled_time)
             SELECT '{trigger}', date_trunc('second', now()) - seconds * interval '1 second'
             FROM generate_series({first_seconds_ago}, {last_seconds_ago}) AS seconds"
        ))
        .await;
    }

    /// Time of the database in the form of schedules.
    async fn now(&self) -> String {
        self.text("SELECT (to_json(timezone('utc', date_trunc('second', now()))) #>> '{}') || 'Z'")
            .await
    }

    async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap();
    }

    async fn number(&self, sql: &str) -> i64 {
        self.client.query_one(sql, &[]).await.unwrap().get(0)
    }

    async fn text(&self, sql: &str) -> String {
        self.client.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Rows of a query as JSON.
    async fn rows(&self, sql: &str) -> Value {
        let sql = format!("SELECT coalesce(json_agg(found), '[]')::text FROM ({sql}) AS found");
        serde_json::from_str(&self.text(&sql).await).unwrap()
    }

    /// Waits until a query returns this number.
    async fn until(&self, sql: &str, wanted: i64) {
        eventually(&format!("{sql} = {wanted}"), || async {
            (self.number(sql).await == wanted).then_some(())
        })
        .await;
    }

    async fn export(&self) -> Value {
        self.engine.command("export_metadata", json!({})).await
    }
}

/// Number of events of this trigger that are in the future and untried.
fn upcoming(trigger: &str) -> String {
    format!(
        "SELECT count(*) FROM hdb_catalog.hdb_cron_events
         WHERE trigger_name = '{trigger}' AND status = 'scheduled' AND tries = 0 AND scheduled_time > now()"
    )
}

/// Number of cron events with this status.
fn cron_events(status: &str) -> String {
    format!("SELECT count(*) FROM hdb_catalog.hdb_cron_events WHERE status = '{status}'")
}

/// Number of one-off events with this status.
fn one_off_events(status: &str) -> String {
    format!("SELECT count(*) FROM hdb_catalog.hdb_scheduled_events WHERE status = '{status}'")
}
