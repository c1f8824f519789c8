//! The database instance of a stage: its deletion protection and its snapshots.

use anyhow::{Context as _, Result};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::aws::{Aws, message};

/// Identifier of the instance; infra/database.yaml sets it.
fn id(stage: &str) -> String {
    format!("threefactor-{stage}")
}

/// Disables the deletion protection, if the stage has a protected database.
pub(super) async fn unprotect(aws: &Aws, stage: &str) -> Result<()> {
    let id = id(stage);
    let described = aws
        .json(["rds", "describe-db-instances", "--db-instance-identifier", &id])
        .await;
    let described = match described {
        Ok(described) => described,
        Err(error) if message(&error).contains("DBInstanceNotFound") => return Ok(()),
        Err(error) => return Err(error).context("cannot read whether the database is protected"),
    };
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

/// Names and times of the snapshots that remain after a deletion.
pub(super) async fn snapshots(aws: &Aws, stage: &str) -> Result<Vec<(String, Option<OffsetDateTime>)>> {
    let listed = aws
        .json([
            "rds",
            "describe-db-snapshots",
            "--db-instance-identifier",
            &id(stage),
            "--snapshot-type",
            "manual",
        ])
        .await
        .context("cannot list the database's snapshots")?;
    let snapshots = listed["DBSnapshots"].as_array().into_iter().flatten();
    Ok(snapshots
        .filter_map(|snapshot| {
            let name = snapshot["DBSnapshotIdentifier"].as_str()?.to_owned();
            Some((
                name,
                time(snapshot["SnapshotCreateTime"].as_str().unwrap_or_default()),
            ))
        })
        .collect())
}

/// Deletes the snapshots that were created after this time.
pub(super) async fn delete_snapshots_since(aws: &Aws, stage: &str, since: &str) -> Result<()> {
    let Some(since) = time(since) else {
        return Ok(());
    };
    for (name, created) in snapshots(aws, stage).await? {
        if created.is_some_and(|created| created >= since) {
            eprintln!("deleting the snapshot {name} of the empty database");
            aws.text(["rds", "delete-db-snapshot", "--db-snapshot-identifier", &name])
                .await
                .with_context(|| format!("cannot delete the snapshot {name}"))?;
        }
    }
    Ok(())
}

fn time(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}
