//! Changes that a deployment would make: the templates of the stack and those of this directory, each with its parameters, compared
//! without changing anything. A change set of CloudFormation would need uploaded templates, and evaluates nested stacks only in part.

mod difference;
mod model;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::aws::Aws;
use super::stack::Stack;
use super::template::{self, Template, Values};
use difference::{Action, Change};
use model::{MAIN, Model};

/// Maximum number of printed resources.
const SHOWN: usize = 40;

/// Effects of a deployment on the resources of a stack.
#[derive(Debug)]
pub(super) struct Changes(Vec<Change>);

impl Changes {
    /// Compares the stack with the templates of this directory and these values. The release is part of the values.
    pub(super) async fn find(aws: &Aws, stack: &Stack, values: &Values) -> Result<Self> {
        let deployed = deployed(aws, stack).await?;
        let planned = Model::new(template::all()?, values.clone());
        Ok(Self(difference::between(&deployed, planned)?))
    }

    /// Changes that CloudFormation refuses.
    pub(super) fn refused(&self) -> impl Iterator<Item = String> {
        let refused = self.0.iter().filter(|change| change.refused);
        refused.map(|change| {
            format!(
                "CloudFormation refuses to replace {} ({}), whose name stays the same: {}",
                change.path(),
                change.kind,
                change.properties.join(", ")
            )
        })
    }

    pub(super) fn describe(&self) -> String {
        let is_version = |change: &&Change| change.kind == "AWS::Lambda::Version";
        let versions = self.0.iter().filter(is_version).count();
        let others: Vec<&Change> = self.0.iter().filter(|change| !is_version(change)).collect();
        if self.0.is_empty() {
            return "Changes: none; the stack is up to date".to_owned();
        }
        let mut said = "Changes:".to_owned();
        for change in others.iter().take(SHOWN) {
            let (sign, properties) = match &change.action {
                Action::Add => ("+", String::new()),
                Action::Remove => ("-", String::new()),
                Action::Change => ("~", format!(": {}", change.properties.join(", "))),
                Action::Replace => ("!", format!(", replaced: {}", change.properties.join(", "))),
            };
            let _ = write!(said, "\n  {sign} {} ({}){properties}", change.path(), change.kind);
        }
        if others.len() > SHOWN {
            let _ = write!(said, "\n  and {} more", others.len() - SHOWN);
        }
        if versions > 0 {
            let _ = write!(said, "\n  new versions of {versions} functions");
        }
        let lost = |change: &&&Change| {
            change.kind == "AWS::RDS::DBInstance" && matches!(change.action, Action::Remove | Action::Replace)
        };
        if others.iter().any(|change| lost(&change)) {
            said += "\n  The database leaves the stack. While it is protected it remains, with its cost; otherwise it is deleted, and a snapshot remains";
        }
        said
    }
}

/// The templates and parameters of the stack.
async fn deployed(aws: &Aws, stack: &Stack) -> Result<Model> {
    let main = get_template(aws, stack.name()).await?;
    let resources = aws
        .json([
            "cloudformation",
            "list-stack-resources",
            "--stack-name",
            stack.name(),
        ])
        .await
        .context("cannot list the nested stacks")?;
    let mut templates = BTreeMap::new();
    for resource in resources["StackResourceSummaries"]
        .as_array()
        .into_iter()
        .flatten()
    {
        if resource["ResourceType"] == "AWS::CloudFormation::Stack"
            && let (Some(name), Some(id)) = (
                resource["LogicalResourceId"].as_str(),
                resource["PhysicalResourceId"].as_str(),
            )
        {
            templates.insert(name.to_owned(), get_template(aws, id).await?);
        }
    }
    let values = Values::new(&main, stack.parameters());
    templates.insert(MAIN.to_owned(), main);
    Ok(Model::new(templates, values))
}

async fn get_template(aws: &Aws, stack: &str) -> Result<Template> {
    let found = aws
        .json(["cloudformation", "get-template", "--stack-name", stack])
        .await
        .with_context(|| format!("cannot read the template of {stack}"))?;
    Template::parse(match &found["TemplateBody"] {
        Value::String(text) => text.clone(),
        object => object.to_string(),
    })
}
