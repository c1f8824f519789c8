//! Requests that are invalid before their body is parsed; the same for each function.

use serde_json::{Value, json};
use shared::http::functions::Function;
use tests::calls::post;

use super::{Case, base64, with};

fn without_type(mut event: Value) -> Value {
    let headers = event["headers"].as_object_mut().expect("an object");
    headers.remove("content-type");
    event
}

/// Cases of invalid requests.
pub(super) fn bad_requests<F: Function>(good: &Value) -> Vec<Case> {
    let path = format!("/{}", F::NAME);
    let event = post(&path, &good.to_string());
    let method = "/requestContext/http/method";
    let encoded = |bytes: &[u8]| {
        with(
            with(event.clone(), "/isBase64Encoded", json!(true)),
            "/body",
            base64(bytes),
        )
    };
    let large = format!("{{\"order_id\": \"{}\"}}", "x".repeat(1024 * 1024));
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let mut cases = vec![
        (
            "GET",
            with(event.clone(), method, json!("GET")),
            405,
            "method_not_allowed",
            "$",
        ),
        (
            "PUT",
            with(event.clone(), method, json!("PUT")),
            405,
            "method_not_allowed",
            "$",
        ),
        (
            "HEAD",
            with(event.clone(), method, json!("HEAD")),
            405,
            "method_not_allowed",
            "$",
        ),
        (
            "another path",
            with(event.clone(), "/rawPath", json!("/")),
            404,
            "path_not_found",
            "$",
        ),
        (
            "a longer path",
            with(event.clone(), "/rawPath", json!(format!("{path}/x"))),
            404,
            "path_not_found",
            "$",
        ),
        (
            "a longer name",
            with(event.clone(), "/rawPath", json!(format!("{path}s"))),
            404,
            "path_not_found",
            "$",
        ),
        (
            "a form",
            with(
                event.clone(),
                "/headers/content-type",
                json!("application/x-www-form-urlencoded"),
            ),
            415,
            "unsupported_media_type",
            "$",
        ),
        (
            "no type",
            without_type(event.clone()),
            415,
            "unsupported_media_type",
            "$",
        ),
        (
            "plain text",
            with(event.clone(), "/headers/content-type", json!("text/plain")),
            415,
            "unsupported_media_type",
            "$",
        ),
        (
            "gzip",
            with(event.clone(), "/headers/content-encoding", json!("gzip")),
            415,
            "unsupported_media_type",
            "$",
        ),
        (
            "too large",
            with(event.clone(), "/body", json!(large)),
            413,
            "body_too_large",
            "$",
        ),
        (
            "too large in base64",
            encoded(large.as_bytes()),
            413,
            "body_too_large",
            "$",
        ),
        (
            "no body",
            with(event.clone(), "/body", json!(null)),
            400,
            "empty_body",
            "$",
        ),
        (
            "an empty body",
            with(event.clone(), "/body", json!("")),
            400,
            "empty_body",
            "$",
        ),
        (
            "not base64",
            with(encoded(b""), "/body", json!("{}")),
            400,
            "invalid_base64",
            "$",
        ),
        (
            "not UTF-8",
            encoded(b"{\"order_id\": \"\xff\"}"),
            400,
            "invalid_utf8",
            "$",
        ),
    ];
    for (name, body) in [
        ("not JSON", "order"),
        ("half of it", "{\"order_id\": \"o-1\""),
        ("two of them", "{\"order_id\": \"o-1\"} {}"),
        ("deep nesting", nested.as_str()),
        ("a lone surrogate", "{\"order_id\": \"\\ud800\"}"),
        ("a byte order mark", "\u{feff}{}"),
        ("spaces", "  "),
    ] {
        cases.push((
            name,
            with(event.clone(), "/body", json!(body)),
            400,
            "invalid_json",
            "$",
        ));
    }
    for (name, body) in [
        ("a list", "[]"),
        ("a text", "\"o-1\""),
        ("null", "null"),
        ("a number", "5"),
    ] {
        cases.push((
            name,
            with(event.clone(), "/body", json!(body)),
            400,
            "invalid_type",
            "$",
        ));
    }
    cases
}
