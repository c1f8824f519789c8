//! Conditions whose evaluation fails for some rows: an error must not depend on rows that the role cannot read.

use super::{ANN, Stack};
use serde_json::{Value, json};

/// Conditions of clients that fail for every row that they are evaluated on.
const FAILING: [&str; 6] = [
    "{title: {_regex: \"(\"}}",
    "{title: {_nregex: \"(\"}}",
    "{title: {_iregex: \"(\"}}",
    "{title: {_similar: \"(\"}}",
    "{title: {_like: \"%\\\\\"}}",
    "{_not: {title: {_nilike: \"%\\\\\"}}}",
];

/// Filters for the articles of author 1, each of a kind that Postgres may evaluate after other conditions.
fn filters() -> [Value; 4] {
    [
        json!({"author": {"id": "X-Hasura-User-Id"}}),
        json!({"author_id": {"_in": [1, 17]}}),
        json!({"_or": [{"author_id": "X-Hasura-User-Id"}, {"author": {"name": "Dan"}}]}),
        json!({"_exists": {"_table": "author", "_where": {"id": "X-Hasura-User-Id"}}, "author_id": {"_nin": [2, 3]}}),
    ]
}

impl Stack {
    /// Permits the operations on articles with a filter.
    async fn filtered(filter: &Value) -> Self {
        let stack = Self::with(&["--expensive-operators-roles", "*"]).await;
        let columns = ["id", "title", "author_id", "words"];
        let select = json!({"columns": columns, "filter": filter, "allow_aggregations": true});
        stack.permit("select", "article", select).await;
        stack
            .permit(
                "update",
                "article",
                json!({"columns": ["words"], "filter": filter}),
            )
            .await;
        stack.permit("delete", "article", json!({"filter": filter})).await;
        // Enough rows for other plans than those of small tables.
        stack
            .engine
            .sql(
                "INSERT INTO article (id, title, author_id) SELECT n, 'b' || n, 2 FROM generate_series(100, 5000) n; \
                 CREATE INDEX ON article (title); ANALYZE article",
            )
            .await;
        stack
    }

    /// Returns the codes of the errors of operations on one article with a further condition.
    async fn codes(&self, id: u32, condition: &str) -> Vec<Option<String>> {
        let condition = format!("where: {{_and: [{{id: {{_eq: {id}}}}}, {condition}]}}");
        let mut codes = Vec::new();
        for operation in [
            format!("{{ article({condition}) {{ id }} }}"),
            format!("{{ article_aggregate({condition}) {{ aggregate {{ count }} }} }}"),
            format!("mutation {{ update_article({condition}, _set: {{words: 1}}) {{ affected_rows }} }}"),
            format!("mutation {{ delete_article({condition}) {{ affected_rows }} }}"),
        ] {
            let answer = self.graphql(ANN, &operation, json!({})).await;
            let code = &answer["errors"][0]["extensions"]["code"];
            codes.push(code.as_str().map(str::to_owned));
        }
        codes
    }
}

#[tokio::test]
async fn errors_do_not_depend_on_rows_of_others() {
    for filter in filters() {
        let stack = Stack::filtered(&filter).await;
        for condition in FAILING {
            // Article 3 exists, and belongs to another author; article 9 does not exist.
            for id in [3, 9] {
                let codes = stack.codes(id, condition).await;
                assert_eq!(codes, vec![None; 4], "{filter} {condition} {id}");
            }
            let own = stack.codes(1, condition).await;
            assert!(own.iter().all(Option::is_some), "{filter} {condition}: {own:?}");
        }
    }
}

#[tokio::test]
async fn errors_of_data_commands_do_not_depend_on_rows_of_others() {
    for filter in filters() {
        let stack = Stack::filtered(&filter).await;
        for id in [3, 9] {
            let condition = json!({"$and": [{"id": id}, {"title": {"$regex": "("}}]});
            let select = json!({"table": "article", "columns": ["id"], "where": condition});
            assert_eq!(stack.answer(ANN, "select", select).await, json!([]), "{filter}");
            let delete = json!({"table": "article", "where": condition});
            assert_eq!(
                stack.answer(ANN, "delete", delete).await,
                json!({"affected_rows": 0}),
                "{filter}"
            );
        }
    }
}
