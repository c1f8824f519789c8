//! The allow list, and introspection that is disabled for roles.

use super::{Stack, refused, stack};
use serde_json::{Value, json};

#[tokio::test]
async fn roles_run_the_operations_of_the_allow_list_only() {
    let stack = Stack::served(&["--enable-allowlist"]).await;
    let all = "query All { person(order_by: {id: asc}) { id name } }";
    let data = json!({"data": {"person": [{"id": 1, "name": "Ada"}]}});
    let denied = json!({"errors": [{
        "extensions": {"path": "$", "code": "validation-failed"}, "message": "query is not allowed"}]});
    assert_eq!(stack.graphql_as("user", all).await, denied);
    assert_eq!(
        stack.graphql_as("admin", "{ person_by_pk(id: 1) { id } }").await["data"]["person_by_pk"]["id"],
        1
    );
    let session = [("x-hasura-role", "user"), ("x-hasura-user-id", "1")];
    assert_eq!(
        stack.send("GET", "people", &session, None).await,
        (400, refused("validation-failed", "query is not allowed"))
    );
    let engine = &stack.engine;
    engine
        .command("add_collection_to_allowlist", json!({"collection": "people"}))
        .await;
    assert_eq!(stack.graphql_as("user", all).await, data);
    assert_eq!(stack.send("GET", "people", &session, None).await.0, 200);
    let other = "query All { person(order_by: {id: asc}) { name id } }";
    assert_eq!(stack.graphql_as("user", other).await, denied);
    // Introspection has to be listed too.
    assert_eq!(
        stack
            .graphql_as("user", "{ __schema { queryType { name } } }")
            .await,
        denied
    );
    let scope = |scope: Value| json!({"collection": "people", "scope": scope});
    let roles = scope(json!({"global": false, "roles": ["editor"]}));
    engine
        .command("update_scope_of_collection_in_allowlist", roles)
        .await;
    assert_eq!(stack.graphql_as("user", all).await, denied);
    let roles = scope(json!({"global": false, "roles": ["editor", "user"]}));
    engine
        .command("update_scope_of_collection_in_allowlist", roles)
        .await;
    assert_eq!(stack.graphql_as("user", all).await, data);
    for invalid in [
        json!({"global": false}),
        json!({"global": true, "roles": ["user"]}),
        json!("all"),
    ] {
        let (_, code, ..) = engine
            .refused("update_scope_of_collection_in_allowlist", scope(invalid))
            .await;
        assert_eq!(code, "parse-failed");
    }
    let drop = json!({"collection": "people"});
    engine
        .command("drop_collection_from_allowlist", drop.clone())
        .await;
    assert_eq!(stack.graphql_as("user", all).await, denied);
    let (_, _, _, message) = engine.refused("drop_collection_from_allowlist", drop).await;
    assert_eq!(message, "collection \"people\" doesn't exist in allowlist");
}

#[tokio::test]
async fn introspection_is_disabled_for_roles() {
    let stack = stack(&[]).await;
    let command = "set_graphql_schema_introspection_options";
    let set = |roles: Value| json!({"disabled_for_roles": roles});
    stack
        .engine
        .command(command, set(json!(["user", "unknown"])))
        .await;
    let query = "{ __schema { queryType { name } } }";
    for role in ["user", "unknown"] {
        let error = &stack.graphql_as(role, query).await["errors"][0];
        assert_eq!(
            error["message"],
            format!("introspection is disabled for role: \"{role}\"")
        );
        assert_eq!(error["extensions"], json!({"path": "$", "code": "not-supported"}));
    }
    let data = stack
        .graphql_as("user", "{ __typename person { __typename } }")
        .await;
    assert_eq!(data["data"]["person"][0]["__typename"], "person");
    assert!(stack.graphql_as("admin", query).await["data"].is_object());
    let (_, code, ..) = stack.engine.refused(command, set(json!(["admin"]))).await;
    assert_eq!(code, "not-supported");
    stack.engine.command(command, set(json!([]))).await;
    assert!(stack.graphql_as("user", query).await["data"].is_object());
}
