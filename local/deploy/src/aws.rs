//! The AWS CLI.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tokio::process::Command;

use local_tools::programs;
use local_tools::python::Tools;

/// An authenticated AWS CLI.
#[derive(Debug, Clone)]
pub(super) struct Aws {
    program: PathBuf,
    account: String,
    arn: String,
    region: String,
    /// Role with which CloudFormation changes resources; `None` for the caller's rights.
    service_role: Option<String>,
}

/// The AWS CLI failed.
#[derive(Debug, thiserror::Error)]
#[error("aws {command}: {message}")]
struct CommandError {
    command: String,
    message: String,
}

/// The CLI's stderr, if an error comes from it.
pub(super) fn message(error: &anyhow::Error) -> &str {
    error
        .downcast_ref::<CommandError>()
        .map_or("", |refused| refused.message.as_str())
}

impl Aws {
    /// Finds the CLI (on the PATH, or else in the Python tools), the region and the identity.
    pub(super) async fn ready() -> Result<Self> {
        let program = find().await?;
        let mut aws = Self {
            program,
            account: String::new(),
            arn: String::new(),
            region: String::new(),
            service_role: None,
        };
        aws.region = aws.find_region().await?;
        let identity = aws.json(["sts", "get-caller-identity"]).await.context(
            "no AWS credentials: log in (aws sso login, aws configure), or set AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY; AWS_PROFILE selects a profile",
        )?;
        for (field, place) in [("Account", &mut aws.account), ("Arn", &mut aws.arn)] {
            identity[field].as_str().unwrap_or_default().clone_into(place);
        }
        Ok(aws)
    }

    /// Lets CloudFormation change resources with this role.
    pub(super) fn with_service_role(self, service_role: Option<String>) -> Self {
        Self { service_role, ..self }
    }

    pub(super) fn service_role(&self) -> Option<&str> {
        self.service_role.as_deref()
    }

    async fn find_region(&self) -> Result<String> {
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            if let Ok(region) = std::env::var(name)
                && !region.is_empty()
            {
                return Ok(region);
            }
        }
        let configured = self
            .text(["configure", "get", "region"])
            .await
            .unwrap_or_default();
        let configured = configured.trim();
        if configured.is_empty() {
            bail!(
                "no AWS region configured; set AWS_REGION, for example to eu-central-1, or run aws configure"
            );
        }
        Ok(configured.to_owned())
    }

    pub(super) fn account(&self) -> &str {
        &self.account
    }

    pub(super) fn region(&self) -> &str {
        &self.region
    }

    /// Partition of the region: `aws`, `aws-cn` or `aws-us-gov`.
    pub(super) fn partition(&self) -> &str {
        self.arn.split(':').nth(1).unwrap_or("aws")
    }

    /// ARN of the caller.
    pub(super) fn identity(&self) -> &str {
        &self.arn
    }

    /// Prints the identity before anything is changed.
    pub(super) fn print_identity(&self) {
        eprintln!("as {} in {}", self.arn, self.region);
    }

    /// Runs a command and parses its output; null for empty output.
    pub(super) async fn json(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Value> {
        let text = self.text(args).await?;
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).context("output of the AWS CLI is not valid JSON")
    }

    /// Runs a command; returns its output.
    pub(super) async fn text(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<String> {
        let mut command = Command::new(&self.program);
        command.args(args);
        if !self.region.is_empty() {
            // The same region for every call, whether it came from a variable or a file.
            command
                .env("AWS_REGION", &self.region)
                .env("AWS_DEFAULT_REGION", &self.region);
        }
        let output = command
            .env("AWS_DEFAULT_OUTPUT", "json")
            .env("AWS_PAGER", "")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .with_context(|| format!("cannot run {}", self.program.display()))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let shown = command
            .as_std()
            .get_args()
            .take(2)
            .map(OsStr::to_string_lossy)
            .collect::<Vec<_>>()
            .join(" ");
        let said = String::from_utf8_lossy(&output.stderr);
        Err(CommandError {
            command: shown,
            message: said.trim().to_owned(),
        }
        .into())
    }

    pub(super) async fn secret(&self, arn: &str) -> Result<String> {
        let answer = self
            .json(["secretsmanager", "get-secret-value", "--secret-id", arn])
            .await
            .with_context(|| format!("cannot read the secret {arn}"))?;
        let text = answer["SecretString"].as_str();
        Ok(text
            .with_context(|| format!("secret {arn} has no text value"))?
            .to_owned())
    }
}

/// A CLI that runs: an `aws` on the PATH may be a broken shim.
async fn find() -> Result<PathBuf> {
    if let Some(found) = programs::find("aws") {
        let works = Command::new(&found)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .await
            .is_ok_and(|output| output.status.success());
        if works {
            return Ok(found);
        }
    }
    let tools = Tools::ready()
        .context("the AWS CLI is missing and cannot be installed; run pip install awscli, or see https://aws.amazon.com/cli")?;
    Ok(tools.program("aws"))
}
