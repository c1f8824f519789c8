//! One trace per order, from the mutation of the customer through events and functions to the history and the exported spans.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, UdpSocket};

use local_stack::Options;
use local_traces::{Collector, SpanRecord};
use serde_json::{Value, json};
use testkit::eventually;
use tests::stack::{PLACE, TestStack};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";
/// Trace of a mutation by hand, which is not that of the order.
const OTHER: &str = "00-11111111111111111111111111111111-2222222222222222-01";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn order_has_one_trace_through_all_steps() {
    let collector = Collector::start(0).await.expect("a free port");
    let daemon = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    daemon.set_nonblocking(true).expect("a socket");
    let options = Options::for_tests().expect("the binaries are built");
    let mut options = options.traced(&collector.url(), collector.trace_url());
    let address = daemon.local_addr().expect("an address").to_string();
    options.function_env.extend([
        ("XRAY_PERCENT".to_owned(), "100".to_owned()),
        ("AWS_XRAY_DAEMON_ADDRESS".to_owned(), address),
    ]);
    let stack = TestStack::open_with(options).await;
    place(&stack, "o-1", 1, &format!("00-{TRACE}-{SPAN}-01")).await;
    stack.until("o-1", "validated").await;
    // As a browser: without a trace.
    stack.pay_until_paid("o-1", 500).await;
    stack.until("o-1", "assigned").await;
    change(&stack, "o-1", "food_picked").await;
    change(&stack, "o-1", "delivered").await;
    stack.until("o-1", "delivered").await;

    let history = history(&stack, "o-1").await;
    let steps = [
        "validated",
        "paid",
        "approved",
        "assigned",
        "picked_up",
        "delivered",
    ];
    let expected: Vec<_> = steps
        .iter()
        .map(|step| ((*step).to_owned(), Some(TRACE.to_owned())))
        .collect();
    assert_eq!(history, expected);
    let events = "SELECT DISTINCT payload #>> '{trace_context,trace_id}' FROM hdb_catalog.event_log";
    let events = stack.database.query(events, &[]).await.expect("readable");
    let events: Vec<Option<String>> = events.iter().map(|row| row.get(0)).collect();
    assert_eq!(events, [Some(TRACE.to_owned())]);

    let expected = [
        "agent-assignment",
        "deliver agent-assignment",
        "deliver restaurant-approval",
        "deliver validate-order",
        "graphql",
        "payment",
        "restaurant-approval",
        "validate-order",
    ];
    let spans = eventually("all spans are exported", async || {
        let spans = collector.trace(TRACE);
        let names: BTreeSet<&str> = spans.iter().map(|span| span.name.as_str()).collect();
        names.into_iter().eq(expected).then_some(spans)
    })
    .await;
    let spans: BTreeMap<&str, &SpanRecord> = spans.iter().map(|span| (span.name.as_str(), span)).collect();
    assert_eq!(spans["graphql"].parent.as_deref(), Some(SPAN));
    for (child, parent) in [
        ("deliver validate-order", "graphql"),
        ("validate-order", "deliver validate-order"),
        // Caused by the payment, whose statement passed on its span.
        ("deliver restaurant-approval", "payment"),
        ("restaurant-approval", "deliver restaurant-approval"),
        ("deliver agent-assignment", "restaurant-approval"),
        ("agent-assignment", "deliver agent-assignment"),
    ] {
        assert_eq!(
            spans[child].parent.as_ref(),
            Some(&spans[parent].span_id),
            "{child}"
        );
    }
    assert!(spans.values().all(|span| !span.is_error));
    let about = ("order.id".to_owned(), "o-1".to_owned());
    assert!(
        spans["payment"].attributes.contains(&about),
        "{:?}",
        spans["payment"]
    );
    assert_eq!(spans["payment"].service, "payment");
    segments_are_those_of_the_spans(&daemon, &spans).await;
    stack.close().await;
}

