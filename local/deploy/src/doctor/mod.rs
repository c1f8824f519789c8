//! `cargo xtask doctor`: checks a deployed stage, and says for each problem what to do. It changes nothing.
//!
//! Checks of AWS are in [`cloud`] and [`secrets`], those of the running engine and APIs in [`service`]. A check that cannot be made is a problem, too.

mod cloud;
mod secrets;
mod service;

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};
use serde::Serialize;

use super::aws::Aws;
use super::plan::stage;
use super::stage::{Overrides, StageAddresses, find};

#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Name of the installation
    #[arg(long, value_name = "NAME", value_parser = stage)]
    stage: String,
    /// Engine at this URL, if it is not part of the stage
    #[arg(long, value_name = "ENGINE")]
    url: Option<String>,
    /// Payment API at this URL instead of that of the stage
    #[arg(long, value_name = "F")]
    functions_url: Option<String>,
    /// Login by name at this address instead of that of the stage
    #[arg(long, value_name = "L")]
    login_url: Option<String>,
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// Result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Finding {
    check: &'static str,
    /// Observation, also of a check that could not be made.
    found: String,
    /// Action that solves the problem; `None` if nothing is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

impl Finding {
    fn good(check: &'static str, found: impl Into<String>) -> Self {
        Self {
            check,
            found: found.into(),
            remedy: None,
        }
    }

    fn problem(check: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            check,
            found: found.into(),
            remedy: Some(remedy.into()),
        }
    }

    /// A problem if the check could not be made.
    fn of(check: &'static str, result: Result<Self>) -> Self {
        result.unwrap_or_else(|error| {
            Self::problem(
                check,
                format!("cannot be checked: {error:#}"),
                "check the address (--url), the credentials and the tasks of the service, and repeat the check",
            )
        })
    }
}

/// Checks the stage; exit code 1 if something is wrong.
pub async fn run(args: DoctorArgs) -> Result<ExitCode> {
    let aws = Aws::ready().await?;
    aws.print_identity();
    let stack = find(&aws, &args.stage).await?;
    let overrides = Overrides {
        engine: args.url,
        functions: args.functions_url,
        login: args.login_url,
    };
    let mut findings = cloud::check(&aws, &stack, &args.stage).await;
    match StageAddresses::of(&aws, &stack, overrides).await {
        Ok(addresses) => findings.extend(service::check(&addresses).await),
        Err(error) => findings.push(Finding::problem("addresses", format!("{error:#}"), "pass --url")),
    }
    let problems = findings.iter().filter(|finding| finding.remedy.is_some()).count();
    if args.json {
        let report = serde_json::json!({"stage": args.stage, "problems": problems, "findings": findings});
        println!("{report}");
    } else {
        println!("{}", table(&findings));
        println!("{problems} problems");
    }
    Ok(if problems == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn table(findings: &[Finding]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_header(["check", "found", "remedy"]);
    for finding in findings {
        table.add_row([
            finding.check,
            &finding.found,
            finding.remedy.as_deref().unwrap_or("ok"),
        ]);
    }
    table
}
