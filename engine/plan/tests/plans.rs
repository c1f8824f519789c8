//! Golden plans: each request in `plans/cases` and the SQL it becomes, side by side in `plans/golden`. No database: what
//! is tracked is built by hand. To accept a change: `INSTA_UPDATE=always cargo test -p engine-plan --test plans`, then read
//! the diff.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[path = "plans/cached.rs"]
mod cached;
#[path = "plans/commands.rs"]
mod commands;
#[path = "plans/described.rs"]
mod described;
#[path = "plans/filtered.rs"]
mod filtered;
#[path = "plans/fixture.rs"]
mod fixture;
#[path = "plans/limits.rs"]
mod limits;
#[path = "plans/nulls.rs"]
mod nulls;
#[path = "plans/permitted.rs"]
mod permitted;
#[path = "plans/refused.rs"]
mod refused;
#[path = "plans/render.rs"]
mod render;
#[path = "plans/repeated.rs"]
mod repeated;
#[path = "plans/sdl.rs"]
mod sdl;
#[path = "plans/tables.rs"]
mod tables;

use engine_model::catalog::TableName;
use engine_model::metadata::names::{self, NameIndex};
use engine_model::metadata::naming::{Identifier, TableNames};
use engine_model::metadata::tracked::TrackedObjects;
use engine_model::session::Session;
use engine_plan::document::Document;
use engine_plan::permissions::Permissions;
use engine_plan::schema::api::ApiTables;
use engine_plan::schema::{RoleSchema, RoleSet, SchemaOptions};
use engine_plan::{Fields, Plan, Request, Values};
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::sync::Arc;

/// A plan and the values of the request.
#[derive(Debug)]
struct Planned {
    plan: Plan,
    values: Values,
}

fn plan(schema: &RoleSchema, query: &str, variables: &Map<String, Value>) -> engine_error::Result<Planned> {
    let document = Document::parse(query)?;
    let request = Request {
        operation_name: None,
        variables: Some(variables),
        max_depth: 50,
    };
    let plan = engine_plan::plan(schema, &document, &request)?;
    let values = Values::new(&plan.values, Some(variables), &session())?;
    Ok(Planned { plan, values })
}

/// A session with the variables that the permissions of the tests use.
fn session() -> Session {
    let variables = [
        ("x-hasura-user-id", "1"),
        ("x-hasura-ids", "{1,2}"),
        ("x-hasura-outline", "POINT(1 2)"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Session::new("user".to_owned(), variables.into())
}

const OPTIONS: SchemaOptions = SchemaOptions {
    stringify_numeric_types: true,
    v1_boolean_null_collapse: false,
    explicit_function_permissions: false,
    allow_list: false,
    expensive_operators: RoleSet::All,
    max_response_bytes: 0,
    max_role_response_bytes: 0,
};

fn schema() -> RoleSchema {
    admin(fixture::tracked(), OPTIONS)
}

fn admin(tracked: TrackedObjects, options: SchemaOptions) -> RoleSchema {
    RoleSchema::admin(&ApiTables::new(Arc::new(tracked)), false, options)
}

/// Returns the variables of a case, which are in their own comment: `# {"id": 1}`.
fn variables(query: &str) -> Map<String, Value> {
    query
        .lines()
        .find_map(|line| line.strip_prefix("# {"))
        .map(|json| serde_json::from_str(&format!("{{{json}")).expect("the variables are JSON"))
        .unwrap_or_default()
}

/// Names and texts of the requests of admin, in the order of the names.
fn cases() -> Vec<(String, String)> {
    cases_in("cases")
}

fn cases_in(folder: &str) -> Vec<(String, String)> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/plans")
        .join(folder);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    let case = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    paths.into_iter().map(case).collect()
}

#[test]
fn requests_become_the_sql_they_became_before() {
    let schema = schema();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("plans/golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, query) in cases() {
            let Planned { plan, values } =
                plan(&schema, &query, &variables(&query)).unwrap_or_else(|error| panic!("{name}: {error}"));
            let plan = render::plan(&plan, &values);
            insta::assert_snapshot!(name, format!("{}\n{plan}", query.trim()));
        }
    });
}

