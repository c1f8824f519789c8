//! Crashes of Postgres under load: what a client was told is stored, and no order is lost or processed twice.
//!
//! Customers place orders, see in a subscription that they are valid, and pay them, without a pause. Of six orders, two reach a driver; one
//! each is cancelled or rejected after its payment, or expires before or after it. When the number of acknowledged requests reaches
//! a value that the seed of the round determines, all processes of Postgres are killed (SIGKILL) and Postgres starts again. Then each
//! acknowledged order, validation, payment and closing must be in the database, and the invariants must hold. At the end all orders have
//! reached their drivers, or are closed and refunded, and the ledger of the payment gateway balances. Events that were in flight are
//! delivered again.
//!
//! `CRASH_ROUNDS=200 cargo xtask test crash` runs 200 rounds, and `CRASH_SEED=17` starts with this seed. The number of
//! acknowledged requests at each crash repeats exactly, but not the state of the other processes at that moment.

use std::env;
use std::sync::atomic::{AtomicBool, Ordering};

use fastrand::Rng;
use futures_util::future::join_all;
use serde_json::json;
use testkit::{Socket, eventually};
use tests::invariants;
use tests::orders::ask;
use tests::stack::TestStack;
use tokio::sync::watch;
use tokio_postgres::Client;

use super::endings::{Ending, Requests};

/// Default number of crashes; see `CRASH_ROUNDS`.
const ROUNDS: u64 = 3;
/// Concurrent customers.
const CUSTOMERS: u32 = 12;
/// Maximum number of acknowledged requests from one crash to the next.
const MAX_REQUESTS: usize = 60;

/// Shows the customer whether the order is valid.
const VALIDATION: &str = "subscription ($id: String!) { orders_by_pk(order_id: $id) { order_valid } }";

/// Orders by what their customers were told: by the responses to their requests and, of validations, by a subscription.
#[derive(Debug, Default, Clone)]
struct Acknowledged {
    placed: Vec<String>,
    validated: Vec<String>,
    paid: Vec<String>,
    cancelled: Vec<String>,
    rejected: Vec<String>,
    expired: Vec<String>,
}

impl Acknowledged {
    /// Returns the number of requests.
    fn count(&self) -> usize {
        self.placed.len() + self.paid.len() + self.closed()
    }

    fn closed(&self) -> usize {
        self.cancelled.len() + self.rejected.len() + self.expired.len()
    }

    /// Records the closing of an order.
    fn close(&mut self, id: String, ending: Ending) {
        let orders = match ending {
            Ending::Assigned => return,
            Ending::Cancelled => &mut self.cancelled,
            Ending::Rejected => &mut self.rejected,
            Ending::Unanswered | Ending::Unpaid => &mut self.expired,
        };
        orders.push(id);
    }
}

/// The customers.
struct Load {
    engine: String,
    requests: Requests,
    acknowledged: watch::Sender<Acknowledged>,
    stopping: AtomicBool,
}

