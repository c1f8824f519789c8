//! Payloads of nested values: large numbers inside of others, JSON that is nested deeply, reserved keys; tables and schemas
//! of any name.

use super::{TestStack, everything};
use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::{TestDatabase, Webhook};

/// With `HASURA_GRAPHQL_STRINGIFY_NUMERIC_TYPES`, the row of an event has the form of the row in a query's response.
#[tokio::test]
async fn large_numbers_inside_other_values_are_strings() {
    let stack = TestStack::with(&["--stringify-numeric-types"], Webhook::start().await).await;
    stack
        .run(
            "CREATE DOMAIN cents AS bigint; CREATE TYPE part AS (n numeric, small int);
             CREATE TYPE price AS (net cents, list float8[], one part, many part[], note text);
             CREATE TABLE batch (id bigint PRIMARY KEY, ids bigint[], amounts numeric[], grid float8[][], cents cents[], counts int[],
               price price, prices price[], doc jsonb, one cents)",
        )
        .await;
    stack.engine.command("track_table", json!("batch")).await;
    let mut definition = everything();
    definition["table"] = json!("batch");
    stack.trigger("batch", definition).await;
    stack
        .run(
            "INSERT INTO batch VALUES (9007199254740993, '{9007199254740993,NULL}', '{0.12345678901234567890,NaN}', '{{1,2},{3,4.5}}',
               '{9007199254740995}', '{1}',
               ROW(9007199254740997, '{1.5}', ROW(1.25, 2), ARRAY[ROW(0.12345678901234567890, 3)::part, NULL], 'x'),
               ARRAY[ROW(1, NULL, NULL, '{}', NULL)::price, NULL], '{\"n\": 5}', 7);
             INSERT INTO batch VALUES (1, '{}', NULL, NULL, NULL, NULL, ROW(NULL, NULL, NULL, NULL, NULL), '{}', NULL, NULL);
             INSERT INTO batch (id) VALUES (2)",
        )
        .await;
    let columns = "id ids amounts grid cents counts price prices doc one";
    let query = format!("{{ batch(order_by: {{id: asc}}) {{ {columns} }} }}");
    let mut shown = stack.engine.graphql(&query, json!({})).await["data"]["batch"].take();
    let mut captured: Vec<Value> = stack
        .payloads()
        .await
        .iter()
        .map(|payload| payload["data"]["new"].clone())
        .collect();
    captured.sort_by_key(|row| {
        row["id"]
            .as_str()
            .map(str::len)
            .zip(row["id"].as_str().map(str::to_owned))
    });
    assert_eq!(json!(captured), shown);
    assert_eq!(captured[2]["ids"], json!(["9007199254740993", null]));
    assert_eq!(captured[2]["price"]["net"], "9007199254740997");
    assert_eq!(captured[2]["prices"][0]["many"], json!([]));
    // More fields than a function of Postgres takes arguments.
    let fields: Vec<String> = (0..120).map(|n| format!("f{n} bigint")).collect();
    let wide = format!(
        "CREATE TYPE wide AS ({}); ALTER TABLE batch ADD wide wide",
        fields.join(", ")
    );
    stack.engine.sql(&wide).await;
    stack
        .run("UPDATE batch SET wide.f0 = 9007199254740993, wide.f119 = 5, doc = '{}' WHERE id = 2")
        .await;
    let updated = stack.payloads().await.last().unwrap()["data"]["new"].clone();
    let wide = &updated["wide"];
    assert_eq!(wide.as_object().map(serde_json::Map::len), Some(120), "{updated}");
    assert_eq!(
        (&wide["f0"], &wide["f119"]),
        (&json!("9007199254740993"), &json!(5))
    );
    // A function whose conversions no longer fit the type: the write succeeds, and the column has its plain form.
    stack
        .run("ALTER TYPE price RENAME ATTRIBUTE net TO gross; UPDATE batch SET one = 8 WHERE id = 9007199254740993")
        .await;
    let updated = stack.payloads().await.last().unwrap()["data"]["new"].clone();
    assert_eq!(
        (&updated["one"], &updated["price"]["note"], &updated["ids"]),
        (&json!("8"), &json!("x"), &shown[2]["ids"].take())
    );
}

#[tokio::test]
async fn deeply_nested_json_is_written_and_delivered() {
    let stack = TestStack::new().await;
    stack
        .trigger(
            "all",
            json!({"insert": {"columns": "*"}, "update": {"columns": ["note"]}}),
        )
        .await;
    let depths = [100_usize, 500, 5000];
    for (id, depth) in depths.into_iter().enumerate() {
        let id = i32::try_from(id).unwrap();
        for (id, value) in [
            (id, format!("{}{}", "[".repeat(depth), "]".repeat(depth))),
            (
                100 + id,
                format!("{}\"\\u0000\"{}", "{\"a\":".repeat(depth), "}".repeat(depth)),
            ),
        ] {
            stack
                .client
                .execute(
                    "INSERT INTO t (id, doc) VALUES ($1, $2::text::json)",
                    &[&id, &value],
                )
                .await
                .unwrap();
        }
    }
    stack.run("UPDATE t SET note = 'x'").await;
    stack
        .until(
            "SELECT count(DISTINCT event_id) FROM hdb_catalog.event_invocation_logs",
            12,
        )
        .await;
    // An own JSON library would limit the depth: compared as text.
    for depth in depths {
        for brackets in [
            "[".repeat(depth) + &"]".repeat(depth),
            "{\"a\":".repeat(depth) + "\"\\u0000\"" + &"}".repeat(depth),
        ] {
            // The log has the beginning of a long event, as a string.
            let start = &brackets[..brackets.len().min(4000)];
            let escaped = start.replace('"', "\\\"");
            let sent = stack
                .client
                .query_one(
                    "SELECT count(*) FROM hdb_catalog.event_invocation_logs l
                     JOIN hdb_catalog.event_log e ON e.id = l.event_id,
                     LATERAL (SELECT replace(hdb_catalog.logged_request(l.request, e)::text, ' ', '')) AS sent (text)
                     WHERE position($1 IN sent.text) > 0 OR position($2 IN sent.text) > 0",
                    &[&start, &escaped],
                )
                .await
                .unwrap();
            assert!(sent.get::<_, i64>(0) >= 2, "{depth}");
        }
    }
}

