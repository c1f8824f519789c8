//! Introspection in production: off for the roles that any visitor can have, and for no other.

use local_stack::setup::{Metadata, limit_introspection};
use serde_json::{Value, json};
use tests::stack::TestStack;

const SCHEMA: &str = "{ __schema { queryType { name } } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn public_roles_have_no_introspection_in_production() {
    let stack = TestStack::secured().await;
    let addresses = stack.services.addresses();
    let secret = addresses.admin_secret().expect("the admin secret");
    let metadata = Metadata::new(&addresses.engine, secret.as_deref()).expect("an HTTP client");
    let mut users = vec![("anonymous", None)];
    for name in ["alice", "restaurant-1", "driver-7", "manager"] {
        users.push((name, Some(stack.log_in(name).await)));
    }
    let without = async || {
        let mut without = Vec::new();
        for (name, token) in &users {
            let token = token.as_ref().map(|token| format!("Bearer {token}"));
            let headers: Vec<(&str, &str)> = token
                .iter()
                .map(|token| ("authorization", token.as_str()))
                .collect();
            let (_, answer) = stack
                .graphql_with(&headers, "/v1/graphql", SCHEMA, json!({}))
                .await;
            let schema = json!({"__schema": {"queryType": {"name": "query_root"}}});
            match answer["errors"][0]["message"].as_str() {
                Some(message) => {
                    assert!(
                        message.starts_with("introspection is disabled"),
                        "{name}: {answer}"
                    );
                    without.push(*name);
                }
                None => assert_eq!(answer, json!({"data": schema}), "{name}"),
            }
            let menu = "{ restaurants(limit: 1) { __typename name } }";
            let (_, answer) = stack.graphql_with(&headers, "/v1/graphql", menu, json!({})).await;
            assert_eq!(
                answer["data"]["restaurants"][0]["__typename"], "restaurants",
                "{answer}"
            );
        }
        without
    };
    assert_eq!(without().await, [""; 0], "locally, tools read the schema");
    for _ in 0..2 {
        limit_introspection(&metadata, true)
            .await
            .expect("the setting is changed");
        assert_eq!(without().await, ["anonymous", "alice"]);
    }
    let set = |roles: Value| json!({"type": "set_graphql_schema_introspection_options", "args": {"disabled_for_roles": roles}});
    // A role that an operator has added is kept.
    metadata
        .query(&set(json!(["driver", "customer"])))
        .await
        .expect("the setting is changed");
    limit_introspection(&metadata, true)
        .await
        .expect("the setting is changed");
    assert_eq!(without().await, ["anonymous", "alice", "driver-7"]);
    limit_introspection(&metadata, false)
        .await
        .expect("the setting is changed");
    assert_eq!(without().await, ["driver-7"]);
    stack.close().await;
}
