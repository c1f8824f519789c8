//! `where`: `{"column": {"$operator": value}}`, `{"column": value}`, `{"relationship": {…}}`, `$and`, `$or`, `$not`,
//! `$exists`.

use super::value::{scalar, text};
use super::{Scope, column};
use engine_error::{Code, Error, Result};
use engine_model::catalog::{Column, PgType, TableName};
use engine_model::metadata::tracked::TrackedTable;
use engine_plan::ir::{
    BoolExp, Comparison, Operand, Operator, Scalar, ScalarList, ScalarValue, Select, cast_name, type_beside,
};
use engine_plan::schema::scalar::{ComparisonOperator, OperandKind, operators};
use engine_plan::schema::table::TableSchema;
use engine_sql::literal::array;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Translates a condition; absent and null match all rows.
pub(super) fn plan<'s>(
    scope: &Scope<'s>,
    table: &'s TableSchema,
    condition: Option<&Value>,
) -> Result<BoolExp<'s>> {
    match condition {
        None | Some(Value::Null) => Ok(BoolExp::ALL),
        Some(Value::Object(object)) => object_of(scope, table, object),
        Some(_) => Err(Error::new(Code::ParseFailed, "condition is not an object")),
    }
}

fn object_of<'s>(
    scope: &Scope<'s>,
    table: &'s TableSchema,
    object: &Map<String, Value>,
) -> Result<BoolExp<'s>> {
    let parts = object
        .iter()
        .map(|(key, value)| part(scope, table, key, value).map_err(|e| e.at(key.as_str())));
    Ok(BoolExp::And(parts.collect::<Result<_>>()?))
}

fn part<'s>(scope: &Scope<'s>, table: &'s TableSchema, key: &str, value: &Value) -> Result<BoolExp<'s>> {
    let list = || -> Result<Vec<BoolExp<'s>>> {
        let Value::Array(items) = value else {
            return Err(Error::new(Code::ParseFailed, "expected a list of conditions"));
        };
        let parts = items.iter().enumerate();
        parts
            .map(|(i, item)| plan(scope, table, Some(item)).map_err(|e| e.at(i)))
            .collect()
    };
    match key {
        "$and" | "_and" => list().map(BoolExp::And),
        "$or" | "_or" => list().map(BoolExp::Or),
        "$not" | "_not" => Ok(BoolExp::Not(Box::new(plan(scope, table, Some(value))?))),
        "$exists" | "_exists" => exists(scope, value),
        _ => {
            if let Some(relationship) = table.tracked().relationships.get(key) {
                let target = scope.target(&relationship.target)?;
                let rows = Select::visible(target).filter(plan(scope, target, Some(value))?);
                return Ok(BoolExp::Related(relationship, Box::new(rows)));
            }
            let table = table.tracked();
            comparisons(table, column(table, key)?, value)
        }
    }
}

fn exists<'s>(scope: &Scope<'s>, value: &Value) -> Result<BoolExp<'s>> {
    let table = value.get("_table").map(TableName::deserialize);
    let Some(Ok(table)) = table else {
        return Err(Error::new(
            Code::ParseFailed,
            "expected {\"_table\": …, \"_where\": …}",
        ));
    };
    let table = scope.target(&table).map_err(|e| e.at("_table"))?;
    let inner = plan(scope, table, value.get("_where")).map_err(|e| e.at("_where"))?;
    Ok(BoolExp::Exists(Box::new(Select::visible(table).filter(inner))))
}

/// A bare value is compared for equality.
fn comparisons<'s>(table: &'s TrackedTable, column: &'s Column, value: &Value) -> Result<BoolExp<'s>> {
    let Value::Object(object) = value else {
        let with = Comparison::Op(Operator("="), Operand::Value(scalar(column, value)?));
        return Ok(BoolExp::Compare {
            column,
            cast: None,
            with,
        });
    };
    let parts = object.iter().map(|(key, value)| {
        let with = comparison(table, column, key, value).map_err(|e| e.at(key.as_str()))?;
        Ok(BoolExp::Compare {
            column,
            cast: None,
            with,
        })
    });
    Ok(BoolExp::And(parts.collect::<Result<_>>()?))
}

