//! Function result to HTTP response (payload format 2.0).

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionResponse<'a> {
    status_code: u16,
    #[serde(default)]
    headers: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default, borrow)]
    body: Option<Cow<'a, str>>,
    #[serde(default)]
    is_base64_encoded: Option<bool>,
}

/// The response for a function's result.
///
/// Without a `statusCode` the whole result is the body, as JSON, with status 200, as API Gateway infers it. An
/// invalid result is the function's fault: the caller receives a 500.
pub(super) fn response(payload: &Bytes) -> Response {
    match serde_json::from_slice::<FunctionResponse<'_>>(payload) {
        Ok(answer) => explicit(answer).unwrap_or_else(internal_server_error),
        Err(_) => match serde_json::from_slice::<Value>(payload) {
            Ok(Value::Object(object)) if object.contains_key("statusCode") => internal_server_error(),
            Ok(_) => inferred(payload.clone()),
            Err(_) => internal_server_error(),
        },
    }
}

/// A response of the gateway itself. API Gateway's wording.
pub(super) fn message(status: StatusCode, message: &'static str) -> Response {
    (
        status,
        [(CONTENT_TYPE, "application/json")],
        format!(r#"{{"message":"{message}"}}"#),
    )
        .into_response()
}

/// The response if the function failed.
pub(super) fn internal_server_error() -> Response {
    message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

fn inferred(payload: Bytes) -> Response {
    ([(CONTENT_TYPE, "application/json")], payload).into_response()
}

fn explicit(answer: FunctionResponse<'_>) -> Option<Response> {
    let body = match answer.body {
        None => Bytes::new(),
        Some(text) if answer.is_base64_encoded == Some(true) => STANDARD.decode(text.as_bytes()).ok()?.into(),
        Some(text) => Bytes::from(text.into_owned()),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status_code).ok()?;
    let headers = response.headers_mut();
    for (name, value) in answer.headers.unwrap_or_default() {
        let value = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        headers.insert(
            HeaderName::try_from(name).ok()?,
            HeaderValue::try_from(value).ok()?,
        );
    }
    for (name, values) in answer.multi_value_headers.unwrap_or_default() {
        let name = HeaderName::try_from(name).ok()?;
        headers.remove(&name);
        for value in values {
            headers.append(name.clone(), HeaderValue::try_from(value).ok()?);
        }
    }
    for cookie in answer.cookies.unwrap_or_default() {
        headers.append(SET_COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    // The gateway manages the connection and computes the length.
    for ours in [
        http::header::CONTENT_LENGTH,
        http::header::TRANSFER_ENCODING,
        http::header::CONNECTION,
    ] {
        headers.remove(ours);
    }
    if !headers.contains_key(CONTENT_TYPE) && answer.status_code != 204 {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=UTF-8"));
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    async fn taken(payload: &'static str) -> (u16, Vec<(String, String)>, Vec<u8>) {
        let response = response(&Bytes::from_static(payload.as_bytes()));
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let status = response.status().as_u16();
        (
            status,
            headers,
            response.into_body().collect().await.unwrap().to_bytes().to_vec(),
        )
    }

    #[tokio::test]
    async fn headers_cookies_and_body_arrive() {
        let (status, headers, body) = taken(
            r#"{"statusCode":402,"headers":{"Content-Type":"application/json","retry-after":2,"content-length":"9"},
                "multiValueHeaders":{"x-two":["a","b"]},"cookies":["k=v","l=w"],"body":"{\"a\":1}"}"#,
        )
        .await;
        assert_eq!((status, body.as_slice()), (402, br#"{"a":1}"#.as_slice()));
        for expected in [
            ("content-type", "application/json"),
            ("retry-after", "2"),
            ("x-two", "a"),
            ("x-two", "b"),
            ("set-cookie", "k=v"),
            ("set-cookie", "l=w"),
        ] {
            assert!(
                headers.iter().any(|(n, v)| (n.as_str(), v.as_str()) == expected),
                "{expected:?} {headers:?}"
            );
        }
        assert!(!headers.iter().any(|(name, _)| name == "content-length"));
    }

    #[tokio::test]
    async fn base64_is_decoded() {
        let (status, _, body) = taken(r#"{"statusCode":200,"body":"/wA=","isBase64Encoded":true}"#).await;
        assert_eq!((status, body), (200, vec![0xff, 0]));
    }

    #[tokio::test]
    async fn result_without_status_is_the_body() {
        let (status, headers, body) = taken(r#"{"outcome":"validated"}"#).await;
        assert_eq!(
            (status, body.as_slice()),
            (200, br#"{"outcome":"validated"}"#.as_slice())
        );
        assert_eq!(
            headers,
            [("content-type".to_owned(), "application/json".to_owned())]
        );
        assert_eq!(taken("null").await.0, 200);
    }

    #[tokio::test]
    async fn invalid_result_is_a_500() {
        for payload in [
            "not json",
            r#"{"statusCode":"many"}"#,
            r#"{"statusCode":99}"#,
            r#"{"statusCode":200,"headers":{"a b":"c"}}"#,
            r#"{"statusCode":200,"headers":{"a":"line\nbreak"}}"#,
            r#"{"statusCode":200,"body":"?","isBase64Encoded":true}"#,
        ] {
            let (status, _, body) = taken(payload).await;
            assert_eq!(
                (status, body.as_slice()),
                (500, br#"{"message":"Internal Server Error"}"#.as_slice())
            );
        }
    }
}
