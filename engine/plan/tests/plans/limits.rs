//! Requests that would take too much time, memory or stack are refused before they are planned.

use super::{fixture, permitted, plan, render, schema};
use engine_plan::schema::RoleSchema;
use serde_json::{Map, Value, json};

#[test]
fn a_small_document_cannot_grow_without_bound() {
    let mut query = String::from("{ author { ...f0 } }");
    for level in 0..40 {
        use std::fmt::Write as _;
        write!(query, " fragment f{level} on author {{ a: articles {{ author {{ ...f{0} }} }} b: articles {{ author {{ ...f{0} }} }} }}", level + 1).unwrap();
    }
    query.push_str(" fragment f40 on author { id }");
    let error = plan(&schema(), &query, &Map::new()).expect_err("the document is refused");
    assert_eq!(error.code.as_str(), "validation-failed");
    assert!(
        error.message.contains("more than") || error.message.contains("deeper than"),
        "{}",
        error.message
    );

    let deep = format!("{}id{}", "{ author { articles ".repeat(100), " } }".repeat(100));
    plan(&schema(), &deep, &Map::new()).expect_err("syntax this deep is refused");
    let conditions = format!(
        "{{ author(where: {}{{}}{}) {{ id }} }}",
        "{_not: ".repeat(150),
        "}".repeat(150)
    );
    drop(plan(&schema(), &conditions, &Map::new()));
}

#[test]
fn a_long_chain_of_fragments_is_refused_before_it_takes_the_stack() {
    use std::fmt::Write as _;
    for (root, ty) in [("author { ...f0 }", "author"), ("__schema { ...f0 }", "__Schema")] {
        let mut query = format!("{{ {root} }}");
        for level in 0..8_000 {
            write!(query, " fragment f{level} on {ty} {{ ...f{} }}", level + 1).unwrap();
        }
        write!(query, " fragment f8000 on {ty} {{ __typename }}").unwrap();
        let error = plan(&schema(), &query, &Map::new()).expect_err("the document is refused");
        assert_eq!(error.message, "fragments nest deeper than 100 levels");
    }
}

#[test]
fn introspection_answers_what_tools_ask_and_not_a_thousand_times_that() {
    let types =
        "types { name fields(includeDeprecated: true) { name args { name type { ...t } } type { ...t } }
        inputFields { name type { ...t } } enumValues { name } possibleTypes { ...t } }";
    let fragment =
        "fragment t on __Type { kind name ofType { kind name ofType { kind name ofType { name } } } }";
    plan(
        &schema(),
        &format!("{{ __schema {{ {types} }} }} {fragment}"),
        &Map::new(),
    )
    .expect("tools ask so");
    let again: Vec<String> = (0..1_000).map(|n| format!("a{n}: {types}")).collect();
    let within = format!("{{ __schema {{ {} }} }} {fragment}", again.join(" "));
    let beside: Vec<String> = (0..1_000)
        .map(|n| format!("a{n}: __schema {{ {types} }}"))
        .collect();
    for query in [within, format!("{{ {} }} {fragment}", beside.join(" "))] {
        let error = plan(&schema(), &query, &Map::new()).expect_err("the document is refused");
        assert_eq!(error.message, "introspection query exceeds the cost limit");
    }
    let cycle = "{ __schema { types { ...t } } } fragment t on __Type { ofType { ...t } }";
    let error = plan(&schema(), cycle, &Map::new()).expect_err("a fragment that spreads itself");
    assert_eq!(error.message, "the fragment definition(s) \"t\" form a cycle");
}

#[test]
fn more_values_than_a_statement_takes_are_refused() {
    let many = |count: i32| -> Map<String, Value> {
        let any: Vec<Value> = (0..count).map(|n| json!({"id": {"_eq": n}})).collect();
        [("where".to_owned(), json!({"_or": any}))].into_iter().collect()
    };
    let query = "($where: author_bool_exp!) { author(where: $where) { id } }";
    for (kind, most) in [("query", 65_535), ("subscription", 1_600)] {
        let query = format!("{kind} {query}");
        plan(&schema(), &query, &many(most)).expect("as many as fit");
        let error = plan(&schema(), &query, &many(most + 1)).expect_err("one too many");
        assert!(error.message.contains(&format!("{most} are possible")), "{error}");
    }
    let ids: Vec<i32> = (0..100_000).collect();
    let list = json!({"where": {"id": {"_in": ids}}});
    plan(&schema(), &format!("query {query}"), list.as_object().unwrap()).expect("a list is one value");
}

