//! GraphQL names: validity, names of tables, and the names of types and root fields that a table needs.

use super::function::{Exposure, TrackedFunction};
use super::naming::{Identifier, Naming, NamingConvention, TableNames};
use super::tracked::{CustomRootField, RootField, TrackedTable};
use super::types::TableConfiguration;
use crate::catalog::{
    BOOLEAN_FUNCTIONS, COMPARABLE_FUNCTIONS, Column, FLOAT_FUNCTIONS, FLOAT_PAIR_FUNCTIONS, NUMBER_FUNCTIONS,
    PgType, TableName, TypeKind,
};
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

/// Types of Postgres and of `PostGIS` whose values have a form of their own. A client's enum or composite type of the same
/// name, in another schema, would have it too.
const TYPES_WITH_OWN_FORM: [&str; 7] = [
    "bpchar",
    "geography",
    "geometry",
    "json",
    "jsonb",
    "raster",
    "varchar",
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

/// Keys of a condition that are not columns or relationships.
const CONDITION_OPERATORS: [&str; 3] = ["_and", "_not", "_or"];

/// Reason why a table cannot claim its names.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken {
    pub reason: String,
    /// Root field that another table has.
    pub root_field: Option<String>,
}

impl From<String> for Taken {
    fn from(reason: String) -> Self {
        Self {
            reason,
            root_field: None,
        }
    }
}

