//! Roles that may not read their schema.

use super::subscriptions::socket;
use super::{Stack, USER, error};
use serde_json::{Value, json};

const OTHER: super::Session<'_> = &[("x-hasura-role", "other")];
const SCHEMA: &str = "{ __schema { queryType { name } } }";

async fn stack() -> Stack {
    let stack = Stack::new().await;
    for role in ["user", "other"] {
        let permission = json!({"columns": ["id"], "filter": {}});
        stack.permit_role(role, "select", "author", permission).await;
    }
    stack
}

impl Stack {
    async fn disable_introspection(&self, roles: Value) {
        let args = json!({"disabled_for_roles": roles});
        self.engine
            .command("set_graphql_schema_introspection_options", args)
            .await;
    }
}

#[tokio::test]
async fn role_without_introspection_reads_data_only() {
    let stack = stack().await;
    let schema = json!({"__schema": {"queryType": {"name": "query_root"}}});
    assert_eq!(stack.data(USER, SCHEMA).await, schema);
    stack.disable_introspection(json!(["user", "unknown"])).await;
    for query in [
        SCHEMA,
        "{ a: __schema { types { name } } }",
        "{ __type(name: \"author\") { name } }",
        "{ author { id } __type(name: \"author\") { name } }",
        "{ ... { ...F } } fragment F on query_root { ... on query_root { __schema { types { name } } } }",
        "query Q { __schema { ...T } } fragment T on __Schema { types { name } }",
    ] {
        let refused = |role: &str| {
            let message = format!("introspection is disabled for role: \"{role}\"");
            error("not-supported", "$", &message)
        };
        assert_eq!(stack.error(USER, query).await, refused("user"), "{query}");
        if !query.contains("author {") {
            let unknown = &[("x-hasura-role", "unknown")];
            assert_eq!(stack.error(unknown, query).await, refused("unknown"), "{query}");
            stack.data(OTHER, query).await;
        }
    }
    // The names of types are part of the data. Of several operations only the selected one counts.
    assert_eq!(
        stack
            .data(USER, "{ __typename author(limit: 1) { __typename id } }")
            .await,
        json!({"__typename": "query_root", "author": [{"__typename": "author", "id": 1}]})
    );
    let body = json!({"query": "query A { author(limit: 1) { id } } query B { __schema { queryType { name } } }", "operationName": "A"});
    let (_, answer) = stack.engine.post("/v1/graphql", USER, &body).await;
    assert_eq!(answer, json!({"data": {"author": [{"id": 1}]}}));
    let mut socket = socket(&stack, json!({"x-hasura-role": "user"})).await;
    socket.start("s", SCHEMA, json!({})).await;
    let refused = socket.expect("s", "error").await;
    assert!(
        refused.to_string().contains("introspection is disabled"),
        "{refused}"
    );
    // Tools and the console need that of the admin.
    let admin = json!({"disabled_for_roles": ["admin"]});
    let (status, code, ..) = stack
        .engine
        .refused("set_graphql_schema_introspection_options", admin)
        .await;
    assert_eq!((status, &*code), (400, "not-supported"));
    assert_eq!(stack.data(&[], SCHEMA).await, schema);
    stack.disable_introspection(json!([])).await;
    assert_eq!(stack.data(USER, SCHEMA).await, schema);
}

#[tokio::test]
async fn roles_without_introspection_are_part_of_the_metadata() {
    let stack = stack().await;
    let export = async || stack.engine.command("export_metadata", json!({})).await;
    let key = "graphql_schema_introspection";
    assert_eq!(export().await.get(key), None);
    stack
        .disable_introspection(json!(["user", "other", "user"]))
        .await;
    let exported = export().await;
    assert_eq!(exported[key], json!({"disabled_for_roles": ["user", "other"]}));
    for args in [
        json!({}),
        json!([]),
        json!(null),
        json!(["user"]),
        json!({"disabled_for_roles": "user"}),
        json!({"disabled_for_roles": [1]}),
        json!({"disabled_for_roles": null}),
    ] {
        let (status, code, ..) = stack
            .engine
            .refused("set_graphql_schema_introspection_options", args.clone())
            .await;
        assert_eq!((status, &*code), (400, "parse-failed"), "{args}");
    }
    assert_eq!(export().await, exported);
    // Replaced metadata contains them, or permits introspection again.
    let mut metadata = exported.clone();
    metadata[key] = json!({"disabled_for_roles": ["other"]});
    stack.engine.command("replace_metadata", metadata.clone()).await;
    stack.data(USER, SCHEMA).await;
    assert_eq!(stack.error(OTHER, SCHEMA).await.0, "not-supported");
    metadata[key] = json!(["other"]);
    let (status, code, ..) = stack.engine.refused("replace_metadata", metadata.clone()).await;
    assert_eq!((status, &*code), (400, "parse-failed"));
    metadata.as_object_mut().unwrap().remove(key);
    stack.engine.command("replace_metadata", metadata).await;
    stack.data(OTHER, SCHEMA).await;
}
