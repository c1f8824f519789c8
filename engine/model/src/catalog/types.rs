//! Model of the database catalog.

use super::enums::{EnumRows, TableEnum};
use super::function::Function;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// All tables and views outside the system schemas. Includes `hdb_catalog`, because `event_log` may be tracked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog {
    pub tables: BTreeMap<TableName, Arc<Table>>,
    /// Functions that the metadata names, each with its overloads: none if it does not exist. Others are not read.
    pub functions: BTreeMap<TableName, Vec<Arc<Function>>>,
    /// `server_version_num`, such as 150018.
    pub server_version: u32,
    /// Rows of the enum tables of the metadata.
    pub enums: BTreeMap<TableName, EnumRows>,
}

/// Table name with its schema. Serialized as `{"schema", "name"}`; also accepted as `"name"` and without `schema`,
/// which then is `public`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "TableNameForm")]
pub struct TableName {
    pub schema: String,
    pub name: String,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a table: its name as a string, or {\"schema\": …, \"name\": …}"
)]
enum TableNameForm {
    Plain(String),
    Qualified {
        #[serde(default = "public")]
        schema: String,
        name: String,
    },
}

fn public() -> String {
    "public".to_owned()
}

impl From<TableNameForm> for TableName {
    fn from(form: TableNameForm) -> Self {
        match form {
            TableNameForm::Plain(name) => Self {
                schema: public(),
                name,
            },
            TableNameForm::Qualified { schema, name } => Self { schema, name },
        }
    }
}

impl TableName {
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: schema.into(),
            name: name.into(),
        }
    }
}

impl fmt::Display for TableName {
    /// Hasura's format: without the schema if it is `public`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.schema == "public" {
            f.write_str(&self.name)
        } else {
            write!(f, "{}.{}", self.schema, self.name)
        }
    }
}

/// Table, view, materialized view, foreign or partitioned table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub name: TableName,
    /// `pg_class.oid`: unchanged by a rename.
    pub oid: u32,
    pub kind: TableKind,
    /// In the order of `attnum`, without dropped columns.
    pub columns: Vec<Column>,
    pub primary_key: Option<Key>,
    /// Unique constraints, without the primary key.
    pub unique: Vec<Key>,
    pub foreign_keys: Vec<ForeignKey>,
    /// Whether the relation accepts INSERT (`pg_relation_is_updatable`; always true for tables).
    pub insertable: bool,
    /// Whether the relation accepts UPDATE.
    pub updatable: bool,
    /// Whether the relation accepts DELETE.
    pub deletable: bool,
    pub coupling: Coupling,
    /// `COMMENT ON TABLE`.
    pub comment: Option<String>,
}

/// Relations between the rows of a table and other tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coupling {
    /// Whether other relations have the same rows: partitions and tables that inherit from each other.
    pub inherits: bool,
    /// Whether a change of a row can change other tables: by a trigger that is not the engine's, by a rule (views have one), by the
    /// action of a foreign key, or by a function in a default, a check or another expression of the table.
    pub has_side_effects: bool,
    /// Whether policies select the rows, which can depend on other tables.
    pub has_row_security: bool,
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// `pg_class.relkind` of relations that can be tracked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// Ordinary or partitioned table.
    Table,
    View,
    MaterializedView,
    ForeignTable,
}

