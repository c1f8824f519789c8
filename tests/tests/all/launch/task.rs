//! The engine of this repository on Fargate (`EventEngine=threefactor`): the task that the stack defines, with the engine of this build in
//! place of the image. What the image contains is in docs/deploy.md.

use std::time::Duration;

use local_process::dirs;
use local_process::ports;
use local_process::process::{Program, Running, Signal};
use serde_json::{Value, json};
use testkit::eventually;

use super::cloud::{Cloud, DATABASE};
use super::commands::{STAGE, named};
use super::{LOGIN, until};

const IMAGE: &str = "000000000000.dkr.ecr.eu-central-1.amazonaws.com/threefactor-engine:0.1.0";

pub(super) async fn runs_the_engine_of_this_repository(cloud: &Cloud) {
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
    // The engine of this build contains no console.
    let settings = ["--set", &image, "--set", "EnableConsole=false"];
    let deployed = cloud
        .deploy(&[&without_image[..], &settings, &LOGIN].concat())
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
    assert_eq!(
        container["dependsOn"],
        json!([{"containerName": "roles", "condition": "SUCCESS"}])
    );
    let (url, engine) = start(cloud, container).await;
    let order = "of-the-task";
    let query = "mutation ($id: String!) {
      insert_orders(objects: {order_id: $id, user_id: \"me\", address: \"1 Main St\", restaurant_id: 1}) { affected_rows }
      insert_items(objects: {order_id: $id, item: \"pizza\"}) { affected_rows } }";
    let body = json!({"query": query, "variables": {"id": order}});
    let answer = cloud.as_admin(&format!("{url}/v1/graphql"), &body).await;
    assert_eq!(answer["data"]["insert_items"]["affected_rows"], 1, "{answer}");
    until(cloud, order, "validated").await;
    engine.stop(Signal::TERM, Duration::from_secs(20)).await;
}

/// Runs the command of the container as Fargate does, with its environment and secrets, and waits until it is healthy. Returns its address.
async fn start(cloud: &Cloud, container: &Value) -> (String, Running) {
    let mut env = Vec::new();
    let entries = |list: &str| container[list].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    for variable in entries("environment") {
        env.push((text(&variable["name"]), text(&variable["value"])));
    }
    for secret in entries("secrets") {
        let value = secret_at(cloud, &text(&secret["valueFrom"])).await;
        env.push((text(&secret["name"]), value));
    }
    let names: Vec<&str> = env.iter().map(|(name, _)| name.as_str()).collect();
    for needed in [
        "PROGRAM",
        "HASURA_PASSWORD",
        "HASURA_GRAPHQL_ADMIN_SECRET",
        "WEBHOOK_SECRET",
    ] {
        assert!(names.contains(&needed), "{needed}: {names:?}");
    }
    let database = env.iter().find(|(name, _)| name == "DATABASE");
    assert!(
        database.is_some_and(|(_, address)| address.ends_with(&format!("/{DATABASE}"))),
        "{database:?}"
    );

    // What differs on this machine: the database and its authority, addresses of the emulator that need no DNS, and the port.
    let direct = reqwest::Url::parse(&cloud.deployed.direct_url()).expect("a URL");
    let port = ports::free().expect("a free port");
    let bin_dir = dirs::bin_dir().expect("the binaries");
    let here = [
        (
            "DATABASE",
            format!("127.0.0.1:{}/{DATABASE}", direct.port().expect("a port")),
        ),
        // Stored by the first container on AWS.
        ("PGSSLROOTCERT", cloud.authority_file().display().to_string()),
        ("FUNCTIONS_URL", cloud.events_api().await),
        ("JWT_CONFIGURATION", cloud.jwt_configuration().await),
        ("HASURA_GRAPHQL_SERVER_HOST", "127.0.0.1".to_owned()),
        ("HASURA_GRAPHQL_SERVER_PORT", port.to_string()),
        ("PATH", format!("{}:/usr/bin:/bin", bin_dir.display())),
    ];
    env.retain(|(name, _)| here.iter().all(|(other, _)| name != other));
    env.extend(here.map(|(name, value)| (name.to_owned(), value)));

    let mut words = entries("entryPoint").into_iter().chain(entries("command"));
    let shell = text(&words.next().expect("an entry point"));
    let mut program = Program::new("task", shell.as_ref()).args(words.map(|word| text(&word)));
    for (name, value) in &env {
        program = program.env(name, value);
    }
    let log = cloud.deployed.dir().join("task.log");
    let running = program
        .start_logging_to(&log, cloud.deployed.watchdog())
        .expect("the shell starts");
    let url = format!("http://127.0.0.1:{port}");
    let health = format!("{url}/healthz");
    eventually("the task is healthy", async || {
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        assert!(running.status().is_none(), "the task ended: {said}");
        let answer = cloud.http.get(&health).send().await.ok()?;
        answer.status().is_success().then_some(())
    })
    .await;
    (url, running)
}

/// Value of a secret, or of one of its fields: `ARN` or `ARN:FIELD::`.
async fn secret_at(cloud: &Cloud, reference: &str) -> String {
    let parts: Vec<&str> = reference.splitn(8, ':').collect();
    let (arn, field) = parts.split_at(7);
    let value = cloud.secret_of(&arn.join(":")).await;
    match field.first().and_then(|field| field.strip_suffix("::")) {
        None => value,
        Some(field) => {
            let fields: Value = serde_json::from_str(&value).expect("JSON");
            fields[field].as_str().expect("a field").to_owned()
        }
    }
}

/// The newest definition of the task.
async fn definition(cloud: &Cloud) -> Value {
    let family = format!("threefactor-{STAGE}-hasura");
    let described = ["ecs", "describe-task-definition", "--task-definition", &family];
    let described = cloud.aws(&described).await.expect("the task");
    described["taskDefinition"].clone()
}
