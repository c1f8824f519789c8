//! Metadata commands, over HTTP, against a real database.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail where it stands"
)]

mod support;

use serde_json::{Value, json};
use support::{Database, TestEngine, eventually};

const TABLES: &str = "
    CREATE TABLE author (id serial PRIMARY KEY, name text NOT NULL);
    CREATE TABLE article (id serial PRIMARY KEY, title text, author_id int REFERENCES author, secret text);
    CREATE SCHEMA other;
    CREATE TABLE other.note (id int PRIMARY KEY);
";

async fn engine() -> (Database, TestEngine) {
    let database = Database::create("meta").await;
    let engine = TestEngine::start(&database, &[]).await;
    engine.sql(TABLES).await;
    (database, engine)
}

async fn tracked() -> (Database, TestEngine) {
    let (database, engine) = engine().await;
    engine.command("bulk", json!([
        {"type": "track_table", "args": {"schema": "public", "name": "author"}},
        {"type": "track_table", "args": "article"},
        {"type": "create_object_relationship",
         "args": {"table": "article", "name": "author", "using": {"foreign_key_constraint_on": "author_id"}}},
        {"type": "create_array_relationship",
         "args": {"table": "author", "name": "articles",
                  "using": {"foreign_key_constraint_on": {"table": "article", "column": "author_id"}}}},
    ])).await;
    (database, engine)
}

async fn export(engine: &TestEngine) -> Value {
    engine.command("export_metadata", json!({})).await
}

#[tokio::test]
async fn tracking_is_stored_and_survives_a_restart() {
    let (database, engine) = tracked().await;
    let before = export(&engine).await;
    engine.stop().await;
    let engine = TestEngine::start(&database, &[]).await;
    assert_eq!(export(&engine).await, before);
    let tables = &before["sources"][0]["tables"];
    assert_eq!(tables[0]["array_relationships"][0]["name"], "articles");
    assert_eq!(
        tables[1]["object_relationships"][0]["using"]["foreign_key_constraint_on"],
        "author_id"
    );
    assert_eq!(engine.engine.snapshot.load().tracked.tables.len(), 2);
}

#[tokio::test]
async fn tracking_twice_and_untracking_twice_say_so() {
    let (_database, engine) = tracked().await;
    let (status, code, path, error) = engine.refused("track_table", json!("author")).await;
    assert_eq!((status, &*code, &*path), (400, "already-tracked", "$.args"));
    assert_eq!(error, "view/table already tracked : \"author\"");
    let (_, code, ..) = engine
        .refused(
            "untrack_table",
            json!({"table": {"schema": "other", "name": "note"}}),
        )
        .await;
    assert_eq!(code, "already-untracked");
    let (_, code, _, error) = engine.refused("track_table", json!("nothing")).await;
    assert_eq!(
        (&*code, &*error),
        ("not-exists", "no such table/view exists in source: \"nothing\"")
    );
}

#[tokio::test]
async fn untracking_asks_before_it_breaks_a_relationship() {
    let (_database, engine) = tracked().await;
    let (_, code, path, error) = engine.refused("untrack_table", json!({"table": "author"})).await;
    assert_eq!((&*code, &*path), ("dependency-error", "$.args"));
    assert!(
        error.ends_with("relationship article.author in source \"default\""),
        "{error}"
    );
    engine
        .command("untrack_table", json!({"table": "author", "cascade": true}))
        .await;
    let tables = export(&engine).await["sources"][0]["tables"].clone();
    assert_eq!(
        tables,
        json!([{"table": {"schema": "public", "name": "article"}}])
    );
}

#[tokio::test]
async fn a_relationship_needs_its_foreign_key() {
    let (_database, engine) = tracked().await;
    let args = json!({"table": "article", "name": "other", "using": {"foreign_key_constraint_on": "title"}});
    let (_, code, _, error) = engine.refused("create_object_relationship", args).await;
    assert_eq!(code, "constraint-violation");
    assert!(
        error.contains("no foreign constraint exists on the given column(s)"),
        "{error}"
    );
    let args =
        json!({"table": "article", "name": "title", "using": {"foreign_key_constraint_on": "author_id"}});
    let (_, code, ..) = engine.refused("create_object_relationship", args).await;
    assert_eq!(code, "already-exists");
}

