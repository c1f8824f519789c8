//! Golden plans: each request in `plans/cases` and the SQL it becomes, side by side in `plans/golden`. No database: what
//! is tracked is built by hand. To accept a change: `INSTA_UPDATE=always cargo test -p engine --test plans`, then read
//! the diff.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

#[path = "plans/fixture.rs"]
mod fixture;
#[path = "plans/render.rs"]
mod render;

use engine::plan::document::Document;
use engine::plan::{Plan, walk};
use engine::schema::RoleSchema;
use engine::session::Session;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

fn plan(schema: &RoleSchema, query: &str, variables: &Map<String, Value>) -> engine::error::Result<Plan> {
    let document = Document::parse(query)?;
    walk::plan(schema, &Session::admin(), &document, None, Some(variables), 50)
}

fn schema() -> RoleSchema {
    RoleSchema::build(&fixture::tracked(), "admin", true)
}

/// Variables stand in a comment of their own: `# {"id": 1}`.
fn variables(query: &str) -> Map<String, Value> {
    query
        .lines()
        .find_map(|line| line.strip_prefix("# {"))
        .map(|json| serde_json::from_str(&format!("{{{json}")).expect("the variables are JSON"))
        .unwrap_or_default()
}

#[test]
fn requests_become_the_sql_they_became_before() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/plans/cases");
    let schema = schema();
    let mut cases: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("plans/golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for case in cases {
            let query = std::fs::read_to_string(&case).unwrap();
            let name = case.file_stem().unwrap().to_str().unwrap().to_owned();
            let plan =
                plan(&schema, &query, &variables(&query)).unwrap_or_else(|error| panic!("{name}: {error}"));
            insta::assert_snapshot!(name, format!("{}\n{}", query.trim(), render::plan(&plan)));
        }
    });
}