fn comparison<'s>(
    table: &'s TrackedTable,
    column: &'s Column,
    key: &str,
    value: &Value,
) -> Result<Comparison<'s>> {
    let unknown = || Error::new(Code::UnexpectedPayload, format!("Unknown operator : {key}"));
    let bare = key.strip_prefix(['$', '_']).ok_or_else(unknown)?;
    if let Some(operator) = between_columns(bare) {
        let other = value
            .as_str()
            .ok_or_else(|| Error::new(Code::ParseFailed, "expected a column's name"))?;
        return Ok(Comparison::Op(
            Operator(operator),
            Operand::Column(super::column(table, other)?),
        ));
    }
    let name = match bare {
        "ne" => "neq",
        other => other,
    };
    let operator = operators(&column.ty).find(|operator| operator.name.strip_prefix('_') == Some(name));
    right(column, operator.ok_or_else(unknown)?, value)
}

fn between_columns(name: &str) -> Option<&'static str> {
    Some(match name {
        "ceq" => "=",
        "cne" | "cneq" => "<>",
        "cgt" => ">",
        "clt" => "<",
        "cgte" => ">=",
        "clte" => "<=",
        _ => return None,
    })
}

fn right<'s>(
    column: &'s Column,
    operator: &'static ComparisonOperator,
    value: &Value,
) -> Result<Comparison<'s>> {
    let plain = |value: &Value| text(&PLAIN, value);
    let named = |text: String, ty: &'static str| Scalar::new(ScalarValue::text(text), ty);
    let operand = match operator.right {
        OperandKind::Null => {
            let flag = value
                .as_bool()
                .ok_or_else(|| Error::new(Code::ParseFailed, "expected a boolean"))?;
            return Ok(Comparison::IsNull(flag));
        }
        OperandKind::AnyOf | OperandKind::NoneOf => {
            let texts = items(value)?.map(|(i, item)| text(&column.ty, item).map_err(|e| e.at(i)));
            let values = ScalarList::of(texts.collect::<Result<_>>()?, cast_name(&column.ty));
            let any = operator.right == OperandKind::AnyOf;
            return Ok(if any {
                Comparison::In(values)
            } else {
                Comparison::NotIn(values)
            });
        }
        OperandKind::Same => scalar(column, value)?,
        OperandKind::Pattern if column.ty.name == "citext" => scalar(column, value)?,
        OperandKind::Pattern | OperandKind::Text => named(plain(value)?, "text"),
        OperandKind::Other(ty) => Scalar::new(ScalarValue::text(plain(value)?), type_beside(&column.ty, ty)),
        OperandKind::Texts => named(texts(value)?, "text[]"),
        OperandKind::Others(ty) => {
            let ty = format!("{}[]", type_beside(&column.ty, ty));
            Scalar::new(ScalarValue::text(texts(value)?), ty)
        }
    };
    Ok(Comparison::Op(Operator(operator.sql), Operand::Value(operand)))
}

static PLAIN: std::sync::LazyLock<PgType> = std::sync::LazyLock::new(|| PgType::built_in("text", "text"));

fn items(value: &Value) -> Result<impl Iterator<Item = (usize, &Value)>> {
    match value {
        Value::Array(items) => Ok(items.iter().enumerate()),
        _ => Err(Error::new(Code::ParseFailed, "expected a list")),
    }
}

fn texts(value: &Value) -> Result<String> {
    let texts: Vec<Option<String>> = items(value)?
        .map(|(i, item)| text(&PLAIN, item).map(Some).map_err(|e| e.at(i)))
        .collect::<Result<_>>()?;
    Ok(array(texts))
}
