//! Metadata in Hasura's v3 format. Unknown keys are preserved, so that metadata exported from Hasura can be imported
//! into Hasura again without loss.

use super::computed_field;
use super::function;
use super::inconsistent::MetadataObjectId;
use super::lenient::{InvalidEntry, LenientList};
use super::permissions;
use super::rest_endpoints;
use super::table_list::TableList;
use super::tracked::RelationshipKind;
use crate::catalog::TableName;
use crate::scheduled::document;
use crate::trigger::EventTrigger;
use indexmap::IndexMap;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

/// Name of the source of new metadata, and of the source that is served if there are several.
pub const DEFAULT_SOURCE: &str = "default";

/// Metadata as Hasura exports it (`version: 3`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// Always 3; older versions are converted when they are read.
    pub version: u8,
    #[serde(default)]
    pub sources: LenientList<Source>,
    /// Other keys: actions, query collections, allow list, …
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    pub name: String,
    /// Only `postgres` is supported.
    #[serde(default = "postgres")]
    pub kind: String,
    /// Tracked tables and views.
    #[serde(default)]
    pub tables: TableList,
    /// Other keys: functions, …
    #[serde(flatten)]
    pub rest: Map<String, Value>,
    /// Hasura's connection settings. Only `isolation_level` is read; the rest is preserved.
    #[serde(default = "default_configuration")]
    pub configuration: Value,
}

/// Tracked table or view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableEntry {
    pub table: TableName,
    /// Whether the rows are the values of a GraphQL enum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_enum: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<TableConfiguration>,
    #[serde(default, skip_serializing_if = "LenientList::is_empty")]
    pub object_relationships: LenientList<RelationshipEntry>,
    #[serde(default, skip_serializing_if = "LenientList::is_empty")]
    pub array_relationships: LenientList<RelationshipEntry>,
    /// Other keys: permissions, computed fields, …
    #[serde(flatten)]
    pub rest: Map<String, Value>,
    #[serde(default, skip_serializing_if = "LenientList::is_empty")]
    pub event_triggers: LenientList<EventTrigger>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TableConfiguration {
    /// Replaces the table's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_name: Option<String>,
    /// By Hasura's keys: `select`, `select_by_pk`, `insert`, …; null is the same as absent.
    #[serde(default)]
    pub custom_root_fields: IndexMap<String, Option<Value>>,
    /// Column → GraphQL name; older form of `column_config`.
    #[serde(default)]
    pub custom_column_names: IndexMap<String, String>,
    /// Column → GraphQL name and other settings.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub column_config: IndexMap<String, ColumnConfiguration>,
    /// Other keys: `comment`, …
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl TableConfiguration {
    /// Returns column → GraphQL name from both keys; `column_config` takes precedence.
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

/// Settings of a column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnConfiguration {
    /// Replaces the column's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_name: Option<String>,
    /// Other keys: `comment`, …
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RelationshipEntry {
    pub name: String,
    pub using: Using,
    /// Text for the schema's description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Definition of a relationship's target and columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Using {
    /// By a foreign key of this or of the target table.
    ForeignKeyConstraintOn(ForeignKeyOn),
    /// By columns, without a foreign key.
    ManualConfiguration(Manual),
}

/// Foreign key, identified by its columns in this or in the other table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ForeignKeyOn {
    /// Column of this table.
    Column(String),
    /// Columns of this table.
    Columns(Vec<String>),
    /// Column of another table.
    Remote { table: TableName, column: String },
    /// Columns of another table.
    RemoteColumns { table: TableName, columns: Vec<String> },
}

impl<'de> Deserialize<'de> for ForeignKeyOn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Columns of the other table; one may be given without a list.
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a column or a list of columns")]
        enum Columns {
            One(String),
            Many(Vec<String>),
        }
        #[derive(Deserialize)]
        struct Remote {
            table: TableName,
            column: Option<String>,
            columns: Option<Columns>,
        }
        let value = Value::deserialize(deserializer)?;
        let key = match &value {
            Value::String(column) => Self::Column(column.clone()),
            Value::Array(_) => Self::Columns(Vec::deserialize(&value).map_err(D::Error::custom)?),
            Value::Object(_) => {
                let Remote {
                    table,
                    column,
                    columns,
                } = Remote::deserialize(&value).map_err(D::Error::custom)?;
                match (column, columns) {
                    (Some(column), None) => Self::Remote { table, column },
                    (None, Some(Columns::One(column))) => Self::RemoteColumns {
                        table,
                        columns: vec![column],
                    },
                    (None, Some(Columns::Many(columns))) => Self::RemoteColumns { table, columns },
                    // Hasura's wording
                    _ => return Err(D::Error::custom("expected exactly one of 'column' or 'columns'")),
                }
            }
            _ => {
                let expected =
                    "expected a column, a list of columns, or {\"table\": …, \"column\" | \"columns\": …}";
                return Err(D::Error::custom(expected));
            }
        };
        Ok(key)
    }
}

