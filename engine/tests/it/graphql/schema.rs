//! The schema that follows from the metadata: names, conflicts, comments; conditions over aggregates.

use super::TestStack;
use serde_json::{Value, json};

#[tokio::test]
async fn conditions_over_aggregates_of_floats() {
    let stack = TestStack::new().await;
    stack
        .engine
        .sql(
            "CREATE TABLE shop (id int PRIMARY KEY);
             CREATE TABLE sale (id int PRIMARY KEY, shop_id int REFERENCES shop, amount float8, weight float8, paid bool, n int);
             INSERT INTO shop VALUES (1), (2), (3);
             INSERT INTO sale VALUES (1, 1, 5, 1, true, 1), (2, 1, 6, 2, true, 1), (3, 2, 1, 5, false, 1), (4, 2, 1, 4, true, 1)",
        )
        .await;
    for table in ["shop", "sale"] {
        stack.engine.command("track_table", json!(table)).await;
    }
    let sales = json!({"foreign_key_constraint_on": {"table": "sale", "column": "shop_id"}});
    stack
        .engine
        .command(
            "create_array_relationship",
            json!({"table": "shop", "name": "sales", "using": sales}),
        )
        .await;
    for (condition, expected) in [
        ("sum: {arguments: amount, predicate: {_gt: 10}}", &[1][..]),
        ("sum: {arguments: amount, predicate: {_eq: 2}}", &[2]),
        (
            "sum: {arguments: amount, distinct: true, predicate: {_eq: 1}}",
            &[2],
        ),
        ("sum: {arguments: amount, predicate: {_is_null: true}}", &[3]),
        (
            "avg: {arguments: amount, filter: {id: {_gt: 1}}, predicate: {_eq: 6}}",
            &[1],
        ),
        ("avg: {arguments: amount, predicate: {_in: [5.5, 1]}}", &[1, 2]),
        ("max: {arguments: amount, predicate: {_lt: 2}}", &[2]),
        ("min: {arguments: weight, predicate: {_gte: 4, _lte: 4}}", &[2]),
        ("stddev_samp: {arguments: amount, predicate: {_eq: 0}}", &[2]),
        ("var_samp: {arguments: amount, predicate: {_eq: \"0.5\"}}", &[1]),
        (
            "corr: {arguments: {X: amount, Y: weight}, predicate: {_gt: 0.9}}",
            &[1],
        ),
        (
            "covar_samp: {arguments: {X: amount, Y: weight}, predicate: {_eq: 0.5}}",
            &[1],
        ),
        (
            "sum: {arguments: amount, predicate: {_gt: 0}}, bool_and: {arguments: paid, predicate: {_eq: true}}",
            &[1],
        ),
    ] {
        let query = format!(
            "{{ shop(where: {{sales_aggregate: {{{condition}}}}}, order_by: {{id: asc}}) {{ id }} }}"
        );
        let data = stack.data(&query, json!({})).await;
        let ids: Vec<Value> = expected.iter().map(|id| json!({ "id": id })).collect();
        assert_eq!(data["shop"], json!(ids), "{condition}");
    }
    let data = stack
        .data(
            "{ shop(where: {_not: {sales_aggregate: {sum: {arguments: amount, predicate: {_gt: 10}}}}}, order_by: {id: asc}) { id } }",
            json!({}),
        )
        .await;
    assert_eq!(data["shop"], json!([{"id": 2}, {"id": 3}]));
    let (code, ..) = stack
        .error(
            "{ shop(where: {sales_aggregate: {sum: {arguments: n, predicate: {_gt: 10}}}}) { id } }",
            json!({}),
        )
        .await;
    assert_eq!(code, "validation-failed");
}

