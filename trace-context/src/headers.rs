//! Headers that carry a context: W3C Trace Context and B3.

use crate::id::lowercase_hex;
use crate::{SpanId, TraceContext, TraceId};
use http::HeaderMap;

pub const TRACEPARENT: &str = "traceparent";
pub const B3_TRACE_ID: &str = "x-b3-traceid";
pub const B3_SPAN_ID: &str = "x-b3-spanid";
pub const B3_PARENT_SPAN_ID: &str = "x-b3-parentspanid";
pub const B3_SAMPLED: &str = "x-b3-sampled";
const B3_FLAGS: &str = "x-b3-flags";

impl TraceContext {
    /// Reads the context of a request: `traceparent`, or the B3 headers if that is absent or invalid. A header that occurs several
    /// times is invalid.
    pub fn of_headers(headers: &HeaderMap) -> Option<Self> {
        let one = |name: &str| {
            let mut values = headers.get_all(name).iter();
            match (values.next(), values.next()) {
                (Some(value), None) => value.to_str().ok(),
                _ => None,
            }
        };
        if let Some(context) = one(TRACEPARENT).and_then(Self::parse_traceparent) {
            return Some(context);
        }
        let sampled = match (one(B3_FLAGS), one(B3_SAMPLED)) {
            (Some("1"), _) | (_, Some("1" | "true")) => Some(true),
            (_, Some("0" | "false")) => Some(false),
            _ => None,
        };
        Some(Self {
            trace_id: TraceId::parse_b3(one(B3_TRACE_ID)?)?,
            span_id: SpanId::parse(one(B3_SPAN_ID)?)?,
            sampled,
        })
    }

    /// Parses a value of `traceparent`. A later version may append fields, which are ignored.
    pub fn parse_traceparent(value: &str) -> Option<Self> {
        let value = value.trim_matches([' ', '\t']);
        let mut parts = value.splitn(5, '-');
        let mut part = |length: usize| {
            parts
                .next()
                .filter(|part| part.len() == length)
                .and_then(lowercase_hex)
        };
        let version = part(2).filter(|version| *version != "ff")?;
        let (trace_id, span_id, flags) = (part(32)?, part(16)?, part(2)?);
        if version == "00" && parts.next().is_some() {
            return None;
        }
        let flags = u8::from_str_radix(flags, 16).ok()?;
        Some(Self {
            trace_id: TraceId::parse(trace_id)?,
            span_id: SpanId::parse(span_id)?,
            sampled: Some(flags & 1 == 1),
        })
    }

    /// Returns the headers of a call that this span makes, in both formats. `parent`: the parent of this span.
    pub fn headers(&self, parent: Option<SpanId>) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            (TRACEPARENT, self.to_string()),
            (B3_TRACE_ID, self.trace_id.to_string()),
            (B3_SPAN_ID, self.span_id.to_string()),
        ];
        headers.extend(parent.map(|parent| (B3_PARENT_SPAN_ID, parent.to_string())));
        headers.extend(
            self.sampled
                .map(|sampled| (B3_SAMPLED, u8::from(sampled).to_string())),
        );
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    fn read(headers: &[(&str, &str)]) -> Option<(String, String, Option<bool>)> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::try_from(*name).unwrap();
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        let context = TraceContext::of_headers(&map)?;
        Some((
            context.trace_id.to_string(),
            context.span_id.to_string(),
            context.sampled,
        ))
    }

    #[test]
    fn traceparent_is_read() {
        let traceparent = |value: &str| read(&[("traceparent", value)]);
        let context = |sampled| Some((TRACE.to_owned(), SPAN.to_owned(), Some(sampled)));
        assert_eq!(traceparent(&format!("00-{TRACE}-{SPAN}-01")), context(true));
        assert_eq!(traceparent(&format!("00-{TRACE}-{SPAN}-00")), context(false));
        assert_eq!(traceparent(&format!("00-{TRACE}-{SPAN}-03")), context(true));
        // A later version.
        assert_eq!(
            traceparent(&format!("cc-{TRACE}-{SPAN}-01-what-follows")),
            context(true)
        );
        assert_eq!(traceparent(&format!("cc-{TRACE}-{SPAN}-01")), context(true));
    }

    #[test]
    fn malformed_traceparent_is_ignored() {
        for value in [
            "",
            "00",
            &format!("00-{TRACE}-{SPAN}"),
            &format!("00-{TRACE}-{SPAN}-1"),
            &format!("00-{TRACE}-{SPAN}-01-x"),
            &format!("00-{TRACE}-{SPAN}-0g"),
            &format!("ff-{TRACE}-{SPAN}-01"),
            &format!("0-{TRACE}-{SPAN}-01"),
            &format!("00-{}-{SPAN}-01", "0".repeat(32)),
            &format!("00-{TRACE}-{}-01", "0".repeat(16)),
            &format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            &format!("00-+{}-{SPAN}-01", &TRACE[1..]),
            &format!("00-{}-{SPAN}-01", &TRACE[1..]),
            &format!("00-{TRACE}-{SPAN}-01, 00-{TRACE}-{SPAN}-01"),
            &"0".repeat(10_000),
        ] {
            assert_eq!(read(&[("traceparent", value)]), None, "{value}");
        }
        let valid = format!("00-{TRACE}-{SPAN}-01");
        assert_eq!(read(&[("traceparent", &valid), ("traceparent", &valid)]), None);
    }

    #[test]
    fn b3_is_read_where_traceparent_is_absent_or_invalid() {
        let b3 = [("X-B3-TraceId", TRACE), ("X-B3-SpanId", SPAN)];
        let with = |more: &[(&str, &str)]| read(&[&b3[..], more].concat());
        let context = |sampled| Some((TRACE.to_owned(), SPAN.to_owned(), sampled));
        assert_eq!(with(&[]), context(None));
        assert_eq!(with(&[("X-B3-Sampled", "1")]), context(Some(true)));
        assert_eq!(with(&[("X-B3-Sampled", "0")]), context(Some(false)));
        assert_eq!(with(&[("X-B3-Flags", "1")]), context(Some(true)));
        assert_eq!(with(&[("traceparent", "malformed")]), context(None));
        let other = format!("00-{}-{SPAN}-01", "1".repeat(32));
        assert_eq!(with(&[("traceparent", &other)]).unwrap().0, "1".repeat(32));
        // 64 bits, as older tracers and Hasura 2.0 send them.
        let short = read(&[("X-B3-TraceId", SPAN), ("X-B3-SpanId", SPAN)]).unwrap();
        assert_eq!(short.0, format!("{}{SPAN}", "0".repeat(16)));
        assert_eq!(read(&[("X-B3-TraceId", TRACE)]), None);
        assert_eq!(read(&[("X-B3-TraceId", "x"), ("X-B3-SpanId", SPAN)]), None);
    }

    #[test]
    fn headers_of_a_call_are_read_as_the_same_context() {
        let context = TraceContext::root();
        let headers = context.headers(Some(SpanId::random()));
        let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [TRACEPARENT, B3_TRACE_ID, B3_SPAN_ID, B3_PARENT_SPAN_ID]);
        let pairs: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let (trace, span, _) = read(&pairs).unwrap();
        assert_eq!(
            (trace, span),
            (context.trace_id.to_string(), context.span_id.to_string())
        );
    }
}
