//! Faults of the original that no other test is about, each shown to be gone (docs/differences-from-nodejs.md).

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
    shop::Shop,
};

/// Its last driver was never chosen.
#[tokio::test]
async fn the_first_and_the_last_driver_get_work_too() {
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
    let pool = database.pool(1);
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
    // The freer of two, so each of them once.
    chosen.sort_unstable();
    assert_eq!(chosen, ends);
}

/// It had no `retry_conf`: one failed call, and the order stayed where it was.
#[test]
fn every_trigger_outlasts_what_it_calls() {
    let file: Value = serde_json::from_str(include_str!("../../../event-triggers.json")).expect("JSON");
    let triggers = file["args"].as_array().expect("a list");
    assert_eq!(triggers.len(), 3);
    for trigger in triggers {
        let retries = &trigger["args"]["retry_conf"];
        let number = |name: &str| retries[name].as_u64().expect(name);
        // A database may be away for minutes.
        assert!(number("num_retries") * number("interval_sec") >= 180, "{trigger}");
        // Who gives up before the one that it calls never hears what happened.
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

/// Without a pooler it failed 71 to 85 % of 256 calls at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_calls_gets_no_error() {
    const CROWD: i64 = 256;
    // No events: the calls are ours.
    let options = Options {
        bare: true,
        ..Options::for_tests().expect("the binaries")
    };
    let shop = Shop::open_with(options).await;
    shop.database.batch_execute(SCHEMA).await.expect("schema.sql");
    shop.database
        .execute(
            "WITH placed AS (
               INSERT INTO orders (order_id, user_id, restaurant_id, address)
               SELECT 'o-' || n, 'tester', 1, 'here' FROM generate_series(1, $1::bigint) AS n RETURNING order_id)
             INSERT INTO items (order_id, item) SELECT order_id, 'pizza' FROM placed",
            &[&CROWD],
        )
        .await
        .expect("orders");
    let calls = (1..=CROWD).map(|n| {
        let order = json!({"order_id": format!("o-{n}")});
        let shop = &shop;
        async move { shop.call("/validate-order", &order).await }
    });
    for (status, answer) in join_all(calls).await {
        assert_eq!(
            (status, &answer["outcome"]),
            (200, &json!("validated")),
            "{answer}"
        );
    }
    shop.close().await;
}
