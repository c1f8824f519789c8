//! Writes to captured tables that were altered, also by clients that do not use the engine.

use super::{TestStack, everything};
use serde_json::{Value, json};

async fn news(stack: &TestStack) -> Vec<Value> {
    let payloads = stack.payloads().await;
    payloads
        .iter()
        .map(|payload| payload["data"]["new"].clone())
        .collect()
}

#[tokio::test]
async fn column_type_changed_by_run_sql_is_captured() {
    let stack = TestStack::new().await;
    stack
        .run("CREATE TABLE invoice (id int PRIMARY KEY, total int, note text)")
        .await;
    stack.engine.command("track_table", json!("invoice")).await;
    stack
        .trigger(
            "invoice_total",
            json!({"table": "invoice", "update": {"columns": ["total"]}}),
        )
        .await;
    let update = async |total: i64| {
        let mutation = format!(
            "mutation {{ update_invoice(where: {{}}, _set: {{total: {total}}}) {{ affected_rows }} }}"
        );
        let answer = stack.engine.graphql(&mutation, json!({})).await;
        assert_eq!(answer["data"]["update_invoice"]["affected_rows"], 1, "{answer}");
    };
    stack.run("INSERT INTO invoice VALUES (1, 1)").await;
    // Several times, so that connections of the pool have plans for the former type.
    for total in 2..6 {
        update(total).await;
    }
    stack
        .engine
        .sql("ALTER TABLE invoice ALTER COLUMN total TYPE bigint")
        .await;
    for total in 5_000_000_000..5_000_000_005 {
        update(total).await;
    }
    let last = json!({"id": 1, "total": 5_000_000_004_i64, "note": null});
    let news = news(&stack).await;
    assert_eq!((news.len(), &news[8]), (9, &last));
}

/// In one session, whose plans Postgres keeps, and without the engine.
#[tokio::test]
async fn session_survives_alterations_by_other_clients() {
    let stack = TestStack::new().await;
    stack
        .run("CREATE TABLE part (id int PRIMARY KEY, size int, label text, extra text)")
        .await;
    stack.engine.command("track_table", json!("part")).await;
    let listed = json!({"columns": ["size", "label"], "payload": ["id", "size", "label"]});
    stack
        .trigger(
            "part_changed",
            json!({"table": "part", "insert": listed, "update": listed, "delete": listed}),
        )
        .await;
    stack
        .run("INSERT INTO part VALUES (1, 1, 'a'); UPDATE part SET size = 2; UPDATE part SET size = 3")
        .await;
    let other = stack.database.connect().await;
    for (alter, write, expected) in [
        (
            "ALTER TABLE part ALTER size TYPE bigint",
            "UPDATE part SET size = 5000000000",
            json!({"id": 1, "size": 5_000_000_000_i64, "label": "a"}),
        ),
        (
            "ALTER TABLE part ALTER size TYPE text",
            "UPDATE part SET size = 'large'",
            json!({"id": 1, "size": "large", "label": "a"}),
        ),
        // A type without equality.
        (
            "ALTER TABLE part ALTER label TYPE json USING to_json(label)",
            "UPDATE part SET label = '[1]'",
            json!({"id": 1, "size": "large", "label": [1]}),
        ),
        (
            "ALTER TABLE part RENAME extra TO more; ALTER TABLE part ADD another int",
            "UPDATE part SET size = 'x'",
            json!({"id": 1, "size": "x", "label": [1]}),
        ),
        // Columns that the trigger names.
        (
            "ALTER TABLE part RENAME size TO extent",
            "UPDATE part SET label = '[2]'",
            json!({"id": 1, "label": [2]}),
        ),
        (
            "ALTER TABLE part DROP COLUMN extent; ALTER TABLE part ADD COLUMN size int",
            "UPDATE part SET size = 9",
            json!({"id": 1, "size": 9, "label": [2]}),
        ),
    ] {
        other.batch_execute(alter).await.unwrap();
        // Without a change of a listed column, there is no event.
        stack.run(write).await;
        stack.run("UPDATE part SET id = id").await;
        assert_eq!(news(&stack).await.last(), Some(&expected), "{alter}");
    }
    stack.run("DELETE FROM part").await;
    let payloads = stack.payloads().await;
    assert_eq!(payloads.len(), 10);
    assert_eq!(
        payloads[9]["data"]["old"],
        json!({"id": 1, "size": 9, "label": [2]})
    );
}

