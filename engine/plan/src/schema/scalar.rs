//! Postgres types → GraphQL scalars, and the comparison operators of each type.

use engine_model::catalog::{PgType, TypeKind};
use std::fmt;

/// Type of a value: a named type, inside lists of non-null elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueType<'t> {
    pub name: &'t str,
    /// Number of lists.
    pub lists: u8,
}

impl<'t> ValueType<'t> {
    pub fn one(name: &'t str) -> Self {
        Self { name, lists: 0 }
    }

    /// Returns the type of lists of this type.
    #[must_use]
    pub fn list(self) -> Self {
        Self {
            lists: self.lists + 1,
            ..self
        }
    }
}

impl fmt::Display for ValueType<'_> {
    /// GraphQL's notation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for _ in 0..self.lists {
            f.write_str("[")?;
        }
        f.write_str(self.name)?;
        for _ in 0..self.lists {
            f.write_str("!]")?;
        }
        Ok(())
    }
}

/// Returns the GraphQL type of a column's values: a scalar, or a list of a scalar for an array of any dimension.
pub fn value_type(ty: &PgType) -> ValueType<'_> {
    match &ty.kind {
        TypeKind::Array(element) => ValueType::one(scalar_name(element)).list(),
        _ => ValueType::one(scalar_name(ty)),
    }
}

/// Whether the name is the one that Hasura v2.0 gave to lists of a scalar: that of the Postgres array type.
pub fn is_array_scalar(name: &str, element: &str) -> bool {
    name.strip_prefix('_')
        .is_some_and(|typname| base_scalar_name(typname) == element)
}

/// Returns the name of a Postgres type, which for arrays is not that of a GraphQL type.
pub fn scalar_name(ty: &PgType) -> &str {
    match &ty.kind {
        TypeKind::Base => base_scalar_name(&ty.name),
        TypeKind::TableEnum(enumeration) => &enumeration.type_name,
        _ => &ty.name,
    }
}

fn base_scalar_name(typname: &str) -> &str {
    match typname {
        "int2" => "smallint",
        "int4" => "Int",
        "int8" => "bigint",
        "text" | "varchar" => "String",
        "bool" => "Boolean",
        "float4" => "Float",
        other => other,
    }
}

/// Values that a scalar accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarKind {
    /// A whole number of 32 bits.
    Int,
    /// A number.
    Float,
    /// true or false.
    Boolean,
    /// A string.
    String,
    /// Any JSON: `json`, `jsonb`.
    Json,
    /// A string that Postgres reads, or a number or boolean that is passed unchanged; for `PostGIS` also an object.
    Custom,
    /// A list, or a string as Postgres writes arrays.
    Array,
}

/// Returns the values that a column's scalar accepts.
pub fn scalar_kind(ty: &PgType) -> ScalarKind {
    match (&ty.kind, scalar_name(ty)) {
        (TypeKind::Array(_), _) => ScalarKind::Array,
        (_, "Int") => ScalarKind::Int,
        (_, "Float") => ScalarKind::Float,
        (_, "Boolean") => ScalarKind::Boolean,
        (_, "String") => ScalarKind::String,
        (_, "json" | "jsonb") => ScalarKind::Json,
        _ => ScalarKind::Custom,
    }
}

