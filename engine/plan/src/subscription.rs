//! A subscription with its values.

use crate::plan::Subscription;
use crate::table_set::TableSet;
use crate::values::Values;
use engine_sql::{DeferredValue, ParamSource};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// Subscription of one client. Two with the same `multiplexed_sql` differ only in `params`, and one statement serves both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionPlan {
    /// See [`Subscription`].
    pub multiplexed_sql: Arc<str>,
    /// This subscriber's values in text form.
    pub params: Vec<Option<String>>,
    /// Time limit of a run; `None` if there is no limit.
    pub time_limit: Option<Duration>,
    /// Client whose share of the connections the runs use, by its role and a hash; `None` for admin.
    pub client: Option<(Arc<str>, u64)>,
    /// Set for streams.
    pub stream: Option<StreamPlan>,
    /// Tables that the statement reads.
    pub tables: TableSet,
}

/// Position of a stream: each batch begins where the previous one ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamPlan {
    /// Index of the cursor in `params`.
    pub cursor: usize,
    /// Whether the subscriber has received a batch before; an empty one is not sent then.
    pub resumed: bool,
}

impl SubscriptionPlan {
    /// Inserts the values of one client.
    pub fn new(subscription: &Subscription, values: &Values) -> Self {
        let statement = subscription.statement();
        let (mut cursor, mut from) = (None, None);
        if let Subscription::Stream { from: source, .. } = subscription {
            let is_cursor = |param: &ParamSource| *param == ParamSource::Deferred(DeferredValue::Cursor);
            cursor = statement.params.iter().position(is_cursor);
            from = values.resolve(source);
        }
        let bound = values.bind_with(statement, |_| from.clone());
        Self {
            multiplexed_sql: Arc::clone(&statement.sql),
            params: bound
                .params
                .into_iter()
                .map(|param| param.map(Cow::into_owned))
                .collect(),
            time_limit: None,
            client: None,
            stream: cursor.map(|cursor| StreamPlan {
                cursor,
                resumed: false,
            }),
            tables: TableSet::All,
        }
    }

    /// Returns the number of bytes of this subscriber's values.
    pub fn param_bytes(&self) -> usize {
        self.params.iter().flatten().map(String::len).sum()
    }

    /// Resumes a stream after `position`.
    pub fn resume(&mut self, position: String) {
        if let Some(stream) = &mut self.stream {
            self.params[stream.cursor] = Some(position);
            stream.resumed = true;
        }
    }
}
