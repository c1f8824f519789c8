//! The database, the functions, and a simulated engine that delivers events as badly as permitted.

use super::plan::{Fate, Plan, PlannedOrder};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use shared::gateway::SimulatedGateway;
use shared::http::{
    AgentAssignment, Handler, Payment, PaymentAccess, RestaurantApproval, ValidateOrder, functions::Function,
};
use std::collections::BTreeMap;
use tests::calls::{envelope, payment, post};
use tests::database::TestDatabase;
use tests::{invariants, orders};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_postgres::Client;

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
  WHEN (OLD.approved IS DISTINCT FROM NEW.approved) EXECUTE FUNCTION capture('agent-assignment');
";

pub(super) struct TestStack {
    client: Client,
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
            validate: Handler::new(&config("validate-order"), pool("validate-order"), ValidateOrder),
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
        };
        Self {
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
            let total = self.total(&order.id).await.unwrap_or(500);
            for (card, off) in plan.payments() {
                work.push(Work::Payment {
                    body: payment(&order.id, total + off, card),
                    fate: plan.fate(),
                });
            }
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

    /// Returns orders that are neither assigned, nor refused with a reason, nor waiting for manual approval.
    pub(super) async fn unfinished(&self, planned: &[PlannedOrder]) -> Vec<String> {
        let mut unfinished = Vec::new();
        for order in planned {
            let row = orders::order(&self.client, &order.id).await;
            let by_hand = order.restaurant == 2;
            let finished = match row["status"].as_str() {
                Some("assigned") => !by_hand,
                Some("paid") => by_hand,
                Some("refused") => row["problem"].as_str().is_some_and(|problem| !problem.is_empty()),
                _ => false,
            };
            if !finished {
                unfinished.push(row.to_string());
            }
        }
        unfinished
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
