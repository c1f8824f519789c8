//! Rows: arguments and fields.

use super::expected_type::ExpectedType;
use super::input_value::{InputValue, mismatch};
use super::selection::CollectedField;
use super::variables::Leaf;
use super::{Binder, WithPath as _, invalid, no_field};
use crate::ir::{
    BoolExp, Comparison, Encoding, Field, FieldValue, Operand, Operator, OrderTarget, Select, cast_name,
};
use crate::schema::operators::PLACEHOLDER;
use crate::schema::scalar::is_json;
use crate::schema::table::TableSchema;
use engine_error::{Code, Error, Result};
use engine_model::catalog::{Column, PgType};
use engine_model::metadata::tracked::RelationshipKind;
use std::borrow::Cow;

impl<'a> Binder<'a> {
    /// Binds a list of rows.
    pub(super) fn rows(&self, field: &CollectedField<'a>, table: &'a TableSchema) -> Result<Select<'a>> {
        let mut select = self.rows_arguments(field, table)?;
        select.fields = self.row_fields(field, table)?;
        Ok(select)
    }

    /// Binds the arguments of a list; the query selects no fields yet.
    pub(super) fn rows_arguments(
        &self,
        field: &CollectedField<'a>,
        table: &'a TableSchema,
    ) -> Result<Select<'a>> {
        let mut select = Select::visible(table);
        if let Some(input) = self.argument(field, "where")?
            && !input.is_null()
        {
            select = select.filter(self.bool_exp(input, table).at("where").at("args")?);
        }
        let order_by = self.schema.word("order_by");
        if let Some(input) = self.argument(field, order_by)?
            && !input.is_null()
        {
            select.order_by = self.order_by(input, table).at(order_by).at("args")?;
        }
        let distinct_on = self.schema.word("distinct_on");
        if let Some(input) = self.argument(field, distinct_on)?
            && !input.is_null()
        {
            select.distinct_on = self.select_columns(input, table).at(distinct_on).at("args")?;
            check_distinct_on(&select).at("args")?;
        }
        select.limit = self.number_argument(field, "limit", Encoding::Limit)?;
        select.offset = self.number_argument(field, "offset", Encoding::Offset)?;
        Ok(select)
    }

    /// Returns the condition that the primary key is the one of the arguments.
    pub(super) fn by_pk(&self, field: &CollectedField<'a>, table: &'a TableSchema) -> Result<BoolExp<'a>> {
        let key = table.primary_key().unwrap_or_default();
        let mut parts = Vec::with_capacity(key.len());
        for (name, column) in key {
            let leaf = self.required_leaf(field, name)?;
            parts.push(self.equals(leaf, column).at(name).at("args")?);
        }
        Ok(BoolExp::And(parts))
    }

    /// Returns `column = value`.
    pub(super) fn equals(&self, leaf: Leaf<'a>, column: &'a Column) -> Result<BoolExp<'a>> {
        let value = self.typed_leaf(leaf, &column.ty, cast_name(&column.ty))?;
        Ok(BoolExp::Compare {
            column,
            cast: None,
            with: Comparison::Op(Operator("="), Operand::Value(value)),
        })
    }

    /// Binds the selected fields of each row.
    pub(super) fn row_fields(
        &self,
        field: &CollectedField<'a>,
        table: &'a TableSchema,
    ) -> Result<Vec<Field<'a>>> {
        let selected = self.subfields(field, &table.names.object)?;
        let mut fields = Vec::with_capacity(selected.len());
        for field in selected {
            let value = self.row_field(&field, table).at(field.name).at("selectionSet")?;
            fields.push(Field {
                key: field.key.to_owned(),
                value,
            });
        }
        Ok(fields)
    }

    fn row_field(&self, field: &CollectedField<'a>, table: &'a TableSchema) -> Result<FieldValue<'a>> {
        if let Some(column) = table.column(field.name) {
            return self.column_field(field, column);
        }
        if field.name == "__typename" {
            field.leaf()?;
            return Ok(FieldValue::Constant(Cow::Borrowed(&table.names.object)));
        }
        if let Some(relationship) = table.relationship(field.name)
            && let Some(target) = self.target(relationship)
        {
            return Ok(match relationship.kind {
                RelationshipKind::Object => {
                    let fields = self.row_fields(field, target)?;
                    let select = Select::visible(target).single().with_fields(fields);
                    FieldValue::Object(relationship, Box::new(select))
                }
                RelationshipKind::Array => {
                    FieldValue::Array(relationship, Box::new(self.rows(field, target)?))
                }
            });
        }
        if let Some(relationship) = table.aggregated(field.name)
            && let Some(target) = self.aggregate_target(relationship)
        {
            return Ok(FieldValue::Aggregate(
                relationship,
                Box::new(self.aggregate(field, target)?),
            ));
        }
        if let Some(computed) = table.computed_field(field.name)
            && let Some(value) = self.computed_field(field, table, computed)?
        {
            return Ok(value);
        }
        Err(no_field(field.name, &table.names.object))
    }

    fn column_field(&self, field: &CollectedField<'a>, column: &'a Column) -> Result<FieldValue<'a>> {
        field.leaf()?;
        let path = self.json_path(field, &column.ty)?;
        Ok(FieldValue::Column(column, path))
    }

    /// Binds the argument `path` of a field of type json or jsonb.
    pub(super) fn json_path(&self, field: &CollectedField<'a>, ty: &PgType) -> Result<Option<Vec<String>>> {
        if !is_json(ty) {
            return Ok(None);
        }
        let Some(path) = self.argument(field, "path")?.filter(|path| !path.is_null()) else {
            return Ok(None);
        };
        let text = path
            .as_str()
            .ok_or_else(|| mismatch("a string", "String", path))
            .at("path")
            .at("args")?;
        let path = json_path(text).ok_or_else(|| {
            let message = format!(
                "parse json path error: '{text}'. Accept letters, digits, underscore (_) or hyphen (-) only"
            );
            Error::new(Code::ParseFailed, message).at("path").at("args")
        })?;
        Ok(Some(path))
    }

    /// Binds a list of column names (`distinct_on`, `count(columns)`).
    pub(super) fn select_columns(
        &self,
        input: InputValue<'a>,
        table: &'a TableSchema,
    ) -> Result<Vec<&'a Column>> {
        let ty = &table.names.select_column;
        let list = self.list(input, ty)?;
        let one = list.len() == 1;
        list.into_iter()
            .enumerate()
            .map(|(i, item)| {
                let column = self.column_enum(item, ty, |name| table.column(name));
                if one { column } else { column.at(i) }
            })
            .collect()
    }

    /// Returns the column named by an enum value.
    pub(super) fn column_enum(
        &self,
        input: InputValue<'a>,
        ty: &str,
        column: impl Fn(&str) -> Option<&'a Column>,
    ) -> Result<&'a Column> {
        let input = self.resolve(input, ExpectedType::one(ty).required())?;
        let name = input
            .as_enum()
            .ok_or_else(|| mismatch("an enum value", ty, input))?;
        if name == PLACEHOLDER {
            // Hasura's wording
            return Err(invalid("erroneous column name"));
        }
        let described = self.schema.description().ty(ty).and_then(|ty| ty.member(name));
        let column = described.and_then(|_| column(name));
        column.ok_or_else(|| invalid(format!("unexpected value \"{name}\" for enum: '{ty}'")))
    }
}

