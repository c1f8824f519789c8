//! The subscribers of a poller, in cohorts with equal variable values, which share results.

use super::pacing;
use super::separation::{self, End, MOMENT, Separation, Size};
use super::types::{BatchEntry, CohortKey, CohortResult, Params, Update};
use engine_error::Error;
use engine_plan::SubscriptionPlan;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Role and id of the client of a subscription.
pub(super) type Owner = (Arc<str>, u64);

#[derive(Debug, Default)]
pub(super) struct Cohorts {
    cohorts: HashMap<CohortKey, Cohort>,
    /// Id of the last run.
    last_run: u64,
}

#[derive(Debug, Default)]
struct Cohort {
    subscribers: Vec<Subscriber>,
    /// Last update sent.
    last: Option<Update>,
    /// A subscriber joined since the last run, a stream has more rows, or the last run was divided.
    needs_result: bool,
    /// A run of all cohorts is due, or has left this one out.
    outdated: bool,
    /// Present run. It is abandoned when all of its cohorts have been dropped, with these receivers.
    run: Option<(u64, watch::Receiver<()>)>,
    /// Time until which only a subscriber that waits for a result causes a run.
    rests_until: Option<Instant>,
    separation: Separation,
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

/// Cohorts that are due.
#[derive(Debug, Default)]
pub(super) struct Due {
    /// Cohorts by the kind of batches in which they run.
    pub(super) cohorts: BTreeMap<Size, Vec<BatchEntry>>,
    /// Time at which the next cohort that rests becomes due.
    pub(super) next: Option<Instant>,
}

/// Run of a batch.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) id: u64,
    /// Closed when all cohorts of the run have lost their subscribers.
    pub(super) cohorts: watch::Sender<()>,
}

