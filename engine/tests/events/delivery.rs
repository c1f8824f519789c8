//! What webhooks see, and what their answers lead to.

use crate::support::webhook::{Reply, Webhook};
use crate::{Stage, everything};
use serde_json::{Value, json};
use std::time::Duration;

const DONE: &str = "SELECT count(*) FROM hdb_catalog.event_log WHERE delivered OR error";

fn retrying(num_retries: u32, timeout_sec: u32) -> Value {
    let conf = json!({"num_retries": num_retries, "interval_sec": 1, "timeout_sec": timeout_sec});
    json!({"insert": {"columns": "*"}, "retry_conf": conf})
}

#[tokio::test]
async fn the_envelope_is_hasuras() {
    let stage = Stage::new().await;
    // Variables that a test can rely on: it may not set any.
    let header = json!([
        {"name": "X-Fixed", "value": "fixed"},
        {"name": "X-From-Env", "value_from_env": "CARGO_PKG_NAME"},
        {"name": "Content-Type", "value": "text/plain"},
    ]);
    let webhook = format!("{}/{{{{CARGO_PKG_NAME}}}}/path", stage.webhook.url);
    let conf = json!({"num_retries": 4});
    stage
        .trigger(
            "one",
            json!({"insert": {"columns": "*"}, "headers": header, "webhook": webhook, "retry_conf": conf}),
        )
        .await;
    stage.run("INSERT INTO t (id, name) VALUES (1, 'a')").await;
    let call = stage.webhook.wait_for(1).await.remove(0);
    assert_eq!(call.path, "/engine/path");
    let mut body = call.body.clone();
    let id = body["id"].take();
    let created_at = body["created_at"].take();
    assert_eq!(
        body,
        json!({
            "id": null,
            "created_at": null,
            "table": {"schema": "public", "name": "t"},
            "trigger": {"name": "one"},
            "event": {
                "op": "INSERT",
                "data": {"old": null, "new": {"id": 1, "name": "a", "note": null, "doc": null}},
                "session_variables": null,
                "trace_context": null,
            },
            "delivery_info": {"current_retry": 0, "max_retries": 4},
        })
    );
    assert!(created_at.as_str().unwrap().ends_with('Z'), "{created_at}");
    let header = |name: &str| {
        call.headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(header("content-type").unwrap(), "application/json");
    assert!(
        header("user-agent")
            .unwrap()
            .starts_with("hasura-graphql-engine/")
    );
    assert_eq!(
        (header("x-fixed").unwrap(), header("x-from-env").unwrap()),
        ("fixed".into(), "engine".into())
    );
    assert!(header("x-b3-traceid").is_some() && header("x-b3-spanid").is_some());

    stage.until(DONE, 1).await;
    let row = stage
        .client
        .query_one(
            "SELECT event_id, status, request, response FROM hdb_catalog.event_invocation_logs",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(json!(row.get::<_, String>(0)), id);
    assert_eq!(row.get::<_, i32>(1), 200);
    let request: Value = row.get(2);
    assert_eq!(request["version"], "2");
    assert_eq!(request["payload"], call.body);
    let logged = request["headers"].as_array().unwrap();
    assert!(
        logged.contains(&json!({"name": "X-From-Env", "value_from_env": "CARGO_PKG_NAME"})),
        "{logged:?}"
    );
    let response: Value = row.get(3);
    assert_eq!(
        (&response["type"], &response["version"]),
        (&json!("webhook_response"), &json!("2"))
    );
    assert_eq!(
        (&response["data"]["body"], &response["data"]["status"]),
        (&json!("thanks"), &json!(200))
    );
}

#[tokio::test]
async fn a_failing_webhook_is_called_retries_and_one_times() {
    let stage = Stage::with(&[], Webhook::behaving(|_, _| Reply::status(500)).await).await;
    stage.trigger("one", retrying(2, 60)).await;
    stage.run("INSERT INTO t (id) VALUES (1)").await;
    stage.until(DONE, 1).await;
    let calls = stage.webhook.received();
    let retries: Vec<&Value> = calls
        .iter()
        .map(|call| &call.body["delivery_info"]["current_retry"])
        .collect();
    assert_eq!(retries, [&json!(0), &json!(1), &json!(2)]);
    for pair in calls.windows(2) {
        let pause = pair[1].at - pair[0].at;
        assert!(
            pause >= Duration::from_secs(1) && pause < Duration::from_secs(3),
            "{pause:?}"
        );
    }
    let row = stage
        .client
        .query_one("SELECT error, delivered, tries, locked IS NULL, next_retry_at IS NULL FROM hdb_catalog.event_log", &[])
        .await
        .unwrap();
    let outcome: (bool, bool, i32, bool, bool) = (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4));
    assert_eq!(outcome, (true, false, 3, true, true));
    assert_eq!(
        stage
            .number("SELECT count(*) FROM hdb_catalog.event_invocation_logs WHERE status = 500")
            .await,
        3
    );
}

#[tokio::test]
async fn retry_after_is_obeyed_even_without_retries() {
    let webhook = Webhook::behaving(|number, _| match number {
        0 => Reply {
            headers: vec![("retry-after", "1".to_owned())],
            ..Reply::status(503)
        },
        _ => Reply::status(200),
    })
    .await;
    let stage = Stage::with(&[], webhook).await;
    stage.trigger("one", retrying(0, 60)).await;
    stage.run("INSERT INTO t (id) VALUES (1)").await;
    let calls = stage.webhook.wait_for(2).await;
    assert!(calls[1].at - calls[0].at >= Duration::from_secs(1));
    stage
        .until(
            "SELECT count(*) FROM hdb_catalog.event_log WHERE delivered AND tries = 2",
            1,
        )
        .await;
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let webhook = Webhook::behaving(|_, call| match call.path.as_str() {
        "/" => Reply {
            headers: vec![("location", "/elsewhere".to_owned())],
            ..Reply::status(302)
        },
        _ => Reply::status(200),
    })
    .await;
    let stage = Stage::with(&[], webhook).await;
    stage.trigger("one", retrying(0, 60)).await;
    stage.run("INSERT INTO t (id) VALUES (1)").await;
    stage
        .until("SELECT count(*) FROM hdb_catalog.event_log WHERE error", 1)
        .await;
    assert_eq!(stage.webhook.count(), 1);
}

#[tokio::test]
async fn a_webhook_that_thinks_too_long_has_failed() {
    let webhook = Webhook::behaving(|number, _| Reply {
        after: if number == 0 {
            Duration::from_secs(20)
        } else {
            Duration::ZERO
        },
        ..Reply::status(200)
    })
    .await;
    let stage = Stage::with(&[], webhook).await;
    stage.trigger("one", retrying(1, 1)).await;
    stage.run("INSERT INTO t (id) VALUES (1)").await;
    stage
        .until(
            "SELECT count(*) FROM hdb_catalog.event_log WHERE delivered AND tries = 2",
            1,
        )
        .await;
    let row = stage
        .client
        .query_one(
            "SELECT response FROM hdb_catalog.event_invocation_logs WHERE status = 1000",
            &[],
        )
        .await
        .unwrap();
    let response: Value = row.get(0);
    assert_eq!(response["type"], "client_error");
    assert!(
        response["data"]["message"].as_str().unwrap().contains("timeout"),
        "{response}"
    );
}

#[tokio::test]
async fn a_webhook_that_is_not_there_is_logged() {
    let stage = Stage::new().await;
    // Bound and dropped: nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    stage
        .trigger(
            "one",
            json!({"insert": {"columns": "*"}, "webhook": format!("http://127.0.0.1:{port}")}),
        )
        .await;
    stage.run("INSERT INTO t (id) VALUES (1)").await;
    stage
        .until(
            "SELECT count(*) FROM hdb_catalog.event_log WHERE error AND tries = 1",
            1,
        )
        .await;
    assert_eq!(
        stage
            .number("SELECT count(*) FROM hdb_catalog.event_invocation_logs WHERE status = 1000")
            .await,
        1
    );
}

#[tokio::test]
async fn calls_in_flight_and_events_held_are_bounded() {
    let webhook = Webhook::behaving(|_, _| Reply {
        after: Duration::from_mins(1),
        ..Reply::status(200)
    })
    .await;
    let options = ["--events-http-pool-size", "8", "--graceful-shutdown-timeout", "0"];
    let stage = Stage::with(&options, webhook).await;
    stage.trigger("one", everything()).await;
    stage
        .run("INSERT INTO t (id) SELECT generate_series(1, 1000)")
        .await;
    let locked = "SELECT count(*) FROM hdb_catalog.event_log WHERE locked IS NOT NULL";
    stage.until(locked, 200).await;
    stage.webhook.wait_for(8).await;
    // More would come at once: the engine is awake for a while.
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!((stage.webhook.count(), stage.number(locked).await), (8, 200));
}

#[tokio::test]
async fn a_slow_webhook_does_not_hold_up_the_others() {
    let webhook = Webhook::behaving(|_, call| match call.path.as_str() {
        "/slow" => Reply {
            after: Duration::from_mins(1),
            ..Reply::status(200)
        },
        _ => Reply::status(200),
    })
    .await;
    let options = ["--events-http-pool-size", "8", "--graceful-shutdown-timeout", "0"];
    let stage = Stage::with(&options, webhook).await;
    let at = |path: &str, operation: &str| json!({operation: {"columns": "*"}, "webhook": format!("{}{path}", stage.webhook.url)});
    stage.trigger("slow", at("/slow", "insert")).await;
    stage.trigger("quick", at("/quick", "delete")).await;
    stage
        .run("INSERT INTO t (id) SELECT generate_series(1, 1000)")
        .await;
    stage.webhook.wait_for(4).await;
    stage.run("DELETE FROM t WHERE id <= 50").await;
    stage
        .until("SELECT count(*) FROM hdb_catalog.event_log WHERE delivered", 50)
        .await;
}

#[tokio::test]
async fn without_notify_the_poll_interval_delivers() {
    let stage = Stage::new().await;
    stage.trigger("one", everything()).await;
    let quiet = "CREATE OR REPLACE FUNCTION hdb_catalog.insert_event_log(
        schema_name text, table_name text, trigger_name text, op text, row_data json) RETURNS text LANGUAGE sql AS $$
        INSERT INTO hdb_catalog.event_log (schema_name, table_name, trigger_name, payload)
        VALUES ($1, $2, $3, jsonb_build_object('op', $4, 'data', $5)) RETURNING id $$";
    stage.run(quiet).await;
    stage
        .until("SELECT count(*) FROM hdb_catalog.engine_asleep", 1)
        .await;
    for id in 1..=3 {
        stage.run(&format!("INSERT INTO t (id) VALUES ({id})")).await;
        stage.webhook.wait_for(id).await;
        stage
            .until("SELECT count(*) FROM hdb_catalog.engine_asleep", 1)
            .await;
    }
}