impl TableKind {
    /// Whether row-level triggers can capture its changes.
    pub fn takes_triggers(self) -> bool {
        matches!(self, Self::Table | Self::ForeignTable)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub name: String,
    /// `attnum`: unchanged by a rename.
    pub number: i16,
    pub ty: PgType,
    pub nullable: bool,
    /// Whether an insert may omit it because of a default, identity or generated value.
    pub has_default: bool,
    /// `GENERATED ALWAYS AS (…) STORED` or `GENERATED ALWAYS AS IDENTITY`: not writable by clients.
    pub generated: bool,
    /// `COMMENT ON COLUMN`.
    pub comment: Option<String>,
}

/// Postgres type, with the names used for casts and for the GraphQL scalar.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PgType {
    /// `pg_type.typname`, such as `int4`, `text`, `timestamptz`, `_text` for arrays. Columns, fields of composite types and
    /// elements of arrays that are of a domain have the domain's base type.
    pub name: String,
    /// Name after `::` in SQL, quoted and qualified where needed (`format_type`), such as `text[]`.
    pub sql: String,
    pub kind: TypeKind,
    /// For domains the `typname` of the innermost base type, otherwise the same as `name`.
    pub base: String,
    /// Objects of a base type outside `pg_catalog`, such as that of an extension.
    pub extension: Option<Arc<TypeExtension>>,
}

/// Operators and aggregate functions in the schema of a type. Postgres would look them up in `search_path`, where those of
/// another type may be found instead: without citext's `=`, values of citext are compared as text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TypeExtension {
    pub schema: String,
    /// Names of the operators whose left operand is of the type.
    pub operators: BTreeSet<String>,
    /// Names of the aggregate functions of one argument of the type.
    pub aggregates: BTreeSet<String>,
}

impl PgType {
    /// Base type that every Postgres has, by `typname` and SQL name.
    pub fn built_in(name: &str, sql: &str) -> Self {
        Self {
            name: name.to_owned(),
            sql: sql.to_owned(),
            kind: TypeKind::Base,
            base: name.to_owned(),
            extension: None,
        }
    }

    /// Whether values of the type are or contain numbers that JavaScript may not represent, as listed by Hasura:
    /// `HASURA_GRAPHQL_STRINGIFY_NUMERIC_TYPES` concerns these.
    pub fn has_large_numbers(&self) -> bool {
        match &self.kind {
            TypeKind::Array(element) => element.has_large_numbers(),
            TypeKind::Composite(fields) => fields.iter().any(|field| field.ty.has_large_numbers()),
            _ => matches!(self.base.as_str(), "int8" | "numeric" | "float8"),
        }
    }
}

/// Number of decimal digits that every double represents exactly: numbers in composite values with more of them are
/// strings.
pub const EXACT_DIGITS: u8 = 15;

/// `pg_type.typtype`, with arrays distinguished.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TypeKind {
    /// Ordinary scalar.
    Base,
    /// Array, with its element type.
    Array(Box<PgType>),
    Enum,
    /// Text that is the key of an enum table. The catalog does not contain it: columns have it by resolution of the metadata.
    TableEnum(Arc<TableEnum>),
    Domain,
    /// Composite, with its fields.
    Composite(Vec<CompositeField>),
    /// Range or multirange.
    Range,
}

/// Field of a composite type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CompositeField {
    pub name: String,
    pub ty: PgType,
}

/// Primary key or unique constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Name of the constraint.
    pub name: String,
    /// In the order of the constraint.
    pub columns: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// Name of the constraint.
    pub name: String,
    pub target: TableName,
    /// Pairs of (column of this table, column of the target).
    pub mapping: Vec<(String, String)>,
}

/// Aggregate functions over numbers.
pub const NUMBER_FUNCTIONS: [&str; 8] = [
    "avg",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "sum",
    "var_pop",
    "var_samp",
    "variance",
];

/// Aggregate functions over ordered types.
pub const COMPARABLE_FUNCTIONS: [&str; 2] = ["max", "min"];

/// Aggregate functions over booleans; available in conditions, not in aggregates of rows.
pub const BOOLEAN_FUNCTIONS: [&str; 2] = ["bool_and", "bool_or"];

/// Aggregate functions of a float8 column that are available in conditions.
pub const FLOAT_FUNCTIONS: [&str; 6] = ["avg", "max", "min", "stddev_samp", "sum", "var_samp"];

/// Aggregate functions of two float8 columns that are available in conditions.
pub const FLOAT_PAIR_FUNCTIONS: [&str; 2] = ["corr", "covar_samp"];
