//! What reading a table takes: its object type, conditions, orders, aggregates.

use super::DescriptionBuilder;
use super::field::{FieldDescription, field};
use crate::schema::RoleSchema;
use crate::schema::scalar::{is_comparable, is_json, is_number};
use crate::schema::table::TableSchema;
use engine_model::catalog::{
    BOOLEAN_FUNCTIONS, COMPARABLE_FUNCTIONS, Column, FLOAT_FUNCTIONS, FLOAT_PAIR_FUNCTIONS, NUMBER_FUNCTIONS,
    PgType, TypeKind,
};
use engine_model::metadata::tracked::{Relationship, RelationshipKind};

impl<'s> DescriptionBuilder<'s> {
    /// The object type, and the enum of its columns.
    pub(super) fn row(&mut self, table: &'s TableSchema) {
        let names = &table.names;
        let table_name = table.table_name().to_string();
        let mut fields = Vec::new();
        for (name, column) in table.columns() {
            fields.push(self.column_field(name, column, table.redacts(&column.name)));
        }
        for (name, relationship) in table.relationships() {
            fields.extend(self.relationship_fields(table, name, relationship));
        }
        fields.extend(self.computed_fields(table));
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        let default = format!("columns and relationships of \"{table_name}\"");
        let description = match (&table.tracked().comment, &table.tracked().table.comment) {
            (Some(comment), _) => comment.clone(),
            (None, Some(comment)) => format!("{comment}\n\n\n{default}"),
            (None, None) => default,
        };
        // As in Hasura, an empty comment removes the description.
        let description = Some(description).filter(|description| !description.is_empty());
        self.object(&names.object, description.as_deref(), &fields);
        self.enumeration(
            &names.select_column,
            &format!("select columns of table \"{table_name}\""),
            table.columns().map(|(name, _)| (name, "column name")),
        );
    }

    fn column_field(&mut self, name: &str, column: &Column, redacted: bool) -> FieldDescription {
        let ty = self.value_type(&column.ty);
        let ty = if column.nullable || redacted {
            ty.to_string()
        } else {
            format!("{ty}!")
        };
        let path = is_json(&column.ty).then(|| field("path", "String").about("JSON select path"));
        field(name, ty)
            .maybe_about(column.comment.as_ref())
            .with(path.into_iter().collect())
    }

    fn relationship_fields(
        &self,
        table: &TableSchema,
        name: &str,
        relationship: &Relationship,
    ) -> Vec<FieldDescription> {
        let Some(target) = self.schema.selectable(&relationship.target) else {
            return Vec::new();
        };
        let object = &target.names.object;
        match relationship.kind {
            RelationshipKind::Object => {
                // The related row, or the key that refers to it, may exist and be invisible.
                let mut keys = relationship.mapping.iter();
                let is_redacted = keys.any(|(here, there)| table.redacts(here) || target.redacts(there));
                let ty = if relationship.nullable || target.is_filtered() || is_redacted {
                    object.clone()
                } else {
                    format!("{object}!")
                };
                vec![field(name, ty).about("An object relationship")]
            }
            RelationshipKind::Array => vec![
                field(name, format!("[{object}!]!"))
                    .with(rows_arguments(self.schema, target))
                    .about("An array relationship"),
                field(
                    &*relationship.aggregates.field,
                    format!("{}!", target.names.aggregate),
                )
                .with(rows_arguments(self.schema, target))
                .about("An aggregate relationship"),
            ],
        }
    }

