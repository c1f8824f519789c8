//! Name of the served source, and the tables of Hasura's catalog that clients read.

use super::{engine, export};
use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;

fn source(name: &str, kind: &str, tables: &Value) -> Value {
    json!({
        "name": name, "kind": kind, "tables": tables,
        "configuration": {"connection_info": {"database_url": {"from_env": "PG_DATABASE_URL"}}},
    })
}

fn of_sources(sources: &[Value]) -> Value {
    json!({"version": 3, "sources": sources})
}

fn tables() -> Value {
    json!([
        {
            "table": {"schema": "public", "name": "author"},
            "array_relationships": [{
                "name": "articles",
                "using": {"foreign_key_constraint_on": {
                    "column": "author_id", "table": {"schema": "public", "name": "article"}
                }},
            }],
        },
        {"table": {"schema": "public", "name": "article"}},
    ])
}

#[tokio::test]
async fn single_source_of_any_name_is_served() {
    let (database, engine) = engine().await;
    let metadata = of_sources(&[source("main_db", "postgres", &tables())]);
    engine.command("replace_metadata", metadata.clone()).await;
    assert_eq!(export(&engine).await, metadata);
    let insert = "mutation { insert_author_one(object: {name: \"a\", articles: {data: [{title: \"t\"}]}}) { articles { title } } }";
    let answer = engine.graphql(insert, json!({})).await;
    assert_eq!(
        answer["data"]["insert_author_one"],
        json!({"articles": [{"title": "t"}]}),
        "{answer}"
    );
    // Commands address it by its name, or by none.
    let note = json!({"schema": "other", "name": "note"});
    for args in [
        json!({"table": note, "source": "main_db"}),
        json!({"table": note}),
    ] {
        engine.command("pg_track_table", args.clone()).await;
        engine.command("pg_untrack_table", args).await;
    }
    let args = json!({"table": note, "source": "default"});
    let (status, code, path, message) = engine.refused("pg_track_table", args).await;
    assert_eq!((status, &*code, &*path), (400, "not-exists", "$.args.source"));
    assert_eq!(message, "source with name \"default\" does not exist");
    engine
        .command(
            "create_event_trigger",
            json!({
                "name": "written", "table": "author", "source": "main_db", "insert": {"columns": "*"},
                "webhook": "http://127.0.0.1:9",
            }),
        )
        .await;
    engine
        .command(
            "run_sql",
            json!({"sql": "INSERT INTO author (name) VALUES ('b')", "source": "main_db"}),
        )
        .await;
    let client = database.connect().await;
    let count = client
        .query_one("SELECT count(*) FROM hdb_catalog.event_log", &[])
        .await
        .unwrap();
    assert_eq!(count.get::<_, i64>(0), 1);
    // Errors and inconsistent objects name it.
    let (_, _, _, message) = engine.refused("untrack_table", json!("article")).await;
    assert!(message.ends_with("in source \"main_db\""), "{message}");
    let (_, _, _, message) = engine
        .refused(
            "delete_event_trigger",
            json!({"name": "written", "source": "elsewhere"}),
        )
        .await;
    assert!(message.contains("elsewhere"), "{message}");
    client.batch_execute("DROP TABLE other.note").await.unwrap();
    engine
        .command("reload_metadata", json!({"recreate_event_triggers": ["main_db"]}))
        .await;
    // After a restart, too.
    engine.stop().await;
    let engine = TestEngine::start(&database, &[]).await;
    let answer = engine.graphql("{ author { name } }", json!({})).await;
    assert_eq!(
        answer["data"]["author"].as_array().map(Vec::len),
        Some(2),
        "{answer}"
    );
    engine.command("clear_metadata", json!({})).await;
    let cleared = export(&engine).await["sources"].clone();
    assert_eq!(cleared, json!([source("main_db", "postgres", &json!([]))]));
}

#[tokio::test]
async fn source_named_default_is_served_among_several() {
    let (_database, engine) = engine().await;
    for (sources, served) in [
        (
            vec![
                source("other", "postgres", &json!([])),
                source("default", "postgres", &tables()),
            ],
            Some("default"),
        ),
        (
            vec![
                source("one", "postgres", &tables()),
                source("two", "postgres", &json!([])),
            ],
            None,
        ),
        (vec![source("warehouse", "mssql", &json!([]))], None),
    ] {
        let metadata = of_sources(&sources);
        let args = json!({"allow_inconsistent_metadata": true, "metadata": metadata});
        let body = json!({"type": "replace_metadata", "version": 2, "args": args});
        let (_, answer) = engine.post("/v1/metadata", &[], &body).await;
        let inconsistent: Vec<&Value> = answer["inconsistent_objects"]
            .as_array()
            .unwrap()
            .iter()
            .map(|object| &object["name"])
            .collect();
        let expected: Vec<Value> = sources
            .iter()
            .filter(|source| Some(source["name"].as_str().unwrap()) != served)
            .map(|source| json!(format!("source {}", source["name"].as_str().unwrap())))
            .collect();
        assert_eq!(inconsistent, expected.iter().collect::<Vec<_>>());
        assert_eq!(export(&engine).await, metadata);
    }
}

