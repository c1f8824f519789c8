//! Which changes are captured, and their payloads.

use super::{TestStack, everything};
use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;

fn data(payloads: &[Value]) -> Vec<Value> {
    payloads
        .iter()
        .map(|payload| json!([payload["op"], payload["data"]["old"], payload["data"]["new"]]))
        .collect()
}

#[tokio::test]
async fn payload_contains_old_and_new_row_per_operation() {
    let stack = TestStack::new().await;
    stack.trigger("all", everything()).await;
    stack.run("INSERT INTO t (id, name) VALUES (1, 'a')").await;
    stack.run("UPDATE t SET name = 'b'").await;
    stack.run("DELETE FROM t").await;
    let a = json!({"id": 1, "name": "a", "note": null, "doc": null});
    let b = json!({"id": 1, "name": "b", "note": null, "doc": null});
    assert_eq!(
        data(&stack.payloads().await),
        [
            json!(["INSERT", null, a]),
            json!(["UPDATE", a, b]),
            json!(["DELETE", b, null])
        ]
    );
}

#[tokio::test]
async fn update_is_captured_only_if_listened_column_differs() {
    let stack = TestStack::new().await;
    stack
        .trigger("named", json!({"update": {"columns": ["name"]}}))
        .await;
    // `*` includes a json column, a type without equality.
    stack
        .trigger("any", json!({"update": {"columns": "*", "payload": ["id"]}}))
        .await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    let count = async |trigger: &str, sql: &str| {
        stack.run("DELETE FROM hdb_catalog.event_invocation_logs").await;
        let count = format!("SELECT count(*) FROM hdb_catalog.event_log WHERE trigger_name = '{trigger}'");
        let before = stack.number(&count).await;
        stack.run(sql).await;
        stack.number(&count).await - before
    };
    for (sql, named, any) in [
        ("UPDATE t SET name = name, note = note", 0, 0),
        ("UPDATE t SET name = 'a'", 1, 1),
        ("UPDATE t SET name = 'a'", 0, 0),
        ("UPDATE t SET note = 'n'", 0, 1),
        ("UPDATE t SET doc = '{}'", 0, 1),
        ("UPDATE t SET name = NULL", 1, 1),
    ] {
        let before = count("any", "SELECT").await;
        assert_eq!(before, 0);
        let all = "SELECT count(*) FROM hdb_catalog.event_log WHERE trigger_name = 'any'";
        let any_before = stack.number(all).await;
        assert_eq!(count("named", sql).await, named, "named: {sql}");
        assert_eq!(stack.number(all).await - any_before, any, "any: {sql}");
    }
}

#[tokio::test]
async fn payload_contains_only_payload_columns() {
    let stack = TestStack::new().await;
    stack
        .trigger(
            "some",
            json!({"insert": {"columns": "*", "payload": ["name", "id"]}}),
        )
        .await;
    stack.run("INSERT INTO t VALUES (1, 'a', 'secret', '{}')").await;
    assert_eq!(
        stack.payloads().await[0]["data"],
        json!({"old": null, "new": {"name": "a", "id": 1}})
    );
}

#[tokio::test]
async fn rolled_back_change_leaves_no_event() {
    let stack = TestStack::new().await;
    stack.trigger("all", everything()).await;
    stack.run("BEGIN; INSERT INTO t (id) VALUES (1); ROLLBACK").await;
    assert!(stack.payloads().await.is_empty());
}

#[tokio::test]
async fn session_variables_are_captured_only_for_graphql() {
    let stack = TestStack::new().await;
    stack.trigger("all", everything()).await;
    let insert = "mutation { insert_t(objects: [{id: 1}]) { affected_rows } }";
    let answer = stack.engine.graphql(insert, json!({})).await;
    assert_eq!(answer["data"]["insert_t"]["affected_rows"], 1, "{answer}");
    let body = json!({"query": "mutation { delete_t(where: {}) { affected_rows } }"});
    stack
        .engine
        .post("/v1/graphql", &[("x-hasura-user-id", "7")], &body)
        .await;
    stack.run("INSERT INTO t (id) VALUES (2)").await;
    let payloads = stack.payloads().await;
    assert_eq!(
        payloads[0]["session_variables"],
        json!({"x-hasura-role": "admin"})
    );
    assert_eq!(
        payloads[1]["session_variables"],
        json!({"x-hasura-role": "admin", "x-hasura-user-id": "7"})
    );
    assert_eq!(payloads[2]["session_variables"], Value::Null);
    assert_eq!(payloads[2]["trace_context"], Value::Null);
}