    /// `orders_bool_exp`, `orders_order_by`.
    pub(super) fn filters(&mut self, table: &'s TableSchema) {
        let names = &table.names;
        let table_name = table.table_name().to_string();
        let own = &names.bool_exp;
        let mut fields = vec![
            field("_and", format!("[{own}!]")),
            field("_not", own.clone()),
            field("_or", format!("[{own}!]")),
        ];
        let mut orders = Vec::new();
        for (name, column) in table.columns() {
            fields.push(field(name, self.comparison(&column.ty)));
            orders.push(field(name, self.schema.order_by_type()));
        }
        let relationships = table.can_select().then(|| table.relationships());
        for (name, relationship) in relationships.into_iter().flatten() {
            let Some(target) = self.schema.selectable(&relationship.target) else {
                continue;
            };
            fields.push(field(name, target.names.bool_exp.clone()));
            if relationship.kind == RelationshipKind::Array && target.allows_aggregations() {
                let condition = target.names.aggregate_bool_exp.clone();
                fields.push(field(&*relationship.aggregates.condition, condition));
                self.aggregate_conditions(target);
            }
            // Without aggregations the type does not exist, and neither does the field.
            orders.push(match relationship.kind {
                RelationshipKind::Object => field(name, target.names.order_by.clone()),
                RelationshipKind::Array => field(
                    &*relationship.aggregates.order,
                    target.names.aggregate_order_by.clone(),
                ),
            });
        }
        let (conditions, computed_orders) = self.computed_filters(table);
        fields.extend(conditions);
        orders.extend(computed_orders);
        fields[3..].sort_by(|a, b| a.name.cmp(&b.name));
        orders.sort_by(|a, b| a.name.cmp(&b.name));
        let about = format!(
            "Boolean expression to filter rows from the table \"{table_name}\". All fields are combined with a logical 'AND'."
        );
        self.input(own, Some(&about), &fields);
        let about = format!("Ordering options when selecting data from \"{table_name}\".");
        self.input(&names.order_by, Some(&about), &orders);
    }

