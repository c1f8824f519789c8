//! The collector over HTTP.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use local_traces::Collector;
use serde_json::{Value, json};

const TRACE: &str = "5b8efff798038103d269b633813fc60c";

fn export() -> Value {
    json!({"resourceSpans": [{"scopeSpans": [{"spans": [{
        "traceId": TRACE, "spanId": "eee19b7ec3c1b174", "name": "graphql", "startTimeUnixNano": "1", "endTimeUnixNano": "2",
    }]}]}]})
}

#[tokio::test]
async fn received_spans_are_shown() {
    let collector = Collector::start(0).await.unwrap();
    let http = local_process::http_client().unwrap();
    let url = collector.url();
    let sent = http
        .post(format!("{url}/v1/traces"))
        .json(&export())
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 200);
    let list: Value = http
        .get(format!("{url}/api/traces"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(list[0]["trace_id"], TRACE);
    let one = http
        .get(format!("{url}/api/traces/{TRACE}"))
        .send()
        .await
        .unwrap();
    let one: Value = one.json().await.unwrap();
    assert_eq!(one[0]["name"], "graphql");
    assert_eq!(collector.trace(TRACE).len(), 1);
    for path in ["/", "/page.js", "/page.css"] {
        let page = http.get(format!("{url}{path}")).send().await.unwrap();
        assert_eq!(page.status(), 200, "{path}");
        let policy = page.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
    }
    let missing = http.get(format!("{url}/api/traces/x")).send().await.unwrap();
    assert_eq!(missing.status(), 404);
}

#[tokio::test]
async fn requests_of_other_sites_and_other_formats_are_refused() {
    let collector = Collector::start(0).await.unwrap();
    let http = local_process::http_client().unwrap();
    let traces = format!("{}/v1/traces", collector.url());
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status().as_u16();
    assert_eq!(
        status(http.post(&traces).header("host", "evil.example").json(&export())).await,
        403
    );
    assert_eq!(status(http.post(&traces).body(export().to_string())).await, 415);
    assert_eq!(
        status(
            http.post(&traces)
                .header("content-type", "application/x-protobuf")
                .body("x")
        )
        .await,
        415
    );
    assert_eq!(
        status(
            http.post(&traces)
                .header("content-type", "application/json")
                .body("x")
        )
        .await,
        400
    );
    let large = json!({"resourceSpans": "x".repeat(5 * 1024 * 1024)});
    assert_eq!(status(http.post(&traces).json(&large)).await, 413);
    assert!(collector.trace(TRACE).is_empty());
}
