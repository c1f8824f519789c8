//! Events that this instance has claimed, and the slots that their triggers use. A pure structure without a clock or a
//! database.

use super::claimed::Claimed;
use super::fair_share::FairShare;
use super::settlement_writer::{Batch, SettledEvent};
use std::collections::{HashMap, HashSet, VecDeque};

pub(super) struct InFlight {
    batch: usize,
    /// Claimed events that wait for a free slot.
    waiting: VecDeque<Claimed>,
    /// Events claimed and not settled: event id → trigger.
    claimed: HashMap<String, String>,
    /// Events whose settlement Postgres refuses. They stay locked for 30 minutes, so that they are not delivered in a loop.
    unsettled: HashSet<String>,
    claimed_share: FairShare,
    call_share: FairShare,
}

/// Waiting events, as sorted by [`InFlight::start`].
#[derive(Debug, Default)]
pub(super) struct Started<T> {
    /// Events whose call starts now, with their trigger.
    pub(super) calls: Vec<(Claimed, T)>,
    /// Events of unknown and paused triggers; they are no longer claimed.
    pub(super) unknown: Vec<Claimed>,
}

impl InFlight {
    /// `slots`: maximum number of concurrent calls. `batch`: maximum number of events per claim.
    pub(super) fn new(slots: usize, batch: usize) -> Self {
        Self {
            batch,
            waiting: VecDeque::new(),
            claimed: HashMap::new(),
            unsettled: HashSet::new(),
            // As in Hasura: one batch is processed while the next one is already claimed.
            claimed_share: FairShare::new((2 * batch).max(slots + batch)),
            call_share: FairShare::new(slots),
        }
    }

    /// Whether all claimed events are settled or released.
    pub(super) fn is_empty(&self) -> bool {
        self.claimed.is_empty()
    }

    /// Number of events that wait for a free slot.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Ids of the events that this instance holds, including those whose settlement was refused.
    pub(super) fn held(&self) -> impl Iterator<Item = &String> {
        self.claimed.keys().chain(&self.unsettled)
    }

