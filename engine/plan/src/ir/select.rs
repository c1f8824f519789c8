//! Queries: rows, their fields and aggregates over them.

use super::{BoolExp, ComputedValue, FunctionCall, ScalarValue};
use crate::schema::table::TableSchema;
use engine_model::catalog::Column;
use engine_model::metadata::tracked::{Relationship, TrackedTable};
use std::borrow::Cow;

/// Query on the rows of one table that a role may read. [`Select::visible`] is the only constructor, so no query can read
/// a table without the filter of the role.
#[derive(Debug, Clone)]
pub struct Select<'s> {
    table: &'s TrackedTable,
    permission: BoolExp<'s>,
    redacted: Vec<Redaction<'s>>,
    max_rows: Option<u32>,
    predicate: BoolExp<'s>,
    pub order_by: Vec<OrderBy<'s>>,
    /// `DISTINCT ON` columns; they must be the first columns of `order_by`.
    pub distinct_on: Vec<&'s Column>,
    /// LIMIT.
    pub limit: Option<ScalarValue>,
    /// OFFSET.
    pub offset: Option<ScalarValue>,
    /// Selected fields of each row.
    pub fields: Vec<Field<'s>>,
    call: Option<Box<FunctionCall<'s>>>,
}

/// Column that is NULL except in the rows that satisfy a condition: not all parents of an inherited role grant it.
#[derive(Debug, Clone)]
pub struct Redaction<'s> {
    pub column: &'s Column,
    pub visible: BoolExp<'s>,
}

impl<'s> Select<'s> {
    /// Returns a query on all rows that the role may read, which selects no fields.
    pub fn visible(table: &'s TableSchema) -> Self {
        Self {
            table: table.tracked(),
            permission: table.select_filter(),
            redacted: table.redactions(),
            max_rows: table.row_limit(),
            predicate: BoolExp::ALL,
            order_by: Vec::new(),
            distinct_on: Vec::new(),
            limit: None,
            offset: None,
            fields: Vec::new(),
            call: None,
        }
    }

    /// Replaces the rows of the table by those that a function returns. What the role may read applies to them.
    #[must_use]
    pub fn returned_by(mut self, call: FunctionCall<'s>) -> Self {
        self.call = Some(Box::new(call));
        self
    }

    /// Restricts the query to the rows that satisfy a condition.
    #[must_use]
    pub fn filter(mut self, condition: BoolExp<'s>) -> Self {
        self.predicate = self.predicate.and(condition);
        self
    }

    /// Replaces the selected fields.
    #[must_use]
    pub fn with_fields(mut self, fields: Vec<Field<'s>>) -> Self {
        self.fields = fields;
        self
    }

    /// Removes the permission's limit, which applies to lists only.
    #[must_use]
    pub fn single(mut self) -> Self {
        self.max_rows = None;
        self
    }

    pub fn table(&self) -> &'s TrackedTable {
        self.table
    }

    /// Function that returns the rows, instead of the table.
    pub fn call(&self) -> Option<&FunctionCall<'s>> {
        self.call.as_deref()
    }

    /// Condition of the role's permission.
    pub fn permission(&self) -> &BoolExp<'s> {
        &self.permission
    }

    pub fn redacted(&self) -> &[Redaction<'s>] {
        &self.redacted
    }

    /// Limit of the role's permission.
    pub fn max_rows(&self) -> Option<u32> {
        self.max_rows
    }

    /// Condition of the client.
    pub fn predicate(&self) -> &BoolExp<'s> {
        &self.predicate
    }
}

/// Rows that a mutation returns, those that it changed. As in Hasura, the select permission determines the columns, but
/// neither its filter nor its limit applies.
#[derive(Debug, Clone)]
pub struct Returned<'s> {
    table: &'s TrackedTable,
    redacted: Vec<Redaction<'s>>,
    fields: Vec<Field<'s>>,
}

impl<'s> Returned<'s> {
    pub fn new(table: &'s TableSchema, fields: Vec<Field<'s>>) -> Self {
        Self {
            table: table.tracked(),
            redacted: table.redactions(),
            fields,
        }
    }

    pub fn table(&self) -> &'s TrackedTable {
        self.table
    }

    pub fn redacted(&self) -> &[Redaction<'s>] {
        &self.redacted
    }

    pub fn fields(&self) -> &[Field<'s>] {
        &self.fields
    }
}

