//! Tracked objects, resolved against the catalog: validated names, column mappings of relationships, prepared webhook
//! templates. `metadata::resolve` builds them from the stored metadata; `schema`, `plan` and `events` read them. They
//! contain only valid objects; others are left out and listed as inconsistent.

use super::computed_field::ComputedField;
use super::function::TrackedFunction;
use super::naming::{AggregateNames, Naming, TableNames};
use super::rest_endpoints::RestEndpoint;
use crate::catalog::{Column, Table, TableEnum, TableName};
use crate::scheduled::ResolvedCronTrigger;
use crate::trigger::ResolvedTrigger;
use indexmap::IndexMap;
use std::sync::Arc;

/// All tracked objects; immutable.
#[derive(Debug, Clone, Default)]
pub struct TrackedObjects {
    pub naming: Arc<Naming>,
    /// Tables by qualified name.
    pub tables: IndexMap<TableName, Arc<TrackedTable>>,
    pub functions: IndexMap<TableName, Arc<TrackedFunction>>,
    /// Event triggers by name, resolved by `crate::trigger::resolve`.
    pub event_triggers: IndexMap<String, Arc<ResolvedTrigger>>,
    /// Cron triggers by name.
    pub cron_triggers: IndexMap<String, Arc<ResolvedCronTrigger>>,
    pub rest_endpoints: Vec<Arc<RestEndpoint>>,
}

/// Tracked table or view.
#[derive(Debug, Clone)]
pub struct TrackedTable {
    /// Table in the catalog; columns that refer to an enum table have its type.
    pub table: Arc<Table>,
    /// Enum of the table's rows, if it is an enum table.
    pub enumeration: Option<Arc<TableEnum>>,
    /// Names of its types and root fields, made of `orders`, or `schema_orders` outside `public`, or of the custom name.
    pub names: TableNames,
    /// Whether that name is valid in GraphQL. If not, only the v1 commands support the table until it gets a custom name.
    pub in_graphql: bool,
    /// Custom root fields by Hasura's keys (`select`, `select_by_pk`, `select_aggregate`, `insert`, …).
    pub custom_root_fields: IndexMap<String, CustomRootField>,
    /// Description of the type from the metadata, instead of the default one.
    pub comment: Option<String>,
    /// Exposed columns: GraphQL name → column, in the table's order. Comments of the metadata replace those of Postgres.
    pub columns: IndexMap<String, Column>,
    pub relationships: IndexMap<String, Relationship>,
    pub computed_fields: IndexMap<String, ComputedField>,
}

impl TrackedTable {
    /// Returns the GraphQL name of a Postgres column.
    pub fn graphql_column(&self, column: &str) -> Option<&str> {
        self.columns
            .iter()
            .find(|(_, c)| c.name == column)
            .map(|(name, _)| name.as_str())
    }

    /// Whether rows can be addressed by the primary key, because all of its columns are exposed.
    pub fn has_exposed_key(&self) -> bool {
        let key = self.table.primary_key.as_ref();
        key.is_some_and(|key| {
            key.columns
                .iter()
                .all(|column| self.graphql_column(column).is_some())
        })
    }

    fn has_writable_column(&self) -> bool {
        self.columns.values().any(|column| !column.generated)
    }

    pub fn can_insert(&self) -> bool {
        self.table.insertable && self.has_writable_column()
    }

    pub fn can_update(&self) -> bool {
        self.table.updatable && self.has_writable_column()
    }

    /// Returns the root fields with their names.
    pub fn root_fields(&self) -> Vec<(RootField, String)> {
        let has_key = self.has_exposed_key();
        let (insert, update, delete) = (self.can_insert(), self.can_update(), self.table.deletable);
        [
            (RootField::Select, true),
            (RootField::SelectAggregate, true),
            (RootField::SelectByPk, has_key),
            (RootField::SelectStream, true),
            (RootField::Insert, insert),
            (RootField::InsertOne, insert),
            (RootField::Update, update),
            (RootField::UpdateByPk, update && has_key),
            (RootField::UpdateMany, update),
            (RootField::Delete, delete),
            (RootField::DeleteByPk, delete && has_key),
        ]
        .into_iter()
        .filter(|(_, exists)| *exists)
        .map(|(field, _)| (field, self.root_field_name(field)))
        .collect()
    }

