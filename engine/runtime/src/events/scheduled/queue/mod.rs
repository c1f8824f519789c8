//! Statements of the scheduler, one function each, on the pool of the event queue. `{events}` and `{logs}` in a statement stand for the
//! tables of a kind of event.

use super::event::{Kind, OneOffRow, ScheduledEvent};
use crate::events::claimed::InstanceId;
use crate::events::delivery::{DeliveryOutcome, Settlement};
use crate::events::queue::{EventQueue, SMALL_PAYLOAD};
use engine_error::Result;
use jiff::Timestamp;
use std::sync::Arc;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

pub(super) use engine_model::scheduled::UPCOMING;

/// Access of one instance to the scheduled events.
#[derive(Clone)]
pub(super) struct ScheduledQueue {
    queue: EventQueue,
    cron: Arc<Statements>,
    one_off: Arc<Statements>,
}

/// Statements on the tables of one kind.
struct Statements {
    settle: String,
    give_up: String,
    release: String,
    transfer: String,
}

impl Statements {
    fn new(events: &str, logs: &str) -> Self {
        let fill = |sql: &str| sql.replace("{events}", events).replace("{logs}", logs);
        Self {
            settle: fill(include_str!("settle.sql")),
            give_up: fill(include_str!("give_up.sql")),
            release: fill(include_str!("release.sql")),
            transfer: fill(include_str!("transfer.sql")),
        }
    }
}

/// Limits of a claim.
pub(super) struct Claim<'c> {
    pub(super) triggers: &'c [String],
    pub(super) cron: usize,
    pub(super) one_off: usize,
    /// Events that the instance holds. Other rows that are locked by it are claimed again: the answer of their claim was lost.
    pub(super) held: &'c [String],
}

/// Upcoming events of one cron trigger.
#[derive(Debug)]
pub(super) struct TriggerState {
    pub(super) name: String,
    /// Number of events that are in the future and untried.
    pub(super) upcoming: usize,
    /// Time of the latest of them.
    pub(super) latest: Option<Timestamp>,
    /// Time until the next attempt, in seconds; negative if it is due.
    pub(super) due_in: Option<f64>,
}

/// Upcoming events.
#[derive(Debug)]
pub(super) struct State {
    /// Time of the database.
    pub(super) now: Timestamp,
    /// Triggers with scheduled events.
    pub(super) triggers: Vec<TriggerState>,
    /// Time until the next attempt of a one-off event, in seconds.
    pub(super) one_off_due_in: Option<f64>,
    /// Another instance holds events. They become free if it ends.
    pub(super) is_held_elsewhere: bool,
}

impl ScheduledQueue {
    pub(super) fn new(queue: EventQueue) -> Self {
        Self {
            queue,
            cron: Arc::new(Statements::new(
                "hdb_cron_events",
                "hdb_cron_event_invocation_logs",
            )),
            one_off: Arc::new(Statements::new(
                "hdb_scheduled_events",
                "hdb_scheduled_event_invocation_logs",
            )),
        }
    }

    fn of(&self, kind: Kind) -> &Statements {
        match kind {
            Kind::Cron => &self.cron,
            Kind::OneOff => &self.one_off,
        }
    }

    /// Claims due events.
    pub(super) async fn claim(&self, me: InstanceId, claim: &Claim<'_>) -> Result<Vec<ScheduledEvent>> {
        let limit = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let (cron, one_off) = (limit(claim.cron), limit(claim.one_off));
        let params: [&(dyn ToSql + Sync); 6] =
            [&me, &cron, &one_off, &claim.triggers, &claim.held, &SMALL_PAYLOAD];
        let rows = self.queue.query(include_str!("claim.sql"), &params).await?;
        Ok(rows.iter().map(claimed).collect())
    }

    /// Returns the upcoming events of these triggers and of one-off events.
    pub(super) async fn state(&self, triggers: &[String]) -> Result<State> {
        let key = self.queue.key.0;
        let rows = self
            .queue
            .query(include_str!("state.sql"), &[&triggers, &key])
            .await?;
        let mut state = State {
            now: Timestamp::UNIX_EPOCH,
            triggers: Vec::new(),
            one_off_due_in: None,
            is_held_elsewhere: false,
        };
        let time = |seconds: Option<i64>| seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        for row in &rows {
            let due_in = row.get("due_in");
            if let Some(name) = row.get::<_, Option<String>>("trigger_name") {
                state.triggers.push(TriggerState {
                    name,
                    upcoming: usize::try_from(row.get::<_, i64>("upcoming")).unwrap_or(0),
                    latest: time(row.get("latest")),
                    due_in,
                });
            } else {
                state.now = time(row.get("now")).unwrap_or(state.now);
                state.one_off_due_in = due_in;
                state.is_held_elsewhere = row.get("held_elsewhere");
            }
        }
        Ok(state)
    }

