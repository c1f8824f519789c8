//! JSON values of data commands and permissions → Postgres' text form.

use crate::ir::{Encoding, Scalar, ScalarValue};
use crate::schema::scalar::{ScalarKind, scalar_kind, scalar_name};
use engine_error::{Code, Error, Result};
use engine_model::catalog::{Column, PgType, TableEnum, TypeKind};
use engine_model::metadata::names;
use engine_sql::literal::array;
use serde_json::Value;

/// Value to compare a column with.
pub fn scalar<'s>(column: &'s Column, value: &Value) -> Result<Scalar<'s>> {
    Ok(Scalar::of(column, ScalarValue::text(text(&column.ty, value)?)))
}

/// Value to assign to a column; null becomes NULL.
pub fn assigned<'s>(column: &'s Column, value: &Value) -> Result<Scalar<'s>> {
    match value {
        Value::Null => Ok(Scalar::of(column, ScalarValue::Literal(None))),
        value => scalar(column, value),
    }
}

/// Value in Postgres' text format, validated by Postgres. Null is an error.
pub fn text(ty: &PgType, value: &Value) -> Result<String> {
    if let (ScalarKind::Json, false) = (scalar_kind(ty), value.is_null()) {
        return Ok(value.to_string());
    }
    if let (TypeKind::TableEnum(enumeration), false) = (&ty.kind, value.is_null()) {
        return enum_value(enumeration, value);
    }
    match value {
        Value::Null => {
            let message = format!("unexpected null value for type \"{}\"", scalar_name(ty));
            Err(Error::new(Code::UnexpectedPayload, message))
        }
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) if ty.base == "numeric" => Ok(padded(&number.to_string())),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Array(items) => match &ty.kind {
            TypeKind::Array(element) if is_nested(element, items) => {
                Encoding::Scalar(ty.clone()).encode(value)
            }
            TypeKind::Array(element) => list(element, items),
            _ => Ok(value.to_string()),
        },
        // Composite values, hstore and GeoJSON.
        Value::Object(_) => Encoding::Scalar(ty.clone()).encode(value),
    }
}

/// Returns a value of an enum table.
fn enum_value(enumeration: &TableEnum, value: &Value) -> Result<String> {
    let Value::String(name) = value else {
        let message = format!(
            "expected a string, a value of the enum table \"{}\"",
            enumeration.table
        );
        return Err(Error::new(Code::ParseFailed, message));
    };
    if enumeration.contains(name) {
        return Ok(name.clone());
    }
    let (names, others) = enumeration.in_message();
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let others = if others > 0 {
        format!(", or {others} others")
    } else {
        String::new()
    };
    // Hasura's wording
    let message = format!(
        "expected one of the values {}{others} for type \"{}\", given \"{name}\"",
        names.join(", "),
        names::of_table(&enumeration.table)
    );
    Err(Error::new(Code::UnexpectedPayload, message))
}

/// Pads the fraction of a number to a multiple of four digits. Hasura sends v1's numbers in Postgres' binary format,
/// four digits per group, so that `1.1` has a scale of four: `1.1000`.
fn padded(number: &str) -> String {
    match number.split_once('.') {
        Some((_, fraction)) if fraction.bytes().all(|b| b.is_ascii_digit()) => {
            let missing = fraction.len().next_multiple_of(4) - fraction.len();
            format!("{number}{}", "0".repeat(missing))
        }
        _ => number.to_owned(),
    }
}

/// Whether a list is the value of an array of several dimensions. Elements of type json are arrays themselves.
fn is_nested(element: &PgType, items: &[Value]) -> bool {
    scalar_kind(element) != ScalarKind::Json && items.iter().any(Value::is_array)
}

fn list(element: &PgType, items: &[Value]) -> Result<String> {
    let texts: Vec<Option<String>> = items
        .iter()
        .enumerate()
        .map(|(index, item)| match item {
            Value::Null => Ok(None),
            item => text(element, item).map(Some).map_err(|e| e.at(index)),
        })
        .collect::<Result<_>>()?;
    Ok(array(texts))
}
