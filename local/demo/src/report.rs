//! Result of a demo, as a table and as one JSON object.

use std::time::Duration;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use serde::{Serialize, Serializer};

use super::invariants::OrderAudit;
use super::run::{Outcome, Times};

/// The object that `--json` prints.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Requested orders.
    pub(crate) orders: u64,
    /// Orders with a driver, according to the database.
    pub(crate) assigned: u64,
    /// Orders that their customers cancelled.
    pub(crate) cancelled: u64,
    /// Orders that the restaurant rejected.
    pub(crate) rejected: u64,
    /// Orders that missed a deadline.
    pub(crate) expired: u64,
    /// Payments of these orders that were returned.
    pub(crate) refunded: u64,
    /// Orders that have not ended as planned, or whose customer never saw it.
    pub lost: u64,
    /// Successful payments in excess of one per order.
    pub duplicate_payments: u64,
    /// Assignments in excess of one per order.
    pub duplicate_assignments: u64,
    /// Refunds of the payment gateway in excess of one per payment.
    pub(crate) duplicate_refunds: u64,
    /// Whether the money that the gateway has taken and not returned is that of the paid orders that are not closed.
    pub(crate) ledger_balanced: bool,
    /// From the first mutation to the last update.
    #[serde(serialize_with = "rounded")]
    pub seconds: f64,
    /// Assigned orders per second.
    #[serde(serialize_with = "rounded")]
    pub orders_per_second: f64,
    /// Response to the mutation → shown as validated.
    pub placed_to_validated: Percentiles,
    /// Response to the payment → shown as approved.
    pub paid_to_approved: Percentiles,
    /// Shown as approved → shown as assigned.
    pub approved_to_assigned: Percentiles,
    /// Response to the mutation → shown as assigned, including the payment.
    pub placed_to_assigned: Percentiles,
    /// Mutation sent, or due at a fixed rate → shown as assigned.
    #[serde(skip)]
    pub sent_to_assigned: Percentiles,
}

/// Milliseconds; null without measurements.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Percentiles {
    /// Median.
    #[serde(serialize_with = "rounded_option")]
    pub p50_ms: Option<f64>,
    /// 99th percentile.
    #[serde(serialize_with = "rounded_option")]
    pub p99_ms: Option<f64>,
}

impl Report {
    /// Combines the customer's observations with the audit.
    pub(crate) fn new(orders: usize, outcome: &Outcome, audit: &OrderAudit) -> Self {
        let orders = orders as u64;
        let seen = outcome.assigned + outcome.closed;
        let ended = audit.assigned + audit.cancelled + audit.rejected + audit.expired;
        let seconds = outcome.took.as_secs_f64();
        let between = |from: fn(&Times) -> Option<std::time::Instant>,
                       to: fn(&Times) -> Option<std::time::Instant>| {
            let times = outcome.times.iter();
            // An update may overtake the response that it is measured from; that counts as zero.
            percentiles(
                times
                    .filter_map(|t| Some(to(t)?.saturating_duration_since(from(t)?)))
                    .collect(),
            )
        };
        #[expect(clippy::cast_precision_loss, reason = "the number of orders stays below 2^52")]
        let orders_per_second = if seconds > 0.0 {
            audit.assigned as f64 / seconds
        } else {
            0.0
        };
        Self {
            orders,
            assigned: audit.assigned,
            cancelled: audit.cancelled,
            rejected: audit.rejected,
            expired: audit.expired,
            refunded: audit.refunded,
            lost: orders.saturating_sub(ended.min(seen)),
            duplicate_payments: audit.duplicate_payments,
            duplicate_assignments: audit.duplicate_assignments,
            duplicate_refunds: audit.duplicate_refunds,
            ledger_balanced: audit.unbalanced == 0,
            seconds,
            orders_per_second,
            placed_to_validated: between(|t| t.placed, |t| t.validated),
            paid_to_approved: between(|t| t.paid, |t| t.approved),
            approved_to_assigned: between(|t| t.approved, |t| t.assigned),
            placed_to_assigned: between(|t| t.placed, |t| t.assigned),
            sent_to_assigned: between(|t| t.sent, |t| t.assigned),
        }
    }

