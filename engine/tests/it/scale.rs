//! Metadata of many tables. The bounds are on counts and on memory, not on time.

use crate::support::TestEngine;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use testkit::{EngineClient, EngineProcess, TestDatabase, eventually};

/// Growth of resident memory that may remain after introspections.
const MAX_REMAINING_BYTES: u64 = 60 * 1024 * 1024;

/// Creates tables `t0`, `t1`, …; each but the first has a foreign key to the previous one.
async fn create_tables(database: &TestDatabase, count: usize) {
    let sql = format!(
        "DO $$ BEGIN
           CREATE TABLE t0 (id int PRIMARY KEY, name text NOT NULL);
           FOR n IN 1..{count} - 1 LOOP
             EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, name text NOT NULL, parent_id int REFERENCES t%s)', n, n - 1);
           END LOOP;
         END $$"
    );
    let client = database.connect().await;
    client.batch_execute(&sql).await.unwrap();
}

/// Commands that track the tables and both directions of every foreign key.
fn track(count: usize) -> Vec<Value> {
    let tables = (0..count).map(|n| json!({"type": "track_table", "args": format!("t{n}")}));
    let parents = (1..count).map(|n| {
        json!({"type": "create_object_relationship", "args": {
            "table": format!("t{n}"), "name": "parent", "using": {"foreign_key_constraint_on": "parent_id"},
        }})
    });
    let children = (1..count).map(|n| {
        json!({"type": "create_array_relationship", "args": {
            "table": format!("t{}", n - 1), "name": "children",
            "using": {"foreign_key_constraint_on": {"table": format!("t{n}"), "column": "parent_id"}},
        }})
    });
    tables.chain(parents).chain(children).collect()
}

async fn resource_version(engine: &EngineClient) -> i64 {
    let body = json!({"type": "export_metadata", "version": 2, "args": {}});
    let (_, response) = engine.post("/v1/metadata", &[], &body).await;
    response["resource_version"].as_i64().unwrap()
}

/// Number of tables that commands have resolved since the start.
async fn table_resolutions(engine: &EngineClient) -> u64 {
    let state = engine.command("dump_internal_state", json!({})).await;
    state["table_resolutions"].as_u64().unwrap()
}

