//! The database, the functions, and a simulated engine that delivers events as badly as permitted.

use super::plan::{Closing, Fate, Plan, PlannedOrder, Reaction};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use shared::gateway::SimulatedGateway;
use shared::http::{
    AgentAssignment, ExpireOrders, Handler, Payment, PaymentAccess, RefundPayment, RestaurantApproval,
    ValidateOrder, functions::Function,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use tests::calls::{envelope, payment, post};
use tests::database::TestDatabase;
use tests::{invariants, orders};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_postgres::{Client, error::SqlState};

/// Captures the changes that the triggers of event-triggers.json capture: same tables, operations and columns.
const CAPTURE: &str = "
CREATE TABLE captured (id serial PRIMARY KEY, trigger text NOT NULL, order_id text NOT NULL);
CREATE FUNCTION capture() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
  INSERT INTO captured (trigger, order_id) VALUES (TG_ARGV[0], NEW.order_id);
  RETURN NULL;
END $$;
CREATE TRIGGER captured_insert AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION capture('validate-order');
CREATE TRIGGER captured_paid AFTER UPDATE ON orders FOR EACH ROW
  WHEN (OLD.payment_valid IS DISTINCT FROM NEW.payment_valid) EXECUTE FUNCTION capture('restaurant-approval');
CREATE TRIGGER captured_approved AFTER UPDATE ON orders FOR EACH ROW
  WHEN ((OLD.approved, OLD.reassignments) IS DISTINCT FROM (NEW.approved, NEW.reassignments))
  EXECUTE FUNCTION capture('agent-assignment');
CREATE TRIGGER captured_refund AFTER UPDATE ON orders FOR EACH ROW
  WHEN (OLD.refund_requests IS DISTINCT FROM NEW.refund_requests) EXECUTE FUNCTION capture('refund-payment');
UPDATE drivers SET auto_accept = id % 2 = 0;
";

pub(super) struct TestStack {
    client: Client,
    /// Connection of customers and restaurants, whose changes are concurrent.
    people: Arc<Client>,
    functions: Functions,
    events: BTreeMap<i32, Event>,
    _database: TestDatabase,
}

struct Event {
    trigger: String,
    order_id: String,
    tries: i32,
    settled: bool,
}

#[derive(Clone)]
struct Functions {
    validate: Handler<ValidateOrder>,
    payment: Handler<Payment<SimulatedGateway>>,
    approval: Handler<RestaurantApproval>,
    assignment: Handler<AgentAssignment>,
    refund: Handler<RefundPayment<SimulatedGateway>>,
    expire: Handler<ExpireOrders>,
}

/// Result of a delivery: the event, and whether the response settles it.
type Delivered = Option<(i32, bool)>;

impl TestStack {
    pub(super) async fn new() -> Self {
        let database = TestDatabase::new().await;
        let client = database.connect().await;
        client
            .batch_execute(CAPTURE)
            .await
            .expect("the capture triggers are created");
        let config = |function| database.config(function, 6);
        let pool = |function| database.pool(function, 6);
        let payments = pool("payment");
        let functions = Functions {
            validate: Handler::new(
                &config("validate-order"),
                pool("validate-order"),
                ValidateOrder::default(),
            ),
            payment: Handler::new(
                &config("payment"),
                payments.clone(),
                Payment::simulated(&payments, PaymentAccess::Open),
            ),
            approval: Handler::new(
                &config("restaurant-approval"),
                pool("restaurant-approval"),
                RestaurantApproval,
            ),
            assignment: Handler::new(
                &config("agent-assignment"),
                pool("agent-assignment"),
                AgentAssignment,
            ),
            refund: Handler::new(
                &config("refund-payment"),
                pool("refund-payment"),
                RefundPayment::simulated(&pool("refund-payment")),
            ),
            expire: Handler::new(
                &config("expire-orders"),
                pool("expire-orders"),
                ExpireOrders::default(),
            ),
        };
        Self {
            people: Arc::new(database.connect().await),
            client,
            functions,
            events: BTreeMap::new(),
            _database: database,
        }
    }

    pub(super) async fn place(&mut self, planned: &[PlannedOrder]) {
        for order in planned {
            let new = orders::NewOrder {
                id: &order.id,
                restaurant: order.restaurant,
                address: order.address,
                items: &order.items,
            };
            orders::place(&mut self.client, &new).await;
        }
    }

    pub(super) async fn see_new_events(&mut self) {
        let rows = self
            .client
            .query("SELECT id, trigger, order_id FROM captured", &[])
            .await
            .expect("events");
        for row in rows {
            self.events.entry(row.get(0)).or_insert_with(|| Event {
                trigger: row.get(1),
                order_id: row.get(2),
                tries: 0,
                settled: false,
            });
        }
    }

    /// Drivers come and go, answer assignments, and deliver.
    pub(super) async fn drive(&mut self, plan: &mut Plan, round: usize) {
        let off_duty = plan.off_duty(round);
        self.execute("UPDATE drivers SET available = NOT (id = ANY ($1))", &[&off_duty])
            .await;
        let sql = "SELECT order_id FROM assignment WHERE NOT accepted ORDER BY order_id";
        for row in self.client.query(sql, &[]).await.expect("the assignments") {
            let order_id: &str = row.get(0);
            let set = match plan.reaction(round) {
                Reaction::Accept => "accepted = true",
                Reaction::Decline => "declined = true",
                Reaction::Silence => "accept_by = now()",
            };
            let sql = format!("UPDATE assignment SET {set} WHERE order_id = $1");
            // The statement of a killed request may still be running, and a decline does not wait for it.
            while let Err(error) = self.client.execute(&sql, &[&order_id]).await {
                assert_eq!(
                    error.code(),
                    Some(&SqlState::LOCK_NOT_AVAILABLE),
                    "{sql}: {error}"
                );
                tokio::task::yield_now().await;
            }
        }
        for order in &plan.orders {
            let Some(succeeds) = order.driven else { continue };
            let end = if succeeds {
                "delivered = true"
            } else {
                "delivery_failed = true, close_reason = 'The address was closed.'"
            };
            let sql = format!("UPDATE orders_to_deliver SET {end} WHERE order_id = $1");
            self.execute(&sql, &[&order.id]).await;
            let sql = "UPDATE orders_to_pick_up SET food_picked = true WHERE order_id = $1";
            self.execute(sql, &[&order.id]).await;
        }
    }

    async fn execute(&self, sql: &str, params: &[&(dyn tokio_postgres::types::ToSql + Sync)]) {
        self.client.execute(sql, params).await.expect(sql);
    }

    /// Runs one round: all unsettled and some settled events, and payments, shuffled and concurrent.
    pub(super) async fn deliver_and_pay(&mut self, plan: &mut Plan, round: usize) {
        let mut work: Vec<Work> = Vec::new();
        for (&id, event) in &mut self.events {
            // A settled event is sometimes delivered again, as after a lost settlement.
            let copies = if event.settled {
                plan.copies() / 5
            } else {
                plan.copies()
            };
            for _ in 0..copies {
                let body = envelope(
                    &event.trigger,
                    &event.order_id,
                    &format!("event-{id}"),
                    event.tries,
                );
                work.push(Work::Event {
                    id,
                    trigger: event.trigger.clone(),
                    body,
                    fate: plan.fate(),
                });
                event.tries += 1;
            }
        }
        for order in plan.orders.clone() {
            if order.paid_by_admin == Some(round) {
                self.pay_as_admin(&order.id).await;
            }
            if let Some((at, closing)) = order.closed
                && at == round
            {
                work.push(Work::Close {
                    client: Arc::clone(&self.people),
                    order_id: order.id.clone(),
                    closing,
                });
            }
            let total = self.total(&order.id).await.unwrap_or(500);
            for (card, off) in plan.payments() {
                work.push(Work::Payment {
                    body: payment(&order.id, total + off, card),
                    fate: plan.fate(),
                });
            }
        }
        for _ in 0..2 {
            work.push(Work::Expire { fate: plan.fate() });
        }
        plan.shuffle(&mut work);

        let mut running = JoinSet::new();
        for one in work {
            running.spawn(one.run(self.functions.clone()));
        }
        while let Some(delivered) = running.join_next().await {
            if let Some((id, true)) = delivered.expect("a delivery does not panic") {
                self.events.get_mut(&id).expect("an event we delivered").settled = true;
            }
        }
    }

    async fn pay_as_admin(&self, order_id: &str) {
        let sql = "UPDATE orders SET payment_valid = true, placed = true \
                   WHERE order_id = $1 AND (payment_valid IS NULL OR NOT placed)";
        self.client
            .execute(sql, &[&order_id])
            .await
            .expect("the orders are updated");
    }

    async fn total(&self, order_id: &str) -> Option<i64> {
        let sql = "SELECT total::bigint FROM orders WHERE order_id = $1";
        self.client
            .query_one(sql, &[&order_id])
            .await
            .expect("the total")
            .get(0)
    }

    /// Makes the attempts of the finished round older than the lease of a claim and the cool-down.
    pub(super) async fn let_claims_expire(&self) {
        let sql = "UPDATE payments SET claimed_at = claimed_at - interval '1 hour', created = created - interval '1 hour'";
        self.client
            .execute(sql, &[])
            .await
            .expect("the claims are updated");
    }

    pub(super) async fn broken(&self) -> Vec<String> {
        invariants::broken(&self.client).await
    }

    pub(super) fn all_settled(&self) -> bool {
        self.unsettled() == 0
    }

    pub(super) fn unsettled(&self) -> usize {
        self.events.values().filter(|event| !event.settled).count()
    }

    /// Returns orders that are neither assigned or delivered, nor refused with a reason, nor closed without money to return, nor waiting
    /// for manual approval.
    pub(super) async fn unfinished(&self, planned: &[PlannedOrder]) -> Vec<String> {
        let mut unfinished = Vec::new();
        for order in planned {
            let row = orders::order(&self.client, &order.id).await;
            let by_hand = order.restaurant == 2;
            let finished = match row["status"].as_str() {
                Some("assigned" | "delivered") => !by_hand,
                Some("paid") => by_hand,
                Some("cancelled" | "rejected" | "expired" | "failed") => self.is_returned(&order.id).await,
                Some("refused") => row["problem"].as_str().is_some_and(|problem| !problem.is_empty()),
                _ => false,
            };
            if !finished {
                unfinished.push(row.to_string());
            }
        }
        unfinished
    }

    /// Whether no payment of the order is open or has still to be returned.
    async fn is_returned(&self, order_id: &str) -> bool {
        let sql = "SELECT NOT EXISTS ( \
                     SELECT FROM payments AS p LEFT JOIN refunds AS r ON r.payment_id = p.id AND r.status = 'succeeded' \
                     WHERE p.order_id = $1 AND (p.status = 'processing' OR (p.status = 'succeeded' AND r.id IS NULL)))";
        self.client
            .query_one(sql, &[&order_id])
            .await
            .expect("the payments")
            .get(0)
    }

    /// Compares the ledger of the gateway with the orders that are not closed; `None` if it balances. An order that an administrator
    /// marked as paid may have an open attempt that was charged and that no request resumes.
    pub(super) async fn unbalanced(&self) -> Option<String> {
        let sql = "SELECT format('taken %s, returned %s, paid %s', taken, returned, paid) FROM ( \
                     SELECT (SELECT coalesce(sum(amount), 0) FROM simulated_gateway_charges WHERE decline_code IS NULL) AS taken, \
                            (SELECT coalesce(sum(amount), 0) FROM simulated_gateway_refunds) AS returned, \
                            (SELECT coalesce(sum(p.amount), 0) FROM payments AS p JOIN orders AS o USING (order_id) \
                             WHERE NOT o.closed AND (p.status = 'succeeded' OR (p.status = 'processing' AND EXISTS ( \
                               SELECT FROM simulated_gateway_charges AS c \
                               WHERE c.key = p.idempotency_key AND c.decline_code IS NULL)))) AS paid \
                   ) AS ledger WHERE taken - returned <> paid";
        orders::ask(&self.client, sql).await
    }
}

enum Work {
    Event {
        id: i32,
        trigger: String,
        body: serde_json::Value,
        fate: Fate,
    },
    Payment {
        body: serde_json::Value,
        fate: Fate,
    },
    Close {
        client: Arc<Client>,
        order_id: String,
        closing: Closing,
    },
    Expire {
        fate: Fate,
    },
}

impl Work {
    async fn run(self, functions: Functions) -> Delivered {
        match self {
            Self::Event {
                id,
                trigger,
                body,
                fate,
            } => {
                let status = match trigger.as_str() {
                    "validate-order" => send(&functions.validate, &body, fate).await,
                    "restaurant-approval" => send(&functions.approval, &body, fate).await,
                    "refund-payment" => send(&functions.refund, &body, fate).await,
                    _ => send(&functions.assignment, &body, fate).await,
                }?;
                // The events are valid, so that a 4xx is a bug.
                assert!(
                    status == 200 || status == 503,
                    "{trigger} returned {status} for {body}"
                );
                Some((id, status == 200))
            }
            Self::Payment { body, fate } => {
                let status = send(&functions.payment, &body, fate).await?;
                assert!(
                    matches!(status, 200 | 402 | 409 | 429 | 503),
                    "payment returned {status} for {body}"
                );
                None
            }
            Self::Close {
                client,
                order_id,
                closing,
            } => {
                let set = match closing {
                    Closing::Cancel => "cancelled = true",
                    Closing::Reject => "rejected = true, close_reason = 'The oven is broken.'",
                    Closing::Expire => "pay_by = now(), answer_by = now(), assign_by = now()",
                };
                let sql = format!("UPDATE orders SET {set} WHERE order_id = $1");
                if let Err(error) = client.execute(&sql, &[&order_id]).await {
                    assert_eq!(error.code(), Some(&SqlState::CHECK_VIOLATION), "{error}");
                }
                None
            }
            Self::Expire { fate } => {
                let body = serde_json::json!({"payload": {}, "name": "expire-orders"});
                let status = send(&functions.expire, &body, fate).await?;
                assert!(matches!(status, 200 | 503), "expire-orders returned {status}");
                None
            }
        }
    }
}

/// Returns the status, if a response arrived.
async fn send<F: Function>(handler: &Handler<F>, body: &serde_json::Value, fate: Fate) -> Option<i64> {
    let event = post(&format!("/{}", F::NAME), &body.to_string());
    let request: ApiGatewayV2httpRequest = serde_json::from_value(event).expect("an event of payload 2.0");
    let answer = handler.answer(&request);
    match fate {
        Fate::Answered => Some(answer.await.status_code),
        Fate::AnswerLost => {
            answer.await;
            None
        }
        Fate::Killed(after) => timeout(after, answer).await.ok().map(|answer| answer.status_code),
    }
}