    /// A human-readable table.
    pub(crate) fn table(&self) -> String {
        let mut counts = Table::new();
        counts.load_style(UTF8_FULL_CONDENSED);
        counts.set_header([
            "orders",
            "assigned",
            "lost",
            "paid twice",
            "assigned twice",
            "seconds",
            "orders/s",
        ]);
        counts.add_row([
            self.orders.to_string(),
            self.assigned.to_string(),
            self.lost.to_string(),
            self.duplicate_payments.to_string(),
            self.duplicate_assignments.to_string(),
            format!("{:.2}", self.seconds),
            format!("{:.1}", self.orders_per_second),
        ]);
        let closed = self.closed_table();
        let mut times = Table::new();
        times
            .load_style(UTF8_FULL_CONDENSED)
            .set_header(["customer's view", "p50 ms", "p99 ms"]);
        for (what, percentiles) in [
            ("placed → validated", self.placed_to_validated),
            ("paid → approved", self.paid_to_approved),
            ("approved → assigned", self.approved_to_assigned),
            ("placed → assigned", self.placed_to_assigned),
        ] {
            let cell = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.1}"));
            times.add_row([
                what.to_owned(),
                cell(percentiles.p50_ms),
                cell(percentiles.p99_ms),
            ]);
        }
        for (table, columns) in [(&mut counts, 0..7), (&mut times, 1..3)] {
            for column in columns {
                if let Some(column) = table.column_mut(column) {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        match closed {
            Some(closed) => format!("{counts}\n{closed}\n{times}"),
            None => format!("{counts}\n{times}"),
        }
    }

    /// Orders that were closed, and their money; `None` if there are none.
    fn closed_table(&self) -> Option<Table> {
        if self.cancelled + self.rejected + self.expired == 0 {
            return None;
        }
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED).set_header([
            "cancelled",
            "rejected",
            "expired",
            "refunded",
            "refunded twice",
            "ledger",
        ]);
        let counts = [
            self.cancelled,
            self.rejected,
            self.expired,
            self.refunded,
            self.duplicate_refunds,
        ];
        let ledger = if self.ledger_balanced {
            "balanced"
        } else {
            "not balanced"
        };
        table.add_row(
            counts
                .map(|count| count.to_string())
                .into_iter()
                .chain([ledger.to_owned()]),
        );
        Some(table)
    }
}

fn percentiles(mut all: Vec<Duration>) -> Percentiles {
    all.sort_unstable();
    // Nearest rank: the smallest value that at least `percent` of the values do not exceed.
    let at = |percent: usize| {
        let rank = (all.len() * percent).div_ceil(100).max(1);
        all.get(rank - 1).map(|time| time.as_secs_f64() * 1_000.0)
    };
    Percentiles {
        p50_ms: at(50),
        p99_ms: at(99),
    }
}

/// Three decimals: more would be noise.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "required by serde")]
fn rounded<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((value * 1_000.0).round() / 1_000.0)
}

#[expect(clippy::ref_option, reason = "required by serde")]
fn rounded_option<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => rounded(value, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let all = |n: u64| percentiles((1..=n).map(Duration::from_millis).collect());
        assert_eq!(
            all(100),
            Percentiles {
                p50_ms: Some(50.0),
                p99_ms: Some(99.0)
            }
        );
        assert_eq!(
            all(1),
            Percentiles {
                p50_ms: Some(1.0),
                p99_ms: Some(1.0)
            }
        );
        assert_eq!(
            all(3),
            Percentiles {
                p50_ms: Some(2.0),
                p99_ms: Some(3.0)
            }
        );
        assert_eq!(all(0), Percentiles::default());
    }

    #[test]
    fn orders_missing_on_either_side_are_lost() {
        let begin = Instant::now();
        let at = |ms| Some(begin + Duration::from_millis(ms));
        let assigned = Times {
            sent: at(0),
            placed: at(0),
            validated: at(5),
            paid: at(9),
            approved: at(8),
            assigned: at(12),
        };
        let outcome = Outcome {
            times: vec![
                assigned,
                Times {
                    placed: at(0),
                    ..Times::default()
                },
                assigned,
            ],
            assigned: 2,
            closed: 0,
            took: Duration::from_millis(1_500),
            problems: Vec::new(),
        };
        let audit = OrderAudit {
            orders: 3,
            assigned: 3,
            ..OrderAudit::default()
        };
        let report = Report::new(3, &outcome, &audit);
        assert_eq!(
            (report.assigned, report.lost),
            (3, 1),
            "the customer never saw one"
        );
        let report = Report::new(3, &outcome, &OrderAudit { assigned: 1, ..audit });
        assert_eq!(report.lost, 2, "only one is assigned in the database");
        assert_eq!(
            report.paid_to_approved.p50_ms,
            Some(0.0),
            "an update that overtook the answer"
        );

        let json = serde_json::to_value(&report).unwrap();
        let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "orders",
                "assigned",
                "cancelled",
                "rejected",
                "expired",
                "refunded",
                "lost",
                "duplicate_payments",
                "duplicate_assignments",
                "duplicate_refunds",
                "ledger_balanced",
                "seconds",
                "orders_per_second",
                "placed_to_validated",
                "paid_to_approved",
                "approved_to_assigned",
                "placed_to_assigned"
            ]
        );
        assert_eq!(json["seconds"], 1.5);
        assert_eq!(json["placed_to_assigned"]["p99_ms"], 12.0);
        assert!(report.table().contains("placed → assigned"));
        assert!(!report.table().contains("refunded"));

        let audit = OrderAudit {
            assigned: 1,
            cancelled: 1,
            rejected: 1,
            refunded: 1,
            ..OrderAudit::default()
        };
        let outcome = Outcome {
            times: vec![assigned],
            assigned: 1,
            closed: 2,
            took: Duration::from_millis(1_500),
            problems: Vec::new(),
        };
        let report = Report::new(3, &outcome, &audit);
        assert_eq!((report.lost, report.ledger_balanced), (0, true));
        assert!(report.table().contains("refunded"));
    }
}
