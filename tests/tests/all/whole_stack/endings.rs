//! Orders that end in different ways, and the requests of their customers, restaurants and operators. Each request may be repeated: its
//! response can be lost with the process that was to send it.

use serde_json::{Value, json};
use tests::calls::payment;
use tests::stack::{PLACE, TestStack};

const STATUS: &str = "query ($id: String!) { orders_by_pk(order_id: $id) { status } }";

const CANCEL: &str = "mutation ($id: String!) {
  update_orders_by_pk(pk_columns: {order_id: $id}, _set: {cancelled: true}) { status } }";

const REJECT: &str = "mutation ($id: String!) {
  update_orders_to_approve(where: {order_id: {_eq: $id}}, _set: {rejected: true, close_reason: \"The kitchen is too busy.\"}) {
    affected_rows } }";

/// Makes the deadlines of an order pass.
const PASS_DEADLINES: &str = "mutation ($id: String!) {
  update_orders_by_pk(pk_columns: {order_id: $id}, _set: {pay_by: \"2000-01-01\", answer_by: \"2000-01-01\"}) { status } }";

/// How an order ends. Restaurants of those that are closed approve manually.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Assigned,
    Cancelled,
    Rejected,
    Unanswered,
    Unpaid,
}

impl Ending {
    /// The first orders of six customers have all of them.
    pub(super) fn of(customer: u32, order: u32) -> Self {
        match (customer + order) % 6 {
            1 => Self::Cancelled,
            2 => Self::Rejected,
            4 => Self::Unanswered,
            5 => Self::Unpaid,
            _ => Self::Assigned,
        }
    }

    pub(super) fn status(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
            Self::Unanswered | Self::Unpaid => "expired",
        }
    }
}

/// Sends requests as admin of a stack in open mode.
pub(super) struct Requests {
    engine: String,
    functions: String,
    http: reqwest::Client,
}

impl Requests {
    pub(super) fn to(stack: &TestStack) -> Self {
        let addresses = stack.services.addresses();
        Self {
            engine: addresses.engine.clone(),
            functions: addresses.functions.clone(),
            http: local_process::http_client().expect("an HTTP client"),
        }
    }

    /// Places an order. After a lost response the order may exist.
    pub(super) async fn is_placed(&self, id: &str, ending: Ending) -> bool {
        let query = if ending == Ending::Assigned {
            PLACE.to_owned()
        } else {
            PLACE.replace("restaurant_id: 1", "restaurant_id: 2")
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

    /// Pays an order. After a lost response it may be paid already.
    pub(super) async fn is_paid(&self, id: &str) -> bool {
        let body = payment(id, 500, "1234 1234 1234 1234");
        let answer = self.post(&format!("{}/payment", self.functions), &body).await;
        match answer.map(|(status, _)| status) {
            Some(200) => true,
            None | Some(409 | 429 | 500..=599) => false,
            Some(other) => panic!("unexpected payment status {other}"),
        }
    }

    /// Closes an order. After a lost response it may be closed already.
    pub(super) async fn is_closed(&self, id: &str, ending: Ending) -> bool {
        match ending {
            Ending::Assigned => {}
            Ending::Cancelled => drop(self.graphql(CANCEL, id).await),
            Ending::Rejected => drop(self.graphql(REJECT, id).await),
            Ending::Unanswered | Ending::Unpaid => {
                self.graphql(PASS_DEADLINES, id).await;
                let event = json!({"name": "expire-orders", "payload": {}});
                self.post(&format!("{}/expire-orders", self.functions), &event)
                    .await;
            }
        }
        self.graphql(STATUS, id).await["data"]["orders_by_pk"]["status"] == ending.status()
    }

    /// Null without a response.
    async fn graphql(&self, query: &str, id: &str) -> Value {
        let body = json!({"query": query, "variables": {"id": id}});
        let answer = self
            .post(&format!("{}/v1alpha1/graphql", self.engine), &body)
            .await;
        answer.map(|(_, body)| body).unwrap_or_default()
    }

    async fn post(&self, url: &str, body: &Value) -> Option<(u16, Value)> {
        let response = self.http.post(url).json(body).send().await.ok()?;
        let status = response.status().as_u16();
        Some((status, response.json().await.unwrap_or_default()))
    }
}
