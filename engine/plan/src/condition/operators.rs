//! Operators of a type by their names in conditions.

use crate::schema::scalar::{ComparisonOperator, condition_operators, scalar_name};
use engine_error::{Code, Error, Result};
use engine_model::catalog::{PgType, TypeKind};

/// Operators of a few types, with the types that a message names.
const OPERATORS_OF_TYPES: [(&[&str], &str); 3] = [
    (
        &[
            "like", "nlike", "ilike", "nilike", "similar", "nsimilar", "regex", "iregex", "nregex", "niregex",
        ],
        "\"text\"/\"varchar\"",
    ),
    (
        &[
            "contains",
            "contained_in",
            "has_key",
            "has_keys_any",
            "has_keys_all",
        ],
        "\"jsonb\"",
    ),
    (
        &[
            "ancestor",
            "ancestor_any",
            "descendant",
            "descendant_any",
            "matches",
            "matches_any",
            "matches_fulltext",
        ],
        "\"ltree\"",
    ),
];

/// Returns the operator of a type.
pub(super) fn find(ty: &PgType, key: &str) -> Result<&'static ComparisonOperator> {
    // Hasura's wording
    let unknown = || Error::new(Code::UnexpectedPayload, format!("Unknown operator : {key}"));
    let bare = key.strip_prefix(['$', '_']).ok_or_else(unknown)?;
    let name = match bare {
        "ne" => "neq",
        other => other,
    };
    let operator = condition_operators(ty).find(|operator| operator.name.strip_prefix('_') == Some(name));
    operator.ok_or_else(|| {
        let of_others = OPERATORS_OF_TYPES.iter().find(|(names, _)| names.contains(&name));
        match of_others {
            Some((_, types)) => {
                let own = match ty.kind {
                    TypeKind::TableEnum(_) => scalar_name(ty),
                    _ => &ty.sql,
                };
                let message =
                    format!(" is of type \"{own}\"; this operator works only on columns of type {types}");
                Error::new(Code::UnexpectedPayload, message)
            }
            None => unknown(),
        }
    })
}
