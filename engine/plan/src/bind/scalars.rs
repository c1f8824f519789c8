//! Input values → Postgres text.

use super::enum_value;
use super::expected_type::ExpectedType;
use super::input_value::{InputValue, Object, mismatch};
use super::variables::Variables;
use super::{WithPath as _, invalid, no_field};
use crate::ir::is_geo_type;
use crate::schema::scalar::{ScalarKind, scalar_kind, value_type};
use apollo_compiler::ast;
use engine_error::{Code, Error, Result};
use engine_model::catalog::{CompositeField, PgType, TypeKind};
use engine_sql::literal::{array, composite, hstore};
use serde_json::{Map, Number, Value, json};

/// Maximum number of dimensions of an array in Postgres.
const MAX_DIMENSIONS: usize = 6;

impl<'a> Variables<'a> {
    /// Returns a value of a column's type in Postgres' text form. Null is an error; the caller tests for it where it is
    /// allowed.
    pub(super) fn scalar(&self, input: InputValue<'a>, ty: &PgType) -> Result<String> {
        let name = value_type(ty).name;
        let value = self.resolve(input, ExpectedType::of_column(ty))?;
        if value.is_null() {
            return Err(null_for(name));
        }
        self.text(value, ty, name)
    }

    fn text(&self, value: InputValue<'a>, ty: &PgType, name: &str) -> Result<String> {
        if let TypeKind::TableEnum(enumeration) = &ty.kind {
            return enum_value::text(value, enumeration);
        }
        match scalar_kind(ty) {
            // As in Hasura, a column of any type takes a string, which Postgres reads.
            ScalarKind::Int | ScalarKind::Float | ScalarKind::Boolean if value.as_str().is_some() => {
                Ok(value.as_str().unwrap_or_default().to_owned())
            }
            ScalarKind::Int => int(value, name),
            ScalarKind::Float => number(value).ok_or_else(|| mismatch("a float", name, value)),
            ScalarKind::Boolean => value
                .as_bool()
                .map(|b| b.to_string())
                .ok_or_else(|| mismatch("a boolean", name, value)),
            ScalarKind::String => value
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| mismatch("a string", name, value)),
            ScalarKind::Json => self.json_text(value),
            ScalarKind::Array => self.array(value, ty, name, 1),
            ScalarKind::Custom => {
                if let Some(text) = value.as_str() {
                    return Ok(text.to_owned());
                }
                if let Some(text) = number(value) {
                    return Ok(if ty.base == "money" {
                        without_exponent(text)
                    } else {
                        text
                    });
                }
                match value {
                    InputValue::Ast(ast::Value::Boolean(b)) | InputValue::Json(Value::Bool(b)) => {
                        Ok(b.to_string())
                    }
                    InputValue::Ast(ast::Value::Enum(label)) if ty.kind == TypeKind::Enum => {
                        Ok(label.to_string())
                    }
                    _ => match (value.as_object(), &ty.kind) {
                        (Some(object), TypeKind::Composite(fields)) => self.composite(object, fields, name),
                        (Some(object), _) if ty.base == "hstore" => self.hstore(object),
                        (Some(_), _) => self.json_text(value),
                        (None, _) => Err(mismatch("a value", name, value)),
                    },
                }
            }
        }
    }

    fn array(&self, value: InputValue<'a>, ty: &PgType, name: &str, dimension: usize) -> Result<String> {
        if dimension > MAX_DIMENSIONS {
            return Err(invalid(format!(
                "arrays have at most {MAX_DIMENSIONS} dimensions"
            )));
        }
        if let Some(text) = value.as_str() {
            return Ok(text.to_owned());
        }
        let TypeKind::Array(element) = &ty.kind else {
            return Err(mismatch("a list", name, value));
        };
        // A value that is not a list is a list of one.
        let items = value.as_list().unwrap_or_else(|| vec![value]);
        // An element of an array of JSON may itself be a list.
        if scalar_kind(element) != ScalarKind::Json && items.iter().any(|item| item.as_list().is_some()) {
            // Arrays of arrays have the same type in Postgres; each row is an unquoted array literal.
            let rows: Result<Vec<String>> = items
                .into_iter()
                .map(|item| self.array(item, ty, name, dimension + 1))
                .collect();
            return Ok(format!("{{{}}}", rows?.join(",")));
        }
        let texts: Result<Vec<Option<String>>> = items
            .into_iter()
            .enumerate()
            .map(|(i, item)| self.part(item, element).at(i))
            .collect();
        Ok(array(texts?))
    }

    /// Returns a part of an array or composite value; `None` for null.
    fn part(&self, input: InputValue<'a>, ty: &PgType) -> Result<Option<String>> {
        let name = value_type(ty).name;
        let value = self.resolve(input, ExpectedType::of_column(ty))?;
        if value.is_null() {
            return Ok(None);
        }
        self.text(value, ty, name).map(|text| Some(with_crs(text, ty)))
    }

    /// Returns a composite value from the object as which it is printed. Fields that are not given are NULL.
    fn composite(&self, object: Object<'a>, fields: &[CompositeField], name: &str) -> Result<String> {
        let mut texts: Vec<Option<String>> = vec![None; fields.len()];
        for (key, value) in object {
            let Some(index) = fields.iter().position(|field| field.name == key) else {
                return Err(no_field(key, name)).at(key);
            };
            texts[index] = self.part(value, &fields[index].ty).at(key)?;
        }
        Ok(composite(texts))
    }

    /// Returns an hstore from the object as which it is printed.
    fn hstore(&self, object: Object<'a>) -> Result<String> {
        let pairs: Result<Vec<(&str, Option<String>)>> = object
            .map(|(key, value)| {
                let value = match value {
                    InputValue::Ast(ast::Value::Variable(name)) => self.any(name).at(key)?,
                    value => value,
                };
                let text = match value {
                    _ if value.is_null() => None,
                    _ if value.as_list().is_some() || value.as_object().is_some() => {
                        return Err(mismatch("a string", "String", value)).at(key);
                    }
                    _ => match value.as_str().or_else(|| value.as_enum()) {
                        Some(text) => Some(text.to_owned()),
                        None => Some(self.json_text(value).at(key)?),
                    },
                };
                Ok((key, text))
            })
            .collect();
        pairs.map(hstore)
    }

    fn json_text(&self, value: InputValue<'a>) -> Result<String> {
        match value {
            InputValue::Json(value) => Ok(value.to_string()),
            InputValue::Ast(_) => Ok(self.json(value)?.to_string()),
        }
    }

    /// Returns any value as JSON, with the variables in it replaced.
    pub(super) fn json(&self, value: InputValue<'a>) -> Result<Value> {
        Ok(match value {
            InputValue::Json(value) => value.clone(),
            InputValue::Ast(value) => match value {
                ast::Value::Null => Value::Null,
                ast::Value::Enum(name) => Value::from(name.as_str()),
                ast::Value::String(text) => Value::from(text.as_str()),
                ast::Value::Boolean(b) => Value::from(*b),
                ast::Value::Int(n) => json_number(n.as_str()),
                ast::Value::Float(n) => json_number(n.as_str()),
                ast::Value::List(items) => {
                    let items: Result<Vec<Value>> = items
                        .iter()
                        .map(|item| self.json(InputValue::Ast(item)))
                        .collect();
                    Value::Array(items?)
                }
                ast::Value::Object(pairs) => {
                    let mut object = Map::new();
                    for (key, value) in pairs {
                        object.insert(key.to_string(), self.json(InputValue::Ast(value))?);
                    }
                    Value::Object(object)
                }
                // Inside a JSON literal a variable may be of any type.
                ast::Value::Variable(name) => self.json(self.any(name)?)?,
            },
        })
    }

    /// Returns the elements of a list in Postgres' text form.
    pub(super) fn scalars(&self, input: InputValue<'a>, ty: &PgType) -> Result<Vec<String>> {
        let one = input.as_list().is_none();
        self.list(input, value_type(ty).name)?
            .into_iter()
            .enumerate()
            .map(|(i, item)| {
                let text = self.scalar(item, ty).map(|text| with_crs(text, ty));
                if one { text } else { text.at(i) }
            })
            .collect()
    }
}