#[tokio::test]
async fn altered_table_of_one_transaction_is_captured() {
    let stack = TestStack::new().await;
    stack
        .trigger("named", json!({"update": {"columns": ["name", "note"]}}))
        .await;
    stack
        .run(
            "INSERT INTO t (id, name) VALUES (1, 'a');
             BEGIN;
             UPDATE t SET name = 'b';
             ALTER TABLE t ALTER name TYPE varchar(10), ALTER note TYPE int USING 1;
             UPDATE t SET note = 2;
             COMMIT",
        )
        .await;
    // Both events have the same time.
    let news = news(&stack).await;
    assert!(
        news.len() == 2 && news.iter().any(|new| new["note"] == 2),
        "{news:?}"
    );
}

#[tokio::test]
async fn reload_recreates_functions_of_altered_tables() {
    let stack = TestStack::new().await;
    stack
        .trigger(
            "named",
            json!({"update": {"columns": ["note"], "payload": ["note"]}}),
        )
        .await;
    let source = "SELECT prosrc FROM pg_proc WHERE proname = 'notify_hasura_named_UPDATE'";
    let body = async || -> String { stack.client.query_one(source, &[]).await.unwrap().get(0) };
    let before = body().await;
    stack.run("ALTER TABLE t ALTER note TYPE varchar(5)").await;
    stack.engine.command("reload_metadata", json!({})).await;
    let reloaded = body().await;
    assert_ne!(before, reloaded);
    // A text that depended on `search_path` would differ here.
    let migration = "SELECT set_config('search_path', '', false); CREATE TABLE public.unrelated (id int)";
    stack.engine.sql(migration).await;
    assert_eq!(reloaded, body().await);
    // A transaction that writes to the table delays neither the function nor other writers.
    stack.run("ALTER TABLE t ALTER note TYPE text").await;
    let mut writer = stack.database.connect().await;
    let writing = writer.transaction().await.unwrap();
    writing
        .execute("INSERT INTO t (id) VALUES (1)", &[])
        .await
        .unwrap();
    stack.engine.command("reload_metadata", json!({})).await;
    assert_ne!(reloaded, body().await);
    writing.commit().await.unwrap();
    let reloaded = body().await;
    // At the start, too.
    stack.run("ALTER TABLE t ALTER note TYPE int USING 1").await;
    stack.engine.stop().await;
    let _engine = crate::support::TestEngine::start(&stack.database, &[]).await;
    let restarted: String = stack.client.query_one(source, &[]).await.unwrap().get(0);
    assert_ne!(reloaded, restarted);
}

#[tokio::test]
async fn recreate_event_triggers_recreates_functions() {
    let stack = TestStack::new().await;
    stack.trigger("all", everything()).await;
    let oids = async || -> Vec<u32> {
        const OIDS: &str = "SELECT oid FROM pg_proc WHERE proname LIKE 'notify\\_hasura%' ORDER BY proname";
        let rows = stack.client.query(OIDS, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    let before = oids().await;
    assert_eq!(before.len(), 3);
    for unchanged in [
        json!({}),
        json!({"recreate_event_triggers": false}),
        json!({"recreate_event_triggers": []}),
    ] {
        stack.engine.command("reload_metadata", unchanged).await;
        assert_eq!(oids().await, before);
    }
    for changed in [json!(true), json!(["default"])] {
        let last = oids().await;
        let args = json!({"recreate_event_triggers": changed});
        stack.engine.command("reload_metadata", args).await;
        let now = oids().await;
        assert!(
            now.len() == 3 && now.iter().all(|oid| !last.contains(oid)),
            "{changed}"
        );
    }
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    assert_eq!(stack.payloads().await.len(), 1);
    let args = json!({"recreate_event_triggers": ["elsewhere"]});
    let (status, code, path, _) = stack.engine.refused("reload_metadata", args).await;
    assert_eq!(
        (status, &*code, &*path),
        (400, "not-exists", "$.args.recreate_event_triggers")
    );
}
