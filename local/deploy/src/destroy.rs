//! `cargo xtask destroy`: deletes a stage, after confirmation.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use std::io::IsTerminal as _;

use super::aws::Aws;
use super::plan::stage;
use super::stack::{Stack, ask};
use super::{apps, bucket, certificate, database, schema, signing_keys, stored};

#[derive(Debug, Args)]
pub struct DestroyArgs {
    /// Name of the installation
    #[arg(long, value_name = "NAME", value_parser = stage)]
    stage: String,
    /// Service role with which CloudFormation deletes the resources (infra/pipeline/roles.yaml)
    #[arg(long, value_name = "ARN", env = "THREEFACTOR_CLOUDFORMATION_ROLE")]
    role_arn: Option<String>,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// Asks for confirmation, disables deletion protection, and deletes the stack.
pub async fn run(args: DestroyArgs) -> Result<ExitCode> {
    let aws = Aws::ready().await?.with_service_role(args.role_arn.clone());
    let stack = Stack::find(&aws, &args.stage).await?;
    if !stack.exists() {
        bail!("stack {} does not exist in {}", stack.name(), aws.region());
    }
    eprintln!(
        "This deletes the stack {} in {} (account {}): functions, Hasura, pool, network, web apps, secrets, logs, and the \
         database. A final snapshot of the database is kept and billed. The deletion takes 20 to 45 minutes, because AWS releases the \
         functions' network interfaces late.",
        stack.name(),
        aws.region(),
        aws.account()
    );
    if !args.yes {
        if !std::io::stdin().is_terminal() {
            bail!("stdin is not a terminal; pass --yes to confirm");
        }
        if !ask(
            &format!("Type the stage name ({}) to confirm:", args.stage),
            &args.stage,
        )? {
            eprintln!("Nothing was changed.");
            return Ok(ExitCode::FAILURE);
        }
    }
    database::unprotect(&aws, &args.stage).await?;
    apps::empty(&aws, &stack).await?;
    stack.delete(&aws).await?;
    for kind in [certificate::KIND, signing_keys::KIND] {
        for arn in stored::all(&aws, &args.stage, kind).await? {
            aws.text([
                "secretsmanager",
                "delete-secret",
                "--secret-id",
                &arn,
                "--recovery-window-in-days",
                "7",
            ])
            .await
            .with_context(|| format!("cannot delete the secret {arn}"))?;
        }
    }
    schema::forget(&aws, &args.stage).await?;
    eprintln!("Deleted {}.", stack.name());
    for remainder in retained(&aws, &args.stage).await? {
        eprintln!("Retained: {remainder}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists what is retained, with the command that deletes it.
async fn retained(aws: &Aws, stage: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (name, _) in database::snapshots(aws, stage).await? {
        found.push(format!(
            "snapshot {name} of the database; delete it with `aws rds delete-db-snapshot --db-snapshot-identifier {name}`"
        ));
    }
    found.push("the database's automated backups, until their retention period ends".to_owned());
    found.push(
        "the secrets of the pool's certificate and of the signing keys, which are deleted after 7 days"
            .to_owned(),
    );
    if let Some(bucket) = bucket::recorded(aws).await? {
        found.push(format!(
            "bucket {bucket} with templates and zips, which other stages share"
        ));
    }
    Ok(found)
}
