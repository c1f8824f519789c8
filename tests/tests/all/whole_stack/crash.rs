//! Crashes of Postgres under load: what a client was told is stored, and no order is lost or processed twice.
//!
//! Customers place orders, see in a subscription that they are valid, and pay them, without a pause; every fourth one is cancelled after
//! its payment, before its restaurant answers. When the number of acknowledged requests reaches a value that the seed of the
//! round determines, all processes of Postgres are killed (SIGKILL) and Postgres starts again. Then each acknowledged order,
//! payment and cancellation and each validation that a customer saw must be in the database, and the invariants must hold; at the end all
//! orders have reached their drivers, or are cancelled and refunded. Events
//! that were in flight are delivered again.
//!
//! `CRASH_ROUNDS=200 cargo xtask test crash` runs 200 rounds, and `CRASH_SEED=17` starts with this seed. The number of
//! acknowledged requests at each crash repeats exactly, but not the state of the other processes at that moment.

use std::env;
use std::sync::atomic::{AtomicBool, Ordering};

use fastrand::Rng;
use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::{Socket, eventually};
use tests::calls::payment;
use tests::invariants;
use tests::stack::{PLACE, TestStack};
use tokio::sync::watch;
use tokio_postgres::Client;

/// Default number of crashes; see `CRASH_ROUNDS`.
const ROUNDS: u64 = 3;
/// Concurrent customers.
const CUSTOMERS: u32 = 12;
/// Maximum number of acknowledged requests from one crash to the next.
const MAX_REQUESTS: usize = 60;

/// Shows the customer whether the order is valid.
const VALIDATION: &str = "subscription ($id: String!) { orders_by_pk(order_id: $id) { order_valid } }";

/// Cancels an order; again, it changes nothing.
const CANCEL: &str = "mutation ($id: String!) {
  update_orders_by_pk(pk_columns: {order_id: $id}, _set: {cancelled: true}) { cancelled } }";

/// Whether the customer cancels this one of its orders. Its restaurant approves manually.
fn is_cancelled(order: u32) -> bool {
    order % 4 == 3
}

/// Orders by what their customers were told: by the responses to their requests and, of validations, by a subscription.
#[derive(Debug, Default, Clone)]
struct Acknowledged {
    placed: Vec<String>,
    validated: Vec<String>,
    paid: Vec<String>,
    cancelled: Vec<String>,
}

impl Acknowledged {
    /// Returns the number of requests.
    fn count(&self) -> usize {
        self.placed.len() + self.paid.len() + self.cancelled.len()
    }
}

/// The customers.
struct Load {
    engine: String,
    functions: String,
    http: reqwest::Client,
    acknowledged: watch::Sender<Acknowledged>,
    stopping: AtomicBool,
}

impl Load {
    async fn customer(&self, number: u32) {
        let mut order = 0_u32;
        let mut socket = Socket::subscriptions_transport_ws(&self.engine, "/v1alpha1/graphql").await;
        while !self.stopping.load(Ordering::Relaxed) {
            let id = format!("crash-{number}-{order}");
            eventually("the order is placed", async || {
                self.is_placed(&id, is_cancelled(order)).await.then_some(())
            })
            .await;
            self.acknowledged.send_modify(|all| all.placed.push(id.clone()));
            socket.start(&id, VALIDATION, json!({"id": id})).await;
            while socket.expect(&id, "data").await["data"]["orders_by_pk"]["order_valid"] != true {}
            self.acknowledged
                .send_modify(|all| all.validated.push(id.clone()));
            socket.stop(&id).await;
            eventually("the order is paid", async || {
                self.is_paid(&id).await.then_some(())
            })
            .await;
            self.acknowledged.send_modify(|all| all.paid.push(id.clone()));
            if is_cancelled(order) {
                eventually("the order is cancelled", async || {
                    self.cancels(&id).await.then_some(())
                })
                .await;
                self.acknowledged.send_modify(|all| all.cancelled.push(id));
            }
            order += 1;
        }
    }

