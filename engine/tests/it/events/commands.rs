//! Commands that create, replace, delete and invoke triggers, redeliver events and read logs.

use super::{TestStack, everything};
use serde_json::{Value, json};
use testkit::webhook::{Reply, Webhook};

const EVENT_LOGS: &str = include_str!("../../../admin/src/commands/get_event_logs.sql");
const INVOCATION_LOGS: &str = include_str!("../../../admin/src/commands/get_event_invocation_logs.sql");

const FUNCTIONS: &str = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'notify\\_hasura\\_%'";

async fn stored(stack: &TestStack) -> Value {
    let metadata = stack.engine.command("export_metadata", json!({})).await;
    metadata["sources"][0]["tables"][0]["event_triggers"].clone()
}

#[tokio::test]
async fn trigger_is_stored_in_hasuras_format() {
    let stack = TestStack::new().await;
    let args = json!({"insert": {"columns": ["id"]}, "retry_conf": {"num_retries": 3},
        "headers": [{"name": "a", "value": "b"}]});
    stack.trigger("one", args).await;
    assert_eq!(
        stored(&stack).await,
        json!([{
            "name": "one",
            "definition": {"enable_manual": false, "insert": {"columns": ["id"]}},
            "retry_conf": {"num_retries": 3, "interval_sec": 10, "timeout_sec": 60},
            "webhook": stack.webhook.url,
            "headers": [{"name": "a", "value": "b"}],
        }])
    );
}

#[tokio::test]
async fn identical_trigger_is_accepted_and_different_one_refused() {
    let stack = TestStack::new().await;
    stack.trigger("one", everything()).await;
    stack.trigger("one", everything()).await;
    let other = stack.args("one", json!({"insert": {"columns": "*"}}));
    let (status, code, path, error) = stack.engine.refused("create_event_trigger", other).await;
    assert_eq!((status, &*code, &*path), (400, "already-exists", "$.args"));
    assert_eq!(error, "event trigger with name \"one\" already exists");
}

#[tokio::test]
async fn replace_replaces_whole_definition() {
    let stack = TestStack::new().await;
    stack.trigger("one", everything()).await;
    assert_eq!(stack.number(FUNCTIONS).await, 3);
    stack
        .trigger(
            "one",
            json!({"insert": {"columns": "*", "payload": ["id"]}, "replace": true}),
        )
        .await;
    assert_eq!(stack.number(FUNCTIONS).await, 1);
    stack
        .run("INSERT INTO t (id, name) VALUES (1, 'a'); UPDATE t SET name = 'b'")
        .await;
    let payloads = stack.payloads().await;
    assert_eq!(payloads.len(), 1);
    assert_eq!(payloads[0]["data"]["new"], json!({"id": 1}));

    let unknown = stack.args("two", json!({"insert": {"columns": "*"}, "replace": true}));
    assert_eq!(
        stack.engine.refused("create_event_trigger", unknown).await.1,
        "not-exists"
    );
    stack.run("CREATE TABLE u (id int)").await;
    stack.engine.command("reload_metadata", json!({})).await;
    stack.engine.command("track_table", json!("u")).await;
    let moved = stack.args(
        "one",
        json!({"table": "u", "insert": {"columns": "*"}, "replace": true}),
    );
    let (_, code, _, error) = stack.engine.refused("create_event_trigger", moved).await;
    assert_eq!(
        (&*code, &*error),
        ("not-supported", "cannot replace table or schema for trigger")
    );
}

#[tokio::test]
async fn invalid_definition_is_refused_with_path() {
    let stack = TestStack::new().await;
    stack.run("CREATE VIEW v AS SELECT * FROM t").await;
    stack.engine.command("reload_metadata", json!({})).await;
    stack.engine.command("track_table", json!("v")).await;
    let insert = json!({"columns": "*"});
    for (change, code, path) in [
        (json!({}), "parse-failed", "$"),
        (json!({"name": "1", "insert": insert}), "parse-failed", "$"),
        (json!({"insert": {"columns": []}}), "parse-failed", "$"),
        (
            json!({"insert": insert, "webhook_from_env": "A"}),
            "parse-failed",
            "$",
        ),
        (
            json!({"insert": {"columns": 1}}),
            "parse-failed",
            "$.insert.columns",
        ),
        (
            json!({"insert": {"columns": ["nothing"]}}),
            "not-exists",
            "$.args.insert",
        ),
        (
            json!({"insert": insert, "webhook": "{{NO_SUCH_VARIABLE}}"}),
            "not-found",
            "$.args",
        ),
        (
            json!({"insert": insert, "webhook": "no url"}),
            "parse-failed",
            "$.args",
        ),
        (
            json!({"insert": insert, "table": "nowhere"}),
            "not-exists",
            "$.args.table",
        ),
        (json!({"insert": insert, "table": "v"}), "not-supported", "$.args"),
        (
            json!({"insert": insert, "source": "other"}),
            "not-exists",
            "$.args.source",
        ),
    ] {
        let refused = stack
            .engine
            .refused("create_event_trigger", stack.args("one", change.clone()))
            .await;
        assert_eq!(
            (&*refused.1, &*refused.2),
            (code, path),
            "{change}: {}",
            refused.3
        );
    }
    assert_eq!(stack.number(FUNCTIONS).await, 0);
}

