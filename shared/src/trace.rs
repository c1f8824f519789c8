//! Trace of the request that is being handled.
//!
//! An order has one trace, which begins with its insertion (`orders.trace_id`). The event of a change names the trace and the span of the
//! change; the engine sends them with the webhook, and a step passes its own span on in the statement that it runs anyway
//! (`continue_trace` in schema.sql). `/payment` is called by a browser, which does not know the trace of the order: the claim reads it.

use std::sync::{Arc, OnceLock};

use crate::order::OrderId;
use lambda_http::http::HeaderMap;
use trace_context::{SpanId, TraceContext, TraceId};

tokio::task_local! {
    static CURRENT: Trace;
}

/// Trace and span of one request. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Trace(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// As the caller sent it, with the id of this request's span.
    context: TraceContext,
    parent: Option<SpanId>,
    /// Trace of the order, once it is known.
    order: OnceLock<TraceId>,
    order_id: OnceLock<String>,
}

impl Trace {
    /// Continues the trace of a request, or starts one.
    pub fn of_headers(headers: &HeaderMap) -> Self {
        let parent = TraceContext::of_headers(headers);
        Self(Arc::new(Inner {
            context: TraceContext::child_of(parent.as_ref()),
            parent: parent.map(|parent| parent.span_id),
            order: OnceLock::new(),
            order_id: OnceLock::new(),
        }))
    }

    /// Runs a future whose statements pass this trace on.
    pub async fn scope<F: Future>(&self, future: F) -> F::Output {
        CURRENT.scope(self.clone(), future).await
    }

    /// Context of the span of this request.
    pub fn context(&self) -> TraceContext {
        let trace_id = self.0.order.get().copied().unwrap_or(self.0.context.trace_id);
        TraceContext {
            trace_id,
            ..self.0.context
        }
    }

    /// Order that the request is about, once it is known.
    pub fn order_id(&self) -> Option<&str> {
        self.0.order_id.get().map(String::as_str)
    }

    /// Parent of that span; `None` if the parent is in another trace.
    pub fn parent(&self) -> Option<SpanId> {
        let is_here = self.context().trace_id == self.0.context.trace_id;
        self.0.parent.filter(|_| is_here)
    }
}

/// Notes the trace of the order that the current request is about. An invalid id, and one after the first, is ignored.
pub(crate) fn belongs_to_order(trace_id: Option<&str>) {
    if let Some(trace_id) = trace_id.and_then(TraceId::parse) {
        // An error means that there is no current request, or that the trace is known.
        let _ = CURRENT.try_with(|trace| trace.0.order.set(trace_id));
    }
}

/// Notes the order that the current request is about.
pub(crate) fn is_about(order_id: &OrderId) {
    // As above.
    let _ = CURRENT.try_with(|trace| trace.0.order_id.set(order_id.as_str().to_owned()));
}

/// `traceparent` of the current request, for its statements; `None` outside of a request.
pub(crate) fn traceparent() -> Option<String> {
    CURRENT.try_with(|trace| trace.context().to_string()).ok()
}

/// Trace of the current request; `None` outside of one.
pub(crate) fn current_id() -> Option<TraceId> {
    CURRENT.try_with(|trace| trace.context().trace_id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = "11111111111111111111111111111111";

    fn sent(traceparent: &str) -> Trace {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", traceparent.parse().unwrap());
        Trace::of_headers(&headers)
    }

    #[tokio::test]
    async fn statements_pass_on_the_span_of_the_request() {
        let trace = sent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        let passed = trace.scope(async { traceparent() }).await.unwrap();
        assert_eq!(passed, trace.context().to_string());
        assert!(
            passed.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"),
            "{passed}"
        );
        assert_eq!(trace.parent().unwrap().to_string(), "00f067aa0ba902b7");
        assert_ne!(trace.context().span_id, trace.parent().unwrap());
        assert_eq!(traceparent(), None);
    }

    #[tokio::test]
    async fn request_belongs_to_the_trace_of_its_order() {
        assert_eq!(sent("malformed").parent(), None);
        let trace = sent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        trace
            .scope(async {
                belongs_to_order(Some("malformed"));
                belongs_to_order(None);
                assert_ne!(trace.context().trace_id.to_string(), ORDER);
                belongs_to_order(Some(ORDER));
                belongs_to_order(Some(&"2".repeat(32)));
            })
            .await;
        assert_eq!(trace.context().trace_id.to_string(), ORDER);
        assert_eq!(trace.parent(), None);
        belongs_to_order(Some(ORDER));
    }
}
