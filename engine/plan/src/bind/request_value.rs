//! Values of the request that parameters refer to.

use super::expected_type::ExpectedType;
use super::input_value::InputValue;
use super::scalars::{batch_size, limit, offset};
use super::selection::CollectedField;
use super::variables::{Leaf, Variables};
use super::{Binder, WithPath as _};
use crate::ir::{Encoding, RequestValue, Scalar, ScalarValue, is_geo_type};
use crate::schema::scalar::{ScalarKind, scalar_kind, scalar_name};
use engine_error::Result;
use engine_model::catalog::{Column, PgType};
use engine_sql::literal::array;
use serde_json::Value;
use std::borrow::Cow;

impl Encoding {
    /// Converts a variable's value, which must not be null.
    pub fn encode(&self, value: &Value) -> Result<String> {
        let input = InputValue::Json(value);
        // JSON contains no references to variables.
        let variables = Variables::default();
        match self {
            Self::Scalar(ty) => variables.scalar(input, ty),
            Self::Array(ty) => variables.scalars(input, ty).map(array_of),
            Self::Limit => limit(input),
            Self::BatchSize => batch_size(input),
            Self::Offset => offset(input),
        }
    }
}

fn array_of(texts: Vec<String>) -> String {
    array(texts.into_iter().map(Some))
}

impl<'a> Binder<'a> {
    /// Returns a reference to a variable's value, or the value itself if it is written in the document or part of a
    /// larger value. `convert` checks the value, with the errors of this position.
    fn leaf(
        &self,
        leaf: Leaf<'a>,
        encoding: impl FnOnce() -> Encoding,
        convert: impl FnOnce(InputValue<'a>) -> Result<String>,
    ) -> Result<ScalarValue> {
        let (value, variable) = leaf.into_parts();
        let Some(name) = variable else {
            let text = convert(value)?;
            self.variables.spend(text.len())?;
            return Ok(ScalarValue::text(text));
        };
        let request = RequestValue::Variable {
            name: name.to_owned(),
            encoding: encoding(),
        };
        let known = self.values.borrow().get_index_of(&request);
        // A known value was checked where the variable was used first.
        let index = if let Some(index) = known {
            index
        } else {
            convert(value)?;
            self.values.borrow_mut().insert_full(request).0
        };
        Ok(ScalarValue::Request(index))
    }

    /// Returns a value of a column's type.
    pub(super) fn column_leaf(&self, input: InputValue<'a>, ty: &PgType) -> Result<Leaf<'a>> {
        self.variables.resolve_leaf(input, ExpectedType::of_column(ty))
    }

    /// Returns a value of type `ty`.
    pub(super) fn scalar_leaf(&self, leaf: Leaf<'a>, ty: &PgType) -> Result<ScalarValue> {
        self.leaf(
            leaf,
            || Encoding::Scalar(ty.clone()),
            |value| self.variables.scalar(value, ty),
        )
    }

    /// Returns a value of type `ty`, read by Postgres as `sql_type`.
    pub(super) fn typed_leaf(
        &self,
        leaf: Leaf<'a>,
        ty: &PgType,
        sql_type: impl Into<Cow<'a, str>>,
    ) -> Result<Scalar<'a>> {
        Ok(Scalar::new(self.column_value(leaf, ty)?, sql_type))
    }

    /// Returns a list of values of type `ty` as an array literal.
    pub(super) fn array_leaf(&self, leaf: Leaf<'a>, ty: &PgType) -> Result<ScalarValue> {
        self.leaf(
            leaf,
            || Encoding::Array(ty.clone()),
            |value| self.variables.scalars(value, ty).map(array_of),
        )
    }

    /// Returns a list of texts as an array literal; errors do not name the element.
    pub(super) fn path_leaf(&self, leaf: Leaf<'a>, text: &PgType) -> Result<ScalarValue> {
        self.leaf(
            leaf,
            || Encoding::Array(text.clone()),
            |value| {
                let items = self.variables.list(value, scalar_name(text))?.into_iter();
                let texts: Result<Vec<String>> =
                    items.map(|item| self.variables.scalar(item, text)).collect();
                texts.map(array_of)
            },
        )
    }

    /// Returns the value that an insert or `_set` gives to a column.
    pub(super) fn assigned_leaf(&self, leaf: Leaf<'a>, column: &Column) -> Result<ScalarValue> {
        if leaf.is_null() {
            // A null sent as a variable is JSON's own null for JSON columns that must not be NULL.
            let json_null = scalar_kind(&column.ty) == ScalarKind::Json
                && !column.nullable
                && matches!(self.variables.inspect(&leaf)?, InputValue::Json(Value::Null));
            return Ok(ScalarValue::Literal(json_null.then(|| "null".to_owned())));
        }
        self.column_value(leaf, &column.ty)
    }

    /// Returns a value of type `ty` for a position where Postgres reads it as that type.
    fn column_value(&self, leaf: Leaf<'a>, ty: &PgType) -> Result<ScalarValue> {
        if is_geo_type(&ty.sql) {
            // GeoJSON and PostGIS' other text forms are read by different functions.
            let text = self.variables.scalar(self.variables.inspect(&leaf)?, ty)?;
            self.variables.spend(text.len())?;
            return Ok(ScalarValue::text(text));
        }
        self.scalar_leaf(leaf, ty)
    }

    /// Returns an argument that is a number; `None` if it is null or not given.
    pub(super) fn number_argument(
        &self,
        field: &CollectedField<'a>,
        name: &str,
        encoding: Encoding,
    ) -> Result<Option<ScalarValue>> {
        match self.argument_leaf(field, name)? {
            Some(leaf) if !leaf.is_null() => self.number_leaf(leaf, encoding).map(Some).at(name).at("args"),
            _ => Ok(None),
        }
    }

    /// Returns a number as `encoding` converts it.
    pub(super) fn number_leaf(&self, leaf: Leaf<'a>, encoding: Encoding) -> Result<ScalarValue> {
        let convert = match encoding {
            Encoding::BatchSize => batch_size,
            Encoding::Offset => offset,
            _ => limit,
        };
        self.leaf(leaf, || encoding, convert)
    }
}
