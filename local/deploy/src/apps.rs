//! Web apps: uploads the build output to their buckets, with a config.json that contains the addresses.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::Plan;
use super::aws::Aws;
use super::code::Code;
use super::stack::Stack;
use local_process::dirs;

/// An app and the names of its stack outputs.
#[derive(Debug)]
pub(super) struct App {
    /// Folder under apps/.
    pub(super) folder: &'static str,
    bucket: &'static str,
    distribution: &'static str,
    url: &'static str,
}

pub(super) const APPS: [App; 2] = [
    App {
        folder: "order-app",
        bucket: "OrderAppBucket",
        distribution: "OrderAppDistributionId",
        url: "OrderAppUrl",
    },
    App {
        folder: "analytics-app",
        bucket: "AnalyticsAppBucket",
        distribution: "AnalyticsAppDistributionId",
        url: "AnalyticsAppUrl",
    },
];

impl App {
    fn dist(&self) -> PathBuf {
        dirs::root().join("apps").join(self.folder).join("dist")
    }

    /// Whether there is build output.
    pub(super) fn built(&self) -> bool {
        self.dist().join("index.html").is_file()
    }
}

/// Builds the apps whose sources changed, if the stack hosts them. Without npm the other parts are still deployed.
pub(super) fn build(plan: &Plan) {
    if plan.skip_hasura || plan.value("EnableWeb") == Some("false") {
        return;
    }
    if let Err(error) = local_stack::apps::build::build(&dirs::root()) {
        eprintln!("web apps were not rebuilt: {error:#}");
    }
}

/// Uploads the apps that are built and have a bucket; if the deployed code is kept, only their configuration.
pub(super) async fn upload(aws: &Aws, stack: &Stack, hasura: &str, code: Code) -> Result<()> {
    let Some(functions) = stack.output("FunctionsUrl") else {
        return Ok(());
    };
    let config = tempfile::NamedTempFile::new()?;
    let addresses = json!({
        "graphqlUrl": format!("{hasura}/v1/graphql"),
        "functionsUrl": functions,
        // Null with another identity provider.
        "loginUrl": stack.output("LoginUrl"),
        "oidc": provider(stack),
        // Null if traces are not collected.
        "traceUrl": stack.output("TraceUrl"),
    });
    serde_json::to_writer_pretty(&config, &addresses)?;
    for app in APPS {
        let (Some(bucket), Some(distribution)) = (stack.output(app.bucket), stack.output(app.distribution))
        else {
            continue;
        };
        let config = config.path().display().to_string();
        let uploaded = if code == Code::Keep {
            eprintln!("configuring {}", app.folder);
            put_config(aws, bucket, &config).await
        } else if app.built() {
            eprintln!("uploading apps/{}", app.folder);
            put(aws, &app, bucket, &config).await
        } else {
            eprintln!("apps/{} is not built; skipping its upload", app.folder);
            continue;
        };
        uploaded.with_context(|| format!("cannot upload apps/{}", app.folder))?;
        // Files with a hash in their name never change; these two do.
        aws.text([
            "cloudfront",
            "create-invalidation",
            "--distribution-id",
            distribution,
            "--paths",
            "/index.html",
            "/config.json",
        ])
        .await
        .context("CloudFront invalidation failed")?;
    }
    Ok(())
}

/// The provider that signs users in; null if they log in by name.
fn provider(stack: &Stack) -> Value {
    match (
        stack.output("LoginUrl"),
        stack.output("Issuer"),
        stack.output("Audience"),
    ) {
        (None, Some(issuer), Some(client)) => json!({"issuer": issuer, "clientId": client}),
        _ => Value::Null,
    }
}

/// Value of the parameter `AppUrls`: a user pool sends users only to registered addresses, which are known after the apps'
/// distributions are created. `None` if the stack has no user pool, or no apps.
pub(super) fn addresses(plan: &Plan, stack: &Stack) -> Option<String> {
    let provider = plan
        .value("IdentityProvider")
        .or(stack.parameter("IdentityProvider"));
    if provider != Some("cognito") || plan.value("AppUrls").is_some() {
        return None;
    }
    let urls: Option<Vec<String>> = APPS
        .iter()
        .map(|app| Some(format!("{}/", stack.output(app.url)?)))
        .collect();
    Some(urls?.join(","))
}

async fn put(aws: &Aws, app: &App, bucket: &str, config: &str) -> Result<()> {
    let dist = app.dist().display().to_string();
    let whole = format!("s3://{bucket}/");
    // New assets first, then the pages that refer to them, then the removal of old files.
    let forever = "public,max-age=31536000,immutable";
    let assets = [
        "s3",
        "sync",
        &format!("{dist}/assets"),
        &format!("{whole}assets"),
        "--cache-control",
        forever,
    ];
    if app.dist().join("assets").is_dir() {
        aws.text(assets).await?;
    }
    put_config(aws, bucket, config).await?;
    aws.text([
        "s3",
        "sync",
        &dist,
        &whole,
        "--exclude",
        "assets/*",
        "--exclude",
        "config.json",
        "--cache-control",
        "no-cache",
    ])
    .await?;
    aws.text([
        "s3",
        "sync",
        &dist,
        &whole,
        "--delete",
        "--size-only",
        "--exclude",
        "config.json",
    ])
    .await?;
    Ok(())
}

async fn put_config(aws: &Aws, bucket: &str, config: &str) -> Result<()> {
    let to = format!("s3://{bucket}/config.json");
    aws.text(["s3", "cp", config, &to, "--cache-control", "no-cache"])
        .await?;
    Ok(())
}

/// Empties the apps' buckets, which CloudFormation requires before it deletes them.
pub(super) async fn empty(aws: &Aws, stack: &Stack) -> Result<()> {
    for app in APPS {
        if let Some(bucket) = stack.output(app.bucket) {
            eprintln!("emptying the bucket {bucket}");
            aws.text(["s3", "rm", &format!("s3://{bucket}/"), "--recursive"])
                .await
                .with_context(|| format!("cannot empty the bucket {bucket}"))?;
        }
    }
    Ok(())
}
