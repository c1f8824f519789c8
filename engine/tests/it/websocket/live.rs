//! Live queries: the first result and each change, for one subscriber and for many.

use super::{NOTES, change, engine, engine_with, note};
use serde_json::{Value, json};
use std::sync::Arc;
use testkit::{Socket, eventually};
use tokio::net::TcpListener;
use tokio::task::yield_now;

#[tokio::test]
async fn subscription_receives_first_result_and_changes_until_stopped() {
    let (database, engine) = engine().await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    socket.start("s", NOTES, json!({"id": 1})).await;
    assert_eq!(socket.expect("s", "data").await, note(1, "first"));
    change(&engine, 1, "second").await;
    assert_eq!(socket.expect("s", "data").await, note(1, "second"));
    // The engine does not see this statement; its next poll finds the change.
    database
        .connect()
        .await
        .batch_execute("UPDATE note SET text = 'third' WHERE id = 1")
        .await
        .expect("the row is updated");
    assert_eq!(socket.expect("s", "data").await, note(1, "third"));
    // A change outside the result of this subscriber is not sent.
    change(&engine, 2, "elsewhere").await;
    change(&engine, 1, "fourth").await;
    assert_eq!(socket.expect("s", "data").await, note(1, "fourth"));

    socket.send(&json!({"type": "stop", "id": "s"})).await;
    socket.send(&json!({"type": "stop", "id": "never started"})).await;
    socket.nothing_before("ping").await;
    eventually("the poller stops", async || {
        (engine.engine.live.pollers() == 0).then_some(())
    })
    .await;
    socket.send(&json!({"type": "connection_terminate"})).await;
    assert_eq!(socket.closed().await, 1000);
}

#[tokio::test]
async fn subscribers_of_one_query_share_a_poller_with_separate_results() {
    let (_database, engine) = engine().await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    for id in 1..=300 {
        socket.start(&id.to_string(), NOTES, json!({"id": id})).await;
    }
    let mut seen = std::collections::BTreeSet::new();
    while seen.len() < 300 {
        let message = socket.next().await;
        let id: i32 = message["id"]
            .as_str()
            .and_then(|id| id.parse().ok())
            .expect("the id of a subscription");
        assert_eq!(message["payload"], note(id, "first"));
        assert!(seen.insert(id), "{id} received two results");
    }
    assert_eq!(engine.engine.live.pollers(), 1);
    change(&engine, 250, "second").await;
    assert_eq!(socket.expect("250", "data").await, note(250, "second"));
    socket.nothing_before("ping").await;
}

#[tokio::test]
async fn long_values_of_one_query_are_divided_among_statements() {
    let (_database, engine) = engine().await;
    let query =
        "subscription ($text: String!) { note(where: {id: {_eq: 1}, text: {_neq: $text}}) { id text } }";
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    let ids: Vec<String> = (0..10).map(|id| id.to_string()).collect();
    for id in &ids {
        let text = format!("{id}{}", "x".repeat(1024 * 1024));
        socket.start(id, query, json!({"text": text})).await;
        assert_eq!(socket.expect(id, "data").await, note(1, "first"));
    }
    change(&engine, 1, "second").await;
    let mut received = Vec::new();
    while received.len() < ids.len() {
        let (id, data) = socket.data().await;
        assert_eq!(data, note(1, "second")["data"]);
        received.push(id);
    }
    received.sort();
    assert_eq!(received, ids);
    assert_eq!(engine.engine.live.pollers(), 1);
}

#[tokio::test]
async fn late_subscriber_receives_first_result() {
    let (_database, engine) = engine().await;
    let mut first = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    first.start("s", NOTES, json!({"id": 1})).await;
    assert_eq!(first.expect("s", "data").await, note(1, "first"));
    let mut second = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    second.start("s", NOTES, json!({"id": 1})).await;
    assert_eq!(second.expect("s", "data").await, note(1, "first"));
    change(&engine, 1, "second").await;
    assert_eq!(first.expect("s", "data").await, note(1, "second"));
    assert_eq!(second.expect("s", "data").await, note(1, "second"));
}

