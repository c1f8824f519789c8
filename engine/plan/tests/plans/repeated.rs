//! Operations that repeat their variables and fragments: the work is in proportion to the size of the request.

use crate::cached::Planner;
use crate::{plan, schema};
use serde_json::{Map, Value, json};

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => unreachable!("the tests pass objects"),
    }
}

/// Returns the message with which an operation is refused.
fn refused(query: &str, variables: Value) -> String {
    let error = plan(&schema(), query, &map(variables)).expect_err("the operation must be refused");
    assert_eq!(error.code.as_str(), "validation-failed");
    error.message
}

fn parameters(query: &str, variables: Value) -> usize {
    let planned = plan(&schema(), query, &map(variables)).expect("the operation can be planned");
    planned.plan.max_params()
}

#[test]
fn repeated_values_are_refused() {
    let condition = json!({"_or": vec![json!({"id": {"_eq": 1}}); 1000]});
    let row = json!({"name": "x".repeat(1000)});
    let long = "x".repeat(100_000);
    let list = |item: &str, count: usize| vec![item; count].join(", ");
    let numbered = |count: usize, field: &dyn Fn(usize) -> String| {
        let fields: Vec<String> = (0..count).map(field).collect();
        fields.join(" ")
    };
    let spreads = numbered(1000, &|i| format!("a{i}: author {{ ...f }}"));
    let literal = vec!["{id: {_eq: 1}}"; 1000].join(", ");
    let cases = [
        (
            format!(
                "query($a: author_bool_exp!) {{ author(where: {{_and: [{}]}}) {{ id }} }}",
                list("$a", 2000)
            ),
            json!({"a": condition}),
        ),
        (
            format!(
                "query($a: author_bool_exp! = {{_or: [{literal}]}}) {{ author(where: {{_and: [{}]}}) {{ id }} }}",
                list("$a", 2000)
            ),
            json!({}),
        ),
        (
            format!(
                "query($a: [author_order_by!]) {{ {} }}",
                numbered(2000, &|i| format!("a{i}: author(order_by: $a) {{ id }}"))
            ),
            json!({"a": vec![json!({"id": "asc"}); 1000]}),
        ),
        (
            format!(
                "mutation($o: author_insert_input!) {{ insert_author(objects: [{}]) {{ affected_rows }} }}",
                list("$o", 20_000)
            ),
            json!({"o": row}),
        ),
        (
            format!(
                "mutation($t: String) {{ update_author(where: {{}}, _set: {{info: [{}]}}) {{ affected_rows }} }}",
                list("$t", 2000)
            ),
            json!({"t": long}),
        ),
        (
            format!(
                "{{ {spreads} }} fragment f on author {{ articles(where: {{_or: [{literal}]}}) {{ id }} }}"
            ),
            json!({}),
        ),
    ];
    for (query, variables) in cases {
        let message = refused(&query, variables);
        let head: String = query.chars().take(80).collect();
        assert!(
            message.contains("repeats its variables or fragments"),
            "{head}: {message}"
        );
    }
}

#[test]
fn large_values_used_once_are_accepted() {
    let rows = vec![json!({"name": "a name"}); 20_000];
    let insert = "mutation($o: [author_insert_input!]!) { insert_author(objects: $o) { affected_rows } }";
    assert_eq!(parameters(insert, json!({"o": rows})), 1);
    let condition = json!({"_or": vec![json!({"id": {"_eq": 1}}); 10_000]});
    let select = "query($a: author_bool_exp!) { author(where: $a) { id } }";
    assert_eq!(parameters(select, json!({"a": condition})), 10_000);
}

#[test]
fn a_variable_used_several_times_is_one_parameter() {
    let conditions = vec!["{name: {_eq: $n}}"; 1000].join(", ");
    let query = format!("query($n: String!) {{ author(where: {{_or: [{conditions}]}}) {{ id }} }}");
    assert_eq!(parameters(&query, json!({"n": "x".repeat(100_000)})), 1);
}

#[test]
fn the_sql_of_an_operation_is_bounded() {
    let alias = "a".repeat(500);
    let fields: Vec<String> = (0..19_000).map(|i| format!("{alias}{i}: name")).collect();
    let fields = fields.join(" ");
    let message = refused(&format!("{{ author {{ {fields} }} }}"), json!({}));
    assert!(message.contains("bytes of SQL"), "{message}");
}

/// Plans through the cache, which checks the values of each request; returns the message of an error.
fn planned_with_cache(query: &str, variables: Value) -> Result<(), String> {
    let planned = Planner::new().plan(query, &map(variables));
    planned.map(drop).map_err(|error| error.message)
}

#[test]
fn a_long_variable_cannot_be_used_by_many_rows_or_statements() {
    let long = json!({"v": "x".repeat(1024 * 1024)});
    let rows = |count: usize| {
        let rows = vec!["{name: $v}"; count].join(", ");
        format!("mutation($v: String!) {{ insert_author(objects: [{rows}]) {{ affected_rows }} }}")
    };
    let fields = |count: usize| -> String {
        let fields: Vec<String> = (0..count)
            .map(|i| format!("a{i}: author(where: {{name: {{_eq: $v}}}}) {{ id }}"))
            .collect();
        format!("query($v: String!) {{ {} }}", fields.join(" "))
    };
    for query in [rows(1000), fields(1000)] {
        let message = planned_with_cache(&query, long.clone()).expect_err("the operation must be refused");
        assert!(message.contains("uses its variables so often"), "{message}");
    }
    for query in [rows(10), fields(10)] {
        assert_eq!(planned_with_cache(&query, long.clone()), Ok(()));
    }
    // The same operation with a short value.
    assert_eq!(planned_with_cache(&rows(1000), json!({"v": "x"})), Ok(()));
}