#[tokio::test]
async fn keys_that_serde_json_reserves_are_delivered() {
    let stack = TestStack::new().await;
    stack.trigger("all", json!({"insert": {"columns": "*"}})).await;
    let values = [
        r#"{"$serde_json::private::Number": "12"}"#,
        r#"{"$serde_json::private::RawValue": "[1]"}"#,
        r#"[{"$serde_json::private::Number": {"$serde_json::private::RawValue": "x"}}]"#,
    ];
    for (id, value) in values.iter().enumerate() {
        let id = i32::try_from(id).unwrap();
        stack
            .client
            .execute(
                "INSERT INTO t (id, doc) VALUES ($1, $2::text::json)",
                &[&id, value],
            )
            .await
            .unwrap();
    }
    stack
        .until("SELECT count(*) FROM hdb_catalog.event_invocation_logs", 3)
        .await;
    for value in values {
        let sent = stack
            .client
            .query_one(
                "SELECT count(*) FROM hdb_catalog.event_invocation_logs l
                 JOIN hdb_catalog.event_log e ON e.id = l.event_id,
                 LATERAL (SELECT hdb_catalog.logged_request(l.request, e) #> '{payload,event,data,new,doc}') AS sent (doc)
                 WHERE sent.doc::jsonb = $1::text::jsonb",
                &[&value],
            )
            .await
            .unwrap();
        assert_eq!(sent.get::<_, i64>(0), 1, "{value}");
    }
}

#[tokio::test]
async fn table_and_schema_of_any_name_are_captured() {
    let database = TestDatabase::create("ev").await;
    let client = database.connect().await;
    let names = [
        ("new", "old"),
        ("e", "payload"),
        ("row_data", "TG_OP"),
        ("My \"Schema\"", "a.b %I $1 {x} 'q' \\ é"),
        ("hdb", "event_log"),
        ("public", "select"),
    ];
    let engine = TestEngine::start(&database, &[]).await;
    for (index, (schema, table)) in names.into_iter().enumerate() {
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let qualified = format!("{}.{}", quoted(schema), quoted(table));
        client
            .batch_execute(&format!(
                "CREATE SCHEMA IF NOT EXISTS {}; CREATE TABLE {qualified} (id int PRIMARY KEY, \"old\" text, \"row\" text, \"data\" bigint)",
                quoted(schema)
            ))
            .await
            .unwrap();
        let name = json!({"schema": schema, "name": table});
        let configuration = json!({"table": name, "configuration": {"custom_name": format!("t{index}")}});
        engine.command("track_table", configuration).await;
        let spec = json!({"columns": ["old", "data"], "payload": ["data", "row", "old"]});
        let trigger = json!({
            "name": format!("trigger-{index}"), "table": name, "webhook": "http://127.0.0.1:9",
            "insert": spec, "update": spec, "delete": {"columns": "*"},
        });
        engine.command("create_event_trigger", trigger).await;
        client
            .batch_execute(&format!(
                "INSERT INTO {qualified} VALUES (1, 'o', 'r', 2); UPDATE {qualified} SET \"row\" = 's'"
            ))
            .await
            .unwrap();
        client
            .batch_execute(&format!(
                "UPDATE {qualified} SET \"old\" = 'p'; DELETE FROM {qualified}"
            ))
            .await
            .unwrap();
        let rows = client
            .query(
                "SELECT payload->>'op', payload->'data' FROM hdb_catalog.event_log
                 WHERE trigger_name = $1 AND schema_name = $2 AND table_name = $3 ORDER BY created_at, payload->>'op' DESC",
                &[&format!("trigger-{index}"), &schema, &table],
            )
            .await
            .unwrap();
        let found: Vec<(String, Value)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let row = |old: &str, other: &str| json!({"data": 2, "row": other, "old": old});
        assert_eq!(
            found,
            [
                ("INSERT".to_owned(), json!({"old": null, "new": row("o", "r")})),
                (
                    "UPDATE".to_owned(),
                    json!({"old": row("o", "s"), "new": row("p", "s")})
                ),
                (
                    "DELETE".to_owned(),
                    json!({"old": {"id": 1, "old": "p", "row": "s", "data": 2}, "new": null})
                ),
            ],
            "{qualified}"
        );
    }
}
