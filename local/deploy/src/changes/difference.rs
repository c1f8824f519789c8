//! The difference of two models. A property that CloudFormation cannot change replaces its resource, and then those that refer to it see
//! another identity.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::super::read;
use super::model::{Model, Path, Resource};

/// Maximum number of rounds in which a replacement causes others.
const ROUNDS: usize = 10;

/// Effect of a deployment on a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    Replace,
    Remove,
    Add,
    Change,
}

/// A changed resource.
#[derive(Debug, Clone)]
pub(super) struct Change {
    path: Path,
    pub(super) kind: String,
    pub(super) action: Action,
    /// Changed properties; of a replacement those that cause it.
    pub(super) properties: Vec<String>,
    /// Whether CloudFormation refuses it: the new resource would have the name of the old one, which exists until then.
    pub(super) refused: bool,
}

impl Change {
    pub(super) fn path(&self) -> String {
        let (stack, name) = &self.path;
        if stack.is_empty() {
            name.clone()
        } else {
            format!("{stack}/{name}")
        }
    }
}

/// Properties whose change replaces a resource, and that with its name, by type: `infra/replacements.json`.
struct Types(Value);

impl Types {
    fn replacing(&self, kind: &str) -> impl Iterator<Item = &str> {
        let listed = self.0[kind]["replace"].as_array();
        listed.into_iter().flatten().filter_map(Value::as_str)
    }

    fn name<'a>(&self, resource: &'a Resource) -> Option<&'a Value> {
        let mut path = self.0[&resource.kind]["name"].as_str()?.split('.');
        let first = resource.properties.get(path.next()?)?;
        path.try_fold(first, |node, step| node.get(step))
    }
}

/// The changes from one model to another.
pub(super) fn between(old: &Model, mut new: Model) -> Result<Vec<Change>> {
    let types = read("infra/replacements.json")?;
    let types = Types(serde_json::from_str(&types).context("infra/replacements.json")?);
    let before = old.resources();
    for _ in 0..ROUNDS {
        let changes = compare(&before, &new.resources(), &types);
        let replaced: BTreeSet<Path> = changes
            .iter()
            .filter(|change| change.action == Action::Replace)
            .map(|change| change.path.clone())
            .collect();
        if replaced == new.replaced {
            return Ok(changes);
        }
        new.replace(replaced);
    }
    Ok(compare(&before, &new.resources(), &types))
}

fn compare(
    before: &BTreeMap<Path, Resource>,
    after: &BTreeMap<Path, Resource>,
    types: &Types,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let change = |path: &Path, kind: &str, action, properties| Change {
        path: path.clone(),
        kind: kind.to_owned(),
        action,
        properties,
        refused: false,
    };
    for (path, new) in after {
        let Some(old) = before.get(path) else {
            changes.push(change(path, &new.kind, Action::Add, Vec::new()));
            continue;
        };
        let names: BTreeSet<&String> = old.properties.keys().chain(new.properties.keys()).collect();
        let differing: Vec<String> = names
            .into_iter()
            .filter(|name| old.properties.get(*name) != new.properties.get(*name))
            .cloned()
            .collect();
        if differing.is_empty() && old.kind == new.kind {
            continue;
        }
        let causes: Vec<String> = types
            .replacing(&new.kind)
            .filter(|name| differing.iter().any(|one| one == name))
            .map(str::to_owned)
            .collect();
        if causes.is_empty() && old.kind == new.kind {
            changes.push(change(path, &new.kind, Action::Change, differing));
        } else {
            let name = types.name(new);
            changes.push(Change {
                refused: old.kind == new.kind && name.is_some() && name == types.name(old),
                ..change(path, &new.kind, Action::Replace, causes)
            });
        }
    }
    for (path, old) in before {
        if !after.contains_key(path) {
            changes.push(change(path, &old.kind, Action::Remove, Vec::new()));
        }
    }
    changes.sort_by(|a, b| (a.action, &a.path).cmp(&(b.action, &b.path)));
    changes
}

#[cfg(test)]
mod tests {
    use super::super::super::template::{self, Template, Values};
    use super::super::Changes;
    use super::*;

    fn changes(before: &[(&str, &str)], after: &[(&str, &str)]) -> Vec<Change> {
        let model = |set: &[(&str, &str)]| {
            let main = Template::main().unwrap();
            Model::new(template::all().unwrap(), Values::new(&main, set.iter().copied()))
        };
        between(&model(before), model(after)).unwrap()
    }

    fn found<'a>(changes: &'a [Change], path: &str) -> Option<&'a Change> {
        changes.iter().find(|change| change.path() == path)
    }

    #[test]
    fn equal_parameters_change_nothing() {
        assert_eq!(changes(&[], &[]).len(), 0);
    }

    #[test]
    fn resources_are_added_removed_and_changed() {
        let all = changes(&[], &[("EnableNat", "false"), ("DatabaseMultiAz", "true")]);
        assert_eq!(found(&all, "Network/Nat").unwrap().action, Action::Remove);
        assert_eq!(
            found(&all, "Network/SecretsEndpoint").unwrap().action,
            Action::Add
        );
        let database = found(&all, "Database/Database").unwrap();
        assert_eq!(
            (database.action, database.properties.as_slice()),
            (Action::Change, &["MultiAZ".to_owned()][..])
        );
    }

    #[test]
    fn replaced_resources_are_seen_by_those_that_refer_to_them() {
        let all = changes(&[], &[("PrivateOrigin", "true")]);
        assert_eq!(
            found(&all, "Hasura/LoadBalancer").unwrap().action,
            Action::Replace
        );
        let listener = found(&all, "Hasura/ListenerOfCloudFront").unwrap();
        assert_eq!(
            listener.action,
            Action::Replace,
            "its load balancer is another one"
        );
        assert_eq!(found(&all, "Hasura/VpcOrigin").unwrap().action, Action::Add);
        assert!(all.iter().all(|change| !change.refused), "{all:?}");
    }

    #[test]
    fn replacements_that_cloudformation_refuses_are_found() {
        let vpc = [
            ("ExistingVpcId", "vpc-12345678"),
            ("ExistingPrivateSubnetIds", "subnet-12345678,subnet-23456789"),
            ("ExistingPublicSubnetIds", "subnet-12345678,subnet-23456789"),
        ];
        let all = Changes(changes(&[], &vpc));
        let refused: Vec<String> = all.refused().collect();
        assert!(
            refused.iter().any(|text| text.contains("Pool/TargetGroup")),
            "{refused:?}"
        );
    }

    #[test]
    fn a_database_that_leaves_the_stack_is_mentioned() {
        let existing = [("ExistingDatabaseHost", "db.example.com")];
        let said = Changes(changes(&[], &existing)).describe();
        assert!(
            said.contains("- Database/Database") && said.contains("snapshot"),
            "{said}"
        );
        let release = Changes(changes(&[("Release", "1")], &[("Release", "2")])).describe();
        assert!(release.contains("new versions of 8 functions"), "{release}");
    }
}
