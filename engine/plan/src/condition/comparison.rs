//! Comparisons of a column: with values, session variables, and other columns.

use super::operators::find;
use super::{Compared, Level, Origin, Scope, conjunction};
use crate::ir::{
    BoolExp, Comparison, Operand, Operator, Scalar, ScalarList, ScalarValue, cast_name, is_geo_type,
    type_beside,
};
use crate::json_value::text;
use crate::schema::scalar::{ComparisonOperator, OperandKind};
use engine_error::{Code, Error, Result};
use engine_model::catalog::PgType;
use engine_model::permission::session_variable;
use engine_sql::literal::array;
use serde_json::Value;
use std::borrow::Cow;

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

impl<'s> Scope<'s, '_> {
    /// Binds the comparisons of a value. A bare value is compared for equality.
    pub(super) fn comparisons(
        self,
        level: Level<'s>,
        compared: &Compared<'s>,
        value: &Value,
    ) -> Result<BoolExp<'s>> {
        if compared.ty().name == "json" {
            // Hasura's wording
            let message = "JSON column can not be part of boolean expression";
            return Err(Error::new(Code::UnexpectedPayload, message));
        }
        let compare = |with| compared.with(None, with);
        let Value::Object(object) = value else {
            return Ok(compare(self.equality("=", compared, value)?));
        };
        self.conditions.add(object.len())?;
        let parts = object.iter().map(|(key, value)| {
            let part = if matches!(key.as_str(), "_cast" | "$cast") {
                self.casts(compared, value)
            } else {
                self.comparison(level, compared, key, value).map(compare)
            };
            part.map_err(|e| e.at(key.as_str()))
        });
        Ok(conjunction(parts.collect::<Result<_>>()?))
    }

    /// Binds `_cast: {"String": {…}}` of jsonb.
    fn casts(self, compared: &Compared<'s>, value: &Value) -> Result<BoolExp<'s>> {
        let own = compared.ty();
        let Value::Object(types) = value else {
            return Err(Error::new(Code::ParseFailed, "expected an object of types"));
        };
        let mut parts = Vec::new();
        for (ty, comparisons) in types {
            if own.name != "jsonb" || !matches!(ty.as_str(), "String" | "text") {
                // Hasura's wording
                let message = format!("cannot cast column of type \"{}\" to type \"{ty}\"", own.sql);
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
                parts.push(compared.with(Some(Cow::Borrowed("text")), with));
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
        compared: &Compared<'s>,
        key: &str,
        value: &Value,
    ) -> Result<Comparison<'s>> {
        let ty = compared.ty();
        let bare = key.strip_prefix(['$', '_']).unwrap_or_default();
        if let Some(operator) = between_columns(bare) {
            let operand = self.other_column(level, compared, value)?;
            return Ok(Comparison::Op(Operator(operator), operand));
        }
        if is_geo_type(&ty.sql)
            && let Some((_, function)) = SPATIAL.iter().find(|(name, _)| *name == bare)
        {
            return self.spatial(ty, function, value);
        }
        let operator = self.find(ty, key)?;
        match operator.name {
            "_eq" => self.equality("=", compared, value),
            "_neq" => self.equality("<>", compared, value),
            _ => self.operand(ty, operator, value),
        }
    }

    /// Binds an operator of `PostGIS`. Those with a distance take `{"distance": …, "from": …}`.
    fn spatial(self, ty: &'s PgType, function: &'static str, value: &Value) -> Result<Comparison<'s>> {
        if ty.base == "geography" && !["ST_Intersects", "ST_DWithin"].contains(&function) {
            // Hasura's wording
            let message = format!(
                " is of type \"{}\"; this operator works only on columns of type \"geometry\"",
                ty.sql
            );
            return Err(Error::new(Code::UnexpectedPayload, message));
        }
        if !function.ends_with("DWithin") {
            return Ok(Comparison::Spatial(function, self.scalar(ty, value)?, None));
        }
        let part = |key: &str| {
            let missing = || Error::new(Code::ParseFailed, format!("key \"{key}\" not found"));
            value.get(key).ok_or_else(missing)
        };
        let from = self.scalar(ty, part("from")?).map_err(|e| e.at("from"))?;
        let distance = part("distance")?;
        let distance = match self.variable(distance) {
            Some(name) => ScalarValue::Session(name),
            None => ScalarValue::text(text(&FLOAT, distance).map_err(|e| e.at("distance"))?),
        };
        let distance = Scalar::new(distance, "float8");
        Ok(Comparison::Spatial(function, from, Some(distance)))
    }

    /// Returns a value of the type, or a session variable.
    fn scalar(self, ty: &'s PgType, value: &Value) -> Result<Scalar<'s>> {
        let value = match self.variable(value) {
            Some(name) => ScalarValue::Session(name),
            None => ScalarValue::text(text(ty, value)?),
        };
        Ok(Scalar::new(value, cast_name(ty)))
    }

    /// Returns the right operand of an operator that compares with another column.
    fn other_column(self, level: Level<'s>, compared: &Compared<'s>, value: &Value) -> Result<Operand<'s>> {
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
        // Also a column of an enum table's values with one of text.
        if other.ty.sql != compared.ty().sql {
            let message = format!(
                "incompatible column types: \"{}\" has type \"{}\", but \"{name}\" has type \"{}\"",
                compared.name(),
                compared.ty().sql,
                other.ty.sql
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
    fn equality(self, op: &'static str, compared: &Compared<'s>, value: &Value) -> Result<Comparison<'s>> {
        if let (Origin::Permission(_), Value::Null) = (self.origin, value) {
            return Ok(Comparison::IsNull(op == "="));
        }
        let value = self.scalar(compared.ty(), value)?;
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
