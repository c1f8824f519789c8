//! `orders_stream`, a field of `subscription_root`. Its arguments are those of Hasura v2.10: a cursor over one column.

use super::expected_type::ExpectedType;
use super::input_value::{InputValue, mismatch};
use super::selection::CollectedField;
use super::{Binder, WithPath as _, invalid, no_field};
use crate::ir::{Encoding, ScalarValue, Select, Stream};
use crate::schema::operators::CURSOR_ORDERING_VALUES;
use crate::schema::table::TableSchema;
use engine_error::Result;
use engine_model::catalog::Column;

/// Value of the argument `cursor`.
struct Cursor<'a> {
    column: &'a Column,
    from: ScalarValue,
    descending: bool,
}

impl<'a> Binder<'a> {
    /// Binds a stream.
    pub(super) fn stream(&self, field: &CollectedField<'a>, table: &'a TableSchema) -> Result<Stream<'a>> {
        let name = self.schema.word("batch_size");
        let size = self.required_leaf(field, name)?;
        let batch_size = self.number_leaf(size, Encoding::BatchSize);
        let batch_size = batch_size.at(name).at("args")?;
        let input = self.required_argument(field, "cursor")?;
        let cursor = self.cursor(input, table).at("cursor").at("args")?;
        let mut rows = Select::visible(table);
        if let Some(input) = self.argument(field, "where")?
            && !input.is_null()
        {
            rows = rows.filter(self.bool_exp(input, table).at("where").at("args")?);
        }
        rows.fields = self.row_fields(field, table)?;
        Ok(Stream {
            rows,
            cursor: cursor.column,
            descending: cursor.descending,
            from: cursor.from,
            batch_size,
        })
    }

    fn cursor(&self, input: InputValue<'a>, table: &'a TableSchema) -> Result<Cursor<'a>> {
        let ty = &table.names.stream_cursor_input;
        let mut cursors = Vec::new();
        for item in self.list(input, ty)? {
            let item = self.resolve(item, ExpectedType::one(ty))?;
            cursors.extend((!item.is_null()).then_some(item));
        }
        let &[cursor] = cursors.as_slice() else {
            return Err(invalid(if cursors.is_empty() {
                "one streaming column field is expected"
            } else {
                "multiple column cursors are not supported yet"
            }));
        };
        let (mut initial, mut descending) = (None, false);
        for (key, value) in self.object(cursor, ty)? {
            match self.schema.snake(key) {
                "initial_value" => initial = Some(self.initial_value(value, table).at(key)?),
                "ordering" => descending = self.ordering(value).at(key)?,
                _ => return Err(no_field(key, ty)).at(key),
            }
        }
        let Some((column, from)) = initial else {
            let name = self.schema.word("initial_value");
            return Err(invalid(format!("missing required field \"{name}\""))).at(name);
        };
        Ok(Cursor {
            column,
            from,
            descending,
        })
    }

    /// Returns the single column and its value.
    fn initial_value(
        &self,
        input: InputValue<'a>,
        table: &'a TableSchema,
    ) -> Result<(&'a Column, ScalarValue)> {
        let ty = &table.names.stream_cursor_value_input;
        let mut values = self.object(input, ty)?;
        let (Some((key, value)), None) = (values.next(), values.next()) else {
            return Err(invalid(format!(
                "expected an object with one column for type \"{ty}\": the one that the stream is ordered by"
            )));
        };
        let column = table.column(key).ok_or_else(|| no_field(key, ty)).at(key)?;
        let leaf = self.column_leaf(value, &column.ty).at(key)?;
        Ok((column, self.scalar_leaf(leaf, &column.ty).at(key)?))
    }

    fn ordering(&self, input: InputValue<'a>) -> Result<bool> {
        let ty = self.schema.cursor_ordering_type();
        let input = self.resolve(input, ExpectedType::one(ty))?;
        if input.is_null() {
            return Ok(false);
        }
        let name = input
            .as_enum()
            .ok_or_else(|| mismatch("an enum value", ty, input))?;
        match CURSOR_ORDERING_VALUES
            .iter()
            .find(|(ordering, ..)| *ordering == name)
        {
            Some((_, descending, _)) => Ok(*descending),
            None => Err(invalid(format!(
                "expected one of the values [\"ASC\", \"DESC\"] for type \"{ty}\", but found \"{name}\""
            ))),
        }
    }
}
