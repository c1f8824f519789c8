//! Requests that cannot be planned, each with the code, the path and the message that say so.

use crate::{plan, schema};
use serde_json::{Value, json};

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
            "{ missing { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.missing",
            "field \"missing\" not found in type: 'query_root'",
        ),
        (
            "mutation { missing { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.missing",
            "field \"missing\" not found in type: 'mutation_root'",
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
            "$.selectionSet.author.selectionSet.f.selectionSet",
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
            "unexpected variables in variableValues: x",
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
            "{ author(where: {articles_aggregate: {count: {distinct: true}}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args.where.articles_aggregate.count.predicate",
            "missing required field \"predicate\"",
        ),
        (
            "{ author(where: {articles_aggregate: {median: {predicate: {_eq: 1}}}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args.where.articles_aggregate.median",
            "field \"median\" not found in type: 'article_aggregate_bool_exp'",
        ),
        (
            "{ author(where: {articles_aggregate: {sum: {predicate: {_eq: 1}}}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args.where.articles_aggregate.sum.arguments",
            "missing required field \"arguments\"",
        ),
        (
            "{ author(where: {articles_aggregate: {sum: {arguments: words, predicate: {_eq: 1}}}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args.where.articles_aggregate.sum.arguments",
            "unexpected value \"words\" for enum: 'article_select_column_article_aggregate_bool_exp_sum_arguments_columns'",
        ),
        (
            "{ author(where: {articles_aggregate: {corr: {arguments: {X: rating}, predicate: {_eq: 1}}}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args.where.articles_aggregate.corr.arguments.Y",
            "missing required field \"Y\"",
        ),
        (
            "{ author(where: {articles_aggregate: {bool_and: {arguments: title, predicate: {_eq: true}}}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args.where.articles_aggregate.bool_and.arguments",
            "unexpected value \"title\" for enum: 'article_select_column_article_aggregate_bool_exp_bool_and_arguments_columns'",
        ),
        (
            "{ author(where: {articles_aggregate: {count: {predicate: {_gt: true}}}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args.where.articles_aggregate.count.predicate._gt",
            "expected a 32-bit integer for type \"Int\", but found a boolean",
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
            "Column found in multiple operators: \"id\"",
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
        (
            "subscription { author_stream(batch_size: 1, cursor: []) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author_stream.args.cursor",
            "one streaming column field is expected",
        ),
        (
            "subscription { author_stream(batch_size: 1, cursor: [{initial_value: {id: 1}}, {initial_value: {id: 2}}]) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author_stream.args.cursor",
            "multiple column cursors are not supported yet",
        ),
        (
            "subscription { author_stream(batch_size: 1, cursor: {initial_value: {id: 1, name: \"a\"}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author_stream.args.cursor.initial_value",
            "expected an object with one column for type \"author_stream_cursor_value_input\": the one that the stream is ordered by",
        ),
        (
            "subscription { author_stream(batch_size: 1, cursor: {initial_value: {id: null}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author_stream.args.cursor.initial_value.id",
            "unexpected null value for type \"Int\"",
        ),
        (
            "subscription { author_stream(batch_size: 1, cursor: {ordering: ASC}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author_stream.args.cursor.initial_value",
            "missing required field \"initial_value\"",
        ),
        (
            "subscription ($by: cursor_ordering) { author_stream(batch_size: 1, cursor: {initial_value: {id: 1}, ordering: $by}) { id } }",
            json!({"by": "UP"}),
            "validation-failed",
            "$.selectionSet.author_stream.args.cursor.ordering",
            "expected one of the values [\"ASC\", \"DESC\"] for type \"cursor_ordering\", but found \"UP\"",
        ),
        (
            "subscription { author_stream(batch_size: 0, cursor: {initial_value: {id: 1}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author_stream.args.batch_size",
            "a batch has at least one row",
        ),
        (
            "subscription { author_stream(cursor: {initial_value: {id: 1}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author_stream.args.batch_size",
            "missing required field \"batch_size\"",
        ),
        (
            "subscription @_multiple_top_level_fields { author_stream(batch_size: 1, cursor: {initial_value: {id: 1}}) { id } author { id } }",
            json!({}),
            "validation-failed",
            "$",
            "a streaming subscription must be the only top level field of its operation",
        ),
        (
            "{ author_stream(batch_size: 1, cursor: {initial_value: {id: 1}}) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author_stream",
            "field \"author_stream\" not found in type: 'query_root'",
        ),
        (
            "{ author { id ...authorFragment } } \
             fragment authorFragment on author { articles { ...articleFragment } } \
             fragment articleFragment on article { author { ...authorFragment } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.selectionSet.authorFragment.selectionSet.articles.selectionSet.articleFragment.selectionSet.author.selectionSet",
            "the fragment definition(s) \"authorFragment\" and \"articleFragment\" form a cycle",
        ),
        (
            "query ($n: Int) { author(limit: $n) { id } }",
            json!({"n": 2.5}),
            "parse-failed",
            "$.selectionSet.author.args.limit",
            "The value 2.5 lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?",
        ),
        (
            "{ author(limit: -1) { id } }",
            json!({}),
            "validation-failed",
            "$.selectionSet.author.args.limit",
            "expected a non-negative 32-bit integer for type \"Int\", but found an integer",
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

/// Null, and a variable that is not given, in every position of a condition: none of them may be true for every row.
#[test]
fn null_is_not_an_absent_condition() {
    let schema = schema();
    let no_int = "unexpected null value for type \"Int\"";
    let no_string = "unexpected null value for type \"String\"";
    let no_object = |ty: &str| format!("expected an object for type \"{ty}\", but found null");
    let cases: Vec<(&str, &str, &str, String)> = vec![
        // Declaration, condition, path in the condition, message.
        ("Int", "{id: {_eq: NULL}}", "id._eq", no_int.to_owned()),
        ("Int", "{id: {_neq: NULL}}", "id._neq", no_int.to_owned()),
        ("Int", "{id: {_gte: NULL}}", "id._gte", no_int.to_owned()),
        ("[Int!]", "{id: {_in: NULL}}", "id._in", no_int.to_owned()),
        ("Int", "{id: {_in: [1, NULL]}}", "id._in[1]", no_int.to_owned()),
        ("[Int!]", "{id: {_nin: NULL}}", "id._nin", no_int.to_owned()),
        (
            "Boolean",
            "{id: {_is_null: NULL}}",
            "id._is_null",
            "unexpected null value for type \"Boolean\"".to_owned(),
        ),
        (
            "String",
            "{name: {_ilike: NULL}}",
            "name._ilike",
            no_string.to_owned(),
        ),
        (
            "jsonb",
            "{info: {_contains: NULL}}",
            "info._contains",
            "unexpected null value for type \"jsonb\"".to_owned(),
        ),
        (
            "[String!]",
            "{info: {_has_keys_any: NULL}}",
            "info._has_keys_any",
            no_string.to_owned(),
        ),
        (
            "String",
            "{info: {_cast: {String: {_like: NULL}}}}",
            "info._cast.String._like",
            no_string.to_owned(),
        ),
        (
            "String_comparison_exp",
            "{info: {_cast: {String: NULL}}}",
            "info._cast.String",
            no_object("String_comparison_exp"),
        ),
        (
            "jsonb_cast_exp",
            "{info: {_cast: NULL}}",
            "info._cast",
            no_object("jsonb_cast_exp"),
        ),
        (
            "Int_comparison_exp",
            "{id: NULL}",
            "id",
            no_object("Int_comparison_exp"),
        ),
        (
            "author_bool_exp",
            "{_not: NULL}",
            "_not",
            no_object("author_bool_exp"),
        ),
        (
            "[author_bool_exp!]",
            "{_and: NULL}",
            "_and",
            "expected a list, but found null".to_owned(),
        ),
        (
            "[author_bool_exp!]",
            "{_or: NULL}",
            "_or",
            "expected a list, but found null".to_owned(),
        ),
        (
            "author_bool_exp",
            "{_and: [{}, NULL]}",
            "_and[1]",
            no_object("author_bool_exp"),
        ),
        (
            "article_bool_exp",
            "{articles: NULL}",
            "articles",
            no_object("article_bool_exp"),
        ),
        (
            "Int",
            "{articles: {id: {_lt: NULL}}}",
            "articles.id._lt",
            no_int.to_owned(),
        ),
        (
            "Int",
            "{articles: {author: {id: {_lt: NULL}}}}",
            "articles.author.id._lt",
            no_int.to_owned(),
        ),
        (
            "article_aggregate_bool_exp",
            "{articles_aggregate: NULL}",
            "articles_aggregate",
            no_object("article_aggregate_bool_exp"),
        ),
        (
            "article_aggregate_bool_exp_count",
            "{articles_aggregate: {count: NULL}}",
            "articles_aggregate.count",
            no_object("article_aggregate_bool_exp_count"),
        ),
        (
            "Int",
            "{articles_aggregate: {count: {predicate: {_gt: NULL}}}}",
            "articles_aggregate.count.predicate._gt",
            no_int.to_owned(),
        ),
        (
            "article_bool_exp",
            "{articles_aggregate: {count: {filter: NULL, predicate: {_gt: 1}}}}",
            "articles_aggregate.count.filter",
            no_object("article_bool_exp"),
        ),
    ];
    let operations = [
        (
            "mutation",
            "delete_author(where: WHERE) { affected_rows }",
            "delete_author.args.where",
        ),
        (
            "mutation",
            "update_author(where: WHERE, _set: {name: \"n\"}) { affected_rows }",
            "update_author.args.where",
        ),
        (
            "mutation",
            "update_author_many(updates: [{where: WHERE, _set: {name: \"n\"}}]) { affected_rows }",
            "update_author_many.args.updates[0].where",
        ),
        (
            "mutation",
            "insert_author(objects: [], on_conflict: {constraint: author_pkey, update_columns: [name], where: WHERE}) { affected_rows }",
            "insert_author.args.on_conflict.where",
        ),
        ("query", "author(where: WHERE) { id }", "author.args.where"),
        (
            "query",
            "author_aggregate(where: WHERE) { aggregate { count } }",
            "author_aggregate.args.where",
        ),
        (
            "query",
            "article { author { articles { author { articles(where: {author: WHERE}) { id } } } } }",
            "article.selectionSet.author.selectionSet.articles.selectionSet.author.selectionSet.articles.args.where.author",
        ),
        ("subscription", "author(where: WHERE) { id }", "author.args.where"),
        (
            "subscription",
            "author_stream(batch_size: 1, cursor: {initial_value: {id: 1}}, where: WHERE) { id }",
            "author_stream.args.where",
        ),
    ];
    for (declared, condition, path, message) in &cases {
        for (kind, field, place) in operations {
            let query = |null: &str| field.replace("WHERE", &condition.replace("NULL", null));
            let unset = format!("{kind} ($v: {declared}) {{ {} }}", query("$v"));
            let requests = [
                (unset.clone(), json!({})),
                (unset, json!({"v": null})),
                (
                    format!("{kind} ($v: {declared} = null) {{ {} }}", query("$v")),
                    json!({}),
                ),
                (format!("{kind} {{ {} }}", query("null")), json!({})),
            ];
            for (query, variables) in requests {
                let error = plan(&schema, &query, variables.as_object().unwrap()).expect_err(&query);
                assert_eq!(
                    (error.path.to_string(), &error.message),
                    (format!("$.selectionSet.{place}.{path}"), message),
                    "{query}"
                );
            }
        }
    }
}
