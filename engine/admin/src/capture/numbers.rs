//! SQL expressions that represent large numbers in events as strings (`HASURA_GRAPHQL_STRINGIFY_NUMERIC_TYPES`), as
//! responses of queries represent them.

use super::ddl::{identifier, literal};
use engine_model::catalog::{EXACT_DIGITS, PgType, TypeKind};

/// Returns an expression whose JSON has strings for the large numbers in `value`, which contains them.
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
            let object = object(&pairs.collect::<Vec<_>>());
            // `IS NULL` is also true for a composite value whose fields are all NULL.
            format!("CASE WHEN {value} IS NOT DISTINCT FROM NULL THEN NULL ELSE {object} END")
        }
        _ => format!("{value}::text"),
    }
}

/// Returns a JSON object of these pairs of keys and values. Postgres functions take at most 100 arguments: the texts of
/// several objects are joined without their braces.
pub(super) fn object(pairs: &[String]) -> String {
    const MAX_PAIRS: usize = 50;
    let build = |pairs: &[String]| format!("json_build_object({})", pairs.join(", "));
    if pairs.len() <= MAX_PAIRS {
        return build(pairs);
    }
    let members = pairs
        .chunks(MAX_PAIRS)
        .map(|chunk| format!("substr(left({}::text, -1), 2)", build(chunk)));
    let members: Vec<String> = members.collect();
    format!("('{{' || {} || '}}')::json", members.join(" || ',' || "))
}

/// Returns a field of a composite value. Its numbers are numbers; those with more digits than JavaScript can represent are
/// strings, so that they are not lost.
fn field_value(value: &str, ty: &PgType, depth: usize) -> String {
    match &ty.kind {
        _ if !ty.has_large_numbers() => value.to_owned(),
        TypeKind::Array(_) | TypeKind::Composite(_) => nested(value, ty, depth),
        _ if ty.base == "float8" => value.to_owned(),
        _ => format!(
            "CASE WHEN length(translate({value}::text, '-.', '')) <= {EXACT_DIGITS} THEN to_json({value}) \
             ELSE to_json({value}::text) END"
        ),
    }
}
