//! `select`: columns, nested relationships, conditions, sort keys; and the columns of `returning`.

use super::{Scope, computed};
use crate::args::parse;
use crate::ir::{Field, FieldValue, OrderBy, OrderTarget, Returned, ScalarValue, Select};
use crate::schema::table::{Operation, TableSchema};
use engine_error::{Code, Error, Result};
use engine_model::catalog::{Column, TableName};
use engine_model::metadata::tracked::RelationshipKind;
use serde::Deserialize;
use serde_json::Value;

/// Maximum number of relationships and the column in a path of `order_by`: it is resolved on the stack.
const MAX_PATH: usize = 50;

#[derive(Deserialize)]
struct Args {
    table: TableName,
    #[serde(flatten)]
    rows: RowsArgs,
}

/// Arguments common to `select` and nested relationships.
#[derive(Deserialize)]
struct RowsArgs {
    /// Absent for a computed scalar only.
    #[serde(default)]
    columns: Option<Vec<ColumnArg>>,
    #[serde(default, rename = "where")]
    condition: Option<Value>,
    #[serde(default)]
    order_by: Option<OneOrMany<OrderArg>>,
    #[serde(default)]
    limit: Option<Value>,
    #[serde(default)]
    offset: Option<Value>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a column's name, or {\"name\": relationship, \"columns\": …}"
)]
enum ColumnArg {
    Name(String),
    Nested(Box<Nested>),
}

#[derive(Deserialize)]
struct Nested {
    name: String,
    #[serde(default)]
    alias: Option<String>,
    /// Of a computed field.
    #[serde(default)]
    arguments: Option<Value>,
    #[serde(flatten)]
    rows: RowsArgs,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a sort key: \"-column\", {\"column\", \"type\", \"nulls\"}, or a list of them"
)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a sort key: \"-column\" or {\"column\", \"type\", \"nulls\"}"
)]
enum OrderArg {
    Short(String),
    Long {
        column: String,
        #[serde(default, rename = "type")]
        direction: Option<Direction>,
        #[serde(default)]
        nulls: Option<Nulls>,
    },
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Direction {
    Asc,
    Desc,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Nulls {
    First,
    Last,
}

pub(super) fn bind<'s>(scope: &Scope<'s>, args: Value) -> Result<Select<'s>> {
    let args: Args = parse(args)?;
    // Parse errors have a path below the arguments, like those of serde.
    number("limit", args.rows.limit.as_ref())?;
    number("offset", args.rows.offset.as_ref())?;
    if args.rows.columns.is_none() {
        return Err(missing_columns());
    }
    scope.tracked(&args.table)?;
    let table = scope.table(&args.table, Operation::Select)?;
    rows(scope, table, &args.rows).map_err(|e| e.at("args"))
}

fn rows<'s>(scope: &Scope<'s>, table: &'s TableSchema, args: &RowsArgs) -> Result<Select<'s>> {
    let Some(columns) = &args.columns else {
        return Err(missing_columns());
    };
    let fields = fields(scope, table, columns).map_err(|e| e.at("columns"))?;
    let condition = scope
        .condition(table, args.condition.as_ref())
        .map_err(|e| e.at("where"))?;
    let mut select = Select::visible(table).filter(condition).with_fields(fields);
    select.order_by = order_by(scope, table, args.order_by.as_ref()).map_err(|e| e.at("order_by"))?;
    select.limit = count::<u32>("limit", args.limit.as_ref())?;
    select.offset = count::<u64>("offset", args.offset.as_ref())?;
    Ok(select)
}

fn missing_columns() -> Error {
    Error::new(Code::ParseFailed, "key \"columns\" not found")
}

/// Parses an integer here, because with `flatten` serde loses the path of the argument.
fn number(key: &str, value: Option<&Value>) -> Result<Option<i64>> {
    let found = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => match number.as_i64() {
            Some(number) => return Ok(Some(number)),
            None => "a number that is not whole or too large",
        },
        Some(Value::String(_)) => "String",
        Some(Value::Bool(_)) => "Boolean",
        Some(Value::Array(_)) => "Array",
        Some(Value::Object(_)) => "Object",
    };
    let message = format!("parsing Int failed, expected Number, but encountered {found}");
    Err(Error::new(Code::ParseFailed, message).at(key))
}

/// Row count for LIMIT or OFFSET.
fn count<N: TryFrom<i64> + ToString>(key: &str, value: Option<&Value>) -> Result<Option<ScalarValue>> {
    let Some(number) = number(key, value)? else {
        return Ok(None);
    };
    let count = N::try_from(number).map(|count| Some(ScalarValue::text(count.to_string())));
    count.map_err(|_| {
        let error = if number < 0 {
            Error::new(Code::NotSupported, "unexpected negative value")
        } else {
            Error::new(Code::ParseFailed, "parsing Int failed, the number is too large")
        };
        error.at(key)
    })
}

fn fields<'s>(scope: &Scope<'s>, table: &'s TableSchema, columns: &[ColumnArg]) -> Result<Vec<Field<'s>>> {
    let mut fields: Vec<Field<'s>> = Vec::new();
    for (index, arg) in columns.iter().enumerate() {
        let mut push = |field: Field<'s>| {
            if !fields.iter().any(|other| other.key == field.key) {
                fields.push(field);
            }
        };
        match arg {
            ColumnArg::Name(name) if name == "*" => readable_columns(table).for_each(|column| {
                push(Field {
                    key: column.name.clone(),
                    value: FieldValue::Column(column, None),
                });
            }),
            ColumnArg::Name(name) => push(Field {
                key: name.clone(),
                value: named(scope, table, name).map_err(|e| e.at(index))?,
            }),
            ColumnArg::Nested(nested) => push(nested_field(scope, table, nested).map_err(|e| e.at(index))?),
        }
    }
    Ok(fields)
}

