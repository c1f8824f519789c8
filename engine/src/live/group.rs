//! The subscribers of a cohort, in groups that share values and so results.

use super::subscription::{Params, Update};
use crate::plan::SubscriptionPlan;
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;

/// What makes a group: its values. The subscriber of a stream is a group alone, for each goes at a pace of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// The values that it came with.
    params: Params,
    /// The subscriber, of a stream.
    alone: Option<u64>,
}

/// A group to run the statement for, and with which values.
pub(super) type Run = (Key, Params);

/// What a run gave a group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    /// The `data` object.
    pub(super) data: Bytes,
    /// The end of a stream's batch that has rows.
    pub(super) end: Option<End>,
}

/// Where a batch ends.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct End {
    /// The cursor of its last row.
    pub(super) cursor: String,
    /// Whether there may be more.
    pub(super) full: bool,
}

/// All groups of a cohort.
#[derive(Debug, Default)]
pub(super) struct Groups(HashMap<Key, Group>);

#[derive(Debug, Default)]
struct Group {
    subscribers: Vec<(u64, watch::Sender<Option<Update>>)>,
    /// What the last run gave.
    last: Option<Update>,
    /// Somebody joined since the last run, or a stream has more.
    fresh: bool,
    /// Of a stream only.
    stream: Option<Position>,
}

/// Where a stream stands. A batch is made when the one before has been taken, so that none is lost.
#[derive(Debug)]
struct Position {
    /// The values with the cursor of now.
    params: Params,
    /// Which of them is the cursor.
    cursor: usize,
    /// An update waits to be taken.
    held: bool,
    /// The update that waits is a full batch, or a run was left out since.
    behind: bool,
    /// Something is known already: an empty batch is no news.
    begun: bool,
}

impl Groups {
    /// Adds a subscriber: its group and its receiving end.
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

    /// Takes a subscriber away.
    pub(super) fn leave(&mut self, id: u64, key: &Key) {
        if let Some(group) = self.0.get_mut(key) {
            group.subscribers.retain(|(subscriber, _)| *subscriber != id);
            if group.subscribers.is_empty() {
                self.0.remove(key);
            }
        }
    }

    /// Whether nobody is left.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What to run: for all groups, or for those only where somebody waits for a result.
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

    /// Tells each subscriber of a group who does not know it yet.
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
            // Who joined since the last run has got nothing, even if nothing changed.
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

    /// The same with a run's answer.
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

    /// A stream's subscriber has taken what it was told. Whether there is more to run for.
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

    /// Tells everybody to plan again, and forgets them.
    pub(super) fn dismiss(&mut self) {
        for (_, group) in self.0.drain() {
            for (_, subscriber) in group.subscribers {
                subscriber.send_replace(Some(Update::Replan));
            }
        }
    }
}