#[tokio::test]
async fn invalid_value_fails_only_its_subscriber() {
    let (_database, engine) = engine().await;
    let query = "subscription ($at: timestamptz!) { note(where: {id: {_eq: 1}, at: {_is_null: true}, _or: [{at: {_is_null: true}}, {at: {_gt: $at}}]}) { id text } }";
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    socket.start("good", query, json!({"at": "2020-01-01"})).await;
    assert_eq!(socket.expect("good", "data").await, note(1, "first"));
    socket.start("bad", query, json!({"at": "not a time"})).await;
    let payload = socket.expect("bad", "data").await;
    assert_eq!(payload["data"], Value::Null);
    assert_eq!(
        payload["errors"][0]["extensions"]["code"], "data-exception",
        "{payload}"
    );
    change(&engine, 1, "second").await;
    assert_eq!(socket.expect("good", "data").await, note(1, "second"));
}

#[tokio::test]
async fn subscriptions_survive_metadata_changes() {
    let (_database, engine) = engine().await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    socket.start("s", NOTES, json!({"id": 1})).await;
    assert_eq!(socket.expect("s", "data").await, note(1, "first"));
    engine.sql("CREATE TABLE another (id int PRIMARY KEY)").await;
    engine.command("track_table", json!("another")).await;
    change(&engine, 1, "second").await;
    assert_eq!(socket.expect("s", "data").await, note(1, "second"));
    // A subscription that is no longer valid ends with an error.
    engine.command("untrack_table", json!({"table": "note"})).await;
    let payload = socket.expect("s", "error").await;
    assert_eq!(
        payload["errors"][0]["extensions"]["code"], "validation-failed",
        "{payload}"
    );
    socket.expect("s", "complete").await;
}

#[tokio::test]
async fn slow_subscriber_receives_only_newest_result() {
    let (_database, engine) = engine().await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    // The results exceed the socket buffers, so the engine has to skip most of them.
    let pad = "x".repeat(500_000);
    socket.start("s", NOTES, json!({"id": 1})).await;
    let changes = 60;
    for n in 1..=changes {
        change(&engine, 1, &format!("{n} {pad}")).await;
    }
    let mut results = 0;
    loop {
        let payload = socket.expect("s", "data").await;
        results += 1;
        if payload["data"]["note"][0]["text"]
            .as_str()
            .is_some_and(|text| text.starts_with(&format!("{changes} ")))
        {
            break;
        }
    }
    assert!(results <= changes + 1, "{results} results for {changes} changes");
}

