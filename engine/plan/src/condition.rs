//! Conditions as JSON: those of permissions, and `where` of the data commands of `/v1/query`. Both have the same
//! language: `{"column": {"_operator": value}}`, `{"column": value}`, `{"relationship": {…}}`, `_and`, `_or`, `_not`,
//! `_exists`, each also with `$` for `_`. Columns have their Postgres names.

use crate::ir::{
    BoolExp, Comparison, Operand, Operator, Scalar, ScalarList, ScalarValue, Select, Unfiltered, cast_name,
    is_geo_type, type_beside,
};
use crate::json_value::{scalar, text};
use crate::schema::RoleSchema;
use crate::schema::scalar::{ComparisonOperator, OperandKind, operators};
use crate::schema::table::TableSchema;
use engine_error::{Code, Error, Result};
use engine_model::catalog::{Column, PgType, TableName};
use engine_model::metadata::tracked::{TrackedObjects, TrackedTable};
use engine_model::permission::{JsonObject, session_variable};
use engine_sql::literal::array;
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

/// Origin of a condition, which decides what it can refer to.
#[derive(Clone, Copy)]
enum Origin<'s> {
    /// Permission: strings can be session variables, and related rows are not filtered by the permissions on them.
    Permission(&'s TrackedObjects),
    /// Data command: it sees what the role can read.
    Command(&'s RoleSchema, &'s str),
}

/// A condition's scope: its origin and the table of its outermost rows.
#[derive(Clone, Copy)]
struct Scope<'s> {
    origin: Origin<'s>,
    root: Level<'s>,
}

/// Table at one level of a condition.
#[derive(Clone, Copy)]
enum Level<'s> {
    Permission(&'s TrackedTable),
    Command(&'s TableSchema),
}

impl<'s> Level<'s> {
    fn tracked(self) -> &'s TrackedTable {
        match self {
            Self::Permission(table) => table,
            Self::Command(table) => table.tracked(),
        }
    }
}

/// Binds the filter or check of a permission on `table`.
pub fn of_permission<'s>(
    tracked: &'s TrackedObjects,
    table: &'s TrackedTable,
    condition: &JsonObject,
) -> Result<BoolExp<'s>> {
    let scope = Scope {
        origin: Origin::Permission(tracked),
        root: Level::Permission(table),
    };
    scope.object(scope.root, condition)
}

/// Binds `where` of a data command; absent and null match all rows.
pub fn of_command<'s>(
    schema: &'s RoleSchema,
    role: &'s str,
    table: &'s TableSchema,
    condition: Option<&Value>,
) -> Result<BoolExp<'s>> {
    let scope = Scope {
        origin: Origin::Command(schema, role),
        root: Level::Command(table),
    };
    match condition {
        None | Some(Value::Null) => Ok(BoolExp::ALL),
        Some(condition) => scope.condition(scope.root, condition),
    }
}

/// Returns a column by its Postgres name.
pub fn column<'s>(table: &'s TrackedTable, name: &str) -> Result<&'s Column> {
    table.table.column(name).ok_or_else(|| {
        if table.relationships.contains_key(name) {
            let message = format!("expecting a Postgres column; but, \"{name}\" is a relationship");
            return Error::new(Code::UnexpectedPayload, message);
        }
        Error::new(Code::NotExists, format!("column \"{name}\" does not exist"))
    })
}

/// Returns the error for a column that the role cannot use.
// Hasura's wording
pub fn column_denied(role: &str, operation: &str, name: &str) -> Error {
    let message = format!("role \"{role}\" does not have permission to {operation} column \"{name}\"");
    Error::new(Code::PermissionDenied, message)
}

/// Returns the error for a relationship to a table that the role cannot read.
// Hasura's wording
pub fn relationship_denied(role: &str, name: &str, target: &TableName) -> Error {
    let message = format!(
        "role \"{role}\" does not have permission to read relationship \"{name}\"; no permission on table \"{target}\""
    );
    Error::new(Code::PermissionDenied, message)
}

