//! CORS headers, preflight requests, and origins that are not allowed.

use super::{client, engine};
use serde_json::json;
use testkit::socket::Socket;

const HEADERS: [&str; 6] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-max-age",
    "access-control-expose-headers",
];

fn assert_allowed(response: &reqwest::Response, origin: &str) {
    let headers = response.headers();
    for (name, value) in [
        ("access-control-allow-origin", origin),
        ("access-control-allow-credentials", "true"),
        (
            "access-control-allow-methods",
            "GET,POST,PUT,PATCH,DELETE,OPTIONS",
        ),
    ] {
        assert_eq!(headers.get(name).unwrap(), value, "{origin}: {headers:?}");
    }
}

fn assert_no_headers(response: &reqwest::Response) {
    let headers = response.headers();
    for name in HEADERS {
        assert!(headers.get(name).is_none(), "{headers:?}");
    }
}

#[tokio::test]
async fn allowed_origins_get_the_headers_with_every_response() {
    let domains = "http://*.localhost, http://localhost:3000, capacitor://localhost";
    let (_database, engine) = engine(&["--cors-domain", domains]).await;
    let get = async |path: &str, origin: Option<&str>| {
        let mut request = client().get(format!("{}{path}", engine.url));
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request.send().await.unwrap()
    };
    for origin in [
        "http://localhost:3000",
        "http://app.localhost",
        "capacitor://localhost",
    ] {
        for (path, status) in [
            ("/v1/version", 200),
            ("/healthz", 200),
            ("/nothing", 404),
            ("/v1/query", 405),
        ] {
            let response = get(path, Some(origin)).await;
            assert_eq!(response.status(), status, "{path}");
            assert_allowed(&response, origin);
        }
    }
    for origin in [
        "https://example.com",
        "https://app.localhost",
        "http://a.b.localhost",
        "http://localhost",
        "http://app.localhost:3000",
        "capacitor://app.localhost",
        "null",
    ] {
        assert_no_headers(&get("/v1/version", Some(origin)).await);
    }
    assert_no_headers(&get("/v1/version", None).await);
}

#[tokio::test]
async fn preflight_requests_are_answered_with_204() {
    let (_database, engine) = engine(&["--cors-domain", "https://app.example.com"]).await;
    let preflight = async |origin: &str| {
        client()
            .request(reqwest::Method::OPTIONS, format!("{}/v1/graphql", engine.url))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type,x-hasura-role")
            .send()
            .await
            .unwrap()
    };
    let allowed = preflight("https://app.example.com").await;
    assert_eq!(allowed.status(), 204);
    assert_allowed(&allowed, "https://app.example.com");
    assert_eq!(
        allowed.headers()["access-control-allow-headers"],
        "content-type,x-hasura-role"
    );
    assert_eq!(allowed.headers()["access-control-max-age"], "1728000");
    let other = preflight("https://evil.example.net").await;
    assert_eq!(other.status(), 204);
    assert_no_headers(&other);
}

#[tokio::test]
async fn other_origins_are_refused() {
    let (_database, engine) = engine(&["--cors-domain", "https://app.example.com"]).await;
    let post = async |origin: &str| {
        let request = client().post(format!("{}/v1/graphql", engine.url));
        let request = request.header("origin", origin);
        request
            .json(&json!({"query": "{ __typename }"}))
            .send()
            .await
            .unwrap()
    };
    let response = post("https://evil.example.net").await;
    assert_eq!(response.status(), 403);
    assert_no_headers(&response);
    let response = post("https://app.example.com").await;
    assert_eq!(response.status(), 200);
    assert_allowed(&response, "https://app.example.com");
    let open = async |origin: &str| {
        let headers = [("Sec-WebSocket-Protocol", "graphql-ws"), ("Origin", origin)];
        let opened = Socket::try_open(&engine.url, "/v1/graphql", &headers).await;
        opened.err().map(|error| error.to_string())
    };
    assert_eq!(open("https://app.example.com").await, None);
    let message = open("https://evil.example.net").await.unwrap();
    assert!(message.contains("400"), "{message}");
}

#[tokio::test]
async fn disabled_cors_sends_no_headers() {
    let (_database, engine) = engine(&["--disable-cors"]).await;
    let origin = engine.url.clone();
    let request = client().get(format!("{}/v1/version", engine.url));
    let response = request.header("origin", origin).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_no_headers(&response);
}
