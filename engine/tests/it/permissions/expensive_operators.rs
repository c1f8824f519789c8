//! Operators whose cost a client decides: regular expressions.

use super::{ANN, Stack};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const EXPENSIVE: [&str; 6] = [
    "_iregex",
    "_niregex",
    "_nregex",
    "_nsimilar",
    "_regex",
    "_similar",
];

/// The role `user` sees articles whose title matches a regular expression.
async fn stack(options: &[&str]) -> Stack {
    let stack = Stack::with(options).await;
    let filter = json!({"title": {"_regex": "^a"}});
    let select = json!({"columns": ["id", "title"], "filter": filter});
    stack.permit("select", "article", select).await;
    stack
}

impl Stack {
    /// Returns the operators of `EXPENSIVE` that the schema of a session has.
    async fn described_operators(&self, session: super::Session<'_>) -> BTreeSet<String> {
        let query = "{ __type(name: \"String_comparison_exp\") { inputFields { name } } }";
        let data = self.data(session, query).await;
        let fields = data["__type"]["inputFields"].as_array().unwrap().iter();
        fields
            .filter_map(|field| field["name"].as_str())
            .filter(|name| EXPENSIVE.contains(name))
            .map(ToOwned::to_owned)
            .collect()
    }

    /// Returns whether a session may use an operator in GraphQL and in a data command.
    async fn accepts(&self, session: super::Session<'_>, operator: &str) -> [bool; 2] {
        let query = format!("{{ article(where: {{title: {{{operator}: \"x\"}}}}) {{ id }} }}");
        let answer = self.graphql(session, &query, json!({})).await;
        let args = json!({"table": "article", "columns": ["id"], "where": {"title": {operator: "x"}}});
        let (status, _) = self.command(session, "/v1/query", "select", args).await;
        [answer.get("errors").is_none(), status == 200]
    }
}

#[tokio::test]
async fn roles_have_no_expensive_operators_by_default() {
    let stack = stack(&[]).await;
    for operator in EXPENSIVE {
        assert_eq!(stack.accepts(ANN, operator).await, [false; 2], "{operator}");
        assert_eq!(stack.accepts(&[], operator).await, [true; 2], "{operator}");
    }
    assert_eq!(stack.accepts(ANN, "_like").await, [true; 2]);
    assert!(stack.described_operators(ANN).await.is_empty());
    assert_eq!(stack.described_operators(&[]).await.len(), EXPENSIVE.len());
    let (code, path, message) = stack
        .error(ANN, "{ article(where: {title: {_regex: \"x\"}}) { id } }")
        .await;
    assert_eq!(
        (code.as_str(), path.as_str(), message.as_str()),
        (
            "validation-failed",
            "$.selectionSet.article.args.where.title._regex",
            "field \"_regex\" not found in type: 'String_comparison_exp'"
        )
    );
    let args = json!({"table": "article", "columns": ["id"], "where": {"title": {"$regex": "x"}}});
    let (code, _, message) = stack.denied(ANN, "select", args).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        (
            "permission-denied",
            "operator \"$regex\" is not enabled for role \"user\" (HASURA_GRAPHQL_EXPENSIVE_OPERATORS_ROLES)"
        )
    );
    // The permission uses it.
    assert_eq!(
        stack.ids(ANN, "{ article(order_by: {id: asc}) { id } }").await,
        [1, 2]
    );
}

#[tokio::test]
async fn option_enables_expensive_operators_for_roles() {
    for (roles, expected) in [("user, other", true), ("*", true), ("other", false)] {
        let stack = stack(&["--expensive-operators-roles", roles]).await;
        for operator in EXPENSIVE {
            assert_eq!(
                stack.accepts(ANN, operator).await,
                [expected; 2],
                "{roles} {operator}"
            );
        }
        assert_eq!(
            !stack.described_operators(ANN).await.is_empty(),
            expected,
            "{roles}"
        );
    }
    let with_variable = stack(&["--expensive-operators-roles", "user"]).await;
    let query = "query ($c: String_comparison_exp!) { article(where: {title: $c}) { id } }";
    let found = with_variable
        .graphql(ANN, query, json!({"c": {"_regex": "2$"}}))
        .await;
    assert_eq!(found["data"]["article"], json!([{"id": 2}]), "{found}");
    assert_eq!(found.get("errors"), None::<&Value>);
}
