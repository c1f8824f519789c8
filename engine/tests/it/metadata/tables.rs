//! Tables, relationships and names: tracking, renaming, customization, suggestions.

use super::{export, tracked};
use crate::support::TestEngine;
use serde_json::{Value, json};

#[tokio::test]
async fn tracking_survives_restart() {
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
    assert_eq!(engine.engine.schema.load().resolved.tracked.tables.len(), 2);
}

#[tokio::test]
async fn tracking_or_untracking_twice_is_refused() {
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
async fn untrack_with_dependents_requires_cascade() {
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

/// The object of a command is listed in `internal` if it would be inconsistent.
#[tokio::test]
async fn inconsistent_object_of_command_is_invalid_configuration() {
    let (_database, engine) = tracked().await;
    engine
        .sql(
            "CREATE TABLE pair (a int REFERENCES author, b int REFERENCES author);
             ALTER TABLE pair ADD FOREIGN KEY (a) REFERENCES author",
        )
        .await;
    engine.command("track_table", json!("pair")).await;
    let on = |column: &str| json!({"foreign_key_constraint_on": column});
    for (kind, args, reason) in [
        (
            "create_object_relationship",
            json!({"table": "article", "name": "other", "using": on("title")}),
            "Inconsistent object: in table \"article\": in relationship \"other\": no foreign constraint exists on the given column",
        ),
        (
            "create_object_relationship",
            json!({"table": "pair", "name": "of", "using": on("a")}),
            "Inconsistent object: in table \"pair\": in relationship \"of\": more than one foreign key constraint exists on the given column",
        ),
        (
            "create_array_relationship",
            json!({"table": "author", "name": "notes", "using": {"manual_configuration": {
                "remote_table": {"schema": "other", "name": "note"}, "column_mapping": {"id": "id"}}}}),
            "Inconsistent object: in table \"author\": in relationship \"notes\": ",
        ),
        (
            "set_table_customization",
            json!({"table": "article", "configuration": {"custom_name": "1st"}}),
            "Inconsistent object: ",
        ),
        (
            "track_table",
            json!({"table": {"schema": "other", "name": "note"}, "configuration": {"custom_name": "article"}}),
            "Inconsistent object: ",
        ),
    ] {
        let (status, answer) = engine
            .post("/v1/metadata", &[], &json!({"type": kind, "args": args}))
            .await;
        assert_eq!(
            (status, &answer["code"], &answer["path"]),
            (400, &json!("invalid-configuration"), &json!("$.args")),
            "{answer}"
        );
        let message = answer["error"].as_str().unwrap();
        assert!(message.starts_with(reason), "{message}");
        let internal = answer["internal"].as_array().unwrap();
        assert_eq!(
            (internal.len(), &internal[0]["reason"]),
            (1, &answer["error"]),
            "{answer}"
        );
    }
}

/// As in Hasura; the details name both tables.
#[tokio::test]
async fn root_field_of_another_table_is_refused() {
    let (_database, engine) = tracked().await;
    let fields = json!({"custom_root_fields": {"select_by_pk": "author"}});
    let note = json!({"table": {"schema": "other", "name": "note"}, "configuration": fields});
    let commands = [
        ("track_table", note),
        (
            "set_table_customization",
            json!({"table": "article", "configuration": fields}),
        ),
    ];
    for (kind, args) in commands {
        let (status, answer) = engine
            .post("/v1/metadata", &[], &json!({"type": kind, "args": args}))
            .await;
        assert_eq!(
            (status, &answer["code"], &answer["path"], &answer["error"]),
            (
                500,
                &json!("unexpected"),
                &json!("$.args"),
                &json!("found duplicate fields in selection set: author")
            ),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn relationship_requires_foreign_key() {
    let (_database, engine) = tracked().await;
    let args = json!({"table": "article", "name": "other", "using": {"foreign_key_constraint_on": "title"}});
    let (_, code, _, error) = engine.refused("create_object_relationship", args).await;
    assert_eq!(code, "invalid-configuration");
    assert!(
        error.contains("no foreign constraint exists on the given column"),
        "{error}"
    );
    let args =
        json!({"table": "article", "name": "title", "using": {"foreign_key_constraint_on": "author_id"}});
    let (_, code, ..) = engine.refused("create_object_relationship", args).await;
    assert_eq!(code, "already-exists");
}

#[tokio::test]
async fn relationship_is_renamed_and_dropped() {
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
        engine.engine.schema.load().resolved.tracked.tables[1]
            .relationships
            .is_empty()
    );
}

#[tokio::test]
async fn table_with_type_name_collision_requires_custom_name() {
    let (_database, engine) = tracked().await;
    engine
        .sql("CREATE TABLE author_bool_exp (id int PRIMARY KEY); CREATE TABLE author_max (id int); CREATE TABLE \"String\" (id int)")
        .await;
    let shown = async || {
        let answer = engine
            .graphql("{ __schema { queryType { name } } }", json!({}))
            .await;
        assert_eq!(
            answer["data"]["__schema"]["queryType"]["name"], "query_root",
            "{answer}"
        );
    };
    for (table, ty) in [
        ("author_bool_exp", "author_bool_exp"),
        ("author_max", "author_max_order_by"),
        ("String", "String"),
    ] {
        let (status, .., message) = engine.refused("track_table", json!(table)).await;
        assert_eq!(status, 400, "{message}");
        assert!(
            message.contains(&format!("the GraphQL type \"{ty}\"")),
            "{message}"
        );
        assert!(message.contains("custom name"), "{message}");
        shown().await;
    }
    let args = json!({"table": "author_bool_exp", "configuration": {"custom_name": "condition"}});
    engine.command("pg_track_table", args).await;
    shown().await;
    let query = "{ condition { id } author(limit: 0) { id } }";
    let answer = engine.graphql(query, json!({})).await;
    assert_eq!(answer, json!({"data": {"condition": [], "author": []}}));
}

#[tokio::test]
async fn table_with_invalid_graphql_name_requires_custom_name() {
    let (_database, engine) = tracked().await;
    engine
        .sql("CREATE TABLE \"users address\" (id int); INSERT INTO \"users address\" VALUES (1)")
        .await;
    engine.command("track_table", json!("users address")).await;
    let rows = engine
        .command("select", json!({"table": "users address", "columns": ["id"]}))
        .await;
    assert_eq!(rows, json!([{"id": 1}]));
    let answer = engine
        .graphql("{ __schema { queryType { fields { name } } } }", json!({}))
        .await;
    let fields = answer["data"]["__schema"]["queryType"]["fields"].to_string();
    assert!(
        fields.contains("author_by_pk") && !fields.contains("address"),
        "{fields}"
    );
    let args = json!({"table": "users address", "configuration": {"custom_name": "addresses"}});
    engine.command("set_table_customization", args).await;
    let answer = engine.graphql("{ addresses { id } }", json!({})).await;
    assert_eq!(answer, json!({"data": {"addresses": [{"id": 1}]}}));
}

#[tokio::test]
async fn table_cannot_take_function_name() {
    let (_database, engine) = tracked().await;
    engine
        .sql("CREATE FUNCTION twice() RETURNS SETOF author LANGUAGE sql STABLE AS 'SELECT * FROM author'; CREATE TABLE twice (id int)")
        .await;
    engine.command("track_function", json!("twice")).await;
    let (_, code, _, message) = engine.refused("track_table", json!("twice")).await;
    assert_eq!(
        (&*code, &*message),
        ("not-supported", "function with name \"twice\" already exists")
    );
}

#[tokio::test]
async fn custom_names_are_validated() {
    let (_database, engine) = tracked().await;
    let set = |configuration: Value| json!({"table": "author", "configuration": configuration});
    engine.command("set_table_customization", set(json!({
        "custom_name": "writer", "custom_root_fields": {"select": "writers"}, "custom_column_names": {"name": "title"},
    }))).await;
    let snapshot = engine.engine.schema.load_full();
    let table = &snapshot.resolved.tracked.tables[0];
    assert_eq!(
        (table.names.plain(), table.graphql_column("name")),
        ("writer", Some("title"))
    );
    for bad in [
        json!({"custom_name": "no name"}),
        json!({"custom_column_names": {"nothing": "x"}}),
        json!({"custom_column_names": {"name": "id"}}),
        json!({"custom_root_fields": {"selekt": "x"}}),
    ] {
        let (_, code, ..) = engine.refused("set_table_customization", set(bad.clone())).await;
        assert_eq!(code, "invalid-configuration", "{bad}");
    }
}

#[tokio::test]
async fn relationships_are_suggested_from_foreign_keys() {
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
async fn column_names_are_read_from_either_key() {
    let (_database, engine) = tracked().await;
    let configuration = json!({
        "custom_column_names": {"name": "older"},
        "column_config": {"name": {"custom_name": "newer", "comment": "kept"}},
    });
    let args = json!({"table": "author", "configuration": configuration});
    engine.command("set_table_customization", args).await;
    engine
        .sql("INSERT INTO author (name) VALUES ('x'); ALTER TABLE author RENAME name TO nom")
        .await;
    let answer = engine.graphql("{ author { newer } }", json!({})).await;
    assert_eq!(answer, json!({"data": {"author": [{"newer": "x"}]}}));
    let configuration = export(&engine).await["sources"][0]["tables"][0]["configuration"].clone();
    assert_eq!(
        (
            &configuration["custom_column_names"],
            &configuration["column_config"]
        ),
        (
            &json!({"nom": "older"}),
            &json!({"nom": {"custom_name": "newer", "comment": "kept"}})
        )
    );
}

#[tokio::test]
async fn invalid_names_do_not_break_introspection() {
    let (_database, engine) = tracked().await;
    engine
        .sql(
            r#"CREATE TYPE "my-enum" AS ENUM ('a');
               CREATE TABLE odd (id int, n int, e "my-enum", es "my-enum"[], "true" int, "null" text,
                 CONSTRAINT "odd-1 key" PRIMARY KEY (id), CONSTRAINT "true" UNIQUE (n));
               COMMENT ON TABLE odd IS 'C:\path "quoted" """';
               CREATE TABLE unnamed ("my col" int);
               CREATE TABLE none ()"#,
        )
        .await;
    for table in ["odd", "unnamed", "none"] {
        engine.command("track_table", json!(table)).await;
    }
    let query = "{ __type(name: \"odd\") { description fields { name } } __schema { directives { name } types { name } } }";
    let answer = engine.graphql(query, json!({})).await;
    let data = &answer["data"];
    assert!(data.is_object(), "{answer}");
    let names = |list: &Value| -> Vec<String> {
        let list = list.as_array().unwrap().iter();
        list.map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&data["__type"]["fields"]), ["id", "n", "null", "true"]);
    let description = data["__type"]["description"].as_str().unwrap();
    assert!(
        description.starts_with(r#"C:\path "quoted" """"#),
        "{description}"
    );
    assert!(names(&data["__schema"]["directives"]).contains(&"cached".to_owned()));
    let types = names(&data["__schema"]["types"]);
    assert!(
        !types.contains(&"odd_constraint".to_owned()),
        "none of its constraints has a valid GraphQL name"
    );
    let answer = engine.graphql("{ odd { id true null } }", json!({})).await;
    assert_eq!(answer, json!({"data": {"odd": []}}));
}
