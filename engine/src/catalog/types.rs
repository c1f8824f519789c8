//! The model of the database that everything else is built from.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// All tables and views outside the system schemas. `hdb_catalog` is in it: `event_log` may be tracked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog {
    /// By qualified name.
    pub tables: BTreeMap<TableName, Arc<Table>>,
    /// `server_version_num`, such as 150018.
    pub server_version: u32,
}

/// A table's name with its schema. In JSON `{"schema", "name"}`; read also as `"name"`, and without `schema`, which then
/// is `public`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "TableNameForm")]
pub struct TableName {
    /// The Postgres schema.
    pub schema: String,
    /// The table.
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
    /// `schema.name`.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: schema.into(),
            name: name.into(),
        }
    }
}

impl fmt::Display for TableName {
    /// As Hasura prints it: without the schema where that is `public`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.schema == "public" {
            f.write_str(&self.name)
        } else {
            write!(f, "{}.{}", self.schema, self.name)
        }
    }
}

/// A table, view, materialized view, foreign or partitioned table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: TableName,
    /// `pg_class.oid`: what stays when it is renamed.
    pub oid: u32,
    /// What it is.
    pub kind: TableKind,
    /// In the order of `attnum`, dropped ones left out.
    pub columns: Vec<Column>,
    /// The primary key.
    pub primary_key: Option<Key>,
    /// Unique constraints, the primary key not among them.
    pub unique: Vec<Key>,
    /// Foreign keys of this table.
    pub foreign_keys: Vec<ForeignKey>,
    /// Whether INSERT, UPDATE, DELETE can work (`pg_relation_is_updatable`; always for tables).
    pub insertable: bool,
    /// See `insertable`.
    pub updatable: bool,
    /// See `insertable`.
    pub deletable: bool,
    /// `COMMENT ON TABLE`.
    pub comment: Option<String>,
}

impl Table {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// `pg_class.relkind`, as far as it can be tracked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// Ordinary or partitioned table.
    Table,
    /// View.
    View,
    /// Materialized view.
    MaterializedView,
    /// Foreign table.
    ForeignTable,
}

impl TableKind {
    /// Whether its changes can be captured row by row.
    pub fn takes_triggers(self) -> bool {
        matches!(self, Self::Table | Self::ForeignTable)
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// `attnum`: what stays when it is renamed.
    pub number: i16,
    /// Its type.
    pub ty: PgType,
    /// Whether NULL may stand in it.
    pub nullable: bool,
    /// Whether an insert may leave it out because a default, identity or generated value steps in.
    pub has_default: bool,
    /// `GENERATED ALWAYS AS (…) STORED` or `GENERATED ALWAYS AS IDENTITY`: never written by clients.
    pub generated: bool,
    /// `COMMENT ON COLUMN`.
    pub comment: Option<String>,
}

/// A Postgres type, as a cast needs it and as a GraphQL scalar is chosen from it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PgType {
    /// `pg_type.typname`, such as `int4`, `text`, `timestamptz`, `_text` for arrays. Columns of domains have the type below
    /// the domain; only as the element of an array a domain keeps its own name.
    pub name: String,
    /// The name as SQL wants it after `::`, quoted and qualified where needed (`format_type`), such as `text[]`.
    pub sql: String,
    /// Base, array, enum, domain, composite, range.
    pub kind: TypeKind,
    /// For domains: the `typname` of the type below, all domains peeled off. Else the same as `name`.
    pub base: String,
}

impl PgType {
    /// A base type that every Postgres has: its `typname`, and what SQL calls it.
    pub fn built_in(name: &str, sql: &str) -> Self {
        Self {
            name: name.to_owned(),
            sql: sql.to_owned(),
            kind: TypeKind::Base,
            base: name.to_owned(),
        }
    }
}

/// `pg_type.typtype`, arrays told apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TypeKind {
    /// An ordinary scalar.
    Base,
    /// An array; its element type.
    Array(Box<PgType>),
    /// An enum.
    Enum,
    /// A domain.
    Domain,
    /// A composite type.
    Composite,
    /// A range or multirange.
    Range,
}

/// A primary key or unique constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The constraint's name.
    pub name: String,
    /// Its columns, in the constraint's order.
    pub columns: Vec<String>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The constraint's name.
    pub name: String,
    /// The table it points to.
    pub target: TableName,
    /// (column here, column there).
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

/// Aggregate functions over whatever has an order.
pub const COMPARABLE_FUNCTIONS: [&str; 2] = ["max", "min"];

/// Aggregate functions over booleans; conditions have them, aggregates of rows do not.
pub const BOOLEAN_FUNCTIONS: [&str; 2] = ["bool_and", "bool_or"];
