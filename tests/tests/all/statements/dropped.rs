//! A call that ends between BEGIN and COMMIT of the payment's claim: its connection is not used again, and another call can pay.

use std::time::Duration;

use shared::{
    card::Card,
    database::{Database, statement::Statement},
    gateway::SimulatedGateway,
    identity::UserId,
    order::{OrderId, Outcome, StepResponse},
    steps::{
        StepError,
        payment::{self, PaymentRequest},
    },
};
use testkit::eventually;
use tests::{
    database::TestDatabase,
    orders::{VALIDATED, ask, place_as},
    pooler::{Names, TestPooler},
};
use tokio::time::Instant;
use tokio_postgres::Client;

const PAYMENT: &str = "payment";
const PAYER: &str = "tester";

/// Locks of the connection's transaction.
const LOCKS: Statement = Statement {
    lock: None,
    sql: "SELECT count(*)::text FROM pg_locks WHERE pid = pg_backend_pid() AND locktype IN ('advisory', 'transactionid')",
};

/// How a call ends before its claim does.
#[derive(Debug, Clone, Copy)]
enum End {
    /// Its future is dropped.
    Dropped,
    /// The time of the request is over.
    Deadline,
}

async fn pay(pool: &Database) -> Result<StepResponse, StepError> {
    let request = PaymentRequest {
        order_id: OrderId::parse("o-1").expect("a good id"),
        amount: Some(500),
        kind: "credit_card".to_owned(),
        card: Card::parse("A. Customer", "1234 1234 1234 1234", "111").expect("a good card"),
    };
    let payer = UserId::parse(PAYER).expect("a good id");
    let gateway = SimulatedGateway::new(pool.clone());
    payment::run(pool, &gateway, Some(&payer), &request).await
}

/// Waits until this number of the payment's transactions wait for the lock.
async fn until_waiting(client: &Client, number: u32) {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
               AND usename = 'fn_payment' AND wait_event = 'advisory'";
    eventually("the claim waits for the lock", async || {
        (ask(client, sql).await? == number.to_string()).then_some(())
    })
    .await;
}

/// Begins a payment whose claim waits for the lock of its payer, ends the call, and pays with the same pool.
async fn call_ends_within_claim(names: Names, end: End) {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let Some(pooler) = TestPooler::start(names, &database, 1).await else {
        return;
    };
    place_as(&mut client, "o-1", VALIDATED).await;
    let pool = pooler.pool(PAYMENT, 1);
    let locks = async || {
        let row = pool.row(&LOCKS, &[]).await.expect("the connection is usable");
        row.map(|row| row.get::<_, String>(0))
    };
    // Connects, so that the deadline passes within the claim.
    assert_eq!(locks().await.as_deref(), Some("0"));
    let holder = database.connect().await;
    let lock = format!("pg_advisory_lock(3, hashtext('{PAYER}'))");
    ask(&holder, &format!("SELECT {lock}")).await;

    match end {
        End::Dropped => tokio::select! {
            response = pay(&pool) => panic!("the claim did not wait: {response:?}"),
            () = until_waiting(&client, 1) => {}
        },
        End::Deadline => {
            let limited = pool.with_deadline(Instant::now() + Duration::from_millis(500));
            pay(&limited).await.expect_err("the claim did not wait");
        }
    }
    // The transaction still waits, on the only server connection of the pooler: it was closed with that of the pool, and both are
    // replaced.
    assert_eq!(locks().await.as_deref(), Some("0"), "{names:?}, {end:?}");

    ask(
        &holder,
        &lock.replace("pg_advisory_lock", "SELECT pg_advisory_unlock"),
    )
    .await;
    until_waiting(&client, 0).await;
    eventually("the transactions of the first call end", async || {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                   AND usename = 'fn_payment' AND state <> 'idle'";
        (ask(&client, sql).await? == "0").then_some(())
    })
    .await;
    // Postgres may have completed the claim, whose COMMIT was sent with it; it excludes others until it expires.
    client
        .batch_execute("UPDATE payments SET claimed_at = '-infinity' WHERE status = 'processing'")
        .await
        .expect("the claim expires");
    assert_eq!(pay(&pool).await.expect("paid").outcome, Outcome::Paid);
    let counts = "SELECT concat_ws(' ', (SELECT count(*) FROM payments), (SELECT count(*) FROM simulated_gateway_charges), \
                  (SELECT count(*) FROM order_history WHERE outcome = 'paid'))";
    assert_eq!(ask(&client, counts).await.as_deref(), Some("1 1 1"));
    assert_eq!(locks().await.as_deref(), Some("0"), "{names:?}, {end:?}");
    pooler.stop().await;
}

#[tokio::test]
async fn dropped_claim_leaves_nothing_on_a_tracking_pooler() {
    call_ends_within_claim(Names::Tracked, End::Dropped).await;
}

#[tokio::test]
async fn dropped_claim_leaves_nothing_on_a_forwarding_pooler() {
    call_ends_within_claim(Names::Forwarded, End::Dropped).await;
}

#[tokio::test]
async fn claim_at_its_deadline_leaves_nothing_on_a_tracking_pooler() {
    call_ends_within_claim(Names::Tracked, End::Deadline).await;
}

#[tokio::test]
async fn claim_at_its_deadline_leaves_nothing_on_a_forwarding_pooler() {
    call_ends_within_claim(Names::Forwarded, End::Deadline).await;
}
