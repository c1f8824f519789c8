//! Trace context of a request: which trace it belongs to, and which span caused it.
//!
//! A context is read from the headers of W3C Trace Context or of B3, and written as both, because Hasura sends and reads B3, and most
//! other software `traceparent`. A header that is not valid is ignored: a trace never makes a request fail.

mod headers;
mod id;

pub use headers::{B3_PARENT_SPAN_ID, B3_SAMPLED, B3_SPAN_ID, B3_TRACE_ID, TRACEPARENT};
pub use id::{SpanId, TraceId};

use std::fmt;

/// Position in a trace: the span that causes what follows, or the span that is being recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceContext {
    pub trace_id: TraceId,
    pub span_id: SpanId,
    /// Whether the caller records the trace; `None` if it leaves the decision to the callee.
    pub sampled: Option<bool>,
}

impl TraceContext {
    /// Starts a trace.
    pub fn root() -> Self {
        Self {
            trace_id: TraceId::random(),
            span_id: SpanId::random(),
            sampled: None,
        }
    }

    /// Returns the context of a new span with this parent.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            span_id: SpanId::random(),
            ..*self
        }
    }

    /// Returns the context of a new span: a child of the parent, or the root of a new trace.
    pub fn child_of(parent: Option<&Self>) -> Self {
        parent.map_or_else(Self::root, Self::child)
    }

    /// Returns the context that three texts describe, as the events of Hasura contain them; `None` if an id is missing or invalid.
    pub fn of_texts(
        trace_id: Option<&str>,
        span_id: Option<&str>,
        sampling_state: Option<&str>,
    ) -> Option<Self> {
        Some(Self {
            trace_id: TraceId::parse_b3(trace_id?)?,
            span_id: SpanId::parse(span_id?)?,
            sampled: match sampling_state {
                Some("1") => Some(true),
                Some("0") => Some(false),
                _ => None,
            },
        })
    }

    /// Whether a span of this trace is to be recorded.
    pub fn is_recorded(&self) -> bool {
        self.sampled != Some(false)
    }

    /// Returns the value of Hasura's setting `hasura.tracecontext`, which is also `trace_context` of an event: a JSON object.
    pub fn to_hasura_json(&self) -> String {
        let Self {
            trace_id, span_id, ..
        } = self;
        match self.sampled {
            None => format!(r#"{{"trace_id":"{trace_id}","span_id":"{span_id}"}}"#),
            Some(sampled) => format!(
                r#"{{"trace_id":"{trace_id}","span_id":"{span_id}","sampling_state":"{}"}}"#,
                u8::from(sampled)
            ),
        }
    }
}

/// The value of the header `traceparent`.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = u8::from(self.is_recorded());
        write!(f, "00-{}-{}-{flags:02x}", self.trace_id, self.span_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn context_is_written_for_hasura() {
        let context = |sampled| TraceContext {
            trace_id: TraceId::parse("4bf92f3577b34da6a3ce929d0e0e4736").unwrap(),
            span_id: SpanId::parse("00f067aa0ba902b7").unwrap(),
            sampled,
        };
        let json = context(None).to_hasura_json();
        assert_eq!(
            json,
            r#"{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}"#
        );
        assert!(
            context(Some(true))
                .to_hasura_json()
                .ends_with(r#","sampling_state":"1"}"#)
        );
        assert!(
            context(Some(false))
                .to_hasura_json()
                .ends_with(r#","sampling_state":"0"}"#)
        );
        assert!(context(Some(false)).to_string().ends_with("-00"));
        assert!(context(None).to_string().ends_with("-01"));
    }

    #[test]
    fn context_of_an_event_has_ids_of_16_or_32_digits() {
        let of = |trace, span, state| TraceContext::of_texts(Some(trace), Some(span), state);
        let short = of("00f067aa0ba902b7", "00f067aa0ba902b8", Some("1")).unwrap();
        assert_eq!(short.trace_id.to_string(), "000000000000000000f067aa0ba902b7");
        assert_eq!(short.sampled, Some(true));
        let long = "x".repeat(100_000);
        for (trace, span) in [
            ("", "00f067aa0ba902b8"),
            ("00f067aa0ba902b7", "x"),
            ("0000000000000000", "00f067aa0ba902b8"),
            (long.as_str(), "00f067aa0ba902b8"),
        ] {
            assert_eq!(of(trace, span, None), None);
        }
        assert_eq!(TraceContext::of_texts(None, None, None), None);
    }

    #[test]
    fn child_has_the_trace_of_its_parent_and_an_id_of_its_own() {
        let root = TraceContext::root();
        let child = TraceContext::child_of(Some(&root));
        assert_eq!(child.trace_id, root.trace_id);
        assert_ne!(child.span_id, root.span_id);
        assert_ne!(TraceContext::child_of(None).trace_id, root.trace_id);
    }
}
