//! The templates in `infra/`, read without AWS: their parameters, and what depends on them.

mod release;
mod rules;
mod values;
mod yaml;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};

pub(super) use release::release;
pub(super) use rules::{Evaluator, call};
pub(super) use values::{Values, problems};

use super::read;

/// Name of the template of an installation.
const MAIN: &str = "main.yaml";

/// A parsed template.
#[derive(Debug)]
pub(super) struct Template {
    text: String,
    body: Value,
}

impl Template {
    /// Reads a template of `infra/`.
    pub(super) fn read(name: &str) -> Result<Self> {
        Self::parse(read(&format!("infra/{name}"))?).with_context(|| format!("infra/{name}"))
    }

    pub(super) fn main() -> Result<Self> {
        Self::read(MAIN)
    }

    pub(super) fn parse(text: String) -> Result<Self> {
        let body = yaml::parse(&text)?;
        Ok(Self { text, body })
    }

    /// Entries of a section such as `Resources`.
    pub(super) fn section(&self, name: &str) -> impl Iterator<Item = (&str, &Value)> {
        let entries = self.body[name].as_object().into_iter().flat_map(Map::iter);
        entries.map(|(name, value)| (name.as_str(), value))
    }

    /// Names and definitions of the parameters.
    pub(super) fn parameters(&self) -> BTreeMap<&str, &Value> {
        self.section("Parameters").collect()
    }

    /// Whether the condition of a resource holds. One that depends on more than parameters does.
    pub(super) fn exists(&self, resource: &Value, values: &Values) -> bool {
        let evaluator = Evaluator {
            template: self,
            values,
        };
        resource["Condition"]
            .as_str()
            .is_none_or(|condition| evaluator.condition(condition).unwrap_or(true))
    }

    fn resource(&self, name: &str) -> Option<&Value> {
        self.body["Resources"].get(name)
    }
}

/// The templates of an installation by the name of the nested stack; that of main.yaml is empty.
pub(super) fn all() -> Result<BTreeMap<String, Template>> {
    let main = Template::main()?;
    let mut templates = BTreeMap::new();
    for (name, resource) in main.section("Resources") {
        if let Some(file) = resource["Properties"]["TemplateURL"].as_str() {
            templates.insert(name.to_owned(), Template::read(file)?);
        }
    }
    templates.insert(String::new(), main);
    Ok(templates)
}

/// Text of a scalar, as CloudFormation passes it on.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_parsed() {
        let dir = local_process::dirs::root().join("infra");
        let mut found = 0;
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                let name = path.file_name().unwrap().to_str().unwrap();
                let template = Template::read(name).unwrap_or_else(|error| panic!("{name}: {error:#}"));
                assert!(template.section("Resources").count() > 0, "{name}");
                found += 1;
            }
        }
        assert!(found >= 10, "{found}");
    }

    #[test]
    fn parameters_are_read_from_the_template() {
        let main = Template::main().unwrap();
        let names = main.parameters();
        for name in ["Stage", "EnableNat", "AgentAssignmentSha256", "ExistingHasuraUrl"] {
            assert!(names.contains_key(name), "{name} in {names:?}");
        }
        assert!(!names.contains_key("Network") && !names.contains_key("Type"));
    }
}
