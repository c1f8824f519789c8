//! Mutations: the rows they write and the response they return.

use super::{BoolExp, Operator, Redaction, Returned, Scalar, ScalarValue};
use crate::schema::table::TableSchema;
use engine_error::{Code, Error, Result};
use engine_model::catalog::Column;
use engine_model::metadata::tracked::{Relationship, TrackedTable};
use std::borrow::Cow;
use std::collections::HashSet;

#[derive(Debug, Clone)]
pub struct Insert<'s> {
    pub table: &'s TrackedTable,
    /// Rows to insert, each with its own columns; other columns take their defaults.
    pub rows: Vec<InsertRow<'s>>,
    pub on_conflict: Option<OnConflict<'s>>,
    /// Condition on the inserted rows.
    pub check: BoolExp<'s>,
}

/// Row to insert.
#[derive(Debug, Clone, Default)]
pub struct InsertRow<'s> {
    pub values: Vec<(&'s Column, ScalarValue)>,
    /// Rows of related tables inserted together with this row; the keys are copied.
    pub related: Vec<RelatedInsert<'s>>,
}

/// Maximum number of values of rows with different columns, the absent ones included: Postgres keeps an expression for each.
const MAX_MIXED_VALUES: usize = 200_000;

/// Rejects rows with different columns that have too many values together.
pub fn check_mixed_values(rows: &[InsertRow<'_>]) -> Result<()> {
    let all = rows.iter().flat_map(|row| &row.values);
    let columns: HashSet<i16> = all.map(|(column, _)| column.number).collect();
    let count = columns.len().saturating_mul(rows.len());
    let is_mixed = rows.iter().any(|row| row.values.len() != columns.len());
    if is_mixed && count > MAX_MIXED_VALUES {
        let message = format!(
            "the rows have different columns, with {count} values of {} columns in {} rows; {MAX_MIXED_VALUES} are possible. \
             Insert fewer rows at a time, or rows with equal columns",
            columns.len(),
            rows.len(),
        );
        return Err(Error::new(Code::ValidationFailed, message));
    }
    Ok(())
}

/// Rows to insert through a relationship.
#[derive(Debug, Clone)]
pub struct RelatedInsert<'s> {
    pub relationship: &'s Relationship,
    /// Nested insert; exactly one row for an object relationship.
    pub insert: Insert<'s>,
}

/// `ON CONFLICT`.
#[derive(Debug, Clone)]
pub struct OnConflict<'s> {
    /// Conflict target; `None` matches any conflict (only if no columns are updated).
    pub target: Option<ConflictTarget>,
    /// Columns that take the new row's values; if empty, the existing row is unchanged.
    pub update: Vec<&'s Column>,
    /// Additional assignments (column presets of a permission).
    pub set: Vec<(&'s Column, Scalar<'s>)>,
    /// Existing rows that may be updated.
    pub rows: ChangedRows<'s>,
    /// Condition on the updated row; `None` if it is that of the insert.
    pub check: Option<BoolExp<'s>>,
}

/// Conflict target of an insert.
#[derive(Debug, Clone)]
pub enum ConflictTarget {
    Constraint(String),
    /// Columns covered by a unique index.
    Columns(Vec<String>),
}

/// Rows that a mutation changes. Its constructors add the filter of the role, and the redactions of its select permission:
/// the number of changed rows reveals the columns that the client compares.
#[derive(Debug, Clone)]
pub struct ChangedRows<'s> {
    table: &'s TrackedTable,
    permission: BoolExp<'s>,
    redacted: Vec<Redaction<'s>>,
    predicate: BoolExp<'s>,
}

impl<'s> ChangedRows<'s> {
    /// Returns the rows that the role may update and that satisfy a condition of the client.
    pub fn updated(table: &'s TableSchema, condition: BoolExp<'s>) -> Self {
        Self::new(table, table.update_filter(), condition)
    }

    /// Returns the rows that the role may delete and that satisfy a condition of the client.
    pub fn deleted(table: &'s TableSchema, condition: BoolExp<'s>) -> Self {
        Self::new(table, table.delete_filter(), condition)
    }

    fn new(table: &'s TableSchema, permission: BoolExp<'s>, predicate: BoolExp<'s>) -> Self {
        Self {
            table: table.tracked(),
            permission,
            redacted: table.redactions(),
            predicate,
        }
    }

    pub fn table(&self) -> &'s TrackedTable {
        self.table
    }

    /// Condition of the role's permission, on the columns as they are stored.
    pub fn permission(&self) -> &BoolExp<'s> {
        &self.permission
    }

    /// Columns that the condition of the client finds to be NULL in some rows.
    pub fn redacted(&self) -> &[Redaction<'s>] {
        &self.redacted
    }

    /// Condition of the client.
    pub fn predicate(&self) -> &BoolExp<'s> {
        &self.predicate
    }
}

#[derive(Debug, Clone)]
pub struct Update<'s> {
    pub rows: ChangedRows<'s>,
    /// Assigned columns.
    pub set: Vec<(&'s Column, Assignment<'s>)>,
    /// Condition on the updated rows.
    pub check: BoolExp<'s>,
}

/// New value of a column.
#[derive(Debug, Clone)]
pub enum Assignment<'s> {
    Value(Scalar<'s>),
    /// `column op value`: `_inc` is `+`, v1's `$mul` is `*`, `_append` is `||`, `_delete_key` is `-`, `_delete_at_path` `#-`.
    Op(Operator, Scalar<'s>),
    /// `value op column`: `_prepend`.
    Reversed(Operator, Scalar<'s>),
    /// The column's default (v1's `$default`).
    Default,
}

#[derive(Debug, Clone)]
pub struct Delete<'s> {
    pub rows: ChangedRows<'s>,
}

/// Data-modifying operation.
#[derive(Debug, Clone)]
pub enum Mutation<'s> {
    Insert(Box<Insert<'s>>),
    Update(Box<Update<'s>>),
    Delete(Box<Delete<'s>>),
}

impl<'s> Mutation<'s> {
    /// Returns the table that the operation modifies.
    pub fn table(&self) -> &'s TrackedTable {
        match self {
            Self::Insert(insert) => insert.table,
            Self::Update(update) => update.rows.table,
            Self::Delete(delete) => delete.rows.table,
        }
    }
}

/// Shape of a mutation's response.
#[derive(Debug, Clone)]
pub enum MutationOutput<'s> {
    /// Object with the affected rows and the rows themselves.
    Response(Vec<ResponseField<'s>>),
    /// Single row or null.
    Row(Returned<'s>),
}

/// Field of a mutation's response.
#[derive(Debug, Clone)]
pub struct ResponseField<'s> {
    /// Response key.
    pub key: String,
    pub value: ResponseValue<'s>,
}

/// Value of a field of a mutation's response.
#[derive(Debug, Clone)]
pub enum ResponseValue<'s> {
    /// Number of changed rows, including related rows.
    AffectedRows,
    /// The changed rows.
    Returning(Returned<'s>),
    /// Constant: `__typename`.
    Constant(Cow<'s, str>),
}
