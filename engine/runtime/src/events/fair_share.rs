//! A bounded number of slots and the number used by each trigger: a trigger with a slow webhook must not use all slots
//! and delay the events of the other triggers.

use std::collections::HashMap;

/// Ratio of a trigger's slots to the free slots up to which it may take another one (a "dynamic threshold"). A single busy
/// trigger gets four fifths of the slots, a second one four fifths of the rest, and a slot remains for a later one.
const FAIR_SHARE_FACTOR: usize = 4;

/// Used slots by trigger.
#[derive(Debug)]
pub(super) struct FairShare {
    capacity: usize,
    total: usize,
    by_trigger: HashMap<String, usize>,
}

impl FairShare {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            total: 0,
            by_trigger: HashMap::new(),
        }
    }

    pub(super) fn free(&self) -> usize {
        self.capacity.saturating_sub(self.total)
    }

    /// Whether the trigger may take one more slot. `alone`: there is no other trigger that needs slots.
    pub(super) fn may_take(&self, trigger: &str, alone: bool) -> bool {
        let has = self.by_trigger.get(trigger).copied().unwrap_or(0);
        self.free() > 0 && (alone || has < FAIR_SHARE_FACTOR * self.free())
    }

    /// Returns the number of slots that the trigger may take now.
    pub(super) fn allowance(&self, trigger: &str, alone: bool) -> usize {
        if alone {
            return self.free();
        }
        let has = self.by_trigger.get(trigger).copied().unwrap_or(0);
        // The largest n with has + n <= FAIR_SHARE_FACTOR * (free - n), but at least one slot if the trigger may take one.
        let n = (FAIR_SHARE_FACTOR * self.free()).saturating_sub(has) / (FAIR_SHARE_FACTOR + 1);
        n.max(usize::from(self.may_take(trigger, alone)))
    }

    pub(super) fn take(&mut self, trigger: &str) {
        self.total += 1;
        *self.by_trigger.entry(trigger.to_owned()).or_default() += 1;
    }

    pub(super) fn give_back(&mut self, trigger: &str) {
        let Some(has) = self.by_trigger.get_mut(trigger) else {
            return;
        };
        self.total -= 1;
        *has -= 1;
        if *has == 0 {
            self.by_trigger.remove(trigger);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(share: &mut FairShare, trigger: &str, alone: bool) -> usize {
        let mut taken = 0;
        while share.may_take(trigger, alone) {
            share.take(trigger);
            taken += 1;
        }
        taken
    }

    #[test]
    fn a_trigger_alone_has_all_places() {
        assert_eq!(fill(&mut FairShare::new(8), "a", true), 8);
    }

    #[test]
    fn a_greedy_trigger_leaves_places_for_others() {
        let mut share = FairShare::new(100);
        assert_eq!(fill(&mut share, "a", false), 80);
        assert_eq!(fill(&mut share, "b", false), 16);
        assert!(share.may_take("c", false));
        share.give_back("a");
        assert_eq!(share.free(), 5);
    }

    #[test]
    fn even_one_place_can_be_taken() {
        assert!(FairShare::new(1).may_take("a", false));
    }
}