/// The engine of the test has the database's password in its command line, and other secrets could be in these variables.
#[tokio::test]
async fn private_variables_are_not_sent() {
    let stack = TestStack::new().await;
    let insert = json!({"columns": "*"});
    for name in [
        "HASURA_GRAPHQL_DATABASE_URL",
        "AWS_SECRET_ACCESS_KEY",
        "PGPASSWORD",
    ] {
        for change in [
            json!({"insert": insert, "webhook": format!("http://127.0.0.1/{{{{{name}}}}}")}),
            json!({"insert": insert, "webhook": null, "webhook_from_env": name}),
            json!({"insert": insert, "headers": [{"name": "x", "value_from_env": name}]}),
        ] {
            let args = stack.args("one", change.clone());
            let (status, _, _, message) = stack.engine.refused("create_event_trigger", args).await;
            assert_eq!(status, 400, "{change}");
            assert!(message.contains(name), "{change}: {message}");
            assert!(!message.contains("not set"), "{change}: {message}");
        }
    }
    assert_eq!(stack.number(FUNCTIONS).await, 0);
}

#[tokio::test]
async fn locked_table_fails_with_busy() {
    let stack = TestStack::new().await;
    let mut holder = stack.database.connect().await;
    let held = holder.transaction().await.unwrap();
    held.execute("INSERT INTO t (id) VALUES (1)", &[]).await.unwrap();
    let args = stack.args("one", everything());
    let (_, code, _, error) = stack.engine.refused("create_event_trigger", args).await;
    assert_eq!(code, "busy", "{error}");
    held.commit().await.unwrap();
    stack.trigger("one", everything()).await;
}

#[tokio::test]
async fn delete_drops_functions_and_archives_events() {
    let webhook = Webhook::behaving(|_, _| Reply::status(500)).await;
    let stack = TestStack::with(&[], webhook).await;
    stack
        .trigger(
            "one",
            json!({"insert": {"columns": "*"}, "retry_conf": {"num_retries": 9, "interval_sec": 1}}),
        )
        .await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.webhook.wait_for(1).await;
    stack
        .engine
        .command("delete_event_trigger", json!({"name": "one"}))
        .await;
    assert_eq!(stack.number(FUNCTIONS).await, 0);
    assert_eq!(
        stack
            .number("SELECT count(*) FROM hdb_catalog.event_log WHERE archived")
            .await,
        1
    );
    let (_, code, path, error) = stack
        .engine
        .refused("delete_event_trigger", json!({"name": "one"}))
        .await;
    assert_eq!((&*code, &*path), ("not-exists", "$.args"));
    assert_eq!(error, "event trigger with name \"one\" not exists");
}

#[tokio::test]
async fn clear_metadata_drops_triggers() {
    let stack = TestStack::new().await;
    stack.trigger("one", everything()).await;
    let metadata = stack.engine.command("export_metadata", json!({})).await;
    stack.engine.command("clear_metadata", json!({})).await;
    assert_eq!(stack.number(FUNCTIONS).await, 0);
    stack.engine.command("replace_metadata", metadata).await;
    assert_eq!(stack.number(FUNCTIONS).await, 3);
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.webhook.wait_for(1).await;
}

#[tokio::test]
async fn redeliver_event_delivers_again() {
    let stack = TestStack::new().await;
    stack.trigger("one", everything()).await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    stack.webhook.wait_for(1).await;
    stack
        .until("SELECT count(*) FROM hdb_catalog.event_log WHERE delivered", 1)
        .await;
    let row = stack
        .client
        .query_one("SELECT id FROM hdb_catalog.event_log", &[])
        .await
        .unwrap();
    let id: String = row.get(0);
    stack
        .engine
        .command("redeliver_event", json!({"event_id": id}))
        .await;
    let calls = stack.webhook.wait_for(2).await;
    assert_eq!(calls[1].body["id"], json!(id));
    assert_eq!(calls[1].body["delivery_info"]["current_retry"], 0);

    stack
        .until("SELECT count(*) FROM hdb_catalog.event_log WHERE delivered", 1)
        .await;
    stack.run("UPDATE hdb_catalog.event_log SET locked = now()").await;
    let (_, code, _, error) = stack
        .engine
        .refused("redeliver_event", json!({"event_id": id}))
        .await;
    assert_eq!((&*code, &*error), ("busy", "event is already being processed"));
    let (_, code, _, error) = stack
        .engine
        .refused("redeliver_event", json!({"event_id": "x"}))
        .await;
    assert_eq!((&*code, &*error), ("not-exists", "event not found"));
}

