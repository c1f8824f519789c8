//! A deployed stage, as other commands use it.

use anyhow::{Context as _, Result, bail};

use super::aws::Aws;
use super::stack::Stack;

/// Addresses of a deployed stage, and the secret of its engine.
#[derive(Debug)]
pub struct StageAddresses {
    /// Base URL of the engine.
    pub engine: String,
    /// Base URL of the API of the payment.
    pub functions: String,
    /// Address of the login by name; `None` if the stage has another identity provider.
    pub login: Option<String>,
    pub admin_secret: String,
}

/// Addresses that replace those of the stack, for an engine that is not part of it, and for emulators.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub engine: Option<String>,
    pub functions: Option<String>,
    pub login: Option<String>,
}

impl StageAddresses {
    /// Reads them from the outputs of the stack.
    pub async fn read(stage: &str, overrides: Overrides) -> Result<Self> {
        let aws = Aws::ready().await?;
        let stack = find(&aws, stage).await?;
        Self::of(&aws, &stack, overrides).await
    }

    pub(super) async fn of(aws: &Aws, stack: &Stack, overrides: Overrides) -> Result<Self> {
        let output = |name: &str| stack.output(name).map(str::to_owned);
        let engine = overrides
            .engine
            .or_else(|| output("HasuraUrl"))
            .with_context(|| {
                format!(
                    "{} has no Hasura of its own; pass the address of the one that it uses with --url",
                    stack.name()
                )
            })?;
        let functions = overrides.functions.or_else(|| output("FunctionsUrl"));
        let arn = stack
            .output("AdminSecretArn")
            .context("the stack has no admin secret")?;
        Ok(Self {
            engine: engine.trim_end_matches('/').to_owned(),
            functions: functions.context("the stack has no functions")?,
            login: overrides.login.or_else(|| output("LoginUrl")),
            admin_secret: aws.secret(arn).await?,
        })
    }
}

/// Finds a stage that was launched.
pub(super) async fn find(aws: &Aws, stage: &str) -> Result<Stack> {
    let stack = Stack::find(aws, stage).await?;
    if !stack.is_launched() {
        bail!(
            "stage {stage} is not launched in {}; `cargo xtask deploy --stage {stage}` launches it",
            aws.region()
        );
    }
    Ok(stack)
}
