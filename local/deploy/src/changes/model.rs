//! An installation as its templates and parameters describe it: the properties of each resource, as far as they are known before it exists.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::super::template::{Evaluator, Template, Values, call};

/// Key of the template of the installation among the nested stacks.
pub(super) const MAIN: &str = "";

/// A resource: the nested stack that contains it, or [`MAIN`], and its logical id.
pub(super) type Path = (String, String);

/// Properties and type of a resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Resource {
    pub(super) kind: String,
    pub(super) properties: Map<String, Value>,
}

#[derive(Debug)]
pub(super) struct Model {
    templates: BTreeMap<String, Template>,
    values: RefCell<BTreeMap<String, Values>>,
    /// Resources with a new identity, which those that refer to them see.
    pub(super) replaced: BTreeSet<Path>,
}

impl Model {
    pub(super) fn new(templates: BTreeMap<String, Template>, values: Values) -> Self {
        Self {
            templates,
            values: RefCell::new([(MAIN.to_owned(), values)].into()),
            replaced: BTreeSet::new(),
        }
    }

    /// Marks resources as replaced.
    pub(super) fn replace(&mut self, replaced: BTreeSet<Path>) {
        self.replaced = replaced;
        // Parameters of nested stacks may contain identities.
        self.values.borrow_mut().retain(|stack, _| stack == MAIN);
    }

    /// Every resource that exists, apart from the nested stacks.
    pub(super) fn resources(&self) -> BTreeMap<Path, Resource> {
        let mut found = BTreeMap::new();
        for (stack, template) in &self.templates {
            if stack != MAIN && !self.exists(MAIN, stack) {
                continue;
            }
            for (name, definition) in template.section("Resources") {
                let kind = definition["Type"].as_str().unwrap_or_default();
                if kind == "AWS::CloudFormation::Stack" || !self.exists(stack, name) {
                    continue;
                }
                let mut properties = self.evaluate(stack, &definition["Properties"]);
                if let Some(properties) = properties.as_object_mut() {
                    // The location of a zip; the hash of its content is in the description.
                    if properties
                        .get("Code")
                        .is_none_or(|code| code.get("ZipFile").is_none())
                    {
                        properties.remove("Code");
                    }
                }
                let resource = Resource {
                    kind: kind.to_owned(),
                    properties: properties.as_object().cloned().unwrap_or_default(),
                };
                found.insert((stack.clone(), name.to_owned()), resource);
            }
        }
        found
    }

    fn exists(&self, stack: &str, name: &str) -> bool {
        let Some(template) = self.templates.get(stack) else {
            return false;
        };
        let definition = template.section("Resources").find(|(id, _)| *id == name);
        definition.is_some_and(|(_, definition)| match definition["Condition"].as_str() {
            Some(condition) => self.condition(stack, condition).unwrap_or(true),
            None => true,
        })
    }

    /// Value of a condition; `None` if it depends on more than is known.
    fn condition(&self, stack: &str, name: &str) -> Option<bool> {
        let values = self.values(stack)?;
        let template = self.templates.get(stack)?;
        let evaluator = Evaluator {
            template,
            values: &values,
        };
        evaluator.condition(name).ok()
    }

