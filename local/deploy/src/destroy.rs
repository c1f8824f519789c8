//! `cargo xtask destroy`: deletes a stage, after confirmation.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use std::io::IsTerminal as _;

use super::aws::Aws;
use super::stack::{Stack, ask};
use super::{apps, certificate, signing_keys, stage, stored};

#[derive(Debug, Args)]
pub struct DestroyArgs {
    /// Name of the installation
    #[arg(long, value_name = "NAME", value_parser = stage)]
    stage: String,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// Asks for confirmation, disables deletion protection, and deletes the stack.
pub async fn run(args: DestroyArgs) -> Result<ExitCode> {
    let aws = Aws::ready().await?;
    let stack = Stack::find(&aws, &args.stage).await?;
    if !stack.exists() {
        bail!("stack {} does not exist in {}", stack.name(), aws.region());
    }
    eprintln!(
        "This deletes the stack {} in {} (account {}): functions, Hasura, pool, network, web apps, secrets, logs, and the \
         database. A final snapshot of the database is kept and billed.",
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
    unprotect(&aws, &args.stage).await?;
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
    eprintln!("Deleted {}.", stack.name());
    Ok(ExitCode::SUCCESS)
}

/// Disables the database's deletion protection, if the stage has a protected database.
async fn unprotect(aws: &Aws, stage: &str) -> Result<()> {
    let id = format!("threefactor-{stage}");
    let described = aws
        .json(["rds", "describe-db-instances", "--db-instance-identifier", &id])
        .await
        .unwrap_or_default();
    if described["DBInstances"][0]["DeletionProtection"].as_bool() == Some(true) {
        eprintln!("disabling the deletion protection of database {id}");
        aws.text([
            "rds",
            "modify-db-instance",
            "--db-instance-identifier",
            &id,
            "--no-deletion-protection",
            "--apply-immediately",
        ])
        .await
        .context("cannot disable the database's deletion protection")?;
    }
    Ok(())
}