#[tokio::test]
async fn manual_event_contains_payload_verbatim() {
    let stack = TestStack::new().await;
    stack.trigger("manual", json!({"enable_manual": true})).await;
    stack.trigger("other", everything()).await;
    let payload = json!({"some_key": "some_value"});
    let answer = stack
        .engine
        .command(
            "invoke_event_trigger",
            json!({"name": "manual", "payload": payload}),
        )
        .await;
    let calls = stack.webhook.wait_for(1).await;
    assert_eq!(calls[0].body["id"], answer["event_id"]);
    assert_eq!(calls[0].body["event"]["op"], "MANUAL");
    assert_eq!(calls[0].body["event"]["data"], payload);
    assert_eq!(
        calls[0].body["event"]["session_variables"],
        json!({"x-hasura-role": "admin"})
    );
    let args = json!({"name": "other", "payload": payload});
    let (status, code, _, error) = stack.engine.refused("invoke_event_trigger", args).await;
    assert_eq!((status, &*code), (400, "not-supported"));
    assert_eq!(error, "manual mode is not enabled for event trigger");
}

#[tokio::test]
async fn event_logs_are_readable() {
    let stack = TestStack::new().await;
    stack.trigger("one", everything()).await;
    stack.run("INSERT INTO t (id) VALUES (1), (2)").await;
    stack
        .until("SELECT count(*) FROM hdb_catalog.event_log WHERE delivered", 2)
        .await;
    let logs = async |status: &str| {
        let args = json!({"name": "one", "status": status});
        stack
            .engine
            .command("pg_get_event_logs", args)
            .await
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((logs("processed").await, logs("pending").await), (2, 0));
    let calls = stack
        .engine
        .command("pg_get_event_invocation_logs", json!({"name": "one", "limit": 1}))
        .await;
    assert_eq!(calls.as_array().unwrap().len(), 1);
    assert_eq!(calls[0]["http_status"], 200);
    let event = stack
        .engine
        .command("pg_get_event_by_id", json!({"event_id": calls[0]["event_id"]}))
        .await;
    assert_eq!(event["event"]["trigger_name"], "one");
    assert_eq!(event["invocations"].as_array().unwrap().len(), 1);
}

/// Writes events of the last days, each with one call, of two triggers.
const OLD_EVENTS: &str = "
    INSERT INTO hdb_catalog.event_log (id, schema_name, table_name, trigger_name, payload, created_at, delivered)
    SELECT n::text, 'public', 't', CASE WHEN n % 3 = 0 THEN 'one' ELSE 'other' END, jsonb_build_object('text', repeat('x', 200)),
      timezone('utc', now()) - (20000 - n) * interval '10 s', true
    FROM generate_series(1, 20000) AS n;
    INSERT INTO hdb_catalog.event_invocation_logs (event_id, status, request, response, created_at)
    SELECT id, 200, '{}', '{}', created_at FROM hdb_catalog.event_log ORDER BY created_at";

#[tokio::test]
async fn newest_log_entries_are_returned_for_each_page() {
    let stack = TestStack::new().await;
    stack.trigger("one", everything()).await;
    stack.run(OLD_EVENTS).await;
    // The newest of 6666 events is number 19998.
    let expected = |limit: i64, offset: i64| {
        let numbers = (0..limit).map(|index| 19_998 - 3 * (offset + index));
        numbers
            .filter(|&number| number > 0)
            .map(|number| number.to_string())
            .collect::<Vec<_>>()
    };
    for (limit, offset) in [
        (0, 0),
        (1, 0),
        (3, 2),
        (100, 0),
        (10, 500),
        (10, 6660),
        (10, 7000),
    ] {
        for (command, key) in [
            ("pg_get_event_logs", "id"),
            ("pg_get_event_invocation_logs", "event_id"),
        ] {
            let args = json!({"name": "one", "limit": limit, "offset": offset});
            let page = stack.engine.command(command, args).await;
            let page: Vec<&str> = page
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| entry[key].as_str().unwrap())
                .collect();
            assert_eq!(page, expected(limit, offset), "{command} {limit} {offset}");
        }
    }
}

