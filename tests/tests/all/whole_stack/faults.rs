//! Faults in the whole stack, while orders are placed, paid and closed: two thirds of them are cancelled, rejected or expire. Each test ends with
//! the invariants over every order: none is lost, none is duplicated, and the payments of closed orders are returned once.

use std::collections::BTreeMap;
use std::fs;

use local_services::login::as_login;
use local_stack::Options;
use serde_json::Value;
use testkit::eventually;
use tests::orders::ask;
use tests::{gateway::BadGateway, invariants, stack::TestStack};
use tokio_postgres::Client;

use super::endings::{Ending, Requests};

/// Number of orders per test: enough for orders in every status when the fault occurs.
const ORDERS: u32 = 42;

fn name(n: u32) -> String {
    format!("order-{n}")
}

fn ending(n: u32) -> Ending {
    Ending::of(n, 0)
}

/// Places the orders; their events are delivered immediately.
async fn place_all(requests: &Requests, orders: u32) {
    for n in 0..orders {
        let placed = async || requests.is_placed(&name(n), ending(n)).await.then_some(());
        eventually("the order is placed", placed).await;
    }
}

/// Pays an order and closes it if that is its ending; retries transient errors.
async fn complete(requests: &Requests, n: u32) {
    let (id, ending) = (name(n), ending(n));
    if ending != Ending::Unpaid {
        eventually("the payment succeeds", async || {
            requests.is_paid(&id).await.then_some(())
        })
        .await;
    }
    if ending != Ending::Assigned {
        eventually("the order is closed", async || {
            requests.is_closed(&id, ending).await.then_some(())
        })
        .await;
    }
}

/// Waits until all orders have ended, and checks their payments and refunds.
async fn finish(stack: TestStack, orders: u32) {
    let mut expected = BTreeMap::new();
    for n in 0..orders {
        *expected.entry(ending(n).status()).or_insert(0) += 1;
    }
    assert_eq!(expected.len(), 4, "{expected:?}");
    for (status, count) in expected {
        stack.until_all(count, status).await;
    }
    eventually("the payments of closed orders are returned", async || {
        (invariants::unbalanced(&stack.database).await == 0).then_some(())
    })
    .await;
    let refunds = "SELECT (SELECT count(*) FROM refunds) = (SELECT count(*) FROM orders WHERE closed AND payment_valid)";
    assert_eq!(ask(&stack.database, refunds).await.as_deref(), Some("t"));
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_survive_killed_functions() {
    let stack = TestStack::open().await;
    let requests = Requests::to(&stack);
    place_all(&requests, ORDERS).await;
    for n in 0..ORDERS {
        // Over all orders, a request of each ending follows the loss of a process.
        if n % 5 == 0 {
            assert!(stack.services.functions().kill_one_of_each() > 0);
        }
        complete(&requests, n).await;
    }
    finish(stack, ORDERS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_survive_engine_restart() {
    let mut stack = TestStack::open().await;
    let requests = Requests::to(&stack);
    place_all(&requests, ORDERS).await;
    for n in 0..ORDERS / 2 {
        complete(&requests, n).await;
    }
    stack.services.engine().kill().await;
    // Payments continue without the engine; their events, and those of the refunds, are stored in the database.
    let paid = ORDERS / 2 + 1;
    assert_ne!(ending(paid), Ending::Unpaid);
    stack.pay_until_paid(&name(paid), 500).await;
    stack
        .services
        .engine_mut()
        .start_again()
        .await
        .expect("the engine starts again");
    for n in ORDERS / 2..ORDERS {
        complete(&requests, n).await;
    }
    finish(stack, ORDERS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_survive_postgres_restart() {
    let mut stack = TestStack::open().await;
    let requests = Requests::to(&stack);
    place_all(&requests, ORDERS).await;
    for n in 0..ORDERS / 2 {
        complete(&requests, n).await;
    }
    stack.restart_postgres().await;
    for n in ORDERS / 2..ORDERS {
        complete(&requests, n).await;
    }
    finish(stack, ORDERS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_survive_pgbouncer_restart() {
    let mut stack = TestStack::open().await;
    let requests = Requests::to(&stack);
    place_all(&requests, ORDERS).await;
    for n in 0..ORDERS / 2 {
        complete(&requests, n).await;
    }
    stack
        .services
        .pgbouncer_mut()
        .expect("the stack has its own pgBouncer")
        .restart()
        .await
        .expect("pgBouncer starts again");
    for n in ORDERS / 2..ORDERS {
        complete(&requests, n).await;
    }
    finish(stack, ORDERS).await;
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
    let requests = Requests::to(&stack);
    place_all(&requests, 6).await;
    for n in 0..6 {
        complete(&requests, n).await;
    }
    finish(stack, 6).await;
    // The first delivery of each event: validations, approvals, assignments and refunds.
    let failed = gateway.failed();
    assert!(failed.iter().all(|count| *count >= 3), "{failed:?}");
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