#[tokio::test]
async fn comments_of_the_metadata_are_descriptions() {
    let stack = TestStack::new().await;
    stack
        .engine
        .sql("COMMENT ON TABLE author IS 'from Postgres'; COMMENT ON COLUMN author.name IS 'from Postgres'; COMMENT ON COLUMN author.info IS 'from Postgres'")
        .await;
    let configuration = json!({
        "comment": "People who write",
        "column_config": {"name": {"comment": "As printed on the cover"}, "info": {"comment": ""}, "emails": {"custom_name": "mails", "comment": "Where to write"}},
        "custom_root_fields": {
            "select": {"name": "authors", "comment": "All of them"},
            "select_by_pk": {"comment": "One of them"},
            "select_stream": {"comment": ""},
            "insert_one": {"name": "add_author", "comment": "A new one"},
        },
    });
    stack
        .engine
        .command(
            "pg_set_table_customization",
            json!({"table": "author", "configuration": configuration}),
        )
        .await;
    let data = stack
        .data(
            "{ row: __type(name: \"author\") { description fields { name description } }
               input: __type(name: \"author_insert_input\") { inputFields { name description } }
               __schema { queryType { fields { name description } } mutationType { fields { name description } } subscriptionType { fields { name description } } } }",
            json!({}),
        )
        .await;
    let description = |list: &Value, name: &str| {
        let found = list
            .as_array()
            .unwrap()
            .iter()
            .find(|member| member["name"] == name);
        found.unwrap_or_else(|| panic!("no {name} in {list}"))["description"].clone()
    };
    assert_eq!(data["row"]["description"], "People who write");
    for (fields, name, expected) in [
        (&data["row"]["fields"], "id", json!(null)),
        (&data["row"]["fields"], "name", json!("As printed on the cover")),
        (&data["row"]["fields"], "info", json!(null)),
        (&data["row"]["fields"], "mails", json!("Where to write")),
        (
            &data["input"]["inputFields"],
            "name",
            json!("As printed on the cover"),
        ),
        (
            &data["__schema"]["queryType"]["fields"],
            "authors",
            json!("All of them"),
        ),
        (
            &data["__schema"]["queryType"]["fields"],
            "author_by_pk",
            json!("One of them"),
        ),
        (
            &data["__schema"]["queryType"]["fields"],
            "author_aggregate",
            json!("fetch aggregated fields from the table: \"author\""),
        ),
        (
            &data["__schema"]["subscriptionType"]["fields"],
            "author_stream",
            json!(null),
        ),
        (
            &data["__schema"]["subscriptionType"]["fields"],
            "authors",
            json!("All of them"),
        ),
        (
            &data["__schema"]["mutationType"]["fields"],
            "add_author",
            json!("A new one"),
        ),
        (
            &data["__schema"]["mutationType"]["fields"],
            "insert_author",
            json!("insert data into the table: \"author\""),
        ),
    ] {
        assert_eq!(description(fields, name), expected, "{name}");
    }
    let empty = json!({"comment": ""});
    stack
        .engine
        .command(
            "pg_set_table_customization",
            json!({"table": "author", "configuration": empty}),
        )
        .await;
    let data = stack
        .data("{ __type(name: \"author\") { description } }", json!({}))
        .await;
    assert_eq!(data["__type"]["description"], json!(null));
}

