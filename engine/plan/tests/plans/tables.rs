//! Tables that statements read and write.

use crate::{plan, schema};
use engine_sql::Relation;
use serde_json::Map;
use std::collections::BTreeSet;

/// Returns the names of the tables that the statements of an operation read, and of those that they write.
fn tables(query: &str) -> (Vec<String>, Vec<String>) {
    let planned = plan(&schema(), query, &Map::new()).unwrap();
    let (mut reads, mut writes) = (BTreeSet::new(), BTreeSet::new());
    planned.plan.statements(&mut |statement| {
        let name = |relation: &Relation| relation.name.clone();
        reads.extend(statement.reads.iter().map(name));
        writes.extend(statement.writes.iter().map(name));
    });
    (reads.into_iter().collect(), writes.into_iter().collect())
}

#[test]
fn all_tables_of_a_subscription_are_read() {
    const NONE: [&str; 0] = [];
    for (query, read) in [
        ("subscription { author { name } }", vec!["author"]),
        (
            "subscription { author { articles { title } } }",
            vec!["article", "author"],
        ),
        (
            "subscription { author { articles_aggregate { aggregate { count } } } }",
            vec!["article", "author"],
        ),
        (
            "subscription { author(where: {articles: {title: {_eq: \"a\"}}}) { id } }",
            vec!["article", "author"],
        ),
        (
            "subscription { article(order_by: {author: {name: asc}}) { id } }",
            vec!["article", "author"],
        ),
        (
            "subscription { article_stream(batch_size: 1, cursor: {initial_value: {id: 1}}) { author { id } } }",
            vec!["article", "author"],
        ),
    ] {
        assert_eq!(
            tables(query),
            (
                read.into_iter().map(str::to_owned).collect(),
                NONE.map(str::to_owned).to_vec()
            ),
            "{query}"
        );
    }
}

#[test]
fn all_tables_of_a_mutation_are_written() {
    for (mutation, written) in [
        (
            "insert_author(objects: {name: \"a\"}) { affected_rows }",
            vec!["author"],
        ),
        (
            "insert_author(objects: {name: \"a\", articles: {data: {title: \"t\"}}}) { affected_rows }",
            vec!["article", "author"],
        ),
        (
            "update_author(where: {articles: {id: {_eq: 1}}}, _set: {name: \"a\"}) { returning { articles { id } } }",
            vec!["author"],
        ),
        (
            "delete_article(where: {author: {id: {_eq: 1}}}) { affected_rows }",
            vec!["article"],
        ),
        (
            "delete_article(where: {}) { affected_rows } insert_author_one(object: {name: \"a\"}) { id }",
            vec!["article", "author"],
        ),
    ] {
        let (_, writes) = tables(&format!("mutation {{ {mutation} }}"));
        assert_eq!(writes, written, "{mutation}");
    }
}
