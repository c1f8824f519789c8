//! The CloudFormation stack: its state, and changes to it.

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::aws::{Aws, message};
use super::database;
use super::events::Follower;
use super::package::Package;
use super::template::Values;

/// Managed prefix list of CloudFront's addresses, which exists in every region.
const CLOUDFRONT_PREFIX_LIST: &str = "com.amazonaws.global.cloudfront.origin-facing";

/// Parameter with the id of that list.
pub(super) const PREFIX_LIST: &str = "CloudFrontPrefixListId";

/// Parameter that is `true` until the first launch has succeeded; nothing is protected before, so that a failed one can be deleted.
pub(super) const FIRST_LAUNCH: &str = "FirstLaunch";

/// Maximum time to wait for a change that another process has started, and the time between two looks at it.
const CHANGE: Duration = Duration::from_hours(1);
const PAUSE: Duration = Duration::from_secs(5);

/// Name of the stack; CloudFormation requires a letter at the start.
pub(super) fn name(stage: &str) -> String {
    format!("threefactor-{stage}")
}

/// A stage's stack, existing or not.
#[derive(Debug)]
pub(super) struct Stack {
    name: String,
    stage: String,
    id: Option<String>,
    status: Option<String>,
    created: Option<String>,
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
            id: described["StackId"].as_str().map(str::to_owned),
            created: described["CreationTime"].as_str().map(str::to_owned),
            stage: stage.to_owned(),
            name,
        })
    }

    pub(super) fn exists(&self) -> bool {
        self.status.is_some()
    }

    /// Whether the stack was launched once, so that it can be updated.
    pub(super) fn is_launched(&self) -> bool {
        self.exists() && !self.launch_failed()
    }

    /// Whether the stack is what remains of a failed first launch, which cannot be updated. Its deletion may have failed as well.
    fn launch_failed(&self) -> bool {
        match self.status.as_deref() {
            Some("ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "REVIEW_IN_PROGRESS") => true,
            Some("DELETE_FAILED") => self.parameter(FIRST_LAUNCH) == Some("true"),
            _ => false,
        }
    }

    /// Parameters of a failed first launch, with which the next one repeats it. Empty for any other stack, whose parameters
    /// CloudFormation keeps.
    pub(super) fn carried(&self) -> BTreeMap<String, String> {
        let all = self.parameters.iter().filter(|_| self.launch_failed());
        all.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Current parameters.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// State of the stack; `None` if it does not exist.
    pub(super) fn status(&self) -> Option<&str> {
        self.status.as_deref()
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn stage(&self) -> &str {
        &self.stage
    }

    pub(super) fn output(&self, name: &str) -> Option<&str> {
        self.outputs.get(name).map(String::as_str)
    }

    /// Current value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// Creates or updates the stack from a packaged template and returns its new state. On failure the error names the resources and
    /// reasons, and CloudFormation has rolled the change back.
    pub(super) async fn apply(
        mut self,
        aws: &Aws,
        package: &Package,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Self> {
        self.refuse_unless_stable()?;
        if self.launch_failed() {
            self.remove_failed_launch(aws).await?;
            self.status = None;
        }
        let mut args: Vec<String> = [
            "cloudformation",
            "deploy",
            "--no-execute-changeset",
            "--no-fail-on-empty-changeset",
            "--stack-name",
            &self.name,
            "--template-file",
            &package.template,
            // Templates of more than 51 200 bytes are read from a bucket.
            "--s3-bucket",
            &package.bucket,
            "--s3-prefix",
            &package.prefix,
            "--capabilities",
            "CAPABILITY_NAMED_IAM",
            "--parameter-overrides",
        ]
        .map(str::to_owned)
        .to_vec();
        args.extend(parameters.iter().map(|(name, value)| format!("{name}={value}")));
        if let Some(role) = aws.service_role() {
            args.extend(["--role-arn", role].map(str::to_owned));
        }
        // CloudFormation passes it on to every resource that accepts tags, also in nested stacks.
        args.extend(["--tags".to_owned(), format!("threefactor:stage={}", self.stage)]);
        let said = aws
            .text(&args)
            .await
            .context("CloudFormation rejected the stack")?;
        let Some(change) = said
            .split_whitespace()
            .find(|word| word.starts_with("arn:") && word.contains(":changeSet/"))
        else {
            eprintln!("{} is up to date", self.name);
            return Self::find(aws, &self.stage).await;
        };
        // The change set has created the stack, if there was none.
        let follower = Self::find(aws, &self.stage).await?.follower(aws).await?;
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
        Self::find(aws, &self.stage).await
    }

    /// Changes parameters of a launched stack; its templates, its code and its other parameters stay.
    pub(super) async fn set(self, aws: &Aws, changed: &[(&str, &str)]) -> Result<Self> {
        self.refuse_unless_stable()?;
        let parameters: Vec<Value> = self
            .parameters
            .keys()
            .map(|name| match changed.iter().find(|(other, _)| other == name) {
                Some((_, value)) => json!({"ParameterKey": name, "ParameterValue": value}),
                None => json!({"ParameterKey": name, "UsePreviousValue": true}),
            })
            .collect();
        let parameters = Value::from(parameters).to_string();
        let follower = self.follower(aws).await?;
        let mut args = vec![
            "cloudformation",
            "update-stack",
            "--stack-name",
            &self.name,
            "--use-previous-template",
            "--capabilities",
            "CAPABILITY_NAMED_IAM",
            "--parameters",
            &parameters,
        ];
        if let Some(role) = aws.service_role() {
            args.extend(["--role-arn", role]);
        }
        match aws.text(args).await {
            Ok(_) => follower.follow(aws).await?,
            Err(error) if message(&error).contains("No updates are to be performed") => {}
            Err(error) => return Err(error.context("CloudFormation did not start the update")),
        }
        Self::find(aws, &self.stage).await
    }

    /// The stack after a change that is running, if there is one.
    pub(super) async fn settled(self, aws: &Aws) -> Result<Self> {
        let mut stack = self;
        let began = Instant::now();
        while stack.is_changing() && began.elapsed() < CHANGE {
            tokio::time::sleep(PAUSE).await;
            stack = Self::find(aws, &stack.stage).await?;
        }
        Ok(stack)
    }

    fn is_changing(&self) -> bool {
        self.status
            .as_deref()
            .is_some_and(|status| status.ends_with("_IN_PROGRESS") && status != "REVIEW_IN_PROGRESS")
    }

    /// Returns an error for a state in which CloudFormation changes nothing, with the remedy.
    fn refuse_unless_stable(&self) -> Result<()> {
        let (name, stage) = (&self.name, &self.stage);
        match self.status.as_deref() {
            Some(status) if self.is_changing() => {
                bail!("{name} is being changed ({status}); retry when that has completed")
            }
            Some("UPDATE_ROLLBACK_FAILED") => bail!(
                "rollback of {name} failed; check its events in the AWS console, then run \
                 `aws cloudformation continue-update-rollback --stack-name {name}`"
            ),
            Some("DELETE_FAILED") if !self.launch_failed() => bail!(
                "{name} is partly deleted, because its deletion failed; run `cargo xtask destroy --stage {stage}` to complete it"
            ),
            _ => Ok(()),
        }
    }

    /// Deletes what a failed first launch has left. Nothing in it has been used: its database is empty, also if it is protected or
    /// left a snapshot.
    async fn remove_failed_launch(&self, aws: &Aws) -> Result<()> {
        eprintln!(
            "removing the failed first launch of {}; its parameters are kept",
            self.name
        );
        database::unprotect(aws, &self.stage).await?;
        self.delete(aws).await.with_context(|| {
            format!("cannot remove the failed first launch of {}; remove the named resources and repeat the command", self.name)
        })?;
        if let Some(created) = &self.created {
            database::delete_snapshots_since(aws, &self.stage, created).await?;
        }
        Ok(())
    }

    /// Follows the stack by its id: a deleted stack of the same name is another one.
    async fn follower(&self, aws: &Aws) -> Result<Follower> {
        let id = self.id.as_deref().context("the stack does not exist")?;
        Ok(Follower::since_now(aws, &self.name, id).await)
    }

    /// Deletes the stack and its resources; a database leaves a snapshot.
    pub(super) async fn delete(&self, aws: &Aws) -> Result<()> {
        let follower = self.follower(aws).await?;
        let mut args = vec!["cloudformation", "delete-stack", "--stack-name", &self.name];
        if let Some(role) = aws.service_role() {
            args.extend(["--role-arn", role]);
        }
        aws.text(args)
            .await
            .context("CloudFormation did not start the deletion")?;
        follower.follow(aws).await
    }
}

pub(super) fn is_absent(error: &anyhow::Error) -> bool {
    message(error).contains("does not exist")
}

/// Id of the prefix list with which Hasura's load balancer admits CloudFront, if it is needed and not set.
pub(super) async fn prefix_list(aws: &Aws, values: &Values) -> Result<Option<String>> {
    if values.get("EnableHasura") == Some("false")
        || !values.is_empty("HasuraCertificateArn")
        || !values.is_empty(PREFIX_LIST)
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
            "region {} has no prefix list {CLOUDFRONT_PREFIX_LIST}; pass --set {PREFIX_LIST}=pl-…, or a certificate for Hasura with --set \
             HasuraCertificateArn=… and HasuraDomainName=…",
            aws.region()
        )
    })?;
    Ok(Some(id.to_owned()))
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
