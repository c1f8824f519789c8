//! Release of the schema that a stage has: the files with which its Hasura was configured. A deployment that keeps the code keeps them too,
//! because older functions may not fit a newer schema.

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use super::aws::{Aws, message};
use super::code::{self, Code};
use super::plan::Plan;
use super::stack::Stack;
use super::{admin, hasura, read};

/// Files that a deployment applies through Hasura.
const FILES: [&str; 4] = [
    "schema.sql",
    "event-triggers.json",
    "permissions.json",
    "infra/function-roles.sql",
];

/// Parameter that is `true` if the schema of a release follows its functions ([`Order::Last`]): their new versions cannot answer for an order
/// before.
pub(super) const NEW_SCHEMA: &str = "NewSchema";

fn parameter(stage: &str) -> String {
    format!("/threefactor/{stage}/schema-release")
}

/// Release of this directory.
fn release() -> Result<String> {
    let mut hash = Sha256::new();
    for file in FILES {
        let text = read(file)?;
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    }
    let hash = hash.finalize();
    let (first, _) = hash.split_at(8);
    Ok(first
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")))
}

/// Release of the stage, if a deployment has recorded it.
async fn deployed(aws: &Aws, stage: &str) -> Result<Option<String>> {
    let found = aws
        .json(["ssm", "get-parameter", "--name", &parameter(stage)])
        .await;
    match found {
        Ok(found) => Ok(found["Parameter"]["Value"].as_str().map(str::to_owned)),
        Err(error) if message(&error).contains("ParameterNotFound") => Ok(None),
        Err(error) => Err(error).context("cannot read the release of the schema"),
    }
}

/// When a deployment of code applies the schema of this directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Only afterwards: the stage has this schema already, or has no functions yet, or the deployment does not configure Hasura.
    Any,
    /// Before the code, while the deployed code runs. Both fit it (docs/operations.md, Changes of the schema).
    First,
    /// After the code: no Hasura reaches the database of the new functions before.
    Last,
}

/// Message of a deployment whose schema follows.
pub(super) const FOLLOWS: &str =
    "the schema changes after the functions: their new versions only have to run before callers receive them";

/// When this deployment applies the schema; `None` if it keeps code, and so the schema.
pub(super) async fn order(aws: &Aws, plan: &Plan, stack: &Stack, code: Code) -> Result<Option<Order>> {
    if !code::is_complete(plan, code) {
        return Ok(None);
    }
    if plan.skip_hasura || !stack.is_launched() {
        return Ok(Some(Order::Any));
    }
    let deployed = deployed(aws, &plan.stage).await?;
    Ok(Some(if deployed == Some(release()?) {
        Order::Any
    } else if is_reachable(plan, stack) && other_database(plan, stack).is_none() {
        Order::First
    } else {
        Order::Last
    }))
}

/// Whether this machine may configure the Hasura of the stage before the stack is changed. Templates of earlier versions cannot permit
/// its address in addition.
fn is_reachable(plan: &Plan, stack: &Stack) -> bool {
    let has_own = stack.output("HasuraUrl").is_some() && stack.parameter(admin::ADDRESS).is_some();
    plan.hasura_url.is_some() || has_own
}

/// The parameter with which the deployment changes to another database.
pub(super) fn other_database(plan: &Plan, stack: &Stack) -> Option<&'static str> {
    ["ExistingDatabaseHost", "ExistingDatabaseName"]
        .into_iter()
        .find(|name| {
            plan.value(name)
                .is_some_and(|value| stack.parameter(name) != Some(value))
        })
}

/// Applies the schema while the deployed code runs. `address`: that of this machine, if the stack does not permit it yet.
pub(super) async fn apply(aws: &Aws, plan: &Plan, stack: Stack, address: Option<&str>) -> Result<Stack> {
    let stack = match address {
        Some(address) if stack.parameter(admin::ADDRESS) != Some(address) => {
            stack.set(aws, &[(admin::ADDRESS, address)]).await?
        }
        _ => stack,
    };
    let hasura = hasura::find(aws, plan, &stack)
        .await?
        .context("the stack has no Hasura")?;
    hasura.expand().await.context(
        "the schema was not applied, and the code stays as it is; --skip-hasura deploys the stack without schema, roles and triggers",
    )?;
    Ok(stack)
}

/// Whether the stage has another release, so that functions of this directory may need columns or rights that it does not have yet.
pub(super) async fn is_outdated(aws: &Aws, stage: &str) -> Result<bool> {
    match deployed(aws, stage).await? {
        Some(deployed) => Ok(deployed != release()?),
        // Configured by an earlier version of this command, or not at all.
        None => Ok(false),
    }
}

/// Records that the stage has the release of this directory.
pub(super) async fn record(aws: &Aws, stage: &str) -> Result<()> {
    let (name, value) = (parameter(stage), release()?);
    let put = [
        "ssm",
        "put-parameter",
        "--name",
        &name,
        "--type",
        "String",
        "--overwrite",
        "--value",
        &value,
    ];
    aws.text(put)
        .await
        .context("cannot record the release of the schema")?;
    Ok(())
}

/// Deletes the record of a destroyed stage.
pub(super) async fn forget(aws: &Aws, stage: &str) -> Result<()> {
    match aws
        .text(["ssm", "delete-parameter", "--name", &parameter(stage)])
        .await
    {
        Ok(_) => Ok(()),
        Err(error) if message(&error).contains("ParameterNotFound") => Ok(()),
        Err(error) => Err(error).context("cannot delete the record of the schema's release"),
    }
}
