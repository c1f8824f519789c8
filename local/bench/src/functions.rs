//! A function as it is deployed: the binary of `cargo lambda build --release`, without and with the feature `aws`.
//! Size of binary and zip, time from spawn to first response including a database query, and resident memory after
//! it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use super::figures::{Goal, Table, count, ms};
use super::process_memory::resident_bytes;
use super::rig::{Rig, call};
use local_process::dirs;
use local_process::logs::Logs;
use local_tools::python::Tools;

/// The measured function; the event steps are built alike and differ by a few kilobytes.
const FUNCTION: &str = "validate-order";
/// Spawns per run.
const SPAWNS: u64 = 10;

pub(crate) async fn measure(runs: u32, logs: &Logs) -> Result<Table> {
    let mut table = Table::new("functions");
    let mut variants = Vec::new();
    for (name, features) in [("without aws", None), ("with aws", Some("aws"))] {
        logs.log_line(&format!("functions: cargo lambda build --release, {name}"));
        variants.push((name, build(features)?));
    }
    for run in 1..=runs {
        for (name, built) in &variants {
            logs.log_line(&format!("functions: run {run} of {runs}, {name}"));
            once(&mut table, name, built, logs).await?;
        }
    }
    Ok(table)
}

/// Output of cargo-lambda for one function.
struct Built {
    dir: PathBuf,
    zip_bytes: u64,
}

/// Builds the binary and the zip; the second build reuses the compiled crates.
fn build(features: Option<&str>) -> Result<Built> {
    let tools = Tools::ready()?;
    let target = dirs::bin_dir()?
        .parent()
        .context("the binaries' directory has no parent")?
        .join("bench");
    let dir = target.join(features.unwrap_or("plain"));
    for format in ["zip", "binary"] {
        let mut command = Command::new(tools.program("cargo-lambda"));
        command
            .current_dir(dirs::root())
            .env("PATH", tools.path())
            .args(["lambda", "build", "--release", "--compiler", "cargo"])
            .args(["--package", FUNCTION, "--output-format", format, "--lambda-dir"])
            .arg(&dir);
        if let Some(features) = features {
            command.args(["--features", features]);
        }
        // Standard output is reserved for results.
        let status = command
            .stdin(Stdio::null())
            .stdout(std::io::stderr())
            .status()
            .context("cannot run cargo-lambda")?;
        ensure!(status.success(), "cargo lambda build failed ({status})");
    }
    let dir = dir.join(FUNCTION);
    let zip_bytes = size(&dir.join("bootstrap.zip"))?;
    Ok(Built { dir, zip_bytes })
}

async fn once(table: &mut Table, name: &str, built: &Built, logs: &Logs) -> Result<()> {
    let rig = Rig::start(100, Some(20)).await?;
    rig.place("order", SPAWNS).await?;
    let program = built.dir.join("bootstrap");
    let http = local_process::http_client()?;
    for number in 0..SPAWNS {
        let began = Instant::now();
        let functions = rig
            .program(
                FUNCTION,
                &program,
                &rig.services.functions_url(FUNCTION)?,
                1,
                logs,
            )
            .await?;
        let url = format!("{}/{FUNCTION}", functions.url());
        ensure!(
            call(&http, &url, &format!("order-{number}")).await,
            "the call failed"
        );
        let took = began.elapsed();
        let pids = functions.pids(FUNCTION);
        let pid = pids.first().context("the function has no process")?;
        let resident = resident_bytes(pid.as_raw_nonzero().get())?;
        functions.stop().await;
        let (first, memory) = (
            format!("{name}: spawn → first answer"),
            format!("{name}: resident memory after it"),
        );
        table.add_with_goal(&first, "ms", ms(took), Goal::AtMost(15.0));
        table.add_with_goal(&memory, "MB", megabytes(resident), Goal::AtMost(12.0));
    }
    let binary = megabytes(size(&program)?);
    let binary_name = format!("{name}: binary");
    if name == "without aws" {
        table.add_with_goal(&binary_name, "MB", binary, Goal::AtMost(5.0));
    } else {
        table.add(&binary_name, "MB", binary);
    }
    table.add(&format!("{name}: zip"), "MB", megabytes(built.zip_bytes));
    rig.stop().await;
    Ok(())
}

fn size(file: &Path) -> Result<u64> {
    Ok(fs::metadata(file)
        .with_context(|| format!("cannot read the metadata of {}", file.display()))?
        .len())
}

/// Decimal megabytes.
fn megabytes(bytes: u64) -> f64 {
    count(bytes) / 1e6
}
