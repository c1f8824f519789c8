//! Time and connections that the statements of a role may use.

use super::subscriptions::{socket, user};
use super::{ANN, BOB, Session, Stack, USER};
use crate::support::{hold_lock, release_lock, until_waiting};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::Socket;
use tokio::task::JoinHandle;
use tokio::time::interval;

const SLOW: &str = "{ lockable { id } }";
const AUTHORS: &str = "{ author { id } }";

/// Options of an engine whose clients may use a hundredth of the processors, and have connections for several statements.
const STRICT: [&str; 6] = [
    "--pg-connections",
    "50",
    "--role-operation-timeout",
    "60",
    "--client-processors-percent",
    "1",
];

async fn stack(options: &[&str]) -> Stack {
    let stack = Stack::with(options).await;
    stack.lockable_view().await;
    for role in ["user", "other"] {
        let select = json!({"columns": ["id"], "filter": {}});
        stack.permit_role(role, "select", "author", select).await;
    }
    stack
}

impl Stack {
    fn spawn(&self, session: Session<'static>, query: &'static str) -> JoinHandle<Value> {
        let engine = self.engine.clone();
        tokio::spawn(async move {
            engine
                .post("/v1/graphql", session, &json!({"query": query}))
                .await
                .1
        })
    }

    /// Sends requests of another client. Each call needs another one: a client that is busy itself does not count as active.
    async fn active(&self, id: u32, requests: usize) {
        let id = id.to_string();
        for _ in 0..requests {
            let session = [("x-hasura-role", "user"), ("x-hasura-user-id", id.as_str())];
            let mut ids = self.ids(&session, AUTHORS).await;
            ids.sort_unstable();
            assert_eq!(ids, [1, 2, 3]);
        }
    }
}

