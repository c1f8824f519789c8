//! Kitchens: each restaurant pauses its own orders, and approves them with the minutes that it needs.

use serde_json::{Value, json};
use tests::stack::TestStack;

use super::{GOOD, PLACE, User};

const PAUSE: &str = "mutation ($restaurant: Int!, $until: timestamptz) {
  changed: update_restaurants(where: {id: {_eq: $restaurant}}, _set: {paused_until: $until}) { affected_rows } }";

const USUAL: &str = "mutation ($minutes: Int!) {
  changed: update_restaurants(where: {}, _set: {preparation_minutes: $minutes}) { affected_rows } }";

const APPROVE: &str = "mutation ($id: String!, $minutes: Int) {
  changed: update_orders_to_approve(where: {order_id: {_eq: $id}}, _set: {approved: true, preparation_minutes: $minutes}) {
    affected_rows } }";

const OPENINGS: &str = "{ restaurant_openings { restaurant_id opens_at paused } }";

const ETA: &str = "query ($id: String!) { order_tracking(where: {order_id: {_eq: $id}}) { eta } }";

/// End of a pause, as the engine returns it.
const UNTIL: &str = "2099-01-01T12:30:00+00:00";

impl User<'_> {
    async fn pause(&self, restaurant: i32, until: Option<&str>) -> Value {
        let variables = json!({"restaurant": restaurant, "until": until});
        self.data(PAUSE, variables).await["changed"]["affected_rows"].take()
    }

    async fn openings(&self) -> Value {
        self.data(OPENINGS, json!({})).await["restaurant_openings"].take()
    }

    /// Expected delivery of an order that it has paid, in minutes after 1970.
    async fn eta(&self, id: &str) -> f64 {
        let tracked = self.data(ETA, json!({"id": id})).await;
        let eta = tracked["order_tracking"][0]["eta"].as_str().expect("a time");
        let sql = "SELECT extract(epoch FROM $1::text::timestamptz)::double precision / 60";
        let row = self.stack.database.query_one(sql, &[&eta]).await;
        row.expect("a time").get(0)
    }

    async fn buy_at(&self, id: &str, restaurant: i32) {
        self.place(id, restaurant).await;
        self.stack.until(id, "validated").await;
        let (status, answer) = self.stack.pay_as(&self.token, id, 500, GOOD).await;
        assert_eq!(status, 200, "{answer}");
        self.stack.until(id, "paid").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restaurants_pause_their_own_orders() {
    let stack = TestStack::secured().await;
    let cura = User::log_in(&stack, "restaurant-2").await;
    let presto = User::log_in(&stack, "restaurant-1").await;
    let alice = User::log_in(&stack, "alice").await;
    alice.place("before", 2).await;
    assert_eq!(presto.pause(2, Some(UNTIL)).await, 0);
    assert_eq!(cura.pause(2, Some(UNTIL)).await, 1);

    let order = |restaurant: i32| {
        json!({
            "orders": [{"order_id": "in-pause", "restaurant_id": restaurant, "address": "1 Main St"}],
            "items": [{"order_id": "in-pause", "item": "pizza"}],
        })
    };
    let refused = stack.graphql_as(&alice.token, PLACE, order(2)).await;
    assert_eq!(
        refused["errors"][0]["message"],
        "Check constraint violation. restaurant \"Casa Cura\" takes no orders until 2099-01-01T12:30:00Z"
    );
    assert_eq!(
        refused["errors"][0]["extensions"]["code"], "permission-error",
        "{refused}"
    );
    // An order that was placed before is not concerned.
    stack.until("before", "validated").await;
    let shown = json!([{"restaurant_id": 2, "opens_at": UNTIL, "paused": true}]);
    for user in [&alice, &cura] {
        assert_eq!(user.openings().await, shown);
    }
    assert_eq!(presto.openings().await, json!([]));
    // A customer sees the end of the pause in restaurant_openings only, and cannot set it.
    for query in [
        "{ restaurants { paused_until } }",
        "mutation { update_restaurants(where: {}, _set: {paused_until: null}) { affected_rows } }",
    ] {
        assert_eq!(alice.refusal(query, json!({})).await, "validation-failed");
    }
    for until in ["infinity", "tomorrow noon or so"] {
        let variables = json!({"restaurant": 2, "until": until});
        let code = cura.refusal(PAUSE, variables).await;
        assert!(
            ["permission-error", "data-exception"].contains(&code.as_str()),
            "{until}: {code}"
        );
    }
    assert_eq!(alice.openings().await, shown);

    assert_eq!(cura.pause(2, None).await, 1);
    assert_eq!(alice.openings().await, json!([]));
    alice.data(PLACE, order(2)).await;
    stack.until("in-pause", "validated").await;
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restaurants_approve_with_the_minutes_that_they_need() {
    let stack = TestStack::secured().await;
    // Nothing happens after the approval.
    let off_duty = "UPDATE drivers SET available = false";
    stack.database.batch_execute(off_duty).await.expect("no driver");
    let cura = User::log_in(&stack, "restaurant-2").await;
    let presto = User::log_in(&stack, "restaurant-1").await;
    let alice = User::log_in(&stack, "alice").await;
    assert_eq!(
        cura.data(USUAL, json!({"minutes": 25})).await["changed"]["affected_rows"],
        1
    );
    assert_eq!(
        cura.refusal(USUAL, json!({"minutes": 241})).await,
        "permission-error"
    );
    let approve = async |user: &User<'_>, id: &str, minutes: Option<i32>| {
        let variables = json!({"id": id, "minutes": minutes});
        user.data(APPROVE, variables).await["changed"]["affected_rows"].take()
    };
    for (id, minutes) in [("usual", None), ("long", Some(60))] {
        alice.buy_at(id, 2).await;
        assert_eq!(approve(&presto, id, minutes).await, 0, "{id}");
        assert_eq!(approve(&cura, id, minutes).await, 1, "{id}");
    }
    let approved = "SELECT extract(epoch FROM max(at) - min(at))::double precision / 60 FROM order_history WHERE outcome = 'approved'";
    let between: f64 = stack
        .database
        .query_one(approved, &[])
        .await
        .expect("the approvals")
        .get(0);
    let later = alice.eta("long").await - alice.eta("usual").await - between;
    assert!((later - 35.0).abs() < 0.001, "{later}");

    alice.buy_at("forever", 2).await;
    let variables = json!({"id": "forever", "minutes": 241});
    assert_eq!(cura.refusal(APPROVE, variables).await, "permission-error");
    let without =
        "mutation { update_orders_to_approve(where: {}, _set: {preparation_minutes: 5}) { affected_rows } }";
    assert_eq!(cura.refusal(without, json!({})).await, "permission-error");
    assert_eq!(
        alice
            .refusal("{ orders { preparation_minutes } }", json!({}))
            .await,
        "validation-failed"
    );
    let rows = "{ orders(order_by: {order_id: asc}) { order_id status preparation_minutes } }";
    assert_eq!(
        cura.data(rows, json!({})).await["orders"],
        json!([
            {"order_id": "forever", "status": "paid", "preparation_minutes": null},
            {"order_id": "long", "status": "approved", "preparation_minutes": 60},
            {"order_id": "usual", "status": "approved", "preparation_minutes": null},
        ])
    );
    stack.close().await;
}
