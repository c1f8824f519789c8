//! The release of the functions: it changes with every setting that a version of a function contains, and with no other.
//!
//! A version is a snapshot of code and settings, and callers use versions by the alias `live`. CloudFormation publishes a version only
//! when a property of `AWS::Lambda::Version` changes; so the templates put the release into the description of each function and
//! version. The code is not part of it: each version also contains the hash of its own code.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::rules::{Evaluator, call};
use super::{MAIN, Template, Values};

/// Parameters that reach the functions, but are not settings.
fn is_setting(parameter: &str) -> bool {
    parameter != "Release" && !parameter.ends_with("Sha256")
}

/// Value of the parameter `Release`.
pub(crate) fn release(values: &Values) -> Result<String> {
    let mut search = Search::new(values)?;
    search.functions()?;
    let mut hash = Sha256::new();
    for file in &search.files {
        hash.update(&search.templates[file].text);
    }
    for name in search.parameters.iter().filter(|name| is_setting(name)) {
        hash.update(format!("\n{name}={}", values.get(name).unwrap_or_default()));
    }
    let hash = hash.finalize();
    let (first, _) = hash.split_at(8);
    Ok(first
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")))
}

/// Search for the parameters of main.yaml on which the versions of functions depend.
struct Search<'a> {
    values: &'a Values,
    templates: BTreeMap<String, Template>,
    /// Templates that contain something that a version depends on.
    files: BTreeSet<String>,
    /// Visited objects, by template and name.
    visited: BTreeSet<(String, String)>,
    parameters: BTreeSet<String>,
}

/// A nested stack: its name in main.yaml and its template.
#[derive(Debug, Clone)]
struct Nested {
    name: String,
    file: String,
}

impl<'a> Search<'a> {
    fn new(values: &'a Values) -> Result<Self> {
        let main = Template::main()?;
        let mut templates = BTreeMap::new();
        for (_, resource) in main.section("Resources") {
            if let Some(file) = template_of(resource) {
                templates.insert(file.to_owned(), Template::read(file)?);
            }
        }
        templates.insert(MAIN.to_owned(), main);
        Ok(Self {
            values,
            templates,
            files: BTreeSet::new(),
            visited: BTreeSet::new(),
            parameters: BTreeSet::new(),
        })
    }

    /// Finds the parameters of every version.
    fn functions(&mut self) -> Result<()> {
        let stacks: Vec<Nested> = self.templates[MAIN]
            .section("Resources")
            .filter_map(|(name, resource)| {
                let file = template_of(resource)?.to_owned();
                Some(Nested {
                    name: name.to_owned(),
                    file,
                })
            })
            .collect();
        for stack in stacks {
            let versions: Vec<Value> = self.templates[&stack.file]
                .section("Resources")
                .filter(|(_, resource)| resource["Type"] == "AWS::Lambda::Version")
                .map(|(_, resource)| resource.clone())
                .collect();
            for version in versions {
                self.nested(&stack, &version)?;
            }
        }
        Ok(())
    }