impl Load {
    async fn customer(&self, number: u32) {
        let mut order = 0_u32;
        let mut socket = Socket::subscriptions_transport_ws(&self.engine, "/v1alpha1/graphql").await;
        while !self.stopping.load(Ordering::Relaxed) {
            let id = format!("crash-{number}-{order}");
            let ending = Ending::of(number, order);
            eventually("the order is placed", async || {
                self.requests.is_placed(&id, ending).await.then_some(())
            })
            .await;
            self.acknowledged.send_modify(|all| all.placed.push(id.clone()));
            socket.start(&id, VALIDATION, json!({"id": id})).await;
            while socket.expect(&id, "data").await["data"]["orders_by_pk"]["order_valid"] != true {}
            self.acknowledged
                .send_modify(|all| all.validated.push(id.clone()));
            socket.stop(&id).await;
            if ending != Ending::Unpaid {
                eventually("the order is paid", async || {
                    self.requests.is_paid(&id).await.then_some(())
                })
                .await;
                self.acknowledged.send_modify(|all| all.paid.push(id.clone()));
            }
            if ending != Ending::Assigned {
                eventually("the order is closed", async || {
                    self.requests.is_closed(&id, ending).await.then_some(())
                })
                .await;
                self.acknowledged.send_modify(|all| all.close(id, ending));
            }
            order += 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_work_survives_crashes_of_postgres() {
    let number = |name: &str| {
        env::var(name)
            .ok()
            .map(|text| text.parse::<u64>().expect("a number"))
    };
    let first = number("CRASH_SEED").unwrap_or(1);
    let rounds = number("CRASH_ROUNDS").unwrap_or(ROUNDS);
    let mut stack = TestStack::open().await;
    let load = Load {
        engine: stack.services.addresses().engine.clone(),
        requests: Requests::to(&stack),
        acknowledged: watch::Sender::default(),
        stopping: AtomicBool::new(false),
    };
    let crashes = async {
        for seed in first..first + rounds {
            crash(&mut stack, &load, seed).await;
        }
        load.stopping.store(true, Ordering::Relaxed);
    };
    tokio::join!(
        crashes,
        join_all((0..CUSTOMERS).map(|number| load.customer(number)))
    );
    let told = load.acknowledged.borrow().clone();
    assert_eq!(missing(&stack.database, &told).await, [""; 0]);
    let number = |orders: usize| i64::try_from(orders).expect("a small number");
    for (status, count) in [
        ("assigned", told.placed.len() - told.closed()),
        ("cancelled", told.cancelled.len()),
        ("rejected", told.rejected.len()),
        ("expired", told.expired.len()),
    ] {
        assert!(count > 0, "{status}: none");
        stack.until_all(number(count), status).await;
    }
    eventually("all events are delivered", async || {
        let sql = "SELECT NOT EXISTS (SELECT FROM hdb_catalog.event_log WHERE NOT delivered)";
        let row = stack.database.query_one(sql, &[]).await.ok()?;
        row.get::<_, bool>(0).then_some(())
    })
    .await;
    assert_eq!(invariants::broken(&stack.database).await, [""; 0]);
    assert_eq!(invariants::unbalanced(&stack.database).await, 0);
    let returned = "SELECT concat_ws(' ', count(*) FILTER (WHERE r.status = 'succeeded'), \
                      (SELECT count(*) FROM orders WHERE closed AND payment_valid)) FROM refunds AS r";
    let returned = ask(&stack.database, returned).await.expect("numbers");
    let assigned = told.placed.len() - told.closed();
    let closed = told.paid.len() - assigned;
    assert_eq!(
        returned,
        format!("{closed} {closed}"),
        "each payment of a closed order is returned"
    );
    stack.close().await;
}

/// Kills Postgres when the customers have received a number of further responses, starts it again and checks the database.
async fn crash(stack: &mut TestStack, load: &Load, seed: u64) {
    let mut acknowledged = load.acknowledged.subscribe();
    let wanted = acknowledged.borrow().count() + Rng::with_seed(seed).usize(1..=MAX_REQUESTS);
    drop(
        acknowledged
            .wait_for(|all| all.count() >= wanted)
            .await
            .expect("the sender exists"),
    );
    let postgres = stack
        .services
        .postgres_mut()
        .expect("the stack has its own Postgres");
    postgres.crash().await;
    let told = acknowledged.borrow().clone();
    postgres.start_again().await.expect("Postgres starts again");
    stack.connect_again().await;
    let database = &stack.database;
    assert_eq!(missing(database, &told).await, [""; 0], "seed {seed}");
    assert_eq!(invariants::broken(database).await, [""; 0], "seed {seed}");
    // The requests that held these claims ended with their connections; others need not wait for the end of the lease.
    database
        .execute(
            "UPDATE payments SET claimed_at = '-infinity' WHERE status = 'processing'",
            &[],
        )
        .await
        .expect("the claims expire");
}

/// Returns what the customers were told and the database does not contain.
async fn missing(client: &Client, told: &Acknowledged) -> Vec<String> {
    let mut missing = Vec::new();
    for (what, orders, condition) in [
        ("order", &told.placed, "true"),
        ("validation", &told.validated, "order_valid"),
        (
            "payment",
            &told.paid,
            "payment_valid AND EXISTS (SELECT FROM payments AS p WHERE p.order_id = o.order_id AND p.status = 'succeeded')",
        ),
        ("cancellation", &told.cancelled, "cancelled"),
        ("rejection", &told.rejected, "rejected"),
        ("expiry", &told.expired, "expired"),
    ] {
        let sql = format!(
            "SELECT told FROM unnest($1::text[]) AS told \
             WHERE NOT EXISTS (SELECT FROM orders AS o WHERE o.order_id = told AND {condition})"
        );
        let rows = client
            .query(&sql, &[orders])
            .await
            .expect("the orders are compared");
        missing.extend(
            rows.iter()
                .map(|row| format!("{what} of {}", row.get::<_, &str>(0))),
        );
    }
    missing
}