    /// `orders_aggregate_bool_exp`: what the rows of an array relationship to this table come to.
    fn aggregate_conditions(&mut self, table: &TableSchema) {
        let names = &table.names;
        let table_name = table.table_name().to_string();
        let count = names.aggregate_condition("count");
        let mut fields = vec![field("count", count.clone())];
        let int = PgType::built_in("int4", "integer");
        self.aggregate_condition(table, &count, format!("[{}!]", names.select_column), &int);
        let boolean = PgType::built_in("bool", "boolean");
        let float = PgType::built_in("float8", "double precision");
        let functions = BOOLEAN_FUNCTIONS
            .iter()
            .map(|function| (*function, &boolean, false))
            .chain(FLOAT_FUNCTIONS.iter().map(|function| (*function, &float, false)))
            .chain(
                FLOAT_PAIR_FUNCTIONS
                    .iter()
                    .map(|function| (*function, &float, true)),
            );
        for (function, ty, of_pairs) in functions {
            let values: Vec<_> = table
                .columns()
                .filter(|(_, column)| column.ty.kind == TypeKind::Base && column.ty.name == ty.name)
                .map(|(name, _)| (name, "column name"))
                .collect();
            if values.is_empty() {
                continue;
            }
            let condition = names.aggregate_condition(function);
            let columns = names.aggregate_condition_columns(function);
            self.enumeration(
                &columns,
                &format!(
                    "select \"{}\" columns of table \"{table_name}\"",
                    names.aggregate_condition_columns_text(function)
                ),
                values.into_iter(),
            );
            let arguments = if of_pairs {
                let arguments = names.aggregate_condition_arguments(function);
                let pair = ["X", "Y"].map(|argument| field(argument, format!("{columns}!")));
                self.input(&arguments, None, &pair);
                arguments
            } else {
                columns
            };
            self.aggregate_condition(table, &condition, format!("{arguments}!"), ty);
            fields.push(field(function, condition));
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        self.input(&names.aggregate_bool_exp, None, &fields);
    }

    fn aggregate_condition(&mut self, table: &TableSchema, name: &str, arguments: String, value: &PgType) {
        let predicate = self.comparison(value);
        let fields = [
            field("arguments", arguments),
            field("distinct", "Boolean"),
            field("filter", table.names.bool_exp.clone()),
            field("predicate", format!("{predicate}!")),
        ];
        self.input(name, None, &fields);
    }

    /// `orders_stream_cursor_input`, `orders_stream_cursor_value_input`.
    pub(super) fn cursors(&mut self, table: &'s TableSchema) {
        let names = &table.names;
        let table_name = table.table_name().to_string();
        let columns: Vec<FieldDescription> = table
            .columns()
            .map(|(name, column)| {
                let ty = self.value_type(&column.ty).to_string();
                field(name, ty).maybe_about(column.comment.as_ref())
            })
            .collect();
        self.input(
            &names.stream_cursor_input,
            Some(&format!("Streaming cursor of the table \"{table_name}\"")),
            &[
                field(
                    self.schema.word("initial_value"),
                    format!("{}!", names.stream_cursor_value_input),
                )
                .about("Stream column input with initial value"),
                field("ordering", self.schema.cursor_ordering_type()).about("cursor ordering"),
            ],
        );
        self.input(
            &names.stream_cursor_value_input,
            Some("Initial value of the column from where the streaming should start"),
            &columns,
        );
    }

    /// `orders_aggregate` and everything below it.
    pub(super) fn aggregates(&mut self, table: &'s TableSchema) {
        let names = &table.names;
        let table_name = table.table_name().to_string();
        let base = &names.object;
        self.object(
            &names.aggregate,
            Some(&format!("aggregated selection of \"{table_name}\"")),
            &[
                field("aggregate", names.aggregate_fields.clone()),
                field("nodes", format!("[{base}!]!")),
            ],
        );
        let mut fields = vec![field("count", "Int!").with(vec![
            field("columns", format!("[{}!]", names.select_column)),
            field("distinct", "Boolean"),
        ])];
        let order_by = self.schema.order_by_type();
        let mut orders = vec![field("count", order_by)];
        let functions = NUMBER_FUNCTIONS
            .iter()
            .map(|f| (*f, true))
            .chain(COMPARABLE_FUNCTIONS.iter().map(|f| (*f, false)));
        for (function, numbers) in functions {
            let columns: Vec<(&str, &Column)> = table
                .columns()
                .filter(|(_, c)| {
                    if numbers {
                        is_number(&c.ty)
                    } else {
                        is_comparable(&c.ty)
                    }
                })
                .collect();
            let computed = self.aggregated_computed(table, function, numbers);
            if columns.is_empty() && computed.is_empty() {
                continue;
            }
            let ty = names.function_fields(function);
            let order = names.function_order_by(function);
            let mut values: Vec<FieldDescription> = columns
                .iter()
                .map(|(name, c)| {
                    let ty = self.value_type(&c.ty).to_string();
                    field(*name, result_type(function, &ty)).maybe_about(c.comment.as_ref())
                })
                .collect();
            values.extend(computed);
            let word = self.schema.word(function);
            self.object(&ty, Some(&format!("aggregate {word} on columns")), &values);
            let by: Vec<FieldDescription> = columns
                .iter()
                .map(|(name, c)| field(*name, order_by).maybe_about(c.comment.as_ref()))
                .collect();
            self.input(
                &order,
                Some(&format!("order by {word}() on columns of table \"{table_name}\"")),
                &by,
            );
            fields.push(field(word, ty));
            // As in Hasura, orders have no computed fields of the rows.
            if !columns.is_empty() {
                orders.push(field(word, order));
            }
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        orders.sort_by(|a, b| a.name.cmp(&b.name));
        self.object(
            &names.aggregate_fields,
            Some(&format!("aggregate fields of \"{table_name}\"")),
            &fields,
        );
        self.input(
            &names.aggregate_order_by,
            Some(&format!("order by aggregate values of table \"{table_name}\"")),
            &orders,
        );
    }
}

/// Returns the type of an aggregate of values of a type.
pub(super) fn result_type<'t>(function: &str, ty: &'t str) -> &'t str {
    match function {
        "sum" | "max" | "min" => ty,
        _ => "Float",
    }
}

/// The arguments of a list of rows.
pub(super) fn rows_arguments(schema: &RoleSchema, table: &TableSchema) -> Vec<FieldDescription> {
    let names = &table.names;
    vec![
        field(schema.word("distinct_on"), format!("[{}!]", names.select_column))
            .about("distinct select on columns"),
        field("limit", "Int").about("limit the number of rows returned"),
        field("offset", "Int").about("skip the first n rows. Use only with order_by"),
        field(schema.word("order_by"), format!("[{}!]", names.order_by))
            .about("sort the rows by one or more columns"),
        field("where", names.bool_exp.clone()).about("filter the rows returned"),
    ]
}
