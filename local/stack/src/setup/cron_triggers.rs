//! `cron-triggers.json`: the cron triggers of the application, as the list `cron_triggers` of Hasura's metadata, or as a bulk of
//! commands that the engine and Hasura load unchanged.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::Metadata;

/// Name of the file.
pub const CRON_TRIGGERS: &str = "cron-triggers.json";

/// Reads the file in a directory; `None` if there is none, because not every application has cron triggers.
pub fn read_cron_triggers(root: &Path) -> Result<Option<String>> {
    let path = root.join(CRON_TRIGGERS);
    match std::fs::read_to_string(&path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Loads `cron-triggers.json` in one command, without the triggers of the names `except`. Triggers of the same name are replaced; others
/// are kept.
pub async fn load_cron_triggers(metadata: &Metadata, file: &str, except: &[&str]) -> Result<()> {
    let file: Value = serde_json::from_str(file).context("cron-triggers.json is not valid JSON")?;
    let mut commands = without(commands(file)?, except);
    if commands.is_empty() {
        return Ok(());
    }
    let present = metadata
        .query(&json!({"type": "get_cron_triggers", "args": {}}))
        .await
        .context("cannot read the engine's cron triggers")?;
    replace_present(&mut commands, &present);
    metadata
        .query(&json!({"type": "bulk", "args": commands}))
        .await
        .context("cron-triggers.json")?;
    Ok(())
}

/// The commands of the file.
fn commands(file: Value) -> Result<Vec<Value>> {
    let commands = match file {
        Value::Array(triggers) => triggers
            .into_iter()
            .map(|trigger| json!({"type": "create_cron_trigger", "args": trigger}))
            .collect(),
        Value::Object(mut bulk) => match bulk.get_mut("args").map(Value::take) {
            Some(Value::Array(commands)) => commands,
            _ => bail!("cron-triggers.json is neither a bulk of commands nor a list of cron triggers"),
        },
        _ => bail!("cron-triggers.json is neither a bulk of commands nor a list of cron triggers"),
    };
    match commands
        .iter()
        .find(|command| command["type"] != "create_cron_trigger")
    {
        Some(other) => bail!("cron-triggers.json contains another command: {}", other["type"]),
        None => Ok(commands),
    }
}

/// The commands of triggers with other names.
fn without(mut commands: Vec<Value>, except: &[&str]) -> Vec<Value> {
    commands.retain(|command| !except.iter().any(|name| command["args"]["name"] == **name));
    commands
}

/// Sets `replace` in the commands whose trigger exists.
fn replace_present(commands: &mut [Value], present: &Value) {
    // Hasura before 2.0 responds with the list itself.
    let list = present.get("cron_triggers").unwrap_or(present).as_array();
    let names: HashSet<&str> = list
        .into_iter()
        .flatten()
        .filter_map(|trigger| trigger["name"].as_str())
        .collect();
    for command in commands {
        let name = command["args"]["name"].as_str();
        if name.is_some_and(|name| names.contains(name)) {
            command["args"]["replace"] = Value::Bool(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_the_same_commands() {
        let trigger = json!({"name": "a", "schedule": "* * * * *"});
        let command = json!({"type": "create_cron_trigger", "args": trigger});
        assert_eq!(
            commands(json!([trigger])).unwrap(),
            std::slice::from_ref(&command)
        );
        assert_eq!(
            commands(json!({"type": "bulk", "args": [command]})).unwrap(),
            [command]
        );
        for other in [
            json!(1),
            json!({"type": "bulk"}),
            json!({"type": "bulk", "args": [{"type": "run_sql"}]}),
        ] {
            assert!(commands(other.clone()).is_err(), "{other}");
        }
    }

    #[test]
    fn only_existing_triggers_are_replaced() {
        let mut commands = commands(json!([{"name": "old"}, {"name": "new"}])).unwrap();
        replace_present(&mut commands, &json!({"cron_triggers": [{"name": "old"}]}));
        assert_eq!(commands[0]["args"]["replace"], true);
        assert_eq!(commands[1]["args"].get("replace"), None);
    }

    #[test]
    fn named_triggers_are_left_out() {
        let list = json!([{"name": "kept"}, {"name": "left-out"}]);
        let commands = without(commands(list).unwrap(), &["left-out"]);
        let names: Vec<&Value> = commands.iter().map(|command| &command["args"]["name"]).collect();
        assert_eq!(names, ["kept"]);
    }

    #[test]
    fn file_may_be_absent() {
        let dir = std::env::temp_dir();
        assert_eq!(read_cron_triggers(&dir.join("absent-directory")).unwrap(), None);
    }
}
