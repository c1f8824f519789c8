//! Further conflicts between names: tables of several schemas, custom names, and Postgres types named like others.

use super::TestStack;
use serde_json::{Value, json};

#[tokio::test]
async fn names_of_tables_and_fields_do_not_shadow_each_other() {
    let stack = TestStack::new().await;
    let engine = &stack.engine;
    engine
        .sql(
            "CREATE SCHEMA a; CREATE TABLE a.b (id int PRIMARY KEY); CREATE TABLE a_b (id int PRIMARY KEY);
             CREATE TABLE plain (id int PRIMARY KEY, x int, author_id int REFERENCES author)",
        )
        .await;
    engine.command("track_table", json!("a_b")).await;
    let (_, code, _, message) = engine
        .refused("track_table", json!({"schema": "a", "name": "b"}))
        .await;
    assert_eq!(code, "invalid-configuration");
    for words in ["\"a.b\"", "\"a_b\"", "custom name"] {
        assert!(message.contains(words), "{message}");
    }
    let custom = json!({"table": {"schema": "a", "name": "b"}, "configuration": {"custom_name": "ab"}});
    engine.command("track_table", custom).await;
    for (configuration, words) in [
        (json!({"custom_root_fields": {"select": "__schema"}}), "__schema"),
        (json!({"custom_name": "__plain"}), "__plain"),
        (json!({"custom_name": "author"}), "table \"author\""),
        (json!({"custom_name": "Int"}), "part of every schema"),
        (json!({"custom_name": "author_max_fields"}), "table \"author\""),
        (json!({"custom_column_names": {"x": "__typename"}}), "__typename"),
        (json!({"custom_column_names": {"x": "id"}}), "\"id\""),
        (
            json!({"column_config": {"x": {"custom_name": "_not"}}}),
            "operator of conditions",
        ),
        (
            json!({"custom_root_fields": {"select_by_pk": "author"}}),
            "found duplicate fields in selection set: author",
        ),
        (
            json!({"custom_root_fields": {"delete": "update_author_many"}}),
            "found duplicate fields in selection set: update_author_many",
        ),
        (
            json!({"custom_root_fields": {"insert_one": "insert_plain"}}),
            "both named \"insert_plain\"",
        ),
        (
            json!({"custom_root_fields": {"select_stream": {"name": "plain_aggregate"}}}),
            "both named \"plain_aggregate\"",
        ),
    ] {
        let args = json!({"table": "plain", "configuration": configuration});
        let (status, _, _, message) = engine.refused("track_table", args).await;
        let is_hasuras = words.starts_with("found duplicate fields");
        assert_eq!(
            status,
            if is_hasuras { 500 } else { 400 },
            "{configuration}: {message}"
        );
        assert!(message.contains(words), "{configuration}: {message}");
    }
    engine.command("track_table", json!("plain")).await;
    // Fields of one type: relationships, their aggregates, and columns.
    let plains = json!({"foreign_key_constraint_on": {"table": "plain", "column": "author_id"}});
    for (kind, table, name, using) in [
        ("create_array_relationship", "author", "articles", plains.clone()),
        ("create_array_relationship", "author", "_and", plains.clone()),
        ("create_array_relationship", "author", "name", plains.clone()),
        (
            "create_object_relationship",
            "plain",
            "x",
            json!({"foreign_key_constraint_on": "author_id"}),
        ),
    ] {
        let args = json!({"table": table, "name": name, "using": using});
        let (status, _, _, message) = engine.refused(kind, args).await;
        assert_eq!(status, 400, "{name}: {message}");
        assert!(message.contains(name), "{message}");
    }
    let args = json!({"table": "author", "name": "articles_aggregate", "using": plains});
    let (_, _, _, message) = engine.refused("create_array_relationship", args).await;
    assert!(
        message.contains("articles_aggregate") && message.contains("relationship \"articles\""),
        "{message}"
    );
    let mentor = json!({"manual_configuration": {"remote_table": "author", "column_mapping": {"id": "id"}}});
    let args = json!({"table": "author", "name": "mentor", "using": mentor});
    engine.command("create_object_relationship", args).await;
    let args = json!({"table": "author", "name": "mentor", "new_name": "articles_aggregate"});
    let (status, _, _, message) = engine.refused("rename_relationship", args).await;
    assert_eq!(status, 400, "{message}");
    let args = json!({"table": "author", "name": "mentor", "new_name": "guide_aggregate"});
    engine.command("rename_relationship", args).await;
    let args = json!({"table": "author", "name": "articles", "new_name": "guide"});
    let (status, _, _, message) = engine.refused("rename_relationship", args).await;
    assert_eq!(status, 400, "{message}");
    // A custom column name that takes the name of an existing relationship.
    let args = json!({"table": "author", "configuration": {"custom_column_names": {"info": "articles"}}});
    let (status, ..) = engine.refused("set_table_customization", args).await;
    assert_eq!(status, 400);
    let data = stack
        .data(
            "{ author(limit: 1) { articles(limit: 0) { id } } a_b { id } ab { id } plain { x } }",
            json!({}),
        )
        .await;
    assert_eq!(
        data,
        json!({"author": [{"articles": []}], "a_b": [], "ab": [], "plain": []})
    );
}

