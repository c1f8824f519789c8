//! Names of the GraphQL types of every schema, of a table, of an enum and of a scalar.

use crate::catalog::{
    BOOLEAN_FUNCTIONS, COMPARABLE_FUNCTIONS, FLOAT_FUNCTIONS, FLOAT_PAIR_FUNCTIONS, NUMBER_FUNCTIONS,
};
use crate::metadata::naming::{Naming, TableNames};
use crate::metadata::tracked::TrackedTable;

/// Type names of every schema, independent of the tables.
pub(super) const OWN_TYPES: [&str; 14] = [
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
const TYPE_SUFFIXES: [&str; 24] = [
    "aggregate",
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

/// Returns the type names of a table.
pub(super) fn of_names(names: &TableNames) -> impl Iterator<Item = String> {
    let suffixes = TYPE_SUFFIXES.iter().map(|suffix| names.ty(suffix));
    let functions = NUMBER_FUNCTIONS
        .iter()
        .chain(&COMPARABLE_FUNCTIONS)
        .flat_map(|function| ["fields", "order_by"].map(|kind| names.ty(&format!("{function}_{kind}"))));
    let functions_of_conditions = BOOLEAN_FUNCTIONS
        .iter()
        .chain(&FLOAT_FUNCTIONS)
        .chain(&FLOAT_PAIR_FUNCTIONS);
    let conditions = functions_of_conditions.flat_map(|function| {
        [
            names.aggregate_condition(function),
            names.aggregate_condition_columns(function),
            names.aggregate_condition_arguments(function),
        ]
    });
    [
        names.object(),
        names.aggregate_bool_exp(),
        names.aggregate_condition("count"),
    ]
    .into_iter()
    .chain(suffixes)
    .chain(functions)
    .chain(conditions)
}

/// Returns the type names of the enum of an enum table.
pub(super) fn of_enum(table: &TrackedTable) -> impl Iterator<Item = String> {
    let convention = table.names.naming.convention;
    let names = table.enumeration.iter().map(|enumeration| &enumeration.type_name);
    names.flat_map(move |name| [name.clone(), convention.ty(&format!("{name}_comparison_exp"))])
}

/// Returns the type names of a scalar: the scalar itself and the inputs derived from it.
pub(super) fn of_scalar(naming: &Naming, name: &str) -> [String; 4] {
    let derived = |suffix: &str| naming.convention.ty(&format!("{name}_{suffix}"));
    [
        name.to_owned(),
        derived("comparison_exp"),
        derived("array_comparison_exp"),
        derived("cast_exp"),
    ]
}
