//! The stack: its templates packaged into a bucket, its change made and followed to its end.

use std::collections::HashMap;
use std::io::Write as _;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::aws::{Aws, CommandError};
use super::events::Follower;
use super::{Plan, read, root_of_target};

/// CloudFront's addresses, as every region keeps them.
const CLOUDFRONT_PREFIX_LIST: &str = "com.amazonaws.global.cloudfront.origin-facing";

/// The stack's name; CloudFormation wants it to begin with a letter.
pub(super) fn name(stage: &str) -> String {
    format!("threefactor-{stage}")
}

/// The parameters that infra/main.yaml has.
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

/// A stage's stack, there or not.
#[derive(Debug)]
pub(super) struct Stack {
    name: String,
    status: Option<String>,
    parameters: HashMap<String, String>,
    outputs: HashMap<String, String>,
}

impl Stack {
    /// Looks for it.
    pub(super) async fn find(aws: &Aws, stage: &str) -> Result<Self> {
        let name = name(stage);
        let described = aws
            .json(["cloudformation", "describe-stacks", "--stack-name", &name])
            .await;
        let described = match described {
            Ok(described) => described["Stacks"][0].clone(),
            Err(error) if is_absent(&error) => Value::Null,
            Err(error) => return Err(error.context(format!("cannot look at the stack {name}"))),
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

    /// Whether it is there.
    pub(super) fn exists(&self) -> bool {
        self.status.is_some()
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What it says of itself.
    pub(super) fn output(&self, name: &str) -> Option<&str> {
        self.outputs.get(name).map(String::as_str)
    }

    /// What it was told.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// Brings it to what the templates and parameters say; answers what it is then.
    ///
    /// # Errors
    /// When AWS refuses, or a resource fails; the message says which and why, and AWS has taken the change back.
    pub(super) async fn apply(mut self, aws: &Aws, parameters: &[(String, String)]) -> Result<Self> {
        match self.status.as_deref() {
            // A first launch that failed: nothing is in it, and AWS takes no change to it.
            Some("ROLLBACK_COMPLETE" | "REVIEW_IN_PROGRESS" | "ROLLBACK_FAILED") => {
                eprintln!("removing what a failed first launch of {} has left", self.name);
                self.delete(aws).await?;
                self.status = None;
            }
            Some(status) if status.ends_with("_IN_PROGRESS") => {
                bail!(
                    "{} is being changed right now ({status}): try again when that is done",
                    self.name
                )
            }
            Some("UPDATE_ROLLBACK_FAILED") => bail!(
                "{} could not be taken back to what it was: look at its events in the console of CloudFormation, then \
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
        let said = aws.text(&args).await.context("AWS does not take the stack")?;
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
        .context("AWS does not begin the change")?;
        follower.follow(aws).await?;
        Self::reload(aws, &self.name).await
    }

    async fn reload(aws: &Aws, name: &str) -> Result<Self> {
        let stage = name.strip_prefix("threefactor-").unwrap_or(name);
        Self::find(aws, stage).await
    }

    /// Deletes it and everything in it; a database leaves a snapshot.
    pub(super) async fn delete(&self, aws: &Aws) -> Result<()> {
        let follower = Follower::since_now(aws, &self.name).await;
        aws.text(["cloudformation", "delete-stack", "--stack-name", &self.name])
            .await
            .context("AWS does not begin to delete the stack")?;
        follower.follow(aws).await
    }
}

fn is_absent(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<CommandError>()
        .is_some_and(|refused| refused.message().contains("does not exist"))
}

/// The bucket for templates and zips, one for all stages of an account and region.
fn bucket_name(aws: &Aws) -> String {
    format!("threefactor-artifacts-{}-{}", aws.account(), aws.region())
}

/// Makes it if it is not there.
async fn bucket(aws: &Aws) -> Result<String> {
    let bucket = bucket_name(aws);
    if aws
        .text(["s3api", "head-bucket", "--bucket", &bucket])
        .await
        .is_ok()
    {
        return Ok(bucket);
    }
    eprintln!("making the bucket {bucket} for templates and zips");
    let mut create = vec!["s3api", "create-bucket", "--bucket", &bucket];
    let constraint = format!("LocationConstraint={}", aws.region());
    if aws.region() != "us-east-1" {
        create.extend(["--create-bucket-configuration", &constraint]);
    }
    aws.text(create)
        .await
        .with_context(|| format!("cannot make the bucket {bucket}"))?;
    // Encryption and the block of public access are AWS' defaults by now; said once more for accounts that changed them.
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
    .with_context(|| format!("cannot close the bucket {bucket} to the public"))?;
    // What no stack points to any more is of no use after a quarter of a year.
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

/// Uploads templates and zips; answers the path of a template that points to them.
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

/// The parameter by which Hasura's load balancer admits CloudFront, where it needs that and nobody has given it.
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
        .context("cannot ask for CloudFront's addresses")?;
    let id = lists["PrefixLists"][0]["PrefixListId"].as_str().with_context(|| {
        format!(
            "{} knows no prefix list {CLOUDFRONT_PREFIX_LIST}: give --set {PARAMETER}=pl-…, or Hasura a certificate by --set \
             HasuraCertificateArn=… and HasuraDomainName=…",
            aws.region()
        )
    })?;
    Ok(Some((PARAMETER.to_owned(), id.to_owned())))
}

/// Asks on the terminal; only the exact word counts.
pub(super) fn ask(question: &str, word: &str) -> Result<bool> {
    let mut out = std::io::stderr();
    write!(out, "{question} ")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .context("cannot read your answer")?;
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