#[tokio::test]
async fn inconsistent_objects_name_the_source() {
    let (_database, engine) = engine().await;
    let tables = json!([{
        "table": "nothing",
        "event_triggers": [{"name": "t", "definition": {"enable_manual": true}, "webhook": "http://x",
                            "retry_conf": {"num_retries": 0, "interval_sec": 1}}],
    }, {
        "table": "article",
        "object_relationships": [{"name": "r", "using": {"foreign_key_constraint_on": "title"}}],
    }]);
    let args = json!({
        "allow_inconsistent_metadata": true,
        "metadata": of_sources(&[source("db-1", "postgres", &tables)]),
    });
    let body = json!({"type": "replace_metadata", "version": 2, "args": args});
    let (_, answer) = engine.post("/v1/metadata", &[], &body).await;
    let objects = answer["inconsistent_objects"].as_array().unwrap();
    assert!(objects.len() >= 2, "{answer}");
    for object in objects {
        let name = object["name"].as_str().unwrap();
        assert!(name.ends_with("in source db-1"), "{name}");
    }
}

#[tokio::test]
async fn migrations_read_tables_of_scheduled_events() {
    let (database, engine) = engine().await;
    for sql in [
        "SELECT id, webhook_conf, scheduled_time, retry_conf, payload, header_conf, status, tries, created_at,
                next_retry_at, comment FROM hdb_catalog.hdb_scheduled_events",
        "SELECT id, event_id, status, request, response, created_at
         FROM hdb_catalog.hdb_scheduled_event_invocation_logs",
        "SELECT id, trigger_name, scheduled_time, status, tries, created_at, next_retry_at
         FROM hdb_catalog.hdb_cron_events",
        "SELECT id, event_id, status, request, response, created_at FROM hdb_catalog.hdb_cron_event_invocation_logs",
        "CREATE VIEW pending AS SELECT * FROM hdb_catalog.hdb_scheduled_events WHERE status = 'scheduled'",
        "DELETE FROM hdb_catalog.hdb_scheduled_events WHERE status = 'delivered'",
        "CREATE INDEX ON hdb_catalog.hdb_cron_events (created_at)",
    ] {
        engine.sql(sql).await;
    }
    // A later start accepts the existing tables.
    engine.stop().await;
    TestEngine::start(&database, &[]).await.stop().await;
}

#[tokio::test]
async fn pgcrypto_is_created_in_public() {
    let (database, engine) = engine().await;
    engine
        .sql(
            "CREATE TABLE public.\"Guest\" (id uuid DEFAULT public.gen_random_uuid() NOT NULL PRIMARY KEY, name text,
               secret text DEFAULT public.crypt('x', public.gen_salt('md5')))",
        )
        .await;
    engine.command("track_table", json!("Guest")).await;
    let insert = "mutation { insert_Guest_one(object: {name: \"a\"}) { name } }";
    let answer = engine.graphql(insert, json!({})).await;
    assert_eq!(
        answer["data"]["insert_Guest_one"],
        json!({"name": "a"}),
        "{answer}"
    );
    // An extension that exists elsewhere is not moved.
    engine.stop().await;
    let client = database.connect().await;
    client
        .batch_execute(
            "DROP TABLE \"Guest\"; DROP EXTENSION pgcrypto; CREATE EXTENSION pgcrypto SCHEMA other",
        )
        .await
        .unwrap();
    TestEngine::start(&database, &[]).await.stop().await;
    let schema = "SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'pgcrypto'";
    let row = client.query_one(schema, &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), "other");
}

#[tokio::test]
async fn engine_starts_if_pgcrypto_cannot_be_created() {
    let database = TestDatabase::create("meta").await;
    let client = database.connect().await;
    // The extension has to be created in a schema that does not exist.
    client.batch_execute("DROP SCHEMA public").await.unwrap();
    let engine = TestEngine::start(&database, &[]).await;
    let answer = engine.command("get_inconsistent_metadata", json!({})).await;
    assert_eq!(answer["is_consistent"], true);
    let count = client
        .query_one(
            "SELECT count(*) FROM pg_extension WHERE extname = 'pgcrypto'",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(count.get::<_, i64>(0), 0);
}
