//! Results of a benchmark: figures, each the median of its runs, some with a goal.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Map, Value, json};

/// Target of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    AtMost(f64),
    AtLeast(f64),
    /// In each run, not only in the median.
    AlwaysAtLeast(f64),
}

impl Goal {
    /// Whether these values of the runs reach it. NaN, of a run without measurement, does not.
    fn reached(self, values: &[f64]) -> bool {
        match self {
            Self::AtMost(limit) => median(values) <= limit,
            Self::AtLeast(limit) => median(values) >= limit,
            Self::AlwaysAtLeast(limit) => values.iter().all(|value| *value >= limit),
        }
    }
}

#[derive(Debug)]
struct Figure {
    name: String,
    unit: &'static str,
    values: Vec<f64>,
    goal: Option<Goal>,
}

/// Figures of one benchmark.
#[derive(Debug)]
pub(crate) struct Table {
    title: &'static str,
    figures: Vec<Figure>,
}

impl Table {
    pub(crate) fn new(title: &'static str) -> Self {
        Self {
            title,
            figures: Vec::new(),
        }
    }

    /// Adds one run's value to a figure. Figures keep the order of their first value.
    pub(crate) fn add(&mut self, name: &str, unit: &'static str, value: f64) {
        match self.figures.iter_mut().find(|figure| figure.name == name) {
            Some(figure) => figure.values.push(value),
            None => self.figures.push(Figure {
                name: name.to_owned(),
                unit,
                values: vec![value],
                goal: None,
            }),
        }
    }

    /// Adds one run's value to a figure with a goal.
    pub(crate) fn add_with_goal(&mut self, name: &str, unit: &'static str, value: f64, goal: Goal) {
        self.add(name, unit, value);
        if let Some(figure) = self.figures.iter_mut().find(|figure| figure.name == name) {
            figure.goal = Some(goal);
        }
    }

    /// Markdown table, readable in a terminal and ready for docs/performance.md.
    pub(crate) fn text(&self, runs: u32) -> String {
        let mut text = format!(
            "\n{}: {}, median of {runs} (lowest–highest)\n\n",
            self.title,
            machine()
        );
        text.push_str("| what | median | all runs | goal | |\n|---|---|---|---|---|\n");
        for figure in &self.figures {
            let median = median(&figure.values);
            let goal = figure.goal.map_or_else(String::new, |goal| match goal {
                Goal::AtMost(limit) => format!("≤ {}", number(limit)),
                Goal::AtLeast(limit) => format!("≥ {}", number(limit)),
                Goal::AlwaysAtLeast(limit) => format!("each ≥ {}", number(limit)),
            });
            let reached = figure
                .goal
                .map_or("", |goal| if goal.reached(&figure.values) { "yes" } else { "no" });
            let (low, high) = range(&figure.values);
            let (median, all) = if median.is_finite() {
                (
                    format!("{} {}", number(median), figure.unit),
                    format!("{}–{}", number(low), number(high)),
                )
            } else {
                ("–".to_owned(), "–".to_owned()) // there was nothing to measure
            };
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "| {} | {median} | {all} | {goal} | {reached} |",
                figure.name
            );
        }
        text
    }

    /// Names of the figures that do not reach their goal, or that were not measured.
    pub(crate) fn missed(&self) -> Vec<&str> {
        let figures = self.figures.iter();
        figures
            .filter(|figure| figure.goal.is_some_and(|goal| !goal.reached(&figure.values)))
            .map(|figure| figure.name.as_str())
            .collect()
    }

    /// One JSON object.
    pub(crate) fn json(&self, runs: u32) -> Value {
        let figures: Map<String, Value> = self
            .figures
            .iter()
            .map(|figure| {
                let median = median(&figure.values);
                let goal = figure.goal.map(|goal| match goal {
                    Goal::AtMost(limit) => json!({"at_most": limit}),
                    Goal::AtLeast(limit) => json!({"at_least": limit}),
                    Goal::AlwaysAtLeast(limit) => json!({"always_at_least": limit}),
                });
                let reached = figure.goal.map(|goal| goal.reached(&figure.values));
                let value = json!({
                    "unit": figure.unit, "median": median, "values": figure.values, "goal": goal, "reached": reached,
                });
                (figure.name.clone(), value)
            })
            .collect();
        json!({"bench": self.title, "runs": runs, "machine": machine(), "figures": figures})
    }
}

/// Median; the mean of the two middle values for an even number. NaN for none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

/// The time that `percent` of the values do not exceed (nearest rank), in milliseconds. NaN for none.
pub(crate) fn percentile_ms(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    let rank = (times.len() * percent).div_ceil(100).max(1);
    times.get(rank - 1).map_or(f64::NAN, |time| ms(*time))
}

/// Mean in milliseconds. NaN for none.
pub(crate) fn mean_ms(times: &[Duration]) -> f64 {
    ms(times.iter().sum()) / count(times.len() as u64)
}

pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^52")]
pub(crate) fn count(count: u64) -> f64 {
    count as f64
}

fn range(values: &[f64]) -> (f64, f64) {
    values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(*value), high.max(*value))
        })
}

/// Formats with three significant digits.
fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Cores and memory of this machine.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = std::fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        })
        .map(|kib| format!(", {} GiB", kib.div_ceil(1024 * 1024)))
        .unwrap_or_default();
    format!("{cores} cores{memory}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_percentiles_are_computed() {
        assert_eq!(number(median(&[3.0, 1.0, 2.0])), "2.00");
        assert_eq!(number(median(&[4.0, 1.0, 2.0, 3.0])), "2.50");
        assert!(median(&[]).is_nan());
        let mut times: Vec<Duration> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(number(percentile_ms(&mut times, 50)), "50.0");
        assert_eq!(number(percentile_ms(&mut times, 99)), "99.0");
        assert!(percentile_ms(&mut [], 50).is_nan());
        let mean = mean_ms(&[Duration::from_millis(1), Duration::from_millis(3)]);
        assert_eq!(number(mean), "2.00");
    }

    #[test]
    fn goal_of_each_run_applies_to_all_values() {
        let goal = Goal::AlwaysAtLeast(0.85);
        assert!(goal.reached(&[0.85, 0.9]));
        assert!(!goal.reached(&[0.84, 0.9, 0.9]));
        assert!(!goal.reached(&[0.9, f64::NAN]));
    }

    #[test]
    fn goal_applies_to_the_median() {
        let mut table = Table::new("test");
        for value in [1.0, 9.0, 2.0] {
            table.add_with_goal("ratio", "×", value, Goal::AtMost(2.0));
        }
        table.add("other", "ms", 7.0);
        let json = table.json(3);
        assert_eq!(json["figures"]["ratio"]["median"], 2.0);
        assert_eq!(json["figures"]["ratio"]["reached"], true);
        assert_eq!(json["figures"]["other"]["reached"], Value::Null);
        let text = table.text(3);
        assert!(
            text.contains("| ratio | 2.00 × | 1.00–9.00 | ≤ 2.00 | yes |"),
            "{text}"
        );
    }
}