    /// Returns the limit and the triggers of the next claim, or `None` if there is no capacity or no trigger.
    pub(super) fn next_claim<'t>(
        &self,
        triggers: impl ExactSizeIterator<Item = &'t String>,
    ) -> Option<(usize, Vec<String>)> {
        let capacity = self.claimed_share.free().min(self.batch);
        // If all slots are in use, a claim waits until a quarter of a batch fits. If slots are free, the triggers of the claimed
        // events may have used their shares, so any capacity is enough.
        let minimum = if self.call_share.free() > 0 {
            1
        } else {
            self.batch.div_ceil(4)
        };
        if capacity < minimum {
            return None;
        }
        let alone = triggers.len() == 1;
        let least = self.claimed_share.free() / 16;
        let allowances: Vec<(&String, usize)> = triggers
            .map(|trigger| (trigger, self.claimed_share.allowance(trigger, alone)))
            .filter(|(_, allowance)| *allowance > least)
            .collect();
        let limit = allowances.iter().map(|(_, allowance)| *allowance).min()?;
        let triggers = allowances.into_iter().map(|(trigger, _)| trigger.clone());
        Some((limit.min(capacity), triggers.collect()))
    }

    /// Adds claimed events.
    pub(super) fn add(&mut self, events: Vec<Claimed>) {
        for event in events {
            // Its lock expired while the event waited here; the claim has renewed the lock.
            if self.claimed.contains_key(&event.id) {
                continue;
            }
            self.claimed_share.take(&event.trigger);
            self.claimed.insert(event.id.clone(), event.trigger.clone());
            self.waiting.push_back(event);
        }
    }

    /// Takes waiting events while slots are free, oldest event first; events of a trigger that has used its share are skipped.
    /// `find` returns a trigger by its name.
    pub(super) fn start<T>(&mut self, alone: bool, find: impl Fn(&str) -> Option<T>) -> Started<T> {
        let mut started = Started {
            calls: Vec::new(),
            unknown: Vec::new(),
        };
        if self.waiting.is_empty() || self.call_share.free() == 0 {
            return started;
        }
        let mut waiting = VecDeque::with_capacity(self.waiting.len());
        while let Some(event) = self.waiting.pop_front() {
            match find(&event.trigger) {
                Some(trigger) if self.call_share.may_take(&event.trigger, alone) => {
                    self.call_share.take(&event.trigger);
                    started.calls.push((event, trigger));
                }
                Some(_) => waiting.push_back(event),
                None => {
                    self.forget(&event.id);
                    started.unknown.push(event);
                }
            }
            if self.call_share.free() == 0 {
                break;
            }
        }
        waiting.append(&mut self.waiting);
        self.waiting = waiting;
        started
    }

    /// Frees the slot of a call that has ended.
    pub(super) fn call_ended(&mut self, trigger: &str) {
        self.call_share.give_back(trigger);
    }

    /// Removes settled events.
    pub(super) fn settled(&mut self, Batch { settled, refused }: Batch) {
        for SettledEvent { id, trigger, .. } in settled {
            self.claimed.remove(&id);
            self.unsettled.remove(&id);
            self.claimed_share.give_back(&trigger);
        }
        self.unsettled.extend(refused);
    }

    /// Removes an event that is released without a settlement.
    pub(super) fn forget(&mut self, id: &str) {
        if let Some(trigger) = self.claimed.remove(id) {
            self.claimed_share.give_back(&trigger);
        }
    }

    /// Removes the waiting events and returns their ids.
    pub(super) fn take_waiting(&mut self) -> Vec<String> {
        std::mem::take(&mut self.waiting)
            .into_iter()
            .map(|event| event.id)
            .collect()
    }

    /// Ids of the events that are not settled.
    pub(super) fn unfinished(&self) -> Vec<String> {
        self.claimed.keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: u32, trigger: &str) -> Claimed {
        Claimed {
            id: id.to_string(),
            trigger: trigger.to_owned(),
            ..Claimed::default()
        }
    }

    fn events(ids: std::ops::Range<u32>, trigger: &str) -> Vec<Claimed> {
        ids.map(|id| event(id, trigger)).collect()
    }

    fn known(name: &str) -> Option<()> {
        (name != "unknown").then_some(())
    }

    #[test]
    fn claims_are_limited_to_a_batch_and_to_the_capacity() {
        let triggers = ["a".to_owned()];
        let mut flight = InFlight::new(2, 4);
        assert_eq!(
            flight.next_claim(triggers.iter()),
            Some((4, vec!["a".to_owned()]))
        );
        flight.add(events(0..4, "a"));
        assert_eq!(flight.start(true, known).calls.len(), 2);
        assert_eq!(
            flight.next_claim(triggers.iter()).map(|(limit, _)| limit),
            Some(4)
        );
        flight.add(events(4..8, "a"));
        assert_eq!(flight.next_claim(triggers.iter()), None);
        assert_eq!(flight.next_claim([].iter()), None);
    }

    #[test]
    fn events_start_in_order_while_slots_are_free() {
        let mut flight = InFlight::new(2, 4);
        flight.add(events(0..4, "a"));
        let ids = |started: Started<()>| -> Vec<String> {
            started.calls.into_iter().map(|(event, ())| event.id).collect()
        };
        assert_eq!(ids(flight.start(true, known)), ["0", "1"]);
        assert!(ids(flight.start(true, known)).is_empty());
        flight.call_ended("a");
        assert_eq!(ids(flight.start(true, known)), ["2"]);
        assert_eq!(flight.waiting(), 1);
    }

    #[test]
    fn events_of_unknown_triggers_are_returned_and_not_held() {
        let mut flight = InFlight::new(2, 4);
        flight.add(vec![event(1, "unknown"), event(2, "a")]);
        let started = flight.start(false, known);
        assert_eq!(started.unknown.len(), 1);
        assert_eq!(flight.held().collect::<Vec<_>>(), ["2"]);
    }

    #[test]
    fn refused_settlements_are_held_and_use_no_capacity() {
        let mut flight = InFlight::new(2, 4);
        flight.add(events(0..2, "a"));
        let settled = |id: &str| SettledEvent {
            id: id.to_owned(),
            trigger: "a".to_owned(),
            is_due: false,
        };
        flight.settled(Batch {
            settled: vec![settled("0"), settled("1")],
            refused: vec!["1".to_owned()],
        });
        assert!(flight.is_empty());
        assert_eq!(flight.held().collect::<Vec<_>>(), ["1"]);
    }
}
