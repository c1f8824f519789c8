//! Rows to insert: one array parameter per column. The elements are the text forms that also an update takes, so an
//! insert accepts the same values.

use super::predicate::scalar;
use super::{geo_from_text, is_geo};
use crate::ir::{InsertRow, Scalar, ScalarValue, cast_name};
use engine_model::catalog::Column;
use engine_sql::ParamSource;
use engine_sql::ast::{Alias, Expr, InsertRows, Output, Select, Source};
use engine_sql::literal::push_element;
use engine_sql::statement::Fragment;
use indexmap::IndexMap;
use std::borrow::Cow;
use std::sync::Arc;

const RECORD: Alias = Alias::Named("_record");
/// Bounds of an array from which single elements are taken: when it plans the statement, Postgres copies the whole array
/// for each of them.
const MAX_ELEMENTS: usize = 64;
const MAX_BYTES: usize = 2048;

/// Returns the columns of rows and the rows, in their order.
pub(super) fn insert_rows<'s>(rows: &[InsertRow<'s>]) -> (Vec<&'s str>, InsertRows<'s>) {
    let first = &rows[0];
    if rows.iter().all(|row| has_same_columns(first, row)) {
        let all: Vec<&InsertRow<'s>> = rows.iter().collect();
        match (first.values.is_empty(), rows.len()) {
            (false, _) => {
                let (columns, select) = recordset(&all);
                (columns, InsertRows::Select(Box::new(select)))
            }
            (true, 1) => (Vec::new(), InsertRows::Defaults),
            (true, count) => (Vec::new(), InsertRows::Select(Box::new(empty_rows(count)))),
        }
    } else {
        values(rows)
    }
}

/// Whether the rows have the same columns, in any order.
pub(super) fn has_same_columns(first: &InsertRow<'_>, row: &InsertRow<'_>) -> bool {
    let mut columns = row.values.iter().enumerate();
    first.values.len() == row.values.len()
        && columns.all(|(place, (column, _))| cell(first, column, place).is_some())
}

/// Returns the value of a column, which usually is at the same place in all rows.
fn cell<'r>(row: &'r InsertRow<'_>, column: &Column, place: usize) -> Option<&'r ScalarValue> {
    let is_column = |(other, _): &&(&Column, ScalarValue)| other.number == column.number;
    let found = row.values.get(place).filter(is_column);
    found
        .or_else(|| row.values.iter().find(is_column))
        .map(|(_, value)| value)
}

/// Returns the columns of rows that all have the same, and the rows as a query.
pub(super) fn recordset<'s>(rows: &[&InsertRow<'s>]) -> (Vec<&'s str>, Select<'s>) {
    let columns: Vec<&'s Column> = rows[0].values.iter().map(|(c, _)| *c).collect();
    let names: Vec<&'s str> = columns.iter().map(|c| c.name.as_str()).collect();
    let array = |(place, c): (usize, &&Column)| {
        let mut array = ArrayBuilder::default();
        for row in rows {
            array.push(cell(row, c, place).unwrap_or(&ScalarValue::Literal(None)));
        }
        Expr::Param(array.finish(), Cow::Borrowed("text[]"))
    };
    let arrays = columns.iter().enumerate().map(array).collect();
    let outputs = columns.iter().map(|c| {
        let text = Expr::Column(RECORD, Cow::Borrowed(c.name.as_str()));
        Output::As(from_text(c, text), Cow::Borrowed(c.name.as_str()))
    });
    let select = Select {
        columns: outputs.collect(),
        from: vec![Source::Unnest(arrays, RECORD, names.clone())],
        ..Select::default()
    };
    (names, select)
}

/// Returns a query of rows without columns.
fn empty_rows<'s>(count: usize) -> Select<'s> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let series = Expr::Call("generate_series", vec![Expr::Number(1), Expr::Number(count)]);
    Select {
        from: vec![Source::Function(series, RECORD)],
        ..Select::default()
    }
}

