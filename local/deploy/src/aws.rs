//! The AWS CLI: found, asked, and its answers read.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tokio::process::Command;

use local_tools::programs;
use local_tools::python::Tools;

/// An AWS CLI that is logged in somewhere.
#[derive(Debug, Clone)]
pub(super) struct Aws {
    program: PathBuf,
    account: String,
    arn: String,
    region: String,
}

/// AWS refused something.
#[derive(Debug, thiserror::Error)]
#[error("aws {command}: {message}")]
pub(super) struct CommandError {
    command: String,
    message: String,
}

impl CommandError {
    /// What the CLI wrote.
    pub(super) fn message(&self) -> &str {
        &self.message
    }
}

impl Aws {
    /// Finds the CLI (this machine's, or else the one of our Python tools) and whom it speaks for.
    ///
    /// # Errors
    /// When there are no credentials or no region; the message says how to give them.
    pub(super) async fn ready() -> Result<Self> {
        let program = find().await?;
        let mut aws = Self {
            program,
            account: String::new(),
            arn: String::new(),
            region: String::new(),
        };
        aws.region = aws.find_region().await?;
        let identity = aws
            .json(["sts", "get-caller-identity"])
            .await
            .context(
                "AWS does not know who you are: log in (aws sso login, aws configure) or set AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY; AWS_PROFILE chooses among several",
            )?;
        for (field, place) in [("Account", &mut aws.account), ("Arn", &mut aws.arn)] {
            identity[field].as_str().unwrap_or_default().clone_into(place);
        }
        Ok(aws)
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
            bail!("no region is chosen: set AWS_REGION, for example to eu-central-1, or run aws configure");
        }
        Ok(configured.to_owned())
    }

    /// The account's number.
    pub(super) fn account(&self) -> &str {
        &self.account
    }

    /// The region.
    pub(super) fn region(&self) -> &str {
        &self.region
    }

    /// Who we are there.
    pub(super) fn identity(&self) -> &str {
        &self.arn
    }

    /// Says who we are there, before something is changed.
    pub(super) fn print_identity(&self) {
        eprintln!("as {} in {}", self.arn, self.region);
    }

    /// Runs a command and reads its answer; null where it answers nothing.
    pub(super) async fn json(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Value> {
        let text = self.text(args).await?;
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).context("the AWS CLI did not answer with JSON")
    }

    /// Runs a command; answers what it prints.
    pub(super) async fn text(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<String> {
        let mut command = Command::new(&self.program);
        command.args(args);
        if !self.region.is_empty() {
            // One region for everything, whichever variable or file it came from.
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

    /// The value of a secret.
    pub(super) async fn secret(&self, arn: &str) -> Result<String> {
        let answer = self
            .json(["secretsmanager", "get-secret-value", "--secret-id", arn])
            .await
            .with_context(|| format!("cannot read the secret {arn}"))?;
        let text = answer["SecretString"].as_str();
        Ok(text
            .with_context(|| format!("the secret {arn} holds no text"))?
            .to_owned())
    }
}

/// A CLI that runs: an `aws` on the PATH may be a shim that leads nowhere.
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
        .context("the AWS CLI is missing and could not be installed: pip install awscli, or see https://aws.amazon.com/cli")?;
    Ok(tools.program("aws"))
}