/// Right operand of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperandKind {
    /// A value of the column's own type.
    Same,
    /// A list of values of the column's own type; one must match.
    AnyOf,
    /// A list of values of the column's own type; none may match.
    NoneOf,
    /// A boolean: whether the value must be null.
    Null,
    /// A pattern: text, or citext for citext.
    Pattern,
    /// A string.
    Text,
    /// A list of strings.
    Texts,
    /// A value of the named type.
    Other(&'static str),
    /// A list of values of the named type.
    Others(&'static str),
}

impl OperandKind {
    /// Returns the type of the operand for columns of a type.
    pub fn operand_type(self, column: ValueType<'_>) -> ValueType<'_> {
        match self {
            Self::Same | Self::Pattern => column,
            Self::AnyOf | Self::NoneOf => column.list(),
            Self::Null => ValueType::one("Boolean"),
            Self::Text => ValueType::one("String"),
            Self::Texts => ValueType::one("String").list(),
            Self::Other(other) => ValueType::one(other),
            Self::Others(other) => ValueType::one(other).list(),
        }
    }
}

/// Operator of a `…_comparison_exp`.
#[derive(Debug, Clone, Copy)]
pub struct ComparisonOperator {
    /// `_eq`.
    pub name: &'static str,
    /// `=`.
    pub sql: &'static str,
    /// Right operand.
    pub right: OperandKind,
    /// For introspection.
    pub description: Option<&'static str>,
}

impl ComparisonOperator {
    /// Whether the value of a client decides how long a comparison takes, as it does for regular expressions.
    pub fn is_expensive(&self) -> bool {
        matches!(
            self.name,
            "_similar" | "_nsimilar" | "_regex" | "_nregex" | "_iregex" | "_niregex"
        )
    }
}

const fn op(name: &'static str, sql: &'static str, right: OperandKind) -> ComparisonOperator {
    ComparisonOperator {
        name,
        sql,
        right,
        description: None,
    }
}

const fn described(
    name: &'static str,
    sql: &'static str,
    right: OperandKind,
    description: &'static str,
) -> ComparisonOperator {
    ComparisonOperator {
        name,
        sql,
        right,
        description: Some(description),
    }
}

static GENERIC: [ComparisonOperator; 9] = [
    op("_eq", "=", OperandKind::Same),
    op("_gt", ">", OperandKind::Same),
    op("_gte", ">=", OperandKind::Same),
    op("_in", "", OperandKind::AnyOf),
    op("_is_null", "", OperandKind::Null),
    op("_lt", "<", OperandKind::Same),
    op("_lte", "<=", OperandKind::Same),
    op("_neq", "<>", OperandKind::Same),
    op("_nin", "", OperandKind::NoneOf),
];

static TEXT: [ComparisonOperator; 10] = [
    described(
        "_like",
        "LIKE",
        OperandKind::Pattern,
        "does the column match the given pattern",
    ),
    described(
        "_nlike",
        "NOT LIKE",
        OperandKind::Pattern,
        "does the column NOT match the given pattern",
    ),
    described(
        "_ilike",
        "ILIKE",
        OperandKind::Pattern,
        "does the column match the given case-insensitive pattern",
    ),
    described(
        "_nilike",
        "NOT ILIKE",
        OperandKind::Pattern,
        "does the column NOT match the given case-insensitive pattern",
    ),
    described(
        "_similar",
        "SIMILAR TO",
        OperandKind::Text,
        "does the column match the given SQL regular expression",
    ),
    described(
        "_nsimilar",
        "NOT SIMILAR TO",
        OperandKind::Text,
        "does the column NOT match the given SQL regular expression",
    ),
    described(
        "_regex",
        "~",
        OperandKind::Pattern,
        "does the column match the given POSIX regular expression, case sensitive",
    ),
    described(
        "_nregex",
        "!~",
        OperandKind::Pattern,
        "does the column NOT match the given POSIX regular expression, case sensitive",
    ),
    described(
        "_iregex",
        "~*",
        OperandKind::Pattern,
        "does the column match the given POSIX regular expression, case insensitive",
    ),
    described(
        "_niregex",
        "!~*",
        OperandKind::Pattern,
        "does the column NOT match the given POSIX regular expression, case insensitive",
    ),
];

static JSONB: [ComparisonOperator; 5] = [
    described(
        "_contains",
        "@>",
        OperandKind::Same,
        "does the column contain the given json value at the top level",
    ),
    described(
        "_contained_in",
        "<@",
        OperandKind::Same,
        "is the column contained in the given json value",
    ),
    described(
        "_has_key",
        "?",
        OperandKind::Text,
        "does the string exist as a top-level key in the column",
    ),
    described(
        "_has_keys_any",
        "?|",
        OperandKind::Texts,
        "do any of these strings exist as top-level keys in the column",
    ),
    described(
        "_has_keys_all",
        "?&",
        OperandKind::Texts,
        "do all of these strings exist as top-level keys in the column",
    ),
];

static ARRAY: [ComparisonOperator; 2] = [
    described(
        "_contains",
        "@>",
        OperandKind::Same,
        "does the array contain the given value",
    ),
    described(
        "_contained_in",
        "<@",
        OperandKind::Same,
        "is the array contained in the given array value",
    ),
];

static LTREE: [ComparisonOperator; 7] = [
    described(
        "_ancestor",
        "@>",
        OperandKind::Same,
        "is the left argument an ancestor of right (or equal)?",
    ),
    described(
        "_ancestor_any",
        "@>",
        OperandKind::Others("ltree"),
        "does array contain an ancestor of `ltree`?",
    ),
    described(
        "_descendant",
        "<@",
        OperandKind::Same,
        "is the left argument a descendant of right (or equal)?",
    ),
    described(
        "_descendant_any",
        "<@",
        OperandKind::Others("ltree"),
        "does array contain a descendant of `ltree`?",
    ),
    described(
        "_matches",
        "~",
        OperandKind::Other("lquery"),
        "does `ltree` match `lquery`?",
    ),
    described(
        "_matches_any",
        "?",
        OperandKind::Others("lquery"),
        "does `ltree` match any `lquery` in array?",
    ),
    described(
        "_matches_fulltext",
        "@",
        OperandKind::Other("ltxtquery"),
        "does `ltree` match `ltxtquery`?",
    ),
];

/// Operators of enums, by name.
const OF_ENUMS: [&str; 5] = ["_eq", "_in", "_is_null", "_neq", "_nin"];

/// The operators that a column of a type can be compared by. `_cast` (of jsonb) is not among them: it nests.
pub fn operators(ty: &PgType) -> impl Iterator<Item = &'static ComparisonOperator> {
    let is_enum = matches!(ty.kind, TypeKind::TableEnum(_));
    condition_operators(ty).filter(move |operator| !is_enum || OF_ENUMS.contains(&operator.name))
}

/// The same for conditions of permissions and commands, which compare enums by their order, too.
pub fn condition_operators(ty: &PgType) -> impl Iterator<Item = &'static ComparisonOperator> {
    let special: &'static [ComparisonOperator] = match (&ty.kind, ty.name.as_str()) {
        (TypeKind::Array(_), _) => &ARRAY,
        (TypeKind::TableEnum(_), _) => &[],
        (_, "text" | "varchar" | "bpchar" | "citext") => &TEXT,
        (_, "jsonb") => &JSONB,
        (_, "ltree") => &LTREE,
        _ => &[],
    };
    GENERIC.iter().chain(special)
}

