//! Upcoming events of cron triggers.

use super::{TestStack, cron_events, upcoming};
use crate::support::TestEngine;
use serde_json::json;

#[tokio::test]
async fn creation_inserts_the_next_hundred_times() {
    let stack = TestStack::new().await;
    stack.trigger("hourly", json!({"schedule": "17 * * * *"})).await;
    let row = stack
        .rows(
            "SELECT count(*) AS count, count(DISTINCT scheduled_time) AS times,
               max(scheduled_time) - min(scheduled_time) = interval '99 hours' AS gapless,
               min(scheduled_time) > now() AND min(scheduled_time) <= now() + interval '1 hour' AS next,
               min(extract(minute FROM scheduled_time))::int AS minute, max(extract(second FROM scheduled_time))::int AS second,
               min(status) AS status, max(tries) AS tries
             FROM hdb_catalog.hdb_cron_events",
        )
        .await;
    assert_eq!(
        row[0],
        json!({
            "count": 100, "times": 100, "gapless": true, "next": true, "minute": 17, "second": 0,
            "status": "scheduled", "tries": 0,
        })
    );
}

#[tokio::test]
async fn times_are_those_of_the_time_zone() {
    let stack = TestStack::new().await;
    let definition = json!({"schedule": "30 7 * * *", "timezone": "Asia/Kolkata"});
    stack.trigger("morning", definition).await;
    // Kolkata is five and a half hours ahead of UTC all year.
    let at_two = "SELECT count(*) FROM hdb_catalog.hdb_cron_events
                  WHERE to_char(timezone('utc', scheduled_time), 'HH24:MI:SS') = '02:00:00'";
    assert_eq!(stack.number(at_two).await, 100);
}

#[tokio::test]
async fn replacement_and_deletion_remove_upcoming_events_only() {
    let stack = TestStack::new().await;
    stack.trigger("one", json!({"schedule": "17 * * * *"})).await;
    stack.trigger("other", json!({"schedule": "17 * * * *"})).await;
    stack
        .run(
            "INSERT INTO hdb_catalog.hdb_cron_events (trigger_name, scheduled_time, status, tries) VALUES
             ('one', now() + interval '1 year', 'scheduled', 1), ('one', now() - interval '1 year', 'delivered', 1)",
        )
        .await;
    let replaced = stack.args("one", json!({"schedule": "18 * * * *", "replace": true}));
    stack.engine.command("create_cron_trigger", replaced).await;
    let minutes = "SELECT trigger_name AS name, extract(minute FROM scheduled_time)::int AS minute, count(*)
                   FROM hdb_catalog.hdb_cron_events WHERE tries = 0 GROUP BY 1, 2 ORDER BY 1";
    assert_eq!(
        stack.rows(minutes).await,
        json!([{"name": "one", "minute": 18, "count": 100}, {"name": "other", "minute": 17, "count": 100}])
    );
    stack
        .engine
        .command("delete_cron_trigger", json!({"name": "one"}))
        .await;
    assert_eq!(stack.number(&upcoming("one")).await, 0);
    assert_eq!(stack.number(&upcoming("other")).await, 100);
    let kept = "SELECT count(*) FROM hdb_catalog.hdb_cron_events WHERE trigger_name = 'one' AND tries = 1";
    assert_eq!(stack.number(kept).await, 2);
}

#[tokio::test]
async fn fewer_than_a_hundred_upcoming_events_are_extended() {
    let stack = TestStack::new().await;
    stack.trigger("hourly", json!({"schedule": "17 * * * *"})).await;
    stack
        .run(
            "DELETE FROM hdb_catalog.hdb_cron_events WHERE scheduled_time > (
               SELECT scheduled_time FROM hdb_catalog.hdb_cron_events ORDER BY scheduled_time OFFSET 59 LIMIT 1)",
        )
        .await;
    // 60 are left, until the engine looks at them: now, or with the next event that is due.
    stack.due("hourly", 1).await;
    stack.until(&upcoming("hourly"), 160).await;
    let gaps = "SELECT count(DISTINCT scheduled_time - make_interval(hours => row_number::int)) FROM (
                  SELECT scheduled_time, row_number() OVER (ORDER BY scheduled_time)
                  FROM hdb_catalog.hdb_cron_events WHERE scheduled_time > now()) AS numbered";
    assert_eq!(stack.number(gaps).await, 1);
    stack.until(&cron_events("delivered"), 1).await;
}

#[tokio::test]
async fn events_that_are_missing_after_an_import_are_inserted() {
    let mut stack = TestStack::new().await;
    stack.trigger("hourly", json!({"schedule": "17 * * * *"})).await;
    // The metadata without its events, as after a copy of hdb_metadata to another database.
    stack.run("TRUNCATE hdb_catalog.hdb_cron_events CASCADE").await;
    stack.engine.stop().await;
    stack.engine = TestEngine::start(&stack.database, &[]).await;
    stack.until(&upcoming("hourly"), 100).await;
}
