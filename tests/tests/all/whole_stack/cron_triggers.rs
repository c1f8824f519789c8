//! `cron-triggers.json` in the directory of the application: a local stack loads it, and loads it again after a change.

use std::fs;

use local_stack::{Options, setup};
use serde_json::{Value, json};
use testkit::{Webhook, eventually};
use tests::stack::TestStack;

const UPCOMING: &str = "SELECT count(*) FROM hdb_catalog.hdb_cron_events
        WHERE trigger_name = 'minutely' AND scheduled_time > now() AND tries = 0";

/// The content of the file for a webhook at this URL.
fn file(url: &str, comment: &str) -> Value {
    json!({"type": "bulk", "args": [{"type": "create_cron_trigger", "args": {
        "name": "minutely", "webhook": url, "schedule": "* * * * *", "include_in_metadata": true, "comment": comment,
        "headers": [{"name": "x-webhook-secret", "value_from_env": "WEBHOOK_SECRET"}],
        "retry_conf": {"num_retries": 3, "retry_interval_seconds": 10, "timeout_seconds": 15, "tolerance_seconds": 3600},
    }}]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn file_of_cron_triggers_is_loaded() {
    let webhook = Webhook::start().await;
    let root = tempfile::tempdir().expect("a directory");
    let mut options = Options::for_tests().expect("the binaries");
    for entry in ["schema.sql", "event-triggers.json", "permissions.json", "infra"] {
        std::os::unix::fs::symlink(options.root.join(entry), root.path().join(entry)).expect("linked");
    }
    fs::write(
        root.path().join(setup::CRON_TRIGGERS),
        file(&webhook.url, "first").to_string(),
    )
    .expect("written");
    options.root = root.path().to_path_buf();
    let stack = TestStack::open_with(options).await;
    let upcoming = async || -> i64 {
        let row = stack.database.query_one(UPCOMING, &[]).await;
        row.expect("the events").get(0)
    };
    assert!(upcoming().await >= 99);
    // Not at a full minute, so that the schedule has no event at this time.
    let due = "INSERT INTO hdb_catalog.hdb_cron_events (id, trigger_name, scheduled_time)
        SELECT 'due-' || count(*), 'minutely', date_trunc('minute', now()) - interval '1 second'
        FROM hdb_catalog.hdb_cron_events WHERE id LIKE 'due-%'";
    let comment_of_due = async |id: &str| {
        stack.database.batch_execute(due).await.expect("the event");
        eventually("the event is delivered", async || {
            let call = webhook
                .received()
                .into_iter()
                .find(|call| call.body["id"] == id)?;
            assert!(call.headers.contains_key("x-webhook-secret"));
            Some(call.body["comment"].clone())
        })
        .await
    };
    assert_eq!(comment_of_due("due-0").await, "first");

    let metadata = setup::Metadata::new(&stack.services.addresses().engine, None).expect("an HTTP client");
    // The list of the metadata is accepted as well.
    let trigger = file(&webhook.url, "second")["args"][0]["args"].take();
    let list = json!([trigger]).to_string();
    for _ in 0..2 {
        setup::load_cron_triggers(&metadata, &list, &[])
            .await
            .expect("the changed file");
    }
    let delivered =
        "SELECT count(*) FROM hdb_catalog.hdb_cron_events WHERE id = 'due-0' AND status = 'delivered'";
    eventually("the first event is settled", async || {
        let row = stack.database.query_one(delivered, &[]).await.expect("the event");
        (row.get::<_, i64>(0) == 1).then_some(())
    })
    .await;
    assert_eq!(comment_of_due("due-1").await, "second");
    assert!(upcoming().await >= 99);
    let error = setup::load_cron_triggers(&metadata, "{}", &[])
        .await
        .expect_err("not a list");
    assert!(
        error
            .to_string()
            .contains("neither a bulk of commands nor a list"),
        "{error}"
    );
    stack.close().await;
}