/// Requires the groups of DISTINCT ON to be sorted: otherwise the row that it keeps of each group is arbitrary.
fn check_distinct_on(select: &Select<'_>) -> Result<()> {
    let matches = select
        .order_by
        .iter()
        .take(select.distinct_on.len())
        .all(|order| match &order.target {
            OrderTarget::Column(column) => select.distinct_on.iter().any(|c| c.number == column.number),
            _ => false,
        });
    if matches {
        return Ok(());
    }
    Err(invalid(
        "\"distinct_on\" columns must match initial \"order_by\" columns",
    ))
}

/// Parses `$.a.b[0]['key with spaces']`; the `$` and the first dot are optional.
fn json_path(text: &str) -> Option<Vec<String>> {
    let mut rest = text.strip_prefix('$').unwrap_or(text);
    let mut path = Vec::new();
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        if let Some(bracket) = rest.strip_prefix('[') {
            let quote = bracket.chars().next().filter(|c| matches!(c, '\'' | '"'));
            let (inner, after) = if let Some(quote) = quote {
                let inner = &bracket[1..];
                let end = inner.find(quote)?;
                (&inner[..end], inner[end + 1..].strip_prefix(']')?)
            } else {
                let end = bracket.find(']')?;
                let digits = &bracket[..end];
                if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                    return None;
                }
                (digits, &bracket[end + 1..])
            };
            path.push(inner.to_owned());
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let key = &rest[..end];
            if key.is_empty() || !key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) {
                return None;
            }
            path.push(key.to_owned());
            rest = &rest[end..];
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::json_path;

    #[test]
    fn json_paths_as_clients_write_them() {
        let path = |text| json_path(text).map(|path| path.join("/"));
        assert_eq!(path("$"), Some(String::new()));
        assert_eq!(path(".obj.c1"), Some("obj/c1".to_owned()));
        assert_eq!(path("arr[0]"), Some("arr/0".to_owned()));
        assert_eq!(path("objs[0].[\"你好\"]"), Some("objs/0/你好".to_owned()));
        assert_eq!(
            path("translations['hello world!']"),
            Some("translations/hello world!".to_owned())
        );
        assert_eq!(path("a..b"), None);
        assert_eq!(path("arr[x]"), None);
        assert_eq!(path("arr[0"), None);
    }
}
