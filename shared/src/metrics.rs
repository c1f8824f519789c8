//! Metrics in `CloudWatch`'s embedded metric format: JSON documents on stdout, from which `CloudWatch` Logs extracts the metrics, so that a
//! request waits for no other call. They are written where `METRICS_STAGE` is set, as on AWS.
//!
//! The namespace is [`NAMESPACE`]; the dimensions are `Stage`, and `Function` and `Outcome` for requests. A dimension is a word of this
//! code or of the installation, never one of a request, because each combination of values is a metric of its own, with its own price.

use std::{
    fmt,
    io::Write as _,
    sync::Arc,
    time::{Duration, SystemTime},
};

use serde_json::{Map, Value, json};

/// Namespace of all metrics, shared with the pool's (infra/pgbouncer/bootstrap.sh).
pub const NAMESPACE: &str = "threefactor";

/// Maximum number of values of a metric in one document.
pub const MAX_VALUES: usize = 100;

/// Unit of a metric, by its name in `CloudWatch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Count,
    Seconds,
}

impl Unit {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Seconds => "Seconds",
        }
    }
}

/// Values of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    name: &'static str,
    unit: Unit,
    values: Vec<f64>,
}

impl Metric {
    /// One value; none, and so no data point, if it is unknown.
    pub fn new(name: &'static str, unit: Unit, value: impl Into<Option<f64>>) -> Self {
        let value: Option<f64> = value.into();
        Self::of_values(name, unit, value.into_iter().collect())
    }

    /// Several values, of which `CloudWatch` computes percentiles. At most [`MAX_VALUES`] are recorded.
    pub fn of_values(name: &'static str, unit: Unit, mut values: Vec<f64>) -> Self {
        values.retain(|value| value.is_finite());
        values.truncate(MAX_VALUES);
        Self { name, unit, values }
    }
}

/// Writes metrics of one stage. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    stage: Arc<str>,
    write: Arc<dyn Fn(&str) + Send + Sync>,
}

impl Metrics {
    /// Metrics on stdout.
    pub fn on_stdout(stage: &str) -> Self {
        Self::to(stage, |line| {
            // One write, so that the lines of concurrent requests stay whole. Without stdout there is no log either.
            let _ = std::io::stdout().lock().write_all(format!("{line}\n").as_bytes());
        })
    }

    /// Metrics to a function that receives each document as one line.
    pub fn to(stage: &str, write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self {
            stage: stage.into(),
            write: Arc::new(write),
        }
    }