/// Rows after a cursor value, returned in batches in the order of the cursor column (`orders_stream`).
#[derive(Debug, Clone)]
pub struct Stream<'s> {
    /// Filter and selected fields; without order and limit.
    pub rows: Select<'s>,
    /// Column whose value is the position in the stream.
    pub cursor: &'s Column,
    /// Whether the stream runs from high to low values.
    pub descending: bool,
    /// Cursor value after which the stream begins.
    pub from: ScalarValue,
    /// Maximum number of rows per batch.
    pub batch_size: ScalarValue,
}

/// Field of a row's JSON object.
#[derive(Debug, Clone)]
pub struct Field<'s> {
    /// Response key.
    pub key: String,
    pub value: FieldValue<'s>,
}

/// Value of a field of a row.
#[derive(Debug, Clone)]
pub enum FieldValue<'s> {
    /// Column; for json and jsonb columns optionally only the value at a path.
    Column(&'s Column, Option<Vec<String>>),
    /// Constant: `__typename`.
    Constant(Cow<'s, str>),
    /// Row of an object relationship, or null.
    Object(&'s Relationship, Box<Select<'s>>),
    /// Rows of an array relationship.
    Array(&'s Relationship, Box<Select<'s>>),
    /// Aggregates over the rows of an array relationship.
    Aggregate(&'s Relationship, Box<Aggregate<'s>>),
    /// Scalar of a computed field; for json and jsonb optionally only the value at a path.
    Computed(Box<ComputedValue<'s>>, Option<Vec<String>>),
    /// Rows of a computed field, which the query's function returns.
    ComputedRows(Box<Select<'s>>),
}

#[derive(Debug, Clone)]
pub struct Aggregate<'s> {
    /// Aggregated rows; `fields` of this query is not used.
    pub rows: Select<'s>,
    /// Selected fields.
    pub fields: Vec<AggregateField<'s>>,
}

/// Field of `orders_aggregate`.
#[derive(Debug, Clone)]
pub struct AggregateField<'s> {
    /// Response key.
    pub key: String,
    pub value: AggregateValue<'s>,
}

/// Value of a field of `orders_aggregate`.
#[derive(Debug, Clone)]
pub enum AggregateValue<'s> {
    /// The rows themselves.
    Nodes(Vec<Field<'s>>),
    /// Results of aggregate functions over the rows.
    Aggregate(Vec<AggregateItem<'s>>),
    /// Constant: `__typename`.
    Constant(Cow<'s, str>),
}

/// Field of `aggregate`.
#[derive(Debug, Clone)]
pub struct AggregateItem<'s> {
    /// Response key.
    pub key: String,
    pub value: ItemValue<'s>,
}

/// Value of a field of `aggregate`.
#[derive(Debug, Clone)]
pub enum ItemValue<'s> {
    /// `count` of rows, of rows in which the columns are not null, or of distinct combinations.
    Count {
        /// Counted columns; if empty, rows are counted.
        columns: Vec<&'s Column>,
        /// Whether equal combinations are counted once.
        distinct: bool,
    },
    /// Aggregate function applied to columns, each under its response key.
    Function(AggregateFunction, Vec<(String, FunctionValue<'s>)>),
    /// Constant: `__typename`.
    Constant(Cow<'s, str>),
}

/// Value of a field of `sum`, `max` and the other aggregate functions.
#[derive(Debug, Clone)]
pub enum FunctionValue<'s> {
    /// Result of the function for a column.
    Column(&'s Column),
    /// The same for the scalar of a computed field.
    Computed(Box<ComputedValue<'s>>),
    /// Constant: `__typename`.
    Constant(Cow<'s, str>),
}

/// Aggregate function of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AggregateFunction(pub &'static str);

/// Item of an ORDER BY list.
#[derive(Debug, Clone)]
pub struct OrderBy<'s> {
    /// Sort key.
    pub target: OrderTarget<'s>,
    pub descending: bool,
    pub nulls_first: bool,
}

/// Sort key of a query.
#[derive(Debug, Clone)]
pub enum OrderTarget<'s> {
    Column(&'s Column),
    /// Scalar of a computed field.
    Computed(Box<ComputedValue<'s>>),
    /// Sort key in the row of an object relationship.
    Object(&'s Relationship, Box<Select<'s>>, Box<OrderTarget<'s>>),
    /// Number of rows of an array relationship; without one, of the rows of a computed field, which the query's function returns.
    Count(Option<&'s Relationship>, Box<Select<'s>>),
    /// Aggregate function over a column of such rows.
    Function(
        Option<&'s Relationship>,
        Box<Select<'s>>,
        AggregateFunction,
        &'s Column,
    ),
}