#[tokio::test]
async fn relationships_are_renamed_and_dropped() {
    let (_database, engine) = tracked().await;
    engine
        .command(
            "rename_relationship",
            json!({"table": "article", "name": "author", "new_name": "writer"}),
        )
        .await;
    let (_, code, path, _) = engine
        .refused(
            "drop_relationship",
            json!({"table": "article", "relationship": "author"}),
        )
        .await;
    assert_eq!((&*code, &*path), ("not-exists", "$.args.relationship"));
    engine
        .command(
            "drop_relationship",
            json!({"table": "article", "relationship": "writer"}),
        )
        .await;
    assert!(
        engine.engine.snapshot.load().tracked.tables[1]
            .relationships
            .is_empty()
    );
}

#[tokio::test]
async fn renames_by_sql_are_followed() {
    let (_database, engine) = tracked().await;
    engine
        .sql("ALTER TABLE article RENAME author_id TO writer; ALTER TABLE author RENAME TO writers")
        .await;
    let tables = export(&engine).await["sources"][0]["tables"].clone();
    assert_eq!(tables[0]["table"]["name"], "writers");
    let using = &tables[0]["array_relationships"][0]["using"]["foreign_key_constraint_on"];
    assert_eq!(
        (&using["column"], &using["table"]["name"]),
        (&json!("writer"), &json!("article"))
    );
    assert_eq!(
        tables[1]["object_relationships"][0]["using"]["foreign_key_constraint_on"],
        "writer"
    );
    let inconsistent = engine.command("get_inconsistent_metadata", json!({})).await;
    assert_eq!(inconsistent["is_consistent"], true);
}

#[tokio::test]
async fn permissions_follow_renames_and_hold_what_they_use() {
    let (_database, engine) = tracked().await;
    engine
        .command(
            "create_select_permission",
            json!({"table": "author", "role": "user", "permission": {
                "columns": ["id", "name"], "filter": {"articles": {"secret": {"_eq": "X-Hasura-User-Id"}}},
            }}),
        )
        .await;
    engine.command("create_insert_permission", json!({"table": "article", "role": "user", "permission": {
        "columns": ["title"], "check": {"_or": [{"author": {"name": {"_eq": "a"}}}]}, "set": {"secret": "x"},
    }})).await;
    engine
        .sql("ALTER TABLE article RENAME secret TO hidden; ALTER TABLE author RENAME name TO called")
        .await;
    let tables = export(&engine).await["sources"][0]["tables"].clone();
    assert_eq!(
        tables[0]["select_permissions"][0]["permission"],
        json!({
            "columns": ["id", "called"], "filter": {"articles": {"hidden": {"_eq": "X-Hasura-User-Id"}}},
        })
    );
    assert_eq!(
        tables[1]["insert_permissions"][0]["permission"],
        json!({
            "columns": ["title"], "check": {"_or": [{"author": {"called": {"_eq": "a"}}}]}, "set": {"hidden": "x"},
        })
    );
    let (_, code, _, error) = engine
        .refused(
            "run_sql",
            json!({"sql": "ALTER TABLE article DROP COLUMN hidden"}),
        )
        .await;
    assert_eq!(code, "dependency-error");
    assert!(
        error.contains("permission author.user.select") && error.contains("permission article.user.insert"),
        "{error}"
    );
    engine
        .command(
            "run_sql",
            json!({"sql": "ALTER TABLE article DROP COLUMN hidden", "cascade": true}),
        )
        .await;
    let tables = export(&engine).await["sources"][0]["tables"].clone();
    assert!(tables[0].get("select_permissions").is_none() && tables[1].get("insert_permissions").is_none());
}

#[tokio::test]
async fn breaking_drops_are_refused_and_roll_back() {
    let (_database, engine) = tracked().await;
    let (status, code, path, error) = engine
        .refused("run_sql", json!({"sql": "DROP TABLE author CASCADE"}))
        .await;
    assert_eq!((status, &*code, &*path), (400, "dependency-error", "$.args"));
    assert!(error.contains("relationship article.author"), "{error}");
    assert_eq!(
        engine.sql("SELECT count(*) FROM author").await["result"][1][0],
        "0"
    );
    engine
        .command(
            "run_sql",
            json!({"sql": "DROP TABLE author CASCADE", "cascade": true}),
        )
        .await;
    let tables = export(&engine).await["sources"][0]["tables"].clone();
    assert_eq!(
        tables,
        json!([{"table": {"schema": "public", "name": "article"}}])
    );
}

#[tokio::test]
async fn a_view_made_anew_stays_tracked() {
    let (_database, engine) = tracked().await;
    engine
        .sql("CREATE VIEW titles AS SELECT title FROM article")
        .await;
    engine.command("track_table", json!("titles")).await;
    engine
        .sql("DROP VIEW titles; CREATE VIEW titles AS SELECT title, id FROM article")
        .await;
    let snapshot = engine.engine.snapshot.load_full();
    assert_eq!(snapshot.tracked.tables[2].columns.len(), 2);
}

