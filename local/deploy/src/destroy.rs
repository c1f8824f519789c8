//! `cargo xtask destroy`: everything of a stage goes. It asks first.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use std::io::IsTerminal as _;

use super::aws::Aws;
use super::stack::{Stack, ask};
use super::{apps, certificate, stage};

/// The options of `destroy`.
#[derive(Debug, Args)]
pub struct DestroyArgs {
    /// The installation's name
    #[arg(long, value_name = "NAME", value_parser = stage)]
    stage: String,
    /// Do not ask; for scripts
    #[arg(long)]
    yes: bool,
}

/// Asks, lifts the database's protection, and deletes the stack.
///
/// # Errors
/// When there is no such stack, nobody agrees, or AWS refuses.
pub async fn run(args: DestroyArgs) -> Result<ExitCode> {
    let aws = Aws::ready().await?;
    let stack = Stack::find(&aws, &args.stage).await?;
    if !stack.exists() {
        bail!("there is no stack {} in {}", stack.name(), aws.region());
    }
    eprintln!(
        "This deletes the stack {} in {} (account {}): functions, Hasura, pool, network, web apps, secrets, logs, and the \
         database, of which a last snapshot is kept (and costs).",
        stack.name(),
        aws.region(),
        aws.account()
    );
    if !args.yes {
        if !std::io::stdin().is_terminal() {
            bail!("nobody is there to be asked: repeat it with --yes");
        }
        if !ask(
            &format!("Type the stage's name ({}) to go on:", args.stage),
            &args.stage,
        )? {
            eprintln!("Nothing was changed.");
            return Ok(ExitCode::FAILURE);
        }
    }
    unprotect(&aws, &args.stage).await?;
    apps::empty(&aws, &stack).await?;
    stack.delete(&aws).await?;
    for arn in certificate::all(&aws, &args.stage).await? {
        aws.text([
            "secretsmanager",
            "delete-secret",
            "--secret-id",
            &arn,
            "--recovery-window-in-days",
            "7",
        ])
        .await
        .context("cannot delete the pool's certificate")?;
    }
    eprintln!("{} is gone.", stack.name());
    Ok(ExitCode::SUCCESS)
}

/// Lifts the database's deletion protection, if the stage has a database and it has one.
async fn unprotect(aws: &Aws, stage: &str) -> Result<()> {
    let id = format!("threefactor-{stage}");
    let described = aws
        .json(["rds", "describe-db-instances", "--db-instance-identifier", &id])
        .await
        .unwrap_or_default();
    if described["DBInstances"][0]["DeletionProtection"].as_bool() == Some(true) {
        eprintln!("lifting the deletion protection of the database {id}");
        aws.text([
            "rds",
            "modify-db-instance",
            "--db-instance-identifier",
            &id,
            "--no-deletion-protection",
            "--apply-immediately",
        ])
        .await
        .context("cannot lift the database's deletion protection")?;
    }
    Ok(())
}
