//! Cached plans: which operations have one, and that they are equal to plans made for the request.

use crate::{Planned, cases, fixture, plan, render, schema, variables};
use engine_model::session::Session;
use engine_plan::Request;
use engine_plan::document::DocumentCache;
use engine_plan::schema_cache::{ResolvedMetadata, SchemaCache};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Schema cache and document cache of an engine.
pub(crate) struct Planner {
    schema: SchemaCache,
    documents: DocumentCache,
}

impl Planner {
    pub(crate) fn new() -> Self {
        let resolved = ResolvedMetadata {
            metadata: Arc::default(),
            catalog: Arc::default(),
            tracked: Arc::new(fixture::tracked()),
            permissions: Arc::default(),
            inconsistent: Arc::default(),
        };
        Self {
            schema: SchemaCache::new(1, resolved),
            documents: DocumentCache::default(),
        }
    }

    pub(crate) fn plan(&self, query: &str, variables: &Map<String, Value>) -> engine_error::Result<String> {
        let document = self.documents.get(query)?;
        let request = Request {
            operation_name: None,
            variables: Some(variables),
            max_depth: 50,
        };
        let (plan, values) = self
            .schema
            .plan(&Session::admin(), &document, &request, crate::OPTIONS)?;
        Ok(render::plan(&plan, &values))
    }

    fn translations(&self) -> u64 {
        self.schema.plans().translations()
    }
}

fn uncached(query: &str, variables: &Map<String, Value>) -> engine_error::Result<String> {
    let Planned { plan, values } = plan(&schema(), query, variables)?;
    Ok(render::plan(&plan, &values))
}

fn object(variables: Value) -> Map<String, Value> {
    match variables {
        Value::Object(variables) => variables,
        other => panic!("variables are an object: {other}"),
    }
}

#[test]
fn an_operation_is_translated_once_for_all_values() {
    let planner = Planner::new();
    let query = "query ($id: Int!) { author_by_pk(id: $id) { id name } }";
    for id in 0..1000 {
        let plan = planner.plan(query, &object(json!({ "id": id }))).unwrap();
        assert!(plan.ends_with(&format!("-- $1 = {id}\n")), "{plan}");
    }
    assert_eq!(planner.translations(), 1);
}

#[test]
fn leaf_variables_do_not_prevent_caching() {
    let cases = [
        (
            "query ($a: String, $n: Int, $ids: [Int!]) { author(where: {name: {_like: $a}, id: {_in: $ids}}, limit: $n, offset: $n) { id } }",
            json!({"a": "x", "n": 1, "ids": [1, 2]}),
            json!({"a": "y", "n": 2, "ids": []}),
        ),
        (
            "mutation ($title: String!, $author: Int) { insert_article(objects: [{title: $title, author_id: $author}, {title: \"t\", author_id: 2}]) { affected_rows } }",
            json!({"title": "a \"quoted\" title", "author": 1}),
            json!({"title": "b", "author": 2}),
        ),
        (
            "mutation ($id: Int!, $info: jsonb, $keys: [String!]!) { update_author_by_pk(pk_columns: {id: $id}, _set: {name: \"n\"}, _append: {info: $info}) { id } update_author(where: {info: {_has_keys_any: $keys}}, _set: {name: \"m\"}) { affected_rows } }",
            json!({"id": 1, "info": {"a": [1, null]}, "keys": ["a"]}),
            json!({"id": 2, "info": "text", "keys": ["b", "c"]}),
        ),
        (
            "subscription ($from: Int!, $size: Int!) { author_stream(batch_size: $size, cursor: {initial_value: {id: $from}}) { id } }",
            json!({"from": 1, "size": 10}),
            json!({"from": 5, "size": 20}),
        ),
        (
            "subscription ($id: Int!) { author_by_pk(id: $id) { name } }",
            json!({"id": 1}),
            json!({"id": 2}),
        ),
    ];
    for (query, first, second) in cases {
        let planner = Planner::new();
        for variables in [object(first), object(second)] {
            assert_eq!(
                planner.plan(query, &variables).unwrap(),
                uncached(query, &variables).unwrap()
            );
        }
        assert_eq!(planner.translations(), 1, "{query}");
    }
}

