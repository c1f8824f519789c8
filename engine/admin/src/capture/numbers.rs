//! SQL expressions that represent large numbers in events as strings (`HASURA_GRAPHQL_STRINGIFY_NUMERIC_TYPES`), as
//! responses of queries represent them.

use super::ddl::{identifier, literal};
use engine_model::catalog::{PgType, TypeKind};

/// Whether values of the type are or contain large numbers.
pub(super) fn contains(ty: &PgType) -> bool {
    match &ty.kind {
        TypeKind::Array(element) => contains(element),
        TypeKind::Composite(fields) => fields.iter().any(|field| contains(&field.ty)),
        TypeKind::Base => matches!(ty.base.as_str(), "int8" | "numeric" | "float8"),
        _ => false,
    }
}

/// Returns an expression whose JSON has strings for the large numbers in `value`, which [`contains`] them.
pub(super) fn as_strings(value: &str, ty: &PgType) -> String {
    nested(value, ty, 0)
}

/// `depth` is the number of enclosing arrays; it makes the aliases of the subqueries unique.
fn nested(value: &str, ty: &PgType, depth: usize) -> String {
    match &ty.kind {
        TypeKind::Array(element) if matches!(element.kind, TypeKind::Composite(_)) => {
            let item = nested(&format!("({value})[s{depth}.i]"), element, depth + 1);
            // The numbers in arrays of more dimensions remain numbers.
            format!(
                "CASE WHEN array_ndims({value}) = 1 THEN (SELECT json_agg({item} ORDER BY s{depth}.i) \
                 FROM generate_subscripts({value}, 1) AS s{depth}(i)) ELSE to_json({value}) END"
            )
        }
        TypeKind::Array(_) => format!("{value}::text[]"),
        TypeKind::Composite(fields) => {
            let pairs = fields.iter().map(|field| {
                let name = identifier(&field.name);
                format!(
                    "{}, {}",
                    literal(&field.name),
                    field_value(&format!("({value}).{name}"), &field.ty, depth)
                )
            });
            // `IS NULL` is also true for a composite value whose fields are all NULL.
            format!(
                "CASE WHEN {value} IS NOT DISTINCT FROM NULL THEN NULL ELSE json_build_object({}) END",
                pairs.collect::<Vec<_>>().join(", ")
            )
        }
        _ => format!("{value}::text"),
    }
}

/// Returns a field of a composite value. Its numbers are numbers; those with more digits than JavaScript can represent are
/// strings, so that they are not lost.
fn field_value(value: &str, ty: &PgType, depth: usize) -> String {
    // The number of decimal digits that every double represents exactly.
    const EXACT_DIGITS: usize = 15;
    match &ty.kind {
        _ if !contains(ty) => value.to_owned(),
        TypeKind::Array(_) | TypeKind::Composite(_) => nested(value, ty, depth),
        _ if ty.base == "float8" => value.to_owned(),
        _ => format!(
            "CASE WHEN length(translate({value}::text, '-.', '')) <= {EXACT_DIGITS} THEN to_json({value}) \
             ELSE to_json({value}::text) END"
        ),
    }
}
