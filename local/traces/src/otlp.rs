//! Export request of OTLP: the fields that the page shows. Unknown ones are ignored, as the specification requires.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::store::SpanRecord;

/// Maximum number of attributes of a span that are kept.
const MAX_ATTRIBUTES: usize = 24;

/// Maximum length in characters of a name or a value that is kept.
const MAX_TEXT: usize = 200;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Request {
    resource_spans: Vec<ResourceSpans>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ResourceSpans {
    resource: Resource,
    scope_spans: Vec<ScopeSpans>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Resource {
    attributes: Vec<Attribute>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ScopeSpans {
    spans: Vec<Exported>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Exported {
    trace_id: String,
    span_id: String,
    parent_span_id: String,
    name: String,
    start_time_unix_nano: Value,
    end_time_unix_nano: Value,
    attributes: Vec<Attribute>,
    status: Status,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Status {
    code: Value,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Attribute {
    key: String,
    value: BTreeMap<String, Value>,
}

/// Reads the spans of an export request. Spans without valid ids are left out.
pub(crate) fn read(body: &[u8]) -> serde_json::Result<Vec<SpanRecord>> {
    let request: Request = serde_json::from_slice(body)?;
    let mut records = Vec::new();
    for resource in request.resource_spans {
        let service = resource
            .resource
            .attributes
            .iter()
            .find(|attribute| attribute.key == "service.name")
            .map(|attribute| text(&attribute.value))
            .unwrap_or_default();
        let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
        records.extend(spans.filter_map(|span| record(&service, span)));
    }
    Ok(records)
}

fn record(service: &str, span: Exported) -> Option<SpanRecord> {
    let trace_id = id(&span.trace_id, 32)?;
    let span_id = id(&span.span_id, 16)?;
    let start = nanoseconds(&span.start_time_unix_nano)?;
    Some(SpanRecord {
        trace_id,
        span_id,
        parent: id(&span.parent_span_id, 16),
        service: service.to_owned(),
        name: shortened(&span.name),
        start,
        end: nanoseconds(&span.end_time_unix_nano).unwrap_or(start).max(start),
        is_error: matches!(&span.status.code, Value::Number(code) if code.as_u64() == Some(2))
            || span.status.code == "STATUS_CODE_ERROR",
        attributes: span
            .attributes
            .into_iter()
            .take(MAX_ATTRIBUTES)
            .map(|attribute| (shortened(&attribute.key), text(&attribute.value)))
            .collect(),
    })
}

fn id(text: &str, length: usize) -> Option<String> {
    let is_valid = text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_valid = is_valid && text.bytes().any(|byte| byte != b'0');
    is_valid.then(|| text.to_ascii_lowercase())
}

/// 64-bit numbers are texts in the JSON form of protobuf; numbers are accepted, too.
fn nanoseconds(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64(),
    }
}

/// Returns a value of the type `AnyValue` as text.
fn text(value: &BTreeMap<String, Value>) -> String {
    match value.values().next() {
        Some(Value::String(text)) => shortened(text),
        Some(other) => shortened(&other.to_string()),
        None => String::new(),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn export(span: &Value) -> Vec<SpanRecord> {
        let attributes = json!([{"key": "service.name", "value": {"stringValue": "engine"}}]);
        let body = json!({"resourceSpans": [{
            "resource": {"attributes": attributes, "droppedAttributesCount": 0},
            "scopeSpans": [{"scope": {"name": "s"}, "spans": [span]}],
        }]});
        read(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn span_is_read_with_its_service() {
        let spans = export(&json!({
            "traceId": "5B8EFFF798038103D269B633813FC60C", "spanId": "eee19b7ec3c1b174", "parentSpanId": "",
            "name": "deliver", "kind": 3, "startTimeUnixNano": "1544712660000000000", "endTimeUnixNano": 5,
            "attributes": [
                {"key": "attempt", "value": {"intValue": "3"}},
                {"key": "ok", "value": {"boolValue": true}},
                {"key": "long", "value": {"stringValue": "é".repeat(10_000)}},
            ],
            "status": {"code": 2}, "flags": 1,
        }));
        let [span] = &spans[..] else { panic!("{spans:?}") };
        assert_eq!(span.trace_id, "5b8efff798038103d269b633813fc60c");
        assert_eq!(
            (span.service.as_str(), &span.parent, span.is_error),
            ("engine", &None, true)
        );
        assert_eq!(
            (span.start, span.end),
            (1_544_712_660_000_000_000, 1_544_712_660_000_000_000)
        );
        assert_eq!(span.attributes[0], ("attempt".to_owned(), "3".to_owned()));
        assert_eq!(span.attributes[1].1, "true");
        assert_eq!(span.attributes[2].1.chars().count(), MAX_TEXT);
    }

    #[test]
    fn spans_without_valid_ids_are_left_out() {
        let ids = [
            ("", "eee19b7ec3c1b174"),
            ("5b8efff798038103d269b633813fc60c", "x"),
        ];
        for (trace, span) in ids {
            let span = json!({"traceId": trace, "spanId": span, "startTimeUnixNano": "1"});
            assert_eq!(export(&span), []);
        }
        assert!(read(b"not json").is_err());
        assert_eq!(read(b"{}").unwrap(), []);
    }
}
