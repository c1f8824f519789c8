//! Cost per million orders. An order causes three events and a payment, and a preflight of a browser.

use anyhow::Result;

use super::super::limits::number;
use super::super::template::Values;
use super::{Line, Prices};

/// Requests to the HTTP APIs per order, in which each line of the access logs is one.
const REQUESTS: f64 = 5.0;
/// Calls of functions per order.
const CALLS: f64 = 4.0;
/// Events per order, which Hasura delivers through NAT.
const EVENTS: f64 = 3.0;
/// Share of the calls that X-Ray samples.
const SAMPLED: f64 = 0.05;
/// Seconds of a call: an assumption.
const SECONDS: f64 = 0.01;
/// Memory of a function in GB.
const MEMORY: f64 = 0.25;

pub(super) fn lines(values: &Values, prices: &Prices) -> Result<Vec<Line>> {
    let architecture = values.get("Architecture").unwrap_or("arm64");
    let second = prices.unit(&format!("GB-second {architecture}"))?;
    let logs = REQUESTS * 1.6 + CALLS * 0.7;
    let (api, log) = (prices.unit("million API requests")?, prices.unit("GB of logs")?);
    let (call, trace) = (
        prices.unit("million Lambda requests")?,
        prices.unit("million traces")?,
    );
    let mut lines = vec![
        Line::new(
            format!("HTTP API | {REQUESTS} M × {api:.2} USD/M"),
            REQUESTS * api,
        ),
        Line::new(
            format!(
                "logs | {REQUESTS} M × 1.6 kB (the function's lines, its metric and the API's) + {CALLS} M × 0.7 kB (Lambda's own, with \
                 memory and duration) = {logs:.1} GB × {log:.2} USD/GB"
            ),
            logs * log,
        ),
        // The function answers preflights too.
        Line::new(
            format!("Lambda, calls | {REQUESTS} M × {call:.2} USD/M"),
            REQUESTS * call,
        ),
    ];
    if values.get("Tracing") != Some("PassThrough") {
        lines.push(Line::new(
            format!("X-Ray, calls | {CALLS} M × 5 % sampled × {trace:.2} USD/M"),
            CALLS * SAMPLED * trace,
        ));
    }
    let percent = u32::try_from(number(values, "TracedPercent")).unwrap_or(100);
    if percent > 0 {
        lines.push(Line::new(
            format!("X-Ray, orders | 1 M × {percent} % recorded × {trace:.2} USD/M"),
            f64::from(percent) / 100.0 * trace,
        ));
    }
    if values.is_empty("ExistingVpcId") && values.get("EnableNat") == Some("true") {
        lines.push(Line::new(
            format!(
                "NAT, Hasura's calls | {EVENTS} M × 3 kB = 9 GB × {} USD/GB",
                prices.unit("GB through NAT")?
            ),
            EVENTS * 3.0 * prices.unit("GB through NAT")?,
        ));
    }
    lines.push(Line::new(
        format!("Lambda, time ({architecture}) | 4 M × 10 ms × 0.25 GB = 10 000 GB-s × {second:.10} USD"),
        CALLS * 1e6 * SECONDS * MEMORY * second,
    ));
    Ok(lines)
}
