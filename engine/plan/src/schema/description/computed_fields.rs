//! Computed fields of a table.

use super::DescriptionBuilder;
use super::field::{FieldDescription, field};
use super::functions::call_argument;
use super::reads::{result_type, rows_arguments};
use crate::schema::scalar::is_json;
use crate::schema::table::TableSchema;
use engine_model::metadata::computed_field::ComputedResult;

impl<'s> DescriptionBuilder<'s> {
    /// The input types of the arguments.
    pub(super) fn computed_arguments(&mut self, table: &'s TableSchema) {
        for computed in table.computed_fields() {
            self.call_arguments(&computed.arguments_type, &computed.arguments);
        }
    }

    /// The fields of the object type. The texts have Hasura's wording.
    pub(super) fn computed_fields(&mut self, table: &'s TableSchema) -> Vec<FieldDescription> {
        let mut fields = Vec::new();
        for computed in table.computed_fields() {
            let name = &computed.name;
            let about = format!(
                "input parameters for computed field \"{name}\" defined on table \"{}\"",
                table.table_name()
            );
            let argument = call_argument(&computed.arguments_type, &computed.arguments, about);
            let mut arguments: Vec<FieldDescription> = argument.into_iter().collect();
            let ty = match &computed.result {
                ComputedResult::Scalar(ty) => {
                    if is_json(ty) {
                        arguments.push(field("path", "String").about("JSON select path"));
                    }
                    self.value_type(ty).to_string()
                }
                ComputedResult::Rows(target) => {
                    let Some(target) = self.schema.selectable(target) else {
                        continue;
                    };
                    arguments.extend(rows_arguments(self.schema, target));
                    format!("[{}!]", target.names.object)
                }
            };
            let default = format!("A computed field, executes function \"{}\"", computed.function);
            let about = computed.comment.clone().unwrap_or(default);
            fields.push(field(name, ty).with(arguments).about(about));
        }
        fields
    }

    /// The scalars to which an aggregate function applies.
    pub(super) fn aggregated_computed(
        &mut self,
        table: &'s TableSchema,
        function: &str,
        numbers: bool,
    ) -> Vec<FieldDescription> {
        let computed: Vec<_> = table
            .computed_fields()
            .filter_map(|computed| table.aggregated_computed(&computed.name, numbers))
            .collect();
        let fields = computed.into_iter().map(|(computed, scalar)| {
            let about = format!(
                "input parameters for computed field \"{}\" defined on table \"{}\"",
                computed.name,
                table.table_name()
            );
            let argument = call_argument(&computed.arguments_type, &computed.arguments, about);
            let ty = self.value_type(scalar).to_string();
            let default = format!("A computed field, executes function \"{}\"", computed.function);
            field(&*computed.name, result_type(function, &ty))
                .with(argument.into_iter().collect())
                .about(computed.comment.clone().unwrap_or(default))
        });
        fields.collect()
    }

    /// The fields of conditions and of orders: those of computed fields without arguments.
    pub(super) fn computed_filters(
        &mut self,
        table: &'s TableSchema,
    ) -> (Vec<FieldDescription>, Vec<FieldDescription>) {
        let (mut conditions, mut orders) = (Vec::new(), Vec::new());
        for computed in table
            .computed_fields()
            .filter(|computed| computed.needs_no_arguments())
        {
            match &computed.result {
                ComputedResult::Scalar(ty) => {
                    conditions.push(field(&computed.name, self.comparison(ty)));
                    orders.push(field(&computed.name, self.schema.order_by_type()));
                }
                ComputedResult::Rows(target) => {
                    let target = self.schema.selectable(target);
                    conditions
                        .extend(target.map(|target| field(&computed.name, target.names.bool_exp.clone())));
                    // Without aggregations the type does not exist, and neither does the field.
                    orders.extend(target.map(|target| {
                        let ty = target.names.aggregate_order_by.clone();
                        field(&*computed.order_aggregate, ty)
                    }));
                }
            }
        }
        (conditions, orders)
    }
}