    /// Inserts events of cron triggers: names and times. Does nothing if the stored metadata has another version: a trigger may
    /// have been removed or replaced.
    pub(super) async fn generate(&self, version: i64, names: &[String], times: &[Timestamp]) -> Result<()> {
        let times: Vec<String> = times.iter().map(Timestamp::to_string).collect();
        self.queue
            .execute(include_str!("generate.sql"), &[&version, &names, &times])
            .await
            .map(drop)
    }

    /// Returns the payload of a one-off event, or the limit that it exceeds. That of a deleted event is null.
    pub(super) async fn payload(&self, event: &str) -> Result<Result<String, i64>> {
        let rows = self.queue.query(include_str!("payload.sql"), &[&event]).await?;
        Ok(match rows.first() {
            None => Ok("null".to_owned()),
            Some(row) => row
                .get::<_, Option<String>>("payload")
                .ok_or_else(|| row.get("maximum")),
        })
    }

    /// The queue of captured events, with which this one shares its connections.
    pub(super) fn events(&self) -> &EventQueue {
        &self.queue
    }

    /// Records an attempt and its result.
    pub(super) async fn settle(&self, kind: Kind, settlement: &Settlement) -> Result<()> {
        let status = match settlement.outcome {
            DeliveryOutcome::Delivered => "delivered",
            DeliveryOutcome::Retry(_) => "scheduled",
            DeliveryOutcome::Failed => "error",
        };
        let retry_in = settlement.outcome.retry_in().map(|delay| delay.as_secs_f64());
        let params: [&(dyn ToSql + Sync); 7] = [
            &self.queue.key.0,
            &settlement.id,
            &status,
            &retry_in,
            &settlement.status,
            &settlement.request,
            &settlement.response,
        ];
        self.queue.execute(&self.of(kind).settle, &params).await.map(drop)
    }

    /// Marks an event as dead: it is too old to be delivered.
    pub(super) async fn give_up(&self, kind: Kind, event: &str) -> Result<()> {
        let sql = &self.of(kind).give_up;
        self.queue
            .execute(sql, &[&self.queue.key.0, &event])
            .await
            .map(drop)
    }

    /// Releases events without changing their state otherwise.
    pub(super) async fn release(&self, kind: Kind, events: &[&str]) -> Result<()> {
        let sql = &self.of(kind).release;
        self.queue
            .execute(sql, &[&self.queue.key.0, &events])
            .await
            .map(drop)
    }

    /// Transfers events held under former ids of the instance to a new one.
    pub(super) async fn transfer(&self, me: InstanceId, held: &[String]) -> Result<()> {
        for kind in [Kind::Cron, Kind::OneOff] {
            let sql = &self.of(kind).transfer;
            self.queue.execute(sql, &[&me, &self.queue.key.0, &held]).await?;
        }
        Ok(())
    }
}

fn claimed(row: &Row) -> ScheduledEvent {
    let trigger: Option<String> = row.get("trigger_name");
    ScheduledEvent {
        id: row.get("id"),
        kind: if trigger.is_some() {
            Kind::Cron
        } else {
            Kind::OneOff
        },
        trigger: trigger.unwrap_or_default(),
        tries: u32::try_from(row.get::<_, i32>("tries")).unwrap_or(0),
        age: row.get("age"),
        scheduled_time: row.get("scheduled_time"),
        created_at: row.get("created_at"),
        row: OneOffRow {
            webhook: row.get("webhook_conf"),
            headers: row.get("header_conf"),
            retry_conf: row.get("retry_conf"),
            payload: row.get("payload"),
            payload_bytes: row.get("payload_bytes"),
            comment: row.get("comment"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::Statements;
    use crate::events::claimed::COUNTER_BITS;

    #[test]
    fn statements_compare_the_key_and_name_their_tables() {
        let statements = Statements::new("events_table", "logs_table");
        let shift = format!("locked_by >> {COUNTER_BITS}");
        for sql in [
            statements.settle,
            statements.give_up,
            statements.release,
            statements.transfer,
        ] {
            assert!(
                sql.contains(&shift) && sql.contains("hdb_catalog.events_table"),
                "{sql}"
            );
            assert!(!sql.contains(['{', '}']), "{sql}");
        }
    }
}
