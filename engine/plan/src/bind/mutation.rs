//! `mutation_root`.

use super::selection::{CollectedField, operation_directives};
use super::{Binder, WithPath as _, invalid, no_field};
use crate::ir::{
    ChangedRows, Delete, Mutation, MutationField, MutationOutput, ResponseField, ResponseValue, Returned,
    RootField,
};
use crate::schema::roots::MutationRoot;
use crate::schema::table::TableSchema;
use apollo_compiler::ast::OperationDefinition;
use engine_error::{Result, Segment};
use std::borrow::Cow;

impl<'a> Binder<'a> {
    /// Binds the root fields of a mutation, in their order.
    pub(super) fn mutation(
        &self,
        operation: &'a OperationDefinition,
    ) -> Result<Vec<RootField<MutationField<'a>>>> {
        if !self.schema.has_mutations() {
            return Err(invalid("no mutations exist"));
        }
        operation_directives(&operation.directives, "mutation")?;
        let selected = self
            .fields(&[&operation.selection_set], "mutation_root", 1)
            .at("selectionSet")?;
        let namespace = self.schema.namespace();
        let mut out = Vec::with_capacity(selected.len());
        for field in selected {
            match namespace.filter(|namespace| namespace.field == field.name) {
                None => {
                    let value = self.mutation_field(&field, "mutation_root");
                    let root =
                        RootField::new(field.key, field.name, value.at(field.name).at("selectionSet")?);
                    out.push(root.with_path(self.error_path(&field, None)));
                }
                Some(namespace) => {
                    let ty = &namespace.mutation;
                    let bind = |inner: &CollectedField<'a>| {
                        let value = self.mutation_field(inner, ty)?;
                        Ok((value, self.error_path(inner, Some(field.name))))
                    };
                    let empty = |json| (MutationField::Constant(json), Vec::new());
                    let bound = self.namespaced(&field, ty, empty, bind);
                    let bound = bound.at(field.name).at("selectionSet")?.into_iter();
                    out.extend(bound.map(RootField::with_own_path));
                }
            }
        }
        Ok(out)
    }

    /// Returns the path of Postgres' errors: Hasura names the argument of an insert, and none of other mutations.
    fn error_path(&self, field: &CollectedField<'a>, namespace: Option<&str>) -> Vec<Segment> {
        let argument = match self.schema.mutation(field.name) {
            Some((MutationRoot::Insert, _)) => "objects",
            Some((MutationRoot::InsertOne, _)) => "object",
            _ => return Vec::new(),
        };
        let around = namespace.map(|namespace| ["selectionSet", namespace]);
        let path = around.into_iter().flatten();
        path.chain(["selectionSet", field.name, "args", argument])
            .map(Segment::from)
            .collect()
    }

    fn mutation_field(&self, field: &CollectedField<'a>, root: &str) -> Result<MutationField<'a>> {
        self.conditions.reset();
        if field.name == "__typename" {
            return Ok(MutationField::Constant(format!("\"{root}\"")));
        }
        let Some((kind, table)) = self.schema.mutation(field.name) else {
            if let Some(function) = self.schema.function_mutation(field.name) {
                let value = self.function_root(field, function)?;
                return Ok(MutationField::Function(Box::new(value)));
            }
            return Err(no_field(field.name, root));
        };
        let (change, output) = match kind {
            MutationRoot::Insert => (
                Mutation::Insert(Box::new(self.insert(field, table)?)),
                self.response(field, table)?,
            ),
            MutationRoot::InsertOne => (
                Mutation::Insert(Box::new(self.insert_one(field, table)?)),
                self.row(field, table)?,
            ),
            MutationRoot::Update => (
                Mutation::Update(Box::new(self.update(field, table)?)),
                self.response(field, table)?,
            ),
            MutationRoot::UpdateByPk => (
                Mutation::Update(Box::new(self.update_by_pk(field, table)?)),
                self.row(field, table)?,
            ),
            MutationRoot::UpdateMany => {
                let output = self.response(field, table)?;
                let updates = self.update_many(field, table)?.into_iter();
                return Ok(MutationField::Many(
                    updates.map(|update| Mutation::Update(Box::new(update))).collect(),
                    output,
                ));
            }
            MutationRoot::Delete => {
                let input = self.required_argument(field, "where")?;
                let condition = self.bool_exp(input, table).at("where").at("args")?;
                let rows = ChangedRows::deleted(table, condition);
                (
                    Mutation::Delete(Box::new(Delete { rows })),
                    self.response(field, table)?,
                )
            }
            MutationRoot::DeleteByPk => {
                let rows = ChangedRows::deleted(table, self.by_pk(field, table)?);
                (
                    Mutation::Delete(Box::new(Delete { rows })),
                    self.row(field, table)?,
                )
            }
        };
        Ok(MutationField::Single(change, output))
    }

    fn row(&self, field: &CollectedField<'a>, table: &'a TableSchema) -> Result<MutationOutput<'a>> {
        self.returned(field, table).map(MutationOutput::Row)
    }

    /// Returns what is selected of the changed rows.
    fn returned(&self, field: &CollectedField<'a>, table: &'a TableSchema) -> Result<Returned<'a>> {
        Ok(Returned::new(table, self.row_fields(field, table)?))
    }

    fn response(&self, field: &CollectedField<'a>, table: &'a TableSchema) -> Result<MutationOutput<'a>> {
        let ty = &table.names.mutation_response;
        let mut fields = Vec::new();
        for field in self.subfields(field, ty)? {
            let value = match self.schema.snake(field.name) {
                "__typename" => Ok(ResponseValue::Constant(Cow::Borrowed(ty.as_str()))),
                "affected_rows" => field.leaf().map(|()| ResponseValue::AffectedRows),
                "returning" => self.returned(&field, table).map(ResponseValue::Returning),
                _ => Err(no_field(field.name, ty)),
            };
            let value = value.at(field.name).at("selectionSet")?;
            fields.push(ResponseField {
                key: field.key.to_owned(),
                value,
            });
        }
        Ok(MutationOutput::Response(fields))
    }
}
