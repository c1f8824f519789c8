//! The subscribers of a poller, in cohorts with equal variable values, which share results.

use super::types::{BatchEntry, CohortKey, CohortResult, Params, Update};
use engine_plan::SubscriptionPlan;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;

/// Role and id of the client of a subscription.
pub(super) type Owner = (Arc<str>, u64);

#[derive(Debug, Default)]
pub(super) struct Cohorts(HashMap<CohortKey, Cohort>);

#[derive(Debug, Default)]
struct Cohort {
    subscribers: Vec<Subscriber>,
    /// Last update sent.
    last: Option<Update>,
    /// A subscriber joined since the last run, or a stream has more rows.
    needs_result: bool,
    /// In a batch that runs apart from the others of the poller.
    runs_apart: bool,
    /// Set for streaming subscriptions only.
    stream: Option<StreamState>,
}

#[derive(Debug)]
struct Subscriber {
    id: u64,
    /// `None` for admin.
    client: Option<Owner>,
    updates: watch::Sender<Option<Update>>,
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
        cohort.subscribers.push(Subscriber {
            id,
            client: plan.client.clone(),
            updates: sender,
        });
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
            cohort.subscribers.retain(|subscriber| subscriber.id != id);
            if cohort.subscribers.is_empty() {
                self.0.remove(key);
            }
        }
    }

    /// Whether there are no subscribers.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the cohorts to run the statement for: all, or only those with a subscriber that waits for a result. Those that run apart
    /// wait for a result from then on.
    pub(super) fn due(&mut self, all: bool) -> Vec<BatchEntry> {
        let mut due = Vec::new();
        for (key, cohort) in &mut self.0 {
            if cohort.runs_apart {
                cohort.needs_result |= all;
                continue;
            }
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

    /// Records that cohorts start or end to run apart from the others.
    pub(super) fn set_apart(&mut self, batch: &[BatchEntry], runs_apart: bool) {
        for (key, _) in batch {
            if let Some(cohort) = self.0.get_mut(key) {
                cohort.runs_apart = runs_apart;
            }
        }
    }

    /// Returns the client of all subscribers of a batch; `None` if there are several, or for admin.
    pub(super) fn client(&self, batch: &[BatchEntry]) -> Option<Owner> {
        let cohorts = batch.iter().filter_map(|(key, _)| self.0.get(key));
        let mut subscribers = cohorts.flat_map(|cohort| &cohort.subscribers);
        let first = subscribers.next()?.client.as_ref()?;
        subscribers
            .all(|subscriber| subscriber.client.as_ref() == Some(first))
            .then(|| first.clone())
    }

    /// Takes the cohorts of those clients that are busy out of `due`, by client.
    pub(super) fn take_busy(
        &self,
        due: &mut Vec<BatchEntry>,
        is_busy: impl Fn(u64) -> bool,
    ) -> HashMap<Owner, Vec<BatchEntry>> {
        let mut busy = HashMap::<Owner, Vec<BatchEntry>>::new();
        due.retain(|entry| {
            let client = self.client(std::slice::from_ref(entry));
            let Some(client) = client.filter(|(_, id)| is_busy(*id)) else {
                return true;
            };
            busy.entry(client).or_default().push(entry.clone());
            false
        });
        busy
    }

    /// Returns the part of each client in the work of a batch: its cohorts share it equally, and so do the subscribers of each. The
    /// part of admin is left out.
    pub(super) fn parts(&self, batch: &[BatchEntry]) -> Vec<(u64, f64)> {
        let mut parts = HashMap::new();
        let of_cohort = 1.0 / number(batch.len());
        for cohort in batch.iter().filter_map(|(key, _)| self.0.get(key)) {
            let part = of_cohort / number(cohort.subscribers.len());
            for (_, id) in cohort.subscribers.iter().filter_map(|one| one.client.as_ref()) {
                *parts.entry(*id).or_insert(0.0) += part;
            }
        }
        parts.into_iter().collect()
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
        for Subscriber { updates, .. } in &cohort.subscribers {
            // A subscriber that joined since the last run has not received a result yet, even if the result is unchanged.
            updates.send_if_modified(|slot| {
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
            for subscriber in cohort.subscribers {
                subscriber.updates.send_replace(Some(Update::SchemaChanged));
            }
        }
    }
}

/// A number of subscribers or cohorts for a division.
fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine_plan::TableSet;

    const ABUSIVE: u64 = 1;
    const HONEST: u64 = 2;

    fn plan(client: Option<u64>, value: &str) -> SubscriptionPlan {
        SubscriptionPlan {
            client: client.map(|id| ("user".into(), id)),
            params: vec![Some(value.to_owned())],
            multiplexed_sql: "".into(),
            time_limit: None,
            stream: None,
            tables: TableSet::default(),
        }
    }

    fn cohorts(subscribers: &[(Option<u64>, &str)]) -> Cohorts {
        let mut cohorts = Cohorts::default();
        for (id, (client, value)) in (0..).zip(subscribers) {
            cohorts.join(id, &plan(*client, value));
        }
        cohorts
    }

    #[test]
    fn work_of_a_batch_is_that_of_its_subscribers() {
        let mut cohorts = cohorts(&[
            (Some(ABUSIVE), "a"),
            (Some(ABUSIVE), "b"),
            (Some(HONEST), "b"),
            (Some(ABUSIVE), "c"),
            (None, "d"),
        ]);
        let batch = cohorts.due(true);
        assert_eq!(batch.len(), 4);
        assert!(cohorts.client(&batch).is_none());
        let mut parts = cohorts.parts(&batch);
        parts.sort_by_key(|(client, _)| *client);
        assert_eq!(parts, [(ABUSIVE, 0.625), (HONEST, 0.125)]);
    }

    #[test]
    fn cohorts_of_busy_clients_are_taken_out_and_run_apart() {
        let mut cohorts = cohorts(&[
            (Some(ABUSIVE), "a"),
            (Some(ABUSIVE), "b"),
            (Some(HONEST), "b"),
            (Some(HONEST), "c"),
        ]);
        let values = |batch: &[BatchEntry]| {
            let mut values: Vec<_> = batch
                .iter()
                .filter_map(|(key, _)| key.params[0].clone())
                .collect();
            values.sort();
            values
        };
        let mut due = cohorts.due(true);
        let busy = cohorts.take_busy(&mut due, |id| id == ABUSIVE);
        assert_eq!(values(&due), ["b", "c"]);
        let batches: Vec<_> = busy.into_values().collect();
        assert_eq!(batches.len(), 1);
        assert_eq!(values(&batches[0]), ["a"]);
        cohorts.set_apart(&batches[0], true);
        assert_eq!(values(&cohorts.due(true)), ["b", "c"]);
        cohorts.set_apart(&batches[0], false);
        // It was left out of a run of all cohorts.
        assert_eq!(values(&cohorts.due(false)), ["a"]);
        assert!(cohorts.due(false).is_empty());
    }

    #[test]
    fn cohort_belongs_to_a_client_again_that_another_one_has_left() {
        let mut cohorts = cohorts(&[(Some(ABUSIVE), "a"), (Some(HONEST), "a")]);
        let batch = cohorts.due(true);
        assert!(cohorts.client(&batch).is_none());
        cohorts.leave(1, &batch[0].0);
        assert_eq!(cohorts.client(&batch).map(|(_, id)| id), Some(ABUSIVE));
    }
}