#[tokio::test]
async fn locked_table_delays_only_its_subscriptions() {
    let (database, engine) = engine().await;
    engine
        .sql("CREATE TABLE locked (id int PRIMARY KEY); INSERT INTO locked VALUES (1)")
        .await;
    engine.command("track_table", json!("locked")).await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    for alias in ["a", "b", "c", "d", "e", "f"] {
        let query = format!("subscription {{ {alias}: locked {{ id }} }}");
        socket.start(alias, &query, json!({})).await;
        socket.expect(alias, "data").await;
    }
    socket.start("free", NOTES, json!({"id": 1})).await;
    assert_eq!(socket.expect("free", "data").await, note(1, "first"));

    let client = database.connect().await;
    client
        .batch_execute("BEGIN; LOCK TABLE locked IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    let watcher = database.connect().await;
    eventually(
        "more sessions wait than the pool has connections initially",
        async || {
            let count: i64 = watcher.query_one(waiting, &[]).await.unwrap().get(0);
            (count > 4).then_some(())
        },
    )
    .await;
    change(&engine, 1, "second").await;
    assert_eq!(socket.expect("free", "data").await, note(1, "second"));

    client
        .batch_execute("INSERT INTO locked VALUES (2); COMMIT")
        .await
        .unwrap();
    // All subscriptions receive the result, in any order.
    let mut results = 0;
    while results < 6 {
        let message = socket.next().await;
        assert_eq!(message["type"], "data", "{message}");
        let alias = message["id"].as_str().unwrap();
        let rows = &message["payload"]["data"][alias];
        assert_eq!(rows, &json!([{"id": 1}, {"id": 2}]), "{message}");
        results += 1;
    }
}

/// Live queries are run again so rarely that only a change can be the reason of a result.
const RARELY: [&str; 2] = ["--live-queries-multiplexed-refetch-interval", "3600000"];

#[tokio::test]
async fn mutation_wakes_only_live_queries_of_its_tables() {
    let (database, engine) = engine_with(&RARELY).await;
    engine.sql("CREATE TABLE other (id int PRIMARY KEY)").await;
    for table in ["note", "other"] {
        engine.command("track_table", json!(table)).await;
    }
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    let query = "subscription { other(order_by: {id: asc}) { id } }";
    socket.start("other", query, json!({})).await;
    assert_eq!(
        socket.expect("other", "data").await,
        json!({"data": {"other": []}})
    );
    socket.start("note", NOTES, json!({"id": 1})).await;
    assert_eq!(socket.expect("note", "data").await, note(1, "first"));
    // The engine does not see this statement; a run of the live query would find the row.
    let client = database.connect().await;
    client
        .batch_execute("INSERT INTO other VALUES (1)")
        .await
        .unwrap();
    for text in ["second", "third", "fourth"] {
        change(&engine, 1, text).await;
        assert_eq!(socket.expect("note", "data").await, note(1, text));
    }
    socket.nothing_before("ping").await;
    let insert = "mutation { insert_other_one(object: {id: 2}) { id } }";
    engine.graphql(insert, json!({})).await;
    assert_eq!(
        socket.expect("other", "data").await,
        json!({"data": {"other": [{"id": 1}, {"id": 2}]}})
    );
}

#[tokio::test]
async fn mutation_wakes_live_queries_of_tables_that_change_with_its_own() {
    let (_database, engine) = engine_with(&RARELY).await;
    engine
        .sql(
            "CREATE VIEW seen AS SELECT id, text FROM note WHERE id = 1;
             CREATE TABLE audited (id int PRIMARY KEY);
             CREATE TABLE audit (id int PRIMARY KEY);
             CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS
               $$ BEGIN INSERT INTO audit VALUES (NEW.id); RETURN NULL; END $$;
             CREATE TRIGGER audit AFTER INSERT ON audited FOR EACH ROW EXECUTE FUNCTION audit();
             CREATE TABLE parent (id int PRIMARY KEY);
             CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent ON DELETE CASCADE);
             INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 1);
             CREATE TABLE whole (id int NOT NULL) PARTITION BY LIST (id);
             CREATE TABLE part PARTITION OF whole DEFAULT;
             CREATE TABLE counted (id int PRIMARY KEY);
             CREATE FUNCTION counted(id int) RETURNS int LANGUAGE sql AS
               'INSERT INTO counted VALUES (id) RETURNING id';
             CREATE TABLE by_default (id int PRIMARY KEY DEFAULT counted(1));
             CREATE TABLE by_check (id int PRIMARY KEY CHECK (counted(id) > 0));
             CREATE DOMAIN small AS int CHECK (counted(VALUE) > 0);
             CREATE DOMAIN smaller AS small;
             CREATE TABLE by_domain (id smaller PRIMARY KEY)",
        )
        .await;
    for table in [
        "note",
        "seen",
        "audited",
        "audit",
        "parent",
        "child",
        "whole",
        "part",
        "counted",
        "by_default",
        "by_check",
        "by_domain",
    ] {
        engine.command("track_table", json!(table)).await;
    }
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    for (table, before, change, after) in [
        (
            "seen",
            json!([{"id": 1}]),
            "delete_note(where: {id: {_eq: 1}}) { affected_rows }",
            json!([]),
        ),
        (
            "audit",
            json!([]),
            "insert_audited(objects: {id: 1}) { affected_rows }",
            json!([{"id": 1}]),
        ),
        (
            "child",
            json!([{"id": 1}]),
            "delete_parent(where: {}) { affected_rows }",
            json!([]),
        ),
        (
            "whole",
            json!([]),
            "insert_part(objects: {id: 1}) { affected_rows }",
            json!([{"id": 1}]),
        ),
        (
            "part",
            json!([{"id": 1}]),
            "insert_whole(objects: {id: 2}) { affected_rows }",
            json!([{"id": 1}, {"id": 2}]),
        ),
        (
            "counted",
            json!([]),
            "insert_by_default(objects: {}) { affected_rows }",
            json!([{"id": 1}]),
        ),
        (
            "counted",
            json!([{"id": 1}]),
            "insert_by_check(objects: {id: 2}) { affected_rows }",
            json!([{"id": 1}, {"id": 2}]),
        ),
        (
            "counted",
            json!([{"id": 1}, {"id": 2}]),
            "insert_by_domain(objects: {id: 3}) { affected_rows }",
            json!([{"id": 1}, {"id": 2}, {"id": 3}]),
        ),
    ] {
        let query = format!("subscription {{ {table}(order_by: {{id: asc}}) {{ id }} }}");
        socket.start(table, &query, json!({})).await;
        assert_eq!(
            socket.expect(table, "data").await,
            json!({"data": {table: before}})
        );
        engine
            .graphql(&format!("mutation {{ {change} }}"), json!({}))
            .await;
        assert_eq!(
            socket.expect(table, "data").await,
            json!({"data": {table: after}})
        );
        socket.stop(table).await;
    }
}