/// Asserts that the metadata contains exactly what [`track`] creates, and that it is consistent.
async fn assert_tracked(engine: &EngineClient, count: usize) {
    let metadata = engine.command("export_metadata", json!({})).await;
    let tables = metadata["sources"][0]["tables"].as_array().unwrap();
    let names: BTreeSet<String> = tables
        .iter()
        .map(|entry| entry["table"]["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, (0..count).map(|n| format!("t{n}")).collect());
    for kind in ["object_relationships", "array_relationships"] {
        let relationships: usize = tables
            .iter()
            .filter_map(|entry| entry[kind].as_array())
            .map(Vec::len)
            .sum();
        assert_eq!(relationships, count - 1, "{kind}");
    }
    let inconsistent = engine.command("get_inconsistent_metadata", json!({})).await;
    assert_eq!(inconsistent["is_consistent"], true, "{inconsistent}");
}

#[tokio::test]
async fn bulk_of_a_thousand_tables_is_one_metadata_change() {
    const TABLES: usize = 1000;
    let database = TestDatabase::create("scale").await;
    create_tables(&database, TABLES).await;
    let engine = TestEngine::start(&database, &["--max-body-bytes", "10000000"]).await;
    let before = resource_version(&engine).await;
    let resolutions = table_resolutions(&engine).await;
    let response = engine.command("bulk", json!(track(TABLES))).await;
    let responses = response.as_array().unwrap();
    assert_eq!(responses.len(), TABLES + 2 * (TABLES - 1));
    let success = json!({"message": "success"});
    assert!(responses.iter().all(|response| *response == success));
    assert_eq!(resource_version(&engine).await, before + 1);
    let resolutions = table_resolutions(&engine).await - resolutions;
    assert!(
        resolutions <= 2 * TABLES as u64,
        "{resolutions} table resolutions"
    );
    assert_tracked(&engine, TABLES).await;
    let query = "{ t999 { parent { parent { id } } } t0 { children { children { id } } } }";
    let response = engine.graphql(query, json!({})).await;
    assert_eq!(response, json!({"data": {"t999": [], "t0": []}}));
}

#[tokio::test]
async fn replace_metadata_with_a_thousand_tables_is_one_metadata_change() {
    const TABLES: usize = 1000;
    let database = TestDatabase::create("scale").await;
    create_tables(&database, TABLES).await;
    let engine = TestEngine::start(&database, &["--max-body-bytes", "10000000"]).await;
    let tables: Vec<Value> = (0..TABLES)
        .map(|n| {
            let mut entry = json!({"table": {"schema": "public", "name": format!("t{n}")}});
            if n > 0 {
                entry["object_relationships"] =
                    json!([{"name": "parent", "using": {"foreign_key_constraint_on": "parent_id"}}]);
            }
            if n + 1 < TABLES {
                let child = json!({"table": {"schema": "public", "name": format!("t{}", n + 1)}, "column": "parent_id"});
                entry["array_relationships"] =
                    json!([{"name": "children", "using": {"foreign_key_constraint_on": child}}]);
            }
            entry
        })
        .collect();
    let metadata = json!({"version": 3, "sources": [{"name": "default", "kind": "postgres", "tables": tables,
        "configuration": {"connection_info": {"database_url": {"from_env": "HASURA_GRAPHQL_DATABASE_URL"}}}}]});
    let before = resource_version(&engine).await;
    engine.command("replace_metadata", metadata).await;
    assert_eq!(resource_version(&engine).await, before + 1);
    assert_tracked(&engine, TABLES).await;
}

/// The engine runs as a process, so that no other test uses its memory.
#[tokio::test]
async fn introspection_of_400_tables_releases_its_memory() {
    const TABLES: usize = 400;
    let database = TestDatabase::create("scale").await;
    create_tables(&database, TABLES).await;
    let binary = Path::new(env!("CARGO_BIN_EXE_engine"));
    // glibc keeps freed memory per thread: about two responses for each that has written one.
    let environment = [("TOKIO_WORKER_THREADS", "2")];
    let options = ["--max-body-bytes", "10000000"];
    let engine = EngineProcess::start(binary, database.url(), &options, &environment).await;
    engine.client.command("bulk", json!(track(TABLES))).await;
    let response = engine.client.graphql("{ t0 { id } }", json!({})).await;
    assert_eq!(response, json!({"data": {"t0": []}}));
    let before = engine.resident_bytes();
    let introspection = "{ __schema { queryType { name } types { kind name description
        fields(includeDeprecated: true) { name description args { ...input } type { ...type } isDeprecated }
        inputFields { ...input } enumValues(includeDeprecated: true) { name description isDeprecated } } } }
        fragment input on __InputValue { name description type { ...type } defaultValue }
        fragment type on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
    for _ in 0..3 {
        let response = engine.client.graphql(introspection, json!({})).await;
        let types = response["data"]["__schema"]["types"].as_array().unwrap();
        let names: BTreeSet<&str> = types.iter().filter_map(|ty| ty["name"].as_str()).collect();
        for n in 0..TABLES {
            assert!(names.contains(&*format!("t{n}")), "t{n}");
        }
    }
    eventually("the memory of the introspections is released", async || {
        (engine.resident_bytes() <= before + MAX_REMAINING_BYTES).then_some(())
    })
    .await;
    engine.kill().await;
}

