//! Cron triggers in exported and replaced metadata.

use super::{TestStack, cron_events, upcoming};
use crate::support::TestEngine;
use serde_json::{Value, json};

#[tokio::test]
async fn export_contains_the_included_triggers_as_hasura_writes_them() {
    let stack = TestStack::new().await;
    let full = json!({
        "schedule": "17 * * * *", "payload": {"a": 1}, "comment": "c", "headers": [{"name": "a", "value": "b"}],
        "retry_conf": {"num_retries": 2, "retry_interval_seconds": 10, "timeout_seconds": 60, "tolerance_seconds": 21600},
    });
    stack.trigger("full", full.clone()).await;
    let defaults =
        json!({"headers": [], "payload": null, "retry_conf": {"num_retries": 0, "timeout_seconds": 60}});
    stack.trigger("plain", defaults).await;
    stack
        .trigger("hidden", json!({"include_in_metadata": false}))
        .await;
    let expected = json!([stack.args("full", full), stack.args("plain", json!({}))]);
    assert_eq!(stack.export().await["cron_triggers"], expected);
    // An export without included triggers has no list.
    for name in ["full", "plain"] {
        stack
            .engine
            .command("delete_cron_trigger", json!({"name": name}))
            .await;
    }
    assert_eq!(stack.export().await.get("cron_triggers"), None);
}

