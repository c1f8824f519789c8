//! Columns that the conditions of data commands compare. Which rows a command selects reveals the compared values, so the
//! role must be able to read each of these columns.

use super::{ANN, Stack};
use serde_json::{Value, json};

/// Role `user` reads and changes all rows of both tables, and cannot read `article.author_name`, `article.words` and
/// `author.email`.
async fn stack() -> Stack {
    let stack = Stack::new().await;
    let select = json!({"columns": ["id", "title", "author_id"], "filter": {}, "allow_aggregations": true});
    stack.permit("select", "article", select).await;
    let select = json!({"columns": ["id", "name"], "filter": {}, "allow_aggregations": true});
    stack.permit("select", "author", select).await;
    let update = json!({"columns": ["title"], "filter": {}});
    stack.permit("update", "article", update).await;
    stack.permit("delete", "article", json!({"filter": {}})).await;
    stack
}

/// Returns each command of the role with a condition on the table `article`.
fn commands(condition: &Value) -> [(&'static str, Value); 4] {
    [
        (
            "select",
            json!({"table": "article", "columns": ["id"], "where": condition}),
        ),
        ("count", json!({"table": "article", "where": condition})),
        (
            "update",
            json!({"table": "article", "$set": {"title": "changed"}, "where": condition}),
        ),
        ("delete", json!({"table": "article", "where": condition})),
    ]
}

#[tokio::test]
async fn unreadable_column_cannot_be_compared_anywhere_in_a_condition() {
    let stack = stack().await;
    for (condition, column) in [
        // The column of the condition.
        (json!({"author_name": "Ann"}), "author_name"),
        (json!({"author_name": {"$like": "A%"}}), "author_name"),
        (json!({"author_name": {"_ceq": "title"}}), "author_name"),
        (json!({"$not": {"words": {"_gt": 1}}}), "words"),
        // The column that it is compared with.
        (json!({"title": {"_ceq": "author_name"}}), "author_name"),
        (json!({"title": {"_ceq": ["author_name"]}}), "author_name"),
        (json!({"title": {"$cne": ["$", "author_name"]}}), "author_name"),
        // A column of the outermost row.
        (
            json!({"author": {"name": {"_ceq": ["$", "author_name"]}}}),
            "author_name",
        ),
        (
            json!({"_or": [{"author": {"_not": {"name": {"$ceq": ["$", "author_name"]}}}}]}),
            "author_name",
        ),
        (
            json!({"author": {"articles": {"title": {"_ceq": ["$", "author_name"]}}}}),
            "author_name",
        ),
        (
            json!({"_exists": {"_table": "author", "_where": {"name": {"_ceq": ["$", "author_name"]}}}}),
            "author_name",
        ),
        // A column of a related or any other table.
        (json!({"author": {"email": {"_is_null": false}}}), "email"),
        (json!({"author": {"name": {"_ceq": "email"}}}), "email"),
        (json!({"author": {"name": {"_ceq": ["email"]}}}), "email"),
        (
            json!({"_exists": {"_table": "author", "_where": {"email": {"_like": "a%"}}}}),
            "email",
        ),
        (
            json!({"$exists": {"$table": "author", "$where": {"name": {"$ceq": "email"}}}}),
            "email",
        ),
    ] {
        for (kind, args) in commands(&condition) {
            let (code, path, message) = stack.denied(ANN, kind, args).await;
            assert_eq!(code, "permission-denied", "{kind} {condition}: {message}");
            assert!(path.starts_with("$.args.where"), "{kind} {condition}: {path}");
            assert_eq!(
                message,
                format!("role \"user\" does not have permission to select column \"{column}\""),
                "{kind} {condition}"
            );
        }
    }
    let unchanged = "SELECT count(*) FROM article WHERE title IN ('a1', 'a2', 'b1', 'b2')";
    assert_eq!(stack.count(unchanged).await, 4);
    // In the condition of a relationship, the outermost row is that of the relationship.
    let nested = |column: &str| {
        json!({"table": "article", "order_by": "id", "columns": ["id", {
            "name": "author", "columns": ["name"], "where": {"articles": {"title": {"_ceq": ["$", column]}}},
        }]})
    };
    let (code, _, message) = stack.denied(ANN, "select", nested("email")).await;
    assert_eq!(
        (&*code, &*message),
        (
            "permission-denied",
            "role \"user\" does not have permission to select column \"email\""
        )
    );
    stack
        .engine
        .sql("UPDATE article SET title = 'Bob' WHERE id = 4")
        .await;
    let bob = json!({"name": "Bob"});
    assert_eq!(
        stack.answer(ANN, "select", nested("name")).await,
        json!([
            {"id": 1, "author": null}, {"id": 2, "author": null}, {"id": 3, "author": bob}, {"id": 4, "author": bob},
        ])
    );
}

#[tokio::test]
async fn readable_columns_are_compared_with_those_of_the_outermost_row() {
    let stack = stack().await;
    stack
        .engine
        .sql("UPDATE article SET title = 'Ann' WHERE id = 2")
        .await;
    for condition in [
        json!({"author": {"name": {"_ceq": ["$", "title"]}}}),
        json!({"_exists": {"_table": "author", "_where": {"name": {"_ceq": ["$", "title"]}, "id": {"_ceq": ["$", "author_id"]}}}}),
        json!({"id": {"_cgt": ["$", "author_id"]}, "author": {"name": {"_ceq": ["$", "title"]}}}),
    ] {
        let [select, count, update, _] = commands(&condition);
        assert_eq!(stack.answer(ANN, select.0, select.1).await, json!([{"id": 2}]));
        assert_eq!(stack.answer(ANN, count.0, count.1).await, json!({"count": 1}));
        let mut update = update.1;
        update["$set"] = json!({"title": "Ann"});
        assert_eq!(
            stack.answer(ANN, "update", update).await,
            json!({"affected_rows": 1})
        );
    }
    let [.., (kind, args)] = commands(&json!({"author": {"name": {"_ceq": ["$", "title"]}}}));
    assert_eq!(stack.answer(ANN, kind, args).await, json!({"affected_rows": 1}));
    assert_eq!(
        stack
            .count("SELECT count(*) FROM article WHERE id IN (1, 3, 4)")
            .await,
        3
    );
}

#[tokio::test]
async fn unreadable_column_is_neither_a_result_nor_a_sort_key_nor_a_conflict_target() {
    let stack = stack().await;
    stack
        .permit(
            "insert",
            "article",
            json!({"columns": ["id", "title"], "check": {}}),
        )
        .await;
    stack
        .engine
        .sql("CREATE UNIQUE INDEX article_words ON article (words); CREATE UNIQUE INDEX article_title ON article (title)")
        .await;
    let rows = |key: &str, value: Value| {
        let mut args = json!({"table": "article", "columns": ["id"]});
        args[key] = value;
        args
    };
    let insert = |column: &str| {
        json!({"table": "article", "objects": [{"id": 9, "title": "a1"}], "returning": ["id"],
               "on_conflict": {"action": "ignore", "constraint_on": [column]}})
    };
    let changed = |kind: &str| {
        let mut args = json!({"table": "article", "where": {}, "returning": ["id", "words"]});
        if kind == "update" {
            args["$set"] = json!({"title": "changed"});
        }
        args
    };
    for (kind, args) in [
        ("select", rows("columns", json!(["words"]))),
        ("select", rows("order_by", json!("-words"))),
        (
            "select",
            rows("order_by", json!([{"column": "words", "type": "asc"}])),
        ),
        (
            "select",
            rows("columns", json!([{"name": "author", "columns": ["email"]}])),
        ),
        ("select", rows("order_by", json!("author.email"))),
        ("count", rows("distinct", json!(["words"]))),
        ("update", changed("update")),
        ("delete", changed("delete")),
        ("insert", insert("words")),
    ] {
        let (code, _, message) = stack.denied(ANN, kind, args.clone()).await;
        assert_eq!(code, "permission-denied", "{kind} {args}: {message}");
        let start = "role \"user\" does not have permission to select column ";
        assert!(message.starts_with(start), "{kind} {args}: {message}");
    }
    assert_eq!(
        stack
            .count("SELECT count(*) FROM article WHERE title IN ('a1', 'a2', 'b1', 'b2')")
            .await,
        4
    );
    assert_eq!(
        stack.answer(ANN, "insert", insert("title")).await,
        json!({"affected_rows": 0, "returning": []})
    );
}
