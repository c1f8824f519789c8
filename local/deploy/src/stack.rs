//! The CloudFormation stack: packages its templates, applies changes and follows them.

use std::collections::HashMap;
use std::io::Write as _;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::aws::{Aws, CommandError};
use super::events::Follower;
use super::{Plan, read, root_of_target};

/// Managed prefix list of CloudFront's addresses, which exists in every region.
const CLOUDFRONT_PREFIX_LIST: &str = "com.amazonaws.global.cloudfront.origin-facing";

/// Name of the stack; CloudFormation requires a letter at the start.
pub(super) fn name(stage: &str) -> String {
    format!("threefactor-{stage}")
}

/// Names of the parameters of infra/main.yaml.
pub(super) fn parameters() -> Result<Vec<String>> {
    let template = read("infra/main.yaml")?;
    let section = template
        .split("\nParameters:\n")
        .nth(1)
        .context("infra/main.yaml has no parameters")?;
    let lines = section
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with(' '));
    Ok(lines
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'))
        .filter(|name| !name.starts_with(' '))
        .map(str::to_owned)
        .collect())
}

/// A stage's stack, existing or not.
#[derive(Debug)]
pub(super) struct Stack {
    name: String,
    status: Option<String>,
    parameters: HashMap<String, String>,
    outputs: HashMap<String, String>,
}

impl Stack {
    pub(super) async fn find(aws: &Aws, stage: &str) -> Result<Self> {
        let name = name(stage);
        let described = aws
            .json(["cloudformation", "describe-stacks", "--stack-name", &name])
            .await;
        let described = match described {
            Ok(described) => described["Stacks"][0].clone(),
            Err(error) if is_absent(&error) => Value::Null,
            Err(error) => return Err(error.context(format!("cannot describe the stack {name}"))),
        };
        let pairs = |list: &str, key: &str, value: &str| {
            let entries = described[list].as_array().into_iter().flatten();
            entries
                .filter_map(|entry| {
                    Some((entry[key].as_str()?.to_owned(), entry[value].as_str()?.to_owned()))
                })
                .collect()
        };
        Ok(Self {
            parameters: pairs("Parameters", "ParameterKey", "ParameterValue"),
            outputs: pairs("Outputs", "OutputKey", "OutputValue"),
            status: described["StackStatus"].as_str().map(str::to_owned),
            name,
        })
    }

