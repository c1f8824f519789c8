//! Columns that an inherited role sees in some rows only: in all others a client's condition, sort key or aggregate must
//! find NULL, because the selected or changed rows, and even their number, reveal the compared value.

use super::{Session, Stack};
use serde_json::{Value, json};
use testkit::Socket;

const ANN: Session<'_> = &[("x-hasura-role", "both"), ("x-hasura-user-id", "1")];

/// Role `both` sees all authors and articles, but the e-mail address and the key of an author, and the author and the words of an
/// article, only where they are its own. It may change and delete every row.
async fn stack() -> Stack {
    let stack = Stack::new().await;
    let own = |filter: Value, columns: Value| json!({"columns": columns, "filter": filter, "allow_aggregations": true});
    let all = |columns: Value| json!({"columns": columns, "filter": {}, "allow_aggregations": true});
    for (role, table, permission) in [
        (
            "own",
            "author",
            own(
                json!({"id": "X-Hasura-User-Id"}),
                json!(["id", "name", "email", "editor_id"]),
            ),
        ),
        (
            "own",
            "article",
            own(
                json!({"author_id": "X-Hasura-User-Id"}),
                json!(["id", "title", "author_id", "author_name", "words"]),
            ),
        ),
        ("public", "author", all(json!(["name"]))),
        ("public", "article", all(json!(["id", "title"]))),
    ] {
        stack.permit_role(role, "select", table, permission).await;
    }
    for (table, columns) in [
        ("author", json!(["id", "name"])),
        ("article", json!(["id", "title"])),
    ] {
        let insert = json!({"columns": columns, "check": {}});
        stack.permit_role("own", "insert", table, insert).await;
        let update = json!({"columns": columns, "filter": {}});
        stack.permit_role("own", "update", table, update).await;
        stack
            .permit_role("own", "delete", table, json!({"filter": {}}))
            .await;
    }
    let both = json!({"role_name": "both", "role_set": ["own", "public"]});
    stack.engine.command("add_inherited_role", both).await;
    stack
}

impl Stack {
    async fn affected(&self, root_field: &str) -> Value {
        let mutation = format!("mutation {{ {root_field} {{ affected_rows }} }}");
        let mut data = self.data(ANN, &mutation).await;
        let field = data.as_object_mut().and_then(|data| data.values_mut().next());
        let field = field.unwrap_or_else(|| panic!("{mutation} has one field"));
        match field {
            Value::Array(fields) => fields
                .iter()
                .map(|field| field["affected_rows"].clone())
                .collect(),
            field => field["affected_rows"].take(),
        }
    }

    /// Asserts that no row has changed.
    async fn assert_unchanged(&self) {
        let articles = "SELECT count(*) FROM article WHERE title IN ('a1', 'a2', 'b1', 'b2')";
        assert_eq!(self.count(articles).await, 4);
        let authors = "SELECT count(*) FROM author WHERE name IN ('Ann', 'Bob', 'Cyd')";
        assert_eq!(self.count(authors).await, 3);
    }
}

/// Conditions in GraphQL on articles that are true of a row of Bob only because of a value that Ann does not see.
const PROBES: [&str; 9] = [
    "{author_name: {_eq: \"Bob\"}}",
    "{_not: {author_name: {_eq: \"Ann\"}}, words: {_is_null: false}}",
    "{_or: [{words: {_eq: 30}}, {words: {_in: [40]}}]}",
    "{_not: {words: {_lte: 20}}}",
    "{_not: {words: {_nin: [30]}}}",
    // A relationship through a column that Ann does not see, to a row that she sees.
    "{author: {name: {_eq: \"Bob\"}}}",
    "{_not: {_not: {author: {name: {_eq: \"Bob\"}}}}}",
    // A column of the related row.
    "{author: {email: {_like: \"bob%\"}}}",
    "{author: {articles: {words: {_gt: 20}}}}",
];

#[tokio::test]
async fn conditions_of_mutations_do_not_see_invisible_values() {
    let stack = stack().await;
    for probe in PROBES {
        for mutation in [
            format!("update_article(where: {probe}, _set: {{title: \"x\"}})"),
            format!("delete_article(where: {probe})"),
            format!(
                "insert_article(objects: [{{id: 3, title: \"x\"}}], on_conflict: {{constraint: article_pkey, update_columns: [title], where: {probe}}})"
            ),
        ] {
            assert_eq!(stack.affected(&mutation).await, json!(0), "{mutation}");
        }
        let many = format!("update_article_many(updates: [{{where: {probe}, _set: {{title: \"x\"}}}}])");
        assert_eq!(stack.affected(&many).await, json!([0]), "{many}");
        let query = format!("{{ article(where: {probe}) {{ id }} }}");
        assert_eq!(stack.data(ANN, &query).await, json!({"article": []}), "{query}");
    }
    // The key of another author.
    for mutation in [
        "update_author_by_pk(pk_columns: {id: 2}, _set: {name: \"x\"})",
        "delete_author_by_pk(id: 2)",
    ] {
        let mutation = format!("mutation {{ field: {mutation} {{ name }} }}");
        assert_eq!(
            stack.data(ANN, &mutation).await,
            json!({"field": null}),
            "{mutation}"
        );
    }
    // An upsert of an object relationship and of an array relationship.
    for mutation in [
        "insert_author(objects: [{id: 9, name: \"x\", articles: {data: [{id: 3, title: \"x\"}], on_conflict: {constraint: article_pkey, update_columns: [title], where: {words: {_eq: 30}}}}}])",
        "insert_author(objects: [{id: 8, name: \"y\", articles: {data: [{id: 4, title: \"x\"}], on_conflict: {constraint: article_pkey, update_columns: [title], where: {author: {name: {_eq: \"Bob\"}}}}}}])",
    ] {
        assert_eq!(stack.affected(mutation).await, json!(1), "{mutation}");
    }
    stack.assert_unchanged().await;
}

