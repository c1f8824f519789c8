//! Checks by the AWS CLI: the stack, the published versions of its functions, its alarms, and the pool's certificate.

use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::Finding;
use crate::aws::Aws;
use crate::certificate::CERTIFICATE;
use crate::default_group;
use crate::stack::Stack;
use local_services::functions::functions;
use shared::certificate::end_of_validity;

/// Remaining validity of the certificate below which it is a problem.
const MIN_VALIDITY: Duration = Duration::from_hours(24 * 60);

/// Settings of a function that its callers have to see.
const SETTINGS: [&str; 9] = [
    "Architectures",
    "CodeSha256",
    "Environment",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
];

const DEFAULT_GROUP: &str = "default security group";

/// Makes all checks.
pub(super) async fn check(aws: &Aws, stack: &Stack, stage: &str) -> Vec<Finding> {
    vec![
        of_stack(stack, stage),
        Finding::of("published versions", of_versions(aws, stack, stage).await),
        Finding::of("alarms", of_alarms(aws, stage).await),
        Finding::of("certificate of the pool", of_certificate(aws, stack, stage).await),
        Finding::of("secrets", super::secrets::check(aws, stage).await),
        Finding::of(DEFAULT_GROUP, of_default_group(aws, stack, stage).await),
    ]
}

fn of_stack(stack: &Stack, stage: &str) -> Finding {
    let status = stack.status().unwrap_or_default();
    let found = format!("{} is {status}", stack.name());
    match status {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" => Finding::good("stack", found),
        status if status.ends_with("_IN_PROGRESS") => {
            Finding::problem("stack", found, "wait until the change has completed")
        }
        "UPDATE_ROLLBACK_COMPLETE" => Finding::problem(
            "stack",
            found,
            format!(
                "the last update failed and was undone; read its events, and repeat `cargo xtask deploy --stage {stage}`"
            ),
        ),
        _ => Finding::problem(
            "stack",
            found,
            "see docs/operations.md, Deploying and rolling back",
        ),
    }
}

/// Rules are no problem of the stage, because nothing uses the group: the role of a pipeline may not remove them.
async fn of_default_group(aws: &Aws, stack: &Stack, stage: &str) -> Result<Finding> {
    let found = match default_group::check(aws, stack).await? {
        None => "the stage has no VPC of its own".to_owned(),
        Some((group, 0)) => format!("{group} has no rules"),
        Some((group, _)) => format!(
            "{group}, which nothing uses, has rules; `cargo xtask deploy --stage {stage}` as an administrator removes them"
        ),
    };
    Ok(Finding::good(DEFAULT_GROUP, found))
}

/// The alias `live`, which callers use, has to be a version with the settings and the code that the function has.
async fn of_versions(aws: &Aws, stack: &Stack, stage: &str) -> Result<Finding> {
    let check = "published versions";
    let mut outdated = Vec::new();
    let mut count = 0;
    for function in &functions()?.all {
        // The login function is part of a stage only without another identity provider.
        if function.name == "login" && stack.output("LoginUrl").is_none() {
            continue;
        }
        let name = format!("threefactor-{stage}-{}", function.name);
        let newest = settings(aws, &name, &[]).await?;
        let live = settings(aws, &name, &["--qualifier", "live"]).await?;
        if newest != live {
            outdated.push(function.name.clone());
        }
        count += 1;
    }
    if outdated.is_empty() {
        return Ok(Finding::good(
            check,
            format!("{count} functions serve what is configured"),
        ));
    }
    Ok(Finding::problem(
        check,
        format!("callers of {} use older settings or code", outdated.join(", ")),
        format!(
            "run `cargo xtask deploy --stage {stage}`; with CanaryDeploys, wait until the traffic has moved"
        ),
    ))
}

async fn settings(aws: &Aws, name: &str, more: &[&str]) -> Result<Vec<Value>> {
    let mut args = vec!["lambda", "get-function-configuration", "--function-name", name];
    args.extend(more);
    let found = aws
        .json(args)
        .await
        .with_context(|| format!("cannot read the settings of {name}"))?;
    Ok(SETTINGS.iter().map(|setting| found[*setting].clone()).collect())
}

async fn of_alarms(aws: &Aws, stage: &str) -> Result<Finding> {
    let prefix = format!("threefactor-{stage}-");
    let args = [
        "cloudwatch",
        "describe-alarms",
        "--alarm-name-prefix",
        &prefix,
        "--state-value",
        "ALARM",
    ];
    let alarms = aws.json(args).await.context("cannot read the alarms")?;
    let names: Vec<&str> = ["MetricAlarms", "CompositeAlarms"]
        .iter()
        .flat_map(|list| alarms[*list].as_array().into_iter().flatten())
        // An emulator may not filter.
        .filter(|alarm| alarm["StateValue"] == "ALARM")
        .filter_map(|alarm| alarm["AlarmName"].as_str())
        .filter(|name| name.starts_with(&prefix))
        .collect();
    Ok(if names.is_empty() {
        Finding::good("alarms", "none is active")
    } else {
        Finding::problem("alarms", names.join(", "), "see docs/operations.md, Alarms")
    })
}

async fn of_certificate(aws: &Aws, stack: &Stack, stage: &str) -> Result<Finding> {
    let check = "certificate of the pool";
    let Some(arn) = stack.parameter(CERTIFICATE).filter(|arn| !arn.is_empty()) else {
        return Ok(Finding::good(check, "the stack creates no pool"));
    };
    let stored: Value = serde_json::from_str(&aws.secret(arn).await?).context("the secret is not JSON")?;
    let pem = stored["certificate"]
        .as_str()
        .context("the secret has no certificate")?;
    let end = end_of_validity(pem).context("the certificate is not valid PEM")?;
    let left = end.duration_since(SystemTime::now()).unwrap_or_default();
    let days = left.as_secs() / (60 * 60 * 24);
    Ok(if left >= MIN_VALIDITY {
        Finding::good(check, format!("valid for {days} days"))
    } else {
        let remedy = format!("run `cargo xtask deploy --stage {stage} --renew-certificate`");
        Finding::problem(check, format!("valid for {days} days"), remedy)
    })
}