impl<'s> Scope<'s> {
    fn condition(self, level: Level<'s>, condition: &Value) -> Result<BoolExp<'s>> {
        match condition {
            Value::Object(object) => self.object(level, object),
            _ => Err(Error::new(Code::ParseFailed, "condition is not an object")),
        }
    }

    fn object(self, level: Level<'s>, object: &JsonObject) -> Result<BoolExp<'s>> {
        let parts = object
            .iter()
            .map(|(key, value)| self.part(level, key, value).map_err(|e| e.at(key.as_str())));
        Ok(conjunction(parts.collect::<Result<_>>()?))
    }

    fn part(self, level: Level<'s>, key: &str, value: &Value) -> Result<BoolExp<'s>> {
        let list = || -> Result<Vec<BoolExp<'s>>> {
            let Value::Array(items) = value else {
                return Err(Error::new(Code::ParseFailed, "expected a list of conditions"));
            };
            let parts = items.iter().enumerate();
            parts
                .map(|(i, item)| self.condition(level, item).map_err(|e| e.at(i)))
                .collect()
        };
        match key {
            "$and" | "_and" => list().map(BoolExp::And),
            "$or" | "_or" => list().map(BoolExp::Or),
            "$not" | "_not" => Ok(BoolExp::Not(Box::new(self.condition(level, value)?))),
            "$exists" | "_exists" => self.exists(value),
            _ => {
                let table = level.tracked();
                match table.relationships.get(key) {
                    Some(relationship) => match self.origin {
                        Origin::Permission(tracked) => {
                            let target = tracked.tables.get(&relationship.target).ok_or_else(|| {
                                let message = format!("table \"{}\" does not exist", relationship.target);
                                Error::new(Code::NotExists, message)
                            })?;
                            let condition = self.condition(Level::Permission(target), value)?;
                            let rows = Unfiltered::new(target, condition);
                            Ok(BoolExp::RelatedUnfiltered(relationship, Box::new(rows)))
                        }
                        Origin::Command(schema, role) => {
                            let target = schema
                                .readable(&relationship.target)
                                .ok_or_else(|| relationship_denied(role, key, &relationship.target))?;
                            let condition = self.condition(Level::Command(target), value)?;
                            let rows = Select::visible(target).filter(condition);
                            Ok(BoolExp::Related(relationship, Box::new(rows)))
                        }
                    },
                    None => self.comparisons(level, self.column(level, key)?, value),
                }
            }
        }
    }

    /// Returns a column that the condition may compare, whether on the left or on the right of an operator. A data command
    /// may compare only columns that the role can read, because the selected rows reveal the result.
    fn column(self, level: Level<'s>, name: &str) -> Result<&'s Column> {
        let column = column(level.tracked(), name)?;
        if let (Level::Command(table), Origin::Command(_, role)) = (level, self.origin)
            && !table.can_read(column)
        {
            return Err(column_denied(role, "select", name));
        }
        Ok(column)
    }

    fn exists(self, value: &Value) -> Result<BoolExp<'s>> {
        let key = |name: &str| {
            let found = value.get(format!("_{name}"));
            found.or_else(|| value.get(format!("${name}")))
        };
        let (Some(Ok(name)), Some(condition)) = (key("table").map(TableName::deserialize), key("where"))
        else {
            return Err(Error::new(
                Code::ParseFailed,
                "expected {\"_table\": …, \"_where\": …}",
            ));
        };
        let missing = || {
            let message = format!("table \"{name}\" does not exist");
            Error::new(Code::NotExists, message).at("_table")
        };
        match self.origin {
            Origin::Permission(tracked) => {
                let table = &**tracked.tables.get(&name).ok_or_else(missing)?;
                let condition = self.condition(Level::Permission(table), condition);
                let rows = Unfiltered::new(table, condition.map_err(|e| e.at("_where"))?);
                Ok(BoolExp::ExistsUnfiltered(Box::new(rows)))
            }
            Origin::Command(schema, _) => {
                // Without relation to another row, the condition reads the table as a list of its own does.
                let table = schema.readable(&name).filter(|table| table.can_list());
                let table = table.ok_or_else(missing)?;
                let condition = self.condition(Level::Command(table), condition);
                let rows = Select::visible(table).filter(condition.map_err(|e| e.at("_where"))?);
                Ok(BoolExp::Exists(Box::new(rows)))
            }
        }
    }

    /// Binds the comparisons of a column. A bare value is compared for equality.
    fn comparisons(self, level: Level<'s>, column: &'s Column, value: &Value) -> Result<BoolExp<'s>> {
        if column.ty.name == "json" {
            // Hasura's wording
            let message = "JSON column can not be part of boolean expression";
            return Err(Error::new(Code::UnexpectedPayload, message));
        }
        let compare = |with| BoolExp::Compare {
            column,
            cast: None,
            with,
        };
        let Value::Object(object) = value else {
            return Ok(compare(self.equality("=", column, value)?));
        };
        let parts = object.iter().map(|(key, value)| {
            let part = if matches!(key.as_str(), "_cast" | "$cast") {
                self.casts(column, value)
            } else {
                self.comparison(level, column, key, value).map(compare)
            };
            part.map_err(|e| e.at(key.as_str()))
        });
        Ok(conjunction(parts.collect::<Result<_>>()?))
    }

    /// Binds `_cast: {"String": {…}}` of jsonb.
    fn casts(self, column: &'s Column, value: &Value) -> Result<BoolExp<'s>> {
        let Value::Object(types) = value else {
            return Err(Error::new(Code::ParseFailed, "expected an object of types"));
        };
        let mut parts = Vec::new();
        for (ty, comparisons) in types {
            if column.ty.name != "jsonb" || !matches!(ty.as_str(), "String" | "text") {
                // Hasura's wording
                let message = format!(
                    "cannot cast column of type \"{}\" to type \"{ty}\"",
                    column.ty.sql
                );
                return Err(Error::new(Code::UnexpectedPayload, message).at(ty.as_str()));
            }
            let Value::Object(comparisons) = comparisons else {
                return Err(Error::new(Code::ParseFailed, "expected an object of operators").at(ty.as_str()));
            };
            for (key, value) in comparisons {
                let with = self
                    .find(&TEXT, key)
                    .and_then(|operator| self.operand(&TEXT, operator, value))
                    .map_err(|e| e.at(key.as_str()).at(ty.as_str()))?;
                parts.push(BoolExp::Compare {
                    column,
                    cast: Some(Cow::Borrowed("text")),
                    with,
                });
            }
        }
        Ok(conjunction(parts))
    }

    /// Returns an operator of a type. Permissions may use all of them, commands those that the role may use.
    fn find(self, ty: &PgType, key: &str) -> Result<&'static ComparisonOperator> {
        let operator = find(ty, key)?;
        match self.origin {
            Origin::Command(schema, role)
                if operator.is_expensive() && !schema.allows_expensive_operators() =>
            {
                let message = format!(
                    "operator \"{key}\" is not enabled for role \"{role}\" (HASURA_GRAPHQL_EXPENSIVE_OPERATORS_ROLES)"
                );
                Err(Error::new(Code::PermissionDenied, message))
            }
            Origin::Command(..) | Origin::Permission(_) => Ok(operator),
        }
    }

    fn comparison(
        self,
        level: Level<'s>,
        column: &'s Column,
        key: &str,
        value: &Value,
    ) -> Result<Comparison<'s>> {
        let bare = key.strip_prefix(['$', '_']).unwrap_or_default();
        if let Some(operator) = between_columns(bare) {
            let operand = self.other_column(level, column, value)?;
            return Ok(Comparison::Op(Operator(operator), operand));
        }
        if is_geo_type(&column.ty.sql)
            && let Some((_, function)) = SPATIAL.iter().find(|(name, _)| *name == bare)
        {
            return self.spatial(column, function, value);
        }
        let operator = self.find(&column.ty, key)?;
        match operator.name {
            "_eq" => self.equality("=", column, value),
            "_neq" => self.equality("<>", column, value),
            _ => self.operand(&column.ty, operator, value),
        }
    }

