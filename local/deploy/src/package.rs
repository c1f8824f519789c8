//! Packaged templates: nested templates and zips are in the bucket, and the template of the installation refers to them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::aws::Aws;
use super::stack::{Stack, is_absent};
use super::template::Template;
use super::{bucket, root_of_target};

/// Nested stacks with functions.
const STACKS_WITH_CODE: [&str; 3] = ["Identity", "Functions", "Rotation"];

/// A packaged template.
#[derive(Debug)]
pub(super) struct Package {
    /// Path of the template.
    pub(super) template: String,
    /// Bucket with what it refers to.
    pub(super) bucket: String,
    /// Start of the keys of the stage in the bucket: the pipeline of another stage cannot write there.
    pub(super) prefix: String,
}

/// Uploads templates and the zips in target/lambda.
pub(super) async fn with_new_code(aws: &Aws, stage: &str) -> Result<Package> {
    upload(aws, stage, &root_of_target()?.join("infra")).await
}

/// Uploads templates that refer to the code that the stack has already, apart from that of the functions in `new`.
pub(super) async fn with_deployed_code(aws: &Aws, stack: &Stack, new: &[String]) -> Result<Package> {
    let root = root_of_target()?;
    let mut deployed = BTreeMap::new();
    for nested in STACKS_WITH_CODE {
        deployed.extend(deployed_code(aws, stack, nested).await?);
    }
    let copy = root.join("target").join("deploy").join("infra");
    fs::create_dir_all(&copy).with_context(|| format!("cannot create {}", copy.display()))?;
    for entry in fs::read_dir(root.join("infra")).context("cannot read infra/")? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let text =
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let text = with_code(&text, &deployed, new, &root).with_context(|| path.display().to_string())?;
            let to = copy.join(path.file_name().unwrap_or_default());
            fs::write(&to, text).with_context(|| format!("cannot write {}", to.display()))?;
        }
    }
    upload(aws, stack.stage(), &copy).await
}

/// Location of an object in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Location {
    bucket: String,
    key: String,
}

/// Locations of the code in a nested stack, by the logical id of the function; none if an earlier release has no such stack.
async fn deployed_code(aws: &Aws, stack: &Stack, nested: &str) -> Result<BTreeMap<String, Location>> {
    let resource = aws
        .json([
            "cloudformation",
            "describe-stack-resource",
            "--stack-name",
            stack.name(),
            "--logical-resource-id",
            nested,
        ])
        .await;
    if matches!(&resource, Err(error) if is_absent(error)) {
        return Ok(BTreeMap::new());
    }
    let resource = resource.with_context(|| format!("cannot find the nested stack {nested}"))?;
    let id = resource["StackResourceDetail"]["PhysicalResourceId"].as_str();
    let id = id.with_context(|| format!("the nested stack {nested} has no id"))?;
    let template = aws
        .json(["cloudformation", "get-template", "--stack-name", id])
        .await
        .with_context(|| format!("cannot read the template of {nested}"))?;
    let body = match &template["TemplateBody"] {
        Value::String(text) => text.clone(),
        object => object.to_string(),
    };
    locations(body).with_context(|| format!("cannot read the template of {nested}"))
}

fn locations(template: String) -> Result<BTreeMap<String, Location>> {
    let template = Template::parse(template)?;
    Ok(template
        .section("Resources")
        .filter_map(|(name, resource)| {
            let code = &resource["Properties"]["Code"];
            let text = |field: &str| code[field].as_str().map(str::to_owned);
            let location = Location {
                bucket: text("S3Bucket")?,
                key: text("S3Key")?,
            };
            Some((name.to_owned(), location))
        })
        .collect())
}

/// A template in which the paths of zips are replaced by these locations; those of the functions in `new` stay, below `root`.
fn with_code(
    template: &str,
    deployed: &BTreeMap<String, Location>,
    new: &[String],
    root: &Path,
) -> Result<String> {
    let mut resource = "";
    let mut lines = Vec::new();
    for line in template.lines() {
        if let Some(name) = line.strip_prefix("  ").and_then(|rest| rest.strip_suffix(':'))
            && !name.starts_with([' ', '#'])
        {
            resource = name;
        }
        match line.strip_prefix("      Code: ../target/lambda/") {
            Some(zip) if new.iter().any(|name| zip == format!("{name}/bootstrap.zip")) => {
                let path = root.join("target/lambda").join(zip);
                lines.push(format!("      Code: '{}'", path.display()));
            }
            Some(_) => {
                let Location { bucket, key } = deployed.get(resource).with_context(|| {
                    format!("{resource} has not been deployed yet; deploy the code too, without --keep-code")
                })?;
                lines.push(format!("      Code: {{S3Bucket: '{bucket}', S3Key: '{key}'}}"));
            }
            None => lines.push(line.to_owned()),
        }
    }
    lines.push(String::new());
    Ok(lines.join("\n"))
}

async fn upload(aws: &Aws, stage: &str, infra: &Path) -> Result<Package> {
    let packaged: PathBuf = root_of_target()?.join("target").join("deploy").join("main.yaml");
    if let Some(dir) = packaged.parent() {
        fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    }
    // Checks the bucket's owner immediately before the upload.
    let bucket = bucket::ready(aws).await?;
    eprintln!("uploading templates and zips to {bucket}");
    let prefix = format!("stacks/{stage}");
    let packaged = packaged.display().to_string();
    let template = infra.join("main.yaml").display().to_string();
    aws.text([
        "cloudformation",
        "package",
        "--template-file",
        &template,
        "--s3-bucket",
        &bucket,
        "--s3-prefix",
        &prefix,
        "--output-template-file",
        &packaged,
    ])
    .await
    .context("cannot upload templates and zips")?;
    Ok(Package {
        template: packaged,
        bucket,
        prefix,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zips_are_replaced_by_the_deployed_code() {
        let functions = super::super::read("infra/functions.yaml").unwrap();
        let all = &local_services::functions::functions().unwrap().all;
        let deployed: BTreeMap<String, Location> = all
            .iter()
            .filter(|function| function.name != "login")
            .map(|function| {
                let name = function.logical_name();
                let location = Location {
                    bucket: "artifacts".to_owned(),
                    key: format!("stacks/{name}"),
                };
                (format!("{name}Function"), location)
            })
            .collect();
        let root = Path::new("/project");
        let some = with_code(&functions, &deployed, &["payment".to_owned()], root).unwrap();
        let paths: Vec<&str> = some
            .lines()
            .filter(|line| line.contains("target/lambda/"))
            .collect();
        assert_eq!(
            paths,
            ["      Code: '/project/target/lambda/payment/bootstrap.zip'"]
        );
        let text = with_code(&functions, &deployed, &[], root).unwrap();
        assert!(!text.contains("target/lambda/"));
        assert_eq!(
            locations(text).unwrap(),
            deployed,
            "also read back from a deployed template"
        );

        let none = with_code(&functions, &BTreeMap::new(), &[], root)
            .unwrap_err()
            .to_string();
        assert!(
            none.contains("ValidateOrderFunction has not been deployed yet"),
            "{none}"
        );
    }
}
