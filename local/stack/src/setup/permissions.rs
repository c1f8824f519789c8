//! `permissions.json`: the permissions of the application's roles, as a bulk of commands that the engine and Hasura load
//! unchanged.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::Metadata;
use super::export::{table_entries, table_name};

/// Table, role, and operation: `select`, `insert`, `update` or `delete`.
type Key = (String, String, String);

const OPERATIONS: [&str; 4] = ["select", "insert", "update", "delete"];

/// Loads `permissions.json` in one command. The file determines all permissions of its roles: those that it does not
/// contain are dropped, changed ones are replaced, and equal ones are left alone. Permissions of other roles are kept.
pub async fn load_permissions(metadata: &Metadata, file: &str) -> Result<()> {
    let file: Value = serde_json::from_str(file).context("permissions.json is not valid JSON")?;
    let wanted = wanted(&file)?;
    let export = metadata
        .query(&json!({"type": "export_metadata", "args": {}}))
        .await
        .context("cannot read the engine's metadata")?;
    let commands = changes(&existing(&export), &wanted);
    if commands.is_empty() {
        return Ok(());
    }
    metadata
        .query(&json!({"type": "bulk", "args": commands}))
        .await
        .context("permissions.json")?;
    Ok(())
}

/// The commands of the file.
fn wanted(file: &Value) -> Result<BTreeMap<Key, &Value>> {
    let commands = file["args"].as_array();
    let commands = commands.context("permissions.json is not a bulk of commands")?;
    commands
        .iter()
        .map(|command| {
            let operation = OPERATIONS
                .into_iter()
                .find(|operation| command["type"] == *format!("create_{operation}_permission"))
                .with_context(|| format!("permissions.json contains another command: {}", command["type"]))?;
            let args = &command["args"];
            let role = args["role"]
                .as_str()
                .context("permissions.json: a role is missing")?;
            let key = (table_name(&args["table"]), role.to_owned(), operation.to_owned());
            Ok((key, command))
        })
        .collect()
}

/// The permissions of an export, of the tables of the schema public.
fn existing(export: &Value) -> BTreeMap<Key, &Value> {
    let mut permissions = BTreeMap::new();
    for entry in table_entries(export) {
        for operation in OPERATIONS {
            let list = entry[format!("{operation}_permissions")].as_array();
            for permission in list.into_iter().flatten() {
                let role = permission["role"].as_str().unwrap_or_default().to_owned();
                let key = (table_name(&entry["table"]), role, operation.to_owned());
                permissions.insert(key, &permission["permission"]);
            }
        }
    }
    permissions
}

/// The commands that lead from the existing permissions to the wanted ones.
fn changes(existing: &BTreeMap<Key, &Value>, wanted: &BTreeMap<Key, &Value>) -> Vec<Value> {
    let roles: BTreeSet<&str> = wanted.keys().map(|(_, role, _)| role.as_str()).collect();
    let is_kept = |key: &Key, permission: &Value| {
        wanted
            .get(key)
            .is_some_and(|command| stated(&command["args"]["permission"]) == stated(permission))
    };
    let mut commands = Vec::new();
    for (key, permission) in existing {
        let (table, role, operation) = key;
        if roles.contains(role.as_str()) && !is_kept(key, permission) {
            commands.push(json!({"type": format!("drop_{operation}_permission"), "args": {
                "table": {"schema": "public", "name": table}, "role": role,
            }}));
        }
    }
    for (key, command) in wanted {
        if !existing
            .get(key)
            .is_some_and(|permission| is_kept(key, permission))
        {
            commands.push((*command).clone());
        }
    }
    commands
}

/// The settings of a permission without those that have their default: an export of Hasura states some of them.
fn stated(permission: &Value) -> BTreeMap<&str, &Value> {
    let settings = permission.as_object().into_iter().flatten();
    settings
        .filter(|(_, value)| !value.is_null() && **value != Value::Bool(false))
        .map(|(name, value)| (name.as_str(), value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(table: &str, role: &str, limit: u32) -> Value {
        json!({"type": "create_select_permission", "args": {
            "table": {"schema": "public", "name": table}, "role": role,
            "permission": {"columns": ["id"], "filter": {}, "limit": limit},
        }})
    }

    fn export(permissions: &[(&str, u32)]) -> Value {
        let list: Vec<Value> = permissions
            .iter()
            .map(|(role, limit)| {
                json!({"role": role, "permission": {
                    "columns": ["id"], "filter": {}, "limit": limit, "allow_aggregations": false, "comment": null,
                }})
            })
            .collect();
        json!({"version": 3, "sources": [{"name": "default", "tables": [
            {"table": {"schema": "public", "name": "orders"}, "select_permissions": list},
        ]}]})
    }

    #[test]
    fn only_differences_are_applied() {
        let file = json!({"type": "bulk", "args": [command("orders", "customer", 1), command("orders", "driver", 1)]});
        let wanted = wanted(&file).unwrap();
        let kinds = |export: &Value| -> Vec<String> {
            let commands = changes(&existing(export), &wanted);
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            commands
                .iter()
                .map(|command| format!("{} {}", text(&command["type"]), text(&command["args"]["role"])))
                .collect()
        };
        assert_eq!(
            kinds(&export(&[("customer", 1), ("driver", 1), ("auditor", 9)])),
            [""; 0]
        );
        assert_eq!(
            kinds(&export(&[("customer", 2)])),
            [
                "drop_select_permission customer",
                "create_select_permission customer",
                "create_select_permission driver",
            ]
        );
        let mut other = export(&[("customer", 1), ("driver", 1)]);
        other["sources"][0]["tables"][0]["table"]["name"] = json!("items");
        assert_eq!(
            kinds(&other)[..2],
            ["drop_select_permission customer", "drop_select_permission driver"]
        );
    }

    #[test]
    fn other_commands_are_rejected() {
        let file = json!({"type": "bulk", "args": [{"type": "run_sql", "args": {"sql": "SELECT 1"}}]});
        let error = wanted(&file).unwrap_err().to_string();
        assert!(error.contains("run_sql"), "{error}");
    }
}
