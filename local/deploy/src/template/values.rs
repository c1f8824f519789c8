//! Values of the parameters: those of a deployment, the stack's current ones, and defaults. Checked before anything is created.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use regex::Regex;
use serde_json::Value;

use super::{Template, rules, text};

/// Value of every parameter of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Values(BTreeMap<String, String>);

impl Values {
    /// Values of the template's parameters: the last of `layers` that contains a parameter determines its value, otherwise its default
    /// does. Parameters without a default and without a value are empty.
    pub(crate) fn new<'a>(template: &Template, layers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut values: BTreeMap<String, String> = template
            .section("Parameters")
            .map(|(name, definition)| {
                let default = text(&definition["Default"]);
                (name.to_owned(), default.unwrap_or_default())
            })
            .collect();
        for (name, value) in layers {
            if let Some(known) = values.get_mut(name) {
                value.clone_into(known);
            }
        }
        Self(values)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether the stack creates instances with pgBouncer.
    pub(crate) fn own_pool(&self) -> bool {
        self.is_empty("ExistingConnectionString") && self.get("Pooler") != Some("rdsproxy")
    }

    /// Whether a parameter is absent or empty.
    pub(crate) fn is_empty(&self, name: &str) -> bool {
        self.get(name).unwrap_or_default().is_empty()
    }
}

/// Returns what CloudFormation would refuse: invalid values, and combinations that a rule of the template excludes.
pub(crate) fn problems(template: &Template, values: &Values) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (name, definition) in template.section("Parameters") {
        let value = values.get(name).unwrap_or_default();
        if let Some(problem) =
            problem(definition, value).with_context(|| format!("parameter {name} of infra/main.yaml"))?
        {
            found.push(format!("parameter {name}: \"{value}\" {problem}"));
        }
    }
    // An invalid value makes the result of a rule meaningless.
    if found.is_empty() {
        found = rules::violations(template, values)?;
    }
    Ok(found)
}

/// Returns why a value is invalid.
fn problem(definition: &Value, value: &str) -> Result<Option<String>> {
    let explanation = definition["ConstraintDescription"].as_str();
    if let Some(allowed) = definition["AllowedValues"].as_array() {
        let allowed: Vec<String> = allowed.iter().filter_map(text).collect();
        let invalid = !allowed.iter().any(|allowed| allowed == value);
        return Ok(invalid.then(|| format!("is not one of {}", allowed.join(", "))));
    }
    let bound = |name: &str| text(&definition[name]).and_then(|bound| bound.parse::<f64>().ok());
    if definition["Type"] == "Number" {
        let (low, high) = (bound("MinValue"), bound("MaxValue"));
        let fits = value.parse::<f64>().is_ok_and(|number| {
            number.is_finite()
                && low.is_none_or(|low| number >= low)
                && high.is_none_or(|high| number <= high)
        });
        let range = match (low, high) {
            (Some(low), Some(high)) => format!(" from {low} to {high}"),
            _ => String::new(),
        };
        return Ok((!fits).then(|| format!("is not a number{range}")));
    }
    let length = value.chars().count();
    let long = |name: &str| text(&definition[name]).and_then(|bound| bound.parse::<usize>().ok());
    let mut invalid = long("MinLength").is_some_and(|least| length < least)
        || long("MaxLength").is_some_and(|most| length > most);
    if let Some(pattern) = definition["AllowedPattern"].as_str() {
        let pattern = Regex::new(&format!("^(?:{pattern})$")).context("AllowedPattern")?;
        // The pattern of a list applies to each of its items.
        invalid |= if definition["Type"] == "CommaDelimitedList" {
            !value.split(',').all(|item| pattern.is_match(item.trim()))
        } else {
            !pattern.is_match(value)
        };
    }
    Ok(invalid.then(|| format!("is invalid; expected: {}", explanation.unwrap_or("another value"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(set: &[(&str, &str)]) -> Vec<String> {
        let main = Template::main().unwrap();
        // What `deploy` adds to a first launch.
        let made = [
            (
                "PoolCertificateSecretArn",
                "arn:aws:secretsmanager:eu-central-1:000000000000:secret:c",
            ),
            (
                "SigningKeysSecretArn",
                "arn:aws:secretsmanager:eu-central-1:000000000000:secret:k",
            ),
            ("CloudFrontPrefixListId", "pl-12345678"),
        ];
        let values = Values::new(&main, made.into_iter().chain(set.iter().copied()));
        problems(&main, &values).unwrap()
    }

    #[test]
    fn defaults_of_a_first_launch_are_valid() {
        assert_eq!(found(&[]), Vec::<String>::new());
    }

    #[test]
    fn invalid_values_name_their_parameter() {
        for (name, value, says) in [
            ("PoolSize", "abc", "a number from 1 to 1000"),
            ("PoolSize", "0", "a number from 1 to 1000"),
            ("EnableNat", "maybe", "one of true, false"),
            ("AlarmEmail", "oncall", "An address such as oncall@example.com"),
            ("Stage", "a", "2 to 20 lowercase letters"),
            (
                "AppUrls",
                "https://a.example/,b",
                "Addresses with a slash at the end",
            ),
        ] {
            let found = found(&[(name, value)]);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(
                found[0].starts_with(&format!("parameter {name}: \"{value}\" ")) && found[0].contains(says),
                "{found:?}"
            );
        }
    }

    #[test]
    fn excluded_combinations_are_found() {
        for (set, says) in [
            (&[("IdentityProvider", "oidc")][..], "OidcIssuer and OidcAudience"),
            (
                &[("DemoLogin", "true"), ("Stage", "prod")],
                "a stage named dev, demo, test or ci",
            ),
            (&[("UnauthorizedRole", "admin")], "must not have the role admin"),
            (&[("EnableHasura", "false")], "The web apps require Hasura"),
            (
                &[("ExistingDatabaseHost", "db.example.com")],
                "ExistingMasterSecretArn",
            ),
            (
                &[("ExistingConnectionString", "postgres://pool.example.com/food")],
                "ExistingPoolerCidr",
            ),
            (&[("ExistingVpcId", "vpc-12345678")], "ExistingPrivateSubnetIds"),
            (
                &[(
                    "HasuraCertificateArn",
                    "arn:aws:acm:eu-central-1:000000000000:certificate/0123abcd-0000-0000-0000-000000000000",
                )],
                "HasuraDomainName",
            ),
        ] {
            let found = found(set);
            assert!(found.iter().any(|line| line.contains(says)), "{set:?}: {found:?}");
        }
    }
}
