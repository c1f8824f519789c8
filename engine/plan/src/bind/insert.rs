//! `insert_orders`, `insert_orders_one`, and the rows inserted through relationships.

use super::expected_type::ExpectedType;
use super::input_value::{InputValue, mismatch};
use super::selection::CollectedField;
use super::{Binder, WithPath as _, invalid, no_field};
use crate::ir::{
    BoolExp, ChangedRows, ConflictTarget, Insert, InsertRow, OnConflict, RelatedInsert, Scalar,
    check_mixed_values,
};
use crate::schema::table::TableSchema;
use engine_error::{Error, Result};
use engine_model::catalog::Column;
use engine_model::metadata::tracked::{Relationship, RelationshipKind};

impl<'a> Binder<'a> {
    /// `insert_orders(objects, on_conflict)`.
    pub(super) fn insert(&self, field: &CollectedField<'a>, table: &'a TableSchema) -> Result<Insert<'a>> {
        let input = self.required_argument(field, "objects")?;
        let rows = self.insert_rows(input, table, &[]).at("objects").at("args")?;
        let on_conflict = self.on_conflict_argument(field, table)?;
        Ok(permitted(table, rows, on_conflict))
    }

    /// `insert_orders_one(object, on_conflict)`.
    pub(super) fn insert_one(
        &self,
        field: &CollectedField<'a>,
        table: &'a TableSchema,
    ) -> Result<Insert<'a>> {
        let input = self.required_argument(field, "object")?;
        let row = self
            .nested(|| self.insert_row(input, table, &[]))
            .at("object")
            .at("args")?;
        let on_conflict = self.on_conflict_argument(field, table)?;
        Ok(permitted(table, vec![row], on_conflict))
    }

    fn on_conflict_argument(
        &self,
        field: &CollectedField<'a>,
        table: &'a TableSchema,
    ) -> Result<Option<OnConflict<'a>>> {
        let name = self.schema.word("on_conflict");
        match self.argument(field, name)? {
            Some(input) if !input.is_null() => self.on_conflict(input, table).map(Some).at(name).at("args"),
            _ => Ok(None),
        }
    }

    /// Binds rows; `taken` are the columns whose values come from the parent row.
    fn insert_rows(
        &self,
        input: InputValue<'a>,
        table: &'a TableSchema,
        taken: &[&'a str],
    ) -> Result<Vec<InsertRow<'a>>> {
        let rows: Vec<InsertRow<'a>> = self
            .list(input, &table.names.insert_input)?
            .into_iter()
            .enumerate()
            .map(|(i, item)| self.nested(|| self.insert_row(item, table, taken)).at(i))
            .collect::<Result<_>>()?;
        check_mixed_values(&rows)?;
        Ok(rows)
    }

    fn insert_row(
        &self,
        input: InputValue<'a>,
        table: &'a TableSchema,
        taken: &[&'a str],
    ) -> Result<InsertRow<'a>> {
        let ty = &table.names.insert_input;
        let mut row = InsertRow::default();
        for (key, value) in self.object(input, ty)? {
            if let Some(column) = table.insert_column(key) {
                let leaf = self.column_leaf(value, &column.ty).at(key)?;
                row.values
                    .push((column, self.assigned_leaf(leaf, column).at(key)?));
            } else if let Some(relationship) = table.relationship(key)
                && let Some(target) = self.insert_target(relationship)
            {
                row.related
                    .extend(self.related_insert(value, relationship, target).at(key)?);
            } else {
                return Err(no_field(key, ty)).at(key);
            }
        }
        check_determined(&row, taken)?;
        add_presets(&mut row, table, taken);
        Ok(row)
    }

    /// Binds `{data: …, on_conflict: …}` of a relationship.
    fn related_insert(
        &self,
        input: InputValue<'a>,
        relationship: &'a Relationship,
        target: &'a TableSchema,
    ) -> Result<Option<RelatedInsert<'a>>> {
        let is_array = relationship.kind == RelationshipKind::Array;
        let names = &target.names;
        let ty = if is_array {
            &names.arr_rel_insert_input
        } else {
            &names.obj_rel_insert_input
        };
        let input = self.resolve(input, ExpectedType::one(ty))?;
        if input.is_null() {
            return Ok(None);
        }
        // Columns of the target whose values come from this row.
        let taken: Vec<&'a str> = if relationship.insert_before_parent {
            Vec::new()
        } else {
            relationship
                .mapping
                .iter()
                .map(|(_, there)| there.as_str())
                .collect()
        };
        let mut rows = None;
        let mut on_conflict = None;
        for (key, value) in self.object(input, ty)? {
            match self.schema.snake(key) {
                "data" if is_array => {
                    let value = self
                        .resolve(value, ExpectedType::list(&names.insert_input).required())
                        .at(key)?;
                    rows = Some(self.insert_rows(value, target, &taken).at(key)?);
                }
                "data" => {
                    rows = Some(vec![
                        self.nested(|| self.insert_row(value, target, &taken)).at(key)?,
                    ]);
                }
                "on_conflict" => {
                    let value = self
                        .resolve(value, ExpectedType::one(&names.on_conflict))
                        .at(key)?;
                    if !value.is_null() {
                        on_conflict = Some(self.on_conflict(value, target).at(key)?);
                    }
                }
                _ => return Err(no_field(key, ty)).at(key),
            }
        }
        let Some(rows) = rows else {
            return Err(invalid("missing required field \"data\"")).at("data");
        };
        let insert = permitted(target, rows, on_conflict);
        Ok((!insert.rows.is_empty()).then_some(RelatedInsert { relationship, insert }))
    }

    fn on_conflict(&self, input: InputValue<'a>, table: &'a TableSchema) -> Result<OnConflict<'a>> {
        let names = &table.names;
        let mut target = None;
        let mut update: Vec<&'a Column> = Vec::new();
        let mut predicate = BoolExp::ALL;
        for (key, value) in self.object(input, &names.on_conflict)? {
            match self.schema.snake(key) {
                "constraint" => target = Some(self.constraint(value, table).at(key)?),
                "update_columns" => {
                    let ty = &names.update_column;
                    for (i, item) in self.list(value, ty).at(key)?.into_iter().enumerate() {
                        update.push(
                            self.column_enum(item, ty, |name| table.update_column(name))
                                .at(i)
                                .at(key)?,
                        );
                    }
                }
                "where" => {
                    let condition = self.nested_bool_exp(value, table).at(key)?;
                    predicate = condition.unwrap_or(BoolExp::ALL);
                }
                _ => return Err(no_field(key, &names.on_conflict)).at(key),
            }
        }
        let Some(constraint) = target else {
            return Err(invalid("missing required field \"constraint\"")).at("constraint");
        };
        let target = Some(ConflictTarget::Constraint(constraint));
        Ok(upsert(table, target, update, predicate))
    }

    fn constraint(&self, input: InputValue<'a>, table: &'a TableSchema) -> Result<String> {
        let ty = &table.names.constraint;
        let input = self.resolve(input, ExpectedType::one(ty).required())?;
        let name = input
            .as_enum()
            .ok_or_else(|| mismatch("an enum value", ty, input))?;
        if table.constraints().any(|constraint| constraint == name) {
            return Ok(name.to_owned());
        }
        let names: Vec<_> = table.constraints().map(|name| format!("\"{name}\"")).collect();
        Err(invalid(format!(
            "expected one of the values [{}] for type \"{ty}\", but found \"{name}\"",
            names.join(", ")
        )))
    }
}