#[tokio::test]
async fn conditions_of_mutations_see_visible_values() {
    let stack = stack().await;
    for (condition, rows) in [
        ("{author_name: {_eq: \"Ann\"}}", 2),
        ("{words: {_is_null: true}}", 2),
        ("{_not: {words: {_gt: 10}}}", 1),
        ("{author: {email: {_like: \"ann%\"}}}", 2),
        ("{title: {_eq: \"b1\"}}", 1),
        ("{}", 4),
    ] {
        let update = format!("update_article(where: {condition}, _inc: {{id: 0}})");
        assert_eq!(stack.affected(&update).await, json!(rows), "{update}");
        let query = format!("{{ article(where: {condition}) {{ id }} }}");
        assert_eq!(stack.ids(ANN, &query).await.len(), rows, "{query}");
    }
    let upsert = "insert_article(objects: [{id: 1, title: \"new\"}, {id: 3, title: \"new\"}], on_conflict: {constraint: article_pkey, update_columns: [title], where: {words: {_lt: 100}}})";
    assert_eq!(stack.affected(upsert).await, json!(1));
    let update = "mutation { update_author_by_pk(pk_columns: {id: 1}, _set: {name: \"Anna\"}) { id name } }";
    assert_eq!(
        stack.data(ANN, update).await,
        json!({"update_author_by_pk": {"id": 1, "name": "Anna"}})
    );
    let delete = "delete_article(where: {words: {_gte: 10}})";
    assert_eq!(stack.affected(delete).await, json!(2));
    assert_eq!(
        stack
            .count("SELECT count(*) FROM article WHERE id IN (3, 4)")
            .await,
        2
    );
}

#[tokio::test]
async fn data_commands_do_not_see_invisible_values() {
    let stack = stack().await;
    let conditions = [
        (json!({"author_name": "Bob"}), 0),
        (
            json!({"$not": {"author_name": {"$eq": "Ann"}}, "words": {"_gt": 0}}),
            0,
        ),
        (json!({"author": {"email": {"_like": "bob%"}}}), 0),
        (json!({"author": {"name": "Bob"}}), 0),
        // Two columns of a row, and a column of the outermost row.
        (json!({"title": {"_cne": "author_name"}}), 2),
        (
            json!({"_exists": {"_table": "author", "_where": {"name": {"_ceq": ["$", "author_name"]}}}, "words": {"_is_null": true}}),
            0,
        ),
        (
            json!({"_exists": {"_table": "author", "_where": {"name": {"_ceq": ["$", "author_name"]}}}}),
            2,
        ),
        (
            json!({"_exists": {"_table": "author", "_where": {"email": {"_like": "bob%"}}}}),
            0,
        ),
        (
            json!({"_exists": {"_table": "article", "_where": {"author_name": "Bob"}}}),
            0,
        ),
        (json!({"words": {"_lt": 15}}), 1),
    ];
    for (condition, rows) in conditions {
        let select = json!({"table": "article", "columns": ["id"], "where": condition});
        let found = stack.answer(ANN, "select", select).await;
        assert_eq!(found.as_array().map(Vec::len), Some(rows), "{condition}: {found}");
        let count = json!({"table": "article", "where": condition});
        assert_eq!(
            stack.answer(ANN, "count", count).await,
            json!({"count": rows}),
            "{condition}"
        );
        let update = json!({"table": "article", "$inc": {"id": 0}, "where": condition});
        assert_eq!(
            stack.answer(ANN, "update", update).await,
            json!({"affected_rows": rows}),
            "{condition}"
        );
        if rows == 0 {
            let delete = json!({"table": "article", "where": condition});
            assert_eq!(
                stack.answer(ANN, "delete", delete).await,
                json!({"affected_rows": 0}),
                "{condition}"
            );
        }
    }
    stack.assert_unchanged().await;
    let distinct = json!({"table": "article", "distinct": ["author_name"]});
    assert_eq!(stack.answer(ANN, "count", distinct).await, json!({"count": 2}));
    let sorted = json!({"table": "article", "columns": ["id", "words"], "order_by": ["words", "id"]});
    assert_eq!(
        stack.answer(ANN, "select", sorted).await,
        json!([{"id": 1, "words": 10}, {"id": 2, "words": 20}, {"id": 3, "words": null}, {"id": 4, "words": null}])
    );
    let returning =
        json!({"table": "article", "$inc": {"id": 0}, "where": {"id": 3}, "returning": ["id", "words"]});
    assert_eq!(
        stack.answer(ANN, "update", returning).await,
        json!({"affected_rows": 1, "returning": [{"id": 3, "words": null}]})
    );
}

