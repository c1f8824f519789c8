//! Conflicts of the names of one table with each other or with names of every schema.

use super::type_names::OWN_TYPES;
use super::{CONDITION_OPERATORS, scalar_type};
use crate::catalog::TypeKind;
use crate::metadata::naming::{Naming, NamingConvention};
use crate::metadata::tracked::{RootField, TrackedTable};
use std::collections::HashMap;

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
