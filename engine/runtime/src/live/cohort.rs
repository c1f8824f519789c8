//! The subscribers of a poller, in cohorts with equal variable values, which share results.

use super::types::{BatchEntry, CohortKey, CohortResult, Params, Update};
use engine_plan::SubscriptionPlan;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;

#[derive(Debug, Default)]
pub(super) struct Cohorts(HashMap<CohortKey, Cohort>);

#[derive(Debug, Default)]
struct Cohort {
    subscribers: Vec<(u64, watch::Sender<Option<Update>>)>,
    /// Client of all subscribers; `None` if there are several clients, or for admin.
    client: Option<(Arc<str>, u64)>,
    /// Last update sent.
    last: Option<Update>,
    /// A subscriber joined since the last run, or a stream has more rows.
    needs_result: bool,
    /// Set for streaming subscriptions only.
    stream: Option<StreamState>,
}

/// Cursor and delivery state of a stream. The next batch is read after the subscriber has received the previous one, so that
/// no batch is lost.
#[derive(Debug)]
struct StreamState {
    /// Values with the current cursor.
    params: Params,
    /// Index of the cursor parameter.
    cursor: usize,
    /// An update has been sent and not yet received.
    unacknowledged: bool,
    /// The update sent last is a full batch, or a run has been skipped since.
    has_more: bool,
    /// The subscriber has received a result: an empty batch is not sent.
    started: bool,
}

impl Cohorts {
    /// Adds a subscriber and returns its cohort's key and its receiver.
    pub(super) fn join(
        &mut self,
        id: u64,
        plan: &SubscriptionPlan,
    ) -> (CohortKey, watch::Receiver<Option<Update>>) {
        let (sender, updates) = watch::channel(None);
        let key = CohortKey {
            params: plan.params.as_slice().into(),
            alone: plan.stream.is_some().then_some(id),
        };
        let key = self
            .0
            .get_key_value(&key)
            .map_or(key, |(shared, _)| shared.clone());
        let cohort = self.0.entry(key.clone()).or_default();
        if cohort.subscribers.is_empty() {
            cohort.client.clone_from(&plan.client);
        } else if cohort.client != plan.client {
            cohort.client = None;
        }
        cohort.subscribers.push((id, sender));
        cohort.needs_result = true;
        cohort.stream = plan.stream.as_ref().map(|stream| StreamState {
            params: Arc::clone(&key.params),
            cursor: stream.cursor,
            unacknowledged: false,
            has_more: false,
            started: stream.resumed,
        });
        (key, updates)
    }

    /// Removes a subscriber.
    pub(super) fn leave(&mut self, id: u64, key: &CohortKey) {
        if let Some(cohort) = self.0.get_mut(key) {
            cohort.subscribers.retain(|(subscriber, _)| *subscriber != id);
            if cohort.subscribers.is_empty() {
                self.0.remove(key);
            }
        }
    }

    /// Whether there are no subscribers.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the cohorts to run the statement for: all, or only those with a subscriber that waits for a result.
    pub(super) fn due(&mut self, all: bool) -> Vec<BatchEntry> {
        let mut due = Vec::new();
        for (key, cohort) in &mut self.0 {
            let params = match &mut cohort.stream {
                Some(state) if state.unacknowledged => {
                    state.has_more |= all;
                    continue;
                }
                Some(state) => &state.params,
                None => &key.params,
            };
            if all || cohort.needs_result {
                due.push((key.clone(), Arc::clone(params)));
                cohort.needs_result = false;
            }
        }
        due
    }

    /// Returns the client of all subscribers of a batch; `None` if there are several, or for admin.
    pub(super) fn client(&self, batch: &[BatchEntry]) -> Option<(Arc<str>, u64)> {
        let cohorts = batch.iter().filter_map(|(key, _)| self.0.get(key));
        let mut clients = cohorts.map(|cohort| cohort.client.as_ref());
        let first = clients.next()??;
        clients.all(|client| client == Some(first)).then(|| first.clone())
    }

    /// Sends an update to the subscribers of a cohort that have not received it yet.
    pub(super) fn settle(&mut self, key: &CohortKey, update: Update) {
        let Some(cohort) = self.0.get_mut(key) else {
            return;
        };
        let same = cohort.last.as_ref() == Some(&update);
        if let Some(state) = &mut cohort.stream {
            if same {
                return;
            }
            state.unacknowledged = true;
        }
        for (_, subscriber) in &cohort.subscribers {
            // A subscriber that joined since the last run has not received a result yet, even if the result is unchanged.
            subscriber.send_if_modified(|slot| {
                if same && slot.is_some() {
                    return false;
                }
                *slot = Some(update.clone());
                true
            });
        }
        cohort.last = Some(update);
    }

    /// Converts the result of a run into an update and sends it.
    pub(super) fn answer(&mut self, key: &CohortKey, answer: CohortResult) {
        let Some(cohort) = self.0.get_mut(key) else {
            return;
        };
        let update = match (&mut cohort.stream, answer.end) {
            (Some(state), Some(end)) => {
                let mut params = state.params.to_vec();
                params[state.cursor] = Some(end.cursor.clone());
                state.params = params.into();
                state.has_more = end.full;
                state.started = true;
                Update::Batch(answer.data, end.cursor)
            }
            (Some(state), None) => {
                if std::mem::replace(&mut state.started, true) {
                    return;
                }
                Update::Data(answer.data)
            }
            (None, _) => Update::Data(answer.data),
        };
        self.settle(key, update);
    }

    /// Records that the subscriber of a stream has received its last update. Returns whether another run is needed.
    pub(super) fn acknowledge(&mut self, key: &CohortKey) -> bool {
        let Some(cohort) = self.0.get_mut(key) else {
            return false;
        };
        let Some(state) = &mut cohort.stream else {
            return false;
        };
        state.unacknowledged = false;
        cohort.needs_result |= std::mem::take(&mut state.has_more);
        cohort.needs_result
    }

    /// Tells all subscribers to plan again, and removes them.
    pub(super) fn notify_schema_changed(&mut self) {
        for (_, cohort) in self.0.drain() {
            for (_, subscriber) in cohort.subscribers {
                subscriber.send_replace(Some(Update::SchemaChanged));
            }
        }
    }
}