#[test]
fn operations_whose_structure_depends_on_values_are_not_cached() {
    let cases = [
        (
            "query ($where: author_bool_exp!) { author(where: $where) { id } }",
            json!({"where": {"id": {"_eq": 1}}}),
        ),
        (
            "query ($id: Int_comparison_exp) { author(where: {id: $id}) { id } }",
            json!({"id": {"_eq": 1}}),
        ),
        (
            "query ($by: [author_order_by!]) { author(order_by: $by) { id } }",
            json!({"by": {"id": "asc"}}),
        ),
        (
            "query ($by: order_by) { author(order_by: {id: $by}) { id } }",
            json!({"by": "desc"}),
        ),
        (
            "query ($on: Boolean!) { author { id name @include(if: $on) } }",
            json!({"on": true}),
        ),
        (
            "query ($null: Boolean) { author(where: {name: {_is_null: $null}}) { id } }",
            json!({"null": false}),
        ),
        (
            "query ($path: String) { author { info(path: $path) } }",
            json!({"path": "a.b"}),
        ),
        (
            "query ($n: Int!) { author(where: {info: {_contains: {n: $n}}}) { id } }",
            json!({"n": 1}),
        ),
        (
            "mutation ($rows: [author_insert_input!]!) { insert_author(objects: $rows) { affected_rows } }",
            json!({"rows": [{"name": "a"}]}),
        ),
        (
            "mutation ($set: author_set_input) { update_author(where: {}, _set: $set) { affected_rows } }",
            json!({"set": {"name": "a"}}),
        ),
        ("{ __schema { queryType { name } } }", json!({})),
    ];
    for (query, variables) in cases {
        let planner = Planner::new();
        for _ in 0..2 {
            planner.plan(query, &object(variables.clone())).unwrap();
        }
        assert_eq!(planner.translations(), 2, "{query}");
        assert!(planner.schema.plans().is_empty(), "{query}");
    }
}

#[test]
fn presence_of_variables_decides_the_plan() {
    let planner = Planner::new();
    let query = "mutation ($name: String) { update_author_by_pk(pk_columns: {id: 1}, _set: {name: $name, info: 1}) { id } }";
    for _ in 0..2 {
        for variables in [json!({}), json!({"name": null}), json!({"name": "a"})] {
            let variables = object(variables);
            assert_eq!(
                planner.plan(query, &variables).unwrap(),
                uncached(query, &variables).unwrap()
            );
        }
    }
    assert_eq!(planner.translations(), 3);
}

#[test]
fn a_value_is_refused_with_the_error_of_its_position() {
    let planner = Planner::new();
    let query = "query ($id: Int!, $n: Int) { author_by_pk(id: $id) { id articles(limit: $n) { id } } }";
    planner.plan(query, &object(json!({"id": 1, "n": 2}))).unwrap();
    for variables in [
        json!({"id": true, "n": 1}),
        json!({"id": 1, "n": -1}),
        json!({"id": 3_000_000_000_u32, "n": 1}),
        json!({"id": null, "n": 1}),
        json!({"n": 1}),
        json!({"id": 1, "n": 1, "m": 1}),
    ] {
        let variables = object(variables);
        assert_eq!(
            planner.plan(query, &variables).unwrap_err(),
            uncached(query, &variables).unwrap_err()
        );
    }
}

/// Other values of the same kind.
fn other(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(flag) => Value::Bool(!flag),
        Value::Number(_) => json!(42),
        Value::String(text) => json!(format!("{text} \"'\\")),
        Value::Array(items) => items.iter().chain(items).map(other).collect(),
        Value::Object(pairs) => pairs
            .iter()
            .map(|(key, value)| (key.clone(), other(value)))
            .collect(),
    }
}

#[test]
fn cached_and_uncached_plans_are_equal() {
    let planner = Planner::new();
    for (name, query) in cases() {
        let variables = variables(&query);
        let others = object(other(&Value::Object(variables.clone())));
        for variables in [&variables, &others, &variables] {
            assert_eq!(
                planner.plan(&query, variables).unwrap(),
                uncached(&query, variables).unwrap(),
                "{name}"
            );
        }
    }
    assert!(!planner.schema.plans().is_empty());
}