    fn root_field_name(&self, field: RootField) -> String {
        let custom = self.custom_root_fields.get(field.key());
        if let Some(name) = custom.and_then(|custom| custom.name.clone()) {
            return self.names.naming.root_field(name);
        }
        let (before, after) = field.words();
        self.names.root_field(before, after)
    }

    /// Returns the comment of the metadata on a root field.
    pub fn root_field_comment(&self, field: RootField) -> Option<&str> {
        self.custom_root_fields.get(field.key())?.comment.as_deref()
    }
}

/// Name and description of a root field from the metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomRootField {
    pub name: Option<String>,
    pub comment: Option<String>,
}

/// Root field of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootField {
    Select,
    SelectAggregate,
    SelectByPk,
    SelectStream,
    Insert,
    InsertOne,
    Update,
    UpdateByPk,
    UpdateMany,
    Delete,
    DeleteByPk,
}

impl RootField {
    /// Returns Hasura's key in `custom_root_fields`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::SelectAggregate => "select_aggregate",
            Self::SelectByPk => "select_by_pk",
            Self::SelectStream => "select_stream",
            Self::Insert => "insert",
            Self::InsertOne => "insert_one",
            Self::Update => "update",
            Self::UpdateByPk => "update_by_pk",
            Self::UpdateMany => "update_many",
            Self::Delete => "delete",
            Self::DeleteByPk => "delete_by_pk",
        }
    }

    /// Returns the words before and after the name of the table.
    fn words(self) -> (Option<&'static str>, &'static [&'static str]) {
        match self {
            Self::Select => (None, &[]),
            Self::SelectAggregate => (None, &["aggregate"]),
            Self::SelectByPk => (None, &["by", "pk"]),
            Self::SelectStream => (None, &["stream"]),
            Self::Insert => (Some("insert"), &[]),
            Self::InsertOne => (Some("insert"), &["one"]),
            Self::Update => (Some("update"), &[]),
            Self::UpdateByPk => (Some("update"), &["by", "pk"]),
            Self::UpdateMany => (Some("update"), &["many"]),
            Self::Delete => (Some("delete"), &[]),
            Self::DeleteByPk => (Some("delete"), &["by", "pk"]),
        }
    }

    /// Whether the field is one of `mutation_root`. The others share `subscription_root`.
    pub fn is_mutation(self) -> bool {
        !matches!(
            self,
            Self::Select | Self::SelectAggregate | Self::SelectByPk | Self::SelectStream
        )
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relationship {
    pub name: String,
    pub kind: RelationshipKind,
    pub target: TableName,
    /// Fields of the aggregates of the rows of an array relationship.
    pub aggregates: AggregateNames,
    /// Pairs of (column of this table, column of the target).
    pub mapping: Vec<(String, String)>,
    /// For each pair the schema of its operator `=`, if both columns have the same type of an extension. Postgres finds
    /// the operator for different types, such as text and citext.
    pub equality_schemas: Vec<Option<String>>,
    /// Whether an object relationship can be null.
    pub nullable: bool,
    /// In nested inserts: whether the related row must be inserted before this one, because its key is copied into
    /// this row.
    pub insert_before_parent: bool,
}

impl Relationship {
    /// Whether the field is that of the relationship, or one of its aggregates.
    pub fn has_field(&self, field: &str) -> bool {
        let AggregateNames {
            field: selection,
            condition,
            order,
        } = &self.aggregates;
        let is_aggregate = [selection, condition, order].iter().any(|name| *name == field);
        self.name == field || is_aggregate && self.kind == RelationshipKind::Array
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationshipKind {
    /// At most one row.
    Object,
    /// Any number of rows.
    Array,
}
