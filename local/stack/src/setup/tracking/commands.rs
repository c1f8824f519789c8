//! The commands that track missing tables and create missing relationships.

use serde_json::{Value, json};

use crate::setup::export::Known;

pub(super) struct Table {
    pub(super) name: String,
    /// Whether its rows are the values of a GraphQL enum.
    pub(super) is_enum: bool,
}

pub(super) struct ForeignKey {
    pub(super) table: String,
    pub(super) column: String,
    pub(super) target: String,
}

/// Returns the commands for missing objects.
pub(super) fn commands(tables: &[Table], keys: &[ForeignKey], known: &Known) -> Vec<Value> {
    let public = |name: &str| json!({"schema": "public", "name": name});
    let mut commands: Vec<Value> = tables
        .iter()
        .filter(|table| !known.tables.contains(&table.name))
        .map(|table| json!({"type": "track_table", "args": public(&table.name)}))
        .collect();
    let enum_tables = || tables.iter().filter(|table| table.is_enum);
    let new = enum_tables().filter(|table| !known.enum_tables.contains(&table.name));
    commands.extend(new.map(
        |table| json!({"type": "set_table_is_enum", "args": {"table": public(&table.name), "is_enum": true}}),
    ));
    // The type of the column expresses a key of an enum table.
    let keys = keys
        .iter()
        .filter(|key| !enum_tables().any(|table| table.name == key.target));
    let mut taken = known.relationships.clone();
    for ForeignKey {
        table,
        column,
        target,
    } in keys
    {
        let object = column.strip_suffix("_id").unwrap_or(target);
        if taken.insert((table.clone(), object.to_owned())) {
            commands.push(json!({"type": "create_object_relationship", "args": {
                "table": public(table), "name": object,
                "using": {"foreign_key_constraint_on": column},
            }}));
        }
        if taken.insert((target.clone(), table.clone())) {
            commands.push(json!({"type": "create_array_relationship", "args": {
                "table": public(target), "name": table,
                "using": {"foreign_key_constraint_on": {"table": public(table), "column": column}},
            }}));
        }
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(table: &str, column: &str, target: &str) -> ForeignKey {
        ForeignKey {
            table: table.into(),
            column: column.into(),
            target: target.into(),
        }
    }

    #[test]
    fn only_missing_objects_are_created() {
        let table = |name: &str, is_enum| Table {
            name: name.to_owned(),
            is_enum,
        };
        let tables = [table("items", false), table("orders", false)];
        let keys = [key("items", "order_id", "orders")];
        let all = commands(&tables, &keys, &Known::default());
        let kinds: Vec<_> = all
            .iter()
            .map(|command| command["type"].as_str().unwrap())
            .collect();
        assert_eq!(
            kinds,
            [
                "track_table",
                "track_table",
                "create_object_relationship",
                "create_array_relationship"
            ]
        );
        assert_eq!(all[2]["args"]["name"], "order");
        assert_eq!(all[3]["args"]["name"], "items");

        let export = json!({"version": 3, "sources": [{"name": "default", "tables": [
            {"table": {"schema": "public", "name": "orders"},
             "array_relationships": [{"name": "items"}], "event_triggers": [{"name": "validate-order"}]},
            {"table": {"schema": "other", "name": "items"}},
        ]}]});
        let known = Known::from_export(&export);
        let rest = commands(&tables, &keys, &known);
        let kinds: Vec<_> = rest
            .iter()
            .map(|command| command["type"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["track_table", "create_object_relationship"]);
        assert_eq!(rest[0]["args"]["name"], "items");
        assert!(known.triggers.contains("validate-order"));
    }

    #[test]
    fn enum_tables_are_types_instead_of_relationships() {
        let tables = ["refunds", "refund_statuses"].map(|name| Table {
            name: name.to_owned(),
            is_enum: name == "refund_statuses",
        });
        let keys = [key("refunds", "status", "refund_statuses")];
        let all = commands(&tables, &keys, &Known::default());
        let kinds: Vec<_> = all
            .iter()
            .map(|command| command["type"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["track_table", "track_table", "set_table_is_enum"]);
        assert_eq!(all[2]["args"]["table"]["name"], "refund_statuses");

        let export = json!({"version": 3, "sources": [{"name": "default", "tables": [
            {"table": {"schema": "public", "name": "refunds"}},
            {"table": {"schema": "public", "name": "refund_statuses"}, "is_enum": true},
        ]}]});
        let none: [Value; 0] = [];
        assert_eq!(commands(&tables, &keys, &Known::from_export(&export)), none);
    }

    #[test]
    fn two_keys_to_one_table_get_distinct_names() {
        let keys = [key("trips", "from_id", "places"), key("trips", "to_id", "places")];
        let names: Vec<_> = commands(&[], &keys, &Known::default())
            .iter()
            .map(|command| command["args"]["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["from", "trips", "to"]);
    }
}
