//! Presets: values that a permission gives to columns of the rows that a role writes.

use crate::ir::ScalarValue;
use crate::json_value::assigned;
use engine_model::catalog::{Column, Table};
use engine_model::metadata::tracked::TrackedTable;
use engine_model::permission::{JsonObject, session_variable};
use serde_json::Value;

/// Presets of one permission, which all can be used.
#[derive(Debug, Clone, Default)]
pub(crate) struct Presets(Vec<(usize, ScalarValue)>);

impl Presets {
    /// Reads the presets of a permission on a table.
    ///
    /// # Errors
    ///
    /// Returns the reason if one of them cannot be used. The permission must not be granted then: the rows would have the
    /// default instead of the value that the permission demands.
    pub(crate) fn read(set: Option<&JsonObject>, table: &TrackedTable) -> Result<Self, String> {
        let one = |(name, value): (&String, &Value)| {
            let index = table.table.columns.iter().position(|column| column.name == *name);
            // Hasura's wording
            let missing = || format!("column \"{name}\" not found in table \"{}\"", table.table.name);
            let index = index.ok_or_else(missing)?;
            Ok((index, preset(&table.table.columns[index], value)?))
        };
        let presets = set.into_iter().flatten().map(one);
        presets.collect::<Result<_, _>>().map(Self)
    }

    /// Returns the columns with their values. `table` is the table that the presets were read for.
    pub(crate) fn of<'t>(&self, table: &'t Table) -> Vec<(&'t Column, ScalarValue)> {
        let presets = self.0.iter();
        presets
            .map(|(index, value)| (&table.columns[*index], value.clone()))
            .collect()
    }
}

fn preset(column: &Column, value: &Value) -> Result<ScalarValue, String> {
    if let Value::String(text) = value
        && let Some(name) = session_variable(text)
    {
        return Ok(ScalarValue::Session(name));
    }
    match assigned(column, value) {
        Ok(assigned) => Ok(assigned.value),
        Err(error) => Err(error.message),
    }
}
