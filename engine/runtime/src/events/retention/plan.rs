//! Times of the scheduled clean-ups. A pure structure without a database.

use super::cleanup::Cleanup;
use engine_error::{Code, Error, Result};
use engine_model::scheduled::schedule::CronExpression;
use engine_model::trigger::EventTrigger;
use engine_model::trigger::cleanup::CleanupConfig;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Time until a failed claim is repeated.
const RETRY_DELAY: SignedDuration = SignedDuration::from_secs(60);

/// Scheduled clean-ups by trigger.
#[derive(Debug, Default)]
pub(super) struct CleanupPlan {
    runs: BTreeMap<String, Planned>,
}

#[derive(Debug)]
struct Planned {
    config: CleanupConfig,
    schedule: CronExpression,
    /// Time of the clean-up that is claimed next.
    scheduled: Timestamp,
    /// Whether it was in the future when it was planned.
    is_due: bool,
    /// Time of the claim.
    claim_at: Timestamp,
}

/// Scheduled clean-up to be claimed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DueRun {
    pub(super) cleanup: Cleanup,
    pub(super) scheduled: Timestamp,
    /// Whether it has just become due; otherwise it may have passed while no engine was running.
    pub(super) is_due: bool,
}

impl CleanupPlan {
    /// Takes over the configurations of the metadata. A trigger whose configuration is new or has changed first claims the
    /// latest time of its schedule. Returns the triggers whose configuration is invalid.
    pub(super) fn update<'t>(
        &mut self,
        triggers: impl Iterator<Item = &'t EventTrigger>,
        now: Timestamp,
    ) -> Vec<String> {
        let mut before = std::mem::take(&mut self.runs);
        let mut invalid = Vec::new();
        for trigger in triggers {
            let name = &trigger.name;
            match configured(trigger) {
                Ok(None) => {}
                Ok(Some((config, schedule))) => {
                    let kept = before.remove(name).filter(|planned| planned.config == config);
                    if let Some(planned) = kept.or_else(|| Planned::new(config, schedule, now)) {
                        self.runs.insert(name.clone(), planned);
                    }
                }
                Err(error) => invalid.push(format!("{name}: {}", error.message)),
            }
        }
        invalid
    }

    /// Returns the clean-ups whose time has come.
    pub(super) fn due(&self, now: Timestamp) -> Vec<DueRun> {
        let due = self.runs.iter().filter(|(_, planned)| planned.claim_at <= now);
        due.map(|(name, planned)| DueRun {
            cleanup: Cleanup {
                trigger: name.clone(),
                limits: planned.config.limits.clone(),
            },
            scheduled: planned.scheduled,
            is_due: planned.is_due,
        })
        .collect()
    }

    /// Records that the clean-up was claimed, by this engine or another one.
    pub(super) fn claimed(&mut self, trigger: &str, now: Timestamp) {
        let Some(planned) = self.runs.get_mut(trigger) else {
            return;
        };
        match planned.schedule.next_after(now) {
            Some(next) => {
                planned.scheduled = next;
                planned.claim_at = next;
                planned.is_due = true;
            }
            None => drop(self.runs.remove(trigger)),
        }
    }

    /// Records that the clean-up could not be claimed.
    pub(super) fn failed(&mut self, trigger: &str, now: Timestamp) {
        if let Some(planned) = self.runs.get_mut(trigger) {
            planned.claim_at = now.saturating_add(RETRY_DELAY).unwrap_or(now);
        }
    }
}

impl Planned {
    /// Returns `None` if the schedule has neither a past nor a future time.
    fn new(config: CleanupConfig, schedule: CronExpression, now: Timestamp) -> Option<Self> {
        let latest = schedule.latest_until(now);
        let scheduled = latest.or_else(|| schedule.next_after(now))?;
        Some(Self {
            config,
            schedule,
            scheduled,
            is_due: latest.is_none(),
            claim_at: scheduled,
        })
    }
}

/// Returns the configuration and its schedule; `None` without one, or while it is paused.
fn configured(trigger: &EventTrigger) -> Result<Option<(CleanupConfig, CronExpression)>> {
    let Some(config) = CleanupConfig::of(trigger)?.filter(|config| !config.paused) else {
        return Ok(None);
    };
    let schedule =
        CronExpression::parse(&config.schedule).map_err(|why| Error::new(Code::ParseFailed, why))?;
    Ok(Some((config, schedule)))
}
