//! Values that the modules of subscriptions exchange.

use bytes::Bytes;
use engine_error::Error;
use std::sync::Arc;

/// Message to a subscriber.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// Newest `data` object: `{"orders":[…]}`.
    Data(Bytes),
    /// Next rows of a stream, as `data` object, and the cursor of the last row.
    Batch(Bytes, String),
    /// The query failed with an error that is not transient.
    Error(Error),
    /// The metadata changed: plan the operation again and subscribe with the new plan. No further updates follow.
    SchemaChanged,
}

/// Variable values of one subscriber, as in [`engine_plan::SubscriptionPlan`].
pub(super) type Params = Arc<[Option<String>]>;

/// Key of a cohort: its variable values. Each subscriber of a stream has its own cohort, because it receives batches at its own
/// pace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct CohortKey {
    /// Variable values at subscription.
    pub(super) params: Params,
    /// Id of the subscriber; set for streaming subscriptions only.
    pub(super) alone: Option<u64>,
}

/// Cohort included in a run, with its current values.
pub(super) type BatchEntry = (CohortKey, Params);

/// Result of a run for one cohort.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CohortResult {
    /// `data` object.
    pub(super) data: Bytes,
    /// End of a stream's batch; `None` if the batch has no rows.
    pub(super) end: Option<BatchEnd>,
}

/// End of a stream's batch.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BatchEnd {
    /// Cursor of the last row.
    pub(super) cursor: String,
    /// Whether the batch reached its size limit, so that more rows may exist.
    pub(super) full: bool,
}
