//! Null and unset variables in conditions.

use crate::{plan, schema};
use serde_json::json;

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