/// Every kind of command that changes one object, for each table, while other objects are inconsistent.
#[tokio::test]
async fn commands_of_a_bulk_resolve_only_their_own_objects() {
    const TABLES: usize = 200;
    let database = TestDatabase::create("scale").await;
    create_tables(&database, TABLES).await;
    let engine = TestEngine::start(&database, &["--max-body-bytes", "10000000"]).await;
    let missing = json!({"table": {"schema": "public", "name": "missing"}, "object_relationships": [
        {"name": "parent", "using": {"foreign_key_constraint_on": "parent_id"}}]});
    let metadata = json!({"allow_inconsistent_metadata": true, "metadata": {"version": 3, "sources": [
        {"name": "default", "kind": "postgres", "tables": [missing]}]}});
    engine.command("replace_metadata", metadata).await;

    let each = |command: &dyn Fn(String) -> Value| -> Vec<Value> {
        (0..TABLES).map(|n| command(format!("t{n}"))).collect()
    };
    let children = |command: &dyn Fn(String) -> Value| -> Vec<Value> {
        (1..TABLES).map(|n| command(format!("t{n}"))).collect()
    };
    let edits = [
        each(&|table| {
            json!({"type": "create_event_trigger", "args": {
            "name": table, "table": table, "webhook": "http://127.0.0.1:9/", "insert": {"columns": "*"}}})
        }),
        each(&|table| {
            json!({"type": "create_select_permission", "args": {
            "table": table, "role": "user", "permission": {"columns": "*", "filter": {}}}})
        }),
        children(&|table| {
            json!({"type": "set_relationship_comment", "args": {
            "table": table, "name": "parent", "comment": "previous"}})
        }),
        children(&|table| {
            json!({"type": "rename_relationship", "args": {
            "table": table, "name": "parent", "new_name": "previous"}})
        }),
        each(&|table| {
            json!({"type": "set_table_customization", "args": {
            "table": table, "configuration": {"custom_name": format!("{table}_custom")}}})
        }),
        each(&|table| json!({"type": "delete_event_trigger", "args": {"name": table}})),
        children(&|table| {
            json!({"type": "drop_relationship", "args": {
            "table": table, "relationship": "previous"}})
        }),
        each(&|table| json!({"type": "untrack_table", "args": {"table": table, "cascade": true}})),
    ];
    let mut commands = track(TABLES);
    commands.extend(edits.into_iter().flatten());
    let resolutions = table_resolutions(&engine).await;
    engine.command("bulk", json!(commands)).await;
    let resolutions = table_resolutions(&engine).await - resolutions;
    assert!(
        resolutions <= 2 * TABLES as u64,
        "{resolutions} table resolutions"
    );
    let metadata = engine.command("export_metadata", json!({})).await;
    let tables = metadata["sources"][0]["tables"].as_array().unwrap();
    assert_eq!(tables.len(), 1, "{metadata}");
}

#[tokio::test]
async fn failing_commands_of_a_bulk_resolve_only_their_own_objects() {
    const TABLES: usize = 200;
    let database = TestDatabase::create("scale").await;
    create_tables(&database, TABLES).await;
    let engine = TestEngine::start(&database, &["--max-body-bytes", "10000000"]).await;
    engine.command("bulk", json!(track(TABLES))).await;
    let failing: Vec<Value> = (0..TABLES)
        .flat_map(|n| {
            let table = format!("t{n}");
            let relationship = json!({"type": "create_object_relationship", "args": {
                "table": table, "name": "other", "using": {"foreign_key_constraint_on": "name"}}});
            let customization = json!({"type": "set_table_customization", "args": {
                "table": table, "configuration": {"custom_name": "not valid"}}});
            [relationship, customization]
        })
        .collect();
    let resolutions = table_resolutions(&engine).await;
    let response = engine.command("bulk_keep_going", json!(failing)).await;
    let codes = response.as_array().unwrap().iter().map(|error| &error["code"]);
    assert_eq!(
        codes.filter(|code| *code == "invalid-configuration").count(),
        2 * TABLES
    );
    let resolutions = table_resolutions(&engine).await - resolutions;
    assert!(
        resolutions <= 2 * TABLES as u64,
        "{resolutions} table resolutions"
    );
    assert_tracked(&engine, TABLES).await;
}
