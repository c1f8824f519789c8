//! What mutations write, and what they answer.

use super::{BoolExp, Field, Operator, Scalar};
use crate::catalog::Column;
use crate::metadata::tracked::{Relationship, TrackedTable};
use serde_json::Value;
use std::borrow::Cow;

/// Rows to insert.
#[derive(Debug, Clone)]
pub struct Insert<'s> {
    /// Into which table.
    pub table: &'s TrackedTable,
    /// The rows, each with its own columns: the others take their defaults.
    pub rows: Vec<InsertRow<'s>>,
    /// What to do about conflicts.
    pub on_conflict: Option<OnConflict<'s>>,
}

/// One row to insert.
#[derive(Debug, Clone, Default)]
pub struct InsertRow<'s> {
    /// Columns and their values as JSON, as `json_to_recordset` reads them: a string for any type, null for NULL.
    pub values: Vec<(&'s Column, Value)>,
    /// Rows of related tables to insert with it, keys copied.
    pub related: Vec<RelatedInsert<'s>>,
}

/// Rows to insert through a relationship.
#[derive(Debug, Clone)]
pub struct RelatedInsert<'s> {
    /// Which relationship.
    pub relationship: &'s Relationship,
    /// What to insert; one row if it is an object relationship.
    pub insert: Insert<'s>,
}

/// `ON CONFLICT`.
#[derive(Debug, Clone)]
pub struct OnConflict<'s> {
    /// Which conflict; `None` is any (only with no columns to update).
    pub target: Option<ConflictTarget>,
    /// Columns that take the new row's values; empty leaves the row as it is.
    pub update: Vec<&'s Column>,
    /// Further assignments (a permission's presets).
    pub set: Vec<(&'s Column, Scalar<'s>)>,
    /// Update only where this holds of the old row.
    pub predicate: BoolExp<'s>,
}

/// What makes a conflict.
#[derive(Debug, Clone)]
pub enum ConflictTarget {
    /// A constraint's name.
    Constraint(String),
    /// Columns that a unique index covers.
    Columns(Vec<String>),
}

/// Rows to change.
#[derive(Debug, Clone)]
pub struct Update<'s> {
    /// Of which table.
    pub table: &'s TrackedTable,
    /// Which rows.
    pub predicate: BoolExp<'s>,
    /// How.
    pub set: Vec<(&'s Column, Assignment<'s>)>,
}

/// What a column becomes.
#[derive(Debug, Clone)]
pub enum Assignment<'s> {
    /// A value.
    Value(Scalar<'s>),
    /// `column op value`: `_inc` is `+`, v1's `$mul` is `*`, `_append` is `||`, `_delete_key` is `-`, `_delete_at_path` `#-`.
    Op(Operator, Scalar<'s>),
    /// `value op column`: `_prepend`.
    Reversed(Operator, Scalar<'s>),
    /// The column's default (v1's `$default`).
    Default,
}

/// Rows to remove.
#[derive(Debug, Clone)]
pub struct Delete<'s> {
    /// From which table.
    pub table: &'s TrackedTable,
    /// Which rows.
    pub predicate: BoolExp<'s>,
}

/// What a mutation does.
#[derive(Debug, Clone)]
pub enum Change<'s> {
    /// Insert.
    Insert(Insert<'s>),
    /// Update.
    Update(Update<'s>),
    /// Delete.
    Delete(Delete<'s>),
}

impl<'s> Change<'s> {
    /// The table it works on.
    pub fn table(&self) -> &'s TrackedTable {
        match self {
            Self::Insert(insert) => insert.table,
            Self::Update(update) => update.table,
            Self::Delete(delete) => delete.table,
        }
    }
}

/// What a mutation answers.
#[derive(Debug, Clone)]
pub enum MutationOutput<'s> {
    /// An object: affected rows and the rows themselves.
    Response(Vec<ResponseField<'s>>),
    /// The one row, or null.
    Row(Vec<Field<'s>>),
}

/// One key of a mutation's response.
#[derive(Debug, Clone)]
pub struct ResponseField<'s> {
    /// The key.
    pub key: String,
    /// What stands there.
    pub value: ResponseValue<'s>,
}

/// What stands under a key of a mutation's response.
#[derive(Debug, Clone)]
pub enum ResponseValue<'s> {
    /// How many rows were changed, related ones included.
    AffectedRows,
    /// The changed rows.
    Returning(Vec<Field<'s>>),
    /// A constant: `__typename`.
    Constant(Cow<'s, str>),
}
