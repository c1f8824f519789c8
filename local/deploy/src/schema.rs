//! Release of the schema that a stage has: the files with which its Hasura was configured. A deployment that keeps the code keeps them too,
//! because older functions may not fit a newer schema.

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use super::aws::{Aws, message};
use super::code::{self, Code};
use super::plan::Plan;
use super::read;

/// Files that a deployment applies through Hasura.
const FILES: [&str; 4] = [
    "schema.sql",
    "event-triggers.json",
    "permissions.json",
    "infra/function-roles.sql",
];

/// Parameter that is `true` if the schema of a release follows its functions: their new versions cannot answer for an order before.
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

/// Message of a deployment whose schema follows.
pub(super) const FOLLOWS: &str =
    "the schema changes after the functions: their new versions only have to run before callers receive them";

/// Whether this deployment applies another release after the functions' code; `None` if it keeps code, and so the schema.
pub(super) async fn follows(aws: &Aws, plan: &Plan, code: Code) -> Result<Option<bool>> {
    if !code::is_complete(plan, code) {
        return Ok(None);
    }
    Ok(Some(!plan.skip_hasura && is_outdated(aws, &plan.stage).await?))
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
