//! Deliveries that have ended: each driver sees its own, with their totals and without the addresses.

use serde_json::{Value, json};
use tests::stack::TestStack;

use super::{GOOD, User, only_driver};

const TODAY: &str = "query ($since: timestamptz!) {
  driver_deliveries(where: {ended: {_gte: $since}}, order_by: {ended: desc}) { order_id restaurant status close_reason }
  driver_deliveries_aggregate(where: {ended: {_gte: $since}, status: {_eq: \"delivered\"}}) {
    aggregate { count sum { kilometres } avg { minutes } } }
}";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drivers_see_the_deliveries_that_they_have_ended() {
    let stack = TestStack::secured().await;
    only_driver(&stack, 7).await;
    let alice = User::log_in(&stack, "alice").await;
    let driver = User::log_in(&stack, "driver-7").await;
    let other = User::log_in(&stack, "driver-8").await;
    let since = json!({"since": "2020-01-01T00:00:00Z"});
    for id in ["first", "second", "third"] {
        alice.place(id, 1).await;
        stack.until(id, "validated").await;
        assert_eq!(stack.pay_as(&alice.token, id, 500, GOOD).await.0, 200);
        stack.until(id, "assigned").await;
    }
    let nothing = json!({
        "driver_deliveries": [],
        "driver_deliveries_aggregate": {
            "aggregate": {"count": 0, "sum": {"kilometres": null}, "avg": {"minutes": null}}
        },
    });
    assert_eq!(driver.data(TODAY, since.clone()).await, nothing);
    assert_eq!(driver.take("pick up", &["first", "second"]).await, 2);
    assert_eq!(driver.take("deliver", &["first"]).await, 1);
    let fail = "mutation { changed: update_orders_to_deliver(where: {order_id: {_eq: \"second\"}},
      _set: {delivery_failed: true, close_reason: \"No such street.\"}) { affected_rows } }";
    assert_eq!(driver.data(fail, json!({})).await["changed"]["affected_rows"], 1);

    let today = driver.data(TODAY, since.clone()).await;
    assert_eq!(
        today["driver_deliveries"],
        json!([
            {"order_id": "second", "restaurant": "Trattoria Presto", "status": "failed", "close_reason": "No such street."},
            {"order_id": "first", "restaurant": "Trattoria Presto", "status": "delivered", "close_reason": null},
        ])
    );
    let totals = &today["driver_deliveries_aggregate"]["aggregate"];
    assert_eq!(totals["count"], 1, "{totals}");
    let is_positive = |value: &Value| value.as_f64().is_some_and(|value| value > 0.0);
    assert!(is_positive(&totals["sum"]["kilometres"]), "{totals}");
    assert!(is_positive(&totals["avg"]["minutes"]), "{totals}");

    // After the end, a driver sees neither the customer nor the address; other drivers and customers see nothing.
    for columns in ["address", "user_id", "destination_x"] {
        let query = format!("{{ driver_deliveries {{ {columns} }} }}");
        assert_eq!(
            driver.refusal(&query, json!({})).await,
            "validation-failed",
            "{columns}"
        );
    }
    assert_eq!(other.data(TODAY, since.clone()).await, nothing);
    assert_eq!(alice.refusal(TODAY, since).await, "validation-failed");
    stack.close().await;
}
