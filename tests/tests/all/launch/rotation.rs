//! Rotation of a secret on the launched stage, and the restart of Hasura after it.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{eventually, eventually_within};

use super::cloud::Cloud;
use super::commands::STAGE;

/// A rule calls hasura-restart each minute.
const RESTART: Duration = Duration::from_mins(4);

/// State of Hasura's service.
#[derive(Debug)]
pub(super) struct Hasura {
    /// Versions of the secrets that its tasks have read, as hasura-restart records them.
    read: String,
    /// Deployment to which its tasks belong.
    deployment: String,
}

/// Secrets Manager calls the deployed rotate-secret. The engine sends the previous secret until its restart, and is admitted. Returns
/// the service before the rotation.
pub(super) async fn renews_the_webhook_secret(cloud: &Cloud, events: &str) -> Hasura {
    let former = eventually_within(
        RESTART,
        "the versions of the first tasks are recorded",
        async || hasura(cloud).await,
    )
    .await;
    let arn = cloud.output("WebhookSecretArn").await;
    let before = cloud.secret_of(&arn).await;
    let rotate = ["secretsmanager", "rotate-secret", "--secret-id", &arn];
    assert!(cloud.aws(&rotate).await.is_some(), "the secret has a schedule");
    let after = eventually("the webhook secret is rotated", async || {
        let value = cloud.secret_of(&arn).await;
        (value != before).then_some(value)
    })
    .await;
    assert!(after.len() == 40 && after.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let url = format!("{events}/validate-order");
    let unknown = json!({"order_id": "unknown"});
    let (status, answer, _) = cloud.post(&url, &unknown, Some(&before)).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (404, &json!("order_not_found"))
    );
    former
}

/// Waits until another deployment has completed, whose tasks have read the current version.
pub(super) async fn restarts_hasura(cloud: &Cloud, former: &Hasura) {
    let arn = cloud.output("WebhookSecretArn").await;
    let describe = ["secretsmanager", "describe-secret", "--secret-id", &arn];
    let secret = cloud.aws(&describe).await.expect("the secret");
    let versions = secret["VersionIdsToStages"].as_object().expect("the versions");
    let is_current = |labels: &Value| {
        labels
            .as_array()
            .is_some_and(|labels| labels.contains(&json!("AWSCURRENT")))
    };
    let (current, _) = versions
        .iter()
        .find(|(_, labels)| is_current(labels))
        .expect("a current version");
    assert!(!former.read.contains(current.as_str()), "{former:?}");
    let restarted = eventually_within(RESTART, "the tasks have the new secret", async || {
        hasura(cloud)
            .await
            .filter(|hasura| hasura.read.contains(current.as_str()))
    })
    .await;
    assert_ne!(restarted.deployment, former.deployment);
}

/// `None` before hasura-restart was called.
async fn hasura(cloud: &Cloud) -> Option<Hasura> {
    let cluster = format!("threefactor-{STAGE}");
    let services = [
        "ecs",
        "describe-services",
        "--cluster",
        &cluster,
        "--services",
        "hasura",
        "--include",
        "TAGS",
    ];
    let services = cloud.aws(&services).await?;
    let service = &services["services"][0];
    let tags = service["tags"].as_array()?;
    let read = tags.iter().find(|tag| tag["key"] == "threefactor:secrets")?;
    let deployments = service["deployments"].as_array()?;
    let primary = deployments
        .iter()
        .find(|deployment| deployment["status"] == "PRIMARY")?;
    Some(Hasura {
        read: read["value"].as_str()?.to_owned(),
        deployment: primary["id"].as_str()?.to_owned(),
    })
}
