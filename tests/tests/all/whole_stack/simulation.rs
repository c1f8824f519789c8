//! Simulated customers, kitchens and drivers on a whole stack, through restarts of the engine and the functions.

use std::time::Duration;

use local_process::logs::{Destination, Logs, OWN};
use local_simulate::{Options, People, Shares, Simulation};
use serde_json::json;
use testkit::eventually;
use tests::invariants;
use tests::stack::TestStack;

const ORDERS: u32 = 30;

/// Much faster than people; the minimum time between two positions remains.
fn options() -> Options {
    Options {
        people: vec![People::Customers, People::Kitchens, People::Drivers],
        pace: 100.0,
        rate: 600.0,
        active: 15,
        orders: Some(ORDERS),
        seed: 7,
        shares: Shares {
            cancel: 0.2,
            declined_card: 0.2,
            reject: 0.2,
            decline: 0.15,
            fail: 0.15,
        },
    }
}

/// Drivers with an order that are not at the destination of one of theirs.
const MISPLACED: &str = "SELECT count(*) FROM driver_positions AS p
  WHERE EXISTS (SELECT FROM assignment AS a WHERE a.driver_id = p.driver_id)
    AND NOT EXISTS (
      SELECT FROM assignment AS a JOIN orders AS o USING (order_id)
      WHERE a.driver_id = p.driver_id AND (place_of(o.address)).x = p.x AND (place_of(o.address)).y = p.y
    )";

const PLACE: &str = "mutation ($id: String!) {
  insert_orders(objects: {order_id: $id, address: \"1 Main St\", restaurant_id: 1}) { affected_rows }
  insert_items(objects: {order_id: $id, item: \"pizza\"}) { affected_rows }
}";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simulated_orders_reach_final_states_and_those_of_real_customers_are_only_served() {
    let mut stack = TestStack::secured().await;
    let alice = stack.log_in("alice").await;
    for id in ["unpaid", "paid"] {
        let placed = stack.graphql_as(&alice, PLACE, json!({"id": id})).await;
        assert_eq!(placed["data"]["insert_orders"]["affected_rows"], 1, "{placed}");
        stack.until(id, "validated").await;
    }
    let (status, answer) = stack.pay_as(&alice, "paid", 500, "1234 1234 1234 1234").await;
    assert_eq!(status, 200, "{answer}");

    let logs = Logs::new(Destination::Kept);
    let simulation =
        Simulation::start(stack.services.addresses(), &options(), &logs).expect("the simulation starts");
    eventually("simulated orders end", async || {
        (simulation.summary().ended() >= 5).then_some(())
    })
    .await;
    stack.services.engine().kill().await;
    let restarted = stack.services.engine_mut().start_again().await;
    restarted.expect("the engine starts again");
    stack.services.functions().kill_one_of_each();
    let finished = tokio::time::timeout(Duration::from_mins(1), simulation.finished()).await;
    let summary =
        finished.unwrap_or_else(|_| panic!("unfinished: {:?} {:?}", simulation.summary(), logs.tail(OWN)));
    assert_eq!((summary.placed, summary.ended()), (ORDERS.into(), ORDERS.into()));
    // The decisions of customers and kitchens follow from the seed.
    assert!(
        summary.delivered > 0 && summary.cancelled > 0 && summary.rejected > 0 && summary.declined_cards > 0,
        "{summary:?}"
    );
    assert_eq!((summary.expired, summary.refused), (0, 0), "{summary:?}");

    let count = async |sql: &str| -> i64 {
        let row = stack.database.query_one(sql, &[]).await;
        row.expect("the count is readable").get(0)
    };
    let ended = "status IN ('delivered', 'failed', 'cancelled', 'rejected')";
    let simulated = format!("SELECT count(*) FROM orders WHERE user_id LIKE 'simulated-%' AND {ended}");
    assert_eq!(count(&simulated).await, i64::from(ORDERS));
    let others = "SELECT count(*) FROM orders WHERE user_id NOT LIKE 'simulated-%'";
    assert_eq!(count(others).await, 2);
    // Drivers serve all customers; no simulated customer acts for a real one.
    eventually("the paid order is served", async || {
        let served =
            "SELECT count(*) FROM orders WHERE order_id = 'paid' AND status IN ('delivered', 'failed')";
        (count(served).await == 1).then_some(())
    })
    .await;
    let untouched = "SELECT count(*) FROM orders WHERE order_id = 'unpaid' AND status = 'validated'";
    assert_eq!(count(untouched).await, 1);
    let summary = simulation.stop().await;

    assert_eq!(count(MISPLACED).await, 0, "drivers end at their customers");
    let positions = count("SELECT count(*) FROM driver_positions").await;
    let published = i64::try_from(summary.positions).expect("a count");
    assert!((1..=published).contains(&positions), "{positions} of {published}");
    let publish = "mutation { insert_driver_positions(objects: {x: 1, y: 1}) { affected_rows } }";
    for user in ["alice", "restaurant-1", "manager"] {
        let token = stack.log_in(user).await;
        let refused = stack.graphql_as(&token, publish, json!({})).await;
        let code = &refused["errors"][0]["extensions"]["code"];
        assert_eq!(code, "validation-failed", "{user}: {refused}");
    }
    eventually("the payments of closed orders are returned", async || {
        (invariants::unbalanced(&stack.database).await == 0).then_some(())
    })
    .await;
    stack.close().await;
}
