//! Names of the types that come from a table.

use engine_model::metadata::naming::TableNames;

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
    /// `orders_pk_columns_input`.
    pub pk_columns_input: String,
    /// `orders_updates`.
    pub updates: String,
    /// `orders_stream_cursor_input`.
    pub stream_cursor_input: String,
    /// `orders_stream_cursor_value_input`.
    pub stream_cursor_value_input: String,
    /// The names of other types are made when they are needed.
    table: TableNames,
}

impl TypeNames {
    pub(super) fn new(table: &TableNames) -> Self {
        Self {
            object: table.object(),
            bool_exp: table.ty("bool_exp"),
            order_by: table.ty("order_by"),
            aggregate_bool_exp: table.aggregate_bool_exp(),
            aggregate_order_by: table.ty("aggregate_order_by"),
            select_column: table.ty("select_column"),
            aggregate: table.ty("aggregate"),
            aggregate_fields: table.ty("aggregate_fields"),
            mutation_response: table.ty("mutation_response"),
            insert_input: table.ty("insert_input"),
            obj_rel_insert_input: table.ty("obj_rel_insert_input"),
            arr_rel_insert_input: table.ty("arr_rel_insert_input"),
            on_conflict: table.ty("on_conflict"),
            constraint: table.ty("constraint"),
            update_column: table.ty("update_column"),
            pk_columns_input: table.ty("pk_columns_input"),
            updates: table.ty("updates"),
            stream_cursor_input: table.ty("stream_cursor_input"),
            stream_cursor_value_input: table.ty("stream_cursor_value_input"),
            table: table.clone(),
        }
    }

    /// `orders_stddev_pop_fields`.
    pub fn function_fields(&self, function: &str) -> String {
        self.table.ty(&format!("{function}_fields"))
    }

    /// `orders_stddev_pop_order_by`.
    pub fn function_order_by(&self, function: &str) -> String {
        self.table.ty(&format!("{function}_order_by"))
    }

    /// `orders_set_input`, of an operator of updates.
    pub fn operator_input(&self, suffix: &str) -> String {
        self.table.ty(suffix)
    }

    /// `orders_aggregate_bool_exp_count`.
    pub fn aggregate_condition(&self, function: &str) -> String {
        self.table.aggregate_condition(function)
    }

    /// `orders_aggregate_bool_exp_corr_arguments`, of a function of two columns.
    pub fn aggregate_condition_arguments(&self, function: &str) -> String {
        self.table.aggregate_condition_arguments(function)
    }

    /// The columns that such a function takes.
    pub fn aggregate_condition_columns(&self, function: &str) -> String {
        self.table.aggregate_condition_columns(function)
    }

    /// Describes these columns.
    pub fn aggregate_condition_columns_text(&self, function: &str) -> String {
        self.table.aggregate_condition_columns_text(function)
    }
}
