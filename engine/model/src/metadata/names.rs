//! GraphQL names: validity, names of tables, and the names of types and root fields that a table needs.

mod conflict;
mod index;
mod root_fields;
mod type_names;

use super::naming::Identifier;
use crate::catalog::{Column, PgType, TableName, TypeKind};

pub use conflict::conflict;
pub use index::{NameIndex, Taken};
pub use root_fields::root_fields;

/// Keys of a condition that are not columns or relationships.
const CONDITION_OPERATORS: [&str; 3] = ["_and", "_not", "_or"];

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

/// Whether a relationship cannot have this name, because it is an operator of conditions.
pub fn is_condition_operator(name: &str) -> bool {
    CONDITION_OPERATORS.contains(&name)
}

/// Returns `orders`, or `schema_orders` outside `public`.
pub fn of_table(table: &TableName) -> String {
    Identifier::of(table).plain
}

/// Returns the name of a column's Postgres type, or of the elements of an array.
pub fn scalar(column: &Column) -> &str {
    &scalar_type(column).name
}

fn scalar_type(column: &Column) -> &PgType {
    match &column.ty.kind {
        TypeKind::Array(element) => element,
        _ => &column.ty,
    }
}
