//! Commands for cron triggers and scheduled events.

use super::{TestStack, cron_events, one_off_events};
use serde_json::{Value, json};
use testkit::webhook::{Reply, Webhook};

#[tokio::test]
async fn errors_have_hasuras_codes_and_messages() {
    let stack = TestStack::new().await;
    stack.trigger("one", json!({})).await;
    let without = |key: &str| {
        let mut args = stack.args("new", json!({}));
        args.as_object_mut().unwrap().remove(key);
        args
    };
    let with = |change: Value| stack.args("new", change);
    for (kind, args, code, path, message) in [
        (
            "create_cron_trigger",
            stack.args("one", json!({})),
            "already-exists",
            "$.args",
            "cron trigger with name: one already exists",
        ),
        (
            "create_cron_trigger",
            with(json!({"replace": true})),
            "not-exists",
            "$.args",
            "cron trigger with name: new does not exist",
        ),
        (
            "delete_cron_trigger",
            json!({"name": "new"}),
            "not-exists",
            "$.args",
            "cron trigger with name: new does not exist",
        ),
        (
            "create_cron_trigger",
            with(json!({"name": ""})),
            "parse-failed",
            "$.name",
            "empty string not allowed",
        ),
        (
            "create_cron_trigger",
            without("include_in_metadata"),
            "parse-failed",
            "$",
            "key \"include_in_metadata\" not found",
        ),
        (
            "create_cron_trigger",
            without("schedule"),
            "parse-failed",
            "$",
            "key \"schedule\" not found",
        ),
        (
            "create_cron_trigger",
            with(json!({"schedule": "* * * *"})),
            "parse-failed",
            "$.schedule",
            "invalid cron schedule \"* * * *\"",
        ),
        (
            "create_cron_trigger",
            with(json!({"schedule": "0 0 30 2 *"})),
            "parse-failed",
            "$.schedule",
            "never occurs",
        ),
        (
            "create_cron_trigger",
            with(json!({"timezone": "Nowhere"})),
            "parse-failed",
            "$.timezone",
            "unknown time zone \"Nowhere\"",
        ),
        (
            "create_cron_trigger",
            with(json!({"retry_conf": {"num_retries": -1}})),
            "parse-failed",
            "$.retry_conf.num_retries",
            "num_retries cannot be a negative value",
        ),
        (
            "get_scheduled_events",
            json!({"type": "cron"}),
            "parse-failed",
            "$",
            "key \"trigger_name\" not found",
        ),
        (
            "get_scheduled_events",
            json!({"type": "cron", "trigger_name": "new"}),
            "not-exists",
            "$.args",
            "cron trigger with name: new does not exist",
        ),
        (
            "get_scheduled_event_invocations",
            json!({"type": "cron", "trigger_name": "new"}),
            "not-exists",
            "$.args",
            "cron trigger with name: new does not exist",
        ),
        (
            "get_scheduled_events",
            json!({"type": "other"}),
            "parse-failed",
            "$.type",
            "unknown variant",
        ),
        (
            "get_scheduled_events",
            json!({"type": "one_off", "status": ["lost"]}),
            "parse-failed",
            "$.status[0]",
            "unknown variant",
        ),
        (
            "create_scheduled_event",
            json!({"webhook": "http://localhost", "schedule_at": "tomorrow"}),
            "parse-failed",
            "$.schedule_at",
            "invalid time \"tomorrow\"",
        ),
        (
            "create_scheduled_event",
            json!({"schedule_at": "2999-01-01T00:00:00Z"}),
            "parse-failed",
            "$",
            "key \"webhook\" not found",
        ),
    ] {
        let (status, said, place, error) = stack.engine.refused(kind, args.clone()).await;
        assert_eq!(
            (status, said.as_str(), place.as_str()),
            (400, code, path),
            "{kind} {args}: {error}"
        );
        assert!(error.contains(message), "{error}");
    }
    assert_eq!(
        stack.export().await["cron_triggers"].as_array().map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn all_triggers_are_listed_with_all_keys() {
    let stack = TestStack::new().await;
    stack
        .trigger("shown", json!({"timezone": "Europe/Berlin", "source": "default"}))
        .await;
    let conf = json!({"num_retries": 3, "retry_interval_seconds": 20, "timeout_seconds": 30});
    let hidden = json!({
        "include_in_metadata": false, "payload": [1], "comment": "c", "headers": [{"name": "a", "value": "b"}], "retry_conf": conf,
    });
    stack.trigger("hidden", hidden).await;
    let list = stack.engine.command("get_cron_triggers", json!({})).await;
    let url = &stack.webhook.url;
    assert_eq!(
        list,
        json!({"cron_triggers": [
            {
                "name": "shown", "webhook": url, "schedule": "0 0 1 1 *", "include_in_metadata": true, "payload": null,
                "retry_conf": {
                    "num_retries": 0, "retry_interval_seconds": 10, "timeout_seconds": 60, "tolerance_seconds": 21600,
                },
                "headers": [], "comment": null, "timezone": "Europe/Berlin",
            },
            {
                "name": "hidden", "webhook": url, "schedule": "0 0 1 1 *", "include_in_metadata": false, "payload": [1],
                "retry_conf": {
                    "num_retries": 3, "retry_interval_seconds": 20, "timeout_seconds": 30, "tolerance_seconds": 21600,
                },
                "headers": [{"name": "a", "value": "b"}], "comment": "c",
            },
        ]})
    );
}

#[tokio::test]
async fn cron_events_are_listed_by_page_and_status() {
    let stack = TestStack::new().await;
    stack.trigger("hourly", json!({"schedule": "17 * * * *"})).await;
    stack.trigger("other", json!({})).await;
    stack.due("hourly", 60).await;
    stack.until(&cron_events("delivered"), 1).await;
    let ask = async |more: Value| {
        let mut args = json!({"type": "cron", "trigger_name": "hourly"});
        for (key, value) in more.as_object().unwrap() {
            args[key] = value.clone();
        }
        stack.engine.command("get_scheduled_events", args).await
    };
    let all = ask(json!({})).await;
    let events = all["events"].as_array().unwrap();
    assert_eq!((all["count"].as_i64(), events.len()), (Some(101), 101));
    assert_eq!(events[0]["status"], "delivered");
    let times: Vec<&str> = events
        .iter()
        .map(|event| event["scheduled_time"].as_str().unwrap())
        .collect();
    assert!(
        times.is_sorted() && times.iter().all(|time| time.ends_with('Z')),
        "{times:?}"
    );
    let keys: Vec<&String> = events[0].as_object().unwrap().keys().collect();
    for key in [
        "id",
        "trigger_name",
        "scheduled_time",
        "status",
        "tries",
        "created_at",
        "next_retry_at",
    ] {
        assert!(keys.contains(&&key.to_owned()), "{keys:?}");
    }
    assert_eq!(keys.len(), 7);
    let page = ask(json!({"limit": 3, "offset": 2, "source": "default"})).await;
    assert_eq!(
        (&page["count"], page["events"].as_array().unwrap().as_slice()),
        (&json!(101), &events[2..5])
    );
    let delivered = ask(json!({"status": ["delivered", "error"]})).await;
    assert_eq!(
        (&delivered["count"], &delivered["events"][0]),
        (&json!(1), &events[0])
    );
    let uncounted = ask(json!({"status": ["dead"], "get_rows_count": false})).await;
    assert_eq!(uncounted, json!({"events": []}));
    let args = json!({"type": "cron", "trigger_name": "hourly"});
    let invocations = stack
        .engine
        .command("get_scheduled_event_invocations", args)
        .await;
    assert_eq!(
        (&invocations["count"], &invocations["invocations"][0]["event_id"]),
        (&json!(1), &events[0]["id"])
    );
    let args = json!({"type": "cron", "trigger_name": "other"});
    let none = stack.engine.command("get_event_invocations", args).await;
    assert_eq!(none, json!({"count": 0, "invocations": []}));
}

#[tokio::test]
async fn one_off_events_are_listed_and_deleted() {
    let webhook = Webhook::behaving(|index, _| Reply::status(if index == 0 { 500 } else { 200 })).await;
    let stack = TestStack::with(&[], webhook).await;
    let conf = json!({"num_retries": 1, "retry_interval_seconds": 0});
    let tried = stack
        .one_off(json!({"retry_conf": conf, "payload": {"n": 1}}))
        .await;
    stack.until(&one_off_events("delivered"), 1).await;
    let later = stack
        .one_off(json!({"schedule_at": "2999-01-01T00:00:00.5+01:00", "comment": "later"}))
        .await;
    let list = stack
        .engine
        .command("get_scheduled_events", json!({"type": "one_off"}))
        .await;
    assert_eq!(list["count"], 2);
    assert_eq!(
        (&list["events"][0]["id"], &list["events"][1]["id"]),
        (&json!(tried), &json!(later))
    );
    let mut event = list["events"][1].clone();
    event["created_at"].take();
    assert_eq!(
        event,
        json!({
            "id": later, "webhook_conf": stack.webhook.url, "scheduled_time": "2998-12-31T23:00:00.5Z",
            "retry_conf": {"num_retries": 0, "retry_interval_seconds": 10, "timeout_seconds": 60, "tolerance_seconds": 21600},
            "payload": null, "header_conf": [], "status": "scheduled", "tries": 0, "created_at": null, "next_retry_at": null,
            "comment": "later",
        })
    );
    let ask = json!({"type": "one_off", "event_id": tried, "limit": 1, "offset": 1});
    let first = stack.engine.command("get_scheduled_event_invocations", ask).await;
    assert_eq!(
        (&first["count"], &first["invocations"][0]["status"]),
        (&json!(2), &json!(500))
    );
    assert_eq!(first["invocations"].as_array().map(Vec::len), Some(1));
    for id in [&tried, &later, &later] {
        let args = json!({"type": "one_off", "event_id": id});
        let answer = stack.engine.command("delete_scheduled_event", args).await;
        assert_eq!(answer, json!({"message": "success"}));
    }
    assert_eq!(
        stack
            .number("SELECT count(*) FROM hdb_catalog.hdb_scheduled_events")
            .await,
        0
    );
    // With their event.
    assert_eq!(
        stack
            .number("SELECT count(*) FROM hdb_catalog.hdb_scheduled_event_invocation_logs")
            .await,
        0
    );
    stack.trigger("one", json!({})).await;
    let id = stack
        .text("SELECT min(id) FROM hdb_catalog.hdb_cron_events")
        .await;
    stack
        .engine
        .command("delete_scheduled_event", json!({"type": "cron", "event_id": id}))
        .await;
    assert_eq!(stack.number(&cron_events("scheduled")).await, 99);
}