    pub(super) fn exists(&self) -> bool {
        self.status.is_some()
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn output(&self, name: &str) -> Option<&str> {
        self.outputs.get(name).map(String::as_str)
    }

    /// Current value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// Creates or updates the stack and returns its new state. On failure the error names the resources and reasons,
    /// and CloudFormation has rolled the change back.
    pub(super) async fn apply(mut self, aws: &Aws, parameters: &[(String, String)]) -> Result<Self> {
        match self.status.as_deref() {
            // A failed first launch: the stack is empty and cannot be updated.
            Some("ROLLBACK_COMPLETE" | "REVIEW_IN_PROGRESS" | "ROLLBACK_FAILED") => {
                eprintln!("removing resources of the failed first launch of {}", self.name);
                self.delete(aws).await?;
                self.status = None;
            }
            Some(status) if status.ends_with("_IN_PROGRESS") => {
                bail!(
                    "{} is being changed ({status}); retry when that has completed",
                    self.name
                )
            }
            Some("UPDATE_ROLLBACK_FAILED") => bail!(
                "rollback of {} failed; check its events in the AWS console, then run \
                 `aws cloudformation continue-update-rollback --stack-name {}`",
                self.name,
                self.name
            ),
            _ => {}
        }
        let template = package(aws, &bucket(aws).await?).await?;
        let follower = Follower::since_now(aws, &self.name).await;
        let mut args: Vec<String> = [
            "cloudformation",
            "deploy",
            "--no-execute-changeset",
            "--no-fail-on-empty-changeset",
            "--stack-name",
            &self.name,
            "--template-file",
            &template,
            "--capabilities",
            "CAPABILITY_NAMED_IAM",
            "--parameter-overrides",
        ]
        .map(str::to_owned)
        .to_vec();
        args.extend(parameters.iter().map(|(name, value)| format!("{name}={value}")));
        let said = aws
            .text(&args)
            .await
            .context("CloudFormation rejected the stack")?;
        let Some(change) = said
            .split_whitespace()
            .find(|word| word.starts_with("arn:") && word.contains(":changeSet/"))
        else {
            eprintln!("{} is up to date", self.name);
            return Self::reload(aws, &self.name).await;
        };
        let verb = if self.exists() { "updating" } else { "creating" };
        eprintln!("{verb} {}", self.name);
        aws.text([
            "cloudformation",
            "execute-change-set",
            "--change-set-name",
            change,
        ])
        .await
        .context("CloudFormation did not start the update")?;
        follower.follow(aws).await?;
        Self::reload(aws, &self.name).await
    }

    async fn reload(aws: &Aws, name: &str) -> Result<Self> {
        let stage = name.strip_prefix("threefactor-").unwrap_or(name);
        Self::find(aws, stage).await
    }

    /// Deletes the stack and its resources; a database leaves a snapshot.
    pub(super) async fn delete(&self, aws: &Aws) -> Result<()> {
        let follower = Follower::since_now(aws, &self.name).await;
        aws.text(["cloudformation", "delete-stack", "--stack-name", &self.name])
            .await
            .context("CloudFormation did not start the deletion")?;
        follower.follow(aws).await
    }
}

fn is_absent(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<CommandError>()
        .is_some_and(|refused| refused.message().contains("does not exist"))
}

/// Bucket for templates and zips, shared by all stages of an account and region.
fn bucket_name(aws: &Aws) -> String {
    format!("threefactor-artifacts-{}-{}", aws.account(), aws.region())
}

/// Creates the bucket if it does not exist.
async fn bucket(aws: &Aws) -> Result<String> {
    let bucket = bucket_name(aws);
    if aws
        .text(["s3api", "head-bucket", "--bucket", &bucket])
        .await
        .is_ok()
    {
        return Ok(bucket);
    }
    eprintln!("creating the bucket {bucket} for templates and zips");
    let mut create = vec!["s3api", "create-bucket", "--bucket", &bucket];
    let constraint = format!("LocationConstraint={}", aws.region());
    if aws.region() != "us-east-1" {
        create.extend(["--create-bucket-configuration", &constraint]);
    }
    aws.text(create)
        .await
        .with_context(|| format!("cannot create the bucket {bucket}"))?;
    // AWS blocks public access by default; explicit for accounts with other defaults.
    let block =
        "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true";
    aws.text([
        "s3api",
        "put-public-access-block",
        "--bucket",
        &bucket,
        "--public-access-block-configuration",
        block,
    ])
    .await
    .with_context(|| format!("cannot block public access to the bucket {bucket}"))?;
    // Objects that no stack refers to are useless after a quarter of a year.
    let rules = json!({"Rules": [{
        "ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 90},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }]});
    aws.text([
        "s3api",
        "put-bucket-lifecycle-configuration",
        "--bucket",
        &bucket,
        "--lifecycle-configuration",
        &rules.to_string(),
    ])
    .await
    .with_context(|| format!("cannot set the lifecycle of the bucket {bucket}"))?;
    Ok(bucket)
}

/// Uploads templates and zips; returns the path of a template that refers to them.
async fn package(aws: &Aws, bucket: &str) -> Result<String> {
    let root = root_of_target()?;
    let packaged = root.join("target").join("deploy").join("main.yaml");
    if let Some(dir) = packaged.parent() {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    }
    eprintln!("uploading templates and zips to {bucket}");
    let packaged = packaged.display().to_string();
    let template = root.join("infra/main.yaml").display().to_string();
    aws.text([
        "cloudformation",
        "package",
        "--template-file",
        &template,
        "--s3-bucket",
        bucket,
        "--s3-prefix",
        "stacks",
        "--output-template-file",
        &packaged,
    ])
    .await
    .context("cannot upload templates and zips")?;
    Ok(packaged)
}

/// The parameter with which Hasura's load balancer admits CloudFront, if it is needed and not set.
pub(super) async fn prefix_list(aws: &Aws, plan: &Plan, stack: &Stack) -> Result<Option<(String, String)>> {
    const PARAMETER: &str = "CloudFrontPrefixListId";
    let value = |name: &str| plan.value(name).or(stack.parameter(name)).unwrap_or_default();
    if value("EnableHasura") == "false"
        || !value("HasuraCertificateArn").is_empty()
        || !value(PARAMETER).is_empty()
    {
        return Ok(None);
    }
    let lists = aws
        .json([
            "ec2",
            "describe-managed-prefix-lists",
            "--filters",
            &format!("Name=prefix-list-name,Values={CLOUDFRONT_PREFIX_LIST}"),
        ])
        .await
        .context("cannot read CloudFront's prefix list")?;
    let id = lists["PrefixLists"][0]["PrefixListId"].as_str().with_context(|| {
        format!(
            "region {} has no prefix list {CLOUDFRONT_PREFIX_LIST}; pass --set {PARAMETER}=pl-…, or a certificate for Hasura with --set \
             HasuraCertificateArn=… and HasuraDomainName=…",
            aws.region()
        )
    })?;
    Ok(Some((PARAMETER.to_owned(), id.to_owned())))
}

/// Asks on the terminal; only the exact word confirms.
pub(super) fn ask(question: &str, word: &str) -> Result<bool> {
    let mut out = std::io::stderr();
    write!(out, "{question} ")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .context("cannot read the answer")?;
    Ok(answer.trim() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_from_the_template() {
        let names = parameters().unwrap();
        for name in ["Stage", "EnableNat", "AgentAssignmentSha256", "ExistingHasuraUrl"] {
            assert!(names.iter().any(|found| found == name), "{name} in {names:?}");
        }
        assert!(
            !names
                .iter()
                .any(|name| name == "Rules" || name == "Network" || name == "Type")
        );
    }
}