#[test]
fn a_role_without_permissions_sees_nothing() {
    let tables = ApiTables::new(Arc::new(fixture::tracked()));
    let schema = RoleSchema::of_role(&tables, &Permissions::default(), "user", false, OPTIONS);
    let refused = |query| plan(&schema, query, &Map::new()).expect_err(query).message;
    assert_eq!(
        refused("{ author { id } }"),
        "field \"author\" not found in type: 'query_root'"
    );
    assert_eq!(
        refused("mutation { insert_author(objects: []) { affected_rows } }"),
        "no mutations exist"
    );
}

/// The driver would buffer a long value before the engine knows its length.
#[test]
fn every_statement_refuses_a_long_response() {
    let options = SchemaOptions {
        max_response_bytes: 1000,
        ..OPTIONS
    };
    let schema = admin(fixture::tracked(), options);
    for query in [
        "{ author { id } }",
        "{ author_by_pk(id: 1) { id } }",
        "{ author_aggregate { aggregate { count } } }",
        "mutation { delete_author(where: {}) { affected_rows } }",
        "mutation { delete_author(where: {}) { returning { articles { id } } } }",
        "subscription { author { id } }",
    ] {
        let planned = plan(&schema, query, &Map::new()).unwrap();
        planned.plan.statements(&mut |statement| {
            let refusals = statement.sql.matches("HASURA_GRAPHQL_MAX_RESPONSE_BYTES=1000=");
            assert_eq!(refusals.count(), 1, "{query}: {}", statement.sql);
        });
    }
}

/// Only with the option of Hasura v1 does null remove a condition.
#[test]
fn null_collapses_as_in_v1_if_configured() {
    let options = SchemaOptions {
        v1_boolean_null_collapse: true,
        ..OPTIONS
    };
    let schema = admin(fixture::tracked(), options);
    let all = plan(&schema, "{ author { id } }", &Map::new()).unwrap();
    let all = render::plan(&all.plan, &all.values);
    for (declared, condition) in [
        ("Int", "{id: {_eq: $v}}"),
        ("[Int!]", "{id: {_in: $v}}"),
        ("String", "{info: {_has_key: $v}}"),
        ("Int_comparison_exp", "{id: $v}"),
        ("author_bool_exp", "{_not: $v}"),
        ("[author_bool_exp!]", "{_or: $v}"),
        ("article_bool_exp", "{articles: $v}"),
        ("article_aggregate_bool_exp", "{articles_aggregate: $v}"),
    ] {
        let query = format!("query ($v: {declared}) {{ author(where: {condition}) {{ id }} }}");
        let Planned { plan, values } = plan(&schema, &query, &Map::new()).unwrap();
        assert_eq!(render::plan(&plan, &values), all, "{query}");
    }
}

/// An unset variable is null, which some arguments accept.
#[test]
fn an_unset_variable_is_null() {
    let schema = schema();
    for (declared, operation) in [
        (
            "String",
            "mutation { insert_author_one(object: {name: V}) { id } }",
        ),
        (
            "jsonb",
            "mutation { insert_author(objects: [{info: V}, {info: 1}]) { affected_rows } }",
        ),
        (
            "String",
            "mutation { update_author(where: {id: {_eq: 1}}, _set: {name: V}) { affected_rows } }",
        ),
        (
            "article_arr_rel_insert_input",
            "mutation { insert_author_one(object: {name: \"n\", articles: V}) { id } }",
        ),
        (
            "author_on_conflict",
            "mutation { insert_author_one(object: {name: \"n\"}, on_conflict: V) { id } }",
        ),
        ("author_bool_exp", "query { author(where: V) { id } }"),
        ("[author_order_by!]", "query { author(order_by: V) { id } }"),
        ("order_by", "query { author(order_by: {id: V}) { id } }"),
        (
            "[author_select_column!]",
            "query { author(distinct_on: V) { id } }",
        ),
        ("Int", "query { author(limit: V, offset: V) { id } }"),
        ("String", "query { author { info(path: V) } }"),
        ("String", "query { author(where: {info: {_has_key: V}}) { id } }"),
    ] {
        let rendered = |query: &str| {
            let planned =
                plan(&schema, query, &Map::new()).unwrap_or_else(|error| panic!("{query}: {error}"));
            render::plan(&planned.plan, &planned.values)
        };
        let (kind, fields) = operation.split_once(' ').unwrap();
        let variable = format!("{kind} ($v: {declared}) {}", fields.replace('V', "$v"));
        assert_eq!(
            rendered(&variable),
            rendered(&operation.replace('V', "null")),
            "{variable}"
        );
    }
}

