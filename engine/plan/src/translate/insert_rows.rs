//! Rows to insert as one JSON parameter.

use super::is_geo;
use crate::ir::{CellValue, InsertRow, cast_name};
use engine_model::catalog::Column;
use engine_sql::ParamSource;
use engine_sql::ast::{Alias, Expr, Output, Select, Source};
use engine_sql::statement::Fragment;
use serde_json::Value;
use std::borrow::Cow;

const RECORD: Alias = Alias::Named("_record");

/// Returns the columns of rows that all have the same, and the rows as one JSON parameter.
pub(super) fn recordset<'s>(rows: &[&InsertRow<'s>]) -> (Vec<&'s str>, Option<Select<'s>>) {
    let columns: Vec<&'s Column> = rows[0].values.iter().map(|(c, _)| *c).collect();
    let json = Expr::Param(rows_json(rows), Cow::Borrowed("json"));
    let types = columns
        .iter()
        .map(|c| (c.name.as_str(), Cow::Borrowed(record_type(c))))
        .collect();
    let select = Select {
        columns: columns
            .iter()
            .map(|c| Output::As(record_value(c), Cow::Borrowed(c.name.as_str())))
            .collect(),
        from: vec![Source::Recordset(json, RECORD, types)],
        ..Select::default()
    };
    (columns.iter().map(|c| c.name.as_str()).collect(), Some(select))
}

/// Returns the rows as JSON. Values of the request are inserted when a request is executed.
fn rows_json(rows: &[&InsertRow<'_>]) -> ParamSource {
    let first = &rows[0].values;
    let keys: Vec<String> = first.iter().map(|(c, _)| key(c)).collect();
    let mut json = JsonFragments::default();
    json.push("[");
    for (i, row) in rows.iter().enumerate() {
        json.push(if i > 0 { ",{" } else { "{" });
        for (j, (column, value)) in row.values.iter().enumerate() {
            if j > 0 {
                json.push(",");
            }
            // The rows have the same columns, but not necessarily in the same order.
            match first.iter().position(|(c, _)| c.number == column.number) {
                Some(index) => json.push(&keys[index]),
                None => json.push(&key(column)),
            }
            match value {
                CellValue::Json(value) => json.push_value(value),
                CellValue::Request(index) => json.push_request(*index),
            }
        }
        json.push("}");
    }
    json.push("]");
    json.finish()
}

/// Returns `"name":`.
fn key(column: &Column) -> String {
    format!("{}:", Value::from(column.name.as_str()))
}

/// JSON text and the values of the request in it.
#[derive(Default)]
struct JsonFragments {
    text: Vec<u8>,
    fragments: Vec<Fragment>,
}

impl JsonFragments {
    fn push(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    fn push_value(&mut self, value: &Value) {
        // Writing a `Value` into memory cannot fail.
        drop(serde_json::to_writer(&mut self.text, value));
    }

    fn push_request(&mut self, index: usize) {
        let text = self.take_text();
        self.fragments.push(Fragment::Text(text));
        self.fragments.push(Fragment::Request(index));
    }

    fn take_text(&mut self) -> String {
        // serde_json writes UTF-8 only.
        String::from_utf8(std::mem::take(&mut self.text)).unwrap_or_default()
    }

    fn finish(mut self) -> ParamSource {
        let text = self.take_text();
        if self.fragments.is_empty() {
            return ParamSource::Literal(Some(text));
        }
        self.fragments.push(Fragment::Text(text));
        ParamSource::Concat(self.fragments)
    }
}

/// The type as which a column is read from the JSON. Geometry stays JSON, see [`record_value`].
fn record_type(c: &Column) -> &str {
    if is_geo(c) { "json" } else { cast_name(&c.ty) }
}

/// `PostGIS` reads `GeoJSON` only through a function of its own; its other forms come as strings.
fn record_value(c: &Column) -> Expr<'_> {
    let value = Expr::Column(RECORD, Cow::Borrowed(c.name.as_str()));
    if !is_geo(c) {
        return value;
    }
    let ty = c.ty.sql.as_str();
    let is_object = Expr::binary(
        Expr::Call("json_typeof", vec![value.clone()]),
        "=",
        Expr::Raw("'object'"),
    );
    let geojson = Expr::Call("ST_GeomFromGeoJSON", vec![value.clone().cast("text")]).cast(ty);
    let text = Expr::binary(value, "#>>", Expr::Raw("'{}'")).cast(ty);
    Expr::Case(Box::new(is_object), Box::new(geojson), Box::new(text))
}
