//! Enum tables: their validation, and the types of the columns that refer to them.

use super::names;
use super::naming::{NamingConvention, TableNames};
use crate::catalog::{
    Catalog, EnumRows, EnumValue, MAX_ENUM_VALUE_LENGTH, MAX_ENUM_VALUES, Table, TableEnum, TableName,
    TypeKind,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Returns the enum of a table; `None` if it is not a consistent enum table.
pub type Lookup<'a> = &'a dyn Fn(&TableName) -> Option<Arc<TableEnum>>;

/// Maximum number of values in a message.
const MAX_NAMED: usize = 20;

/// Returns the enum of a table. Fails with the reasons why the table cannot be one.
pub fn resolve(table: &Table, table_names: &TableNames, catalog: &Catalog) -> Result<TableEnum, String> {
    let refused = |reasons: &[String]| match reasons {
        [reason] => format!(
            "the table \"{}\" cannot be used as an enum because {reason}",
            table.name
        ),
        reasons => {
            let list: String = reasons
                .iter()
                .fold(String::new(), |list, reason| list + &format!("  • {reason}\n"));
            format!(
                "the table \"{}\" cannot be used as an enum for the following reasons:\n{list}",
                table.name
            )
        }
    };
    let key = key(table).map_err(|reasons| refused(&reasons))?;
    let values = values(catalog.enums.get(&table.name)).map_err(|reason| refused(&[reason]))?;
    let graphql_name = table_names.plain();
    if !names::is_valid(graphql_name) {
        let reason = format!("\"{graphql_name}\" is not a valid GraphQL name; give the table a custom name");
        return Err(refused(&[reason]));
    }
    let names = graphql_names(values, table_names.naming.convention).map_err(|reason| refused(&[reason]))?;
    Ok(TableEnum {
        table: table.name.clone(),
        key: key.to_owned(),
        type_name: table_names.ty("enum"),
        values: values.to_vec(),
        names,
    })
}

/// Returns the values by their names in GraphQL; `None` if these are the same. Fails if two values have the same name.
fn graphql_names(
    values: &[EnumValue],
    convention: NamingConvention,
) -> Result<Option<BTreeMap<String, String>>, String> {
    if convention == NamingConvention::Hasura {
        return Ok(None);
    }
    let mut names = BTreeMap::new();
    for value in values {
        let name = convention.enum_value(&value.name);
        if let Some(other) = names.insert(name.clone(), value.name.clone()) {
            return Err(format!(
                "the values {} and {} have the same name in GraphQL, {}",
                quoted(&other),
                quoted(&value.name),
                quoted(&name)
            ));
        }
    }
    Ok(Some(names))
}

/// Returns the column of the values. Fails with the reasons why the columns of the table are not those of an enum table.
fn key(table: &Table) -> Result<&str, Vec<String>> {
    // The messages have Hasura's wording.
    let mut reasons = Vec::new();
    let key = table.primary_key.as_ref().map(|key| key.columns.as_slice());
    match key {
        None => reasons.push("the table must have a primary key".to_owned()),
        Some([key]) => reasons.extend(not_text(table, key, "primary key")),
        Some(columns) => reasons.push(format!(
            "the table’s primary key must not span multiple columns ({})",
            sorted(columns.iter().map(String::as_str))
        )),
    }
    let columns = table.columns.iter().map(|column| column.name.as_str());
    let others: Vec<&str> = columns
        .filter(|name| !key.is_some_and(|key| key.iter().any(|column| column == name)))
        .collect();
    match others.as_slice() {
        [] => {}
        [comment] => reasons.extend(not_text(table, comment, "comment column")),
        _ => reasons.push(format!(
            "the table must have exactly one primary key and optionally one comment column, not {} columns ({})",
            table.columns.len(),
            sorted(table.columns.iter().map(|column| column.name.as_str()))
        )),
    }
    match key {
        Some([key]) if reasons.is_empty() => Ok(key),
        _ => Err(reasons),
    }
}

fn not_text(table: &Table, column: &str, what: &str) -> Option<String> {
    let ty = &table.column(column)?.ty;
    (ty.name != "text").then(|| {
        format!(
            "the table’s {what} (\"{column}\") must have type \"text\", not type \"{}\"",
            ty.sql
        )
    })
}

fn sorted<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.join(", ")
}

fn values(rows: Option<&EnumRows>) -> Result<&[EnumValue], String> {
    let values = match rows {
        Some(EnumRows::Values(values)) => values,
        Some(EnumRows::Failed(message)) => return Err(format!("postgres error: {message}")),
        None => {
            return Err("its values have not been read; reload the metadata (reload_metadata)".to_owned());
        }
    };
    if values.is_empty() {
        return Err("the table must have at least one row".to_owned());
    }
    if values.len() > MAX_ENUM_VALUES {
        return Err(format!(
            "the table has more than {MAX_ENUM_VALUES} rows, the maximum number of values of an enum"
        ));
    }
    let invalid: Vec<&str> = values
        .iter()
        .map(|value| value.name.as_str())
        .filter(|name| !names::is_enum_value(name) || name.len() > MAX_ENUM_VALUE_LENGTH)
        .collect();
    match invalid.as_slice() {
        [] => Ok(values),
        [name] => Err(format!(
            "the value {} is not a valid GraphQL enum value name",
            quoted(name)
        )),
        names => Err(format!(
            "the values {} are not valid GraphQL enum value names",
            conjunction(names)
        )),
    }
}

fn quoted(name: &str) -> String {
    const SHOWN: usize = 100;
    match name.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("\"{}…\"", &name[..end]),
        None => format!("\"{name}\""),
    }
}

fn conjunction(names: &[&str]) -> String {
    let mut parts: Vec<String> = names.iter().take(MAX_NAMED).map(|name| quoted(name)).collect();
    let more = names.len() - parts.len();
    let last = if more > 0 {
        format!("{more} more")
    } else {
        parts.pop().unwrap_or_default()
    };
    match parts.as_slice() {
        [one] => format!("{one} and {last}"),
        parts => format!("{}, and {last}", parts.join(", ")),
    }
}

/// Returns the table with the types of the columns that refer to enum tables. Fails if a column refers to several.
pub fn typed(table: &Arc<Table>, enum_of: Lookup<'_>) -> Result<Arc<Table>, String> {
    let mut typed = Arc::clone(table);
    for (index, column) in table.columns.iter().enumerate() {
        let mut found: Vec<Arc<TableEnum>> = Vec::new();
        for foreign_key in &table.foreign_keys {
            let [(own, remote)] = foreign_key.mapping.as_slice() else {
                continue;
            };
            if *own == column.name
                && let Some(enumeration) = enum_of(&foreign_key.target)
                && enumeration.key == *remote
                && !found.contains(&enumeration)
            {
                found.push(enumeration);
            }
        }
        match found.as_slice() {
            [] => {}
            [enumeration] => {
                let ty = &mut Arc::make_mut(&mut typed).columns[index].ty;
                ty.kind = TypeKind::TableEnum(Arc::clone(enumeration));
            }
            several => {
                let tables = several
                    .iter()
                    .map(|enumeration| format!("\"{}\"", enumeration.table));
                return Err(format!(
                    "column \"{}\" in table \"{}\" references multiple enum tables ({})",
                    column.name,
                    table.name,
                    tables.collect::<Vec<_>>().join(", ")
                ));
            }
        }
    }
    Ok(typed)
}
