//! The metadata in Hasura's v3 form. Keys that this engine does not know are kept as they are, so that metadata exported
//! from Hasura and replaced into it again has lost nothing on its way through here.

use super::lenient::Lenient;
use super::tracked::RelationshipKind;
use crate::catalog::TableName;
use crate::events::EventTrigger;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The one source that is served; others are kept, and listed as inconsistent.
pub const DEFAULT_SOURCE: &str = "default";

/// The metadata as Hasura exports it (`version: 3`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// Always 3; older forms are turned into this one when they are read.
    pub version: u8,
    /// Databases.
    #[serde(default)]
    pub sources: Lenient<Source>,
    /// Everything else: actions, query collections, allow list, …
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// `default` here.
    pub name: String,
    /// `postgres`.
    #[serde(default = "postgres")]
    pub kind: String,
    /// Tracked tables and views.
    #[serde(default)]
    pub tables: Lenient<TableEntry>,
    /// Functions, …
    #[serde(flatten)]
    pub rest: Map<String, Value>,
    /// How Hasura connects; kept for it and not looked at.
    #[serde(default = "default_configuration")]
    pub configuration: Value,
}

/// A tracked table or view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableEntry {
    /// Its name.
    pub table: TableName,
    /// Custom names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<TableConfiguration>,
    /// To at most one row.
    #[serde(default, skip_serializing_if = "Lenient::is_empty")]
    pub object_relationships: Lenient<RelationshipEntry>,
    /// To many rows.
    #[serde(default, skip_serializing_if = "Lenient::is_empty")]
    pub array_relationships: Lenient<RelationshipEntry>,
    /// Permissions, computed fields, `is_enum`, …
    #[serde(flatten)]
    pub rest: Map<String, Value>,
    /// Event triggers.
    #[serde(default, skip_serializing_if = "Lenient::is_empty")]
    pub event_triggers: Lenient<EventTrigger>,
}

/// Custom names of a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TableConfiguration {
    /// Instead of the table's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_name: Option<String>,
    /// By Hasura's keys: `select`, `select_by_pk`, `insert`, …; null is the same as absent.
    #[serde(default)]
    pub custom_root_fields: IndexMap<String, Option<Value>>,
    /// Column → GraphQL name; the older form of `column_config`.
    #[serde(default)]
    pub custom_column_names: IndexMap<String, String>,
    /// Column → its GraphQL name and more.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub column_config: IndexMap<String, ColumnConfiguration>,
    /// `comment`, …
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl TableConfiguration {
    /// Column → GraphQL name, by either key; `column_config` counts where both name one.
    pub fn column_names(&self) -> IndexMap<&str, &str> {
        let older = self
            .custom_column_names
            .iter()
            .map(|(column, name)| (&**column, &**name));
        let newer = self
            .column_config
            .iter()
            .filter_map(|(column, config)| Some((&**column, config.custom_name.as_deref()?)));
        older.chain(newer).collect()
    }
}

/// What is said of a column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnConfiguration {
    /// Instead of the column's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_name: Option<String>,
    /// `comment`, …
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A relationship of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RelationshipEntry {
    /// Its field name.
    pub name: String,
    /// Where it leads.
    pub using: Using,
    /// For the schema's documentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Unknown keys.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Where a relationship leads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Using {
    /// Along a foreign key, from here or to here.
    ForeignKeyConstraintOn(ForeignKeyOn),
    /// By columns that need no foreign key.
    ManualConfiguration(Manual),
}

/// Which foreign key: by the columns that have it, here or in the other table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a column, a list of columns, or {\"table\": …, \"column\" | \"columns\": …}"
)]
pub enum ForeignKeyOn {
    /// A column of this table.
    Column(String),
    /// Columns of this table.
    Columns(Vec<String>),
    /// A column of another table.
    Remote {
        /// That table.
        table: TableName,
        /// Its column.
        column: String,
    },
    /// Columns of another table.
    RemoteColumns {
        /// That table.
        table: TableName,
        /// Its columns; one may stand without a list.
        #[serde(deserialize_with = "one_or_many")]
        columns: Vec<String>,
    },
}

/// A relationship by columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manual {
    /// The table it leads to.
    pub remote_table: TableName,
    /// Column here → column there.
    pub column_mapping: IndexMap<String, String>,
    /// For nested inserts.
    #[serde(default)]
    pub insertion_order: Option<InsertionOrder>,
    /// Unknown keys.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Which row a nested insert writes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InsertionOrder {
    /// The row there.
    BeforeParent,
    /// The row here.
    AfterParent,
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Form::deserialize(deserializer)? {
        Form::One(column) => vec![column],
        Form::Many(columns) => columns,
    })
}

fn postgres() -> String {
    "postgres".to_owned()
}

/// What Hasura writes for a database that its environment names.
fn default_configuration() -> Value {
    json!({"connection_info": {
        "use_prepared_statements": true,
        "database_url": {"from_env": "HASURA_GRAPHQL_DATABASE_URL"},
        "isolation_level": "read-committed",
    }})
}

impl Default for Metadata {
    fn default() -> Self {
        Self {
            version: 3,
            sources: vec![Source::default()].into(),
            rest: Map::new(),
        }
    }
}

impl Default for Source {
    fn default() -> Self {
        Self {
            name: DEFAULT_SOURCE.to_owned(),
            kind: postgres(),
            tables: Lenient::default(),
            configuration: default_configuration(),
            rest: Map::new(),
        }
    }
}

impl Metadata {
    /// The tables of the served source.
    pub fn tables(&self) -> &[TableEntry] {
        self.source().map_or(&[], |source| source.tables.as_slice())
    }

    /// The entry of a table.
    pub fn table(&self, name: &TableName) -> Option<&TableEntry> {
        self.tables().iter().find(|entry| entry.table == *name)
    }

    /// The entry of a table, to be changed.
    pub fn table_mut(&mut self, name: &TableName) -> Option<&mut TableEntry> {
        self.source_mut()
            .tables
            .iter_mut()
            .find(|entry| entry.table == *name)
    }

    /// The served source.
    pub fn source(&self) -> Option<&Source> {
        self.sources.iter().find(|source| source.name == DEFAULT_SOURCE)
    }

    /// The served source; there is one afterwards.
    pub fn source_mut(&mut self) -> &mut Source {
        let index = self
            .sources
            .iter()
            .position(|source| source.name == DEFAULT_SOURCE);
        let index = index.unwrap_or_else(|| {
            self.sources.push(Source::default());
            self.sources.len() - 1
        });
        &mut self.sources[index]
    }
}

impl TableEntry {
    /// A table tracked with no extras.
    pub fn new(table: TableName) -> Self {
        Self {
            table,
            configuration: None,
            object_relationships: Lenient::default(),
            array_relationships: Lenient::default(),
            event_triggers: Lenient::default(),
            rest: Map::new(),
        }
    }

    /// The relationships of a kind, to be changed.
    pub fn relationships_mut(&mut self, kind: RelationshipKind) -> &mut Lenient<RelationshipEntry> {
        match kind {
            RelationshipKind::Object => &mut self.object_relationships,
            RelationshipKind::Array => &mut self.array_relationships,
        }
    }
}
