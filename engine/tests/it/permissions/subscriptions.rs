//! Subscriptions of roles: the users of a role share a poller and its statement.

use super::{Stack, error};
use crate::support::TestEngine;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use testkit::proxy::address_of;
use testkit::{Socket, StatementLog, TestDatabase};

async fn stack() -> Stack {
    let stack = Stack::new().await;
    permit(&stack).await;
    stack
}

async fn permit(stack: &Stack) {
    stack
        .permit(
            "select",
            "article",
            json!({"columns": ["id", "title"], "filter": {"author_id": "X-Hasura-User-Id"}}),
        )
        .await;
}

pub(super) async fn socket(stack: &Stack, headers: Value) -> Socket {
    let mut socket = Socket::open(&stack.engine.url, "/v1/graphql", "graphql-ws").await;
    socket
        .send(&json!({"type": "connection_init", "payload": {"headers": headers}}))
        .await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    socket
}

pub(super) fn user(id: i32) -> Value {
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

/// The polls are caused by changes only: the engine does not refetch in the time of the test.
#[tokio::test]
async fn change_for_a_thousand_users_of_a_role_needs_at_most_ten_statements() {
    const USERS: i32 = 1000;
    const MAX_STATEMENTS: usize = 10;
    // Each socket is two files of this process.
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, raised).unwrap();
    let database = TestDatabase::create("permissions").await;
    let log = StatementLog::before(address_of(database.url())).await;
    let options = ["--live-queries-multiplexed-refetch-interval", "3600000"];
    let engine = TestEngine::start_on(&log.url(database.url()), &options).await;
    let stack = Stack::of(database, engine).await;
    permit(&stack).await;
    let users = 1001..=1000 + USERS;
    let rows = format!(
        "INSERT INTO author SELECT id, 'u' || id FROM generate_series({0}, {1}) AS id;
         INSERT INTO article SELECT id, 'new', id FROM generate_series({0}, {1}) AS id",
        users.start(),
        users.end()
    );
    stack.engine.sql(&rows).await;
    let result = |id: i32, title: &str| json!({"data": {"article": [{"id": id, "title": title}]}});
    let mut sockets = Vec::new();
    for id in users {
        let mut socket = socket(&stack, user(id)).await;
        let query = "subscription { article { id title } }";
        socket.start("s", query, json!({})).await;
        sockets.push((id, socket));
    }
    for (id, socket) in &mut sockets {
        assert_eq!(socket.expect("s", "data").await, result(*id, "new"));
    }
    assert_eq!(stack.engine.engine.live.pollers(), 1);
    let polls = || log.count(&["\"_subs\"", "\"article\""]);
    for title in ["first", "second", "third"] {
        let before = polls();
        let change = "mutation ($title: String!) { update_article(where: {}, _set: {title: $title}) { affected_rows } }";
        stack.engine.graphql(change, json!({"title": title})).await;
        for (id, socket) in &mut sockets {
            assert_eq!(socket.expect("s", "data").await, result(*id, title));
        }
        let statements = polls() - before;
        assert!(
            (1..=MAX_STATEMENTS).contains(&statements),
            "{statements} statements for {title}"
        );
    }
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
async fn cursor_of_a_stream_is_a_column_that_the_role_may_read() {
    let stack = stack().await;
    let mut ann = socket(&stack, user(1)).await;
    let cursor = |value: &str| {
        format!("subscription {{ article_stream(batch_size: 10, cursor: {{{value}}}) {{ id }} }}")
    };
    let streams = [
        cursor("initial_value: {words: 15}"),
        cursor("initial_value: {id: 0, author_id: 2}"),
        cursor("initial_value: {id: 0}, ordering: WORDS"),
        "subscription { article_stream(batch_size: 10, cursor: {initial_value: {id: 0}}, where: {words: {_gt: 1}}) { id } }"
            .to_owned(),
        "subscription { article_stream(batch_size: 10, cursor: {initial_value: {id: 0}}) { words } }".to_owned(),
        "subscription { author_stream(batch_size: 10, cursor: {initial_value: {id: 0}}) { id } }".to_owned(),
    ];
    for (number, stream) in streams.iter().enumerate() {
        let id = number.to_string();
        ann.start(&id, stream, json!({})).await;
        let refused = ann.expect(&id, "error").await;
        assert_eq!(
            refused["errors"][0]["extensions"]["code"], "validation-failed",
            "{stream}: {refused}"
        );
        ann.expect(&id, "complete").await;
    }
    let variable = "subscription ($c: [article_stream_cursor_input]!) { article_stream(batch_size: 10, cursor: $c) { id } }";
    ann.start("v", variable, json!({"c": [{"initial_value": {"words": 15}}]}))
        .await;
    let refused = ann.expect("v", "error").await.to_string();
    assert!(refused.contains("words"), "{refused}");
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

const OTHER_TITLES: &str =
    "subscription ($title: String!) { article(where: {id: {_eq: 1}, title: {_neq: $title}}) { id } }";

#[tokio::test]
async fn values_of_a_subscription_are_limited_in_bytes() {
    let stack = stack().await;
    let title = |bytes: usize| json!({"title": "x".repeat(bytes)});
    let mut socket = socket(&stack, user(1)).await;
    socket.start("s", OTHER_TITLES, title(64_000)).await;
    let first = json!({"data": {"article": [{"id": 1}]}});
    assert_eq!(socket.expect("s", "data").await, first);
    socket.start("t", OTHER_TITLES, title(66_000)).await;
    let payload = socket.expect("t", "error").await;
    let error = &payload["errors"][0];
    assert_eq!(error["extensions"]["code"], "validation-failed", "{payload}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("65536 are possible"), "{message}");
    socket.expect("t", "complete").await;

    let admin = json!({"x-hasura-role": "admin"});
    let mut socket = self::socket(&stack, admin).await;
    socket.start("t", OTHER_TITLES, title(66_000)).await;
    assert_eq!(socket.expect("t", "data").await, first);
}

#[tokio::test]
async fn operations_of_a_connection_are_limited_in_bytes() {
    let stack = stack().await;
    let start = |id: usize| {
        let variables = json!({"title": format!("{id}{}", "x".repeat(60_000))});
        json!({"type": "start", "id": id.to_string(), "payload": {"query": OTHER_TITLES, "variables": variables}})
    };
    let fitting = 4 * 1024 * 1024 / start(10).to_string().len();
    let first = json!({"data": {"article": [{"id": 1}]}});
    for (session, limited) in [(user(1), true), (json!({"x-hasura-role": "admin"}), false)] {
        let mut socket = socket(&stack, session).await;
        let next = 10 + fitting;
        for id in 10..next {
            socket.send(&start(id)).await;
            assert_eq!(socket.expect(&id.to_string(), "data").await, first);
        }
        socket.send(&start(next)).await;
        if limited {
            let message = socket.expect(&next.to_string(), "error").await["message"].take();
            assert_eq!(
                message,
                "the requests of the operations on this connection exceed 4194304 bytes; stop one of them, or open another connection"
            );
            socket.expect(&next.to_string(), "complete").await;
            socket.stop("10").await;
            socket.send(&start(next)).await;
        }
        assert_eq!(socket.expect(&next.to_string(), "data").await, first);
    }
}