    /// Binds an operator of `PostGIS`. Those with a distance take `{"distance": …, "from": …}`.
    fn spatial(self, column: &'s Column, function: &'static str, value: &Value) -> Result<Comparison<'s>> {
        if column.ty.base == "geography" && !["ST_Intersects", "ST_DWithin"].contains(&function) {
            // Hasura's wording
            let message = format!(
                " is of type \"{}\"; this operator works only on columns of type \"geometry\"",
                column.ty.sql
            );
            return Err(Error::new(Code::UnexpectedPayload, message));
        }
        if !function.ends_with("DWithin") {
            return Ok(Comparison::Spatial(function, self.scalar(column, value)?, None));
        }
        let part = |key: &str| {
            let missing = || Error::new(Code::ParseFailed, format!("key \"{key}\" not found"));
            value.get(key).ok_or_else(missing)
        };
        let from = self.scalar(column, part("from")?).map_err(|e| e.at("from"))?;
        let distance = part("distance")?;
        let distance = match self.variable(distance) {
            Some(name) => ScalarValue::Session(name),
            None => ScalarValue::text(text(&FLOAT, distance).map_err(|e| e.at("distance"))?),
        };
        let distance = Scalar::new(distance, "float8");
        Ok(Comparison::Spatial(function, from, Some(distance)))
    }

    /// Returns a value of a column's type, or a session variable.
    fn scalar(self, column: &'s Column, value: &Value) -> Result<Scalar<'s>> {
        match self.variable(value) {
            Some(name) => Ok(Scalar::of(column, ScalarValue::Session(name))),
            None => scalar(column, value),
        }
    }

    /// Returns the right operand of an operator that compares with another column.
    fn other_column(self, level: Level<'s>, column: &'s Column, value: &Value) -> Result<Operand<'s>> {
        // Hasura's wording
        let (of_root, name) = match value {
            Value::String(name) => (false, name.as_str()),
            Value::Array(path) => match path.as_slice() {
                [] => return Err(Error::new(Code::Unexpected, "path cannot be empty").with_status(400)),
                [Value::String(name)] => (false, name.as_str()),
                [Value::String(root), Value::String(name)] if root == "$" => (true, name.as_str()),
                _ => {
                    let message = "Relationship references are not supported in column comparison RHS";
                    return Err(Error::new(Code::NotSupported, message));
                }
            },
            _ => {
                let message = "a boolean expression JSON must be either a string or an array";
                return Err(Error::new(Code::Unexpected, message).with_status(400));
            }
        };
        let level = if of_root { self.root } else { level };
        if level.tracked().relationships.contains_key(name) {
            let message = format!(
                "expecting a postgres column; but, \"{name}\" is a relationship; column operators can only compare postgres columns"
            );
            return Err(Error::new(Code::UnexpectedPayload, message));
        }
        let other = self.column(level, name)?;
        if other.ty != column.ty {
            let message = format!(
                "incompatible column types: \"{}\" has type \"{}\", but \"{name}\" has type \"{}\"",
                column.name, column.ty.sql, other.ty.sql
            );
            return Err(Error::new(Code::UnexpectedPayload, message));
        }
        Ok(if of_root {
            Operand::RootColumn(other)
        } else {
            Operand::Column(other)
        })
    }

    /// Returns `=` or `<>`. In permissions they are null-safe; only a literal null is ever null there, because a missing
    /// session variable is an error.
    fn equality(self, op: &'static str, column: &'s Column, value: &Value) -> Result<Comparison<'s>> {
        if let (Origin::Permission(_), Value::Null) = (self.origin, value) {
            return Ok(Comparison::IsNull(op == "="));
        }
        let value = self.scalar(column, value)?;
        Ok(Comparison::Op(Operator(op), Operand::Value(value)))
    }

    /// Returns the session variable that a value refers to.
    fn variable(self, value: &Value) -> Option<String> {
        match (self.origin, value) {
            (Origin::Permission(_), Value::String(text)) => session_variable(text),
            _ => None,
        }
    }

    fn operand(
        self,
        ty: &'s PgType,
        operator: &'static ComparisonOperator,
        value: &Value,
    ) -> Result<Comparison<'s>> {
        let variable = self.variable(value).map(ScalarValue::Session);
        let one = |ty: &PgType| match &variable {
            Some(variable) => Ok(variable.clone()),
            None => text(ty, value).map(ScalarValue::text),
        };
        let many = || match &variable {
            Some(variable) => Ok(variable.clone()),
            None => texts(value).map(ScalarValue::text),
        };
        let operand = match operator.right {
            OperandKind::Null => {
                let flag = value
                    .as_bool()
                    .ok_or_else(|| Error::new(Code::ParseFailed, "expected a boolean"))?;
                return Ok(Comparison::IsNull(flag));
            }
            OperandKind::AnyOf | OperandKind::NoneOf => {
                let values = if let Some(variable) = variable {
                    list_variable(variable, cast_name(ty))?
                } else {
                    let texts = items(value)?.map(|(i, item)| text(ty, item).map_err(|e| e.at(i)));
                    ScalarList::of(texts.collect::<Result<_>>()?, cast_name(ty))
                };
                return Ok(if operator.right == OperandKind::AnyOf {
                    Comparison::In(values)
                } else {
                    Comparison::NotIn(values)
                });
            }
            OperandKind::Same => Scalar::new(one(ty)?, cast_name(ty)),
            OperandKind::Pattern if ty.name == "citext" => Scalar::new(one(ty)?, cast_name(ty)),
            OperandKind::Pattern | OperandKind::Text => Scalar::new(one(&TEXT)?, "text"),
            OperandKind::Other(other) => Scalar::new(one(&TEXT)?, type_beside(ty, other)),
            OperandKind::Texts => Scalar::new(many()?, "text[]"),
            OperandKind::Others(other) => Scalar::new(many()?, format!("{}[]", type_beside(ty, other))),
        };
        Ok(Comparison::Op(Operator(operator.sql), Operand::Value(operand)))
    }
}

