//! Payloads of columns with any name and any value: the write succeeds, and the event is faithful.

use super::{TestStack, everything};
use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;

/// Names that the text of a capture function contains, and names that are special elsewhere.
const NAMES: [&str; 18] = [
    "e",
    "payload",
    "old",
    "new",
    "row_data",
    "tg_op",
    "data",
    "record",
    "value",
    "listed",
    "member",
    "{body}",
    "$1",
    "%I",
    "a\nb",
    "x\\y",
    "\"",
    "naïve column name that is as long as Postgres permits, 63 byte",
];

async fn named_columns(options: &[&str], names: &[&str], big: bool) {
    let database = TestDatabase::create("ev").await;
    let client = database.connect().await;
    let columns: Vec<String> = names
        .iter()
        .map(|name| {
            let ty = if big { "bigint" } else { "text" };
            format!("\"{}\" {ty}", name.replace('"', "\"\""))
        })
        .collect();
    client
        .batch_execute(&format!(
            "CREATE TABLE \"{{body}}\" (id int PRIMARY KEY, {})",
            columns.join(", ")
        ))
        .await
        .unwrap();
    let engine = TestEngine::start(&database, options).await;
    let table = json!({"table": "{body}", "configuration": {"custom_name": "odd"}});
    engine.command("track_table", table).await;
    let mut payload = names.to_vec();
    payload.push("id");
    for (trigger, spec) in [
        ("listed", json!({"columns": names, "payload": payload})),
        ("all", json!({"columns": "*"})),
    ] {
        let args = json!({
            "name": trigger, "table": "{body}", "insert": spec, "update": spec, "delete": spec,
            "webhook": "http://127.0.0.1:9",
        });
        engine.command("create_event_trigger", args).await;
    }
    let values: Vec<String> = (0..names.len()).map(|i| format!("'{i}'")).collect();
    client
        .batch_execute(&format!(
            "INSERT INTO \"{{body}}\" VALUES (1, {}); UPDATE \"{{body}}\" SET \"{}\" = '77'; DELETE FROM \"{{body}}\"",
            values.join(", "),
            names[0].replace('"', "\"\"")
        ))
        .await
        .unwrap();
    let mut inserted = json!({"id": 1});
    for (i, name) in names.iter().enumerate() {
        inserted[name] = json!(i.to_string());
    }
    let mut updated = inserted.clone();
    updated[names[0]] = json!("77");
    let events = "SELECT payload->'data' FROM hdb_catalog.event_log WHERE trigger_name = $1 ORDER BY created_at, payload->>'op'";
    for trigger in ["listed", "all"] {
        let rows = client.query(events, &[&trigger]).await.unwrap();
        let found: Vec<Value> = rows.iter().map(|row| row.get(0)).collect();
        // All three are of one transaction, and so ordered by operation.
        assert_eq!(
            found,
            [
                json!({"old": updated, "new": null}),
                json!({"old": null, "new": inserted}),
                json!({"old": inserted, "new": updated}),
            ],
            "{trigger}"
        );
    }
}

#[tokio::test]
async fn column_of_any_name_is_captured() {
    named_columns(&[], &NAMES, false).await;
}

#[tokio::test]
async fn stringified_column_of_any_name_is_captured() {
    named_columns(&["--stringify-numeric-types", "true"], &NAMES, true).await;
}

