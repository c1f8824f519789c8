//! HTTP request to event of API Gateway's HTTP API (payload format 2.0).
//!
//! Source: "Working with AWS Lambda proxy integrations for HTTP APIs", Amazon API Gateway developer guide.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CONTENT_TYPE, COOKIE, HOST, USER_AGENT};
use http::request::Parts;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use uuid::Uuid;

use crate::queue::Call;

/// Access-log format of API Gateway, for example `12/Mar/2020:19:03:58 +0000`.
const CLF_TIME: &[BorrowedFormatItem<'_>] = format_description!(
    "[day]/[month repr:short]/[year]:[hour]:[minute]:[second] [offset_hour sign:mandatory][offset_minute]"
);

const TRACE_ID: &str = "x-amzn-trace-id";

/// Size of an event with an ordinary number of headers.
const EVENT_SIZE_WITHOUT_BODY: usize = 2 * 1024;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<Cow<'a, str>>,
    headers: BTreeMap<&'a str, Cow<'a, str>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: &'a str,
    domain_prefix: &'static str,
    http: Http<'a>,
    request_id: Uuid,
    route_key: &'a str,
    stage: &'static str,
    #[serde(serialize_with = "clf_time")]
    time: OffsetDateTime,
    time_epoch: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: &'static str,
    source_ip: &'a str,
    user_agent: &'a str,
}

/// The call for this request, with its event as JSON. `route_key` is for example `POST /payment`. Serialization of strings and
/// numbers does not fail in practice.
pub(super) fn call(
    parts: &Parts,
    body: &Bytes,
    route_key: &str,
    peer: SocketAddr,
    id: Uuid,
) -> serde_json::Result<Call> {
    let trace_id = trace_id(parts, id);
    let event = payload(parts, body, route_key, peer, id, &trace_id)?;
    Ok(Call { id, trace_id, event })
}

fn payload(
    parts: &Parts,
    body: &Bytes,
    route_key: &str,
    peer: SocketAddr,
    id: Uuid,
    trace_id: &HeaderValue,
) -> serde_json::Result<Bytes> {
    let now = OffsetDateTime::now_utc();
    let host = text(parts, &HOST);
    let source_ip = peer.ip().to_string();
    let port = peer.port().to_string();
    let mut headers = headers(parts);
    headers.insert(TRACE_ID, String::from_utf8_lossy(trace_id.as_bytes()));
    for (name, value) in [
        ("x-forwarded-for", source_ip.as_str()),
        ("x-forwarded-port", port.as_str()),
        ("x-forwarded-proto", "http"),
    ] {
        headers.entry(name).or_insert(Cow::Borrowed(value));
    }
    // Large enough for most events, so that the body is copied once.
    let mut json = Vec::with_capacity(body.len() + EVENT_SIZE_WITHOUT_BODY);
    let (body, is_base64_encoded) = body_text(parts, body);
    let path = parts.uri.path();
    let query = parts.uri.query().unwrap_or_default();
    let event = Event {
        version: "2.0",
        route_key,
        raw_path: path,
        raw_query_string: query,
        cookies: cookies(parts),
        headers,
        query_string_parameters: query_parameters(query),
        request_context: RequestContext {
            account_id: "123456789012",
            api_id: "local",
            domain_name: host,
            domain_prefix: "local",
            http: Http {
                method: parts.method.as_str(),
                path,
                protocol: "HTTP/1.1",
                source_ip: &source_ip,
                user_agent: text(parts, &USER_AGENT),
            },
            request_id: id,
            route_key,
            stage: "$default",
            time: now,
            time_epoch: u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or_default(),
        },
        body,
        is_base64_encoded,
    };
    serde_json::to_writer(&mut json, &event)?;
    Ok(json.into())
}

/// X-Ray trace id: that of the request, or else the time in hexadecimal seconds and 96 bits of the request id, so that each can be
/// found by the other.
fn trace_id(parts: &Parts, id: Uuid) -> HeaderValue {
    if let Some(sent) = parts.headers.get(TRACE_ID) {
        return sent.clone();
    }
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let id = id.simple().to_string();
    HeaderValue::try_from(format!("Root=1-{seconds:08x}-{}", &id[..24]))
        .unwrap_or(HeaderValue::from_static(""))
}

/// UTF-8 text is passed as it is; binary media types and invalid UTF-8 are encoded as base64.
fn body_text<'a>(parts: &Parts, body: &'a Bytes) -> (Option<Cow<'a, str>>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    match std::str::from_utf8(body) {
        Ok(text) if is_text(parts) => (Some(Cow::Borrowed(text)), false),
        _ => (Some(Cow::Owned(STANDARD.encode(body))), true),
    }
}

/// API Gateway decides by the media type alone: text, JSON, JavaScript, XML and a missing type are text. A form is
/// encoded as base64.
fn is_text(parts: &Parts) -> bool {
    let content_type = text(parts, &CONTENT_TYPE);
    let media_type = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    media_type.is_empty()
        || media_type.starts_with("text/")
        || ["json", "xml", "javascript"]
            .iter()
            .any(|kind| media_type.ends_with(kind))
}

