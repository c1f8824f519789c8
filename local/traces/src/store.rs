//! The newest spans, by trace. Bounded: the oldest traces go first.

use std::collections::{HashMap, VecDeque};

use serde::Serialize;

/// Maximum number of spans in memory. A span has at most about 10 KB, usually 500 bytes.
pub const MAX_SPANS: usize = 10_000;

/// Maximum number of spans of one trace; further ones are counted only.
pub const MAX_SPANS_PER_TRACE: usize = 500;

/// A span as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SpanRecord {
    /// 32 hexadecimal digits.
    pub trace_id: String,
    /// 16 hexadecimal digits.
    pub span_id: String,
    /// Parent span; it may belong to a process that exports nothing.
    pub parent: Option<String>,
    /// Name of the process.
    pub service: String,
    /// Name of the span.
    pub name: String,
    /// Nanoseconds since 1970.
    pub start: u64,
    /// Nanoseconds since 1970; not before the start.
    pub end: u64,
    /// Whether it failed.
    pub is_error: bool,
    /// Attributes, as text.
    pub attributes: Vec<(String, String)>,
}

/// A trace in the list of traces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TraceSummary {
    /// 32 hexadecimal digits.
    pub trace_id: String,
    /// Name of the first span.
    pub name: String,
    /// Orders that its spans name.
    pub orders: Vec<String>,
    /// Nanoseconds since 1970.
    pub start: u64,
    /// Nanoseconds from the start of the first to the end of the last span.
    pub duration: u64,
    /// Number of spans, including those that were not kept.
    pub spans: usize,
    /// Whether a span failed.
    pub is_error: bool,
}

#[derive(Debug, Default)]
struct Trace {
    spans: Vec<SpanRecord>,
    /// Spans beyond [`MAX_SPANS_PER_TRACE`].
    dropped: usize,
}

/// Spans in memory.
#[derive(Debug, Default)]
pub struct Store {
    traces: HashMap<String, Trace>,
    /// Trace ids in the order of their first spans.
    oldest_first: VecDeque<String>,
    count: usize,
}

impl Store {
    /// Adds a span. A span that is received again replaces the first.
    pub fn add(&mut self, span: SpanRecord) {
        if !self.traces.contains_key(&span.trace_id) {
            self.oldest_first.push_back(span.trace_id.clone());
        }
        let trace = self.traces.entry(span.trace_id.clone()).or_default();
        let known = trace.spans.iter_mut().find(|known| known.span_id == span.span_id);
        if let Some(known) = known {
            *known = span;
            return;
        }
        if trace.spans.len() >= MAX_SPANS_PER_TRACE {
            trace.dropped += 1;
            return;
        }
        trace.spans.push(span);
        self.count += 1;
        while self.count > MAX_SPANS {
            let Some(oldest) = self.oldest_first.pop_front() else {
                return;
            };
            let removed = self.traces.remove(&oldest).map_or(0, |trace| trace.spans.len());
            self.count -= removed;
        }
    }

    /// Number of spans in memory.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Spans of a trace, in the order of their starts.
    pub fn trace(&self, trace_id: &str) -> Option<Vec<SpanRecord>> {
        let mut spans = self.traces.get(trace_id)?.spans.clone();
        spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        Some(spans)
    }

    /// The newest traces, newest first. `search`: only those that contain this text in an id, a name or an attribute.
    pub fn newest(&self, limit: usize, search: &str) -> Vec<TraceSummary> {
        let newest_first = self.oldest_first.iter().rev();
        let found = newest_first.filter_map(|id| {
            let trace = self.traces.get(id)?;
            trace.contains(search).then(|| trace.summary(id))?
        });
        found.take(limit).collect()
    }
}

impl Trace {
    fn contains(&self, search: &str) -> bool {
        let has = |text: &str| text.contains(search);
        search.is_empty()
            || self.spans.iter().any(|span| {
                has(&span.trace_id) || has(&span.name) || span.attributes.iter().any(|(_, value)| has(value))
            })
    }

    fn summary(&self, id: &str) -> Option<TraceSummary> {
        let first = self.spans.iter().min_by_key(|span| span.start)?;
        let end = self.spans.iter().map(|span| span.end).max()?;
        let mut orders: Vec<String> = self
            .spans
            .iter()
            .flat_map(|span| &span.attributes)
            .filter(|(name, _)| name == "order.id")
            .map(|(_, value)| value.clone())
            .collect();
        orders.sort();
        orders.dedup();
        orders.truncate(10);
        Some(TraceSummary {
            trace_id: id.to_owned(),
            name: first.name.clone(),
            orders,
            start: first.start,
            duration: end - first.start,
            spans: self.spans.len() + self.dropped,
            is_error: self.spans.iter().any(|span| span.is_error),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(trace: usize, number: usize) -> SpanRecord {
        SpanRecord {
            trace_id: format!("{trace:032x}"),
            span_id: format!("{number:016x}"),
            parent: None,
            service: "engine".to_owned(),
            name: "graphql".to_owned(),
            start: number as u64 * 10,
            end: number as u64 * 10 + 5,
            is_error: number == 3,
            attributes: vec![("order.id".to_owned(), format!("o-{trace}"))],
        }
    }

    #[test]
    fn oldest_traces_are_dropped_at_the_limit() {
        let mut store = Store::default();
        for trace in 0..MAX_SPANS + 100 {
            store.add(span(trace, 1));
        }
        assert_eq!(store.len(), MAX_SPANS);
        assert_eq!(store.trace(&span(99, 1).trace_id), None);
        assert!(store.trace(&span(100, 1).trace_id).is_some());
    }

    #[test]
    fn one_trace_cannot_displace_all_others() {
        let mut store = Store::default();
        store.add(span(1, 1));
        for number in 1..=MAX_SPANS * 2 {
            store.add(span(2, number));
        }
        assert_eq!(store.len(), MAX_SPANS_PER_TRACE + 1);
        let summary = &store.newest(10, &span(2, 1).trace_id)[0];
        assert_eq!(summary.spans, MAX_SPANS * 2);
        assert_eq!(store.newest(10, "").len(), 2);
    }

    #[test]
    fn trace_is_summarized_and_found_by_its_order() {
        let mut store = Store::default();
        for number in [3, 1, 2, 2] {
            store.add(span(7, number));
        }
        store.add(span(8, 1));
        let found = store.newest(10, "o-7");
        let [summary] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!((summary.spans, summary.start, summary.duration), (3, 10, 25));
        assert_eq!(
            (&summary.orders[..], summary.is_error),
            (&["o-7".to_owned()][..], true)
        );
        let starts: Vec<u64> = store
            .trace(&summary.trace_id)
            .unwrap()
            .iter()
            .map(|span| span.start)
            .collect();
        assert_eq!(starts, [10, 20, 30]);
        assert_eq!(store.newest(1, "").len(), 1);
        assert_eq!(store.newest(10, "o-9"), []);
    }
}