#[tokio::test]
async fn replaced_metadata_replaces_included_triggers_only() {
    let stack = TestStack::new().await;
    for (name, schedule, included) in [
        ("same", "17 * * * *", true),
        ("gone", "18 * * * *", true),
        ("hidden", "19 * * * *", false),
    ] {
        stack
            .trigger(
                name,
                json!({"schedule": schedule, "include_in_metadata": included}),
            )
            .await;
    }
    stack.due("gone", 1).await;
    stack.until(&cron_events("delivered"), 1).await;
    let mut export = stack.export().await;
    stack.engine.command("replace_metadata", export.clone()).await;
    for name in ["same", "gone", "hidden"] {
        assert_eq!(stack.number(&upcoming(name)).await, 100, "{name}");
    }
    export["cron_triggers"] = json!([
        stack.args("same", json!({"schedule": "17 * * * *"})),
        stack.args("new", json!({"schedule": "20 * * * *"})),
    ]);
    stack.engine.command("replace_metadata", export.clone()).await;
    for (name, events) in [("same", 100), ("gone", 0), ("hidden", 100), ("new", 100)] {
        assert_eq!(stack.number(&upcoming(name)).await, events, "{name}");
    }
    assert_eq!(stack.export().await, export);
    let list = stack.engine.command("get_cron_triggers", json!({})).await;
    let names: Vec<&Value> = list["cron_triggers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|trigger| &trigger["name"])
        .collect();
    assert_eq!(names, ["same", "new", "hidden"]);
    stack.engine.command("clear_metadata", json!({})).await;
    for (name, events) in [("same", 0), ("hidden", 100), ("new", 0)] {
        assert_eq!(stack.number(&upcoming(name)).await, events, "{name}");
    }
    stack.due("hidden", 1).await;
    stack.until(&cron_events("delivered"), 2).await;
}

#[tokio::test]
async fn replaced_metadata_must_not_name_an_excluded_trigger() {
    let stack = TestStack::new().await;
    stack
        .trigger("hidden", json!({"include_in_metadata": false}))
        .await;
    let mut export = stack.export().await;
    export["cron_triggers"] = json!([stack.args("hidden", json!({"schedule": "1 1 1 1 *"}))]);
    let (status, code, _, error) = stack.engine.refused("replace_metadata", export).await;
    assert_eq!((status, code.as_str()), (400, "already-exists"));
    assert_eq!(
        error,
        "cron trigger with name \"hidden\" already exists as a cron trigger with \"included_in_metadata\" as false"
    );
    assert_eq!(stack.export().await.get("cron_triggers"), None);
}

#[tokio::test]
async fn invalid_triggers_in_metadata_are_refused_or_inconsistent() {
    let mut stack = TestStack::new().await;
    let mut document = stack.export().await;
    document["cron_triggers"] = json!([
        stack.args("one", json!({})),
        stack.args("two", json!({"schedule": "often"}))
    ]);
    let (status, code, path, error) = stack.engine.refused("replace_metadata", document.clone()).await;
    assert_eq!(
        (status, code.as_str(), path.as_str()),
        (400, "parse-failed", "$.cron_triggers[1]")
    );
    assert!(error.contains("invalid cron schedule \"often\""), "{error}");
    document["cron_triggers"] = json!({});
    let (_, code, path, _) = stack.engine.refused("replace_metadata", document.clone()).await;
    assert_eq!(
        (code.as_str(), path.as_str()),
        ("parse-failed", "$.cron_triggers")
    );
    let unset = stack.args("unset", json!({"webhook": "{{NOWHERE_TO_BE_FOUND}}"}));
    document["cron_triggers"] = json!([unset]);
    let (_, code, _, error) = stack.engine.refused("replace_metadata", document.clone()).await;
    assert_eq!(
        (code.as_str(), error.as_str()),
        ("unexpected", "cannot continue due to inconsistent metadata")
    );

    document["cron_triggers"] = json!([
        stack.args("one", json!({"schedule": "17 * * * *"})),
        stack.args("one", json!({})),
        unset,
        stack.args("two", json!({"schedule": "often"})),
    ]);
    let args = json!({"metadata": document, "allow_inconsistent_metadata": true});
    stack.engine.command("replace_metadata", args).await;
    let inconsistent = async |engine: &TestEngine| {
        let answer = engine.command("get_inconsistent_metadata", json!({})).await;
        let objects = answer["inconsistent_objects"].as_array().unwrap().clone();
        assert!(
            objects.iter().all(|object| object["type"] == "cron_trigger"),
            "{objects:?}"
        );
        objects
            .iter()
            .map(|object| object["reason"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let reasons = inconsistent(&stack.engine).await;
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert!(
        reasons
            .iter()
            .any(|reason| reason.contains("'NOWHERE_TO_BE_FOUND' not set")),
        "{reasons:?}"
    );
    assert_eq!(stack.export().await["cron_triggers"], document["cron_triggers"]);
    // The valid ones are served, also after a restart.
    stack.engine.stop().await;
    stack.engine = TestEngine::start(&stack.database, &[]).await;
    assert_eq!(inconsistent(&stack.engine).await.len(), 3);
    stack.due("one", 1).await;
    stack.until(&cron_events("delivered"), 1).await;
    // A replacement and a deletion correct entries.
    let corrected = stack.args("two", json!({"replace": true}));
    stack.engine.command("create_cron_trigger", corrected).await;
    stack
        .engine
        .command("delete_cron_trigger", json!({"name": "unset"}))
        .await;
    assert_eq!(inconsistent(&stack.engine).await.len(), 1);
    stack
        .engine
        .command("drop_inconsistent_metadata", json!({}))
        .await;
    assert!(inconsistent(&stack.engine).await.is_empty());
    let left = stack.export().await["cron_triggers"].take();
    assert_eq!(
        left,
        json!([
            stack.args("one", json!({"schedule": "17 * * * *"})),
            stack.args("two", json!({}))
        ])
    );
}

#[tokio::test]
async fn bulk_creates_and_deletes_in_one_transaction() {
    let stack = TestStack::new().await;
    let create = |name: &str| json!({"type": "create_cron_trigger", "args": stack.args(name, json!({"schedule": "17 * * * *"}))});
    let delete = |name: &str| json!({"type": "delete_cron_trigger", "args": {"name": name}});
    let (status, _) = stack
        .engine
        .post(
            "/v1/query",
            &[],
            &json!({"type": "bulk", "args": [create("a"), create("b"), create("a")]}),
        )
        .await;
    assert_eq!(status, 400);
    assert_eq!(stack.number(&cron_events("scheduled")).await, 0);
    stack
        .engine
        .command(
            "bulk",
            json!([create("a"), create("b"), delete("a"), create("c")]),
        )
        .await;
    for (name, events) in [("a", 0), ("b", 100), ("c", 100)] {
        assert_eq!(stack.number(&upcoming(name)).await, events, "{name}");
    }
    let (status, answer) = stack
        .engine
        .post(
            "/v1/metadata",
            &[],
            &json!({"type": "bulk", "args": [delete("b"), delete("c")]}),
        )
        .await;
    assert_eq!((status, answer.as_array().map(Vec::len)), (200, Some(2)));
    assert_eq!(stack.number(&cron_events("scheduled")).await, 0);
    let reloaded = stack.engine.command("reload_metadata", json!({})).await;
    assert_eq!(reloaded["is_consistent"], true);
}
