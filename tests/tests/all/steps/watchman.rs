//! watchman: what it observes, with the rights of its role, and the metrics that it writes.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use shared::{
    Config,
    http::{Handler, Watchman},
    metrics::Metrics,
    secrets::SecretAges,
    steps::watchman::{Business, Observation, run},
};
use tests::{
    calls::{call, post_to},
    certificates::Authority,
    orders::{APPROVED, PAID, VALIDATED, place_as, set_order},
};

use super::TestStack;

/// Columns of the event log that the engine and Hasura have in common.
const CATALOG: &str = "CREATE SCHEMA hdb_catalog;
     CREATE TABLE hdb_catalog.event_log (
       created_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
       delivered boolean NOT NULL DEFAULT false, error boolean NOT NULL DEFAULT false, archived boolean NOT NULL DEFAULT false
     )";

async fn observed(stack: &TestStack) -> Observation {
    let (observation, result) = run(&stack.pool).await;
    result.expect("everything can be read");
    observation
}

#[tokio::test]
async fn orders_whose_function_does_not_run_are_stuck() {
    let mut stack = TestStack::new("watchman").await;
    assert_eq!(observed(&stack).await.stuck_orders, Some(0));
    for (name, from) in [
        ("unvalidated", "placed = true"),
        ("unanswered", PAID),
        ("unassigned", APPROVED),
        // The customer, the restaurant or a driver is next.
        ("unpaid", VALIDATED),
        ("asked", PAID),
        ("no-driver", APPROVED),
        ("recent", "placed = true"),
    ] {
        place_as(&mut stack.client, name, from).await;
        if name != "recent" {
            set_order(&stack.client, name, "created = now() - interval '10 minutes'").await;
        }
    }
    stack
        .client
        .batch_execute(
            "UPDATE order_history SET at = now() - interval '10 minutes';
             INSERT INTO order_history (order_id, at, step, outcome) VALUES
               ('asked', now() - interval '9 minutes', 'restaurant-approval', 'waiting'),
               ('no-driver', now() - interval '9 minutes', 'agent-assignment', 'waiting')",
        )
        .await
        .unwrap();
    assert_eq!(observed(&stack).await.stuck_orders, Some(3));
    // Older orders are not read.
    set_order(
        &stack.client,
        "unvalidated",
        "created = now() - interval '10 days'",
    )
    .await;
    assert_eq!(observed(&stack).await.stuck_orders, Some(2));
}

#[tokio::test]
async fn given_up_and_undelivered_events_are_observed() {
    let stack = TestStack::new("watchman").await;
    let without = observed(&stack).await;
    assert_eq!(
        (without.failed_events, without.oldest_event_age),
        (None, None),
        "there is no catalog"
    );
    stack.client.batch_execute(CATALOG).await.unwrap();
    let empty = observed(&stack).await;
    assert_eq!(
        (empty.failed_events, empty.oldest_event_age),
        (Some(0), Some(0.0))
    );
    stack
        .client
        .batch_execute(
            "SET TIME ZONE 'Asia/Tokyo';
             INSERT INTO hdb_catalog.event_log (created_at, delivered, error, archived)
             SELECT (now() - age) AT TIME ZONE 'UTC', delivered, error, archived
             FROM (VALUES
               (interval '10 minutes', false, false, false),
               (interval '1 minute',   false, false, false),
               (interval '1 hour',     true,  false, false),
               (interval '2 hours',    false, true,  false),
               (interval '3 hours',    false, true,  true),
               (interval '4 hours',    false, false, true)
             ) AS events (age, delivered, error, archived)",
        )
        .await
        .unwrap();
    let events = observed(&stack).await;
    assert_eq!(events.failed_events, Some(1));
    let age = events.oldest_event_age.unwrap();
    assert!((600.0..3600.0).contains(&age), "{age}");
    // Its owner's rights are for a table only, not for the code behind a view.
    stack
        .client
        .batch_execute(
            "ALTER TABLE hdb_catalog.event_log RENAME TO events; CREATE VIEW hdb_catalog.event_log AS SELECT * FROM hdb_catalog.events",
        )
        .await
        .unwrap();
    assert_eq!(observed(&stack).await.failed_events, None);
}