    /// Follows an expression in main.yaml.
    fn main(&mut self, expression: &Value) -> Result<()> {
        self.files.insert(MAIN.to_owned());
        let main = &self.templates[MAIN];
        let evaluator = Evaluator {
            template: main,
            values: self.values,
        };
        let mut references = Vec::new();
        collect(expression, &mut references, &|condition| {
            evaluator.condition(condition).ok()
        });
        for reference in references {
            if !self.visited.insert((MAIN.to_owned(), reference.key())) {
                continue;
            }
            let main = &self.templates[MAIN];
            match &reference {
                Reference::Name(name) if main.parameters().contains_key(name.as_str()) => {
                    self.parameters.insert(name.clone());
                }
                Reference::Name(name) => {
                    if let Some(resource) = main.resource(name).cloned() {
                        self.main(&resource)?;
                    }
                }
                Reference::Condition(name) => {
                    if let Some(definition) = main.body["Conditions"].get(name).cloned() {
                        self.main(&definition)?;
                    }
                }
                Reference::Attribute(name, attribute) => {
                    let resource = main
                        .resource(name)
                        .with_context(|| format!("there is no resource {name}"))?;
                    if let (Some(file), Some(output)) =
                        (template_of(resource), attribute.strip_prefix("Outputs."))
                    {
                        let stack = Nested {
                            name: name.clone(),
                            file: file.to_owned(),
                        };
                        let output = self.templates[file].body["Outputs"][output].clone();
                        self.nested(&stack, &output)?;
                    } else {
                        let resource = resource.clone();
                        self.main(&resource)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Follows an expression in the template of a nested stack. Its conditions are not evaluated: the values of its parameters are known
    /// only to CloudFormation.
    fn nested(&mut self, stack: &Nested, expression: &Value) -> Result<()> {
        self.files.insert(stack.file.clone());
        let mut references = Vec::new();
        collect(expression, &mut references, &|_| None);
        for reference in references {
            if !self.visited.insert((stack.file.clone(), reference.key())) {
                continue;
            }
            let template = &self.templates[&stack.file];
            let next = match &reference {
                Reference::Name(name) if template.parameters().contains_key(name.as_str()) => {
                    let stack = self.templates[MAIN].resource(&stack.name);
                    let value = stack.and_then(|stack| stack["Properties"]["Parameters"].get(name));
                    if let Some(value) = value.cloned() {
                        self.main(&value)?;
                    }
                    continue;
                }
                Reference::Name(name) | Reference::Attribute(name, _) => template.resource(name),
                Reference::Condition(name) => template.body["Conditions"].get(name),
            };
            if let Some(next) = next.cloned() {
                self.nested(stack, &next)?;
            }
        }
        Ok(())
    }
}

/// Something that an expression refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reference {
    /// A parameter or a resource.
    Name(String),
    Attribute(String, String),
    Condition(String),
}

impl Reference {
    /// Identifies what the reference leads to.
    fn key(&self) -> String {
        match self {
            Self::Name(name) => name.clone(),
            Self::Attribute(name, attribute) => format!("{name}.{attribute}"),
            Self::Condition(name) => format!("condition {name}"),
        }
    }
}

/// Template of a nested stack.
fn template_of(resource: &Value) -> Option<&str> {
    let is_stack = resource["Type"] == "AWS::CloudFormation::Stack";
    resource["Properties"]["TemplateURL"]
        .as_str()
        .filter(|_| is_stack)
}

/// Adds the references of an expression. Of `Fn::If` with a known condition only the branch that holds is followed.
fn collect(expression: &Value, found: &mut Vec<Reference>, condition: &dyn Fn(&str) -> Option<bool>) {
    match (call(expression), expression) {
        (Some(("Ref", Value::String(name))), _) => found.push(Reference::Name(name.clone())),
        (Some(("Fn::GetAtt", Value::Array(path))), _) => {
            let part = |n: usize| path.get(n).and_then(Value::as_str).unwrap_or_default().to_owned();
            found.push(Reference::Attribute(part(0), part(1)));
        }
        (Some(("Fn::Sub", Value::String(text))), _) => substituted(text, found, &Value::Null),
        (Some(("Fn::Sub", Value::Array(parts))), _) => {
            if let [Value::String(text), names] = parts.as_slice() {
                substituted(text, found, names);
                collect(names, found, condition);
            }
        }
        (Some(("Fn::If", Value::Array(parts))), _) => {
            if let [Value::String(name), yes, no] = parts.as_slice() {
                match condition(name) {
                    Some(true) => collect(yes, found, condition),
                    Some(false) => collect(no, found, condition),
                    None => {
                        found.push(Reference::Condition(name.clone()));
                        collect(yes, found, condition);
                        collect(no, found, condition);
                    }
                }
            }
        }
        (_, Value::Object(entries)) => {
            for (key, value) in entries {
                match value {
                    // Of a resource, an output or another condition.
                    Value::String(name) if key == "Condition" => {
                        found.push(Reference::Condition(name.clone()));
                    }
                    value => collect(value, found, condition),
                }
            }
        }
        (_, Value::Array(items)) => items.iter().for_each(|item| collect(item, found, condition)),
        _ => {}
    }
}

/// Adds the names in `${…}`, except those of a map.
fn substituted(text: &str, found: &mut Vec<Reference>, names: &Value) {
    for part in text.split("${").skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        if name.starts_with('!') || names.get(name).is_some() {
            continue;
        }
        found.push(match name.split_once('.') {
            Some((resource, attribute)) => Reference::Attribute(resource.to_owned(), attribute.to_owned()),
            None => Reference::Name(name.to_owned()),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &[(&str, &str)]) -> String {
        let main = Template::main().unwrap();
        release(&Values::new(&main, set.iter().copied())).unwrap()
    }

    #[test]
    fn settings_of_functions_change_the_release() {
        let before = of(&[]);
        assert_eq!(before.len(), 16);
        assert_eq!(before, of(&[("Stage", "dev")]), "the default");
        for (name, value) in [
            ("Stage", "prod"),
            ("Architecture", "x86_64"),
            ("ExistingConnectionString", "postgres://pool.example.com/food"),
            ("PoolTrustSecretArn", "arn:trust"),
            ("PoolCertificateSecretArn", "arn:certificate"),
            ("DemoLogin", "true"),
            ("SigningKeysSecretArn", "arn:keys"),
            ("VpcCidr", "10.0.0.0/16"),
            ("ExistingVpcId", "vpc-12345678"),
            ("PreparedStatements", "off"),
        ] {
            assert_ne!(before, of(&[(name, value)]), "{name}");
        }
    }

    #[test]
    fn other_settings_keep_the_release() {
        let before = of(&[]);
        for (name, value) in [
            ("AlarmEmail", "oncall@example.com"),
            ("PoolSize", "20"),
            ("PoolImage", "/my/image"),
            ("HasuraTasks", "2"),
            ("DatabaseInstanceClass", "db.t4g.small"),
            ("RotationDays", "7"),
            ("CanaryDeploys", "true"),
            ("AppUrls", "https://app.example.com/"),
            ("FirstLaunch", "true"),
            ("PaymentSha256", "x"),
        ] {
            assert_eq!(before, of(&[(name, value)]), "{name}");
        }
    }

    #[test]
    fn completed_renewal_of_the_certificate_keeps_the_release() {
        let published = of(&[
            ("PoolTrustSecretArn", "arn:new"),
            ("PoolCertificateSecretArn", "arn:old"),
        ]);
        let completed = of(&[
            ("PoolTrustSecretArn", "arn:new"),
            ("PoolCertificateSecretArn", "arn:new"),
        ]);
        assert_eq!(published, completed);
    }
}