#[test]
fn conditions_on_more_related_rows_than_a_statement_takes_are_refused() {
    let many = |count: usize| -> Map<String, Value> {
        let any = vec![json!({"articles": {"title": {"_eq": "t"}}}); count];
        [("where".to_owned(), json!({"_or": any}))].into_iter().collect()
    };
    let query = "query ($where: author_bool_exp!) { author(where: $where) { id } }";
    plan(&schema(), query, &many(990)).expect("as many as fit");
    let error = plan(&schema(), query, &many(1_001)).expect_err("too many");
    assert!(error.message.contains("more than 1000 subqueries"), "{error}");
    // Each field of a mutation is a statement.
    let fields = ["a", "b"].map(|key| format!("{key}: delete_author(where: $where) {{ affected_rows }}"));
    let mutation = format!("mutation ($where: author_bool_exp!) {{ {} }}", fields.join(" "));
    plan(&schema(), &mutation, &many(600)).expect("600 in each statement");
}

#[test]
fn roles_other_than_admin_have_fewer_conditions_in_a_statement() {
    let query = "query ($where: author_bool_exp!) { author(where: $where) { name } }";
    let and = |conditions: Vec<Value>| json!({ "where": { "_and": conditions } });
    let with = |schema: &RoleSchema, variables: &Value| plan(schema, query, variables.as_object().unwrap());
    let role = permitted::schema(fixture::tracked(), "user", false);
    let names = |count: usize| {
        (0..count)
            .map(|n| json!({"name": {"_eq": n.to_string()}}))
            .collect()
    };
    with(&role, &and(names(4_990))).expect("as many as fit");
    // Each pair of conditions costs Postgres time while it plans; objects without conditions cost it too.
    let beside = vec![json!({"name": {"_is_null": false, "_like": "a", "_gt": "a"}}); 2_600];
    for many in [
        names(5_001),
        vec![json!({}); 10_001],
        vec![json!({"_not": {}}); 5_001],
        beside,
    ] {
        let variables = and(many);
        let error = with(&role, &variables).expect_err("too many");
        assert!(error.message.contains("more than 10000 conditions"), "{error}");
        with(&schema(), &variables).expect("admin may send more");
    }
    let error = with(&schema(), &and(vec![json!({}); 200_001])).expect_err("too many for admin");
    assert!(error.message.contains("more than 200000 conditions"), "{error}");
}

#[test]
fn many_rows_with_different_columns_are_refused() {
    let query =
        "mutation ($rows: [article_insert_input!]!) { insert_article(objects: $rows) { affected_rows } }";
    let mut rows = vec![json!({"title": "t", "author_id": 1}); 60_000];
    let variables = |rows: &[Value]| json!({ "rows": rows }).as_object().unwrap().clone();
    plan(&schema(), query, &variables(&rows)).expect("rows with equal columns are one array per column");
    rows.push(json!({"title": "t", "author_id": 1, "words": 2, "code": "c"}));
    let error = plan(&schema(), query, &variables(&rows)).expect_err("too many values");
    assert!(error.message.contains("200000 are possible"), "{error}");
    plan(&schema(), query, &variables(&rows[20_000..])).expect("fewer rows");
}

#[test]
fn many_fields_of_one_type_are_merged_by_key() {
    let fields: Vec<String> = (0..100).map(|n| format!("f{n}: name")).collect();
    let fields = fields.join(" ");
    let once = plan(&schema(), &format!("{{ author {{ {fields} }} }}"), &Map::new()).unwrap();
    let twice = plan(
        &schema(),
        &format!("{{ author {{ {fields} {fields} }} }}"),
        &Map::new(),
    )
    .unwrap();
    assert_eq!(
        render::plan(&once.plan, &once.values),
        render::plan(&twice.plan, &twice.values)
    );
    let error = plan(
        &schema(),
        &format!("{{ author {{ {fields} f77: id }} }}"),
        &Map::new(),
    );
    assert!(error.unwrap_err().message.contains("same response name, \"f77\""));
}