#[tokio::test]
async fn run_sql_answers_as_text_and_reports_errors() {
    let (_database, engine) = engine().await;
    let answer = engine.sql("SELECT 1 AS a, NULL AS b, true AS c").await;
    assert_eq!(
        answer,
        json!({"result_type": "TuplesOk", "result": [["a", "b", "c"], ["1", "NULL", "t"]]})
    );
    let answer = engine.sql("SELECT 1; SET LOCAL work_mem = '8MB'").await;
    assert_eq!(answer, json!({"result_type": "CommandOk", "result": null}));
    let (status, answer) = engine
        .post(
            "/v1/query",
            &[],
            &json!({"type": "run_sql", "args": {"sql": "nonsense"}}),
        )
        .await;
    assert_eq!((status, &answer["code"]), (400, &json!("postgres-error")));
    assert_eq!(answer["internal"]["error"]["status_code"], "42601");
    let (_, code, ..) = engine
        .refused(
            "run_sql",
            json!({"sql": "CREATE TABLE t (id int)", "read_only": true}),
        )
        .await;
    assert_eq!(code, "postgres-error");
}

#[tokio::test]
async fn settings_of_run_sql_do_not_stay_behind() {
    let (_database, engine) = engine().await;
    engine
        .sql("SET TIME ZONE 'Asia/Tokyo'; SET search_path = other")
        .await;
    for _ in 0..10 {
        assert_eq!(engine.sql("SHOW TIME ZONE").await["result"][1][0], "UTC");
        engine.sql("SELECT id FROM author").await;
    }
}

#[tokio::test]
async fn a_bulk_that_fails_leaves_its_sql_and_no_metadata() {
    let (_database, engine) = engine().await;
    let (_, code, path, _) = engine
        .refused(
            "bulk",
            json!([
                {"type": "run_sql", "args": {"sql": "INSERT INTO author (name) VALUES ('a')"}},
                {"type": "track_table", "args": "author"},
                {"type": "track_table", "args": "nothing"},
            ]),
        )
        .await;
    assert_eq!((&*code, &*path), ("not-exists", "$.args[2].args"));
    assert_eq!(
        engine.sql("SELECT count(*) FROM author").await["result"][1][0],
        "1"
    );
    assert_eq!(export(&engine).await["sources"][0]["tables"], json!([]));
}