/// Lowercase names; values of a repeated header are joined by commas. Cookies are passed separately.
fn headers(parts: &Parts) -> BTreeMap<&str, Cow<'_, str>> {
    let mut map: BTreeMap<&str, Cow<'_, str>> = BTreeMap::new();
    for (name, value) in &parts.headers {
        if name == COOKIE {
            continue;
        }
        let value = String::from_utf8_lossy(value.as_bytes());
        map.entry(name.as_str())
            .and_modify(|all| {
                let all = all.to_mut();
                all.push(',');
                all.push_str(&value);
            })
            .or_insert(value);
    }
    map
}

fn cookies(parts: &Parts) -> Vec<Cow<'_, str>> {
    let all = parts.headers.get_all(COOKIE).iter();
    all.flat_map(|value| value.as_bytes().split(|byte| *byte == b';'))
        .map(|cookie| String::from_utf8_lossy(cookie.trim_ascii()))
        .filter(|cookie| !cookie.is_empty())
        .collect()
}

/// Decoded; values of a repeated parameter are joined by commas.
fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut map: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        map.entry(name.into_owned())
            .and_modify(|all| {
                all.push(',');
                all.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    map
}

fn text<'a>(parts: &'a Parts, name: &http::HeaderName) -> &'a str {
    parts
        .headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn clf_time<S: Serializer>(time: &OffsetDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    let text = time.format(CLF_TIME).map_err(S::Error::custom)?;
    serializer.serialize_str(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;
    use serde_json::{Value, json};

    fn event(request: http::request::Builder, body: &'static [u8]) -> Value {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let peer = "127.0.0.1:9999".parse().unwrap();
        let call = call(
            &parts,
            &Bytes::from_static(body),
            "POST /payment",
            peer,
            Uuid::new_v4(),
        )
        .unwrap();
        let event: Value = serde_json::from_slice(&call.event).unwrap();
        assert_eq!(
            event["headers"]["x-amzn-trace-id"],
            call.trace_id.to_str().unwrap()
        );
        event
    }

    #[test]
    fn request_maps_to_payload_format_2() {
        let request = Request::post("/payment?a=1&b=x%20y&a=2")
            .header("Content-Type", "application/json")
            .header("Host", "localhost:8081")
            .header("X-Twice", "1")
            .header("X-Twice", "2")
            .header("Cookie", "a=b; c=d")
            .header("User-Agent", "curl/8");
        let event = event(request, br#"{"order_id":"x"}"#);
        assert_eq!(event["version"], "2.0");
        assert_eq!(event["routeKey"], "POST /payment");
        assert_eq!(event["rawPath"], "/payment");
        assert_eq!(event["rawQueryString"], "a=1&b=x%20y&a=2");
        assert_eq!(event["queryStringParameters"], json!({"a": "1,2", "b": "x y"}));
        assert_eq!(event["headers"]["x-twice"], "1,2");
        assert_eq!(event["headers"].get("cookie"), None);
        assert_eq!(event["headers"]["x-forwarded-for"], "127.0.0.1");
        assert_eq!(event["cookies"], json!(["a=b", "c=d"]));
        assert_eq!(event["body"], r#"{"order_id":"x"}"#);
        assert_eq!(event["isBase64Encoded"], false);
        let context = &event["requestContext"];
        assert_eq!(context["http"]["method"], "POST");
        assert_eq!(context["http"]["userAgent"], "curl/8");
        assert_eq!(context["stage"], "$default");
        assert!(
            event["headers"]["x-amzn-trace-id"]
                .as_str()
                .unwrap()
                .starts_with("Root=1-")
        );
    }

    #[test]
    fn trace_id_of_the_request_is_kept() {
        let sent = "Root=1-5759e988-bd862e3fe1be46a994272793";
        let event = event(Request::post("/payment").header("X-Amzn-Trace-Id", sent), b"{}");
        assert_eq!(event["headers"]["x-amzn-trace-id"], sent);
    }

    #[test]
    fn binary_and_invalid_utf8_bodies_are_base64() {
        let json = || Request::post("/payment").header("Content-Type", "application/json; charset=utf-8");
        let start_failed = event(json(), b"\xff{}");
        assert_eq!(
            (&start_failed["body"], &start_failed["isBase64Encoded"]),
            (&json!("/3t9"), &json!(true))
        );
        let binary = Request::post("/payment").header("Content-Type", "application/octet-stream");
        let binary = event(binary, b"abc");
        assert_eq!(
            (&binary["body"], &binary["isBase64Encoded"]),
            (&json!("YWJj"), &json!(true))
        );
        let untyped = event(Request::post("/payment"), b"abc");
        assert_eq!(
            (&untyped["body"], &untyped["isBase64Encoded"]),
            (&json!("abc"), &json!(false))
        );
        let empty = event(json(), b"");
        assert_eq!(empty.get("body"), None);
    }

    #[test]
    fn time_has_access_log_format() {
        let format = |seconds| {
            OffsetDateTime::from_unix_timestamp(seconds)
                .unwrap()
                .format(CLF_TIME)
                .unwrap()
        };
        assert_eq!(format(1_584_039_838), "12/Mar/2020:19:03:58 +0000");
        assert_eq!(format(0), "01/Jan/1970:00:00:00 +0000");
    }
}
