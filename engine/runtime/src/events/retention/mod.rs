//! Retention of event logs: acts on `cleanup_config` of the event triggers. The times of the clean-ups are computed in memory, so
//! that an idle engine executes no statements for them; a connection exists only during clean-ups. Of several engines, one
//! inserts the row of a scheduled clean-up and runs it.
//!
//! - `plan`: when which trigger is cleaned
//! - `cleanup`: one clean-up, also called by the command `cleanup_event_trigger_logs`

pub mod cleanup;
mod plan;
#[cfg(test)]
mod tests;

use super::Context;
use cleanup::Deleted;
use engine_error::Result;
use engine_model::trigger::CleanupConfig;
use engine_plan::schema_cache::SchemaCache;
use engine_postgres::pool::{self, describe, driver_error};
use jiff::Timestamp;
use plan::{CleanupPlan, DueRun};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// Interval between two looks at the clock and the metadata in memory.
const TICK: Duration = Duration::from_secs(1);

/// Settings of the connection.
const SESSION: &str = "SET search_path = pg_catalog, pg_temp; SET TIME ZONE 'UTC'; \
                       SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

/// Runs the scheduled clean-ups until `stop` is cancelled. A statement that is running then is aborted with its connection.
pub(super) async fn run(context: Context, stop: CancellationToken) {
    let _ = stop.run_until_cancelled(run_schedule(&context)).await;
}

async fn run_schedule(context: &Context) {
    let mut plan = CleanupPlan::default();
    let mut known: Option<Arc<SchemaCache>> = None;
    loop {
        let schema = context.schema.load_full();
        let is_known = known.as_ref().is_some_and(|known| Arc::ptr_eq(known, &schema));
        if !is_known {
            let triggers = schema.resolved.tracked.event_triggers.values();
            let triggers = triggers.map(|trigger| &trigger.stored);
            for reason in plan.update(triggers, Timestamp::now()) {
                tracing::warn!(reason, "cleanup_config of an event trigger has no effect");
            }
            known = Some(schema);
        }
        let due = plan.due(Timestamp::now());
        if !due.is_empty() {
            run_due(context, &mut plan, due).await;
        }
        tokio::time::sleep(TICK).await;
    }
}

async fn run_due(context: &Context, plan: &mut CleanupPlan, due: Vec<DueRun>) {
    let (mut client, _connection) = match connect(context).await {
        Ok(connected) => connected,
        Err(error) => {
            tracing::warn!(%error, "cannot clean event logs; retrying in 60 s");
            for run in due {
                plan.failed(&run.cleanup.trigger, Timestamp::now());
            }
            return;
        }
    };
    for run in due {
        let trigger = &run.cleanup.trigger;
        match claim(&client, &run).await {
            Ok(claimed) => {
                plan.claimed(trigger, Timestamp::now());
                if let Some(id) = claimed {
                    clean(context, &mut client, &run, &id).await;
                }
            }
            Err(error) => {
                tracing::warn!(trigger, %error, "cannot clean event logs; retrying in 60 s");
                plan.failed(trigger, Timestamp::now());
            }
        }
    }
}

async fn connect(context: &Context) -> Result<(Client, AbortOnDropHandle<()>)> {
    let to = pool::connection(&context.pool)?;
    let connect = async {
        let (client, connection) = to.driver.connect(to.tls.clone()).await?;
        let connection = AbortOnDropHandle::new(tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = describe(&error), "connection of the clean-up ended");
            }
        }));
        client.batch_execute(SESSION).await?;
        Ok((client, connection))
    };
    connect.await.map_err(|error| driver_error(&error))
}

/// Returns the id of the scheduled clean-up if this engine has to run it.
async fn claim(client: &Client, run: &DueRun) -> Result<Option<String>> {
    let scheduled = run.scheduled.to_string();
    let claimed = client
        .query_opt(
            include_str!("claim_run.sql"),
            &[&run.cleanup.trigger, &scheduled, &run.is_due],
        )
        .await
        .map_err(|error| driver_error(&error))?;
    Ok(claimed.filter(|row| row.get("is_mine")).map(|row| row.get("id")))
}

/// Runs a claimed clean-up and records its result.
async fn clean(context: &Context, client: &mut Client, run: &DueRun, id: &str) {
    let trigger = &run.cleanup.trigger;
    let mut deleted = Deleted::default();
    let result = cleanup::run(client, &run.cleanup, &mut deleted, || is_configured(context, run)).await;
    let status = match &result {
        Ok(()) => {
            tracing::info!(
                trigger,
                events = deleted.events,
                calls = deleted.calls,
                "event logs cleaned"
            );
            "completed"
        }
        Err(error) => {
            tracing::warn!(
                trigger,
                events = deleted.events,
                calls = deleted.calls,
                %error,
                "clean-up of event logs stopped; the next one is scheduled"
            );
            "dead"
        }
    };
    let (events, calls) = (count(deleted.events), count(deleted.calls));
    let ended = client
        .execute(include_str!("end_run.sql"), &[&id, &status, &events, &calls])
        .await;
    if let Err(error) = ended {
        tracing::warn!(
            trigger,
            error = describe(&error),
            "cannot record a clean-up of event logs"
        );
    }
}

/// Whether the metadata still contains the configuration of the run.
fn is_configured(context: &Context, run: &DueRun) -> bool {
    let schema = context.schema.load();
    let trigger = schema.resolved.tracked.event_triggers.get(&run.cleanup.trigger);
    trigger
        .and_then(|trigger| CleanupConfig::of(&trigger.stored).ok().flatten())
        .is_some_and(|config| !config.paused && config.limits == run.cleanup.limits)
}

fn count(rows: i64) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX)
}
