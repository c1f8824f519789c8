//! Requests and responses of the gateway.

use http::Method;
use serde_json::Value;

use crate::fixture::{Host, options};

fn unix_millis() -> u128 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis()
}

#[tokio::test]
async fn call_reaches_the_function_as_on_lambda() {
    let host = Host::start(options(1)).await;
    let before = unix_millis();
    let response = host
        .client
        .post(format!("{}/misbehave?x=1", host.functions.url()))
        .header("content-type", "application/json")
        .body(r#"{"order_id":"ö"}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().cloned().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    let seen: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(seen["event"]["version"], "2.0");
    assert_eq!(seen["event"]["routeKey"], "POST /misbehave");
    assert_eq!(seen["event"]["body"], r#"{"order_id":"ö"}"#);
    assert_eq!(seen["event"]["rawQueryString"], "x=1");
    assert_eq!(seen["event"]["requestContext"]["requestId"], seen["request_id"]);
    assert_eq!(seen["event"]["headers"]["x-amzn-trace-id"], seen["trace_id"]);
    assert!(seen["arn"].as_str().unwrap().ends_with(":function:misbehave"));
    let deadline = u128::from(seen["deadline"].as_u64().unwrap());
    // The call started between the two readings of the clock and may take 500 ms; the conversion truncates.
    assert!(
        (before + 499..=unix_millis() + 500).contains(&deadline),
        "{deadline}"
    );

    let (status, body) = host.status_and_text("infer").await;
    assert_eq!((status, body.as_str()), (200, r#"{"outcome":"inferred"}"#));
    let png = host.post("bytes").await;
    assert_eq!(png.headers()["content-type"], "image/png");
    assert_eq!(png.bytes().await.unwrap().as_ref(), b"\x89PNG");
    let binary: Value =
        serde_json::from_str(&host.post(vec![0xff, 0xfe]).await.text().await.unwrap()).unwrap();
    assert_eq!(binary["event"]["body"], "//4=");
    assert_eq!(binary["event"]["isBase64Encoded"], true);
    host.functions.stop().await;
}

#[tokio::test]
async fn unknown_routes_are_404() {
    let host = Host::start(options(1)).await;
    for (method, path) in [
        (Method::GET, "/misbehave"),
        (Method::POST, "/misbehave/"),
        (Method::POST, "/"),
        (Method::POST, "/x"),
    ] {
        let url = format!("{}{path}", host.functions.url());
        let response = host.client.request(method.clone(), url).send().await.unwrap();
        assert_eq!(response.status(), 404, "{method} {path}");
        assert_eq!(response.text().await.unwrap(), r#"{"message":"Not Found"}"#);
    }
    host.functions.stop().await;
}

#[tokio::test]
async fn oversized_body_is_a_413() {
    let host = Host::start(options(1)).await;
    for size in [6 * 1024 * 1024 + 1, 10 * 1024 * 1024 + 1] {
        let response = host.post(vec![b'a'; size]).await;
        assert_eq!(response.status(), 413, "{size}");
        assert_eq!(
            response.text().await.unwrap(),
            r#"{"message":"Request Entity Too Large"}"#
        );
    }
    assert_eq!(host.post(vec![b'a'; 1024 * 1024]).await.status(), 200);
    host.functions.stop().await;
}
