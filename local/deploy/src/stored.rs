//! Secrets that the command creates and passes to the stack by ARN, because their content is made on this machine.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::aws::Aws;

/// Stores a new secret; returns its ARN. The name contains the time, so that [`all`] is ordered.
pub(super) async fn create(
    aws: &Aws,
    stage: &str,
    kind: &str,
    description: &str,
    content: &str,
) -> Result<String> {
    let made = call(
        aws,
        "create-secret",
        &json!({
            "Name": format!("{}{}", prefix(stage, kind), OffsetDateTime::now_utc().unix_timestamp()),
            "Description": format!("3factor {stage}: {description}"),
            "SecretString": content,
            "Tags": [{"Key": "threefactor:stage", "Value": stage}],
        }),
    )
    .await
    .with_context(|| format!("cannot store the secret: {description}"))?;
    Ok(made["ARN"].as_str().context("the secret has no ARN")?.to_owned())
}

/// Stores a new value of a secret.
pub(super) async fn update(aws: &Aws, arn: &str, content: &str) -> Result<()> {
    let input = json!({"SecretId": arn, "SecretString": content});
    call(aws, "put-secret-value", &input)
        .await
        .with_context(|| format!("cannot update the secret {arn}"))?;
    Ok(())
}

/// ARNs of all secrets of a kind, newest first.
pub(super) async fn all(aws: &Aws, stage: &str, kind: &str) -> Result<Vec<String>> {
    let prefix = prefix(stage, kind);
    let listed = aws
        .json([
            "secretsmanager",
            "list-secrets",
            "--filters",
            &format!("Key=name,Values={prefix}"),
        ])
        .await
        .context("cannot list the secrets")?;
    let mut found: Vec<(String, String)> = listed["SecretList"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|secret| {
            Some((
                secret["Name"].as_str()?.to_owned(),
                secret["ARN"].as_str()?.to_owned(),
            ))
        })
        .filter(|(name, _)| name.starts_with(&prefix))
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    Ok(found.into_iter().map(|(_, arn)| arn).collect())
}

fn prefix(stage: &str, kind: &str) -> String {
    format!("threefactor/{stage}/{kind}/")
}

/// Passes the input in a file and not as an argument: every local user can read a command line.
async fn call(aws: &Aws, command: &str, input: &Value) -> Result<Value> {
    let mut file = tempfile::NamedTempFile::new()?;
    write!(file, "{input}")?;
    let path = format!("file://{}", file.path().display());
    aws.json(["secretsmanager", command, "--cli-input-json", &path])
        .await
}