#[tokio::test]
async fn newest_log_entries_are_found_by_index() {
    let stack = TestStack::new().await;
    stack.run(OLD_EVENTS).await;
    for statement in [
        "VACUUM ANALYZE hdb_catalog.event_log",
        "VACUUM ANALYZE hdb_catalog.event_invocation_logs",
        // As for the first executions of a prepared statement.
        "SET plan_cache_mode = force_custom_plan",
    ] {
        stack.run(statement).await;
    }
    let plan = async |sql: &str, params: &str| {
        stack.run(&format!("PREPARE log AS {sql}")).await;
        let rows = stack
            .client
            .query(&format!("EXPLAIN (COSTS OFF) EXECUTE log({params})"), &[])
            .await
            .unwrap();
        stack.run("DEALLOCATE log").await;
        let lines: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        lines.join("\n")
    };
    let events = plan(EVENT_LOGS, "'one', 'processed', 100, 0, 256").await;
    assert!(
        events.contains("Index Scan on event_log_created_at_idx"),
        "{events}"
    );
    assert!(!events.contains("Seq Scan"), "{events}");
    let pending = plan(EVENT_LOGS, "'one', 'pending', 100, 0, NULL").await;
    assert!(pending.contains("using event_log_waiting_idx"), "{pending}");
    assert!(!pending.contains("Seq Scan"), "{pending}");
    let calls = plan(INVOCATION_LOGS, "'one', 100, 0, 256").await;
    assert!(
        calls.contains("Index Scan on event_invocation_logs_created_at_idx"),
        "{calls}"
    );
    // Only the calls of the page are read as a whole.
    assert!(calls.contains("Tid Scan on event_invocation_logs"), "{calls}");
    assert!(!calls.contains("Seq Scan"), "{calls}");
}

#[tokio::test]
async fn triggers_follow_schema_changes() {
    let stack = TestStack::new().await;
    stack
        .trigger("one", json!({"update": {"columns": ["name"]}}))
        .await;
    stack
        .engine
        .sql("ALTER TABLE t RENAME COLUMN note TO remark; ALTER TABLE t DROP COLUMN doc")
        .await;
    stack
        .run("INSERT INTO t (id) VALUES (1); UPDATE t SET name = 'a'")
        .await;
    let payloads = stack.payloads().await;
    assert_eq!(
        payloads[0]["data"]["new"],
        json!({"id": 1, "name": "a", "remark": null})
    );
    let (_, code, ..) = stack
        .engine
        .refused("run_sql", json!({"sql": "ALTER TABLE t DROP COLUMN name"}))
        .await;
    assert_eq!(code, "dependency-error");
}

#[tokio::test]
async fn unknown_trigger_keys_are_stored() {
    let stack = TestStack::new().await;
    let extra = json!({"cleanup_config": {"batch_size": 10_000, "clear_older_than": 168, "schedule": "0 0 * * *"}, "comment": "why", "source": "default"});
    let mut definition = everything();
    for (key, value) in extra.as_object().unwrap() {
        definition[key] = value.clone();
    }
    stack.trigger("one", definition).await;
    let stored = stored(&stack).await[0].clone();
    assert_eq!(
        (&stored["cleanup_config"], &stored["comment"]),
        (&extra["cleanup_config"], &extra["comment"])
    );
    assert_eq!(stored.get("source"), None);
    // A trigger with a request transform expects another body.
    let transform = json!({"request_transform": {"version": 2, "method": "PUT"}, "insert": {"columns": "*"}});
    let args = stack.args("two", transform);
    let (status, code, _, message) = stack.engine.refused("create_event_trigger", args).await;
    assert_eq!((status, &*code), (400, "not-supported"), "{message}");
}

#[tokio::test]
async fn table_replaced_by_view_is_inconsistent_and_blocks_nothing() {
    let stack = TestStack::new().await;
    stack.trigger("one", everything()).await;
    stack
        .run("DROP TABLE t; CREATE VIEW t AS SELECT 1 AS id; CREATE TABLE other (id int)")
        .await;
    stack.engine.command("reload_metadata", json!({})).await;
    stack.engine.command("track_table", json!("other")).await;
    let inconsistent = stack.engine.command("get_inconsistent_metadata", json!({})).await;
    let reason = inconsistent["inconsistent_objects"][0]["reason"].to_string();
    assert!(reason.contains("event triggers need a table"), "{inconsistent}");
}