/// Adds the check of the role's permission to an insert.
fn permitted<'a>(
    table: &'a TableSchema,
    rows: Vec<InsertRow<'a>>,
    on_conflict: Option<OnConflict<'a>>,
) -> Insert<'a> {
    Insert {
        table: table.tracked(),
        rows,
        on_conflict,
        check: table.insert_check(),
    }
}

/// Returns `on_conflict` with the filter, the presets and the check of the role's update permission.
fn upsert<'a>(
    table: &'a TableSchema,
    target: Option<ConflictTarget>,
    update: Vec<&'a Column>,
    condition: BoolExp<'a>,
) -> OnConflict<'a> {
    // Without columns to update, the existing row is unchanged.
    let presets = if update.is_empty() {
        Vec::new()
    } else {
        table.update_presets()
    };
    let presets = presets.into_iter();
    OnConflict {
        target,
        update,
        set: presets
            .map(|(column, value)| (column, Scalar::of(column, value)))
            .collect(),
        rows: ChangedRows::updated(table, condition),
        check: table.update_check(),
    }
}

/// Adds the presets of the role's permission, except to columns that related rows determine.
fn add_presets<'a>(row: &mut InsertRow<'a>, table: &'a TableSchema, taken: &[&str]) {
    for (column, value) in table.insert_presets() {
        let by_related = row.related.iter().any(|related| {
            let mut mapping = related.relationship.mapping.iter();
            related.relationship.insert_before_parent && mapping.any(|(here, _)| *here == column.name)
        });
        if !by_related && !taken.contains(&column.name.as_str()) {
            row.values.push((column, value));
        }
    }
}

/// Rejects values that are given twice: as a column and through a relationship.
fn check_determined(row: &InsertRow<'_>, taken: &[&str]) -> Result<()> {
    let given = |name: &str| row.values.iter().any(|(column, _)| column.name == name);
    let twice: Vec<&str> = taken.iter().copied().filter(|name| given(name)).collect();
    if !twice.is_empty() {
        return Err(invalid(format!(
            "cannot insert {} columns as their values are already being determined by parent insert",
            quoted(&twice)
        )));
    }
    for related in &row.related {
        let relationship = related.relationship;
        if !relationship.insert_before_parent {
            continue;
        }
        let twice: Vec<&str> = relationship
            .mapping
            .iter()
            .map(|(here, _)| here.as_str())
            .filter(|name| given(name) || taken.contains(name))
            .collect();
        if !twice.is_empty() {
            let message = format!(
                "cannot insert object relationship \"{}\" as {} column values are already determined",
                relationship.name,
                quoted(&twice)
            );
            return Err(Error::at(invalid(message), relationship.name.as_str()));
        }
    }
    Ok(())
}

fn quoted(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ")
}
