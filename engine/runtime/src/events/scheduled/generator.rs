//! Upcoming events of cron triggers: each trigger has rows for its next times.

use super::queue::{TriggerState, UPCOMING};
use engine_model::scheduled::ResolvedCronTrigger;
use indexmap::IndexMap;
use jiff::Timestamp;
use std::sync::Arc;

/// Returns the rows to insert: the next times of each trigger with fewer than [`UPCOMING`] upcoming events, after its latest one. Times
/// that passed while no engine ran are left out. `now`: time of the database.
pub(super) fn missing(
    triggers: &IndexMap<String, Arc<ResolvedCronTrigger>>,
    states: &[TriggerState],
    now: Timestamp,
) -> (Vec<String>, Vec<Timestamp>) {
    let (mut names, mut times) = (Vec::new(), Vec::new());
    for (name, trigger) in triggers {
        let state = states.iter().find(|state| state.name == *name);
        if state.is_some_and(|state| state.upcoming >= UPCOMING) {
            continue;
        }
        let latest = state.and_then(|state| state.latest);
        let next = trigger
            .stored
            .upcoming(latest.map_or(now, |latest| latest.max(now)), UPCOMING);
        names.extend(std::iter::repeat_n(name.clone(), next.len()));
        times.extend(next);
    }
    (names, times)
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine_model::scheduled::{CronTrigger, resolve};
    use serde::Deserialize as _;
    use serde_json::json;

    #[test]
    fn rows_follow_the_latest_one_and_begin_now() {
        let mut triggers = IndexMap::new();
        for name in ["new", "full", "low", "late"] {
            let trigger = json!({
                "name": name, "webhook": "http://localhost", "schedule": "0 * * * *", "include_in_metadata": true,
            });
            let trigger = CronTrigger::deserialize(trigger).unwrap();
            triggers.insert(name.to_owned(), Arc::new(resolve(&trigger).unwrap()));
        }
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let state = |name: &str, upcoming, latest| TriggerState {
            name: name.to_owned(),
            upcoming,
            latest: Some(at(latest)),
            due_in: None,
        };
        let states = [
            state("full", 100, "2026-01-05T00:00:00Z"),
            state("low", 99, "2026-01-05T00:00:00Z"),
            state("late", 0, "2025-12-24T00:00:00Z"),
        ];
        let (names, times) = missing(&triggers, &states, at("2026-01-01T12:30:00Z"));
        assert_eq!((names.len(), times.len()), (300, 300));
        let first = |name: &str| times[names.iter().position(|other| other == name).unwrap()];
        assert_eq!(first("new"), at("2026-01-01T13:00:00Z"));
        assert_eq!(first("low"), at("2026-01-05T01:00:00Z"));
        assert_eq!(first("late"), at("2026-01-01T13:00:00Z"));
        assert!(!names.contains(&"full".to_owned()));
    }
}
