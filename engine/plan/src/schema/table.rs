//! What a role sees of one table, and the names of the types that come from it.

use engine_model::catalog::{Column, TableName};
use engine_model::metadata::names::is_enum_value;
use engine_model::metadata::tracked::{Relationship, RelationshipKind, TrackedTable};
use std::sync::Arc;

/// A table as a role sees it.
#[derive(Debug)]
pub struct TableSchema {
    tracked: Arc<TrackedTable>,
    /// The names of its types.
    pub names: TypeNames,
}

/// The names of the types that come from one table.
#[derive(Debug)]
pub struct TypeNames {
    /// `orders`.
    pub object: String,
    /// `orders_bool_exp`.
    pub bool_exp: String,
    /// `orders_order_by`.
    pub order_by: String,
    /// `orders_aggregate_bool_exp`.
    pub aggregate_bool_exp: String,
    /// `orders_aggregate_order_by`.
    pub aggregate_order_by: String,
    /// `orders_select_column`.
    pub select_column: String,
    /// `orders_aggregate`.
    pub aggregate: String,
    /// `orders_aggregate_fields`.
    pub aggregate_fields: String,
    /// `orders_mutation_response`.
    pub mutation_response: String,
    /// `orders_insert_input`.
    pub insert_input: String,
    /// `orders_obj_rel_insert_input`.
    pub obj_rel_insert_input: String,
    /// `orders_arr_rel_insert_input`.
    pub arr_rel_insert_input: String,
    /// `orders_on_conflict`.
    pub on_conflict: String,
    /// `orders_constraint`.
    pub constraint: String,
    /// `orders_update_column`.
    pub update_column: String,
    /// `orders_set_input`.
    pub set_input: String,
    /// `orders_pk_columns_input`.
    pub pk_columns_input: String,
    /// `orders_updates`.
    pub updates: String,
    /// `orders_stream_cursor_input`.
    pub stream_cursor_input: String,
    /// `orders_stream_cursor_value_input`.
    pub stream_cursor_value_input: String,
}

impl TypeNames {
    fn new(base: &str) -> Self {
        let named = |suffix: &str| format!("{base}_{suffix}");
        Self {
            object: base.to_owned(),
            bool_exp: named("bool_exp"),
            order_by: named("order_by"),
            aggregate_bool_exp: named("aggregate_bool_exp"),
            aggregate_order_by: named("aggregate_order_by"),
            select_column: named("select_column"),
            aggregate: named("aggregate"),
            aggregate_fields: named("aggregate_fields"),
            mutation_response: named("mutation_response"),
            insert_input: named("insert_input"),
            obj_rel_insert_input: named("obj_rel_insert_input"),
            arr_rel_insert_input: named("arr_rel_insert_input"),
            on_conflict: named("on_conflict"),
            constraint: named("constraint"),
            update_column: named("update_column"),
            set_input: named("set_input"),
            pk_columns_input: named("pk_columns_input"),
            updates: named("updates"),
            stream_cursor_input: named("stream_cursor_input"),
            stream_cursor_value_input: named("stream_cursor_value_input"),
        }
    }
}

impl TypeNames {
    /// `orders_aggregate_bool_exp_count`.
    pub fn aggregate_condition(&self, function: &str) -> String {
        format!("{}_{function}", self.aggregate_bool_exp)
    }

    /// `orders_aggregate_bool_exp_corr_arguments`, of a function of two columns.
    pub fn aggregate_condition_arguments(&self, function: &str) -> String {
        format!("{}_arguments", self.aggregate_condition(function))
    }

    /// The columns that such a function takes:
    /// `orders_select_column_orders_aggregate_bool_exp_bool_and_arguments_columns`.
    pub fn aggregate_condition_columns(&self, function: &str) -> String {
        let condition = self.aggregate_condition(function);
        format!("{}_{condition}_arguments_columns", self.select_column)
    }
}

impl TableSchema {
    /// A table of which everything is visible.
    pub fn new(tracked: Arc<TrackedTable>) -> Self {
        let names = TypeNames::new(&tracked.graphql_name);
        Self { tracked, names }
    }

    /// The table as it is tracked.
    pub fn tracked(&self) -> &TrackedTable {
        &self.tracked
    }

    /// Its name in Postgres.
    pub fn table_name(&self) -> &TableName {
        &self.tracked.table.name
    }

    /// A column that may be read, by its GraphQL name.
    pub fn column(&self, field: &str) -> Option<&Column> {
        self.tracked.columns.get(field)
    }

    /// All columns that may be read.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.tracked
            .columns
            .iter()
            .map(|(name, column)| (name.as_str(), column))
    }

    /// A relationship.
    pub fn relationship(&self, field: &str) -> Option<&Relationship> {
        self.tracked.relationships.get(field)
    }

    /// The array relationship whose aggregates a field `<name>_aggregate` is about.
    pub fn aggregated(&self, field: &str) -> Option<&Relationship> {
        self.relationship(field.strip_suffix("_aggregate")?)
            .filter(|r| r.kind == RelationshipKind::Array)
    }

    /// All relationships.
    pub fn relationships(&self) -> impl Iterator<Item = (&str, &Relationship)> {
        self.tracked
            .relationships
            .iter()
            .map(|(name, relationship)| (name.as_str(), relationship))
    }

    /// A column that may be given in an insert.
    pub fn insert_column(&self, field: &str) -> Option<&Column> {
        self.column(field).filter(|column| !column.generated)
    }

    /// A column that an update may change.
    pub fn update_column(&self, field: &str) -> Option<&Column> {
        self.column(field).filter(|column| !column.generated)
    }

    /// The columns of the primary key with their GraphQL names, if all of them may be read.
    pub fn primary_key(&self) -> Option<Vec<(&str, &Column)>> {
        let key = self.tracked.table.primary_key.as_ref()?;
        key.columns
            .iter()
            .map(|name| {
                let field = self.tracked.graphql_column(name)?;
                Some((field, self.column(field)?))
            })
            .collect()
    }

    /// The names of the constraints that `on_conflict` may name: those that an enum can hold.
    pub fn constraints(&self) -> impl Iterator<Item = &str> {
        let table = &self.tracked.table;
        table
            .primary_key
            .iter()
            .chain(&table.unique)
            .map(|key| key.name.as_str())
            .filter(|name| is_enum_value(name))
    }

    /// Whether the table has a constraint to name.
    pub fn has_constraints(&self) -> bool {
        self.constraints().next().is_some()
    }

    /// Whether rows can be inserted.
    pub fn can_insert(&self) -> bool {
        self.tracked.can_insert()
    }

    /// Whether rows can be changed.
    pub fn can_update(&self) -> bool {
        self.tracked.can_update()
    }
}
