//! Enum tables in the metadata: their validation, and the effects of changes of the database.

use super::{engine, export};
use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;

/// The engine with an enum table `mood`, to which `person` refers.
async fn with_mood() -> (TestDatabase, TestEngine) {
    let (database, engine) = engine().await;
    engine
        .sql(
            "CREATE TABLE mood (word text PRIMARY KEY, about text);
              INSERT INTO mood VALUES ('calm'), ('glad');
              CREATE TABLE person (id int PRIMARY KEY, mood text REFERENCES mood)",
        )
        .await;
    let mood = json!({"table": "mood", "is_enum": true});
    engine.command("track_table", mood).await;
    engine.command("track_table", json!("person")).await;
    (database, engine)
}

/// Returns the name of the type of `person.mood`.
async fn type_of_mood(engine: &TestEngine) -> Value {
    let query = "{ __type(name: \"person\") { fields { name type { name } } } }";
    let answer = engine.graphql(query, json!({})).await;
    let fields = answer["data"]["__type"]["fields"].as_array().unwrap();
    let mood = fields.iter().find(|field| field["name"] == "mood").unwrap();
    mood["type"]["name"].clone()
}

#[tokio::test]
async fn tables_that_do_not_qualify_are_refused() {
    let (_database, engine) = engine().await;
    let cases = [
        (
            "CREATE TABLE c (a text)",
            "because the table must have a primary key",
        ),
        (
            "CREATE TABLE c (b text, a text, PRIMARY KEY (b, a))",
            "because the table’s primary key must not span multiple columns (a, b)",
        ),
        (
            "CREATE TABLE c (a bigint PRIMARY KEY)",
            "because the table’s primary key (\"a\") must have type \"text\", not type \"bigint\"",
        ),
        (
            "CREATE TABLE c (a text PRIMARY KEY, n int)",
            "because the table’s comment column (\"n\") must have type \"text\", not type \"integer\"",
        ),
        (
            "CREATE TABLE c (a text PRIMARY KEY)",
            "because the table must have at least one row",
        ),
        (
            "CREATE TABLE c (a text PRIMARY KEY); INSERT INTO c VALUES ('ok'), ('not ok')",
            "because the value \"not ok\" is not a valid GraphQL enum value name",
        ),
        (
            "CREATE TABLE c (a text PRIMARY KEY); INSERT INTO c VALUES ('true'), ('1')",
            "because the values \"1\" and \"true\" are not valid GraphQL enum value names",
        ),
        (
            "CREATE TABLE c (a text PRIMARY KEY); INSERT INTO c VALUES ('a b'), (''), ('<&>')",
            "because the values \"\", \"<&>\", and \"a b\" are not valid GraphQL enum value names",
        ),
        (
            "CREATE TABLE c (a text, x text, y text)",
            "for the following reasons:\n  • the table must have a primary key\n  • the table must have exactly one primary key and optionally one comment column, not 3 columns (a, x, y)\n",
        ),
        (
            "CREATE TABLE c (a text PRIMARY KEY);
             INSERT INTO c SELECT 'v' || n FROM generate_series(1, 5001) AS n",
            "because the table has more than 5000 rows, the maximum number of values of an enum",
        ),
    ];
    for (sql, reason) in cases {
        engine.sql(sql).await;
        let expected = format!("Inconsistent object: the table \"c\" cannot be used as an enum {reason}");
        let track = json!({"table": "c", "is_enum": true});
        let (status, code, path, error) = engine.refused("track_table", track).await;
        assert_eq!(
            (status, &*code, &*path),
            (400, "invalid-configuration", "$.args"),
            "{sql}"
        );
        assert_eq!(error, expected);
        engine.command("track_table", json!("c")).await;
        let set = json!({"table": "c", "is_enum": true});
        let (.., error) = engine.refused("set_table_is_enum", set).await;
        assert_eq!(error, expected);
        engine.sql("DROP TABLE c").await;
    }
}