#[tokio::test]
async fn orders_aggregates_and_groups_do_not_see_invisible_values() {
    let stack = stack().await;
    // Row 3 of Bob gets the smallest number of words of all: only its key may decide its position.
    stack
        .engine
        .sql("UPDATE article SET words = 1 WHERE id = 3")
        .await;
    for (query, expected) in [
        (
            "{ article(order_by: [{words: asc}, {id: desc}]) { id } }",
            json!({"article": [{"id": 1}, {"id": 2}, {"id": 4}, {"id": 3}]}),
        ),
        (
            "{ article(order_by: [{author: {name: desc_nulls_last}}, {id: desc}]) { id } }",
            json!({"article": [{"id": 2}, {"id": 1}, {"id": 4}, {"id": 3}]}),
        ),
        (
            "{ author(order_by: [{articles_aggregate: {min: {words: asc}}}, {name: desc}]) { name } }",
            json!({"author": [{"name": "Ann"}, {"name": "Cyd"}, {"name": "Bob"}]}),
        ),
        (
            "{ author(order_by: [{articles_aggregate: {count: desc}}, {name: desc}]) { name } }",
            json!({"author": [{"name": "Ann"}, {"name": "Cyd"}, {"name": "Bob"}]}),
        ),
        (
            "{ article(distinct_on: author_name, order_by: [{author_name: asc}, {id: asc}]) { id } }",
            json!({"article": [{"id": 1}, {"id": 3}]}),
        ),
        (
            "{ article_aggregate { aggregate { count(columns: words) min { words } sum { words } } } }",
            json!({"article_aggregate": {"aggregate": {"count": 2, "min": {"words": 10}, "sum": {"words": 30}}}}),
        ),
        (
            "{ author(where: {articles_aggregate: {count: {filter: {words: {_lt: 5}}, predicate: {_gt: 0}}}}) { name } }",
            json!({"author": []}),
        ),
        (
            "{ author(where: {articles_aggregate: {count: {arguments: [words], predicate: {_gt: 0}}}}) { name } }",
            json!({"author": [{"name": "Ann"}]}),
        ),
        (
            "{ author(order_by: {name: asc}) { name articles_aggregate { aggregate { count } nodes { id } } } }",
            json!({"author": [
                {"name": "Ann", "articles_aggregate": {"aggregate": {"count": 2}, "nodes": [{"id": 1}, {"id": 2}]}},
                {"name": "Bob", "articles_aggregate": {"aggregate": {"count": 0}, "nodes": []}},
                {"name": "Cyd", "articles_aggregate": {"aggregate": {"count": 0}, "nodes": []}},
            ]}),
        ),
    ] {
        assert_eq!(stack.data(ANN, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn cursor_of_a_stream_does_not_see_invisible_values() {
    let stack = stack().await;
    let mut socket = Socket::open(&stack.engine.url, "/v1/graphql", "graphql-ws").await;
    let headers = json!({"x-hasura-role": "both", "x-hasura-user-id": "1"});
    socket
        .send(&json!({"type": "connection_init", "payload": {"headers": headers}}))
        .await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    let stream =
        "subscription { article_stream(batch_size: 10, cursor: {initial_value: {words: 15}}) { id } }";
    socket.start("s", stream, json!({})).await;
    assert_eq!(
        socket.expect("s", "data").await,
        json!({"data": {"article_stream": [{"id": 2}]}})
    );
    // A row of another author after the cursor is not delivered; that of Ann is.
    let insert = "mutation { insert_article(objects: [{id: 10, author_id: 2, words: 50}, {id: 11, author_id: 1, words: 60}]) { affected_rows } }";
    stack.engine.graphql(insert, json!({})).await;
    assert_eq!(
        socket.expect("s", "data").await,
        json!({"data": {"article_stream": [{"id": 11}]}})
    );
}

#[tokio::test]
async fn object_relationship_through_an_invisible_key_is_nullable() {
    let stack = stack().await;
    stack
        .engine
        .sql("ALTER TABLE article ALTER author_id SET NOT NULL")
        .await;
    let ty = "{ __type(name: \"article\") { fields { name type { kind } } } }";
    let admin: Session<'_> = &[("x-hasura-role", "admin")];
    for (session, kind) in [(ANN, "OBJECT"), (admin, "NON_NULL")] {
        let data = stack.data(session, ty).await;
        let mut fields = data["__type"]["fields"].as_array().unwrap().iter();
        let author = fields.find(|field| field["name"] == "author").unwrap();
        assert_eq!(author["type"]["kind"], kind);
    }
    let authors = "{ article(order_by: {id: asc}) { author { name } } }";
    let ann = json!({"author": {"name": "Ann"}});
    let none = json!({"author": null});
    assert_eq!(
        stack.data(ANN, authors).await,
        json!({"article": [ann, ann, none, none]})
    );
}
