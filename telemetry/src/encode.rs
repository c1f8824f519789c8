//! Body of an export request: `ExportTraceServiceRequest` in the JSON form of OTLP, where ids are hexadecimal and 64-bit numbers are texts.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value as Json, json};

use crate::span::{Kind, Span, Value};

const STATUS_ERROR: u8 = 2;

/// Encodes spans of one process. `resource`: attributes of the process, among them `service.name`.
pub(crate) fn request(resource: &[(String, String)], spans: &[Span]) -> String {
    let resource: Vec<Json> = resource
        .iter()
        .map(|(name, value)| json!({"key": name, "value": {"stringValue": value}}))
        .collect();
    let spans: Vec<Json> = spans.iter().map(encode).collect();
    json!({
        "resourceSpans": [{
            "resource": {"attributes": resource},
            "scopeSpans": [{"scope": {"name": "threefactor", "version": env!("CARGO_PKG_VERSION")}, "spans": spans}],
        }],
    })
    .to_string()
}

fn encode(span: &Span) -> Json {
    let mut json = Map::new();
    let mut set = |name: &str, value: Json| json.insert(name.to_owned(), value);
    set("traceId", span.context.trace_id.to_string().into());
    set("spanId", span.context.span_id.to_string().into());
    if let Some(parent) = span.parent {
        set("parentSpanId", parent.to_string().into());
    }
    set("name", Json::from(&*span.name));
    set(
        "kind",
        match span.kind {
            Kind::Server => 2,
            Kind::Client => 3,
        }
        .into(),
    );
    set("startTimeUnixNano", nanoseconds(span.started).into());
    set(
        "endTimeUnixNano",
        nanoseconds(span.ended.max(span.started)).into(),
    );
    set("attributes", span.attributes.iter().map(attribute).collect());
    if span.is_error {
        set("status", json!({"code": STATUS_ERROR}));
    }
    Json::Object(json)
}

fn attribute((name, value): &(&'static str, Value)) -> Json {
    let value = match value {
        Value::Text(text) => json!({"stringValue": text}),
        Value::Number(number) => json!({"intValue": number.to_string()}),
    };
    json!({"key": name, "value": value})
}

fn nanoseconds(time: SystemTime) -> String {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos()
        .to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use trace_context::{SpanId, TraceContext};

    use super::*;

    #[test]
    fn span_has_the_fields_of_otlp() {
        let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let context = TraceContext::parse_traceparent(traceparent).unwrap();
        let mut span = Span::start(
            "deliver",
            Kind::Client,
            context,
            SpanId::parse("00f067aa0ba902b8"),
        );
        span.started = UNIX_EPOCH + Duration::from_nanos(1_544_712_660_000_000_001);
        span.ended = UNIX_EPOCH;
        span.is_error = true;
        span.set("event.id", "e".to_owned());
        span.set("attempt", 2_i64);
        let body = request(&[("service.name".to_owned(), "engine".to_owned())], &[span]);
        let body: Json = serde_json::from_str(&body).unwrap();
        let resource = &body["resourceSpans"][0];
        assert_eq!(
            resource["resource"]["attributes"],
            json!([{"key": "service.name", "value": {"stringValue": "engine"}}])
        );
        assert_eq!(
            resource["scopeSpans"][0]["spans"][0],
            json!({
                "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
                "spanId": "00f067aa0ba902b7",
                "parentSpanId": "00f067aa0ba902b8",
                "name": "deliver",
                "kind": 3,
                "startTimeUnixNano": "1544712660000000001",
                // A clock that was set back does not make a span end before it starts.
                "endTimeUnixNano": "1544712660000000001",
                "attributes": [
                    {"key": "event.id", "value": {"stringValue": "e"}},
                    {"key": "attempt", "value": {"intValue": "2"}},
                ],
                "status": {"code": 2},
            })
        );
    }
}
