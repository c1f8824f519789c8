//! The engine of this repository on Fargate (`EventEngine=threefactor`): the task that the stack defines. Its container is not run;
//! what the image contains is in docs/deploy.md.

use serde_json::{Value, json};

use super::LOGIN;
use super::cloud::Cloud;
use super::commands::{STAGE, named};

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
    let script = container["command"][0].as_str().expect("a script");
    assert!(script.contains("exec $PROGRAM"), "{script}");
    let program = named(&container["environment"], "name", "PROGRAM");
    assert_eq!(program["value"], "engine");
}

/// The newest definition of the task.
async fn definition(cloud: &Cloud) -> Value {
    let family = format!("threefactor-{STAGE}-hasura");
    let described = ["ecs", "describe-task-definition", "--task-definition", &family];
    let described = cloud.aws(&described).await.expect("the task");
    described["taskDefinition"].clone()
}