/// X-Ray receives the spans of the functions, with the same ids.
async fn segments_are_those_of_the_spans(daemon: &UdpSocket, spans: &BTreeMap<&str, &SpanRecord>) {
    let functions = [
        "agent-assignment",
        "payment",
        "restaurant-approval",
        "validate-order",
    ];
    let mut segments = BTreeMap::new();
    eventually("each function has sent a segment", async || {
        let mut datagram = [0; 4096];
        while let Ok(length) = daemon.recv(&mut datagram) {
            let text = std::str::from_utf8(&datagram[..length]).expect("UTF-8");
            let (_, document) = text.split_once('\n').expect("a header");
            let segment: Value = serde_json::from_str(document).expect("JSON");
            // Others are those of functions that no order causes.
            if segment["trace_id"] == "1-4bf92f35-77b34da6a3ce929d0e0e4736" {
                segments.insert(segment["name"].as_str().unwrap_or_default().to_owned(), segment);
            }
        }
        segments.keys().eq(functions).then_some(())
    })
    .await;
    for (name, segment) in &segments {
        let span = spans[name.as_str()];
        assert_eq!(
            (&segment["id"], &segment["parent_id"]),
            (&json!(span.span_id), &json!(span.parent)),
            "{segment}"
        );
        assert_eq!(segment["annotations"]["order_id"], "o-1");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_by_hand_and_closings_continue_the_trace_of_their_order() {
    let stack = TestStack::open().await;
    let traceparent = |digit: &str| format!("00-{}-{SPAN}-01", digit.repeat(32));
    // Restaurant 2 approves by hand.
    for (order, digit) in [("o-3", "3"), ("o-4", "4"), ("o-5", "5")] {
        place(&stack, order, 2, &traceparent(digit)).await;
        stack.until(order, "validated").await;
        stack.pay_until_paid(order, 500).await;
    }
    change(&stack, "o-3", "approved").await;
    stack.until("o-3", "assigned").await;
    // Two orders in one mutation: the events of each have its own trace.
    let cancel = "mutation { update_orders(where: {order_id: {_in: [\"o-4\", \"o-5\"]}}, _set: {cancelled: true}) { affected_rows } }";
    let (_, answer) = stack
        .graphql_with(&[("traceparent", OTHER)], "/v1/graphql", cancel, json!({}))
        .await;
    assert_eq!(answer["data"]["update_orders"]["affected_rows"], 2, "{answer}");
    for (order, digit) in [("o-4", "4"), ("o-5", "5")] {
        eventually("the refund is recorded", async || {
            let rows = history(&stack, order).await;
            rows.iter()
                .any(|(outcome, _)| outcome == "refunded")
                .then_some(())
        })
        .await;
        let rows = history(&stack, order).await;
        assert!(
            rows.iter()
                .all(|(_, trace)| trace.as_deref() == Some(&digit.repeat(32))),
            "{order}: {rows:?}"
        );
    }
    let rows = history(&stack, "o-3").await;
    assert!(
        rows.iter()
            .all(|(_, trace)| trace.as_deref() == Some(&"3".repeat(32))),
        "{rows:?}"
    );
    let mixed = "SELECT o.order_id, e.payload #>> '{trace_context,trace_id}'
                 FROM hdb_catalog.event_log AS e JOIN orders AS o ON o.order_id = e.payload #>> '{data,new,order_id}'
                 WHERE e.payload #>> '{trace_context,trace_id}' IS DISTINCT FROM o.trace_id";
    let mixed = stack.database.query(mixed, &[]).await.expect("readable");
    assert!(mixed.is_empty(), "{mixed:?}");
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_traceparent_is_ignored() {
    let stack = TestStack::open().await;
    place(&stack, "o-1", 1, "00-malformed").await;
    stack.until("o-1", "validated").await;
    let rows = history(&stack, "o-1").await;
    let trace = rows[0].1.as_deref().expect("the engine starts a trace");
    assert!(trace.len() == 32 && trace != TRACE, "{trace}");
    // An order that no engine inserted has no trace, and its steps start one.
    stack
        .database
        .batch_execute(
            "INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ('o-2', 'tester', 1, 'a');
             INSERT INTO items (order_id, item) VALUES ('o-2', 'pizza')",
        )
        .await
        .expect("inserted");
    stack.until("o-2", "validated").await;
    assert_eq!(
        history(&stack, "o-2").await[0].1.as_deref().map(str::len),
        Some(32)
    );
    stack.close().await;
}

async fn place(stack: &TestStack, order: &str, restaurant: i32, traceparent: &str) {
    let mutation = PLACE.replace("restaurant_id: 1", &format!("restaurant_id: {restaurant}"));
    let variables =
        json!({"uuid": order, "items": [{"order_id": order, "item": "pizza"}], "user_id": "tester"});
    let (_, answer) = stack
        .graphql_with(
            &[("traceparent", traceparent)],
            "/v1/graphql",
            &mutation,
            variables,
        )
        .await;
    assert_eq!(
        answer["data"]["insert_orders"]["returning"][0]["order_id"], order,
        "{answer}"
    );
}

/// Sets a column to true by a mutation with a trace of its own.
async fn change(stack: &TestStack, order: &str, column: &str) {
    let mutation = format!(
        "mutation {{ update_orders(where: {{order_id: {{_eq: \"{order}\"}}}}, _set: {{{column}: true}}) {{ affected_rows }} }}"
    );
    let (_, answer) = stack
        .graphql_with(&[("traceparent", OTHER)], "/v1/graphql", &mutation, json!({}))
        .await;
    assert_eq!(answer["data"]["update_orders"]["affected_rows"], 1, "{answer}");
}

/// Outcomes of an order and their traces.
async fn history(stack: &TestStack, order: &str) -> Vec<(String, Option<String>)> {
    let sql = "SELECT outcome, trace_id FROM order_history WHERE order_id = $1 AND outcome <> 'waiting' ORDER BY id";
    let rows = stack.database.query(sql, &[&order]).await.expect("readable");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}
