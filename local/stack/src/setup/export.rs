//! Existing metadata of the schema public, from an export.

use std::collections::HashSet;

use serde_json::Value;

/// Names of the existing objects.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) tables: HashSet<String>,
    pub(super) enum_tables: HashSet<String>,
    /// (table, relationship)
    pub(super) relationships: HashSet<(String, String)>,
    pub(super) triggers: HashSet<String>,
}

impl Known {
    pub(super) fn from_export(export: &Value) -> Self {
        let mut known = Self::default();
        for entry in table_entries(export) {
            let name = table_name(&entry["table"]);
            let names = |list: &str| -> Vec<String> {
                let entries = entry[list].as_array().into_iter().flatten();
                entries
                    .filter_map(|entry| entry["name"].as_str().map(str::to_owned))
                    .collect()
            };
            for list in ["object_relationships", "array_relationships"] {
                known.relationships.extend(
                    names(list)
                        .into_iter()
                        .map(|relationship| (name.clone(), relationship)),
                );
            }
            known.triggers.extend(names("event_triggers"));
            if entry["is_enum"] == true {
                known.enum_tables.insert(name.clone());
            }
            known.tables.insert(name);
        }
        known
    }
}

/// Returns the tables of the schema public in an export. Reads version 3 (with sources) and version 2, with or without the
/// envelope `metadata`.
pub(super) fn table_entries(export: &Value) -> impl Iterator<Item = &Value> {
    let metadata = export.get("metadata").unwrap_or(export);
    let sources = metadata["sources"].as_array();
    let default = sources
        .into_iter()
        .flatten()
        .find(|source| source["name"] == "default");
    let tables = default.unwrap_or(metadata)["tables"].as_array();
    tables.into_iter().flatten().filter(|entry| {
        let schema = entry["table"]["schema"].as_str();
        schema.is_none_or(|schema| schema == "public")
    })
}

/// Returns the name of a table: `"orders"`, or `{"schema": "public", "name": "orders"}`.
pub(super) fn table_name(table: &Value) -> String {
    let name = table.as_str().or_else(|| table["name"].as_str());
    name.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn export_of_version_two_is_read() {
        let export =
            json!({"resource_version": 1, "metadata": {"version": 2, "tables": [{"table": "orders"}]}});
        assert!(Known::from_export(&export).tables.contains("orders"));
    }
}