#[tokio::test]
async fn replace_is_strict_unless_told_otherwise() {
    let (_database, engine) = tracked().await;
    let metadata = json!({"version": 2, "tables": [{"table": "author"}, {"table": "nothing"}]});
    let (status, code, _, error) = engine.refused("replace_metadata", metadata.clone()).await;
    assert_eq!(
        (status, &*code, &*error),
        (400, "unexpected", "cannot continue due to inconsistent metadata")
    );
    assert_eq!(
        export(&engine).await["sources"][0]["tables"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    let args = json!({"allow_inconsistent_metadata": true, "metadata": metadata});
    let body = json!({"type": "replace_metadata", "version": 2, "args": args});
    let (status, answer) = engine.post("/v1/metadata", &[], &body).await;
    assert_eq!((status, &answer["is_consistent"]), (200, &json!(false)));
    assert_eq!(
        answer["inconsistent_objects"][0]["name"],
        "table nothing in source default"
    );
    assert_eq!(
        answer["inconsistent_objects"][0]["reason"],
        "Inconsistent object: no such table/view exists in source: \"nothing\""
    );
    engine.command("drop_inconsistent_metadata", json!({})).await;
    assert_eq!(
        engine.command("get_inconsistent_metadata", json!({})).await["is_consistent"],
        true
    );
}

#[tokio::test]
async fn what_is_exported_comes_back_unchanged() {
    let (_database, engine) = tracked().await;
    let foreign = json!({
        "version": 3,
        "sources": [{
            "name": "default", "kind": "postgres",
            "tables": [{"table": {"schema": "public", "name": "author"}, "is_enum": true,
                        "computed_fields": [{"name": "full", "definition": {"function": "f"}}]}],
            "functions": [{"function": {"schema": "public", "name": "search"}}],
            "configuration": {"connection_info": {"database_url": {"from_env": "ELSEWHERE"}}},
        }],
        "actions": [{"name": "login"}],
        "cron_triggers": [],
    });
    engine.command("replace_metadata", foreign.clone()).await;
    assert_eq!(export(&engine).await, foreign);
}

#[tokio::test]
async fn a_stale_resource_version_is_a_conflict() {
    let (_database, engine) = tracked().await;
    let ask = json!({"type": "export_metadata", "version": 2, "args": {}});
    let (_, answer) = engine.post("/v1/metadata", &[], &ask).await;
    let version = answer["resource_version"].as_i64().unwrap();
    let replace = |version: i64| {
        json!({
            "type": "replace_metadata", "resource_version": version, "args": {"version": 3, "sources": []},
        })
    };
    let (status, answer) = engine.post("/v1/metadata", &[], &replace(version - 1)).await;
    assert_eq!(
        (status, &answer["code"], &answer["path"]),
        (409, &json!("conflict"), &json!("$"))
    );
    assert_eq!(
        export(&engine).await["sources"][0]["tables"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    let (status, _) = engine.post("/v1/metadata", &[], &replace(version)).await;
    assert_eq!(status, 200);
    engine.command("reload_metadata", json!({})).await;
    let (_, answer) = engine.post("/v1/metadata", &[], &ask).await;
    assert_eq!(answer["resource_version"], version + 2);
}

#[tokio::test]
async fn custom_names_are_checked() {
    let (_database, engine) = tracked().await;
    let set = |configuration: Value| json!({"table": "author", "configuration": configuration});
    engine.command("set_table_customization", set(json!({
        "custom_name": "writer", "custom_root_fields": {"select": "writers"}, "custom_column_names": {"name": "title"},
    }))).await;
    let snapshot = engine.engine.snapshot.load_full();
    let table = &snapshot.tracked.tables[0];
    assert_eq!(
        (&*table.graphql_name, table.graphql_column("name")),
        ("writer", Some("title"))
    );
    for bad in [
        json!({"custom_name": "no name"}),
        json!({"custom_column_names": {"nothing": "x"}}),
        json!({"custom_column_names": {"name": "id"}}),
        json!({"custom_root_fields": {"selekt": "x"}}),
    ] {
        let (_, code, ..) = engine.refused("set_table_customization", set(bad.clone())).await;
        assert_eq!(code, "constraint-violation", "{bad}");
    }
}

#[tokio::test]
async fn foreign_keys_suggest_relationships() {
    let (_database, engine) = tracked().await;
    let all = engine.command("pg_suggest_relationships", json!({})).await;
    assert_eq!(all["relationships"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        all["relationships"][0]["from"]["constraint_name"],
        "article_author_id_fkey"
    );
    let open = engine
        .command("pg_suggest_relationships", json!({"omit_tracked": true}))
        .await;
    assert_eq!(open["relationships"], json!([]));
}

#[tokio::test]
async fn commands_are_for_admins() {
    let (_database, engine) = engine().await;
    let body = json!({"type": "track_table", "args": "author"});
    let (status, answer) = engine
        .post("/v1/query", &[("x-hasura-role", "user")], &body)
        .await;
    assert_eq!(status, 400);
    assert_eq!(
        answer,
        json!({"path": "$.args", "error": "restricted access : admin only", "code": "access-denied"})
    );
}

#[tokio::test]
async fn malformed_commands_name_the_place() {
    let (_database, engine) = engine().await;
    let refused = async |body: Value| {
        let (status, answer) = engine.post("/v1/query", &[], &body).await;
        (status, answer["code"].clone(), answer["path"].clone())
    };
    for (body, path) in [
        (json!([]), "$"),
        (json!({"args": {}}), "$"),
        (json!({"type": "frobnicate", "args": {}}), "$.type"),
        (json!({"type": "track_table", "args": {}}), "$"),
        (json!({"type": "track_table", "args": {"table": 1}}), "$.table"),
        (
            json!({"type": "create_object_relationship", "args": {"table": "author", "name": 1}}),
            "$.name",
        ),
        (
            json!({"type": "bulk", "args": [{"type": "run_sql", "args": {}}]}),
            "$.args[0]",
        ),
        (
            json!({"type": "export_metadata", "version": 3, "args": {}}),
            "$.version",
        ),
    ] {
        assert_eq!(
            refused(body.clone()).await,
            (400, json!("parse-failed"), json!(path)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn engines_on_one_database_follow_each_other() {
    let (database, first) = engine().await;
    let second = TestEngine::start(&database, &["--schema-sync-poll-interval", "20"]).await;
    first.command("track_table", json!("author")).await;
    eventually("the second engine tracks the table", async || {
        (second.engine.snapshot.load().tracked.tables.len() == 1).then_some(())
    })
    .await;
    // And what it then writes does not undo what the first one wrote.
    second.command("track_table", json!("article")).await;
    first
        .command("track_table", json!({"schema": "other", "name": "note"}))
        .await;
    assert_eq!(
        export(&first).await["sources"][0]["tables"]
            .as_array()
            .map(Vec::len),
        Some(3)
    );
}

#[tokio::test]
async fn broken_metadata_does_not_stop_the_start() {
    let (database, engine) = tracked().await;
    engine.stop().await;
    let client = database.client().await;
    client
        .batch_execute(
            r#"DROP TABLE author CASCADE;
               UPDATE hdb_catalog.hdb_metadata SET metadata = jsonb_set(metadata::jsonb,
                 '{sources,0,tables,5}', '{"tabel": "typo"}')::json"#,
        )
        .await
        .unwrap();
    let engine = TestEngine::start(&database, &[]).await;
    let answer = engine.command("get_inconsistent_metadata", json!({})).await;
    let kinds: Vec<&Value> = answer["inconsistent_objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| &o["type"])
        .collect();
    assert!(
        kinds.contains(&&json!("table")) && kinds.contains(&&json!("object_relation")),
        "{answer}"
    );
    let health = reqwest::get(format!("{}/healthz", engine.url)).await.unwrap();
    assert_eq!(
        health.text().await.unwrap(),
        "WARN: inconsistent objects in schema"
    );
    // Nothing of it is lost by the next write.
    engine.command("reload_metadata", json!({})).await;
    assert!(export(&engine).await.to_string().contains("typo"));
}

#[tokio::test]
async fn the_kinds_of_bulk_run_in_order() {
    let (_database, engine) = engine().await;
    let commands = json!([
        {"type": "run_sql", "args": {"sql": "INSERT INTO author (name) VALUES ('one')"}},
        {"type": "track_table", "args": "nothing"},
        {"type": "track_table", "args": "author"},
    ]);
    let answer = engine.command("bulk_keep_going", commands.clone()).await;
    assert_eq!(answer[0]["result_type"], "CommandOk");
    assert_eq!(answer[1]["code"], "not-exists");
    assert_eq!(answer[2], json!({"message": "success"}));
    for kind in ["concurrent_bulk", "bulk_atomic"] {
        let (status, code, path, _) = engine.refused(kind, commands.clone()).await;
        assert_eq!(
            (status, &*code, &*path),
            (400, "not-exists", "$.args[1].args"),
            "{kind}"
        );
    }
    let tables = &export(&engine).await["sources"][0]["tables"];
    assert_eq!(tables.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn enum_tables_and_functions_are_kept_and_not_served() {
    let (_database, engine) = tracked().await;
    engine
        .sql("CREATE FUNCTION named(wanted text) RETURNS SETOF author LANGUAGE sql STABLE AS 'SELECT * FROM author WHERE name = wanted'")
        .await;
    engine.command("track_function", json!("named")).await;
    let metadata = export(&engine).await;
    assert_eq!(
        metadata["sources"][0]["functions"][0]["function"],
        json!({"schema": "public", "name": "named"})
    );
    let answer = engine
        .graphql("{ named(args: {wanted: \"x\"}) { id } }", json!({}))
        .await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "validation-failed");
    engine
        .command("set_table_is_enum", json!({"table": "author", "is_enum": true}))
        .await;
    assert_eq!(export(&engine).await["sources"][0]["tables"][0]["is_enum"], true);
    let answer = engine.graphql("{ author { id } }", json!({})).await;
    assert_eq!(answer, json!({"data": {"author": []}}));
}

#[tokio::test]
async fn the_consoles_state_is_kept() {
    let (database, engine) = engine().await;
    let state = json!({"telemetryNotificationShown": true});
    engine
        .command("set_catalog_state", json!({"type": "console", "state": state}))
        .await;
    engine.stop().await;
    let engine = TestEngine::start(&database, &[]).await;
    assert_eq!(
        engine.command("get_catalog_state", json!({})).await["console_state"],
        state
    );
}

#[tokio::test]
async fn what_is_not_offered_says_so() {
    let (_database, engine) = engine().await;
    let (status, code, ..) = engine
        .refused(
            "add_source",
            json!({"name": "other", "configuration": {"connection_info": {"database_url": "postgres://x"}}}),
        )
        .await;
    assert_eq!((status, &*code), (400, "not-supported"));
    for kind in [
        "add_remote_schema",
        "create_action",
        "create_cron_trigger",
        "create_rest_endpoint",
    ] {
        let (status, code, _, error) = engine.refused(kind, json!({"name": "x"})).await;
        assert_eq!(status, 400, "{kind}");
        assert!(
            ["not-supported", "parse-failed"].contains(&&*code) && error.contains(kind),
            "{kind}: {code} {error}"
        );
    }
}
