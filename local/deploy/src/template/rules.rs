//! Conditions and rules of a template, evaluated with the values of its parameters.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{Template, Values, text};

/// Descriptions of the violated assertions.
pub(super) fn violations(template: &Template, values: &Values) -> Result<Vec<String>> {
    let evaluator = Evaluator { template, values };
    let mut found = Vec::new();
    for (name, rule) in template.section("Rules") {
        let applies = match rule.get("RuleCondition") {
            Some(condition) => evaluator.holds(condition),
            None => Ok(true),
        };
        if !applies.with_context(|| format!("rule {name}"))? {
            continue;
        }
        for assertion in rule["Assertions"].as_array().into_iter().flatten() {
            if !evaluator
                .holds(&assertion["Assert"])
                .with_context(|| format!("rule {name}"))?
            {
                let description = assertion["AssertDescription"].as_str().unwrap_or(name);
                found.push(description.trim().to_owned());
            }
        }
    }
    Ok(found)
}

/// Evaluates expressions that depend on parameters only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evaluator<'a> {
    pub(crate) template: &'a Template,
    pub(crate) values: &'a Values,
}

impl Evaluator<'_> {
    /// Value of a named condition of the template.
    pub(crate) fn condition(self, name: &str) -> Result<bool> {
        let definition = self.template.body["Conditions"].get(name);
        self.holds(definition.with_context(|| format!("there is no condition {name}"))?)
    }

    fn holds(self, expression: &Value) -> Result<bool> {
        let (function, argument) = call(expression).context("not a condition")?;
        let operands = || argument.as_array().context("not a list");
        match function {
            "Condition" => self.condition(argument.as_str().context("not a name")?),
            "Fn::Equals" => {
                let [left, right] = operands()?.as_slice() else {
                    bail!("Fn::Equals does not have two operands");
                };
                Ok(self.value(left)? == self.value(right)?)
            }
            "Fn::Not" => {
                let [condition] = operands()?.as_slice() else {
                    bail!("Fn::Not does not have one operand");
                };
                Ok(!self.holds(condition)?)
            }
            "Fn::And" => operands()?
                .iter()
                .try_fold(true, |all, next| Ok(all & self.holds(next)?)),
            "Fn::Or" => operands()?
                .iter()
                .try_fold(false, |any, next| Ok(any | self.holds(next)?)),
            "Fn::Contains" => {
                let [list, value] = operands()?.as_slice() else {
                    bail!("Fn::Contains does not have two operands");
                };
                let value = self.value(value)?;
                let list = list.as_array().context("not a list")?;
                Ok(list.iter().filter_map(text).any(|item| item == value))
            }
            other => bail!("{other} is not supported in a condition"),
        }
    }

    fn value(self, expression: &Value) -> Result<String> {
        if let Some(literal) = text(expression) {
            return Ok(literal);
        }
        match call(expression) {
            Some(("Ref", Value::String(name))) => {
                let value = self.values.get(name);
                Ok(value
                    .with_context(|| format!("{name} is not a parameter"))?
                    .to_owned())
            }
            // Lists are texts with commas, so that an empty one is an empty text.
            Some(("Fn::Join", Value::Array(parts))) => match parts.as_slice() {
                [Value::String(separator), Value::Array(items)] => {
                    let items: Result<Vec<String>> = items.iter().map(|item| self.value(item)).collect();
                    Ok(items?.join(separator))
                }
                [Value::String(separator), list] => Ok(self.value(list)?.replace(',', separator)),
                _ => bail!("Fn::Join does not have two operands"),
            },
            _ => bail!("the value depends on more than parameters"),
        }
    }
}

/// Name and argument of a function.
pub(crate) fn call(expression: &Value) -> Option<(&str, &Value)> {
    let entries = expression.as_object().filter(|entries| entries.len() == 1)?;
    entries
        .iter()
        .next()
        .map(|(name, argument)| (name.as_str(), argument))
}
