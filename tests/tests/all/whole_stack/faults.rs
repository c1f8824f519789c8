//! Faults in the whole stack. Each test ends with the invariants over every order: none is lost, none is duplicated.

use std::fs;

use local_services::login::as_login;
use local_stack::Options;
use serde_json::Value;
use testkit::eventually;
use tests::{gateway::BadGateway, stack::TestStack};
use tokio_postgres::Client;

/// Number of orders per test: enough for orders in every status when the fault occurs.
const ORDERS: i64 = 40;

fn name(n: i64) -> String {
    format!("order-{n}")
}

/// Places the orders; their events are delivered immediately.
async fn place_all(stack: &TestStack) {
    for n in 0..ORDERS {
        stack.place(&name(n), &["pizza"]).await;
    }
}

/// Pays every order, retries transient errors, and waits until all orders are assigned.
async fn pay_all_and_finish(stack: TestStack) {
    for n in 0..ORDERS {
        stack.pay_until_paid(&name(n), 500).await;
    }
    stack.until_all(ORDERS, "assigned").await;
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_survive_killed_functions() {
    let stack = TestStack::open().await;
    place_all(&stack).await;
    for n in 0..ORDERS {
        if n % 5 == 0 {
            assert!(stack.services.functions().kill_one_of_each() > 0);
        }
        stack.pay_until_paid(&name(n), 500).await;
    }
    pay_all_and_finish(stack).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_survive_engine_restart() {
    let mut stack = TestStack::open().await;
    place_all(&stack).await;
    stack.services.engine().kill().await;
    // Payments continue without the engine; their events are stored in the database.
    stack.pay_until_paid(&name(0), 500).await;
    stack
        .services
        .engine_mut()
        .start_again()
        .await
        .expect("the engine starts again");
    pay_all_and_finish(stack).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_survive_postgres_restart() {
    let mut stack = TestStack::open().await;
    place_all(&stack).await;
    stack.restart_postgres().await;
    pay_all_and_finish(stack).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_survive_pgbouncer_restart() {
    let mut stack = TestStack::open().await;
    place_all(&stack).await;
    stack
        .services
        .pgbouncer_mut()
        .expect("the stack has its own pgBouncer")
        .restart()
        .await
        .expect("pgBouncer starts again");
    pay_all_and_finish(stack).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_resume_after_database_outage() {
    let mut stack = TestStack::open().await;
    stack.place("o-1", &["pizza"]).await;
    stack.until("o-1", "validated").await;
    stack
        .services
        .postgres_mut()
        .expect("the stack has its own Postgres")
        .stop()
        .await;
    let (status, answer) = stack.pay("o-1", 500, "1234 1234 1234 1234").await;
    assert_eq!(status, 503, "{answer}");
    assert!(!answer.to_string().contains("SELECT"), "{answer}");
    let (status, _) = stack
        .graphql("/v1/graphql", "{ orders { order_id } }", serde_json::json!({}))
        .await;
    assert_eq!(status, 503);
    stack.restart_postgres().await;
    stack.pay_until_paid("o-1", 500).await;
    stack.until("o-1", "assigned").await;
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_resume_after_pool_exhaustion() {
    let stack = TestStack::open().await;
    stack.place("paying", &["pizza"]).await;
    stack.until("paying", "validated").await;
    let pool_url = stack.services.addresses().pgbouncer.clone().expect("pgBouncer");
    let login = stack.services.function_login("payment").expect("a role");
    let pool_url = as_login(&pool_url, login);
    // Idle transactions hold every server connection of the payment function.
    let mut forgotten: Vec<Client> = Vec::new();
    for _ in 0..local_stack::FUNCTION_POOL_SIZE {
        let client = local_services::postgres::connect(&pool_url)
            .await
            .expect("pgBouncer");
        client.batch_execute("BEGIN").await.expect("a transaction");
        forgotten.push(client);
    }
    let (status, answer) = stack.pay("paying", 500, "1234 1234 1234 1234").await;
    assert_eq!(status, 503, "{answer}");
    // The other functions have their own connections.
    stack.place("waiting", &["pizza"]).await;
    stack.until("waiting", "validated").await;
    drop(forgotten);
    stack.pay_until_paid("paying", 500).await;
    stack.pay_until_paid("waiting", 500).await;
    stack.until_all(2, "assigned").await;
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_survive_gateway_failures() {
    let gateway = BadGateway::open().await;
    let root = tempfile::tempdir().expect("a directory");
    let mut options = Options::for_tests().expect("the binaries");
    // The same triggers with a short timeout, because the gateway leaves some calls without a response.
    let triggers = fs::read_to_string(options.root.join("event-triggers.json")).expect("the triggers");
    let mut triggers: Value = serde_json::from_str(&triggers).expect("JSON");
    for trigger in triggers["args"].as_array_mut().expect("a bulk") {
        let conf = &mut trigger["args"]["retry_conf"];
        for key in [
            "interval_sec",
            "initial_interval_sec",
            "max_interval_sec",
            "timeout_sec",
        ] {
            conf[key] = 1.into();
        }
    }
    fs::write(root.path().join("event-triggers.json"), triggers.to_string()).expect("written");
    for file in ["schema.sql", "permissions.json"] {
        fs::copy(options.root.join(file), root.path().join(file)).expect("copied");
    }
    std::os::unix::fs::symlink(options.root.join("infra"), root.path().join("infra")).expect("linked");
    options.root = root.path().to_path_buf();
    options
        .engine_env
        .push(("FUNCTIONS_URL".to_owned(), gateway.url()));
    let stack = TestStack::open_with(options).await;
    gateway.leads_to(&stack.services.addresses().functions);
    for n in 0..3 {
        stack.place(&name(n), &["pizza"]).await;
    }
    for n in 0..3 {
        stack.until(&name(n), "validated").await;
        stack.pay_until_paid(&name(n), 500).await;
    }
    stack.until_all(3, "assigned").await;
    let failed = gateway.failed();
    assert!(failed.iter().all(|count| *count >= 3), "{failed:?}");
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_complete_without_notify() {
    let stack = TestStack::open().await;
    // The state behind a transaction pooler, where LISTEN has no effect, or with an old capture function.
    let silenced = stack
        .database
        .query_one(
            "WITH notifying AS (
               SELECT oid FROM pg_proc WHERE pronamespace = 'hdb_catalog'::regnamespace AND prosrc LIKE '%pg_notify%'
             )
             SELECT string_agg(regexp_replace(pg_get_functiondef(oid), 'PERFORM pg_notify[^;]*;', 'NULL;', 'g'), ';')
             FROM notifying",
            &[],
        )
        .await
        .expect("the capture functions")
        .get::<_, String>(0);
    assert!(!silenced.contains("pg_notify"), "{silenced}");
    stack
        .database
        .batch_execute(&silenced)
        .await
        .expect("the capture functions without NOTIFY");
    // The engine does not see this transaction, so that only its poll finds the events.
    stack
        .database
        .batch_execute(
            "BEGIN;
             INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ('o-1', 'tester', 1, 'here');
             INSERT INTO items (order_id, item) VALUES ('o-1', 'pizza');
             COMMIT",
        )
        .await
        .expect("the order is inserted");
    stack.until("o-1", "validated").await;
    eventually("the payment succeeds", async || {
        (stack.pay("o-1", 500, "1234 1234 1234 1234").await.0 == 200).then_some(())
    })
    .await;
    stack.until("o-1", "assigned").await;
    stack.close().await;
}
