//! Accidents, through the whole stack, each ending with the invariants over every order: nothing lost, nothing doubled.

use std::fs;
use std::time::Duration;

use local_stack::Options;
use serde_json::Value;
use tests::{
    gateway::BadGateway,
    shop::{Shop, eventually},
};
use tokio_postgres::Client;

/// Orders in each test: enough to be under way everywhere when the accident happens.
const ORDERS: i64 = 40;

fn name(n: i64) -> String {
    format!("order-{n}")
}

/// Places the orders; they begin to walk at once.
async fn place_all(shop: &Shop) {
    for n in 0..ORDERS {
        shop.place(&name(n), &["pizza"]).await;
    }
}

/// Pays each, whatever the trouble, and waits for the end of all walks.
async fn to_the_end(shop: Shop) {
    for n in 0..ORDERS {
        shop.pay_until_paid(&name(n), 500).await;
    }
    shop.until_all(ORDERS, "assigned").await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn function_processes_are_killed() {
    let shop = Shop::open().await;
    place_all(&shop).await;
    for n in 0..ORDERS {
        if n % 5 == 0 {
            assert!(shop.stack.functions().kill_one_of_each() > 0);
        }
        shop.pay_until_paid(&name(n), 500).await;
    }
    to_the_end(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_engine_is_killed_and_started_again() {
    let mut shop = Shop::open().await;
    place_all(&shop).await;
    shop.stack.engine().kill().await;
    // Payments go on without it; what they cause is in the database already.
    shop.pay_until_paid(&name(0), 500).await;
    shop.stack
        .engine_mut()
        .start_again()
        .await
        .expect("the engine starts again");
    to_the_end(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_restarted() {
    let mut shop = Shop::open().await;
    place_all(&shop).await;
    shop.stack
        .postgres_mut()
        .expect("a Postgres of our own")
        .restart()
        .await
        .expect("Postgres starts again");
    shop.connect_again().await;
    to_the_end(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pgbouncer_is_restarted() {
    let mut shop = Shop::open().await;
    place_all(&shop).await;
    shop.stack
        .pgbouncer_mut()
        .expect("a pgBouncer of our own")
        .restart()
        .await
        .expect("pgBouncer starts again");
    to_the_end(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_is_away_and_orders_go_on_when_it_is_back() {
    let mut shop = Shop::open().await;
    shop.place("o-1", &["pizza"]).await;
    shop.until("o-1", "validated").await;
    shop.stack
        .postgres_mut()
        .expect("a Postgres of our own")
        .stop()
        .await;
    let (status, answer) = shop.pay("o-1", 500, "1234 1234 1234 1234").await;
    assert_eq!(status, 503, "{answer}");
    assert!(!answer.to_string().contains("SELECT"), "{answer}");
    let (status, _) = shop
        .graphql("/v1/graphql", "{ orders { order_id } }", serde_json::json!({}))
        .await;
    assert_eq!(status, 503);
    shop.stack
        .postgres_mut()
        .expect("a Postgres of our own")
        .restart()
        .await
        .expect("Postgres starts again");
    shop.connect_again().await;
    shop.pay_until_paid("o-1", 500).await;
    shop.until("o-1", "assigned").await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pool_is_exhausted_and_orders_go_on_when_it_is_not() {
    let shop = Shop::open().await;
    shop.place("paying", &["pizza"]).await;
    shop.until("paying", "validated").await;
    let pool_url = shop.stack.addresses().pgbouncer.clone().expect("pgBouncer");
    // Somebody's forgotten transactions hold every connection that pgBouncer may lend.
    let mut forgotten: Vec<Client> = Vec::new();
    for _ in 0..local_stack::POOL_SIZE {
        let client = local_services::postgres::connect(&pool_url)
            .await
            .expect("pgBouncer");
        client.batch_execute("BEGIN").await.expect("a transaction");
        forgotten.push(client);
    }
    let (status, answer) = shop.pay("paying", 500, "1234 1234 1234 1234").await;
    assert_eq!(status, 503, "{answer}");
    // The engine goes past the pool: orders can be placed, and wait.
    shop.place("waiting", &["pizza"]).await;
    drop(forgotten);
    shop.pay_until_paid("paying", 500).await;
    shop.until("waiting", "validated").await;
    shop.pay_until_paid("waiting", 500).await;
    shop.until_all(2, "assigned").await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gateway_answers_500_429_or_nothing() {
    let gateway = BadGateway::open().await;
    let root = tempfile::tempdir().expect("a directory");
    let mut options = Options::for_tests().expect("the binaries");
    // The triggers as they are, but in a hurry: nobody waits half a minute for a gateway that says nothing.
    let triggers = fs::read_to_string(options.root.join("event-triggers.json")).expect("the triggers");
    let mut triggers: Value = serde_json::from_str(&triggers).expect("JSON");
    for trigger in triggers["args"].as_array_mut().expect("a bulk") {
        trigger["args"]["retry_conf"]["interval_sec"] = 1.into();
        trigger["args"]["retry_conf"]["timeout_sec"] = 1.into();
    }
    fs::write(root.path().join("event-triggers.json"), triggers.to_string()).expect("written");
    fs::copy(options.root.join("schema.sql"), root.path().join("schema.sql")).expect("copied");
    std::os::unix::fs::symlink(options.root.join("infra"), root.path().join("infra")).expect("linked");
    options.root = root.path().to_path_buf();
    options
        .engine_env
        .push(("FUNCTIONS_URL".to_owned(), gateway.url()));
    let shop = Shop::open_with(options).await;
    gateway.leads_to(&shop.stack.addresses().functions);
    for n in 0..3 {
        shop.place(&name(n), &["pizza"]).await;
    }
    for n in 0..3 {
        shop.until(&name(n), "validated").await;
        shop.pay_until_paid(&name(n), 500).await;
    }
    shop.until_all(3, "assigned").await;
    let failed = gateway.failed();
    assert!(failed.iter().all(|count| *count >= 3), "{failed:?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_notify_everything_works_within_the_poll_interval() {
    let shop = Shop::open().await;
    // As it is where LISTEN cannot pass: behind a transaction pooler, or with an old capture function.
    let function: String = shop
        .database
        .query_one(
            "SELECT pg_get_functiondef('hdb_catalog.insert_event_log'::regproc)",
            &[],
        )
        .await
        .expect("the capture function")
        .get(0);
    assert!(function.contains("pg_notify"), "{function}");
    let silent = function.replace("PERFORM pg_notify('hasura_events', '');", "NULL;");
    assert!(!silent.contains("pg_notify"), "{silent}");
    shop.database
        .batch_execute(&silent)
        .await
        .expect("the capture function without NOTIFY");
    // The engine is asleep; the order comes past it, so that nothing but its own poll finds the event.
    tokio::time::timeout(Duration::from_secs(10), async {
        shop.database
            .batch_execute(
                "BEGIN;
                 INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ('o-1', 'tester', 1, 'here');
                 INSERT INTO items (order_id, item) VALUES ('o-1', 'pizza');
                 COMMIT",
            )
            .await
            .expect("an order");
        shop.until("o-1", "validated").await;
    })
    .await
    .expect("found within a few polls");
    eventually("paid", async || {
        (shop.pay("o-1", 500, "1234 1234 1234 1234").await.0 == 200).then_some(())
    })
    .await;
    shop.until("o-1", "assigned").await;
    shop.close().await;
}