#[tokio::test]
async fn statements_of_a_role_leave_connections_to_others() {
    let stack = stack(&["--pg-connections", "3", "--role-operation-timeout", "60"]).await;
    let holder = hold_lock(&stack.database).await;
    let slow: Vec<_> = [ANN, ANN, ANN, BOB, BOB, BOB]
        .into_iter()
        .map(|session| stack.spawn(session, SLOW))
        .collect();
    until_waiting(&holder, 1).await;
    // All of these are answered while the lock is held, by the two other connections.
    let sessions: [Session<'_>; 2] = [&[], &[("x-hasura-role", "other")]];
    for session in sessions {
        for _ in 0..5 {
            assert_eq!(stack.ids(session, AUTHORS).await, [1, 2, 3]);
        }
    }
    until_waiting(&holder, 1).await;
    release_lock(&holder).await;
    for request in slow {
        assert_eq!(request.await.unwrap(), json!({"data": {"lockable": [{"id": 1}]}}));
    }
}

#[tokio::test]
async fn statements_of_a_client_leave_connections_to_others_of_its_role() {
    let stack = stack(&["--pg-connections", "8", "--role-operation-timeout", "60"]).await;
    let holder = hold_lock(&stack.database).await;
    let slow: Vec<_> = (0..10).map(|_| stack.spawn(ANN, SLOW)).collect();
    until_waiting(&holder, 3).await;
    for _ in 0..5 {
        assert_eq!(stack.ids(BOB, AUTHORS).await, [1, 2, 3]);
    }
    until_waiting(&holder, 3).await;
    release_lock(&holder).await;
    for request in slow {
        assert!(request.await.unwrap().get("errors").is_none());
    }
}

#[tokio::test]
async fn subscriptions_of_a_client_leave_connections_to_others() {
    let stack = stack(&["--role-operation-timeout", "60"]).await;
    let holder = hold_lock(&stack.database).await;
    let mut slow = socket(&stack, user(1)).await;
    let ids: Vec<String> = (0..16).map(|number| format!("a{number}")).collect();
    for id in &ids {
        let query = format!("subscription {{ {id}: lockable {{ id }} }}");
        slow.start(id, &query, json!({})).await;
    }
    until_waiting(&holder, 4).await;
    let mut other = socket(&stack, user(2)).await;
    other
        .start("o", "subscription { author { id } }", json!({}))
        .await;
    let payload = other.expect("o", "data").await;
    assert_eq!(
        payload["data"]["author"].as_array().map(Vec::len),
        Some(3),
        "{payload}"
    );
    until_waiting(&holder, 4).await;
    release_lock(&holder).await;
}

/// A client with two statements that last until the lock is released.
async fn busy() -> (Stack, tokio_postgres::Client) {
    let stack = stack(&STRICT).await;
    let holder = hold_lock(&stack.database).await;
    for _ in 0..2 {
        stack.spawn(ANN, SLOW);
    }
    until_waiting(&holder, 2).await;
    (stack, holder)
}

/// Waits until a request of a client waits while another client is active; returns it.
async fn until_a_request_waits(stack: &Stack) -> JoinHandle<Value> {
    let mut rounds = interval(Duration::from_millis(300));
    for id in 100..300 {
        rounds.tick().await;
        let request = stack.spawn(ANN, AUTHORS);
        stack.active(id, 10).await;
        if !request.is_finished() {
            return request;
        }
    }
    panic!("no request of the busy client waits");
}

#[tokio::test]
async fn busy_client_waits_while_others_are_active() {
    let (stack, holder) = busy().await;
    let waiting = until_a_request_waits(&stack).await;
    release_lock(&holder).await;
    // It is delayed, not refused.
    let answer = json!({"data": {"author": [{"id": 1}, {"id": 2}, {"id": 3}]}});
    assert_eq!(waiting.await.unwrap(), answer);
}

#[tokio::test]
async fn client_that_is_alone_does_not_wait() {
    let (stack, holder) = busy().await;
    // Each would wait for three seconds, but for the first ones.
    for _ in 0..500 {
        assert_eq!(stack.ids(ANN, AUTHORS).await, [1, 2, 3]);
    }
    release_lock(&holder).await;
}

/// Creates a view, and permits the role to select these columns of it.
async fn view(stack: &Stack, name: &str, sql: &str, columns: &[&str]) {
    stack.engine.sql(sql).await;
    stack.engine.command("track_table", json!(name)).await;
    let select = json!({"columns": columns, "filter": {}});
    stack.permit("select", name, select).await;
}

#[tokio::test]
async fn shared_subscription_is_work_of_each_subscriber() {
    const SLEEPING: &str = "CREATE VIEW sleeping AS SELECT 1 AS id FROM pg_sleep(1.2)";
    let stack = stack(&STRICT).await;
    view(&stack, "sleeping", SLEEPING, &["id"]).await;
    let query = "subscription { sleeping { id } }";
    let mut other = socket(&stack, user(3)).await;
    other.start("s", query, json!({})).await;
    other.expect("s", "data").await;
    let mut socket = socket(&stack, user(1)).await;
    socket.start("s", query, json!({})).await;
    socket.expect("s", "data").await;
    until_a_request_waits(&stack).await.await.unwrap();
    assert_eq!(stack.engine.engine.live.pollers(), 1);
}

/// The row of author 1 waits for the lock.
const GATED: &str = "CREATE FUNCTION pass(author int) RETURNS int STABLE LANGUAGE plpgsql AS $$
    BEGIN IF author = 1 THEN PERFORM pg_advisory_xact_lock_shared(42); END IF; RETURN author; END $$;
    CREATE VIEW gated AS SELECT id, name, pass(id) AS passed FROM author";

const GATED_AUTHOR: &str = "subscription ($id: Int!) { gated(where: {id: {_eq: $id}}) { name passed } }";

fn gated(id: i32, name: &str) -> Value {
    json!({"data": {"gated": [{"name": name, "passed": id}]}})
}

impl Stack {
    async fn gated_view(&self) {
        view(self, "gated", GATED, &["id", "name", "passed"]).await;
    }

    async fn rename(&self, id: i32, name: &str) {
        let sql = format!("UPDATE author SET name = '{name}' WHERE id = {id}");
        self.engine.sql(&sql).await;
    }
}

#[tokio::test]
async fn subscriptions_of_a_busy_client_do_not_delay_others_in_the_same_poller() {
    let (stack, holder) = busy().await;
    stack.gated_view().await;
    let mut other = socket(&stack, user(50)).await;
    other.start("o", GATED_AUTHOR, json!({"id": 2})).await;
    assert_eq!(other.expect("o", "data").await, gated(2, "Bob"));
    let waiting = until_a_request_waits(&stack).await;
    // Often enough that the client stays busy.
    let active = async {
        let mut requests = interval(Duration::from_millis(400));
        for id in 1000.. {
            requests.tick().await;
            stack.active(id, 1).await;
        }
    };
    let delayed = async {
        let mut busy = socket(&stack, user(1)).await;
        busy.start("b", GATED_AUTHOR, json!({"id": 1})).await;
        until_waiting(&holder, 3).await;
        assert_eq!(stack.engine.engine.live.pollers(), 1);
        stack.rename(2, "Ben").await;
        assert_eq!(other.expect("o", "data").await, gated(2, "Ben"));
        until_waiting(&holder, 3).await;
        release_lock(&holder).await;
        // Its subscription waits, but is not given up.
        assert_eq!(busy.expect("b", "data").await, gated(1, "Ann"));
    };
    tokio::select! {
        () = delayed => {}
        () = active => {}
    }
    waiting.await.unwrap();
}

/// An engine whose clients are never busy, with subscribers of both rows in one poller.
async fn gated_subscribers() -> (Stack, Socket, Socket) {
    let options = [
        "--role-operation-timeout",
        "60",
        "--client-processors-percent",
        "0",
    ];
    let stack = stack(&options).await;
    stack.gated_view().await;
    let mut slow = socket(&stack, user(1)).await;
    let mut other = socket(&stack, user(2)).await;
    for (socket, id, name) in [(&mut slow, 1, "Ann"), (&mut other, 2, "Bob")] {
        socket.start("s", GATED_AUTHOR, json!({"id": id})).await;
        assert_eq!(socket.expect("s", "data").await, gated(id, name));
    }
    assert_eq!(stack.engine.engine.live.pollers(), 1);
    (stack, slow, other)
}

#[tokio::test]
async fn slow_subscription_does_not_delay_others_in_the_same_poller() {
    let (stack, mut slow, mut other) = gated_subscribers().await;
    let holder = hold_lock(&stack.database).await;
    // The first run waits for the lock with both rows.
    until_waiting(&holder, 1).await;
    for name in ["Ben", "Bill", "Boris"] {
        stack.rename(2, name).await;
        assert_eq!(other.expect("s", "data").await, gated(2, name));
    }
    let mut late = socket(&stack, user(3)).await;
    late.start("s", GATED_AUTHOR, json!({"id": 3})).await;
    late.expect("s", "data").await;
    stack.rename(1, "Anna").await;
    until_waiting(&holder, 1).await;
    release_lock(&holder).await;
    // The statement that waited has read the old name, and sends nothing.
    assert_eq!(slow.expect("s", "data").await, gated(1, "Anna"));
    assert_eq!(stack.engine.engine.live.pollers(), 1);
}

#[tokio::test]
async fn statement_of_a_stopped_subscription_ends_while_others_continue() {
    let (stack, mut slow, mut other) = gated_subscribers().await;
    let holder = hold_lock(&stack.database).await;
    stack.rename(2, "Ben").await;
    assert_eq!(other.expect("s", "data").await, gated(2, "Ben"));
    until_waiting(&holder, 1).await;
    slow.stop("s").await;
    until_waiting(&holder, 0).await;
    stack.rename(2, "Bill").await;
    assert_eq!(other.expect("s", "data").await, gated(2, "Bill"));
    assert_eq!(stack.engine.engine.live.pollers(), 1);
    release_lock(&holder).await;
}

#[tokio::test]
async fn statement_of_a_role_is_cancelled_in_the_database_after_its_time() {
    let stack = stack(&["--role-operation-timeout", "1"]).await;
    let holder = hold_lock(&stack.database).await;
    let admin = stack.spawn(&[], SLOW);
    until_waiting(&holder, 1).await;
    let (code, _, message) = stack.error(USER, SLOW).await;
    assert_eq!(code, "time-limit-exceeded", "{message}");
    let select = json!({"table": "lockable", "columns": ["id"]});
    assert_eq!(
        stack.denied(USER, "select", select).await.0,
        "time-limit-exceeded"
    );
    // The statement of admin, whose limit is another.
    until_waiting(&holder, 1).await;
    release_lock(&holder).await;
    assert_eq!(admin.await.unwrap(), json!({"data": {"lockable": [{"id": 1}]}}));
}
