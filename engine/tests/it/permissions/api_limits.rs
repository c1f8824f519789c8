//! API limits of the metadata: their commands, and operations of roles that exceed them, over HTTP and WebSocket.

use super::subscriptions::{socket, user};
use super::{ANN, BOB, Session, Stack, USER};
use crate::support::{hold_lock, release_lock, until_waiting};
use serde_json::{Value, json};

const DEEP: &str = "{ author { id articles { id author { id } } } }";

async fn stack() -> Stack {
    let stack = Stack::new().await;
    for table in ["author", "article"] {
        stack
            .permit("select", table, json!({"columns": ["id"], "filter": {}}))
            .await;
    }
    stack
}

impl Stack {
    async fn set_api_limits(&self, limits: Value) {
        self.engine.command("set_api_limits", limits).await;
    }

    /// Returns the code of the error of an operation over HTTP; `None` if it succeeds.
    async fn code(&self, session: Session<'_>, query: &str) -> Option<String> {
        let answer = self.graphql(session, query, json!({})).await;
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        code.map(ToOwned::to_owned)
    }
}

/// Returns the code of the error with which the engine refuses an operation of a socket.
async fn refused(socket: &mut testkit::Socket, query: &str) -> Value {
    socket.start("o", query, json!({})).await;
    let mut payload = socket.expect("o", "error").await;
    socket.expect("o", "complete").await;
    payload["errors"][0]["extensions"]["code"].take()
}

#[tokio::test]
async fn api_limits_are_part_of_the_metadata() {
    let stack = stack().await;
    let limits = json!({
        "depth_limit": {"global": 5, "per_role": {"user": 3}},
        "rate_limit": {"global": {"unique_params": "ip", "max_reqs_per_min": 100}},
    });
    let exported = json!({
        "rate_limit": {"global": {"max_reqs_per_min": 100, "unique_params": "IP"}, "per_role": {}},
        "depth_limit": {"global": 5, "per_role": {"user": 3}},
        "disabled": false,
    });
    let export = async || stack.engine.command("export_metadata", json!({})).await;
    stack.set_api_limits(limits.clone()).await;
    let mut metadata = export().await;
    assert_eq!(metadata["api_limits"], exported);
    let state = stack.engine.command("dump_internal_state", json!({})).await;
    assert_eq!(state["metadata"]["api_limits"], exported);
    // An invalid document or command changes nothing.
    for invalid in [
        json!({"depth_limit": {"global": -1}}),
        json!({"depth_limit": 5}),
        json!([]),
    ] {
        assert_eq!(
            stack.engine.refused("set_api_limits", invalid.clone()).await.1,
            "parse-failed"
        );
        let mut replaced = metadata.clone();
        replaced["api_limits"] = invalid;
        let (_, code, path, _) = stack.engine.refused("replace_metadata", replaced).await;
        assert_eq!((code.as_str(), path.as_str()), ("parse-failed", "$.api_limits"));
        assert_eq!(export().await["api_limits"], exported);
    }
    for (unknown, key) in [
        (json!({"dept_limit": {"global": 5}}), "dept_limit"),
        (
            json!({"depth_limit": {"global": 5, "per_rule": {"user": 3}}}),
            "per_rule",
        ),
        (
            json!({"rate_limit": {"global": {"max_reqs_per_min": 1, "unique_param": "IP"}}}),
            "unique_param",
        ),
    ] {
        let (_, code, _, message) = stack.engine.refused("set_api_limits", unknown).await;
        assert_eq!(code, "parse-failed");
        assert!(message.contains(&format!("\"{key}\"")), "{message}");
        assert_eq!(export().await["api_limits"], exported);
    }
    stack.engine.command("remove_api_limits", json!({})).await;
    assert!(export().await.get("api_limits").is_none());
    metadata["api_limits"] = limits;
    stack.engine.command("replace_metadata", metadata).await;
    assert_eq!(export().await["api_limits"], exported);
    assert_eq!(
        stack
            .code(USER, "{ author { articles { author { articles { id } } } } }")
            .await
            .unwrap(),
        "depth-limit-exceeded"
    );
}

#[tokio::test]
async fn depth_and_nodes_of_a_role_are_limited() {
    let stack = stack().await;
    let subscription = format!("subscription {DEEP}");
    for (name, code) in [
        ("depth_limit", "depth-limit-exceeded"),
        ("node_limit", "node-limit-exceeded"),
    ] {
        let limits = |disabled: bool, global: i32, user: i32| json!({"disabled": disabled, name: {"global": global, "per_role": {"user": user}}});
        stack.set_api_limits(limits(false, 3, 2)).await;
        assert_eq!(stack.code(USER, DEEP).await.as_deref(), Some(code));
        assert_eq!(stack.code(USER, "{ author { id articles { id } } }").await, None);
        // Admin and other roles.
        assert_eq!(stack.code(&[], DEEP).await, None);
        let other = stack.code(&[("x-hasura-role", "other")], DEEP).await;
        assert_eq!(other.as_deref(), Some("validation-failed"));
        let mut socket = socket(&stack, user(1)).await;
        assert_eq!(refused(&mut socket, DEEP).await, code);
        assert_eq!(refused(&mut socket, &subscription).await, code);
        stack.set_api_limits(limits(false, 2, 3)).await;
        assert_eq!(stack.code(USER, DEEP).await, None);
        stack.set_api_limits(limits(true, 1, 1)).await;
        assert_eq!(stack.code(USER, DEEP).await, None);
    }
    stack.set_api_limits(json!({"depth_limit": {"global": 1}})).await;
    let introspection = "{ __schema { types { fields { name type { ofType { name } } } } } }";
    assert_eq!(stack.code(USER, introspection).await, None);
}