/// Relationship by columns, without a foreign key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manual {
    pub remote_table: TableName,
    /// Column of this table → column of the target.
    pub column_mapping: IndexMap<String, String>,
    /// For nested inserts.
    #[serde(default)]
    pub insertion_order: Option<InsertionOrder>,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Order of the two rows of a nested insert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InsertionOrder {
    /// The related row is inserted first.
    BeforeParent,
    /// This row is inserted first.
    AfterParent,
}

fn postgres() -> String {
    "postgres".to_owned()
}

/// Hasura's default for a database configured by environment variable. Without an `isolation_level`, so that
/// `HASURA_GRAPHQL_TX_ISOLATION` applies.
fn default_configuration() -> Value {
    json!({"connection_info": {
        "use_prepared_statements": true,
        "database_url": {"from_env": "HASURA_GRAPHQL_DATABASE_URL"},
    }})
}

impl Source {
    /// The `isolation_level` of the connection settings, valid or not.
    pub(super) fn isolation_level(&self) -> Option<&Value> {
        let level = self
            .configuration
            .get("connection_info")?
            .get("isolation_level")?;
        (!level.is_null()).then_some(level)
    }
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
            tables: TableList::default(),
            configuration: default_configuration(),
            rest: Map::new(),
        }
    }
}

impl Metadata {
    /// Tables of the served source.
    pub fn tables(&self) -> &[TableEntry] {
        self.source().map_or(&[], |source| &source.tables)
    }

    pub fn table(&self, name: &TableName) -> Option<&TableEntry> {
        self.source()?.tables.get(name)
    }

    /// Returns the names of the enum tables.
    pub fn enum_tables(&self) -> impl Iterator<Item = &TableName> {
        let entries = self.tables().iter().filter(|entry| entry.is_enum());
        entries.map(|entry| &entry.table)
    }

    pub fn table_mut(&mut self, name: &TableName) -> Option<&mut TableEntry> {
        self.source_mut().tables.get_mut(name)
    }

    /// Index of the served source: the one named `default`, otherwise the only one.
    fn served(&self) -> Option<usize> {
        let default = self
            .sources
            .iter()
            .position(|source| source.name == DEFAULT_SOURCE);
        default.or_else(|| {
            let is_only = self.sources.len() == 1 && self.sources.broken.is_empty();
            (is_only && self.sources[0].kind == postgres()).then_some(0)
        })
    }

    /// Served source.
    pub fn source(&self) -> Option<&Source> {
        self.sources.get(self.served()?)
    }

    /// Name of the served source; `default` if there is none.
    pub fn source_name(&self) -> &str {
        self.source().map_or(DEFAULT_SOURCE, |source| &source.name)
    }

    /// The `isolation_level` of the served source.
    pub fn isolation_level(&self) -> Option<&str> {
        self.source()?.isolation_level()?.as_str()
    }

    /// Returns the served source; adds one named `default` if there is none.
    pub fn source_mut(&mut self) -> &mut Source {
        let index = self.served().unwrap_or_else(|| {
            self.sources.push(Source::default());
            self.sources.len() - 1
        });
        &mut self.sources[index]
    }
}

