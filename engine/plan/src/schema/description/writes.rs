//! What writing a table takes: inserts with conflicts and related rows, updates, responses.

use super::DescriptionBuilder;
use super::field::{FieldDescription, field};
use super::roots::key_arguments;
use crate::schema::RoleSchema;
use crate::schema::operators::{PLACEHOLDER, available_operators};
use crate::schema::table::TableSchema;
use engine_model::metadata::tracked::RelationshipKind;

impl<'s> DescriptionBuilder<'s> {
    pub(super) fn inserts(&mut self, table: &'s TableSchema) {
        let names = &table.names;
        let table_name = table.table_name().to_string();
        if !table.can_insert() {
            return;
        }
        let mut fields = Vec::new();
        for (name, column) in table.insert_columns() {
            let ty = self.value_type(&column.ty).to_string();
            fields.push(field(name, ty).maybe_about(column.comment.as_ref()));
        }
        for (name, relationship) in table.relationships() {
            let Some(target) = self.schema.table(&relationship.target).filter(|t| t.can_insert()) else {
                continue;
            };
            let ty = match relationship.kind {
                RelationshipKind::Object => &target.names.obj_rel_insert_input,
                RelationshipKind::Array => &target.names.arr_rel_insert_input,
            };
            fields.push(field(name, ty.clone()));
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        let row = &names.insert_input;
        self.input(
            row,
            Some(&format!(
                "input type for inserting data into table \"{table_name}\""
            )),
            &fields,
        );
        let on_conflict = table.can_upsert().then(|| {
            field(self.schema.word("on_conflict"), names.on_conflict.clone()).about("upsert condition")
        });
        for (name, kind, ty) in [
            (&names.obj_rel_insert_input, "object", format!("{row}!")),
            (&names.arr_rel_insert_input, "array", format!("[{row}!]!")),
        ] {
            let about = format!("input type for inserting {kind} relation for remote table \"{table_name}\"");
            let mut fields = vec![field("data", ty)];
            if let Some(on_conflict) = &on_conflict {
                let name = self.schema.word("on_conflict");
                fields.push(field(name, on_conflict.ty.clone()).about("upsert condition"));
            }
            self.input(name, Some(&about), &fields);
        }
        if on_conflict.is_some() {
            let constraints = table
                .constraints()
                .map(|name| (name, "unique or primary key constraint"));
            let about = format!("unique or primary key constraints on table \"{table_name}\"");
            self.enumeration(&names.constraint, &about, constraints);
            self.input(
                &names.on_conflict,
                Some(&format!("on_conflict condition type for table \"{table_name}\"")),
                &[
                    field("constraint", format!("{}!", names.constraint)),
                    field(
                        self.schema.word("update_columns"),
                        format!("[{}!]!", names.update_column),
                    )
                    .or("[]"),
                    field("where", names.bool_exp.clone()),
                ],
            );
            self.update_columns(table);
        }
    }

    fn update_columns(&mut self, table: &'s TableSchema) {
        let columns = table.update_columns();
        let mut values: Vec<_> = columns.map(|(name, _)| (name, "column name")).collect();
        if values.is_empty() {
            values.push((PLACEHOLDER, "placeholder (do not use)"));
        }
        let about = format!("update columns of table \"{}\"", table.table_name());
        self.enumeration(&table.names.update_column, &about, values.into_iter());
    }

    pub(super) fn updates(&mut self, table: &'s TableSchema) {
        let names = &table.names;
        let table_name = table.table_name().to_string();
        if table.can_insert() || table.can_update() || table.can_delete() {
            let about = format!("response of any mutation on the table \"{table_name}\"");
            let fields = [
                field(self.schema.word("affected_rows"), "Int!")
                    .about("number of rows affected by the mutation"),
                field("returning", format!("[{}!]!", names.object))
                    .about("data from the rows affected by the mutation"),
            ];
            self.object(&names.mutation_response, Some(&about), &fields);
        }
        if !table.can_update() {
            return;
        }
        for operator in available_operators(table) {
            let columns = table
                .update_columns()
                .filter(|(_, column)| operator.applies_to(column));
            let fields: Vec<FieldDescription> = columns
                .map(|(name, column)| {
                    field(name, operator.operand_type(column).to_string())
                        .maybe_about(column.comment.as_ref())
                })
                .collect();
            let about = match operator.name {
                "_set" => format!("input type for updating data in table \"{table_name}\""),
                "_inc" => format!("input type for incrementing numeric columns in table \"{table_name}\""),
                _ => operator.description.to_owned(),
            };
            self.input(&operator.input_type(table), Some(&about), &fields);
        }
        let key = key_arguments(table);
        self.input(
            &names.pk_columns_input,
            Some(&format!("primary key columns input for table: {table_name}")),
            &key,
        );
        let mut fields = update_arguments(self.schema, table);
        fields.push(
            field("where", format!("{}!", names.bool_exp)).about("filter the rows which have to be updated"),
        );
        self.input(&names.updates, None, &fields);
    }
}

/// The operators of an update.
pub(super) fn update_arguments(schema: &RoleSchema, table: &TableSchema) -> Vec<FieldDescription> {
    available_operators(table)
        .map(|operator| {
            field(schema.word(operator.name), operator.input_type(table)).about(operator.description)
        })
        .collect()
}
