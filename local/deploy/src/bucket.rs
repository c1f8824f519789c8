//! Bucket for templates and zips, shared by all stages of an account and region.
//!
//! Its name has a random part, which the SSM parameter [`RECORD`] stores: a predictable name could be taken by another account, which
//! would then receive the code and could replace the templates. Each call names the expected owner.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use uuid::Uuid;

use super::aws::{Aws, message};

/// SSM parameter with the name of the bucket.
const RECORD: &str = "/threefactor/artifact-bucket";
/// Tag with the version of the settings that [`configure`] applies.
const SETTINGS: (&str, &str) = ("threefactor:settings", "2");

/// Returns the name of the bucket, which belongs to this account and has the current settings. Creates it if there is none.
pub(super) async fn ready(aws: &Aws) -> Result<String> {
    let bucket = match recorded(aws).await? {
        Some(bucket) => bucket,
        None => record(aws, adopt_or_create(aws).await?).await?,
    };
    match s3api(aws, "get-bucket-tagging", &bucket, &[]).await {
        Ok(tags) if has_settings(&tags) => {}
        Ok(_) => configure(aws, &bucket).await?,
        Err(error) if message(&error).contains("NoSuchTagSet") => configure(aws, &bucket).await?,
        Err(error) => {
            return Err(error).with_context(|| {
                format!(
                    "bucket \"{bucket}\" does not exist or does not belong to account {}; delete the SSM parameter {RECORD} to create another one",
                    aws.account()
                )
            });
        }
    }
    Ok(bucket)
}

/// Name of the bucket, if there is one.
pub(super) async fn recorded(aws: &Aws) -> Result<Option<String>> {
    let answer = aws.json(["ssm", "get-parameter", "--name", RECORD]).await;
    match answer {
        Ok(answer) => Ok(answer["Parameter"]["Value"].as_str().map(str::to_owned)),
        Err(error) if message(&error).contains("ParameterNotFound") => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read the SSM parameter {RECORD}")),
    }
}

async fn record(aws: &Aws, bucket: String) -> Result<String> {
    aws.text([
        "ssm",
        "put-parameter",
        "--name",
        RECORD,
        "--type",
        "String",
        "--value",
        &bucket,
        "--description",
        "3factor: bucket for templates and zips",
    ])
    .await
    .with_context(|| format!("cannot write the SSM parameter {RECORD}"))?;
    Ok(bucket)
}

/// Adopts the bucket of earlier versions of this command, whose name is predictable, if it belongs to this account.
async fn adopt_or_create(aws: &Aws) -> Result<String> {
    let prefix = format!("threefactor-artifacts-{}-{}", aws.account(), aws.region());
    if s3api(aws, "head-bucket", &prefix, &[]).await.is_ok() {
        return Ok(prefix);
    }
    let random = Uuid::new_v4().simple().to_string();
    let bucket = format!("{prefix}-{}", &random[..8]);
    eprintln!("creating the bucket {bucket} for templates and zips");
    let constraint = format!("LocationConstraint={}", aws.region());
    let mut create = vec!["s3api", "create-bucket", "--bucket", &bucket];
    if aws.region() != "us-east-1" {
        create.extend(["--create-bucket-configuration", &constraint]);
    }
    aws.text(create)
        .await
        .with_context(|| format!("cannot create the bucket {bucket}"))?;
    Ok(bucket)
}

/// Private, encrypted in transit, and versioned. Objects do not expire: a stack refers to the zip of an unchanged function for years, and
/// a rollback reads it again.
async fn configure(aws: &Aws, bucket: &str) -> Result<()> {
    let partition = aws.partition();
    let public = json!({
        "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true,
    });
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "OnlyEncrypted", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [format!("arn:{partition}:s3:::{bucket}"), format!("arn:{partition}:s3:::{bucket}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }]});
    let lifecycle = json!({"Rules": [{
        "ID": "replaced", "Status": "Enabled", "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }]});
    let tags = json!({"TagSet": [{"Key": SETTINGS.0, "Value": SETTINGS.1}]});
    for (command, option, value) in [
        (
            "put-public-access-block",
            "--public-access-block-configuration",
            &public,
        ),
        (
            "put-bucket-versioning",
            "--versioning-configuration",
            &json!({"Status": "Enabled"}),
        ),
        ("put-bucket-policy", "--policy", &policy),
        (
            "put-bucket-lifecycle-configuration",
            "--lifecycle-configuration",
            &lifecycle,
        ),
        // Last: it states that the settings are complete.
        ("put-bucket-tagging", "--tagging", &tags),
    ] {
        s3api(aws, command, bucket, &[option, &value.to_string()])
            .await
            .with_context(|| format!("cannot configure the bucket {bucket}"))?;
    }
    Ok(())
}

async fn s3api(aws: &Aws, command: &str, bucket: &str, options: &[&str]) -> Result<Value> {
    let mut args = vec![
        "s3api",
        command,
        "--bucket",
        bucket,
        "--expected-bucket-owner",
        aws.account(),
    ];
    args.extend(options);
    aws.json(args).await
}

fn has_settings(tags: &Value) -> bool {
    let tags = tags["TagSet"].as_array();
    tags.into_iter()
        .flatten()
        .any(|tag| (&tag["Key"], &tag["Value"]) == (&json!(SETTINGS.0), &json!(SETTINGS.1)))
}