/// Names of types and root fields and their owners.
#[derive(Debug, Default, PartialEq)]
pub struct NameIndex {
    naming: Arc<Naming>,
    types: HashMap<String, Owner>,
    /// Postgres types by the number of columns that have them.
    scalars: HashMap<String, usize>,
    /// Root fields by their name, separately those of mutations.
    roots: HashMap<(bool, String), (Arc<TableName>, &'static str)>,
}

#[derive(Debug, PartialEq)]
enum Owner {
    /// Types that do not belong to a table: number of scalars that need the name, and one of them.
    Scalars(usize, String),
    Table(Arc<TableName>),
}

impl NameIndex {
    /// Contains the types of every schema and the scalars of these columns' Postgres types.
    pub fn new<'a>(naming: &Arc<Naming>, scalars: impl Iterator<Item = &'a str>) -> Self {
        let mut index = Self {
            naming: Arc::clone(naming),
            ..Self::default()
        };
        index.add_scalars(OWN_TYPES.into_iter());
        let own = naming.own_types();
        index.add_scalars(own.iter().map(String::as_str));
        index.add_scalars(scalars);
        index
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
            for name in of_scalar(&self.naming, scalar) {
                let unowned = || Owner::Scalars(0, scalar.to_owned());
                match self.types.entry(name).or_insert_with(unowned) {
                    Owner::Scalars(scalars, _) => *scalars += 1,
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
            for name in of_scalar(&self.naming, scalar) {
                match self.types.get_mut(&name) {
                    Some(Owner::Scalars(scalars, _)) if *scalars > 1 => *scalars -= 1,
                    Some(Owner::Scalars(..)) => {
                        self.types.remove(&name);
                    }
                    Some(Owner::Table(_)) | None => {}
                }
            }
        }
    }

    /// Claims all names of a table. On a conflict it claims none and returns the reason.
    pub fn claim(&mut self, table: &TrackedTable) -> Result<(), Taken> {
        self.check(table)?;
        let owner = Arc::new(table.table.name.clone());
        self.claim_types(&table.names, &owner);
        for ty in of_enum(table) {
            self.types.insert(ty, Owner::Table(Arc::clone(&owner)));
        }
        for (field, name) in table.root_fields() {
            self.roots
                .insert((field.is_mutation(), name), (Arc::clone(&owner), field.key()));
        }
        Ok(())
    }

    fn claim_types(&mut self, names: &TableNames, owner: &Arc<TableName>) {
        for ty in of_names(names) {
            self.types.insert(ty, Owner::Table(Arc::clone(owner)));
        }
    }

    /// Returns the reason why the names of a table cannot be claimed.
    fn check(&self, table: &TrackedTable) -> Result<(), Taken> {
        self.check_types(&table.names, &table.table.name)?;
        self.check_names(of_enum(table), &table.table.name)?;
        for (field, name) in table.root_fields() {
            let key = (field.is_mutation(), name);
            if let Some((other, other_field)) = self.roots.get(&key) {
                let reason = format!(
                    "the root field \"{}\" is both \"{}\" of table \"{}\" and \"{other_field}\" of table \"{other}\"; give one of \
                     the tables a custom name, or rename one of the fields in custom_root_fields",
                    key.1,
                    field.key(),
                    table.table.name
                );
                return Err(Taken {
                    reason,
                    root_field: Some(key.1),
                });
            }
        }
        Ok(())
    }

    /// Returns the reason why the type names of a table cannot be claimed.
    pub fn check_types(&self, names: &TableNames, table: &TableName) -> Result<(), String> {
        self.check_names(of_names(names), table)
    }

    fn check_names(&self, names: impl Iterator<Item = String>, table: &TableName) -> Result<(), String> {
        for ty in names {
            let other = match self.types.get(&ty) {
                None => continue,
                Some(Owner::Table(other)) => format!("also one of table \"{other}\""),
                Some(Owner::Scalars(_, scalar)) if self.is_own(scalar) => "part of every schema".to_owned(),
                Some(Owner::Scalars(_, scalar)) => format!("also one of the Postgres type \"{scalar}\""),
            };
            return Err(format!(
                "the GraphQL type \"{ty}\" of table \"{table}\" is {other}; give the table a custom name"
            ));
        }
        Ok(())
    }

    fn is_own(&self, ty: &str) -> bool {
        OWN_TYPES.contains(&ty) || self.naming.is_own_type(ty)
    }

    /// Returns the reason why a table has a name of a function.
    pub fn check_function(&self, function: &TrackedFunction) -> Result<(), String> {
        let is_mutation = function.exposure == Exposure::Mutation;
        for field in function.root_fields() {
            if let Some((table, _)) = self.roots.get(&(is_mutation, field.to_owned())) {
                return Err(format!(
                    "the root field \"{field}\" is also one of table \"{table}\"; give the function a custom name"
                ));
            }
        }
        self.check_input(&function.arguments_type)
    }

    /// Returns the reason why the input type of the arguments of a function cannot have this name.
    pub fn check_input(&self, ty: &str) -> Result<(), String> {
        match self.types.get(ty) {
            None => Ok(()),
            Some(Owner::Table(table)) => Err(format!(
                "the GraphQL type \"{ty}\" is also one of table \"{table}\"; give the function a custom name"
            )),
            Some(Owner::Scalars(..)) => Err(format!(
                "the GraphQL type \"{ty}\" is also one of a Postgres type; give the function a custom name"
            )),
        }
    }

    /// Returns the reason why an argument cannot be of a Postgres type: its name is that of another type.
    pub fn check_scalar(&self, scalar: &str) -> Result<(), String> {
        match self.types.get(scalar) {
            Some(Owner::Table(table)) => Err(format!(
                "the type \"{scalar}\" of an argument has the name of a GraphQL type of table \"{table}\"; give the table a custom name"
            )),
            _ if matches!(
                scalar,
                "query_root" | "mutation_root" | "subscription_root" | "order_by" | "cursor_ordering"
            ) =>
            {
                Err(format!(
                    "the type \"{scalar}\" of an argument has the name of a GraphQL type of every schema"
                ))
            }
            _ => Ok(()),
        }
    }

    /// Releases the names that a table claimed.
    pub fn release(&mut self, table: &TrackedTable) {
        self.release_types(&table.names);
        for ty in of_enum(table) {
            self.types.remove(&ty);
        }
        for (field, name) in table.root_fields() {
            self.roots.remove(&(field.is_mutation(), name));
        }
    }

    fn release_types(&mut self, names: &TableNames) {
        for ty in of_names(names) {
            self.types.remove(&ty);
        }
    }
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

/// Returns the reason why the names of a table conflict with each other or with names of every schema.
pub fn conflict(table: &TrackedTable) -> Option<String> {
    let name = &table.table.name;
    for (field, column) in &table.columns {
        if CONDITION_OPERATORS.contains(&field.as_str()) {
            return Some(format!(
                "column \"{}\" of table \"{name}\" is exposed as \"{field}\", which is an operator of conditions; give the column a custom name",
                column.name
            ));
        }
        let ty = scalar_type(column);
        let (ty, other) = if is_reserved_type(&ty.name, &table.names.naming) {
            (&ty.name, "the GraphQL type")
        } else if !matches!(ty.kind, TypeKind::Base | TypeKind::TableEnum(_))
            && TYPES_WITH_OWN_FORM.contains(&ty.name.as_str())
        {
            (&ty.name, "the built-in type")
        } else {
            continue;
        };
        return Some(format!(
            "the Postgres type \"{ty}\" of column \"{}\" of table \"{name}\" has the name of {other} \"{ty}\" of every schema; \
             rename the Postgres type",
            column.name
        ));
    }
    let mut roots: HashMap<(bool, String), RootField> = HashMap::new();
    for (field, root) in table.root_fields() {
        if let Some(other) = roots.insert((field.is_mutation(), root.clone()), field) {
            return Some(format!(
                "the root fields \"{}\" and \"{}\" of table \"{name}\" are both named \"{root}\"; rename one of them in custom_root_fields",
                other.key(),
                field.key()
            ));
        }
    }
    None
}

/// Whether a relationship cannot have this name, because it is an operator of conditions.
pub fn is_condition_operator(name: &str) -> bool {
    CONDITION_OPERATORS.contains(&name)
}

/// Whether a Postgres type of this name would have the name of a GraphQL type of every schema, or of one that is derived
/// from another scalar. `lquery` and `ltxtquery` are Postgres types themselves.
fn is_reserved_type(name: &str, naming: &Naming) -> bool {
    let own = OWN_TYPES.contains(&name) && !matches!(name, "lquery" | "ltxtquery");
    let derived = match naming.convention {
        NamingConvention::Hasura => ["_comparison_exp", "_cast_exp"],
        NamingConvention::Graphql => ["ComparisonExp", "CastExp"],
    };
    own || derived.iter().any(|suffix| name.ends_with(suffix)) || naming.is_own_type(name)
}

/// Type names of a table.
fn of_names(names: &TableNames) -> impl Iterator<Item = String> {
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

/// Type names of the enum of an enum table.
fn of_enum(table: &TrackedTable) -> impl Iterator<Item = String> {
    let convention = table.names.naming.convention;
    let names = table.enumeration.iter().map(|enumeration| &enumeration.type_name);
    names.flat_map(move |name| [name.clone(), convention.ty(&format!("{name}_comparison_exp"))])
}

/// Type names of a scalar: the scalar itself and the inputs derived from it.
fn of_scalar(naming: &Naming, name: &str) -> [String; 4] {
    let derived = |suffix: &str| naming.convention.ty(&format!("{name}_{suffix}"));
    [
        name.to_owned(),
        derived("comparison_exp"),
        derived("array_comparison_exp"),
        derived("cast_exp"),
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
    Identifier::of(table).plain
}

/// Returns the custom root fields after validation. A value is a name, null, or `{"name", "comment"}`.
pub fn root_fields(configuration: &TableConfiguration) -> Result<IndexMap<String, CustomRootField>, String> {
    let mut fields: IndexMap<String, CustomRootField> = IndexMap::new();
    for (key, value) in &configuration.custom_root_fields {
        if !ROOT_FIELDS.contains(&key.as_str()) {
            return Err(format!("custom root fields: unknown root field \"{key}\""));
        }
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(ToOwned::to_owned);
        let field = match value {
            Some(Value::String(name)) => CustomRootField {
                name: Some(name.clone()),
                comment: None,
            },
            Some(Value::Object(object)) => CustomRootField {
                name: text(object.get("name")),
                comment: text(object.get("comment")),
            },
            _ => continue,
        };
        if let Some(name) = &field.name {
            if !is_valid(name) {
                return Err(format!(
                    "custom root fields: \"{name}\" is not a valid GraphQL name"
                ));
            }
            if fields.values().any(|other| other.name.as_ref() == Some(name)) {
                return Err(format!("custom root fields: duplicate name \"{name}\""));
            }
        }
        fields.insert(key.clone(), field);
    }
    Ok(fields)
}

#[cfg(test)]
mod tests;
