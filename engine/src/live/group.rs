//! The subscribers of a cohort, in groups with equal variable values, which share results.

use super::subscription::{Params, Update};
use bytes::Bytes;
use engine_plan::SubscriptionPlan;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;

/// Key of a group: its variable values. Each subscriber of a stream has its own group, because it receives batches at its own
/// pace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// Variable values at subscription.
    params: Params,
    /// Id of the subscriber; set for streaming subscriptions only.
    alone: Option<u64>,
}

/// Group included in a run, with its current values.
pub(super) type Run = (Key, Params);

/// Result of a run for one group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    /// `data` object.
    pub(super) data: Bytes,
    /// End of a stream's batch; `None` if the batch has no rows.
    pub(super) end: Option<End>,
}

/// End of a stream's batch.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct End {
    /// Cursor of the last row.
    pub(super) cursor: String,
    /// Whether the batch reached its size limit, so that more rows may exist.
    pub(super) full: bool,
}

#[derive(Debug, Default)]
pub(super) struct Groups(HashMap<Key, Group>);

#[derive(Debug, Default)]
struct Group {
    subscribers: Vec<(u64, watch::Sender<Option<Update>>)>,
    /// Last update sent.
    last: Option<Update>,
    /// A subscriber joined since the last run, or a stream has more rows.
    fresh: bool,
    /// Set for streaming subscriptions only.
    stream: Option<Position>,
}

/// Cursor and delivery state of a stream. The next batch is read after the subscriber has received the previous one, so that
/// no batch is lost.
#[derive(Debug)]
struct Position {
    /// Values with the current cursor.
    params: Params,
    /// Index of the cursor parameter.
    cursor: usize,
    /// An update has been sent and not yet received.
    held: bool,
    /// The update sent last is a full batch, or a run has been skipped since.
    behind: bool,
    /// The subscriber has received a result: an empty batch is not sent.
    begun: bool,
}

impl Groups {
    /// Adds a subscriber and returns its group's key and its receiver.
    pub(super) fn join(
        &mut self,
        id: u64,
        plan: &SubscriptionPlan,
    ) -> (Key, watch::Receiver<Option<Update>>) {
        let (sender, updates) = watch::channel(None);
        let key = Key {
            params: plan.params.as_slice().into(),
            alone: plan.stream.is_some().then_some(id),
        };
        let key = self
            .0
            .get_key_value(&key)
            .map_or(key, |(shared, _)| shared.clone());
        let group = self.0.entry(key.clone()).or_default();
        group.subscribers.push((id, sender));
        group.fresh = true;
        group.stream = plan.stream.as_ref().map(|stream| Position {
            params: Arc::clone(&key.params),
            cursor: stream.cursor,
            held: false,
            behind: false,
            begun: stream.resumed,
        });
        (key, updates)
    }

    /// Removes a subscriber.
    pub(super) fn leave(&mut self, id: u64, key: &Key) {
        if let Some(group) = self.0.get_mut(key) {
            group.subscribers.retain(|(subscriber, _)| *subscriber != id);
            if group.subscribers.is_empty() {
                self.0.remove(key);
            }
        }
    }

    /// Whether there are no subscribers.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the groups to run the statement for: all, or only those with a subscriber that waits for a result.
    pub(super) fn due(&mut self, all: bool) -> Vec<Run> {
        let mut due = Vec::new();
        for (key, group) in &mut self.0 {
            let params = match &mut group.stream {
                Some(position) if position.held => {
                    position.behind |= all;
                    continue;
                }
                Some(position) => &position.params,
                None => &key.params,
            };
            if all || group.fresh {
                due.push((key.clone(), Arc::clone(params)));
                group.fresh = false;
            }
        }
        due
    }

    /// Sends an update to the subscribers of a group that have not received it yet.
    pub(super) fn settle(&mut self, key: &Key, update: Update) {
        let Some(group) = self.0.get_mut(key) else {
            return;
        };
        let same = group.last.as_ref() == Some(&update);
        if let Some(position) = &mut group.stream {
            if same {
                return;
            }
            position.held = true;
        }
        for (_, subscriber) in &group.subscribers {
            // A subscriber that joined since the last run has not received a result yet, even if the result is unchanged.
            subscriber.send_if_modified(|slot| {
                if same && slot.is_some() {
                    return false;
                }
                *slot = Some(update.clone());
                true
            });
        }
        group.last = Some(update);
    }

    /// Converts the result of a run into an update and sends it.
    pub(super) fn answer(&mut self, key: &Key, answer: Answer) {
        let Some(group) = self.0.get_mut(key) else {
            return;
        };
        let update = match (&mut group.stream, answer.end) {
            (Some(position), Some(end)) => {
                let mut params = position.params.to_vec();
                params[position.cursor] = Some(end.cursor.clone());
                position.params = params.into();
                position.behind = end.full;
                position.begun = true;
                Update::Batch(answer.data, end.cursor)
            }
            (Some(position), None) => {
                if std::mem::replace(&mut position.begun, true) {
                    return;
                }
                Update::Data(answer.data)
            }
            (None, _) => Update::Data(answer.data),
        };
        self.settle(key, update);
    }

    /// Records that the subscriber of a stream has received its last update. Returns whether another run is needed.
    pub(super) fn taken(&mut self, key: &Key) -> bool {
        let Some(group) = self.0.get_mut(key) else {
            return false;
        };
        let Some(position) = &mut group.stream else {
            return false;
        };
        position.held = false;
        group.fresh |= std::mem::take(&mut position.behind);
        group.fresh
    }

    /// Tells all subscribers to plan again, and removes them.
    pub(super) fn dismiss(&mut self) {
        for (_, group) in self.0.drain() {
            for (_, subscriber) in group.subscribers {
                subscriber.send_replace(Some(Update::Replan));
            }
        }
    }
}
