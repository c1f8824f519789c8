//! Segments of AWS X-Ray, by UDP to the daemon that Lambda runs beside each function. No call waits for it, and it needs no signature.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `XRAY_PERCENT` | 0 | share of the traces that are recorded, 0 to 100. The id of a trace decides, so that each is recorded completely or not at all |
//! | `AWS_XRAY_DAEMON_ADDRESS` | unset | address of the daemon, which Lambda sets; without it nothing is recorded |

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value as Json, json};
use trace_context::TraceContext;

use crate::settings::{SettingsError, invalid};
use crate::span::{Span, Value};

/// First line of each datagram.
const HEADER: &str = r#"{"format": "json", "version": 1}"#;

const STATUS: &str = "http.response.status_code";

/// The daemon, and the share of the traces that are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XraySettings {
    daemon: SocketAddr,
    percent: u64,
}

impl XraySettings {
    /// Reads the settings of the environment; `None` if no segment is sent.
    pub fn of_environment() -> Result<Option<Self>, SettingsError> {
        Self::of(|name| std::env::var(name).ok())
    }

    /// [`Self::of_environment`] with other variables.
    pub fn of(variable: impl Fn(&'static str) -> Option<String>) -> Result<Option<Self>, SettingsError> {
        let set = |name| variable(name).filter(|value| !value.trim().is_empty());
        let (share, address) = ("XRAY_PERCENT", "AWS_XRAY_DAEMON_ADDRESS");
        let percent = set(share).map_or(Ok(0), |text| {
            let percent = text.trim().parse().ok().filter(|percent| *percent <= 100);
            percent.ok_or_else(|| invalid(share, "must be a whole number from 0 to 100"))
        })?;
        let (Some(daemon), 1..) = (set(address), percent) else {
            return Ok(None);
        };
        let daemon = daemon_of(&daemon).ok_or_else(|| {
            invalid(
                address,
                "must contain an address and a port, such as 127.0.0.1:2000",
            )
        })?;
        Ok(Some(Self { daemon, percent }))
    }
}

/// Destination of segments.
#[derive(Debug)]
pub(crate) struct Segments {
    socket: UdpSocket,
    settings: XraySettings,
}

impl Segments {
    pub(crate) fn open(settings: XraySettings) -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket, settings })
    }

    /// Whether spans of this trace are recorded.
    pub(crate) fn records(&self, context: &TraceContext) -> bool {
        context.is_recorded() && context.trace_id.low_bits() % 100 < self.settings.percent
    }

    /// Sends a span that has ended.
    pub(crate) fn send(&self, span: &Span) {
        if self.records(&span.context) {
            let datagram = format!("{HEADER}\n{}", segment(span));
            // A span that the daemon does not receive is lost, as with any other collector.
            let _ = self.socket.send_to(datagram.as_bytes(), self.settings.daemon);
        }
    }
}

/// Address for UDP: the only one, or the one behind `udp:`.
fn daemon_of(text: &str) -> Option<SocketAddr> {
    let mut parts = text.split_whitespace();
    let udp = parts.find_map(|part| part.strip_prefix("udp:"));
    udp.unwrap_or_else(|| text.trim()).parse().ok()
}

/// Segment document of a span.
fn segment(span: &Span) -> Json {
    let trace_id = span.context.trace_id.to_string();
    let (time, rest) = trace_id.split_at(8);
    let mut json = Map::new();
    let mut set = |name: &str, value: Json| json.insert(name.to_owned(), value);
    set("name", Json::from(&*span.name));
    set("id", span.context.span_id.to_string().into());
    set("trace_id", format!("1-{time}-{rest}").into());
    if let Some(parent) = span.parent {
        set("parent_id", parent.to_string().into());
    }
    set("start_time", seconds(span.started).into());
    set("end_time", seconds(span.ended.max(span.started)).into());
    let mut annotations = Map::new();
    for (name, value) in &span.attributes {
        match value {
            Value::Number(status) if *name == STATUS => {
                set("http", json!({"response": {"status": status}}));
                set("error", (400..500).contains(status).into());
            }
            Value::Number(number) => {
                annotations.insert(name.replace('.', "_"), (*number).into());
            }
            Value::Text(text) => {
                annotations.insert(name.replace('.', "_"), (&**text).into());
            }
        }
    }
    set("annotations", annotations.into());
    set("fault", span.is_error.into());
    Json::Object(json)
}

fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use trace_context::SpanId;

    use super::*;
    use crate::span::Kind;

    fn of(percent: &str, daemon: &str) -> Result<Option<XraySettings>, SettingsError> {
        XraySettings::of(|name| match name {
            "XRAY_PERCENT" => Some(percent.to_owned()),
            _ => Some(daemon.to_owned()),
        })
    }

    fn open(percent: &str, daemon: &str) -> Segments {
        Segments::open(of(percent, daemon).unwrap().unwrap()).unwrap()
    }

    fn context(end: &str) -> TraceContext {
        let traceparent = format!("00-65a4f0c12b3d4e5f60718293{end}-00f067aa0ba902b7-01");
        TraceContext::parse_traceparent(&traceparent).unwrap()
    }

    #[test]
    fn segment_reaches_the_daemon() {
        let daemon = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        daemon.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let address = format!("tcp:127.0.0.1:1 udp:{}", daemon.local_addr().unwrap());
        let segments = open("100", &address);
        let mut span = Span::start(
            "payment",
            Kind::Server,
            context("a4b5c6d7"),
            SpanId::parse("00f067aa0ba902b8"),
        );
        span.started = UNIX_EPOCH + Duration::from_millis(1_705_308_353_250);
        span.ended = span.started + Duration::from_millis(500);
        span.is_error = true;
        span.set(STATUS, 503_i64);
        span.set("order.id", "o-1");
        segments.send(&span);
        let mut buffer = [0; 2000];
        let length = daemon.recv(&mut buffer).unwrap();
        let text = std::str::from_utf8(&buffer[..length]).unwrap();
        let (header, document) = text.split_once('\n').unwrap();
        assert_eq!(header, HEADER);
        assert_eq!(
            serde_json::from_str::<Json>(document).unwrap(),
            json!({
                "name": "payment",
                "id": "00f067aa0ba902b7",
                "trace_id": "1-65a4f0c1-2b3d4e5f60718293a4b5c6d7",
                "parent_id": "00f067aa0ba902b8",
                "start_time": 1_705_308_353.25,
                "end_time": 1_705_308_353.75,
                "http": {"response": {"status": 503}},
                "error": false,
                "fault": true,
                "annotations": {"order_id": "o-1"},
            })
        );
    }

    #[test]
    fn id_of_the_trace_decides_whether_it_is_recorded() {
        let segments = open("20", "127.0.0.1:2000");
        let recorded = (0..1000).filter(|number| segments.records(&context(&format!("{number:08x}"))));
        assert_eq!(recorded.count(), 200);
        let all = open("100", "127.0.0.1:2000");
        let excluded = TraceContext {
            sampled: Some(false),
            ..context("00000000")
        };
        assert!(all.records(&context("00000000")) && !all.records(&excluded));
    }

    #[test]
    fn nothing_is_sent_without_a_share_and_a_daemon() {
        for (percent, daemon) in [("", "127.0.0.1:2000"), ("0", "127.0.0.1:2000"), ("5", "")] {
            assert!(of(percent, daemon).unwrap().is_none(), "{percent} {daemon}");
        }
        for (percent, daemon, variable) in [
            ("101", "127.0.0.1:2000", "XRAY_PERCENT"),
            ("-1", "127.0.0.1:2000", "XRAY_PERCENT"),
            ("5", "daemon", "AWS_XRAY_DAEMON_ADDRESS"),
        ] {
            assert_eq!(of(percent, daemon).unwrap_err().variable, variable);
        }
    }
}
