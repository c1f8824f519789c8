//! Trace context of a request, in the events that it causes and in the calls of their webhooks.

use super::{TestStack, everything};
use serde_json::{Value, json};
use testkit::socket::Socket;
use testkit::webhook::Received;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

fn insert(id: u32) -> Value {
    json!({"query": format!("mutation {{ insert_t_one(object: {{id: {id}}}) {{ id }} }}")})
}

/// Inserts a row with these headers; returns the call of the webhook.
async fn caused(stack: &TestStack, id: u32, headers: &[(&str, &str)]) -> Received {
    let (_, answer) = stack.engine.post("/v1/graphql", headers, &insert(id)).await;
    assert_eq!(answer["data"]["insert_t_one"]["id"], id, "{answer}");
    call_of(stack, id).await
}

async fn call_of(stack: &TestStack, id: u32) -> Received {
    let mut calls = stack.webhook.wait_for(id as usize).await;
    let is_of_row = |call: &Received| call.body["event"]["data"]["new"]["id"] == id;
    let index = calls.iter().position(is_of_row).unwrap();
    calls.remove(index)
}

/// Checks that the event and the call continue a trace, and returns the event's context.
fn continued(call: &Received, trace: &str) -> Value {
    let header = |name: &str| {
        call.headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let context = call.body["event"]["trace_context"].clone();
    assert_eq!(context["trace_id"], trace);
    assert_eq!(header("x-b3-traceid").as_deref(), Some(trace));
    // The call is a span of its own, whose parent is the mutation.
    assert_eq!(
        header("x-b3-parentspanid").as_deref(),
        context["span_id"].as_str()
    );
    let span = header("x-b3-spanid").unwrap();
    assert_ne!(Some(span.as_str()), context["span_id"].as_str());
    let traceparent = header("traceparent").unwrap();
    assert!(
        traceparent.starts_with(&format!("00-{trace}-{span}-")),
        "{traceparent}"
    );
    context
}

#[tokio::test]
async fn event_continues_the_trace_of_its_request() {
    let stack = TestStack::new().await;
    stack.trigger("t", everything()).await;
    let traceparent = format!("00-{TRACE}-{SPAN}-01");
    let context = continued(&caused(&stack, 1, &[("traceparent", &traceparent)]).await, TRACE);
    assert_eq!(context["sampling_state"], "1");
    assert_ne!(context["span_id"], SPAN);
    let b3 = [
        ("X-B3-TraceId", SPAN),
        ("X-B3-SpanId", SPAN),
        ("X-B3-Sampled", "0"),
    ];
    let call = caused(&stack, 2, &b3).await;
    let context = continued(&call, &format!("0000000000000000{SPAN}"));
    assert_eq!(context["sampling_state"], "0");
    assert!(call.headers["traceparent"].to_str().unwrap().ends_with("-00"));
    assert_eq!(call.headers["x-b3-sampled"], "0");
}

#[tokio::test]
async fn request_without_a_valid_trace_starts_one() {
    let stack = TestStack::new().await;
    stack.trigger("t", everything()).await;
    let valid = format!("00-{TRACE}-{SPAN}-01");
    let headers: [&[(&str, &str)]; 4] = [
        &[],
        &[("traceparent", "00-malformed")],
        &[("traceparent", &valid), ("traceparent", &valid)],
        &[("x-b3-traceid", "4BF92F"), ("x-b3-spanid", SPAN)],
    ];
    let mut traces = Vec::new();
    for (id, headers) in (1..).zip(headers) {
        let call = caused(&stack, id, headers).await;
        let trace = call.body["event"]["trace_context"]["trace_id"]
            .as_str()
            .unwrap()
            .to_owned();
        continued(&call, &trace);
        assert_eq!(trace.len(), 32);
        assert_ne!(trace, TRACE);
        assert!(!traces.contains(&trace));
        traces.push(trace);
    }
}

#[tokio::test]
async fn socket_has_a_trace_and_each_operation_may_have_another() {
    let stack = TestStack::new().await;
    stack.trigger("t", everything()).await;
    let mut socket = Socket::open(&stack.engine.url, "/v1/graphql", "graphql-transport-ws").await;
    let headers = json!({"traceparent": format!("00-{TRACE}-{SPAN}-01")});
    socket
        .send(&json!({"type": "connection_init", "payload": {"headers": headers}}))
        .await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    let other = "1".repeat(32);
    let extensions = [
        json!({}),
        json!({"traceparent": format!("00-{other}-{SPAN}-01")}),
        json!({"traceparent": 7}),
    ];
    for ((id, extensions), trace) in (1..).zip(extensions).zip([TRACE, &other, TRACE]) {
        let mut payload = insert(id);
        payload["extensions"] = extensions;
        socket
            .send(&json!({"type": "subscribe", "id": id.to_string(), "payload": payload}))
            .await;
        socket.expect(&id.to_string(), "next").await;
        socket.expect(&id.to_string(), "complete").await;
        continued(&call_of(&stack, id).await, trace);
    }
}

#[tokio::test]
async fn data_command_continues_the_trace_of_its_request() {
    let stack = TestStack::new().await;
    stack.trigger("t", everything()).await;
    let body = json!({"type": "insert", "args": {"table": "t", "objects": [{"id": 1}]}});
    let traceparent = format!("00-{TRACE}-{SPAN}-01");
    let (status, answer) = stack
        .engine
        .post("/v1/query", &[("traceparent", &traceparent)], &body)
        .await;
    assert_eq!(status, 200, "{answer}");
    continued(&call_of(&stack, 1).await, TRACE);
}