#[tokio::test]
async fn an_event_of_an_unknown_trigger_waits_for_it() {
    let stage = Stage::new().await;
    stage
        .run("SELECT hdb_catalog.insert_event_log('public', 't', 'late', 'INSERT', '{\"new\": {}}')")
        .await;
    stage.trigger("other", everything()).await;
    stage.run("INSERT INTO t (id) VALUES (1)").await;
    stage.until(DONE, 1).await;
    assert_eq!(stage.webhook.count(), 1);
    stage.trigger("late", json!({"enable_manual": true})).await;
    stage.until(DONE, 2).await;
}

#[tokio::test]
async fn an_idle_engine_is_quiet() {
    let stage = Stage::new().await;
    stage.trigger("one", everything()).await;
    stage
        .until("SELECT count(*) FROM hdb_catalog.engine_asleep", 1)
        .await;
    // Every statement of the other connections to this database changes its backend's query_start.
    let starts = "SELECT query_start FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                  AND backend_type = 'client backend' AND query_start IS NOT NULL";
    let mut seen = std::collections::HashSet::new();
    let began = std::time::Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        for row in stage.client.query(starts, &[]).await.unwrap() {
            seen.insert(row.get::<_, std::time::SystemTime>(0));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // Those that stood there when we began do not count: at most one for each connection.
    let connections = 12;
    assert!(seen.len() <= connections + 9, "{} statements in 3 s", seen.len());
}

/// What a claim reads does not grow with what was delivered before. Pages are counted, because times are noisy; it is the
/// engine's own statement, with the window of two seconds that it has between two looks at everything.
#[tokio::test]
async fn the_queue_stays_lean() {
    let stage = Stage::new().await;
    stage.trigger("one", everything()).await;
    let claim = include_str!("../../src/events/store/claim.sql");
    stage
        .run("SET jit = off; SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off")
        .await;
    stage
        .run(&format!(
            "PREPARE claim (bigint, bigint, text[], text, double precision, boolean) AS {claim}"
        ))
        .await;
    let pages = async || {
        let explain =
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE claim (1, 100, '{one}', NULL, 2, false)";
        let plan: Value = stage.client.query_one(explain, &[]).await.unwrap().get(0);
        let node = &plan[0]["Plan"];
        node["Shared Hit Blocks"].as_i64().unwrap() + node["Shared Read Blocks"].as_i64().unwrap()
    };
    let deliver = async |from: i64, to: i64| {
        stage
            .run(&format!(
                "INSERT INTO t (id) SELECT generate_series({from}, {to})"
            ))
            .await;
        stage.until(DONE, to).await;
        let young = "SELECT count(*) FROM hdb_catalog.event_log WHERE created_at > timezone('utc', now()) - interval '2 s'";
        stage.until(young, 0).await;
        pages().await;
        pages().await
    };
    let few = deliver(1, 100).await;
    let many = deliver(101, 8000).await;
    assert!(
        many <= few + 10,
        "{few} pages after 100 events, {many} after 8000"
    );
}
