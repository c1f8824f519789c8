//! Writes in one session to captured tables whose types, partitions and names another client alters.

use super::{TestStack, everything};
use serde_json::{Value, json};

impl TestStack {
    /// Creates a trigger for all operations on a table.
    async fn capture(&self, table: &str) {
        self.engine.command("track_table", json!(table)).await;
        let mut definition = everything();
        definition["table"] = json!(table);
        self.trigger(table, definition).await;
    }

    /// Returns `data.new` of the latest event.
    async fn last_new(&self) -> Value {
        let payloads = self.payloads().await;
        payloads.last().expect("an event")["data"]["new"].clone()
    }
}

#[tokio::test]
async fn altered_user_types_are_captured() {
    let stack = TestStack::new().await;
    stack
        .run(
            "CREATE TYPE size AS (width int, height int); CREATE TYPE hue AS ENUM ('red'); CREATE DOMAIN score AS int;
             CREATE TABLE shape (id int PRIMARY KEY, size size, hue hue, score score, tags text[], doubled int GENERATED ALWAYS AS (id * 2) STORED)",
        )
        .await;
    stack.capture("shape").await;
    let spec =
        json!({"columns": ["size", "hue", "score", "tags"], "payload": ["size", "hue", "score", "tags"]});
    stack
        .trigger("listed", json!({"table": "shape", "update": spec}))
        .await;
    stack
        .run(
            "INSERT INTO shape VALUES (1, ROW(1, 2), 'red', 5, '{a}'); UPDATE shape SET score = 6; UPDATE shape SET size = ROW(2, 2)",
        )
        .await;
    let other = stack.database.connect().await;
    let mut events = stack.payloads().await.len();
    for (alter, write, column, expected) in [
        (
            "ALTER TYPE size ADD ATTRIBUTE unit text",
            "UPDATE shape SET size = ROW(1, 2, 'mm')",
            "size",
            json!({"width": 1, "height": 2, "unit": "mm"}),
        ),
        (
            "ALTER TYPE size RENAME ATTRIBUTE width TO breadth",
            "UPDATE shape SET size = ROW(3, 2, 'mm')",
            "size",
            json!({"breadth": 3, "height": 2, "unit": "mm"}),
        ),
        (
            "ALTER TYPE size DROP ATTRIBUTE height",
            "UPDATE shape SET size = ROW(4, 'm')",
            "size",
            json!({"breadth": 4, "unit": "m"}),
        ),
        (
            "ALTER TYPE hue ADD VALUE 'blue'",
            "UPDATE shape SET hue = 'blue'",
            "hue",
            json!("blue"),
        ),
        (
            "ALTER TYPE hue RENAME VALUE 'blue' TO 'navy'",
            "UPDATE shape SET score = 7",
            "hue",
            json!("navy"),
        ),
        (
            "ALTER TYPE hue RENAME TO tint",
            "UPDATE shape SET hue = 'red'",
            "hue",
            json!("red"),
        ),
        (
            "ALTER TABLE shape ALTER hue TYPE text",
            "UPDATE shape SET hue = 'any'",
            "hue",
            json!("any"),
        ),
        (
            "ALTER DOMAIN score ADD CHECK (value < 100)",
            "UPDATE shape SET score = 8",
            "score",
            json!(8),
        ),
        (
            "ALTER TABLE shape ALTER score TYPE numeric(20, 2)",
            "UPDATE shape SET score = 12345678901234567.5",
            "score",
            serde_json::from_str("12345678901234567.50").unwrap(),
        ),
        (
            "ALTER TABLE shape ALTER tags TYPE jsonb USING to_jsonb(tags)",
            "UPDATE shape SET tags = '{\"b\": [1]}'",
            "tags",
            json!({"b": [1]}),
        ),
        (
            "ALTER TABLE shape ALTER tags TYPE xml USING '<a/>'::xml",
            "UPDATE shape SET tags = '<b/>'",
            "tags",
            json!("<b/>"),
        ),
        (
            "ALTER TABLE shape DROP COLUMN doubled; ALTER TABLE shape ADD COLUMN doubled int GENERATED ALWAYS AS IDENTITY",
            "UPDATE shape SET score = 1",
            "score",
            serde_json::from_str("1.00").unwrap(),
        ),
    ] {
        other.batch_execute(alter).await.unwrap();
        stack.run(write).await;
        // An event of each trigger.
        let payloads = stack.payloads().await;
        assert_eq!(payloads.len(), events + 2, "{alter}");
        for payload in &payloads[events..] {
            assert_eq!(payload["data"]["new"][column], expected, "{alter}");
        }
        events = payloads.len();
        // Through the engine, whose catalog does not know the change.
        let mutation = "mutation { update_shape(where: {}, _set: {id: 1}) { affected_rows } }";
        let answer = stack.engine.graphql(mutation, json!({})).await;
        assert_eq!(answer, json!({"data": {"update_shape": {"affected_rows": 1}}}));
    }
}

#[tokio::test]
async fn partitions_and_renamed_tables_are_captured() {
    let stack = TestStack::new().await;
    stack
        .run(
            "CREATE TABLE reading (id int, station int, value int, PRIMARY KEY (id, station)) PARTITION BY LIST (station);
             CREATE TABLE reading_1 PARTITION OF reading FOR VALUES IN (1)",
        )
        .await;
    stack.capture("reading").await;
    // One by one: events of one transaction have the same time.
    for write in [
        "INSERT INTO reading VALUES (1, 1, 5)",
        "UPDATE reading SET value = 6",
        "UPDATE reading_1 SET value = 7",
    ] {
        stack.run(write).await;
    }
    assert_eq!(stack.last_new().await, json!({"id": 1, "station": 1, "value": 7}));
    let other = stack.database.connect().await;
    for (alter, write, expected) in [
        (
            "ALTER TABLE reading ALTER value TYPE bigint",
            "UPDATE reading SET value = 5000000000",
            json!({"id": 1, "station": 1, "value": 5_000_000_000_i64}),
        ),
        (
            "CREATE TABLE reading_2 PARTITION OF reading FOR VALUES IN (2)",
            "INSERT INTO reading VALUES (1, 2, 1)",
            json!({"id": 1, "station": 2, "value": 1}),
        ),
        (
            "CREATE TABLE reading_3 (value bigint, station int NOT NULL, extra text, id int NOT NULL);
             ALTER TABLE reading_3 DROP COLUMN extra;
             ALTER TABLE reading ATTACH PARTITION reading_3 FOR VALUES IN (3)",
            "INSERT INTO reading VALUES (1, 3, 1)",
            json!({"id": 1, "station": 3, "value": 1}),
        ),
        (
            "ALTER TABLE reading ADD COLUMN note text DEFAULT 'n'; ALTER TABLE reading DROP COLUMN value",
            "UPDATE reading SET note = 'm' WHERE station = 3",
            json!({"id": 1, "station": 3, "note": "m"}),
        ),
        (
            "ALTER TABLE reading RENAME COLUMN note TO remark",
            "UPDATE reading SET remark = 'r' WHERE station = 2",
            json!({"id": 1, "station": 2, "remark": "r"}),
        ),
        (
            "CREATE SCHEMA archive; ALTER TABLE reading RENAME TO measurement; ALTER TABLE measurement SET SCHEMA archive",
            "UPDATE archive.measurement SET remark = 's' WHERE station = 1",
            json!({"id": 1, "station": 1, "remark": "s"}),
        ),
    ] {
        other.batch_execute(alter).await.unwrap();
        stack.run(write).await;
        assert_eq!(stack.last_new().await, expected, "{alter}");
    }
}