#[tokio::test]
async fn rate_of_a_client_is_limited() {
    const QUERY: &str = "{ author { id } }";
    let stack = stack().await;
    let rate = json!({"unique_params": ["X-Hasura-User-Id"], "max_reqs_per_min": 3});
    stack
        .set_api_limits(json!({"rate_limit": {"global": rate}}))
        .await;
    let mut socket = socket(&stack, user(1)).await;
    socket.start("o", QUERY, json!({})).await;
    socket.expect("o", "data").await;
    socket.expect("o", "complete").await;
    // Operations of a batch count one by one.
    let batch = json!([{"query": QUERY}, {"query": QUERY}, {"query": QUERY}]);
    let (status, answer) = stack.engine.post("/v1/graphql", ANN, &batch).await;
    assert_eq!(status, 200);
    let refusals: Vec<bool> = (0..3).map(|i| answer[i]["errors"].is_array()).collect();
    assert_eq!(refusals, [false, false, true], "{answer}");
    let code = "rate-limit-exceeded";
    let (status, answer) = stack
        .engine
        .post("/v1alpha1/graphql", ANN, &json!({"query": QUERY}))
        .await;
    assert_eq!(
        (status, &answer["errors"][0]["extensions"]["code"]),
        (429, &json!(code))
    );
    assert_eq!(refused(&mut socket, QUERY).await, code);
    assert_eq!(refused(&mut socket, &format!("subscription {QUERY}")).await, code);
    assert_eq!(stack.code(BOB, QUERY).await, None);
    for _ in 0..5 {
        assert_eq!(stack.code(&[], QUERY).await, None);
    }
}

#[tokio::test]
async fn rate_of_an_address_is_limited_whatever_headers_say() {
    let stack = stack().await;
    let rate = json!({"unique_params": "IP", "max_reqs_per_min": 2});
    stack
        .set_api_limits(json!({"rate_limit": {"global": rate}}))
        .await;
    let mut codes = Vec::new();
    for address in ["10.0.0.1", "10.0.0.2", "10.0.0.3"] {
        let session = [
            ("x-hasura-role", "user"),
            ("x-hasura-user-id", address),
            ("x-forwarded-for", address),
        ];
        codes.push(stack.code(&session, "{ author { id } }").await);
    }
    assert_eq!(codes, [None, None, Some("rate-limit-exceeded".to_owned())]);
}

#[tokio::test]
async fn batch_of_a_role_is_limited_by_the_metadata() {
    let stack = stack().await;
    stack.set_api_limits(json!({"batch_limit": {"global": 2}})).await;
    let batch = |operations: usize| json!(vec![json!({"query": "{ author { id } }"}); operations]);
    let post = async |session: Session<'_>, operations| {
        let path = "/v1alpha1/graphql";
        stack.engine.post(path, session, &batch(operations)).await
    };
    let (status, answer) = post(USER, 3).await;
    assert_eq!(
        (status, &answer["errors"][0]["extensions"]["code"]),
        (400, &json!("batch-limit-exceeded"))
    );
    assert_eq!(post(USER, 2).await.0, 200);
    assert_eq!(post(&[], 3).await.0, 200);
}

#[tokio::test]
async fn time_of_a_role_is_limited_in_operations_and_subscriptions() {
    const QUERY: &str = "{ lockable { id } }";
    let stack = stack().await;
    stack.lockable_view().await;
    stack
        .set_api_limits(json!({"time_limit": {"global": 60, "per_role": {"user": 0.5}}}))
        .await;
    let holder = hold_lock(&stack.database).await;
    let admin = {
        let engine = stack.engine.clone();
        tokio::spawn(async move { engine.graphql(QUERY, json!({})).await })
    };
    until_waiting(&holder, 1).await;
    let code = "time-limit-exceeded";
    assert_eq!(stack.code(USER, QUERY).await.as_deref(), Some(code));
    let mut socket = socket(&stack, user(1)).await;
    for operation in [QUERY.to_owned(), format!("subscription {QUERY}")] {
        socket.start("o", &operation, json!({})).await;
        let payload = socket.expect("o", "data").await;
        assert_eq!(payload["errors"][0]["extensions"]["code"], code, "{payload}");
        if operation == QUERY {
            socket.expect("o", "complete").await;
        }
    }
    socket.stop("o").await;
    // The statement of admin was not cancelled.
    until_waiting(&holder, 1).await;
    release_lock(&holder).await;
    assert_eq!(admin.await.unwrap(), json!({"data": {"lockable": [{"id": 1}]}}));
}
