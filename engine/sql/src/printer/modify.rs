//! INSERT, UPDATE, DELETE.

use super::Printer;
use crate::ast::{
    ConflictTarget, Cte, Delete, Expr, Insert, InsertRows, ModifyingStatement, OnConflict, Output, Update,
};

impl Printer {
    pub(super) fn cte(&mut self, cte: Cte<'_>) {
        self.cte_name(cte.name);
        self.raw(" AS (");
        match cte.statement {
            ModifyingStatement::Insert(insert) => self.insert(insert),
            ModifyingStatement::Update(update) => self.update(update),
            ModifyingStatement::Delete(delete) => self.delete(delete),
        }
        self.raw(")");
    }

    fn assignments(&mut self, set: Vec<(&str, Expr<'_>)>) {
        self.list(set, |p, (column, expr)| {
            p.ident(column);
            p.raw(" = ");
            p.expr(expr);
        });
    }

    fn returning(&mut self, outputs: Vec<Output<'_>>) {
        if !outputs.is_empty() {
            self.raw(" RETURNING ");
            self.list(outputs, Self::output);
        }
    }

    fn insert(&mut self, insert: Insert<'_>) {
        self.raw("INSERT INTO ");
        self.changed_table(insert.table);
        self.raw(" AS ");
        self.alias(insert.alias);
        if !insert.columns.is_empty() {
            self.raw(" (");
            self.list(insert.columns, Self::ident);
            self.raw(")");
        }
        match insert.rows {
            InsertRows::Defaults => self.raw(" DEFAULT VALUES"),
            InsertRows::Select(rows) => {
                self.raw(" ");
                self.select(*rows);
            }
            InsertRows::Values(rows) => {
                self.raw(" VALUES ");
                self.list(rows, |p, row| {
                    p.raw("(");
                    p.list(row, |p, cell| match cell {
                        Some(cell) => p.expr(cell),
                        None => p.raw("DEFAULT"),
                    });
                    p.raw(")");
                });
            }
        }
        if let Some(on_conflict) = insert.on_conflict {
            self.on_conflict(on_conflict);
        }
        self.returning(insert.returning);
    }

    fn on_conflict(&mut self, on_conflict: OnConflict<'_>) {
        self.raw(" ON CONFLICT");
        match on_conflict.target {
            None => {}
            Some(ConflictTarget::Constraint(name)) => {
                self.raw(" ON CONSTRAINT ");
                self.ident(&name);
            }
            Some(ConflictTarget::Columns(columns)) => {
                self.raw(" (");
                self.list(columns, |p, column| p.ident(&column));
                self.raw(")");
            }
        }
        if on_conflict.set.is_empty() {
            self.raw(" DO NOTHING");
        } else {
            self.raw(" DO UPDATE SET ");
            self.assignments(on_conflict.set);
            self.predicate(on_conflict.predicate);
        }
    }

    fn update(&mut self, update: Update<'_>) {
        self.raw("UPDATE ");
        self.changed_table(update.table);
        self.raw(" AS ");
        self.alias(update.alias);
        self.raw(" SET ");
        self.assignments(update.set);
        self.predicate(Some(update.predicate));
        self.returning(update.returning);
    }

    fn delete(&mut self, delete: Delete<'_>) {
        self.raw("DELETE FROM ");
        self.changed_table(delete.table);
        self.raw(" AS ");
        self.alias(delete.alias);
        self.predicate(Some(delete.predicate));
        self.returning(delete.returning);
    }
}
