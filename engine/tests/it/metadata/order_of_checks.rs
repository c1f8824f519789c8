//! The order in which a command is checked: its arguments completely, then the state; and what happens to other objects.

use super::{engine, tracked};
use serde_json::{Value, json};

#[tokio::test]
async fn arguments_are_parsed_before_the_state_is_used() {
    let (_database, engine) = tracked().await;
    let array = "Expecting object { table, columns }.";
    let one_of = "expected exactly one of 'column' or 'columns'";
    let relationship =
        |table: &str, using: Value| json!({"table": table, "name": "articles", "using": using});
    let by_key = |key: Value| json!({"foreign_key_constraint_on": key});
    let key_path = "$.using.foreign_key_constraint_on";
    for (kind, args, path, message) in [
        // The table is not tracked, or the name is taken.
        (
            "create_array_relationship",
            relationship("nothing", by_key(json!("author_id"))),
            key_path,
            array,
        ),
        (
            "create_array_relationship",
            relationship("author", by_key(json!(["author_id"]))),
            key_path,
            array,
        ),
        (
            "create_array_relationship",
            relationship("author", by_key(json!({"table": "article"}))),
            key_path,
            one_of,
        ),
        (
            "create_array_relationship",
            relationship(
                "author",
                by_key(json!({"table": "article", "column": "a", "columns": ["a"]})),
            ),
            key_path,
            one_of,
        ),
        (
            "create_object_relationship",
            relationship("author", by_key(json!(3))),
            key_path,
            "expected a column",
        ),
        (
            "create_object_relationship",
            relationship(
                "author",
                json!({"manual_configuration": {"remote_table": "article"}}),
            ),
            "$.using.manual_configuration",
            "key \"column_mapping\" not found",
        ),
        (
            "track_table",
            json!({"table": "author", "configuration": {"custom_name": 3}}),
            "$.configuration.custom_name",
            "expected a string",
        ),
        (
            "track_table",
            json!({"table": "author", "is_enum": "yes"}),
            "$.is_enum",
            "expected a boolean",
        ),
        (
            "untrack_table",
            json!({"table": "nothing", "cascade": "yes"}),
            "$.cascade",
            "expected a boolean",
        ),
        (
            "set_table_customization",
            json!({"table": "nothing", "configuration": {"column_config": 3}}),
            "$.configuration.column_config",
            "expected a map",
        ),
        (
            "replace_metadata",
            json!({"allow_inconsistent_metadata": "yes", "metadata": {"version": 3, "sources": []}}),
            "$.allow_inconsistent_metadata",
            "must be a boolean",
        ),
        // The source does not exist.
        (
            "create_object_relationship",
            json!({"source": "nothing", "table": "author", "name": "a"}),
            "$",
            "key \"using\" not found",
        ),
        (
            "run_sql",
            json!({"source": "nothing", "sql": 1}),
            "$.sql",
            "expected a string",
        ),
        (
            "create_event_trigger",
            json!({"source": "nothing", "table": "author", "name": "a", "webhook": "http://localhost"}),
            "$",
            "atleast one amongst insert/update/delete/enable_manual spec must be provided",
        ),
        (
            "track_table",
            json!({"source": 3, "table": "author"}),
            "$.source",
            "must be the name of a source",
        ),
    ] {
        let (status, code, at, error) = engine.refused(kind, args.clone()).await;
        assert_eq!(
            (status, &*code, &*at),
            (400, "parse-failed", path),
            "{args}: {error}"
        );
        assert!(error.contains(message), "{args}: {error}");
    }
    let args = json!({"source": "nothing", "table": "author"});
    let (_, code, path, _) = engine.refused("track_table", args).await;
    assert_eq!((&*code, &*path), ("not-exists", "$.args.source"));
}

/// The name of a new relationship is compared with columns as Postgres names them; a custom name is part of the schema.
#[tokio::test]
async fn relationship_with_custom_column_name_is_invalid_configuration() {
    let (_database, engine) = tracked().await;
    let configuration = json!({"column_config": {"title": {"custom_name": "heading"}}});
    let args = json!({"table": "article", "configuration": configuration});
    engine.command("set_table_customization", args).await;
    let create = async |name: &str| {
        let using = json!({"foreign_key_constraint_on": "author_id"});
        let args = json!({"table": "article", "name": name, "using": using});
        let (_, code, path, message) = engine.refused("create_object_relationship", args).await;
        (code, path, message)
    };
    let (code, path, message) = create("heading").await;
    assert_eq!((&*code, &*path), ("invalid-configuration", "$.args"));
    assert!(
        message.contains("in table \"article\": in relationship \"heading\""),
        "{message}"
    );
    assert_eq!(create("title").await.0, "already-exists");
    let rename = async |new_name: &str| {
        let args = json!({"table": "article", "name": "author", "new_name": new_name});
        engine.refused("rename_relationship", args).await.1
    };
    assert_eq!(rename("heading").await, "invalid-configuration");
    assert_eq!(rename("title").await, "already-exists");
}

