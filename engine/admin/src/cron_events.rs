//! Events of cron triggers that follow a change of the metadata, in the transaction that stores it.

use engine_error::Result;
use engine_model::metadata::Metadata;
use engine_model::metadata::tracked::TrackedObjects;
use engine_model::scheduled::document::cron_triggers;
use engine_model::scheduled::{CronTrigger, UPCOMING};
use engine_postgres::pool::driver_error;
use jiff::Timestamp;
use tokio_postgres::Transaction;

/// Deletes the upcoming events of removed and changed triggers, and inserts those of new and changed ones. `after`: without
/// inconsistent triggers, whose events no instance delivers.
pub(crate) async fn follow(tx: &Transaction<'_>, before: &Metadata, after: &TrackedObjects) -> Result<()> {
    let before = cron_triggers(before).unwrap_or_default();
    let after: Vec<CronTrigger> = after
        .cron_triggers
        .values()
        .map(|trigger| trigger.stored.clone())
        .collect();
    let is_in = |list: &[CronTrigger], trigger: &CronTrigger| list.contains(trigger);
    let removed = before.iter().filter(|trigger| !is_in(&after, trigger));
    let added: Vec<&CronTrigger> = after.iter().filter(|trigger| !is_in(&before, trigger)).collect();
    // Also of new triggers: events of a former one of the same name may be left.
    let stale: Vec<&str> = removed
        .chain(added.iter().copied())
        .map(|trigger| &*trigger.name)
        .collect();
    if stale.is_empty() {
        return Ok(());
    }
    let now = tx
        .query_one("SELECT floor(extract(epoch FROM now()))::bigint", &[])
        .await
        .map_err(|error| driver_error(&error))?;
    let now = Timestamp::from_second(now.get(0)).unwrap_or_else(|_| Timestamp::now());
    tx.execute(include_str!("delete_cron_events.sql"), &[&stale])
        .await
        .map_err(|error| driver_error(&error))?;
    let (mut names, mut times) = (Vec::new(), Vec::new());
    for trigger in added {
        for time in trigger.upcoming(now, UPCOMING) {
            names.push(&*trigger.name);
            times.push(time.to_string());
        }
    }
    tx.execute(include_str!("insert_cron_events.sql"), &[&names, &times])
        .await
        .map_err(|error| driver_error(&error))?;
    Ok(())
}
