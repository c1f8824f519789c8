//! Faults of the Node.js example that no other test covers (docs/differences-from-nodejs.md).

use futures_util::future::join_all;
use lambda_host::Limits;
use local_stack::Options;
use serde_json::{Value, json};
use shared::{
    order::{Delivery, OrderId, Outcome},
    steps::agent_assignment,
};
use tests::{
    database::{SCHEMA, TestDatabase},
    orders::{APPROVED, place_as},
    stack::TestStack,
};

/// The Node.js example never assigns its last driver.
#[tokio::test]
async fn first_and_last_driver_are_assigned() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let row = client
        .query_one("SELECT min(id), max(id) FROM drivers", &[])
        .await
        .expect("drivers");
    let ends: [i32; 2] = [row.get(0), row.get(1)];
    client
        .execute("UPDATE drivers SET available = id = ANY ($1)", &[&&ends[..]])
        .await
        .expect("two drivers");
    let pool = database.pool("agent-assignment", 1);
    let mut chosen = Vec::new();
    for order in ["o-1", "o-2"] {
        place_as(&mut client, order, APPROVED).await;
        let id = OrderId::parse(order).expect("an id");
        let answer = agent_assignment::run(&pool, &id, &Delivery::default())
            .await
            .expect("an answer");
        assert_eq!(answer.outcome, Outcome::Assigned);
        chosen.extend(answer.driver_id);
    }
    // The driver with fewer orders is assigned, so each driver gets one.
    chosen.sort_unstable();
    assert_eq!(chosen, ends);
}

/// The Node.js example has no `retry_conf`: an order stops after one failed call.
#[test]
fn trigger_timeouts_exceed_function_timeouts() {
    let file: Value = serde_json::from_str(include_str!("../../../event-triggers.json")).expect("JSON");
    let triggers = file["args"].as_array().expect("a list");
    assert_eq!(triggers.len(), 4);
    for trigger in triggers {
        let retries = &trigger["args"]["retry_conf"];
        let number = |name: &str| retries[name].as_u64().expect(name);
        // Four days of failures at the engine's intervals, a day at Hasura's, which ignores the keys of the back-off; not more than a
        // call every two minutes per event after that.
        let (first, largest) = (number("initial_interval_sec"), number("max_interval_sec"));
        let intervals = (0..number("num_retries")).map(|n| largest.min(first << n.min(20)));
        assert!(intervals.sum::<u64>() * 3 / 4 >= 60 * 60 * 60, "{trigger}");
        assert!(
            number("num_retries") * number("interval_sec") >= 24 * 60 * 60,
            "{trigger}"
        );
        assert!(number("jitter_percent") <= 25 && largest <= 120, "{trigger}");
        // A caller with a shorter timeout than the called function misses its response.
        let limits = Limits::default();
        assert!(
            number("timeout_sec") > limits.gateway_timeout.as_secs(),
            "{trigger}"
        );
        assert!(limits.gateway_timeout > limits.function_timeout);
        assert!(
            trigger["args"].get("replace").is_none(),
            "Hasura would refuse it the first time"
        );
    }
}

/// Without a pooler, 71 to 85 % of 256 concurrent calls to the Node.js example fail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_calls_succeed() {
    const CALLS: i64 = 256;
    // A stack without event triggers: only the test calls the function.
    let options = Options {
        bare: true,
        ..Options::for_tests().expect("the binaries")
    };
    let stack = TestStack::open_with(options).await;
    // As the engine's role, which the functions of a bare stack use too.
    let pool = stack.services.addresses().pgbouncer.clone().expect("pgBouncer");
    let engine = local_services::postgres::connect(&pool).await.expect("the pool");
    engine.batch_execute(SCHEMA).await.expect("schema.sql");
    stack.database
        .execute(
            "WITH placed AS (
               INSERT INTO orders (order_id, user_id, restaurant_id, address)
               SELECT 'o-' || n, 'tester', 1, 'here' FROM generate_series(1, $1::bigint) AS n RETURNING order_id)
             INSERT INTO items (order_id, item) SELECT order_id, 'pizza' FROM placed",
            &[&CALLS],
        )
        .await
        .expect("orders");
    let calls = (1..=CALLS).map(|n| {
        let order = json!({"order_id": format!("o-{n}")});
        let stack = &stack;
        async move { stack.call("/validate-order", &order).await }
    });
    for (status, answer) in join_all(calls).await {
        assert_eq!(
            (status, &answer["outcome"]),
            (200, &json!("validated")),
            "{answer}"
        );
    }
    stack.close().await;
}