/// Returns a session variable that is an array literal of the type.
fn list_variable<'s>(variable: ScalarValue, ty: &str) -> Result<ScalarList<'s>> {
    let Some(array_type) = ScalarList::array_type(ty) else {
        let message = format!("a session variable cannot be a list of values of type \"{ty}\"");
        return Err(Error::new(Code::NotSupported, message));
    };
    Ok(ScalarList::Array(Scalar::new(variable, array_type)))
}

fn conjunction(mut parts: Vec<BoolExp<'_>>) -> BoolExp<'_> {
    if parts.len() == 1 {
        parts.remove(0)
    } else {
        BoolExp::And(parts)
    }
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

/// Operators of a few types, with the types that a message names.
const OPERATORS_OF_TYPES: [(&[&str], &str); 3] = [
    (
        &[
            "like", "nlike", "ilike", "nilike", "similar", "nsimilar", "regex", "iregex", "nregex", "niregex",
        ],
        "\"text\"/\"varchar\"",
    ),
    (
        &[
            "contains",
            "contained_in",
            "has_key",
            "has_keys_any",
            "has_keys_all",
        ],
        "\"jsonb\"",
    ),
    (
        &[
            "ancestor",
            "ancestor_any",
            "descendant",
            "descendant_any",
            "matches",
            "matches_any",
            "matches_fulltext",
        ],
        "\"ltree\"",
    ),
];

/// Returns the operator of a type.
fn find(ty: &PgType, key: &str) -> Result<&'static ComparisonOperator> {
    // Hasura's wording
    let unknown = || Error::new(Code::UnexpectedPayload, format!("Unknown operator : {key}"));
    let bare = key.strip_prefix(['$', '_']).ok_or_else(unknown)?;
    let name = match bare {
        "ne" => "neq",
        other => other,
    };
    let operator = operators(ty).find(|operator| operator.name.strip_prefix('_') == Some(name));
    operator.ok_or_else(|| {
        let of_others = OPERATORS_OF_TYPES.iter().find(|(names, _)| names.contains(&name));
        match of_others {
            Some((_, types)) => {
                let message = format!(
                    " is of type \"{}\"; this operator works only on columns of type {types}",
                    ty.sql
                );
                Error::new(Code::UnexpectedPayload, message)
            }
            None => unknown(),
        }
    })
}

/// Operators of `PostGIS`, without their prefix, and its functions.
const SPATIAL: [(&str, &str); 10] = [
    ("st_contains", "ST_Contains"),
    ("st_crosses", "ST_Crosses"),
    ("st_equals", "ST_Equals"),
    ("st_overlaps", "ST_Overlaps"),
    ("st_touches", "ST_Touches"),
    ("st_within", "ST_Within"),
    ("st_intersects", "ST_Intersects"),
    ("st_3d_intersects", "ST_3DIntersects"),
    ("st_d_within", "ST_DWithin"),
    ("st_3d_d_within", "ST_3DDWithin"),
];

static FLOAT: std::sync::LazyLock<PgType> =
    std::sync::LazyLock::new(|| PgType::built_in("float8", "double precision"));
static TEXT: std::sync::LazyLock<PgType> = std::sync::LazyLock::new(|| PgType::built_in("text", "text"));

fn items(value: &Value) -> Result<impl Iterator<Item = (usize, &Value)>> {
    match value {
        Value::Array(items) => Ok(items.iter().enumerate()),
        _ => Err(Error::new(Code::ParseFailed, "expected a list")),
    }
}

fn texts(value: &Value) -> Result<String> {
    let texts: Vec<Option<String>> = items(value)?
        .map(|(i, item)| text(&TEXT, item).map(Some).map_err(|e| e.at(i)))
        .collect::<Result<_>>()?;
    Ok(array(texts))
}
