//! Reads the rows of enum tables with one query (`load_enum_values.sql`).

use engine_error::{Code, Error, Result};
use engine_model::catalog::{
    Catalog, EnumRows, EnumValue, MAX_ENUM_VALUE_LENGTH, MAX_ENUM_VALUES, TableName,
};
use engine_postgres::pool;
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

#[derive(Deserialize)]
struct RawTable {
    #[serde(flatten)]
    name: TableName,
    /// `None` if the database user may not read the table.
    values: Option<Vec<(String, Option<String>)>>,
}

/// Reads the rows of these tables, as far as they exist and have the form of an enum table.
pub(crate) async fn load(
    client: &impl GenericClient,
    tables: &BTreeSet<TableName>,
) -> Result<BTreeMap<TableName, EnumRows>> {
    if tables.is_empty() {
        return Ok(BTreeMap::new());
    }
    let names = json!(tables).to_string();
    let bound = |bound: usize| i32::try_from(bound).unwrap_or(i32::MAX - 1);
    let (length, values) = (bound(MAX_ENUM_VALUE_LENGTH), bound(MAX_ENUM_VALUES));
    let rows = client
        .query_typed(
            include_str!("load_enum_values.sql"),
            &[(&names, Type::TEXT), (&length, Type::INT4), (&values, Type::INT4)],
        )
        .await
        .map_err(|e| pool::driver_error(&e))?;
    let text: &str = match rows.first() {
        Some(row) => row.try_get(0).map_err(|e| pool::driver_error(&e))?,
        None => "[]",
    };
    let tables: Vec<RawTable> = serde_json::from_str(text).map_err(|e| {
        Error::new(
            Code::Unexpected,
            format!("internal error: unexpected result of the query of enum values: {e}"),
        )
    })?;
    Ok(tables.into_iter().map(RawTable::into_rows).collect())
}

/// Reads the rows of those of the tables that the catalog lacks, such as a table that becomes an enum table.
pub(crate) async fn complete(
    client: &impl GenericClient,
    catalog: &mut Catalog,
    tables: impl Iterator<Item = &TableName>,
) -> Result<()> {
    let missing = tables.filter(|table| !catalog.enums.contains_key(table));
    let missing = missing.cloned().collect();
    let rows = load(client, &missing).await?;
    catalog.enums.extend(rows);
    Ok(())
}

impl RawTable {
    fn into_rows(self) -> (TableName, EnumRows) {
        let Some(values) = self.values else {
            let message = format!("permission denied for table {}", self.name);
            return (self.name, EnumRows::Failed(message));
        };
        let mut values: Vec<EnumValue> = values
            .into_iter()
            .map(|(name, description)| EnumValue { name, description })
            .collect();
        values.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        (self.name, EnumRows::Values(values))
    }
}