/// Adds the reference system that `GeoJSON` has by default. Inside an array or a composite value Postgres reads it by the
/// input function of geometry, for which the default is none.
fn with_crs(text: String, ty: &PgType) -> String {
    if !is_geo_type(&ty.sql) || !text.starts_with('{') {
        return text;
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(mut object)) if !object.contains_key("crs") => {
            let crs = json!({"type": "name", "properties": {"name": "EPSG:4326"}});
            object.insert("crs".to_owned(), crs);
            Value::Object(object).to_string()
        }
        _ => text,
    }
}

pub(super) fn null_for(ty: &str) -> Error {
    invalid(format!("unexpected null value for type \"{ty}\""))
}

fn json_number(text: &str) -> Value {
    text.parse::<Number>()
        .map_or_else(|_| Value::from(text), Value::Number)
}

/// Returns a number's text as written, except that `1E-30` becomes `1.0E-30` as in Hasura, because it determines the scale
/// of a numeric column.
fn number(value: InputValue<'_>) -> Option<String> {
    let text = written(value)?;
    match text.find(['e', 'E']) {
        Some(exponent) if !text.contains('.') => {
            Some(format!("{}.0{}", &text[..exponent], &text[exponent..]))
        }
        _ => Some(text),
    }
}

fn written(value: InputValue<'_>) -> Option<String> {
    match value {
        InputValue::Ast(ast::Value::Int(n)) => Some(n.as_str().to_owned()),
        InputValue::Ast(ast::Value::Float(n)) => Some(n.as_str().to_owned()),
        InputValue::Json(Value::Number(n)) => Some(n.to_string()),
        _ => None,
    }
}