impl Metadata {
    /// Removes an object.
    pub fn remove(&mut self, object: &MetadataObjectId) {
        match object {
            MetadataObjectId::Source(name) => self.sources.retain(|source| source.name != *name),
            MetadataObjectId::Table(table) => {
                self.source_mut().tables.remove(table);
            }
            MetadataObjectId::Relationship(table, name) => {
                if let Some(entry) = self.table_mut(table) {
                    entry.object_relationships.retain(|other| other.name != *name);
                    entry.array_relationships.retain(|other| other.name != *name);
                }
            }
            MetadataObjectId::ComputedField(table, name) => {
                if let Some(entry) = self.table_mut(table) {
                    computed_field::remove(entry, name);
                }
            }
            MetadataObjectId::EventTrigger(table, name) => {
                if let Some(entry) = self.table_mut(table) {
                    entry.event_triggers.retain(|trigger| trigger.name != *name);
                }
            }
            MetadataObjectId::Function(name) => function::remove_inconsistent(self, name),
            MetadataObjectId::RestEndpoint(name) => rest_endpoints::remove_inconsistent(self, name),
            MetadataObjectId::CronTrigger(name) => document::remove_inconsistent(self, name),
            MetadataObjectId::Permission(table, operation, role) => {
                if let Some(entry) = self.table_mut(table) {
                    permissions::remove(entry, operation, role);
                }
            }
            MetadataObjectId::InheritedRole(role) => {
                if let Some(Value::Array(roles)) = self.rest.get_mut("inherited_roles") {
                    roles.retain(|entry| entry["role_name"] != *role);
                }
            }
            // It exists only in the parents of the role.
            MetadataObjectId::InheritedPermission(..) => {}
            MetadataObjectId::Unreadable(value) => {
                self.sources.broken.retain(|broken| broken.value != *value);
                document::remove(self, |entry| entry == value);
                function::remove(self, |entry| entry == value);
                for source in self.sources.iter_mut() {
                    source.tables.remove_broken(value);
                }
            }
        }
    }
}

impl TableEntry {
    /// Entry of a tracked table without customization.
    pub fn new(table: TableName) -> Self {
        Self {
            table,
            is_enum: None,
            configuration: None,
            object_relationships: LenientList::default(),
            array_relationships: LenientList::default(),
            event_triggers: LenientList::default(),
            rest: Map::new(),
        }
    }

    /// Whether the rows are the values of a GraphQL enum.
    pub fn is_enum(&self) -> bool {
        self.is_enum == Some(true)
    }

    /// Returns the object relationships, then the array relationships.
    pub fn relationships(&self) -> impl Iterator<Item = &RelationshipEntry> {
        self.object_relationships
            .iter()
            .chain(self.array_relationships.iter())
    }

    /// Returns the first relationship of this name.
    pub fn relationship_mut(&mut self, name: &str) -> Option<&mut RelationshipEntry> {
        self.object_relationships
            .iter_mut()
            .chain(self.array_relationships.iter_mut())
            .find(|relationship| relationship.name == name)
    }

    /// Whether a list of this entry contains an invalid entry.
    pub fn has_broken(&self) -> bool {
        !self.object_relationships.broken.is_empty()
            || !self.array_relationships.broken.is_empty()
            || !self.event_triggers.broken.is_empty()
    }

    pub(super) fn broken_mut(&mut self) -> [&mut Vec<InvalidEntry>; 3] {
        [
            &mut self.object_relationships.broken,
            &mut self.array_relationships.broken,
            &mut self.event_triggers.broken,
        ]
    }

    pub fn relationships_of(&self, kind: RelationshipKind) -> &LenientList<RelationshipEntry> {
        match kind {
            RelationshipKind::Object => &self.object_relationships,
            RelationshipKind::Array => &self.array_relationships,
        }
    }

    pub fn relationships_mut(&mut self, kind: RelationshipKind) -> &mut LenientList<RelationshipEntry> {
        match kind {
            RelationshipKind::Object => &mut self.object_relationships,
            RelationshipKind::Array => &mut self.array_relationships,
        }
    }
}