    /// Places an order. After a lost response the order may exist.
    async fn is_placed(&self, id: &str, manually_approved: bool) -> bool {
        let query = if manually_approved {
            PLACE.replace("restaurant_id: 1", "restaurant_id: 2")
        } else {
            PLACE.to_owned()
        };
        let items = json!([{"order_id": id, "item": "pizza"}]);
        let variables = json!({"uuid": id, "items": items, "user_id": "tester"});
        let body = json!({"query": query, "variables": variables});
        let answer = self
            .post(&format!("{}/v1alpha1/graphql", self.engine), &body)
            .await;
        let answer = answer.map(|(_, body)| body).unwrap_or_default();
        answer["data"]["insert_orders"]["returning"][0]["order_id"] == id
            || answer.to_string().contains("orders_pkey")
    }

    async fn is_paid(&self, id: &str) -> bool {
        let body = payment(id, 500, "1234 1234 1234 1234");
        let answer = self.post(&format!("{}/payment", self.functions), &body).await;
        match answer.map(|(status, _)| status) {
            Some(200) => true,
            None | Some(409 | 429 | 500..=599) => false,
            Some(other) => panic!("unexpected payment status {other}"),
        }
    }

    async fn cancels(&self, id: &str) -> bool {
        let body = json!({"query": CANCEL, "variables": {"id": id}});
        let answer = self
            .post(&format!("{}/v1alpha1/graphql", self.engine), &body)
            .await;
        let answer = answer.map(|(_, body)| body).unwrap_or_default();
        answer["data"]["update_orders_by_pk"]["cancelled"] == true
    }

    async fn post(&self, url: &str, body: &Value) -> Option<(u16, Value)> {
        let response = self.http.post(url).json(body).send().await.ok()?;
        let status = response.status().as_u16();
        Some((status, response.json().await.unwrap_or_default()))
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
        functions: stack.services.addresses().functions.clone(),
        http: local_process::http_client().expect("an HTTP client"),
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
    let number = |orders: &[String]| i64::try_from(orders.len()).expect("a small number");
    let cancelled = number(&told.cancelled);
    stack
        .until_all(number(&told.placed) - cancelled, "assigned")
        .await;
    stack.until_all(cancelled, "cancelled").await;
    eventually("all events are delivered", async || {
        let sql = "SELECT NOT EXISTS (SELECT FROM hdb_catalog.event_log WHERE NOT delivered)";
        let row = stack.database.query_one(sql, &[]).await.ok()?;
        row.get::<_, bool>(0).then_some(())
    })
    .await;
    let returned = "SELECT count(*) FROM refunds WHERE status = 'succeeded'";
    let returned: i64 = stack
        .database
        .query_one(returned, &[])
        .await
        .expect("a number")
        .get(0);
    assert_eq!(returned, cancelled, "each cancelled order is refunded");
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

/// Returns the acknowledged orders, validations, payments and cancellations that the database does not contain.
async fn missing(client: &Client, told: &Acknowledged) -> Vec<String> {
    client
        .query(
            "SELECT 'order ' || told FROM unnest($1::text[]) AS told
             WHERE NOT EXISTS (SELECT FROM orders WHERE order_id = told)
             UNION ALL
             SELECT 'validation of ' || told FROM unnest($2::text[]) AS told
             WHERE NOT EXISTS (SELECT FROM orders WHERE order_id = told AND order_valid)
             UNION ALL
             SELECT 'payment of ' || told FROM unnest($3::text[]) AS told
             WHERE NOT EXISTS (
               SELECT FROM orders JOIN payments USING (order_id)
               WHERE order_id = told AND payment_valid AND payments.status = 'succeeded')
             UNION ALL
             SELECT 'cancellation of ' || told FROM unnest($4::text[]) AS told
             WHERE NOT EXISTS (SELECT FROM orders WHERE order_id = told AND cancelled)",
            &[&told.placed, &told.validated, &told.paid, &told.cancelled],
        )
        .await
        .expect("the acknowledged requests are compared")
        .iter()
        .map(|row| row.get(0))
        .collect()
}
