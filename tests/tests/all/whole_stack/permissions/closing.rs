//! Orders that do not reach their customer, each closed by the role that may: what it changes, what others see, and the clear refusal of
//! a change that comes too late.

use serde_json::{Value, json};
use tests::stack::TestStack;

use super::{GOOD, User};

const CANCEL: &str = "mutation ($id: String!) {
  changed: update_orders_by_pk(pk_columns: {order_id: $id}, _set: {cancelled: true, close_reason: \"I ate.\"}) { status } }";

const REJECT: &str = "mutation ($id: String!, $reason: String) {
  changed: update_orders_to_approve(where: {order_id: {_eq: $id}}, _set: {rejected: true, close_reason: $reason}) {
    affected_rows } }";

const FAIL: &str = "mutation ($id: String!, $reason: String) {
  changed: update_orders_to_deliver(where: {order_id: {_eq: $id}}, _set: {delivery_failed: true, close_reason: $reason}) {
    affected_rows } }";

/// Sets the answer to the assignment of an order: `accepted` or `declined`.
fn answer(flag: &str) -> String {
    format!(
        "mutation ($id: String!) {{
           changed: update_assignment(where: {{order_id: {{_eq: $id}}}}, _set: {{{flag}: true}}) {{ affected_rows }} }}"
    )
}

impl User<'_> {
    async fn affected(&self, mutation: &str, variables: Value) -> Value {
        self.data(mutation, variables).await["changed"]["affected_rows"].take()
    }

    /// Message of an operation that must fail.
    async fn message(&self, query: &str, variables: Value) -> String {
        let answer = self.stack.graphql_as(&self.token, query, variables).await;
        let message = answer["errors"][0]["message"].as_str();
        message
            .unwrap_or_else(|| panic!("{query} must fail: {answer}"))
            .to_owned()
    }

    /// Places an order at the restaurant and pays it.
    async fn buy(&self, id: &str, restaurant: i32) {
        self.place(id, restaurant).await;
        self.stack.until(id, "validated").await;
        let (status, answer) = self.stack.pay_as(&self.token, id, 500, GOOD).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Follows an order until its payment is returned.
    async fn until_refunded(&self, id: &str) {
        let query = "query ($id: String!) { refunds(where: {order_id: {_eq: $id}}) { amount status } }";
        testkit::eventually("the payment is returned", async || {
            let data = self.data(query, json!({"id": id})).await;
            (data["refunds"] == json!([{"amount": 500, "status": "succeeded"}])).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_are_closed_by_their_roles_and_refunded() {
    let stack = TestStack::secured().await;
    let alice = User::log_in(&stack, "alice").await;
    let mallory = User::log_in(&stack, "mallory").await;
    let cura = User::log_in(&stack, "restaurant-2").await;
    let presto = User::log_in(&stack, "restaurant-1").await;

    // The customer cancels a paid order before the restaurant answers; another customer cannot.
    alice.buy("cancelled", 2).await;
    let id = json!({"id": "cancelled"});
    assert_eq!(mallory.data(CANCEL, id.clone()).await["changed"], Value::Null);
    assert_eq!(
        alice.data(CANCEL, id.clone()).await["changed"],
        json!({"status": "cancelled"})
    );
    alice.until_refunded("cancelled").await;
    // Again: nothing changes, and the client that repeats a lost request gets the same answer.
    assert_eq!(
        alice.data(CANCEL, id).await["changed"],
        json!({"status": "cancelled"})
    );

    // Too late: the restaurant has approved.
    alice.buy("approved", 1).await;
    stack.until("approved", "assigned").await;
    assert_eq!(
        alice.message(CANCEL, json!({"id": "approved"})).await,
        "Check constraint violation. order \"approved\" cannot change: the restaurant has approved it"
    );

    // The restaurant rejects with a reason, which the customer sees.
    alice.buy("rejected", 2).await;
    let reason = json!({"id": "rejected", "reason": "The oven is broken."});
    assert_eq!(presto.affected(REJECT, reason.clone()).await, 0);
    let without = cura
        .message(REJECT, json!({"id": "rejected", "reason": null}))
        .await;
    assert!(
        without.contains("close_reason must contain a reason"),
        "{without}"
    );
    assert_eq!(cura.affected(REJECT, reason).await, 1);
    let query = "{ orders(where: {order_id: {_eq: \"rejected\"}}) { status close_reason } }";
    assert_eq!(
        alice.data(query, json!({})).await["orders"],
        json!([{"status": "rejected", "close_reason": "The oven is broken."}])
    );
    alice.until_refunded("rejected").await;
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drivers_answer_release_and_fail() {
    let stack = TestStack::secured().await;
    stack
        .database
        .batch_execute("UPDATE drivers SET available = id = 7, auto_accept = false")
        .await
        .expect("the drivers are updated");
    let alice = User::log_in(&stack, "alice").await;
    let first = User::log_in(&stack, "driver-7").await;
    let second = User::log_in(&stack, "driver-8").await;
    alice.buy("o-1", 1).await;
    stack.until("o-1", "assigned").await;
    let id = json!({"id": "o-1"});

    // Declined: the next driver is asked, without a new event of the customer.
    assert_eq!(first.orders_in("orders_to_accept").await, ["o-1"]);
    assert_eq!(second.affected(&answer("declined"), id.clone()).await, 0);
    assert_eq!(first.affected(&answer("declined"), id.clone()).await, 1);
    let on_duty = "UPDATE drivers SET available = true WHERE id = 8";
    stack.database.batch_execute(on_duty).await.expect("on duty");
    testkit::eventually("the second driver is asked", async || {
        (second.orders_in("orders_to_accept").await == ["o-1"]).then_some(())
    })
    .await;
    assert_eq!(first.orders_in("orders").await, [""; 0]);

    // Accepted, picked up, and not delivered.
    assert_eq!(second.take("pick up", &["o-1"]).await, 0);
    assert_eq!(second.affected(&answer("accepted"), id.clone()).await, 1);
    assert_eq!(second.take("pick up", &["o-1"]).await, 1);
    let too_late = second.message(&answer("declined"), id).await;
    assert!(too_late.contains("it is picked up"), "{too_late}");
    let reason = json!({"id": "o-1", "reason": "There is no such address."});
    assert_eq!(first.affected(FAIL, reason.clone()).await, 0);
    assert_eq!(second.affected(FAIL, reason).await, 1);
    stack.until("o-1", "failed").await;
    alice.until_refunded("o-1").await;
    stack.close().await;
}
