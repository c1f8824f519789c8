//! Further types and positions of extensions outside of `search_path`.

use super::TestStack;
use serde_json::{Value, json};

async fn stack() -> TestStack {
    let stack = TestStack::new().await;
    stack
        .engine
        .sql(
            "CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; CREATE EXTENSION ltree SCHEMA ext; CREATE EXTENSION isn SCHEMA ext;
             CREATE DOMAIN handle AS ext.citext CHECK (value <> '');
             CREATE TABLE member (id int PRIMARY KEY, nick handle UNIQUE, shown text, path ext.ltree, book ext.isbn13);
             CREATE TABLE visit (id int PRIMARY KEY, nick ext.citext, shown text, short varchar(9), path ext.ltree);
             INSERT INTO member VALUES (1, 'Ann', 'Ann', 'a.b', '978-1-4493-7320-7'), (2, 'bob', 'bob', 'a', NULL);
             INSERT INTO visit VALUES (1, 'ANN', 'ann', 'Ann', 'a.b'), (2, 'Bob', 'bob', 'BOB', 'a'), (3, 'Ann', 'Ann', NULL, NULL)",
        )
        .await;
    for table in ["member", "visit"] {
        stack.engine.command("track_table", json!(table)).await;
    }
    for (name, here, there) in [
        ("by_nick", "nick", "nick"),
        ("nick_to_text", "nick", "shown"),
        ("text_to_nick", "shown", "nick"),
        ("nick_to_varchar", "nick", "short"),
        ("by_path", "path", "path"),
    ] {
        let manual =
            json!({"manual_configuration": {"remote_table": "visit", "column_mapping": {here: there}}});
        let args = json!({"table": "member", "name": name, "using": manual});
        stack.engine.command("create_array_relationship", args).await;
    }
    stack
}

/// Postgres compares two values of citext without case, and citext with text as text: as with the extension in `public`.
#[tokio::test]
async fn related_columns_may_have_different_types() {
    let stack = stack().await;
    let data = stack
        .data(
            "{ member(order_by: {id: asc}) {
                 by_nick(order_by: {id: asc}) { id } nick_to_text(order_by: {id: asc}) { id } text_to_nick(order_by: {id: asc}) { id }
                 nick_to_varchar { id } by_path { id } by_nick_aggregate { aggregate { count max { id } } } }
               ann: member(where: {text_to_nick: {id: {_eq: 3}}}) { id }
               two: member(where: {by_nick_aggregate: {count: {predicate: {_eq: 2}}}}) { id } }",
            json!({}),
        )
        .await;
    let ids = |ids: &[i32]| ids.iter().map(|id| json!({ "id": id })).collect::<Value>();
    assert_eq!(
        data,
        json!({
            "member": [
                {"by_nick": ids(&[1, 3]), "nick_to_text": ids(&[3]), "text_to_nick": ids(&[3]), "nick_to_varchar": ids(&[1]),
                 "by_path": ids(&[1]), "by_nick_aggregate": {"aggregate": {"count": 2, "max": {"id": 3}}}},
                {"by_nick": ids(&[2]), "nick_to_text": ids(&[2]), "text_to_nick": [], "nick_to_varchar": [],
                 "by_path": ids(&[2]), "by_nick_aggregate": {"aggregate": {"count": 1, "max": {"id": 2}}}},
            ],
            "ann": ids(&[1]),
            "two": ids(&[1]),
        })
    );
}

#[tokio::test]
async fn mutations_and_streams_compare_with_the_extension() {
    let stack = stack().await;
    let data = stack
        .data(
            "mutation {
               insert_member_one(object: {id: 9, nick: \"ANN\", shown: \"new\"},
                 on_conflict: {constraint: member_nick_key, update_columns: [shown], where: {nick: {_eq: \"aNN\"}}}) { id nick shown }
               update_member(where: {nick: {_in: [\"BOB\"]}, path: {_ancestor: \"a.b\"}}, _set: {nick: \"Rob\", book: \"9780393040029\"}) { returning { nick book } }
               update_visit_many(updates: [{where: {nick: {_nin: [\"ann\", \"x\"]}}, _set: {shown: \"many\"}}]) { affected_rows }
               delete_visit(where: {_not: {nick: {_ilike: \"b%\"}}}) { affected_rows } }",
            json!({}),
        )
        .await;
    assert_eq!(
        data,
        json!({
            "insert_member_one": {"id": 1, "nick": "Ann", "shown": "new"},
            "update_member": {"returning": [{"nick": "Rob", "book": "978-0-393-04002-9"}]},
            "update_visit_many": [{"affected_rows": 1}],
            "delete_visit": {"affected_rows": 2},
        })
    );
    let data = stack
        .data(
            "{ member(where: {book: {_gt: \"978-0-393-04002-9\"}}) { id }
               distinct: visit(distinct_on: nick, order_by: {nick: asc}) { id }
               member_aggregate { aggregate { count(columns: nick, distinct: true) min { nick } } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        data,
        json!({"member": [{"id": 1}], "distinct": [{"id": 2}], "member_aggregate": {"aggregate": {"count": 2, "min": {"nick": "Ann"}}}})
    );
    let select = json!({"table": "member", "columns": ["id"], "where": {"nick": {"$eq": "ANN"}, "path": {"_descendant": "a"}},
                        "order_by": "-nick"});
    assert_eq!(stack.engine.command("select", select).await, json!([{"id": 1}]));
}