#[tokio::test]
async fn the_type_follows_the_metadata_and_survives_a_restart() {
    let (database, engine) = with_mood().await;
    assert_eq!(type_of_mood(&engine).await, "mood_enum");
    assert_eq!(export(&engine).await["sources"][0]["tables"][0]["is_enum"], true);
    engine.stop().await;
    let engine = TestEngine::start(&database, &[]).await;
    assert_eq!(type_of_mood(&engine).await, "mood_enum");
    let custom = json!({"table": "mood", "configuration": {"custom_name": "feeling"}});
    engine.command("set_table_customization", custom).await;
    assert_eq!(type_of_mood(&engine).await, "feeling_enum");
    let whole = export(&engine).await;
    engine
        .command("set_table_is_enum", json!({"table": "mood", "is_enum": false}))
        .await;
    assert_eq!(type_of_mood(&engine).await, "String");
    engine.command("replace_metadata", whole).await;
    assert_eq!(type_of_mood(&engine).await, "feeling_enum");
    engine.command("untrack_table", json!({"table": "mood"})).await;
    assert_eq!(type_of_mood(&engine).await, "String");
}

#[tokio::test]
async fn a_table_that_no_longer_qualifies_is_inconsistent() {
    let (_database, engine) = with_mood().await;
    let (status, _, _, error) = engine
        .refused(
            "run_sql",
            json!({"sql": "ALTER TABLE mood ADD COLUMN extra int, ADD COLUMN more int"}),
        )
        .await;
    assert_eq!(
        (status, &*error),
        (400, "cannot continue due to new inconsistent metadata")
    );
    engine
        .sql("ALTER TABLE mood RENAME TO spirit; INSERT INTO spirit VALUES ('wild')")
        .await;
    assert_eq!(type_of_mood(&engine).await, "spirit_enum");
    engine.sql("DELETE FROM spirit").await;
    assert_eq!(type_of_mood(&engine).await, "spirit_enum");
    let answer = engine.command("reload_metadata", json!({})).await;
    assert_eq!(answer["is_consistent"], false);
    let reason = "Inconsistent object: the table \"spirit\" cannot be used as an enum because the table must have at least one row";
    assert_eq!(answer["inconsistent_objects"][0]["reason"], reason);
    assert_eq!(type_of_mood(&engine).await, "String");
    engine.sql("INSERT INTO spirit VALUES ('calm')").await;
    engine.command("reload_metadata", json!({})).await;
    assert_eq!(type_of_mood(&engine).await, "spirit_enum");
}

#[tokio::test]
async fn values_of_permissions_and_commands_are_checked() {
    let (_database, engine) = with_mood().await;
    let permission = |value: &str| json!({"table": "person", "role": "user", "permission": {"columns": ["id", "mood"], "filter": {"mood": {"_eq": value}}}});
    let (.., error) = engine
        .refused("create_select_permission", permission("sad"))
        .await;
    let expected = "expected one of the values \"calm\", \"glad\" for type \"mood\", given \"sad\"";
    assert!(error.contains(expected), "{error}");
    engine
        .command("create_select_permission", permission("X-Hasura-Mood"))
        .await;
    let insert = |mood: Value| json!({"table": "person", "objects": [{"id": 1, "mood": mood}]});
    let (_, code, _, error) = engine.refused("insert", insert(json!("sad"))).await;
    assert_eq!((&*code, &*error), ("unexpected-payload", expected));
    let (_, code, ..) = engine.refused("insert", insert(json!(5))).await;
    assert_eq!(code, "parse-failed");
    engine.command("insert", insert(Value::Null)).await;
}

#[tokio::test]
async fn names_and_references_that_clash_are_refused() {
    let (_database, engine) = with_mood().await;
    engine.sql("CREATE TABLE mood_enum (id int PRIMARY KEY)").await;
    let (.., error) = engine.refused("track_table", json!("mood_enum")).await;
    assert!(error.contains("the GraphQL type \"mood_enum\""), "{error}");
    engine
        .sql(
            "CREATE TABLE taste (word text PRIMARY KEY); INSERT INTO taste VALUES ('calm');
              ALTER TABLE person ADD FOREIGN KEY (mood) REFERENCES taste",
        )
        .await;
    let (.., error) = engine
        .refused("track_table", json!({"table": "taste", "is_enum": true}))
        .await;
    assert_eq!(error, "cannot continue due to new inconsistent metadata");
}
