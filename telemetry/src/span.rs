//! A recorded span.

use std::borrow::Cow;
use std::time::SystemTime;

use trace_context::{SpanId, TraceContext};

/// Role of a span in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Handles a request.
    Server,
    /// Makes a call.
    Client,
}

/// Value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(Cow<'static, str>),
    Number(i64),
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// A span that has ended, or is about to.
#[derive(Debug, Clone)]
pub struct Span {
    pub name: Cow<'static, str>,
    pub kind: Kind,
    /// Trace and id of this span.
    pub context: TraceContext,
    pub parent: Option<SpanId>,
    pub started: SystemTime,
    pub ended: SystemTime,
    /// No secrets, no parameter values, and no personal data.
    pub attributes: Vec<(&'static str, Value)>,
    pub is_error: bool,
}

impl Span {
    /// Starts a span now.
    pub fn start(
        name: impl Into<Cow<'static, str>>,
        kind: Kind,
        context: TraceContext,
        parent: Option<SpanId>,
    ) -> Self {
        let now = SystemTime::now();
        Self {
            name: name.into(),
            kind,
            context,
            parent,
            started: now,
            ended: now,
            attributes: Vec::new(),
            is_error: false,
        }
    }

    /// Adds an attribute.
    pub fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        self.attributes.push((name, value.into()));
    }
}