/// JSON values that a column of type json accepts, and jsonb does not, with the nearest value of jsonb.
const ONLY_JSON: [(&str, &str); 9] = [
    (r#"{"a":"x\u0000y"}"#, r#"{"a":"x\ufffdy"}"#),
    (r#"{"\u0000":1}"#, r#"{"\ufffd":1}"#),
    (r#"["\u0000\u0000"]"#, r#"["\ufffd\ufffd"]"#),
    (r#"["\\u0000", "\u0000"]"#, r#"["\\u0000", "\ufffd"]"#),
    (
        r#"["\ud83d\ude00 \ud83d \ude00"]"#,
        r#"["\ud83d\ude00 \ufffd \ufffd"]"#,
    ),
    (
        "[1e200000, true, -1.5E-200000, 12]",
        r#"["1e200000", true, "-1.5E-200000", 12]"#,
    ),
    (r#"{"1e200000":1e200000}"#, r#"{"1e200000":"1e200000"}"#),
    (r#"["\"1e200000", 1e200000]"#, r#"["\"1e200000", "1e200000"]"#),
    (r#"["\u0000 \"\\", -1e200000]"#, r#"["\ufffd \"\\", "-1e200000"]"#),
];

#[tokio::test]
async fn json_that_jsonb_rejects_is_written_and_delivered() {
    let stack = TestStack::new().await;
    stack.run("ALTER TABLE t ADD COLUMN n int").await;
    for (i, (value, _)) in ONLY_JSON.iter().enumerate() {
        stack
            .client
            .execute(
                "INSERT INTO t (id, doc) VALUES ($1, $2::text::json)",
                &[&i32::try_from(i).unwrap(), value],
            )
            .await
            .unwrap();
    }
    stack.engine.command("reload_metadata", json!({})).await;
    stack
        .trigger(
            "doc_changed",
            json!({"insert": {"columns": "*"}, "update": {"columns": ["n"]}, "delete": {"columns": "*"}}),
        )
        .await;
    for mutation in [
        "update_t(where: {}, _set: {n: 1}) { affected_rows }",
        "delete_t(where: {}) { affected_rows }",
    ] {
        let answer = stack
            .engine
            .graphql(&format!("mutation {{ answer: {mutation} }}"), json!({}))
            .await;
        assert_eq!(
            answer["data"]["answer"]["affected_rows"],
            ONLY_JSON.len(),
            "{answer}"
        );
    }
    let nearest = stack
        .client
        .query(
            "SELECT payload->'data'->'old'->'doc', exact_payload::text FROM hdb_catalog.event_log
             WHERE payload->>'op' = 'DELETE' ORDER BY payload->'data'->'old'->'id'",
            &[],
        )
        .await
        .unwrap();
    for (row, (value, expected)) in nearest.iter().zip(ONLY_JSON) {
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(row.get::<_, Value>(0), expected, "{value}");
        assert!(row.get::<_, String>(1).contains(value), "{value}");
    }
    // The webhook's JSON library replaces or rejects some of these values; that each delivery arrives is enough here.
    stack
        .until(
            "SELECT count(*) FROM hdb_catalog.event_invocation_logs",
            i64::try_from(2 * ONLY_JSON.len()).unwrap(),
        )
        .await;
    let sent = "SELECT count(*) FROM hdb_catalog.event_invocation_logs l JOIN hdb_catalog.event_log e ON e.id = l.event_id
                WHERE hdb_catalog.logged_request(l.request, e)::text LIKE '%x\\\\u0000y%'";
    assert_eq!(stack.number(sent).await, 2);
    for command in ["pg_get_event_logs", "pg_get_event_invocation_logs"] {
        let logs = json!({"type": command, "args": {"name": "doc_changed"}});
        let (status, _) = stack.engine.post("/v1/metadata", &[], &logs).await;
        assert_eq!(status, 200);
    }
}

#[tokio::test]
async fn values_without_json_form_are_captured() {
    let stack = TestStack::new().await;
    stack
        .run(
            "CREATE TYPE pair AS (x float8, doc json);
             CREATE DOMAIN text_document AS json;
             CREATE TABLE odd (
               id int PRIMARY KEY, f float8, n numeric, fs float8[], at timestamptz, bytes bytea, p pair,
               document text_document, span tsrange, bits bit(3), nothing xml
             )",
        )
        .await;
    stack.engine.command("track_table", json!("odd")).await;
    stack
        .trigger("odd", {
            let mut definition = everything();
            definition["table"] = json!("odd");
            definition
        })
        .await;
    stack
        .run(
            r#"INSERT INTO odd VALUES (1, 'NaN', 'NaN', '{Infinity,-Infinity,NaN,1}', 'infinity', '\x00ff',
                 ROW('NaN', '{"a": "\u0000"}'), '["\u0000"]', '[-infinity,infinity)', B'101', '<a/>');
               UPDATE odd SET f = '-Infinity', n = 10 ^ 400::numeric;
               DELETE FROM odd"#,
        )
        .await;
    let payloads = stack.payloads().await;
    assert_eq!(payloads.len(), 3);
    let new = &payloads.iter().find(|payload| payload["op"] == "INSERT").unwrap()["data"]["new"];
    assert_eq!((&new["f"], &new["n"]), (&json!("NaN"), &json!("NaN")));
    assert_eq!(new["fs"], json!(["Infinity", "-Infinity", "NaN", 1]));
    assert_eq!(new["p"], json!({"x": "NaN", "doc": {"a": "\u{fffd}"}}));
    assert_eq!(new["document"], json!(["\u{fffd}"]));
    assert_eq!((&new["at"], &new["bits"]), (&json!("infinity"), &json!("101")));
}

/// A type whose conversion to JSON fails for some of its values.
#[tokio::test]
async fn failing_conversion_does_not_fail_the_write() {
    let stack = TestStack::new().await;
    stack
        .run(
            "CREATE TYPE temperature AS ENUM ('warm', 'cold');
             CREATE FUNCTION temperature_json(temperature) RETURNS json LANGUAGE plpgsql AS $$
             BEGIN
               IF $1 = 'cold' THEN RAISE 'too cold'; END IF;
               RETURN to_json($1::text);
             END $$;
             CREATE CAST (temperature AS json) WITH FUNCTION temperature_json(temperature);
             CREATE TABLE weather (id int PRIMARY KEY, t temperature)",
        )
        .await;
    stack.engine.command("track_table", json!("weather")).await;
    stack
        .trigger("weather", json!({"table": "weather", "insert": {"columns": "*"}}))
        .await;
    stack
        .run("INSERT INTO weather VALUES (1, 'warm'), (2, 'cold')")
        .await;
    let mut temperatures: Vec<Value> = stack
        .payloads()
        .await
        .iter()
        .map(|payload| payload["data"]["new"]["t"].clone())
        .collect();
    temperatures.sort_by_key(Value::to_string);
    assert_eq!(temperatures, ["cold", "warm"]);
}

#[tokio::test]
async fn session_that_is_not_json_is_captured_as_null() {
    let stack = TestStack::new().await;
    stack.trigger("all", everything()).await;
    stack
        .run(
            r#"SET hasura."user" = 'not JSON'; INSERT INTO t (id) VALUES (1);
               SET hasura."user" = '{"x-hasura-name": "\u0000"}'; INSERT INTO t (id) VALUES (2)"#,
        )
        .await;
    let mut sessions: Vec<Value> = stack
        .payloads()
        .await
        .iter()
        .map(|payload| payload["session_variables"].clone())
        .collect();
    sessions.sort_by_key(Value::to_string);
    assert_eq!(sessions, [Value::Null, json!({"x-hasura-name": "\u{fffd}"})]);
}
