//! Tables that a statement reads or writes: a mutation wakes only the live queries that it can affect. What the catalog does not
//! show to be alone counts as all tables, and so does a function. The catalog does not show functions in C that change tables,
//! nor what another client has altered since it was loaded; the refetch interval applies to these.

use engine_model::catalog::{Catalog, Table, TableKind, TableName};
use engine_sql::{Relation, Statement};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Schema of the engine's tables, such as the event queue.
const EVENTS: &str = "hdb_catalog";

/// Tables of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TableSet {
    /// The tables are not known.
    #[default]
    All,
    Only(Arc<[TableName]>),
}

impl TableSet {
    /// Returns the tables whose changes can change the result of a statement. Those behind a view or a policy are not known.
    pub(crate) fn read_by(statement: &Statement, catalog: &Catalog) -> Self {
        if statement.calls_functions {
            return Self::All;
        }
        let is_read_alone = |table: &Table| is_alone(table) && !table.coupling.has_row_security;
        Self::of([statement.reads.as_slice()], catalog, is_read_alone)
    }

    /// Returns the tables that statements change. Those that triggers, rules, foreign keys and functions change with them are not
    /// known.
    pub(crate) fn written_by(statements: &[&Statement], catalog: &Catalog) -> Self {
        if statements.iter().any(|statement| statement.calls_functions) {
            return Self::All;
        }
        let is_written_alone = |table: &Table| is_alone(table) && !table.coupling.has_side_effects;
        let written = statements.iter().map(|statement| statement.writes.as_slice());
        Self::of(written, catalog, is_written_alone)
    }

    fn of<'r>(
        relations: impl IntoIterator<Item = &'r [Relation]>,
        catalog: &Catalog,
        is_alone: impl Fn(&Table) -> bool,
    ) -> Self {
        let mut tables = BTreeSet::new();
        for Relation { schema, name } in relations.into_iter().flatten() {
            let name = TableName::new(schema.clone(), name.clone());
            if !catalog.tables.get(&name).is_some_and(|table| is_alone(table)) {
                return Self::All;
            }
            tables.insert(name);
        }
        Self::Only(tables.into_iter().collect())
    }
}

/// Whether no other relation has rows of the table. The tables of [`EVENTS`] also change with each table that has an event trigger, and
/// a foreign table may be one of the same database.
fn is_alone(table: &Table) -> bool {
    table.kind == TableKind::Table && !table.coupling.inherits && table.name.schema != EVENTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine_model::catalog::Coupling;

    fn name(table: &str) -> TableName {
        let schema = if table == "event_log" { EVENTS } else { "public" };
        TableName::new(schema, table)
    }

    fn catalog() -> Catalog {
        let table = |table_name: &str, kind, inherits, has_side_effects| {
            let table = Table {
                name: name(table_name),
                oid: 1,
                kind,
                columns: Vec::new(),
                primary_key: None,
                unique: Vec::new(),
                foreign_keys: Vec::new(),
                insertable: true,
                updatable: true,
                deletable: true,
                coupling: Coupling {
                    inherits,
                    has_side_effects,
                    has_row_security: table_name == "guarded",
                },
                comment: None,
            };
            (table.name.clone(), Arc::new(table))
        };
        let tables = [
            table("plain", TableKind::Table, false, false),
            table("other", TableKind::Table, false, false),
            table("audited", TableKind::Table, false, true),
            table("guarded", TableKind::Table, false, false),
            table("event_log", TableKind::Table, false, false),
            table("partition", TableKind::Table, true, false),
            table("view", TableKind::View, false, true),
            table("foreign", TableKind::ForeignTable, false, false),
        ];
        Catalog {
            tables: tables.into(),
            server_version: 150_000,
            ..Catalog::default()
        }
    }

    fn statement(reads: &[&str], writes: &[&str]) -> Statement {
        let relations = |names: &[&str]| {
            let names = names.iter().map(|&table| {
                let TableName { schema, name } = name(table);
                Relation { schema, name }
            });
            names.collect()
        };
        Statement {
            sql: "".into(),
            params: Vec::new(),
            queries: 1,
            reads: relations(reads),
            writes: relations(writes),
            calls_functions: false,
        }
    }

    fn only(names: &[&str]) -> TableSet {
        TableSet::Only(names.iter().map(|table| name(table)).collect())
    }

    #[test]
    fn read_tables_are_known_unless_others_contain_their_rows() {
        let read = |names: &[&str]| TableSet::read_by(&statement(names, &[]), &catalog());
        assert_eq!(read(&[]), only(&[]));
        assert_eq!(read(&["plain", "audited"]), only(&["audited", "plain"]));
        for unknown in ["partition", "view", "foreign", "guarded", "event_log", "absent"] {
            assert_eq!(read(&["plain", unknown]), TableSet::All, "{unknown}");
        }
    }

    #[test]
    fn functions_read_and_change_any_table() {
        let calling = Statement {
            calls_functions: true,
            ..statement(&["plain"], &[])
        };
        assert_eq!(TableSet::read_by(&calling, &catalog()), TableSet::All);
        assert_eq!(TableSet::written_by(&[&calling], &catalog()), TableSet::All);
    }

    #[test]
    fn written_tables_are_known_unless_others_change_with_them() {
        let written = |names: &[&str]| {
            let statements = names.iter().map(|&name| statement(&["view"], &[name]));
            let statements: Vec<Statement> = statements.collect();
            TableSet::written_by(&statements.iter().collect::<Vec<_>>(), &catalog())
        };
        assert_eq!(written(&["plain", "other", "plain"]), only(&["other", "plain"]));
        assert_eq!(written(&["guarded"]), only(&["guarded"]));
        for unknown in ["audited", "partition", "view", "foreign", "event_log", "absent"] {
            assert_eq!(written(&["plain", unknown]), TableSet::All, "{unknown}");
        }
    }
}