/// Whether `sum`, `avg` and their like apply.
pub fn is_number(ty: &PgType) -> bool {
    ty.kind == TypeKind::Base
        && matches!(
            ty.name.as_str(),
            "int2" | "int4" | "int8" | "float4" | "float8" | "numeric" | "money"
        )
}

/// Whether a path can be selected.
pub fn is_json(ty: &PgType) -> bool {
    ty.kind == TypeKind::Base && matches!(ty.name.as_str(), "json" | "jsonb")
}

/// Whether `bool_and` and `bool_or` apply.
pub fn is_boolean(ty: &PgType) -> bool {
    ty.kind == TypeKind::Base && ty.name == "bool"
}

/// Whether conditions over `sum`, `avg` and their like apply.
pub fn is_float8(ty: &PgType) -> bool {
    ty.kind == TypeKind::Base && ty.name == "float8"
}

/// Whether `max` and `min` apply: Postgres has them for these.
pub fn is_comparable(ty: &PgType) -> bool {
    match &ty.kind {
        TypeKind::Enum => true,
        TypeKind::Array(element) => is_comparable(element),
        TypeKind::Base | TypeKind::Domain => matches!(
            ty.base.as_str(),
            "int2"
                | "int4"
                | "int8"
                | "float4"
                | "float8"
                | "numeric"
                | "money"
                | "text"
                | "varchar"
                | "bpchar"
                | "citext"
                | "name"
                | "date"
                | "time"
                | "timetz"
                | "timestamp"
                | "timestamptz"
                | "interval"
                | "inet"
                | "oid"
        ),
        _ => false,
    }
}
