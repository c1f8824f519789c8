use super::cleanup::Cleanup;
use super::plan::{CleanupPlan, DueRun};
use engine_model::trigger::{CleanupConfig, EventTrigger};
use jiff::Timestamp;
use serde_json::{Value, json};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn trigger(config: &Value) -> EventTrigger {
    serde_json::from_value(json!({
        "name": "t", "definition": {"enable_manual": true}, "webhook": "http://localhost", "cleanup_config": config,
    }))
    .expect("a trigger")
}

fn hourly() -> Value {
    json!({"schedule": "0 * * * *", "clear_older_than": 24})
}

fn run(config: &Value, scheduled: &str, is_due: bool) -> DueRun {
    let limits = CleanupConfig::of(&trigger(config))
        .expect("valid")
        .expect("a configuration")
        .limits;
    DueRun {
        cleanup: Cleanup {
            trigger: "t".to_owned(),
            limits,
        },
        scheduled: at(scheduled),
        is_due,
    }
}

#[test]
fn new_configuration_claims_the_latest_time_and_then_the_next_ones() {
    let mut plan = CleanupPlan::default();
    let now = at("2026-01-01T10:30:00Z");
    assert!(plan.update([trigger(&hourly())].iter(), now).is_empty());
    assert_eq!(plan.due(now), [run(&hourly(), "2026-01-01T10:00:00Z", false)]);
    plan.claimed("t", now);
    // An unchanged configuration keeps its state.
    plan.update([trigger(&hourly())].iter(), now);
    assert_eq!(plan.due(at("2026-01-01T10:59:59Z")), []);
    let next = at("2026-01-01T11:00:00Z");
    assert_eq!(plan.due(next), [run(&hourly(), "2026-01-01T11:00:00Z", true)]);
    // After a suspended machine resumes, the missed times are one clean-up.
    let later = at("2026-01-01T15:10:00Z");
    plan.claimed("t", later);
    assert_eq!(plan.due(later), []);
    assert_eq!(
        plan.due(at("2026-01-01T16:00:00Z")),
        [run(&hourly(), "2026-01-01T16:00:00Z", true)]
    );
}

#[test]
fn failed_claim_is_repeated_after_a_minute() {
    let mut plan = CleanupPlan::default();
    let now = at("2026-01-01T10:30:00Z");
    plan.update([trigger(&hourly())].iter(), now);
    plan.failed("t", now);
    assert_eq!(plan.due(at("2026-01-01T10:30:59Z")), []);
    assert_eq!(plan.due(at("2026-01-01T10:31:00Z")).len(), 1);
}

#[test]
fn paused_removed_and_invalid_configurations_plan_nothing() {
    let now = at("2026-01-01T10:30:00Z");
    let paused = json!({"schedule": "0 * * * *", "clear_older_than": 24, "paused": true});
    for (config, invalid) in [
        (paused, 0),
        (Value::Null, 0),
        (json!({"schedule": "hourly", "clear_older_than": 24}), 1),
        (json!({"schedule": "0 * * * *"}), 1),
    ] {
        let mut plan = CleanupPlan::default();
        plan.update([trigger(&hourly())].iter(), now);
        let refused = plan.update([trigger(&config)].iter(), now);
        assert_eq!(
            (refused.len(), plan.due(now).len()),
            (invalid, 0),
            "{config}: {refused:?}"
        );
    }
}
