//! GraphQL names: validity, names of tables, and the type names that a table needs.

use super::types::TableConfiguration;
use crate::catalog::{BOOLEAN_FUNCTIONS, COMPARABLE_FUNCTIONS, NUMBER_FUNCTIONS, TableName};
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// Root fields that can be renamed, by Hasura's keys.
const ROOT_FIELDS: [&str; 12] = [
    "select",
    "select_by_pk",
    "select_aggregate",
    "select_stream",
    "insert",
    "insert_one",
    "update",
    "update_by_pk",
    "update_many",
    "delete",
    "delete_by_pk",
    "select_group_by",
];

/// Type names of every schema, independent of the tables.
const OWN_TYPES: [&str; 14] = [
    "query_root",
    "mutation_root",
    "subscription_root",
    "order_by",
    "cursor_ordering",
    "Boolean",
    "Float",
    "ID",
    "Int",
    "String",
    "bigint",
    "smallint",
    // Operands of columns of type ltree.
    "lquery",
    "ltxtquery",
];

/// Suffixes of a table's type names. A test compares this list with the generated type system.
const TYPE_SUFFIXES: [&str; 26] = [
    "aggregate",
    "aggregate_bool_exp",
    "aggregate_bool_exp_count",
    "aggregate_fields",
    "aggregate_order_by",
    "append_input",
    "arr_rel_insert_input",
    "bool_exp",
    "constraint",
    "delete_at_path_input",
    "delete_elem_input",
    "delete_key_input",
    "inc_input",
    "insert_input",
    "mutation_response",
    "obj_rel_insert_input",
    "on_conflict",
    "order_by",
    "pk_columns_input",
    "prepend_input",
    "select_column",
    "set_input",
    "stream_cursor_input",
    "stream_cursor_value_input",
    "update_column",
    "updates",
];

/// GraphQL type names and their owners.
#[derive(Debug, Default, PartialEq)]
pub struct TypeNameIndex {
    names: HashMap<String, Owner>,
    /// Postgres types by the number of columns that have them.
    scalars: HashMap<String, usize>,
}

#[derive(Debug, PartialEq)]
enum Owner {
    /// Types that do not belong to a table: number of scalars that need the name.
    Scalars(usize),
    Table(Arc<TableName>),
}

