//! The event triggers of the application.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::export::Known;
use super::{Metadata, MetadataError};

/// Loads `event-triggers.json`. A trigger with the same definition is not an error; one whose definition has changed
/// is replaced and not deleted first, because deletion would archive its pending events.
pub async fn load_triggers(metadata: &Metadata, file: &str) -> Result<()> {
    let mut command: Value = serde_json::from_str(file).context("event-triggers.json is not valid JSON")?;
    let Err(error) = metadata.query(&command).await else {
        return Ok(());
    };
    let exists = error
        .downcast_ref::<MetadataError>()
        .is_some_and(|error| error.code == "already-exists");
    if exists {
        let export = metadata
            .query(&json!({"type": "export_metadata", "args": {}}))
            .await?;
        replace_existing(&mut command, &Known::from_export(&export));
        metadata.query(&command).await.context("event-triggers.json")?;
        return Ok(());
    }
    Err(error.context("event-triggers.json"))
}

fn replace_existing(command: &mut Value, known: &Known) {
    for trigger in command["args"].as_array_mut().into_iter().flatten() {
        let exists = trigger["args"]["name"]
            .as_str()
            .is_some_and(|name| known.triggers.contains(name));
        if exists {
            trigger["args"]["replace"] = Value::Bool(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_existing_triggers_are_replaced() {
        let mut command = json!({"type": "bulk", "args": [
            {"type": "create_event_trigger", "args": {"name": "old"}},
            {"type": "create_event_trigger", "args": {"name": "new"}},
        ]});
        let known = Known {
            triggers: ["old".to_owned()].into(),
            ..Known::default()
        };
        replace_existing(&mut command, &known);
        assert_eq!(command["args"][0]["args"]["replace"], true);
        assert_eq!(command["args"][1]["args"].get("replace"), None);
    }
}