/// Removes the exponent, which Postgres does not accept in money.
fn without_exponent(text: String) -> String {
    match text.parse::<f64>() {
        Ok(number) if text.contains(['e', 'E']) => number.to_string(),
        _ => text,
    }
}

fn int(value: InputValue<'_>, name: &str) -> Result<String> {
    let text = match value {
        InputValue::Ast(ast::Value::Int(n)) => n.as_str().to_owned(),
        InputValue::Json(Value::Number(n)) => whole(n),
        other => return Err(mismatch("a 32-bit integer", name, other)),
    };
    if text.parse::<i32>().is_err() {
        return Err(out_of_bounds(&text));
    }
    Ok(text)
}

/// Returns a number's text, without the fraction of one that is whole: a client may send 7.0.
fn whole(number: &Number) -> String {
    match number.as_f64() {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "checked to be whole and in range just below"
        )]
        Some(f) if number.as_i64().is_none() && f.fract() == 0.0 && f.abs() < 1e15 => (f as i64).to_string(),
        _ => number.to_string(),
    }
}

/// Error for a number that is not whole or does not fit into 32 bits.
fn out_of_bounds(text: &str) -> Error {
    let message = format!(
        "The value {text} lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?"
    );
    Error::new(Code::ParseFailed, message)
}

pub(super) fn limit(input: InputValue<'_>) -> Result<String> {
    let text = match input {
        InputValue::Ast(ast::Value::Int(n)) => n.as_str().to_owned(),
        InputValue::Json(Value::Number(n)) => whole(n),
        other => return Err(mismatch("a non-negative 32-bit integer", "Int", other)),
    };
    if text.starts_with('-') {
        return Err(mismatch("a non-negative 32-bit integer", "Int", input));
    }
    match text.parse::<i32>() {
        Ok(limit) => Ok(limit.to_string()),
        Err(_) => Err(out_of_bounds(&text)),
    }
}

pub(super) fn batch_size(input: InputValue<'_>) -> Result<String> {
    let text = limit(input)?;
    if text == "0" {
        return Err(invalid("a batch has at least one row"));
    }
    Ok(text)
}

/// Hasura takes offsets beyond 32 bits, also as strings.
pub(super) fn offset(input: InputValue<'_>) -> Result<String> {
    let text = match input {
        InputValue::Ast(ast::Value::Int(n)) => n.as_str().to_owned(),
        InputValue::Json(Value::Number(n)) => whole(n),
        other => match other.as_str() {
            Some(text) => text.to_owned(),
            None => return Err(mismatch("a non-negative 64-bit integer", "Int", other)),
        },
    };
    if text.starts_with('-') {
        return Err(mismatch("a non-negative 64-bit integer", "Int", input));
    }
    match text.parse::<i64>() {
        Ok(offset) => Ok(offset.to_string()),
        Err(_) => Err(invalid(format!(
            "expected a non-negative 64-bit integer for type \"Int\", but found {text}"
        ))),
    }
}