    /// Records metrics with these dimensions and the stage. Those without values are left out.
    pub fn record(&self, at: SystemTime, dimensions: &[(&'static str, &str)], metrics: &[Metric]) {
        if let Some(document) = document(&self.stage, at, dimensions, metrics) {
            (self.write)(&document.to_string());
        }
    }

    /// Counts a request to a function, by its outcome.
    pub fn count_request(&self, function: &'static str, outcome: &str) {
        self.record(
            SystemTime::now(),
            &[("Function", function), ("Outcome", outcome)],
            &[Metric::new("Requests", Unit::Count, 1.0)],
        );
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics")
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

/// The document; `None` without any value.
fn document(
    stage: &str,
    at: SystemTime,
    dimensions: &[(&'static str, &str)],
    metrics: &[Metric],
) -> Option<Value> {
    let known: Vec<&Metric> = metrics
        .iter()
        .filter(|metric| !metric.values.is_empty())
        .collect();
    if known.is_empty() {
        return None;
    }
    let names: Vec<&str> = std::iter::once("Stage")
        .chain(dimensions.iter().map(|(name, _)| *name))
        .collect();
    let definitions: Vec<Value> = known
        .iter()
        .map(|metric| json!({"Name": metric.name, "Unit": metric.unit.as_str()}))
        .collect();
    let since_epoch = at
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    let mut document = Map::new();
    let metadata = json!({
        "Timestamp": u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX),
        "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [names], "Metrics": definitions}],
    });
    document.insert("_aws".to_owned(), metadata);
    document.insert("Stage".to_owned(), stage.into());
    for (name, value) in dimensions {
        document.insert((*name).to_owned(), (*value).into());
    }
    for metric in known {
        let value = match *metric.values {
            [value] => json!(value),
            _ => json!(metric.values),
        };
        document.insert(metric.name.to_owned(), value);
    }
    Some(Value::Object(document))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    const AT: SystemTime = SystemTime::UNIX_EPOCH;

    /// Lines that were written.
    fn written(record: impl FnOnce(&Metrics)) -> Vec<String> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        let metrics = Metrics::to("prod", move |line| sink.lock().unwrap().push(line.to_owned()));
        record(&metrics);
        let lines = lines.lock().unwrap();
        lines.clone()
    }

    /// Members that the specification requires: `_aws` with `Timestamp` in milliseconds and `CloudWatchMetrics`, whose entries have
    /// `Namespace`, `Dimensions` and `Metrics`; and on the root, a text for each dimension and one or up to 100 numbers for each metric.
    fn check_required_members(document: &Value) {
        assert!(document["_aws"]["Timestamp"].is_u64(), "{document}");
        let directives = document["_aws"]["CloudWatchMetrics"].as_array().unwrap();
        assert!(!directives.is_empty(), "{document}");
        for directive in directives {
            assert!(
                directive["Namespace"]
                    .as_str()
                    .is_some_and(|name| !name.is_empty())
            );
            for set in directive["Dimensions"].as_array().unwrap() {
                let set = set.as_array().unwrap();
                assert!((1..=30).contains(&set.len()), "{document}");
                for dimension in set {
                    let value = document[dimension.as_str().unwrap()].as_str().unwrap();
                    assert!((1..=1024).contains(&value.len()), "{document}");
                }
            }
            let metrics = directive["Metrics"].as_array().unwrap();
            assert!((1..=100).contains(&metrics.len()), "{document}");
            for metric in metrics {
                let value = &document[metric["Name"].as_str().unwrap()];
                let values = value.as_array();
                assert!(
                    value.is_number()
                        || values.is_some_and(
                            |all| (1..=100).contains(&all.len()) && all.iter().all(Value::is_number)
                        ),
                    "{document}"
                );
            }
        }
    }

    #[test]
    fn request_is_one_line_with_the_members_of_the_specification() {
        let lines = written(|metrics| {
            let dimensions = [("Function", "payment"), ("Outcome", "paid")];
            let at = AT + Duration::from_millis(1_773_342_238_123);
            metrics.record(at, &dimensions, &[Metric::new("Requests", Unit::Count, 1.0)]);
        });
        let [line] = &lines[..] else { panic!("{lines:?}") };
        assert!(!line.contains('\n'));
        let document: Value = serde_json::from_str(line).unwrap();
        check_required_members(&document);
        assert_eq!(
            document,
            json!({
                "_aws": {
                    "Timestamp": 1_773_342_238_123_u64,
                    "CloudWatchMetrics": [{
                        "Namespace": "threefactor",
                        "Dimensions": [["Stage", "Function", "Outcome"]],
                        "Metrics": [{"Name": "Requests", "Unit": "Count"}],
                    }],
                },
                "Stage": "prod",
                "Function": "payment",
                "Outcome": "paid",
                "Requests": 1.0,
            })
        );
    }

    #[test]
    fn unknown_values_are_left_out_and_lists_are_bounded() {
        let lines = written(|metrics| {
            let many = (0..250).map(f64::from).chain([f64::NAN]).collect();
            let all = [
                Metric::new("StuckOrders", Unit::Count, None::<f64>),
                Metric::new("FailedEvents", Unit::Count, 0.0),
                Metric::of_values("TimeToDriver", Unit::Seconds, many),
            ];
            metrics.record(AT, &[], &all);
            metrics.record(AT, &[], &all[..1]);
        });
        let [line] = &lines[..] else { panic!("{lines:?}") };
        let document: Value = serde_json::from_str(line).unwrap();
        check_required_members(&document);
        let directive = &document["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Dimensions"], json!([["Stage"]]));
        let names: Vec<&Value> = directive["Metrics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|metric| &metric["Name"])
            .collect();
        assert_eq!(names, ["FailedEvents", "TimeToDriver"]);
        assert_eq!(document.get("StuckOrders"), None);
        assert_eq!(document["TimeToDriver"].as_array().unwrap().len(), MAX_VALUES);
    }
}