/// The relationships and event triggers of a missing table follow from it, and so do not hide the cause.
#[tokio::test]
async fn objects_of_a_missing_table_are_not_listed() {
    let (database, engine) = tracked().await;
    let args =
        json!({"name": "t", "table": "article", "webhook": "http://localhost", "insert": {"columns": "*"}});
    engine.command("create_event_trigger", args).await;
    let drop_table = async || {
        let client = database.connect().await;
        client.batch_execute("DROP TABLE article").await.unwrap();
    };
    drop_table().await;
    let answer = engine.command("reload_metadata", json!({})).await;
    let listed = |answer: &Value| -> Vec<(String, String)> {
        let objects = answer["inconsistent_objects"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        objects
            .iter()
            .map(|object| (text(&object["name"]), text(&object["reason"])))
            .collect()
    };
    let expected = [
        (
            "table article in source default".to_owned(),
            "Inconsistent object: no such table/view exists in source: \"article\"".to_owned(),
        ),
        (
            "array_relation articles in table author in source default".to_owned(),
            "Inconsistent object: in table \"author\": in relationship \"articles\": table \"article\" does not exist"
                .to_owned(),
        ),
    ];
    assert_eq!(listed(&answer), expected);
    engine
        .sql("CREATE TABLE article (id serial PRIMARY KEY, author_id int REFERENCES author)")
        .await;
    let answer = engine.command("reload_metadata", json!({})).await;
    assert_eq!(answer["is_consistent"], true, "{answer}");
    drop_table().await;
    engine.command("reload_metadata", json!({})).await;
    engine.command("drop_inconsistent_metadata", json!({})).await;
    let answer = engine.command("get_inconsistent_metadata", json!({})).await;
    assert_eq!(answer["is_consistent"], true, "{answer}");
}

/// Without the table that has its name, an inconsistent table takes effect, and takes the root field of a third one.
#[tokio::test]
async fn removal_that_makes_another_object_inconsistent_is_refused() {
    let (_database, engine) = engine().await;
    let tables = json!([
        {"table": "author", "configuration": {"custom_name": "x"}},
        {"table": "article", "configuration": {"custom_name": "x", "custom_root_fields": {"select": "y"}}},
        {"table": {"schema": "other", "name": "note"}, "configuration": {"custom_name": "y"}},
    ]);
    let metadata =
        json!({"version": 3, "sources": [{"name": "default", "kind": "postgres", "tables": tables}]});
    let args = json!({"allow_inconsistent_metadata": true, "metadata": metadata});
    engine.command("replace_metadata", args).await;
    let before = engine.command("export_metadata", json!({})).await;
    let untrack = json!({"type": "untrack_table", "args": "author"});
    let (status, answer) = engine.post("/v1/metadata", &[], &untrack).await;
    assert_eq!(
        (status, &answer["code"], &answer["path"], &answer["error"]),
        (
            500,
            &json!("unexpected"),
            &json!("$.args"),
            &json!("cannot continue due to newly found inconsistent metadata")
        ),
        "{answer}"
    );
    assert_eq!(
        answer["internal"][0]["name"],
        "table other.note in source default"
    );
    // A bulk that continues works on the state before the refused command.
    let bulk = json!([untrack, {"type": "export_metadata", "args": {}}]);
    let answer = engine.command("bulk_keep_going", bulk).await;
    assert_eq!(answer[1], before);
    assert_eq!(engine.command("export_metadata", json!({})).await, before);
}

#[tokio::test]
async fn bulk_that_continues_exposes_internal_as_other_commands() {
    let bulk = json!({"type": "bulk_keep_going", "args": [{"type": "run_sql", "args": {"sql": "nonsense"}}]});
    for (options, exposed) in [
        (&[][..], true),
        (&["--admin-internal-errors", "false"][..], false),
    ] {
        let database = testkit::TestDatabase::create("meta").await;
        let engine = crate::support::TestEngine::start(&database, options).await;
        let (status, answer) = engine.post("/v1/query", &[], &bulk).await;
        assert_eq!((status, &answer[0]["code"]), (200, &json!("postgres-error")));
        assert_eq!(answer[0].get("internal").is_some(), exposed, "{answer}");
    }
}
