//! The web apps: what was built goes into their buckets, with a config.json that holds the addresses.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::Plan;
use super::aws::Aws;
use super::stack::Stack;
use local_process::dirs;

/// An app, and what the stack calls its parts.
#[derive(Debug)]
pub(super) struct App {
    /// Its folder under apps/.
    pub(super) folder: &'static str,
    bucket: &'static str,
    distribution: &'static str,
}

/// Both.
pub(super) const APPS: [App; 2] = [
    App {
        folder: "order-app",
        bucket: "OrderAppBucket",
        distribution: "OrderAppDistributionId",
    },
    App {
        folder: "analytics-app",
        bucket: "AnalyticsAppBucket",
        distribution: "AnalyticsAppDistributionId",
    },
];

impl App {
    fn dist(&self) -> PathBuf {
        dirs::root().join("apps").join(self.folder).join("dist")
    }

    /// Whether there is something to upload.
    pub(super) fn built(&self) -> bool {
        self.dist().join("index.html").is_file()
    }
}

/// Builds them, where their sources have changed and the stack has a place for them. Without npm the rest still is deployed.
pub(super) fn build(plan: &Plan) {
    if plan.skip_hasura || plan.value("EnableWeb") == Some("false") {
        return;
    }
    if let Err(error) = local_stack::apps::build::build(&dirs::root()) {
        eprintln!("the web apps are not built anew: {error:#}");
    }
}

/// Uploads those that are built and have a bucket.
///
/// # Errors
/// When AWS refuses a file.
pub(super) async fn upload(aws: &Aws, stack: &Stack, hasura: &str) -> Result<()> {
    let Some(functions) = stack.output("FunctionsUrl") else {
        return Ok(());
    };
    let config = tempfile::NamedTempFile::new()?;
    let addresses = json!({"graphqlUrl": format!("{hasura}/v1/graphql"), "functionsUrl": functions});
    serde_json::to_writer_pretty(&config, &addresses)?;
    for app in APPS {
        let (Some(bucket), Some(distribution)) = (stack.output(app.bucket), stack.output(app.distribution))
        else {
            continue;
        };
        if !app.built() {
            eprintln!("apps/{} is not built and not uploaded", app.folder);
            continue;
        }
        eprintln!("uploading apps/{}", app.folder);
        put(aws, &app, bucket, &config.path().display().to_string())
            .await
            .with_context(|| format!("cannot upload apps/{}", app.folder))?;
        // Files with a hash in their name never change; these do.
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
        .context("cannot make CloudFront forget the pages of before")?;
    }
    Ok(())
}

async fn put(aws: &Aws, app: &App, bucket: &str, config: &str) -> Result<()> {
    let dist = app.dist().display().to_string();
    let whole = format!("s3://{bucket}/");
    // New files first, then the page that asks for them, and only then away with the old ones.
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
    aws.text([
        "s3",
        "cp",
        config,
        &format!("{whole}config.json"),
        "--cache-control",
        "no-cache",
    ])
    .await?;
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

/// Empties their buckets, which AWS wants before it deletes them.
///
/// # Errors
/// When AWS refuses.
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