#[tokio::test]
async fn conflicting_names_are_inconsistencies() {
    let stack = TestStack::new().await;
    let engine = &stack.engine;
    engine
        .sql(
            "CREATE TABLE asset (id int PRIMARY KEY, n text); CREATE TABLE asset_by_pk (id int PRIMARY KEY, p text);
             CREATE TABLE asset_stream (id int PRIMARY KEY); CREATE TABLE one (id int PRIMARY KEY);
             CREATE TABLE combined (id int PRIMARY KEY, _and int);
             CREATE TYPE query_root AS ENUM ('a'); CREATE TYPE order_by AS ENUM ('big'); CREATE TYPE \"Int\" AS (x int); CREATE TYPE asset_bool_exp AS ENUM ('a');
             CREATE TYPE \"String_comparison_exp\" AS ENUM ('a');
             CREATE TABLE odd1 (id int PRIMARY KEY, c query_root); CREATE TABLE odd2 (id int PRIMARY KEY, c order_by);
             CREATE TABLE odd3 (id int PRIMARY KEY, c \"Int\"[]); CREATE TABLE odd4 (id int PRIMARY KEY, c \"String_comparison_exp\");
             CREATE TABLE odd5 (id int PRIMARY KEY, c asset_bool_exp);
             CREATE TABLE part (id int PRIMARY KEY, asset_id int REFERENCES asset); CREATE TABLE parts_aggregate (id int);
             ALTER TABLE asset ADD COLUMN parts_aggregate int",
        )
        .await;
    for table in ["asset", "part", "one"] {
        engine.command("track_table", json!(table)).await;
    }
    // Each message names both objects and the remedy, except that of Hasura.
    for (table, words) in [
        (
            "asset_by_pk",
            &["found duplicate fields in selection set: asset_by_pk"][..],
        ),
        (
            "asset_stream",
            &["found duplicate fields in selection set: asset_stream"],
        ),
        (
            "combined",
            &[
                "column \"_and\" of table \"combined\"",
                "operator of conditions",
                "custom name",
            ],
        ),
        (
            "odd1",
            &[
                "Postgres type \"query_root\"",
                "column \"c\" of table \"odd1\"",
                "rename the Postgres type",
            ],
        ),
        (
            "odd2",
            &["Postgres type \"order_by\"", "column \"c\" of table \"odd2\""],
        ),
        (
            "odd3",
            &["Postgres type \"Int\"", "column \"c\" of table \"odd3\""],
        ),
        (
            "odd4",
            &[
                "Postgres type \"String_comparison_exp\"",
                "column \"c\" of table \"odd4\"",
            ],
        ),
    ] {
        let (_, _, _, message) = engine.refused("track_table", json!(table)).await;
        for word in words {
            assert!(message.contains(word), "{table}: {message} lacks {word}");
        }
    }
    // The table that is tracked already would be the inconsistent object.
    let body = json!({"type": "track_table", "args": "odd5"});
    let (_, refusal) = engine.post("/v1/query", &[], &body).await;
    assert_eq!(
        refusal["error"],
        "cannot continue due to new inconsistent metadata"
    );
    assert_eq!(
        refusal["internal"][0]["reason"],
        "Inconsistent object: the GraphQL type \"asset_bool_exp\" of table \"asset\" is also one of the Postgres type \"asset_bool_exp\"; give the table a custom name"
    );
    let parts = json!({"foreign_key_constraint_on": {"table": "part", "column": "asset_id"}});
    let (_, _, _, message) = engine
        .refused(
            "create_array_relationship",
            json!({"table": "asset", "name": "parts", "using": parts}),
        )
        .await;
    assert!(
        message.contains("field \"parts_aggregate\"") && message.contains("column \"parts_aggregate\""),
        "{message}"
    );
    let custom = |fields: Value| json!({"table": "one", "configuration": {"custom_root_fields": fields}});
    for fields in [
        json!({"select": "asset_aggregate"}),
        json!({"select": "one_by_pk"}),
        json!({"insert": "delete_asset"}),
        json!({"select_stream": "asset"}),
    ] {
        let (_, _, _, message) = engine
            .refused("set_table_customization", custom(fields.clone()))
            .await;
        // For fields of two tables, the message of Hasura.
        let is_clear = ["custom_root_fields", "found duplicate fields in selection set"]
            .iter()
            .any(|words| message.contains(words));
        assert!(is_clear, "{fields}: {message}");
    }
    // A query and a mutation may share a name.
    engine
        .command(
            "set_table_customization",
            custom(json!({"select": "update_asset"})),
        )
        .await;
    let data = stack
        .data(
            "{ asset_by_pk(id: 1) { n } update_asset { id } __type(name: \"asset\") { name } }",
            json!({}),
        )
        .await;
    assert_eq!(data["asset_by_pk"], json!(null));
    // The remedy.
    let args = json!({"table": "asset_by_pk", "configuration": {"custom_name": "by_key"}});
    engine.command("track_table", args).await;
    let args =
        json!({"table": "combined", "configuration": {"column_config": {"_and": {"custom_name": "and"}}}});
    engine.command("track_table", args).await;
    let data = stack
        .data(
            "{ by_key { p } combined(where: {and: {_eq: 1}}) { id } }",
            json!({}),
        )
        .await;
    assert_eq!(data, json!({"by_key": [], "combined": []}));
    // In replaced metadata the rest stays served.
    let metadata = json!({"version": 3, "sources": [{"name": "default", "kind": "postgres", "configuration": {"connection_info": {"database_url": {"from_env": "HASURA_GRAPHQL_DATABASE_URL"}}},
        "tables": [{"table": "asset"}, {"table": "asset_by_pk"}, {"table": "odd1"}, {"table": "one"}]}]});
    let args = json!({"allow_inconsistent_metadata": true, "metadata": metadata});
    engine.command("replace_metadata", args).await;
    let inconsistent = engine.command("get_inconsistent_metadata", json!({})).await;
    let names: Vec<&str> = inconsistent["inconsistent_objects"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|object| object["definition"]["name"].as_str())
        .collect();
    assert_eq!(names, ["asset_by_pk", "odd1"]);
    stack
        .data(
            "{ asset { id } one { id } __schema { types { name } } }",
            json!({}),
        )
        .await;
}
