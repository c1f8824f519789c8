//! Spans, and their export by OTLP over HTTP with JSON, or to AWS X-Ray through the daemon of Lambda ([`XraySettings`]).
//!
//! The encoding is 60 lines, and the client is the one that engine and functions have anyway. An OpenTelemetry SDK would add its own
//! runtime, protobuf and tonic to each function, whose size is part of its start (docs/decisions/0026-traces-without-an-sdk.md).
//!
//! Spans are exported if `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set ([`Settings`]). The export never
//! fails what it describes, and delays only responses that flush it, by at most their limit: spans wait in a bounded queue, and are dropped
//! if it is full or the collector does not accept them.

mod encode;
mod export;
mod settings;
mod span;
mod xray;

pub use export::Spans;
pub use settings::{Settings, SettingsError};
pub use span::{Kind, Span, Value};
pub use xray::XraySettings;