#[tokio::test]
async fn trigger_of_a_later_run_sql_is_taken_into_account() {
    let (_database, engine) = engine_with(&RARELY).await;
    engine
        .sql(
            "CREATE TABLE copy (id int PRIMARY KEY);
             CREATE FUNCTION copy() RETURNS trigger LANGUAGE plpgsql AS
               $$ BEGIN INSERT INTO copy VALUES (NEW.id); RETURN NULL; END $$",
        )
        .await;
    for table in ["note", "copy"] {
        engine.command("track_table", json!(table)).await;
    }
    engine
        .sql("CREATE TRIGGER copy AFTER UPDATE ON note FOR EACH ROW EXECUTE FUNCTION copy()")
        .await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    socket.start("s", "subscription { copy { id } }", json!({})).await;
    assert_eq!(socket.expect("s", "data").await, json!({"data": {"copy": []}}));
    change(&engine, 1, "second").await;
    assert_eq!(
        socket.expect("s", "data").await,
        json!({"data": {"copy": [{"id": 1}]}})
    );
}

#[tokio::test]
async fn mutation_wakes_live_queries_of_the_event_log() {
    let (_database, engine) = engine_with(&RARELY).await;
    for table in [
        json!("note"),
        json!({"schema": "hdb_catalog", "name": "event_log"}),
    ] {
        engine.command("track_table", table).await;
    }
    // It accepts connections and never responds, so that the end of a call cannot be the reason of a result.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let webhook = format!(
        "http://{}",
        silent.local_addr().expect("a bound socket has an address")
    );
    let trigger = json!({"name": "noted", "table": "note", "webhook": webhook, "update": {"columns": "*"}});
    engine.command("create_event_trigger", trigger).await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    let query = "subscription { hdb_catalog_event_log_aggregate { aggregate { count } } }";
    let count =
        |count: u32| json!({"data": {"hdb_catalog_event_log_aggregate": {"aggregate": {"count": count}}}});
    socket.start("log", query, json!({})).await;
    assert_eq!(socket.expect("log", "data").await, count(0));
    for (text, events) in [("second", 1), ("third", 2)] {
        change(&engine, 1, text).await;
        assert_eq!(socket.expect("log", "data").await, count(events));
    }
}

#[tokio::test]
async fn long_result_reaches_all_its_subscribers() {
    let (_database, engine) = engine().await;
    let text = "ä".repeat(150_000);
    change(&engine, 1, &text).await;
    let mut sockets = Vec::new();
    for _ in 0..3 {
        let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
        socket.start("s", NOTES, json!({"id": 1})).await;
        sockets.push(socket);
    }
    for socket in &mut sockets {
        assert_eq!(socket.expect("s", "data").await, note(1, &text));
    }
    change(&engine, 1, &text[2..]).await;
    for socket in &mut sockets {
        assert_eq!(socket.expect("s", "data").await, note(1, &text[2..]));
        socket.nothing_before("ping").await;
    }
}

#[tokio::test]
async fn other_tasks_run_between_messages_that_arrive_at_once() {
    const MESSAGES: usize = 100;
    let (_database, engine) = engine().await;
    let mut socket = Socket::subscriptions_transport_ws(&engine.url, "/v1/graphql").await;
    let live = Arc::clone(&engine.engine.live);
    // Largest number of subscriptions that start between two of its steps.
    let other = tokio::spawn(async move {
        let (mut before, mut most) = (0, 0);
        while before < MESSAGES {
            let started = live.pollers();
            most = most.max(started - before);
            before = started;
            yield_now().await;
        }
        most
    });
    for number in 0..MESSAGES {
        let query = format!("subscription {{ alias{number}: note {{ id }} }}");
        socket.start(&number.to_string(), &query, json!({})).await;
    }
    let most = other.await.expect("no panic");
    assert!(most <= 10, "{most} subscriptions start at once");
}