impl TypeNameIndex {
    /// Contains the types of every schema and the scalars of these columns' Postgres types.
    pub fn new<'a>(scalars: impl Iterator<Item = &'a str>) -> Self {
        let mut types = Self::default();
        types.add_scalars(OWN_TYPES.into_iter().chain(scalars));
        types
    }

    /// Adds the scalars of more columns. Returns false if a table owns one of their names: [`Self::new`] adds the
    /// scalars first, so that the scalar would own the name. The index is invalid afterwards.
    pub fn add_scalars<'a>(&mut self, scalars: impl Iterator<Item = &'a str>) -> bool {
        for scalar in scalars {
            if let Some(columns) = self.scalars.get_mut(scalar) {
                *columns += 1;
                continue;
            }
            self.scalars.insert(scalar.to_owned(), 1);
            for name in of_scalar(scalar) {
                match self.names.entry(name).or_insert(Owner::Scalars(0)) {
                    Owner::Scalars(scalars) => *scalars += 1,
                    Owner::Table(_) => return false,
                }
            }
        }
        true
    }

    /// Removes the scalars of columns that were added before.
    pub fn remove_scalars<'a>(&mut self, scalars: impl Iterator<Item = &'a str>) {
        for scalar in scalars {
            match self.scalars.get_mut(scalar) {
                None => continue,
                Some(columns) if *columns > 1 => {
                    *columns -= 1;
                    continue;
                }
                Some(_) => {}
            }
            self.scalars.remove(scalar);
            for name in of_scalar(scalar) {
                match self.names.get_mut(&name) {
                    Some(Owner::Scalars(scalars)) if *scalars > 1 => *scalars -= 1,
                    Some(Owner::Scalars(_)) => {
                        self.names.remove(&name);
                    }
                    Some(Owner::Table(_)) | None => {}
                }
            }
        }
    }

    /// Claims all type names of a table. On a conflict it claims none and returns the reason.
    pub fn claim(&mut self, name: &str, table: &TableName) -> Result<(), String> {
        self.check(name)?;
        let owner = Arc::new(table.clone());
        for ty in of_graphql_name(name) {
            self.names.insert(ty, Owner::Table(Arc::clone(&owner)));
        }
        Ok(())
    }

    /// Returns the reason why the type names of a table cannot be claimed.
    pub fn check(&self, name: &str) -> Result<(), String> {
        for ty in of_graphql_name(name) {
            match self.names.get(&ty) {
                None => {}
                Some(Owner::Table(other)) => {
                    return Err(format!(
                        "the GraphQL type \"{ty}\" is also one of table \"{other}\"; give one of them a custom name"
                    ));
                }
                Some(Owner::Scalars(_)) => {
                    return Err(format!(
                        "the GraphQL type \"{ty}\" has another meaning; give the table a custom name"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Releases the type names that a table claimed.
    pub fn release(&mut self, name: &str) {
        for ty in of_graphql_name(name) {
            self.names.remove(&ty);
        }
    }
}

/// Type names of a table.
fn of_graphql_name(name: &str) -> impl Iterator<Item = String> {
    let suffixes = TYPE_SUFFIXES.iter().map(move |suffix| format!("{name}_{suffix}"));
    let functions = NUMBER_FUNCTIONS
        .iter()
        .chain(&COMPARABLE_FUNCTIONS)
        .flat_map(move |function| ["fields", "order_by"].map(|kind| format!("{name}_{function}_{kind}")));
    let conditions = BOOLEAN_FUNCTIONS.iter().flat_map(move |function| {
        let condition = format!("{name}_aggregate_bool_exp_{function}");
        let columns = format!("{name}_select_column_{condition}_arguments_columns");
        [condition, columns]
    });
    std::iter::once(name.to_owned())
        .chain(suffixes)
        .chain(functions)
        .chain(conditions)
}

/// Type names of a scalar: the scalar itself and the inputs derived from it.
fn of_scalar(name: &str) -> [String; 3] {
    [
        name.to_owned(),
        format!("{name}_comparison_exp"),
        format!("{name}_cast_exp"),
    ]
}

/// Whether the name is valid in GraphQL: `/[_A-Za-z][_0-9A-Za-z]*/`, and not reserved for introspection (`__…`).
pub fn is_valid(name: &str) -> bool {
    let mut characters = name.chars();
    characters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with("__")
}

/// Whether the name is valid as an enum value.
pub fn is_enum_value(name: &str) -> bool {
    is_valid(name) && !matches!(name, "true" | "false" | "null")
}

/// Returns `orders`, or `schema_orders` outside `public`.
pub fn of_table(table: &TableName) -> String {
    if table.schema == "public" {
        table.name.clone()
    } else {
        format!("{}_{}", table.schema, table.name)
    }
}

/// Returns the custom root field names after validation. A value is a name, null, or `{"name", "comment"}`.
pub fn root_fields(configuration: &TableConfiguration) -> Result<IndexMap<String, String>, String> {
    let mut fields = IndexMap::new();
    for (key, value) in &configuration.custom_root_fields {
        if !ROOT_FIELDS.contains(&key.as_str()) {
            return Err(format!("custom root fields: unknown root field \"{key}\""));
        }
        let name = match value {
            Some(Value::String(name)) => Some(name.as_str()),
            Some(Value::Object(object)) => object.get("name").and_then(Value::as_str),
            _ => None,
        };
        let Some(name) = name else { continue };
        if !is_valid(name) {
            return Err(format!(
                "custom root fields: \"{name}\" is not a valid GraphQL name"
            ));
        }
        if fields.values().any(|other| other == name) {
            return Err(format!("custom root fields: duplicate name \"{name}\""));
        }
        fields.insert(key.clone(), name.to_owned());
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every type that a table generates is claimed for it.
    #[test]
    fn the_type_system_has_no_other_names() {
        let golden = include_str!("../../../plan/tests/plans/golden/type_system.snap");
        let tables = ["author", "article", "author_view"];
        let mut types = TypeNameIndex::new(std::iter::empty());
        for table in tables {
            let name = TableName {
                schema: "public".to_owned(),
                name: table.to_owned(),
            };
            types
                .claim(table, &name)
                .expect("these tables have distinct type names");
        }
        let mut count = 0;
        for line in golden.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let ["type" | "input" | "enum", name, "{"] = words[..] else {
                continue;
            };
            let of_scalar = name.ends_with("_comparison_exp") || name.ends_with("_cast_exp");
            assert!(
                of_scalar || types.names.contains_key(name),
                "{name} is not claimed"
            );
            count += 1;
        }
        assert!(count > 100, "only {count} types are in the golden file");
    }

    #[test]
    fn released_names_are_free() {
        let table = |name: &str| TableName::new("public", name);
        let mut types = TypeNameIndex::new(["citext", "citext"].into_iter());
        types.claim("a", &table("a")).unwrap();
        assert!(types.add_scalars(["b", "citext"].into_iter()));
        assert!(
            types
                .claim("b", &table("b"))
                .unwrap_err()
                .contains("another meaning")
        );
        assert!(
            types
                .claim("a_aggregate", &table("x"))
                .unwrap_err()
                .contains("also one of table \"a\"")
        );
        types.release("a");
        assert!(types.claim("a_aggregate", &table("x")).is_ok());
        types.remove_scalars(["b", "citext", "citext"].into_iter());
        assert!(types.claim("b", &table("b")).is_ok());
        assert!(types.check("citext_cast_exp").is_err());
        types.remove_scalars(["citext"].into_iter());
        assert!(types.check("citext_cast_exp").is_ok());
    }
}