#[test]
fn variables_for_arrays_are_lists_or_scalars_of_v2_0() {
    let schema = schema();
    for (declared, condition, value) in [
        ("[String!]", "_eq: $v", json!(["a"])),
        ("[String!]!", "_contains: $v", json!(["a"])),
        ("_text", "_contains: $v", json!(["a"])),
        ("_text!", "_contained_in: $v", json!("{a}")),
        ("[String!] = [\"a\"]", "_eq: $v", json!(["a"])),
        ("[[String!]!]", "_in: $v", json!([["a"]])),
        ("[_text!]!", "_nin: $v", json!(["{a}"])),
        ("[String!]", "_in: [$v]", json!(["a"])),
        ("String", "_eq: [\"b\", $v]", json!("a")),
    ] {
        let query =
            format!("query ($v: {declared}) {{ author(where: {{emails: {{{condition}}}}}) {{ emails }} }}");
        let variables = [("v".to_owned(), value)].into_iter().collect();
        let planned = plan(&schema, &query, &variables).unwrap_or_else(|error| panic!("{query}: {error}"));
        let sql = render::plan(&planned.plan, &planned.values);
        assert!(
            sql.contains("{\"a\"}") || sql.contains("{a}") || sql.contains("\"a\"}"),
            "{sql}"
        );
    }
    for operation in [
        "mutation ($v: [String!]) { update_author(where: {}, _set: {emails: $v}) { affected_rows } }",
        "mutation ($v: _text) { insert_author_one(object: {emails: $v}) { emails } }",
        "mutation ($v: [String!]!) { insert_author(objects: [{emails: $v}]) { affected_rows } }",
    ] {
        let variables = [("v".to_owned(), json!(["a"]))].into_iter().collect();
        plan(&schema, operation, &variables).unwrap_or_else(|error| panic!("{operation}: {error}"));
    }
    for declared in ["String", "[Int!]", "_int4", "[[String!]!]", "[String]"] {
        let query = format!("query ($v: {declared}) {{ author(where: {{emails: {{_eq: $v}}}}) {{ id }} }}");
        let variables = [("v".to_owned(), json!(["a"]))].into_iter().collect();
        let error = plan(&schema, &query, &variables).expect_err(&query);
        assert_eq!(
            error.message,
            format!("variable \"v\" is declared as \"{declared}\", but used where \"[String!]\" is expected")
        );
    }
}

