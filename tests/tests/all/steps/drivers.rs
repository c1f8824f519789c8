//! Drivers that accept, decline or do not answer, and failed deliveries. Drivers that go off duty are in [`off_duty`], those that are
//! late in [`late`], and the deadline for finding a driver in [`deadline`].

mod deadline;
mod late;
mod off_duty;

use shared::{
    order::StepResponse,
    steps::{StepError, agent_assignment::run, expire_orders},
};
use tests::orders::{APPROVED, ask, history, order, place_as, set_order, status};
use tokio_postgres::Client;

use super::{TestStack, delivery, id};

/// Leaves these drivers on duty, of which each answers assignments manually.
async fn manual_drivers(client: &Client, ids: &str) {
    client
        .batch_execute(&format!(
            "UPDATE drivers SET available = id IN ({ids}), auto_accept = false"
        ))
        .await
        .expect("the drivers are updated");
}

async fn execute(client: &Client, sql: &str) {
    client.batch_execute(sql).await.expect(sql);
}

/// Places an approved order and assigns it to a driver.
async fn assign(stack: &mut TestStack, order: &str) -> StepResponse {
    place_as(&mut stack.client, order, APPROVED).await;
    run(&stack.pool, &id(order), &delivery(0))
        .await
        .expect("a driver is available")
}

#[tokio::test]
async fn accepted_assignment_can_be_picked_up() {
    let mut stack = TestStack::new("agent-assignment").await;
    manual_drivers(&stack.client, "7").await;
    assign(&mut stack, "o-1").await;
    let asked = "SELECT concat_ws(' ', driver_id, accept_by > now()) FROM orders_to_accept";
    assert_eq!(ask(&stack.client, asked).await.as_deref(), Some("7 t"));
    assert_eq!(
        ask(&stack.client, "SELECT order_id FROM orders_to_pick_up").await,
        None
    );
    let pick_up = "UPDATE orders SET food_picked = true";
    let error = stack.client.batch_execute(pick_up).await.unwrap_err();
    assert_eq!(
        error.as_db_error().unwrap().message(),
        "order \"o-1\" cannot change: its driver has not accepted it"
    );

    execute(&stack.client, "UPDATE assignment SET accepted = true").await;
    assert_eq!(ask(&stack.client, asked).await, None);
    execute(&stack.client, "UPDATE orders_to_pick_up SET food_picked = true").await;
    assert_eq!(status(&stack.client, "o-1").await, "picked_up");
    let decline = "UPDATE assignment SET declined = true";
    let error = stack.client.batch_execute(decline).await.unwrap_err();
    assert_eq!(
        error.as_db_error().unwrap().message(),
        "order \"o-1\" cannot be released: it is picked up or closed"
    );
}

#[tokio::test]
async fn declined_assignment_is_offered_to_the_next_driver() {
    let mut stack = TestStack::new("agent-assignment").await;
    manual_drivers(&stack.client, "7, 8").await;
    let first = assign(&mut stack, "o-1").await.driver_id;
    execute(&stack.client, "UPDATE assignment SET declined = true").await;
    let row = order(&stack.client, "o-1").await;
    assert_eq!(
        (&row["status"], &row["reassignments"]),
        (&"approved".into(), &1.into())
    );
    let second = run(&stack.pool, &id("o-1"), &delivery(0))
        .await
        .unwrap()
        .driver_id;
    assert!(first != second && second.is_some(), "{first:?}, {second:?}");

    // Each driver is asked once.
    execute(&stack.client, "UPDATE assignment SET declined = true").await;
    let error = run(&stack.pool, &id("o-1"), &delivery(0)).await.unwrap_err();
    assert!(
        matches!(
            error,
            StepError::NotYet {
                code: "no_driver_available",
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(
        history(&stack.client, "o-1").await[2..],
        [
            "agent-assignment assigned e-1 #0",
            "agent-assignment declined",
            "agent-assignment assigned e-1 #0",
            "agent-assignment declined",
            "agent-assignment waiting e-1 #0"
        ]
    );
}

#[tokio::test]
async fn assignment_that_is_not_answered_in_time_ends() {
    let mut stack = TestStack::new("agent-assignment").await;
    let expire = stack.database.pool("expire-orders", 1);
    manual_drivers(&stack.client, "7, 8").await;
    let first = assign(&mut stack, "o-1").await.driver_id;
    assert_eq!(
        expire_orders::run(&expire).await.unwrap(),
        expire_orders::Expired::default()
    );

    execute(&stack.client, "UPDATE assignment SET accept_by = now()").await;
    assert_eq!(expire_orders::run(&expire).await.unwrap().released, 1);
    assert_eq!(expire_orders::run(&expire).await.unwrap().released, 0);
    assert_eq!(
        history(&stack.client, "o-1").await.last().unwrap(),
        "agent-assignment no-answer"
    );
    let second = run(&stack.pool, &id("o-1"), &delivery(1))
        .await
        .unwrap()
        .driver_id;
    assert!(first != second && second.is_some(), "{first:?}, {second:?}");
}

#[tokio::test]
async fn failed_delivery_frees_the_driver() {
    let mut stack = TestStack::new("agent-assignment").await;
    assign(&mut stack, "o-1").await;
    set_order(&stack.client, "o-1", "food_picked = true").await;
    let load = "SELECT sum(orders) FROM driver_loads";
    assert_eq!(ask(&stack.client, load).await.as_deref(), Some("1"));
    execute(
        &stack.client,
        "UPDATE orders_to_deliver SET delivery_failed = true, close_reason = 'The address does not exist.'",
    )
    .await;
    assert_eq!(status(&stack.client, "o-1").await, "failed");
    assert_eq!(ask(&stack.client, load).await.as_deref(), Some("0"));
    assert_eq!(
        history(&stack.client, "o-1").await.last().unwrap(),
        "delivery failed"
    );
}
