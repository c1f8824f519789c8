//! Requests that would take too much time, memory or stack are refused before they are planned.

use super::{plan, render, schema};
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
