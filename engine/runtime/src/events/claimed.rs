//! Claimed events and the identity of the instance that claims them.

use trace_context::TraceContext;
use uuid::Uuid;

/// Id of a running instance: the key of the advisory lock that it holds.
pub(super) type InstanceId = i64;

/// Key of a running instance: the high bits of all its ids. The low [`COUNTER_BITS`] bits count its locks. Statements that
/// apply to any id of the instance compare the key: a list of ids may be out of date when the statement runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct InstanceKey(pub(super) i64);

/// Also in the statements.
pub(super) const COUNTER_BITS: u32 = 20;

impl InstanceKey {
    pub(super) fn random() -> Self {
        let (_, random) = Uuid::new_v4().as_u64_pair();
        Self(random.cast_signed() >> COUNTER_BITS)
    }

    /// Returns the id for the lock with this number.
    pub(super) fn id(self, lock: u32) -> InstanceId {
        (self.0 << COUNTER_BITS) | i64::from(lock % (1 << COUNTER_BITS))
    }
}

/// Event held by this instance.
#[derive(Debug, Clone, Default)]
pub(super) struct Claimed {
    pub(super) id: String,
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) trigger: String,
    /// Whether the event has never waited for a retry.
    pub(super) fresh: bool,
    /// Number of previous delivery attempts.
    pub(super) tries: u32,
    /// UTC, for example `2018-09-05T07:14:21.601701Z`.
    pub(super) created_at: String,
    /// `None` if it is large: it is loaded when the delivery starts.
    pub(super) payload: Option<Payload>,
}

/// Content of an event.
#[derive(Debug, Clone, Default)]
pub(super) struct Payload {
    /// `event` of the delivery, as JSON text.
    pub(super) text: String,
    /// Span of the change; `None` if the event names none, or an invalid one.
    pub(super) cause: Option<TraceContext>,
    /// Reason why the event is not delivered: its rows were too large to be stored.
    pub(super) undeliverable: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_an_instance_share_its_key_and_grow() {
        for key in [InstanceKey::random(), InstanceKey(0), InstanceKey(-1)] {
            let ids = [0, 1, 2, (1 << COUNTER_BITS) - 1].map(|lock| key.id(lock));
            assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
            assert!(ids.iter().all(|id| id >> COUNTER_BITS == key.0), "{ids:?}");
        }
    }
}