fn readable_columns(table: &TableSchema) -> impl Iterator<Item = &Column> {
    let columns = table.tracked().table.columns.iter();
    columns.filter(|column| table.can_read(column))
}

/// Returns a column, or a computed scalar without arguments.
fn named<'s>(scope: &Scope<'s>, table: &'s TableSchema, name: &str) -> Result<FieldValue<'s>> {
    if let Some(field) = table.computed_field(name)
        && let Some(value) = computed::scalar(scope, table, field, None)?
    {
        return Ok(value);
    }
    Ok(FieldValue::Column(scope.readable_column(table, name)?, None))
}

/// Returns a relationship, or a computed field.
fn nested_field<'s>(scope: &Scope<'s>, table: &'s TableSchema, nested: &Nested) -> Result<Field<'s>> {
    let key = nested.alias.as_ref().unwrap_or(&nested.name).clone();
    let arguments = nested.arguments.as_ref();
    if let Some(field) = table.computed_field(&nested.name) {
        if let Some(value) = computed::scalar(scope, table, field, arguments)? {
            return Ok(Field { key, value });
        }
        if let Some(target) = computed::rows_table(scope, field) {
            let select = rows(scope, target, &nested.rows)?;
            let value = computed::rows(scope, table, field, arguments, select)?;
            return Ok(Field { key, value });
        }
    }
    let value = relationship(scope, table, nested)?;
    Ok(Field { key, value })
}

fn relationship<'s>(scope: &Scope<'s>, table: &'s TableSchema, nested: &Nested) -> Result<FieldValue<'s>> {
    let Some(relationship) = table.relationship(&nested.name) else {
        let message = format!("relationship \"{}\" does not exist", nested.name);
        return Err(Error::new(Code::NotExists, message).at("name"));
    };
    let select = rows(scope, scope.target(relationship)?, &nested.rows)?;
    Ok(match relationship.kind {
        RelationshipKind::Object => FieldValue::Object(relationship, Box::new(select.single())),
        RelationshipKind::Array => FieldValue::Array(relationship, Box::new(select)),
    })
}

fn order_by<'s>(
    scope: &Scope<'s>,
    table: &'s TableSchema,
    args: Option<&OneOrMany<OrderArg>>,
) -> Result<Vec<OrderBy<'s>>> {
    let args: &[OrderArg] = match args {
        None => &[],
        Some(OneOrMany::One(arg)) => std::slice::from_ref(arg),
        Some(OneOrMany::Many(args)) => args,
    };
    args.iter().map(|arg| one_order(scope, table, arg)).collect()
}

fn one_order<'s>(scope: &Scope<'s>, table: &'s TableSchema, arg: &OrderArg) -> Result<OrderBy<'s>> {
    let (path, descending, nulls) = match arg {
        OrderArg::Short(text) => match text.strip_prefix('-') {
            Some(rest) => (rest, true, None),
            None => (text.strip_prefix('+').unwrap_or(text), false, None),
        },
        OrderArg::Long {
            column,
            direction,
            nulls,
        } => (column.as_str(), *direction == Some(Direction::Desc), *nulls),
    };
    let parts: Vec<&str> = path.split('.').collect();
    if parts.len() > MAX_PATH {
        let message = format!(
            "the path of order_by has {} parts; {MAX_PATH} are possible",
            parts.len()
        );
        return Err(Error::new(Code::ParseFailed, message));
    }
    Ok(OrderBy {
        target: target(scope, table, &parts)?,
        descending,
        // Postgres' default: NULL is larger than all other values.
        nulls_first: nulls.map_or(descending, |nulls| nulls == Nulls::First),
    })
}

/// Resolves a path `relationship.relationship.column`.
fn target<'s>(scope: &Scope<'s>, table: &'s TableSchema, path: &[&str]) -> Result<OrderTarget<'s>> {
    match path {
        [name] => Ok(OrderTarget::Column(scope.readable_column(table, name)?)),
        [name, rest @ ..] => {
            let relationship = table.relationship(name);
            let Some(relationship) = relationship.filter(|r| r.kind == RelationshipKind::Object) else {
                let message = format!("object relationship \"{name}\" does not exist");
                return Err(Error::new(Code::NotExists, message));
            };
            let there = scope.target(relationship)?;
            let inner = Box::new(target(scope, there, rest)?);
            Ok(OrderTarget::Object(
                relationship,
                Box::new(Select::visible(there)),
                inner,
            ))
        }
        [] => Err(Error::new(Code::ParseFailed, "order_by requires a column")),
    }
}

/// Returns what `returning` selects of the changed rows.
pub(super) fn returning<'s>(
    scope: &Scope<'s>,
    table: &'s TableSchema,
    columns: &[String],
) -> Result<Returned<'s>> {
    let mut fields = Vec::new();
    for name in columns {
        if name == "*" {
            fields.extend(readable_columns(table).map(|column| Field {
                key: column.name.clone(),
                value: FieldValue::Column(column, None),
            }));
        } else {
            // Hasura's wording
            let missing = || {
                Error::new(
                    Code::PermissionDenied,
                    format!("no such column exists : \"{name}\""),
                )
            };
            let column = table.tracked().table.column(name).ok_or_else(missing)?;
            fields.push(Field {
                key: name.clone(),
                value: FieldValue::Column(scope.readable_column(table, &column.name)?, None),
            });
        }
    }
    Ok(Returned::new(table, fields))
}