/// Returns rows with different columns as one list of values, in which the columns that a row does not have are DEFAULT:
/// only within one list do returned rows and serial numbers have the order of the rows.
fn values<'s>(rows: &[InsertRow<'s>]) -> (Vec<&'s str>, InsertRows<'s>) {
    let mut columns: IndexMap<i16, &'s Column> = IndexMap::new();
    for (c, _) in rows.iter().flat_map(|row| &row.values) {
        columns.entry(c.number).or_insert(c);
    }
    let mut lists: Vec<Vec<Option<Expr<'s>>>> = vec![vec![None; columns.len()]; rows.len()];
    for (place, &c) in columns.values().enumerate() {
        let mut shared = SharedArray::new(c, place);
        for (index, row) in rows.iter().enumerate() {
            match cell(row, c, place) {
                // a session variable is one parameter for all rows
                Some(value) if is_geo(c) || matches!(value, ScalarValue::Session(_)) => {
                    lists[index][place] = Some(scalar(&Scalar::of(c, value.clone())));
                }
                Some(value) => shared.push(index, value, &mut lists),
                None => {}
            }
        }
        shared.close(&mut lists);
    }
    let names = columns.values().map(|c| c.name.as_str()).collect();
    (names, InsertRows::Values(lists))
}

/// Values of a column, collected in an array of which each row takes one element.
struct SharedArray<'s> {
    column: &'s Column,
    /// Index of the column in the rows.
    place: usize,
    array: ArrayBuilder,
    /// Indexes of the rows whose values are in the array.
    rows: Vec<usize>,
}

impl<'s> SharedArray<'s> {
    fn new(column: &'s Column, place: usize) -> Self {
        Self {
            column,
            place,
            array: ArrayBuilder::default(),
            rows: Vec::new(),
        }
    }

    /// Adds the value of a row. A long value, or one of unknown length, has an array of its own.
    fn push(&mut self, row: usize, value: &ScalarValue, lists: &mut [Vec<Option<Expr<'s>>>]) {
        let is_long = match value {
            ScalarValue::Literal(text) => text.as_ref().is_some_and(|text| text.len() > MAX_BYTES),
            ScalarValue::Request(_) | ScalarValue::Session(_) => true,
        };
        if is_long {
            self.close(lists);
        }
        self.array.push(value);
        self.rows.push(row);
        if is_long || self.rows.len() == MAX_ELEMENTS || self.array.text.len() > MAX_BYTES {
            self.close(lists);
        }
    }

    /// Completes the array and stores its elements in the rows.
    fn close(&mut self, lists: &mut [Vec<Option<Expr<'s>>>]) {
        if self.rows.is_empty() {
            return;
        }
        let array = Arc::new(std::mem::take(&mut self.array).finish());
        for (index, row) in self.rows.drain(..).enumerate() {
            let element = Expr::Element(Arc::clone(&array), index + 1);
            lists[row][self.place] = Some(from_text(self.column, element));
        }
    }
}

fn from_text<'s>(c: &'s Column, text: Expr<'s>) -> Expr<'s> {
    if is_geo(c) {
        return geo_from_text(&c.ty, text);
    }
    text.cast(cast_name(&c.ty))
}

/// Array literal under construction, with the values of the request in it.
#[derive(Default)]
struct ArrayBuilder {
    text: String,
    fragments: Vec<Fragment>,
}

impl ArrayBuilder {
    fn push(&mut self, value: &ScalarValue) {
        let is_first = self.text.is_empty() && self.fragments.is_empty();
        self.text.push(if is_first { '{' } else { ',' });
        match value {
            ScalarValue::Literal(text) => push_element(&mut self.text, text.as_deref()),
            ScalarValue::Request(index) => {
                self.push_fragment(Fragment::Request(*index));
            }
            ScalarValue::Session(name) => self.push_fragment(Fragment::Session(name.clone())),
        }
    }

    fn push_fragment(&mut self, value: Fragment) {
        let text = std::mem::take(&mut self.text);
        self.fragments.push(Fragment::Text(text));
        self.fragments.push(value);
    }

    fn finish(mut self) -> ParamSource {
        self.text.push('}');
        if self.fragments.is_empty() {
            return ParamSource::Literal(Some(self.text));
        }
        self.fragments.push(Fragment::Text(self.text));
        ParamSource::Array(self.fragments)
    }
}