#[test]
fn introspection_shows_what_can_be_asked() {
    let schema = schema();
    let sdl = sdl::of(&schema);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("plans/golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("type_system", sdl));

    let query = "query ($name: String!) { __type(name: $name) { ...t } t: __typename } fragment t on __Type { kind name }";
    let plan = plan(&schema, query, json!({"name": "author"}).as_object().unwrap()).unwrap();
    let Planned { plan, values } = plan;
    let Fields::Query(fields) = plan.fields else {
        panic!("a query is planned as one")
    };
    let answers: Vec<String> = fields
        .iter()
        .map(|field| format!("{}: {}", field.key, render::value(&field.value, &values)))
        .collect();
    assert_eq!(
        answers,
        [
            r#"__type: {"kind":"OBJECT","name":"author"}"#,
            r#"t: "query_root""#
        ]
    );
}

#[test]
fn type_names_of_a_table_are_claimed_by_the_metadata() {
    let tracked = fixture::tracked_with_special_types();
    let schema = admin(tracked.clone(), OPTIONS);
    let scalars = tracked
        .tables
        .values()
        .flat_map(|table| table.columns.values())
        .map(names::scalar);
    let mut index = NameIndex::new(&Arc::default(), scalars);
    for table in tracked.tables.values() {
        index.claim(table).expect("the names of the tables are free");
    }
    let other = TableName::new("public", "other");
    let response = sdl::introspect(&schema);
    for ty in sdl::list(&response["types"]).filter(|ty| ty["kind"] != "SCALAR") {
        let name = sdl::text(ty, "name");
        let claimed = name.starts_with("__")
            || index
                .check_types(
                    &TableNames::new(&Arc::default(), Identifier::custom(name)),
                    &other,
                )
                .is_err();
        assert!(claimed, "another table could be called \"{name}\"");
    }
}

/// Names of extensions are qualified: `search_path` may not contain their schema.
#[test]
fn objects_of_extensions_are_qualified() {
    let schema = admin(fixture::tracked_with_special_types(), OPTIONS);
    let cases = [
        (
            "alias: {_eq: \"a\"}",
            r#"("_t0"."alias" OPERATOR("my ext".=) ($1)::"my ext".citext)"#,
        ),
        (
            "alias: {_in: [\"a\"]}",
            r#"("_t0"."alias" OPERATOR("my ext".=) ANY(($1)::"my ext".citext[]))"#,
        ),
        ("alias: {_nin: [\"a\"]}", r#"OPERATOR("my ext".<>) ALL"#),
        ("alias: {_ilike: \"a\"}", r#"OPERATOR("my ext".~~*)"#),
        ("alias: {_nlike: \"a\"}", r#"OPERATOR("my ext".!~~)"#),
        ("alias: {_iregex: \"a\"}", r#"OPERATOR("my ext".~*)"#),
        (
            "alias: {_similar: \"a\"}",
            r#"("_t0"."alias" OPERATOR("my ext".~) "pg_catalog".similar_to_escape(($1)::text))"#,
        ),
        (
            "path: {_ancestor: \"a\"}",
            r#"("_t0"."path" OPERATOR("my ext".@>) ($1)::"my ext".ltree)"#,
        ),
        (
            "path: {_descendant_any: [\"a\"]}",
            r#"OPERATOR("my ext".<@) ($1)::"my ext".ltree[])"#,
        ),
        (
            "path: {_matches: \"a\"}",
            r#"OPERATOR("my ext".~) ($1)::"my ext".lquery)"#,
        ),
        (
            "path: {_matches_any: [\"a\"]}",
            r#"OPERATOR("my ext".?) ($1)::"my ext".lquery[])"#,
        ),
        (
            "path: {_matches_fulltext: \"a\"}",
            r#"OPERATOR("my ext".@) ($1)::"my ext".ltxtquery)"#,
        ),
        (
            "outline: {_eq: {type: \"Point\", coordinates: [1, 2]}}",
            r#"OPERATOR("my ext".=) ("my ext".ST_GeomFromGeoJSON(($1)::text))::"my ext".geometry)"#,
        ),
        // Not operators of the extensions.
        ("alias: {_is_null: true}", r#"("_t0"."alias" IS NULL)"#),
        ("area: {_eq: 1}", r#"("_t0"."area" = ($1)::numeric)"#),
    ];
    let rendered = |query: &str| {
        let planned = plan(&schema, query, &Map::new()).unwrap_or_else(|error| panic!("{query}: {error}"));
        let text = render::plan(&planned.plan, &planned.values);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for (condition, expected) in cases {
        let sql = rendered(&format!("{{ place(where: {{{condition}}}) {{ id }} }}"));
        assert!(sql.contains(expected), "{condition}: {sql}");
    }
    for (query, expected) in [
        (
            "{ place_aggregate { aggregate { max { alias } } } }",
            r#""my ext".max("_t1"."alias")"#,
        ),
        (
            "{ place { outline } }",
            r#"("my ext".ST_AsGeoJSON("_t0"."outline", 15, 4))::json"#,
        ),
        (
            "mutation { insert_place(objects: [{outline: \"POINT(1 2)\"}]) { affected_rows } }",
            r#"("my ext".ST_GeomFromGeoJSON("_record"."outline"))::"my ext".geometry"#,
        ),
        (
            "subscription { place_stream(batch_size: 1, cursor: {initial_value: {alias: \"a\"}}) { alias } }",
            r#"OPERATOR("my ext".>)"#,
        ),
    ] {
        let sql = rendered(query);
        assert!(sql.contains(expected), "{query}: {sql}");
    }
}
