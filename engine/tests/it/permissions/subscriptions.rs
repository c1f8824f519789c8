//! Subscriptions of roles: the users of a role share a poller and its statement.

use super::{Stack, error};
use serde_json::{Value, json};
use testkit::Socket;

async fn stack() -> Stack {
    let stack = Stack::new().await;
    stack
        .permit(
            "select",
            "article",
            json!({"columns": ["id", "title"], "filter": {"author_id": "X-Hasura-User-Id"}}),
        )
        .await;
    stack
}

async fn socket(stack: &Stack, headers: Value) -> Socket {
    let mut socket = Socket::open(&stack.engine.url, "/v1/graphql", "graphql-ws").await;
    socket
        .send(&json!({"type": "connection_init", "payload": {"headers": headers}}))
        .await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    socket
}

fn user(id: i32) -> Value {
    json!({"x-hasura-role": "user", "x-hasura-user-id": id.to_string()})
}

const ARTICLES: &str = "subscription { article(order_by: {id: asc}) { id } }";

#[tokio::test]
async fn users_of_a_role_share_a_poller_with_separate_results() {
    let stack = stack().await;
    let count = |id: i32| {
        format!("INSERT INTO author VALUES ({id}, 'u{id}'); INSERT INTO article VALUES ({id}, 't', {id});")
    };
    let users: Vec<i32> = (100..200).collect();
    let sql: String = users.iter().map(|id| count(*id)).collect();
    stack.engine.sql(&sql).await;
    let mut sockets = Vec::new();
    for id in &users {
        let mut socket = socket(&stack, user(*id)).await;
        socket.start("s", ARTICLES, json!({})).await;
        assert_eq!(
            socket.expect("s", "data").await,
            json!({"data": {"article": [{"id": id}]}})
        );
        sockets.push(socket);
    }
    assert_eq!(stack.engine.engine.live.pollers(), 1);
    // A change reaches the user whose rows it changes.
    let insert = "mutation { insert_article_one(object: {id: 1000, author_id: 150}) { id } }";
    stack.engine.graphql(insert, json!({})).await;
    assert_eq!(
        sockets[50].expect("s", "data").await,
        json!({"data": {"article": [{"id": 150}, {"id": 1000}]}})
    );
    sockets[51].nothing_before("ping").await;
}

#[tokio::test]
async fn missing_variable_is_an_error_and_malformed_one_fails_its_subscriber_only() {
    let stack = stack().await;
    let mut good = socket(&stack, user(1)).await;
    good.start("s", ARTICLES, json!({})).await;
    let own = json!({"data": {"article": [{"id": 1}, {"id": 2}]}});
    assert_eq!(good.expect("s", "data").await, own);
    let mut without = socket(&stack, json!({"x-hasura-role": "user"})).await;
    without.start("s", ARTICLES, json!({})).await;
    let payload = without.expect("s", "error").await;
    let found = &payload["errors"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (
            text(&found["extensions"]["code"]),
            text(&found["extensions"]["path"]),
            text(&found["message"])
        ),
        error(
            "not-found",
            "$",
            "missing session variables: \"x-hasura-user-id\""
        )
    );
    let headers = json!({"x-hasura-role": "user", "x-hasura-user-id": "one"});
    let mut bad = socket(&stack, headers).await;
    bad.start("s", ARTICLES, json!({})).await;
    let payload = bad.expect("s", "data").await;
    assert_eq!(
        payload["errors"][0]["extensions"]["code"], "data-exception",
        "{payload}"
    );
    stack
        .engine
        .graphql("mutation { delete_article_by_pk(id: 2) { id } }", json!({}))
        .await;
    assert_eq!(
        good.expect("s", "data").await,
        json!({"data": {"article": [{"id": 1}]}})
    );
}

#[tokio::test]
async fn stream_delivers_rows_of_the_session() {
    let stack = stack().await;
    let stream = "subscription { article_stream(batch_size: 10, cursor: {initial_value: {id: 0}}) { id } }";
    let mut ann = socket(&stack, user(1)).await;
    let mut bob = socket(&stack, user(2)).await;
    for (socket, ids) in [(&mut ann, [1, 2]), (&mut bob, [3, 4])] {
        socket.start("s", stream, json!({})).await;
        let [first, second] = ids;
        assert_eq!(
            socket.expect("s", "data").await,
            json!({"data": {"article_stream": [{"id": first}, {"id": second}]}})
        );
    }
    let insert = "mutation { insert_article(objects: [{id: 10, author_id: 1}, {id: 11, author_id: 2}]) { affected_rows } }";
    stack.engine.graphql(insert, json!({})).await;
    for (socket, id) in [(&mut ann, 10), (&mut bob, 11)] {
        assert_eq!(
            socket.expect("s", "data").await,
            json!({"data": {"article_stream": [{"id": id}]}})
        );
    }
    // The permission's limit is the size of the batches.
    stack
        .repermit(
            "select",
            "article",
            json!({"columns": ["id"], "filter": {"author_id": "X-Hasura-User-Id"}, "limit": 1}),
        )
        .await;
    let mut limited = socket(&stack, user(2)).await;
    limited.start("s", stream, json!({})).await;
    for id in [3, 4, 11] {
        assert_eq!(
            limited.expect("s", "data").await,
            json!({"data": {"article_stream": [{"id": id}]}})
        );
    }
}

#[tokio::test]
async fn dropped_permission_ends_the_subscription() {
    let stack = stack().await;
    let mut ann = socket(&stack, user(1)).await;
    ann.start("s", ARTICLES, json!({})).await;
    ann.expect("s", "data").await;
    let drop = json!({"table": "article", "role": "user"});
    stack.engine.command("drop_select_permission", drop).await;
    let payload = ann.expect("s", "error").await;
    assert_eq!(
        payload["errors"][0]["extensions"]["code"], "validation-failed",
        "{payload}"
    );
}