    /// Parameters of a stack.
    fn values(&self, stack: &str) -> Option<Values> {
        if let Some(known) = self.values.borrow().get(stack) {
            return Some(known.clone());
        }
        let template = self.templates.get(stack)?;
        let main = self.templates.get(MAIN)?;
        let (_, definition) = main.section("Resources").find(|(name, _)| *name == stack)?;
        let given = self.evaluate(MAIN, &definition["Properties"]["Parameters"]);
        let given: Vec<(String, String)> = given
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| {
                let text = value.as_str().map(str::to_owned);
                (name.clone(), text.unwrap_or_else(|| value.to_string()))
            })
            .collect();
        let layers = given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let values = Values::new(template, layers);
        self.values.borrow_mut().insert(stack.to_owned(), values.clone());
        Some(values)
    }

    /// The value of an expression. What is known only after the creation of a resource is its name in braces.
    fn evaluate(&self, stack: &str, expression: &Value) -> Value {
        match (call(expression), expression) {
            (Some(("Ref", Value::String(name))), _) => self.reference(stack, name),
            (Some(("Fn::GetAtt", Value::Array(path))), _) => {
                let part = |n: usize| path.get(n).and_then(Value::as_str).unwrap_or_default();
                self.attribute(stack, part(0), part(1))
            }
            (Some(("Fn::If", Value::Array(parts))), _) => match parts.as_slice() {
                [Value::String(name), yes, no] => match self.condition(stack, name) {
                    Some(true) => self.evaluate(stack, yes),
                    Some(false) => self.evaluate(stack, no),
                    None => json!({"Fn::If": [name, self.evaluate(stack, yes), self.evaluate(stack, no)]}),
                },
                _ => expression.clone(),
            },
            (Some(("Fn::Join", Value::Array(parts))), _) => match parts.as_slice() {
                [Value::String(separator), list] => joined(separator, &self.evaluate(stack, list)),
                _ => expression.clone(),
            },
            (Some(("Fn::Sub", Value::String(text))), _) => self.substituted(stack, text, &Value::Null),
            (Some(("Fn::Sub", Value::Array(parts))), _) => match parts.as_slice() {
                [Value::String(text), names] => self.substituted(stack, text, names),
                _ => expression.clone(),
            },
            (_, Value::Object(entries)) => Value::Object(
                entries
                    .iter()
                    .map(|(name, value)| (name.clone(), self.evaluate(stack, value)))
                    .filter(|(_, value)| !value.is_null())
                    .collect(),
            ),
            (_, Value::Array(items)) => items
                .iter()
                .map(|item| self.evaluate(stack, item))
                .filter(|item| !item.is_null())
                .collect(),
            // A number and its text are equal to CloudFormation.
            (_, Value::Number(number)) => Value::String(number.to_string()),
            (_, Value::Bool(flag)) => Value::String(flag.to_string()),
            _ => expression.clone(),
        }
    }

    /// Null for `AWS::NoValue`.
    fn reference(&self, stack: &str, name: &str) -> Value {
        if name == "AWS::NoValue" {
            return Value::Null;
        }
        if let Some(value) = self
            .values(stack)
            .and_then(|values| values.get(name).map(str::to_owned))
        {
            return Value::String(value);
        }
        Value::String(self.identity(stack, name, ""))
    }

    fn attribute(&self, stack: &str, name: &str, attribute: &str) -> Value {
        if stack == MAIN
            && let Some(output) = attribute.strip_prefix("Outputs.")
            && let Some(template) = self.templates.get(name)
            && let Some((_, definition)) = template.section("Outputs").find(|(id, _)| *id == output)
        {
            return self.evaluate(name, &definition["Value"]);
        }
        Value::String(self.identity(stack, name, attribute))
    }

    fn identity(&self, stack: &str, name: &str, attribute: &str) -> String {
        let mark = if self.replaced.contains(&(stack.to_owned(), name.to_owned())) {
            "'"
        } else {
            ""
        };
        format!("{{{stack}/{name}{mark}.{attribute}}}")
    }

    fn substituted(&self, stack: &str, text: &str, names: &Value) -> Value {
        let mut parts = text.split("${");
        let mut found = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap_or((part, ""));
            let value = match (names.get(name), name.split_once('.')) {
                (Some(expression), _) => self.evaluate(stack, expression),
                (None, Some((resource, attribute))) => self.attribute(stack, resource, attribute),
                (None, None) => self.reference(stack, name),
            };
            match value {
                Value::String(text) => found += &text,
                other => found += &other.to_string(),
            }
            found += rest;
        }
        Value::String(found)
    }
}

/// The items of a list, joined. A parameter that is a list has commas between its items.
fn joined(separator: &str, list: &Value) -> Value {
    match list {
        Value::String(items) => Value::String(items.replace(',', separator)),
        Value::Array(items) => {
            let texts: Vec<String> = items
                .iter()
                .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
                .collect();
            Value::String(texts.join(separator))
        }
        other => json!({"Fn::Join": [separator, other]}),
    }
}
