//! Delays between the attempts of an event.

use super::TestStack;
use serde_json::{Value, json};
use testkit::webhook::{Reply, Webhook};

/// Delay in milliseconds that the last settlement of the only event has set: its log row has the time of the settlement.
const DELAY: &str = "SELECT round(1000 * extract(epoch FROM e.next_retry_at - l.created_at))::bigint
    FROM hdb_catalog.event_log e JOIN hdb_catalog.event_invocation_logs l ON l.event_id = e.id
    ORDER BY l.created_at DESC LIMIT 1";

/// Makes the next attempt due.
const DUE: &str =
    "UPDATE hdb_catalog.event_log SET next_retry_at = timezone('utc', now()) - interval '1 millisecond'";

async fn failing(retry_after: Option<&'static str>, retry_conf: &Value) -> TestStack {
    let webhook = Webhook::behaving(move |_, _| {
        let reply = Reply::status(503);
        match retry_after {
            Some(seconds) => reply.header("retry-after", seconds),
            None => reply,
        }
    })
    .await;
    let stack = TestStack::with(&[], webhook).await;
    stack
        .trigger(
            "one",
            json!({"insert": {"columns": "*"}, "retry_conf": retry_conf}),
        )
        .await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack
}

/// The delays after this number of attempts.
async fn delays(stack: &TestStack, attempts: i64) -> Vec<i64> {
    let mut delays = Vec::new();
    for tries in 1..=attempts {
        let settled =
            format!("SELECT count(*) FROM hdb_catalog.event_log WHERE tries = {tries} AND locked IS NULL");
        stack.until(&settled, 1).await;
        delays.push(stack.number(DELAY).await);
        stack.run(DUE).await;
    }
    delays
}

#[tokio::test]
async fn intervals_double_up_to_the_largest() {
    let conf = json!({"num_retries": 9, "interval_sec": 1000, "initial_interval_sec": 400, "max_interval_sec": 1500});
    let stack = failing(None, &conf).await;
    assert_eq!(delays(&stack, 4).await, [400_000, 800_000, 1_500_000, 1_500_000]);
}

#[tokio::test]
async fn interval_is_fixed_without_further_keys() {
    let stack = failing(None, &json!({"num_retries": 9, "interval_sec": 1000})).await;
    assert_eq!(delays(&stack, 3).await, [1_000_000; 3]);
}

#[tokio::test]
async fn jitter_shortens_an_interval_by_at_most_its_part() {
    let conf = json!({"num_retries": 9, "interval_sec": 1000, "jitter_percent": 50});
    let stack = failing(None, &conf).await;
    let delays = delays(&stack, 4).await;
    assert!(
        delays.iter().all(|delay| (500_000..=1_000_000).contains(delay)),
        "{delays:?}"
    );
    // Four equal random numbers of 53 bits are less probable than a defect of the machine.
    assert!(delays.iter().any(|delay| *delay != delays[0]), "{delays:?}");
}

#[tokio::test]
async fn retry_after_is_observed_and_not_shortened() {
    let conf = json!({
        "num_retries": 9, "interval_sec": 1000, "initial_interval_sec": 400, "jitter_percent": 50
    });
    let stack = failing(Some("2000"), &conf).await;
    let delays = delays(&stack, 3).await;
    assert!(
        delays.iter().all(|delay| (2_000_000..=3_000_000).contains(delay)),
        "{delays:?}"
    );
}

#[tokio::test]
async fn keys_are_checked_and_exported() {
    let stack = TestStack::new().await;
    let args = |retry_conf: Value| {
        stack.args(
            "one",
            json!({"insert": {"columns": "*"}, "retry_conf": retry_conf}),
        )
    };
    for (conf, words) in [
        (json!({"initial_interval_sec": 0}), "between 1 and 86400"),
        (json!({"interval_sec": 5, "max_interval_sec": 4}), "5 and 4"),
        (json!({"jitter_percent": 101}), "at most 100"),
        (json!({"jitter_percent": "much"}), ""),
    ] {
        let (status, code, _, message) = stack
            .engine
            .refused("create_event_trigger", args(conf.clone()))
            .await;
        assert_eq!((status, &*code), (400, "parse-failed"), "{conf}: {message}");
        assert!(message.contains(words), "{conf}: {message}");
    }
    let conf = json!({
        "num_retries": 1, "interval_sec": 30, "initial_interval_sec": 2, "max_interval_sec": 120, "jitter_percent": 25,
        "timeout_sec": 30,
    });
    stack
        .engine
        .command("create_event_trigger", args(conf.clone()))
        .await;
    let metadata = stack.engine.command("export_metadata", json!({})).await;
    let stored = &metadata["sources"][0]["tables"][0]["event_triggers"][0]["retry_conf"];
    assert_eq!(stored, &conf);
}