#[tokio::test]
async fn role_with_table_privileges_captures_events() {
    let stack = TestStack::new().await;
    stack.trigger("all", everything()).await;
    // Roles belong to the whole server, so that concurrent runs need different names.
    let role = format!("ev_writer_{}", std::process::id());
    stack
        .run(&format!(
            "CREATE ROLE {role}; GRANT ALL ON t TO {role}; SET ROLE {role}"
        ))
        .await;
    stack.run("INSERT INTO t (id) VALUES (1)").await;
    let denied = stack
        .client
        .batch_execute("SELECT FROM hdb_catalog.event_log")
        .await
        .unwrap_err();
    assert_eq!(denied.code().unwrap().code(), "42501");
    stack
        .run(&format!("RESET ROLE; DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
    assert_eq!(stack.payloads().await.len(), 1);
}

#[tokio::test]
async fn event_of_partition_names_partitioned_table() {
    let stack = TestStack::new().await;
    stack
        .run(
            "CREATE TABLE parted (id int) PARTITION BY RANGE (id);
             CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100)",
        )
        .await;
    stack.engine.command("reload_metadata", json!({})).await;
    stack.engine.command("track_table", json!("parted")).await;
    stack
        .trigger("p", json!({"table": "parted", "insert": {"columns": "*"}}))
        .await;
    stack.run("INSERT INTO parted VALUES (1)").await;
    let calls = stack.webhook.wait_for(1).await;
    assert_eq!(
        calls[0].body["table"],
        json!({"schema": "public", "name": "parted"})
    );
}

#[tokio::test]
async fn payload_stringifies_large_numbers_if_configured() {
    let database = TestDatabase::create("ev").await;
    let client = database.connect().await;
    client
        .batch_execute("CREATE TABLE n (big bigint, small int, exact numeric, float double precision)")
        .await
        .unwrap();
    let engine = TestEngine::start(&database, &["--stringify-numeric-types", "true"]).await;
    engine.command("track_table", json!("n")).await;
    let args =
        json!({"name": "n", "table": "n", "insert": {"columns": "*"}, "webhook": "http://127.0.0.1:9"});
    engine.command("create_event_trigger", args).await;
    client
        .batch_execute("INSERT INTO n VALUES (50755254975729665, 1, 1.10, 0.5)")
        .await
        .unwrap();
    let row = client
        .query_one("SELECT payload->'data'->'new' FROM hdb_catalog.event_log", &[])
        .await
        .unwrap();
    assert_eq!(
        row.get::<_, Value>(0),
        json!({"big": "50755254975729665", "small": 1, "exact": "1.10", "float": "0.5"})
    );
}

#[tokio::test]
async fn names_that_need_quotes_are_captured() {
    let stack = TestStack::new().await;
    stack
        .run(r#"CREATE SCHEMA "odd ""one"; CREATE TABLE "odd ""one"."it's \a" ("the ""column" int, "it's" text)"#)
        .await;
    stack.engine.command("reload_metadata", json!({})).await;
    let table = json!({"schema": "odd \"one", "name": "it's \\a"});
    stack
        .engine
        .command(
            "track_table",
            json!({"table": table, "configuration": {"custom_name": "odd"}}),
        )
        .await;
    let update = json!({"columns": ["the \"column"], "payload": ["it's"]});
    stack
        .trigger("odd-name_1", json!({"table": table, "update": update}))
        .await;
    stack
        .run(r#"INSERT INTO "odd ""one"."it's \a" VALUES (1, 'x'); UPDATE "odd ""one"."it's \a" SET "the ""column" = 2"#)
        .await;
    let calls = stack.webhook.wait_for(1).await;
    assert_eq!(calls[0].body["table"], table);
    assert_eq!(calls[0].body["event"]["data"]["new"], json!({"it's": "x"}));
}