#[test]
fn bad_requests_are_refused_where_they_are_bad() {
    let schema = schema();
    let cases: Vec<(&str, Value, &str, &str, &str)> = vec![
        (
            "{ author { nme } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.selectionSet.nme",
            "field \"nme\" not found in type: 'author'",
        ),
        (
            "{ nobody { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.nobody",
            "field \"nobody\" not found in type: 'query_root'",
        ),
        (
            "mutation { nobody { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.nobody",
            "field \"nobody\" not found in type: 'mutation_root'",
        ),
        (
            "{ author(where: {id: {_like: \"x\"}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args.where.id._like",
            "field \"_like\" not found in type: 'Int_comparison_exp'",
        ),
        (
            "{ author(where: {id: {_eq: null}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args.where.id._eq",
            "unexpected null value for type \"Int\"",
        ),
        (
            "{ author(where: {articles: {nope: {}}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args.where.articles.nope",
            "field \"nope\" not found in type: 'article_bool_exp'",
        ),
        (
            "{ author(where: {_and: [{}, {x: {}}]}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args.where._and[1].x",
            "field \"x\" not found in type: 'author_bool_exp'",
        ),
        (
            "{ author(limit: \"3\") { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args.limit",
            "expected a non-negative 32-bit integer for type \"Int\", but found a string",
        ),
        (
            "{ author(limit: -1) { id } }",
            json!({}),
            "parse-failed",
            "$.selectionSet.author.args.limit",
            "unexpected negative value",
        ),
        (
            "{ author(first: 1) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author",
            "\"author\" has no argument named \"first\"",
        ),
        (
            "{ author(limit: 1, limit: 2) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author",
            "\"author\" is given the argument \"limit\" more than once",
        ),
        (
            "{ author(where: {id: {_gt: 1}, id: {_lt: 5}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args.where.id",
            "the key \"id\" is written more than once",
        ),
        (
            "mutation { insert_author_one(object: {name: \"a\", name: \"b\"}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.insert_author_one.args.object.name",
            "the key \"name\" is written more than once",
        ),
        (
            "{ author_by_pk { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author_by_pk.args.id",
            "missing required field \"id\"",
        ),
        (
            "{ author_by_pk(id: 99999999999) { id } }",
            json!({}),
            "parse-failed",
            "$.selectionSet.author_by_pk.args.id",
            "The value 99999999999 lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?",
        ),
        (
            "{ author(distinct_on: [name], order_by: [{id: asc}]) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args",
            "\"distinct_on\" columns must match initial \"order_by\" columns",
        ),
        (
            "{ author(order_by: {id: up}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args.order_by.id",
            "expected one of the values [\"asc\", \"asc_nulls_first\", \"asc_nulls_last\", \"desc\", \"desc_nulls_first\", \"desc_nulls_last\"] for type \"order_by\", but found \"up\"",
        ),
        (
            "{ author }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author",
            "missing selection set for \"author\"",
        ),
        (
            "{ author { id { x } } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.selectionSet.id",
            "unexpected subselection set for non-object field",
        ),
        (
            "{ author { id: name id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.selectionSet",
            "selection of both \"name\" and \"id\" specify the same response name, \"id\"",
        ),
        (
            "{ author { ...f } } fragment f on author { ...f }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.selectionSet",
            "the fragment definition(s) \"f\" form a cycle",
        ),
        (
            "{ author { ...g } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.selectionSet",
            "reference to undefined fragment \"g\"",
        ),
        (
            "{ author { id @upper } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.selectionSet",
            "directive \"upper\" is not defined in the schema",
        ),
        (
            "query ($id: Int!) { author_by_pk(id: $id) { id } }",
            json!({}),
            "validation-failed",
            "$.variableValues",
            "expecting a value for non-nullable variable: \"id\"",
        ),
        (
            "query ($id: String!) { author_by_pk(id: $id) { id } }",
            json!({"id": "1"}),
            "validation-failed",
            "$.selectionSet.author_by_pk.args.id",
            "variable \"id\" is declared as \"String!\", but used where \"Int!\" is expected",
        ),
        (
            "{ author { id } }",
            json!({"x": 1}),
            "validation-failed",
            "$.variableValues",
            "unexpected variables in variableValues: \"x\"",
        ),
        (
            "{ author(where: {id: {_eq: $x}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args.where.id._eq",
            "unbound variable \"x\"",
        ),
        (
            "{ author { id }",
            json!({}),
            "validation-failed",
            "$.query",
            "not a valid graphql query: syntax error: expected R_CURLY, got EOF (line 1, column 16)",
        ),
        (
            "query a { author { id } } query b { author { id } }",
            json!({}),
            "validation-failed",
            "$",
            "exactly one operation has to be present in the document when operationName is not specified",
        ),
        (
            "subscription { author { id } article { id } }",
            json!({}),
            "validation-failed",
            "$",
            "subscriptions must select one top level field",
        ),
        (
            "mutation { update_author(where: {}) { affected_rows } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.update_author.args",
            "at least any one of _append, _delete_at_path, _delete_elem, _delete_key, _inc, _prepend, _set is expected",
        ),
        (
            "mutation { update_author(where: {}, _set: {id: 1}, _inc: {id: 1}) { affected_rows } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.update_author.args",
            "column found in multiple operators: \"id\"",
        ),
        (
            "mutation { update_author(where: null, _set: {id: 1}) { affected_rows } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.update_author.args.where",
            "expected an object for type \"author_bool_exp\", but found null",
        ),
        (
            "mutation { insert_author(objects: [{nme: \"x\"}]) { affected_rows } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.insert_author.args.objects[0].nme",
            "field \"nme\" not found in type: 'author_insert_input'",
        ),
        (
            "mutation { insert_author(objects: [{name: 1}]) { affected_rows } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.insert_author.args.objects[0].name",
            "expected a string for type \"String\", but found an integer",
        ),
        (
            "mutation { insert_author { affected_rows } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.insert_author.args.objects",
            "missing required field \"objects\"",
        ),
        (
            "mutation { insert_author(objects: [], on_conflict: {constraint: nope}) { affected_rows } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.insert_author.args.on_conflict.constraint",
            "expected one of the values [\"author_pkey\", \"author_name_key\"] for type \"author_constraint\", but found \"nope\"",
        ),
        (
            "mutation { insert_article(objects: [{author_id: 4, author: {data: {name: \"x\"}}}]) { affected_rows } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.insert_article.args.objects[0].author",
            "cannot insert object relationship \"author\" as \"author_id\" column values are already determined",
        ),
        (
            "mutation { insert_author(objects: [{articles: {data: [{author_id: 4}]}}]) { affected_rows } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.insert_author.args.objects[0].articles.data[0]",
            "cannot insert \"author_id\" columns as their values are already being determined by parent insert",
        ),
        (
            "mutation { insert_author_view(objects: []) { affected_rows } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.insert_author_view",
            "field \"insert_author_view\" not found in type: 'mutation_root'",
        ),
    ];
    for (query, variables, code, path, message) in cases {
        let variables = variables.as_object().unwrap();
        let error = plan(&schema, query, variables).expect_err(query);
        assert_eq!(
            (
                error.code.as_str(),
                error.path.to_string().as_str(),
                error.message.as_str()
            ),
            (code, path, message),
            "{query}"
        );
    }
}

#[test]
fn a_role_without_permissions_sees_nothing() {
    let schema = RoleSchema::build(&fixture::tracked(), "user", true);
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
        assert_eq!(error.message, "this asks for too much of the schema at once");
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
    assert_eq!(render::plan(&once), render::plan(&twice));
    let error = plan(
        &schema(),
        &format!("{{ author {{ {fields} f77: id }} }}"),
        &Map::new(),
    );
    assert!(error.unwrap_err().message.contains("same response name, \"f77\""));
}

#[test]
fn introspection_shows_what_can_be_asked() {
    let schema = schema();
    let sdl = schema.introspection().expect("the type system is valid").sdl();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("plans/golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("type_system", sdl));

    let query = "query ($name: String!) { __type(name: $name) { ...t } t: __typename } fragment t on __Type { kind name }";
    let plan = plan(&schema, query, json!({"name": "author"}).as_object().unwrap()).unwrap();
    let Plan::Query(fields) = plan else {
        panic!("a query is planned as one")
    };
    let answers: Vec<String> = fields
        .iter()
        .map(|field| format!("{}: {}", field.key, render::value(&field.value)))
        .collect();
    assert_eq!(
        answers,
        [
            r#"__type: {"kind":"OBJECT","name":"author"}"#,
            r#"t: "query_root""#
        ]
    );
}