/// End of the statement of a run.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) end: End,
    /// Time for which it used the database.
    pub(super) spent: Duration,
    /// The permits of one client counted its work.
    pub(super) of_one_client: bool,
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
            .cohorts
            .get_key_value(&key)
            .map_or(key, |(shared, _)| shared.clone());
        let cohort = self.cohorts.entry(key.clone()).or_default();
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
        if let Some(cohort) = self.cohorts.get_mut(key) {
            cohort.subscribers.retain(|subscriber| subscriber.id != id);
            if cohort.subscribers.is_empty() {
                self.cohorts.remove(key);
            }
        }
    }

    /// Whether there are no subscribers.
    pub(super) fn is_empty(&self) -> bool {
        self.cohorts.is_empty()
    }

    /// Returns the cohorts to run the statement for: all, or only those with a subscriber that waits for a result and those that earlier
    /// runs of all have left out. A cohort that runs or rests becomes due afterwards.
    pub(super) fn due(&mut self, all: bool, now: Instant) -> Due {
        let mut due = Due::default();
        for (key, cohort) in &mut self.cohorts {
            cohort.outdated |= all;
            if cohort.run.is_some() {
                continue;
            }
            let params = match &mut cohort.stream {
                Some(state) if state.unacknowledged => {
                    state.has_more |= std::mem::take(&mut cohort.outdated);
                    continue;
                }
                Some(state) => &state.params,
                None => &key.params,
            };
            let rest = cohort.rests_until.filter(|&until| until > now);
            if cohort.needs_result || (cohort.outdated && rest.is_none()) {
                let same_size = due.cohorts.entry(cohort.separation.size()).or_default();
                same_size.push((key.clone(), Arc::clone(params)));
                cohort.needs_result = false;
                cohort.outdated = false;
            } else if cohort.outdated {
                due.next = [due.next, rest].into_iter().flatten().min();
            }
        }
        due
    }

    /// Records that a batch starts to run.
    pub(super) fn start(&mut self, batch: &[BatchEntry]) -> Run {
        self.last_run += 1;
        let (cohorts, of_run) = watch::channel(());
        for (key, _) in batch {
            if let Some(cohort) = self.cohorts.get_mut(key) {
                cohort.run = Some((self.last_run, of_run.clone()));
            }
        }
        Run {
            id: self.last_run,
            cohorts,
        }
    }

    /// Records that a run no longer continues, for whatever reason. Returns whether one of its cohorts has become due meanwhile.
    pub(super) fn stop(&mut self, batch: &[BatchEntry], run: u64) -> bool {
        let mut is_due = false;
        for (key, _) in batch {
            if let Some(cohort) = self.in_run(key, run) {
                cohort.run = None;
                is_due |= cohort.needs_result || cohort.outdated;
            }
        }
        is_due
    }

    /// Records the end of a statement. Returns the work of clients that it shows, and that their permits do not count.
    pub(super) fn ran(
        &mut self,
        batch: &[BatchEntry],
        run: u64,
        ended: &Ended,
        now: Instant,
        refetch: Duration,
    ) -> Vec<(u64, Duration)> {
        let &Ended { end, spent, .. } = ended;
        let known = separation::known_cost(batch.len(), spent);
        let (mut work, unknown) = if ended.of_one_client {
            (Vec::new(), Duration::ZERO)
        } else {
            (self.shared_work(batch, known), spent.saturating_sub(known))
        };
        if end == End::Unavailable {
            return work;
        }
        for (key, _) in batch {
            let Some(cohort) = self.in_run(key, run) else {
                continue;
            };
            let was_separated = cohort.separation.size() != Size::Full;
            let caused = cohort.separation.ran(now, end, batch.len(), spent, unknown);
            // The poller pauses after other runs; the cohorts of a costly batch do not rest because of one of them.
            let (alone, costly) = (batch.len() == 1, spent > MOMENT);
            let rests = if costly { alone } else { was_separated };
            cohort.rests_until = rests.then(|| now + pacing::rest(spent, refetch));
            cohort.needs_result |= end == End::Cancelled || (end == End::Failed && !alone);
            if !caused.is_zero() {
                let parts = cohort.parts();
                work.extend(parts.map(|(client, part)| (client, caused.mul_f64(part))));
            }
        }
        work
    }

    /// Returns a cohort if it takes part in this run; another subscription with its values may have replaced it.
    fn in_run(&mut self, key: &CohortKey, run: u64) -> Option<&mut Cohort> {
        let cohort = self.cohorts.get_mut(key)?;
        let is_in_run = cohort.run.as_ref().is_some_and(|(id, _)| *id == run);
        is_in_run.then_some(cohort)
    }

    /// Returns one of the clients of a cohort; `None` for admin.
    pub(super) fn some_client(&self, key: &CohortKey) -> Option<u64> {
        let (client, _) = self.cohorts.get(key)?.parts().next()?;
        Some(client)
    }

    /// Returns the client of all subscribers of a batch; `None` if there are several, or for admin.
    pub(super) fn client(&self, batch: &[BatchEntry]) -> Option<Owner> {
        let cohorts = batch.iter().filter_map(|(key, _)| self.cohorts.get(key));
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

    /// Divides the work of a batch among its clients: its cohorts share it equally, and so do the subscribers of each. The part of admin
    /// is left out.
    fn shared_work(&self, batch: &[BatchEntry], work: Duration) -> Vec<(u64, Duration)> {
        let of_cohort = work.div_f64(number(batch.len()));
        let mut shared = HashMap::<u64, Duration>::new();
        for cohort in batch.iter().filter_map(|(key, _)| self.cohorts.get(key)) {
            for (client, part) in cohort.parts() {
                *shared.entry(client).or_default() += of_cohort.mul_f64(part);
            }
        }
        shared.into_iter().collect()
    }

    /// Sends an error to the subscribers of a cohort of a run.
    pub(super) fn fail(&mut self, key: &CohortKey, run: u64, error: Error) {
        if let Some(cohort) = self.in_run(key, run) {
            cohort.settle(Update::Error(error));
        }
    }

    /// Converts the result of a run into an update and sends it.
    pub(super) fn answer(&mut self, key: &CohortKey, run: u64, answer: CohortResult) {
        let Some(cohort) = self.in_run(key, run) else {
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
        cohort.settle(update);
    }

    /// Records that the subscriber of a stream has received its last update. Returns whether another run is needed.
    pub(super) fn acknowledge(&mut self, key: &CohortKey) -> bool {
        let Some(cohort) = self.cohorts.get_mut(key) else {
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
        for (_, cohort) in self.cohorts.drain() {
            for subscriber in cohort.subscribers {
                subscriber.updates.send_replace(Some(Update::SchemaChanged));
            }
        }
    }
}

impl Cohort {
    /// Returns the client of each subscriber with its part in the work of the cohort. The part of admin is left out.
    fn parts(&self) -> impl Iterator<Item = (u64, f64)> {
        let part = 1.0 / number(self.subscribers.len());
        let clients = self.subscribers.iter().filter_map(|one| one.client.as_ref());
        clients.map(move |(_, client)| (*client, part))
    }

    /// Sends an update to the subscribers that have not received it yet.
    fn settle(&mut self, update: Update) {
        let same = self.last.as_ref() == Some(&update);
        if let Some(state) = &mut self.stream {
            if same {
                return;
            }
            state.unacknowledged = true;
        }
        for Subscriber { updates, .. } in &self.subscribers {
            // A subscriber that joined since the last run has not received a result yet, even if the result is unchanged.
            updates.send_if_modified(|slot| {
                if same && slot.is_some() {
                    return false;
                }
                *slot = Some(update.clone());
                true
            });
        }
        self.last = Some(update);
    }
}

/// A number of subscribers or cohorts for a division.
fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
