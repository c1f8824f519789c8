//! The engine of this repository on Fargate (`EventEngine=threefactor`): the command, settings and secrets of the task that the stack
//! defines, without a container. What the image contains is in docs/deploy.md.

use std::time::Duration;

use local_process::dirs;
use local_process::ports;
use local_process::process::{Program, Signal};
use serde_json::{Value, json};
use testkit::eventually;

use super::cloud::{Cloud, DATABASE};
use super::commands::{STAGE, named};
use super::{LOGIN, until};

const IMAGE: &str = "000000000000.dkr.ecr.eu-central-1.amazonaws.com/threefactor-engine:0.1.0";

pub(super) async fn of_this_repository_serves_the_stage(cloud: &Cloud, events: &str) {
    let without_image = ["--skip-hasura", "--set", "EventEngine=threefactor"];
    let refused = cloud.deploy(&[&without_image[..], &LOGIN].concat()).await;
    assert!(
        !refused.success
            && refused
                .stderr
                .contains("EventEngine=threefactor requires EngineImage"),
        "{refused:?}"
    );
    let image = format!("EngineImage={IMAGE}");
    let deployed = cloud
        .deploy(&[&without_image[..], &["--set", &image], &LOGIN].concat())
        .await;
    assert!(
        deployed.success && deployed.stderr.contains("--set EngineImage="),
        "{deployed:?}"
    );

    let task = definition(cloud).await;
    assert_eq!(
        (&task["cpu"], &task["memory"]),
        (&json!("256"), &json!("512")),
        "{task}"
    );
    let container = named(&task["containerDefinitions"], "name", "hasura");
    assert_eq!(container["image"], IMAGE);
    let port = ports::free().expect("a free port");
    let mut engine = Program::new("engine", "/bin/sh".as_ref())
        .args(["-c", container["command"][0].as_str().expect("a script")])
        .directory(cloud.deployed.dir())
        .env("PATH", dirs::bin_dir().expect("the binaries"));
    for (name, value) in environment(cloud, container, events).await {
        engine = engine.env(name, value);
    }
    let engine = engine
        .env("HASURA_GRAPHQL_SERVER_PORT", port.to_string())
        // The program of the image contains the console.
        .env(
            "HASURA_GRAPHQL_CONSOLE_ASSETS_DIR",
            dirs::root().join("apps/console/dist"),
        )
        .start(&cloud.logs, cloud.deployed.watchdog())
        .expect("the engine starts");
    let url = format!("http://127.0.0.1:{port}");
    eventually("the engine is healthy", async || {
        let health = cloud.http.get(format!("{url}/healthz")).send().await.ok()?;
        health.status().is_success().then_some(())
    })
    .await;

    let query = "mutation {
      insert_orders(objects: {order_id: \"o-task\", user_id: \"me\", address: \"1 Main St\", restaurant_id: 1}) { affected_rows }
      insert_items(objects: {order_id: \"o-task\", item: \"pizza\"}) { affected_rows } }";
    let answer = cloud
        .as_admin(&format!("{url}/v1/graphql"), &json!({"query": query}))
        .await;
    assert_eq!(answer["data"]["insert_items"]["affected_rows"], 1, "{answer}");
    // Its events reach the functions with the secret of the task.
    until(cloud, "o-task", "validated").await;
    let trace = "SELECT count(*) FROM orders AS o JOIN order_history AS h USING (order_id, trace_id) WHERE o.order_id = 'o-task'";
    let trace: i64 = cloud
        .database
        .query_one(trace, &[])
        .await
        .expect("a count")
        .get(0);
    assert_eq!(trace, 1, "the deployed function continues the trace of the order");

    let ended = engine.stop(Signal::TERM, Duration::from_mins(1)).await;
    assert!(ended.success(), "{ended}");
}

/// The newest definition of the task.
async fn definition(cloud: &Cloud) -> Value {
    let family = format!("threefactor-{STAGE}-hasura");
    let described = ["ecs", "describe-task-definition", "--task-definition", &family];
    let described = cloud.aws(&described).await.expect("the task");
    described["taskDefinition"].clone()
}

/// Variables and secrets of the container, with the addresses of this machine.
async fn environment(cloud: &Cloud, container: &Value, events: &str) -> Vec<(String, String)> {
    let pairs = |list: &str, value: &str| -> Vec<(String, String)> {
        let entries = container[list].as_array().expect("a list").iter();
        entries
            // The emulator keeps entries that the template omits by AWS::NoValue.
            .filter(|entry| **entry != json!({}))
            .map(|entry| {
                // The emulator keeps numbers of the template, which are texts in AWS.
                let text = |key: &str| match &entry[key] {
                    Value::String(text) => text.clone(),
                    Value::Number(number) => number.to_string(),
                    other => panic!("{key} of {entry}: {other}"),
                };
                (text("name"), text(value))
            })
            .collect()
    };
    let mut variables = pairs("environment", "value");
    for (name, source) in pairs("secrets", "valueFrom") {
        let (arn, key) = source
            .strip_suffix(":password::")
            .map_or((&*source, false), |arn| (arn, true));
        let secret = cloud.secret_of(arn).await;
        let value = if key {
            let secret: Value = serde_json::from_str(&secret).expect("JSON");
            secret["password"].as_str().expect("a password").to_owned()
        } else {
            secret
        };
        variables.push((name, value));
    }
    let server = reqwest::Url::parse(&cloud.deployed.direct_url()).expect("a URL");
    let database = format!("127.0.0.1:{}/{DATABASE}", server.port().expect("a port"));
    for (name, value) in &mut variables {
        match name.as_str() {
            "DATABASE" => value.clone_from(&database),
            "FUNCTIONS_URL" => events.clone_into(value),
            "JWT_CONFIGURATION" => *value = cloud.jwt_configuration().await,
            _ => {}
        }
    }
    variables
}
