//! Root fields and their operations on tables.

use super::table::TableSchema;
use indexmap::IndexMap;

/// Operation of a field of `query_root`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryRoot {
    /// `orders`.
    Select,
    /// `orders_by_pk`.
    SelectByPk,
    /// `orders_aggregate`.
    SelectAggregate,
}

/// Operation of a field of `mutation_root`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MutationRoot {
    /// `insert_orders`.
    Insert,
    /// `insert_orders_one`.
    InsertOne,
    /// `update_orders`.
    Update,
    /// `update_orders_by_pk`.
    UpdateByPk,
    /// `update_orders_many`.
    UpdateMany,
    /// `delete_orders`.
    Delete,
    /// `delete_orders_by_pk`.
    DeleteByPk,
}

/// Root field.
#[derive(Debug, Clone, Copy)]
pub struct Root<K> {
    /// Operation of the field.
    pub kind: K,
    /// Index of the table in the role's schema.
    pub table: usize,
}

fn name(table: &TableSchema, key: &str, default: String) -> String {
    table
        .tracked()
        .custom_root_fields
        .get(key)
        .cloned()
        .unwrap_or(default)
}

/// Adds a table's fields of `query_root`.
pub(super) fn queries(table: &TableSchema, index: usize, fields: &mut IndexMap<String, Root<QueryRoot>>) {
    let base = &table.names.object;
    let mut add = |key: &str, default: String, kind| {
        fields
            .entry(name(table, key, default))
            .or_insert(Root { kind, table: index });
    };
    add("select", base.clone(), QueryRoot::Select);
    add(
        "select_aggregate",
        format!("{base}_aggregate"),
        QueryRoot::SelectAggregate,
    );
    if table.primary_key().is_some() {
        add("select_by_pk", format!("{base}_by_pk"), QueryRoot::SelectByPk);
    }
}

/// Adds a table's stream, which only `subscription_root` has, unless a query has its name.
pub(super) fn streams(
    table: &TableSchema,
    index: usize,
    queries: &IndexMap<String, Root<QueryRoot>>,
    fields: &mut IndexMap<String, usize>,
) {
    let name = name(table, "select_stream", format!("{}_stream", table.names.object));
    if !queries.contains_key(&name) {
        fields.entry(name).or_insert(index);
    }
}

/// Adds a table's fields of `mutation_root`.
pub(super) fn mutations(
    table: &TableSchema,
    index: usize,
    fields: &mut IndexMap<String, Root<MutationRoot>>,
) {
    let base = &table.names.object;
    let mut add = |key: &str, default: String, kind| {
        fields
            .entry(name(table, key, default))
            .or_insert(Root { kind, table: index });
    };
    let has_key = table.primary_key().is_some();
    let catalog = &table.tracked().table;
    if table.can_insert() {
        add("insert", format!("insert_{base}"), MutationRoot::Insert);
        add(
            "insert_one",
            format!("insert_{base}_one"),
            MutationRoot::InsertOne,
        );
    }
    if table.can_update() {
        add("update", format!("update_{base}"), MutationRoot::Update);
        if has_key {
            add(
                "update_by_pk",
                format!("update_{base}_by_pk"),
                MutationRoot::UpdateByPk,
            );
        }
        add(
            "update_many",
            format!("update_{base}_many"),
            MutationRoot::UpdateMany,
        );
    }
    if catalog.deletable {
        add("delete", format!("delete_{base}"), MutationRoot::Delete);
        if has_key {
            add(
                "delete_by_pk",
                format!("delete_{base}_by_pk"),
                MutationRoot::DeleteByPk,
            );
        }
    }
}