#[tokio::test]
async fn types_of_one_name_in_several_schemas() {
    let stack = TestStack::new().await;
    let engine = &stack.engine;
    engine
        .sql(
            "CREATE SCHEMA m1; CREATE SCHEMA m2; CREATE TYPE m1.state AS ENUM ('on'); CREATE TYPE m2.state AS ENUM ('off');
             CREATE TYPE m1.uuid AS ENUM ('x y');
             CREATE TABLE switch (id int PRIMARY KEY, a m1.state, b m2.state, c m1.state[], d m2.state[], u uuid, v m1.uuid)",
        )
        .await;
    engine.command("track_table", json!("switch")).await;
    let row = json!({"id": 1, "a": "on", "b": "off", "c": ["on"], "d": ["off"],
                     "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "v": "x y"});
    let data = stack
        .data(
            "mutation ($row: switch_insert_input!, $a: state, $d: [state!]) {
               insert_switch_one(object: $row) { id a b c d u v }
               update_switch(where: {a: {_eq: $a}, b: {_in: [off]}, d: {_eq: $d}}, _set: {a: $a}) { affected_rows } }",
            json!({"row": row, "a": "on", "d": ["off"]}),
        )
        .await;
    assert_eq!(data["insert_switch_one"], row);
    assert_eq!(data["update_switch"]["affected_rows"], 1);
    let data = stack.data("{ __schema { types { name } } }", json!({})).await;
    let mut names: Vec<&Value> = data["__schema"]["types"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ty| &ty["name"])
        .collect();
    let count = names.len();
    names.sort_by_key(std::string::ToString::to_string);
    names.dedup();
    assert_eq!(names.len(), count, "names of types are unique");
    // Types whose values have another form than those of the built-in type of the name.
    for name in ["json", "jsonb", "varchar", "geometry"] {
        engine
            .sql(&format!(
                "CREATE TYPE m1.\"{name}\" AS ENUM ('a'); CREATE TABLE \"of_{name}\" (id int PRIMARY KEY, c m1.\"{name}\"[])"
            ))
            .await;
        let (status, _, _, message) = engine.refused("track_table", json!(format!("of_{name}"))).await;
        assert_eq!(status, 400);
        for words in [
            format!("Postgres type \"{name}\""),
            "column \"c\"".to_owned(),
            "rename".to_owned(),
        ] {
            assert!(message.contains(&words), "{message}");
        }
    }
    let introspection = stack
        .data("{ __type(name: \"switch\") { name } }", json!({}))
        .await;
    assert_eq!(introspection["__type"]["name"], "switch");
}
