//! Difference between two catalogs.

use engine_model::catalog::{Catalog, Table, TableName};
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet};

/// Difference between two catalogs: new names of tables and columns.
pub(super) struct CatalogDiff {
    pub(super) tables: HashMap<TableName, TableDiff>,
}

pub(super) struct TableDiff {
    /// New name; `None` if the table was dropped.
    pub(super) name: Option<TableName>,
    /// Old name → new name of renamed columns.
    pub(super) columns: HashMap<String, String>,
    /// Dropped columns.
    dropped: Vec<String>,
    /// Columns whose type changed, by their old names.
    pub(super) retyped: Vec<String>,
}

impl CatalogDiff {
    pub(super) fn new(before: &Catalog, after: &Catalog) -> Self {
        let by_oid: HashMap<u32, &Table> = after.tables.values().map(|table| (table.oid, &**table)).collect();
        let known: HashSet<u32> = before.tables.values().map(|table| table.oid).collect();
        let tables = before.tables.values().map(|old| {
            // A table that was dropped and created again under its name, as views often are, counts as the same
            // table. Another table that was renamed to its name does not.
            let new = by_oid.get(&old.oid).copied().or_else(|| {
                let namesake = after.tables.get(&old.name).map(|table| &**table);
                namesake.filter(|table| !known.contains(&table.oid))
            });
            let same_table = new.is_some_and(|new| new.oid == old.oid);
            let mut columns = HashMap::new();
            let mut dropped = Vec::new();
            let mut retyped = Vec::new();
            for column in &old.columns {
                let now = new.and_then(|new| {
                    new.columns.iter().find(|c| {
                        if same_table {
                            c.number == column.number
                        } else {
                            c.name == column.name
                        }
                    })
                });
                // A column that was dropped and added again under its name in the same request counts as the same
                // column. Another column that was renamed to its name does not.
                let now = now.or_else(|| {
                    let namesake = new.and_then(|new| new.column(&column.name));
                    namesake.filter(|now| !same_table || old.columns.iter().all(|c| c.number != now.number))
                });
                if now.is_some_and(|now| now.ty.name != column.ty.name) {
                    retyped.push(column.name.clone());
                }
                match now {
                    Some(now) if now.name != column.name => {
                        columns.insert(column.name.clone(), now.name.clone());
                    }
                    Some(_) => {}
                    None => dropped.push(column.name.clone()),
                }
            }
            (
                old.name.clone(),
                TableDiff {
                    name: new.map(|new| new.name.clone()),
                    columns,
                    dropped,
                    retyped,
                },
            )
        });
        Self {
            tables: tables.collect(),
        }
    }

    pub(super) fn is_dropped(&self, table: &TableName) -> bool {
        self.tables
            .get(table)
            .is_some_and(|changed| changed.name.is_none())
    }

    pub(super) fn dropped(&self, table: &TableName, column: &str) -> bool {
        self.tables
            .get(table)
            .is_some_and(|changed| changed.dropped.iter().any(|name| name == column))
    }

    pub(super) fn leads(&self, old: &TableName, new: &TableName) -> bool {
        self.tables
            .get(old)
            .map_or(old == new, |changed| changed.name.as_ref() == Some(new))
    }

    pub(super) fn table(&self, name: &mut TableName) {
        if let Some(new) = self.tables.get(name).and_then(|changed| changed.name.clone()) {
            *name = new;
        }
    }

    pub(super) fn column(&self, table: &TableName, column: &mut String) {
        if let Some(new) = self
            .tables
            .get(table)
            .and_then(|changed| changed.columns.get(column))
        {
            new.clone_into(column);
        }
    }

    /// Updates a map keyed by column: removes dropped columns and renames the others.
    pub(super) fn columns<T>(&self, table: &TableName, by_column: &mut IndexMap<String, T>) {
        *by_column = std::mem::take(by_column)
            .into_iter()
            .filter(|(column, _)| !self.dropped(table, column))
            .map(|(mut column, value)| {
                self.column(table, &mut column);
                (column, value)
            })
            .collect();
    }
}