#[tokio::test]
async fn each_event_of_the_business_is_counted_in_its_minute() {
    let mut stack = TestStack::new("watchman").await;
    for name in ["a", "b", "c"] {
        place_as(&mut stack.client, name, "placed = true").await;
    }
    // The statement uses the time at which its transaction starts; the rows have to be in the minute that it counts.
    let observe = async |stack: &TestStack| loop {
        let minute = "SELECT extract(epoch FROM date_trunc('minute', now()) - interval '2 minutes')::bigint";
        let start: i64 = stack.client.query_one(minute, &[]).await.unwrap().get(0);
        let rows = format!(
            "DELETE FROM order_history;
             UPDATE orders SET created = to_timestamp({start}) + CASE order_id WHEN 'c' THEN interval '60 s' ELSE interval '5 s' END;
             INSERT INTO order_history (order_id, at, step, outcome)
             SELECT order_id, to_timestamp({start}) + make_interval(secs => second), step, outcome
             FROM (VALUES
               ('a', -30, 'payment', 'paid'), ('b', 10, 'payment', 'paid'), ('c', 60, 'payment', 'paid'),
               ('a', 0, 'agent-assignment', 'assigned'), ('b', 25, 'agent-assignment', 'assigned'),
               ('a', 59, 'refund-payment', 'refunded'), ('b', 30, 'agent-assignment', 'waiting')
             ) AS history (order_id, second, step, outcome)"
        );
        stack.client.batch_execute(&rows).await.unwrap();
        let business = observed(stack).await.business.unwrap();
        if i64::try_from(business.start) == Ok(start) {
            break business;
        }
    };
    let mut business = observe(&stack).await;
    business.to_driver.sort_by(f64::total_cmp);
    assert_eq!(
        business,
        Business {
            start: business.start,
            placed: 2,
            paid: 1,
            assigned: 2,
            refunded: 1,
            to_driver: vec![15.0, 30.0],
        }
    );
}

/// Documents of a handler's metrics.
fn captured(config: &mut Config) -> Arc<Mutex<Vec<Value>>> {
    let documents = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&documents);
    config.metrics = Some(Metrics::to("test", move |line| {
        sink.lock()
            .expect("no panic")
            .push(serde_json::from_str(line).expect("a document in one line"));
    }));
    documents
}

#[tokio::test]
async fn observations_are_metrics_of_the_stage() {
    let stack = TestStack::new("watchman").await;
    stack.client.batch_execute(CATALOG).await.unwrap();
    let mut config = stack.database.config("watchman", 1);
    config.postgres_ca_certificate = Some(Authority::new().pem());
    config.secret_ages = Some(SecretAges::from_source("a,b", |id| {
        let days = if id == "a" { 10 } else { 400 };
        Box::pin(async move { Ok(SystemTime::now() - Duration::from_hours(24 * days)) })
    }));
    let documents = captured(&mut config);
    let handler = Handler::new(
        &config,
        stack.database.pool("watchman", 1),
        Watchman::new(&config),
    );
    let sample: Value = serde_json::from_str(include_str!(
        "../../../../functions/watchman/events/schedule.json"
    ))
    .unwrap();
    let response = call(&handler, sample).await;
    assert_eq!(
        (response.status, &response.body["stuck_orders"]),
        (200, &json!(0)),
        "{}",
        response.body
    );

    let documents = documents.lock().unwrap();
    let value = |name: &str| documents.iter().find_map(|document| document.get(name)).cloned();
    for (name, expected) in [
        ("StuckOrders", 0.0),
        ("FailedEvents", 0.0),
        ("OldestEventAge", 0.0),
        ("OrdersPlaced", 0.0),
        ("OrdersPaid", 0.0),
        ("OrdersAssigned", 0.0),
        ("OrdersRefunded", 0.0),
        ("Requests", 1.0),
    ] {
        assert_eq!(value(name), Some(json!(expected)), "{name}");
    }
    assert!(value("CertificateDaysLeft").unwrap().as_f64().unwrap() > 1.0);
    let days = value("OldestSecretDays").unwrap().as_f64().unwrap();
    assert!((399.9..400.1).contains(&days), "{days}");
    assert_eq!(value("TimeToDriver"), None, "no order was assigned");
    let request = documents
        .iter()
        .find(|document| document.get("Requests").is_some())
        .unwrap();
    assert_eq!(
        (&request["Function"], &request["Outcome"]),
        (&json!("watchman"), &json!("observed"))
    );
}

/// Nothing of a request becomes a dimension, and what cannot be read is missing.
#[tokio::test]
async fn failure_is_an_outcome_and_its_metric_is_missing() {
    let stack = TestStack::new("watchman").await;
    stack
        .client
        .batch_execute("ALTER VIEW stuck_orders RENAME TO moved")
        .await
        .unwrap();
    let mut config = stack.database.config("watchman", 1);
    let documents = captured(&mut config);
    let handler = Handler::new(
        &config,
        stack.database.pool("watchman", 1),
        Watchman::new(&config),
    );
    let response = post_to(&handler, &json!({"order_id": "secret-1"})).await;
    assert_eq!(response.status, 500);
    let documents = documents.lock().unwrap();
    let names = |name: &str| documents.iter().any(|document| document.get(name).is_some());
    assert_eq!((names("StuckOrders"), names("OrdersPlaced")), (false, true));
    assert!(
        documents
            .iter()
            .any(|document| document["Outcome"] == "internal_error"),
        "{documents:?}"
    );
    assert!(!json!(*documents).to_string().contains("secret-1"));
}
