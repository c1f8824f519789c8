//! SELECT.

use super::{Printer, relation};
use crate::ast::{Expr, OrderBy, Output, Select, Source};

impl Printer {
    pub(super) fn select(&mut self, select: Select<'_>) {
        self.queries += 1;
        if !select.with.is_empty() {
            self.raw("WITH ");
            self.list(select.with, Self::cte);
            self.raw(" ");
        }
        self.raw("SELECT ");
        if !select.distinct_on.is_empty() {
            self.raw("DISTINCT ON (");
            self.list(select.distinct_on, Self::expr);
            self.raw(") ");
        }
        self.list(select.columns, Self::output);
        if !select.from.is_empty() {
            self.raw(" FROM ");
            self.list(select.from, Self::source);
        }
        self.predicate(select.predicate);
        if !select.order_by.is_empty() {
            self.raw(" ORDER BY ");
            self.list(select.order_by, Self::order_by);
        }
        if let Some(limit) = select.limit {
            self.raw(" LIMIT ");
            self.expr(limit);
        }
        if let Some(offset) = select.offset {
            self.raw(" OFFSET ");
            self.expr(offset);
        }
    }

    pub(super) fn output(&mut self, output: Output<'_>) {
        match output {
            Output::As(expr, name) => {
                self.expr(expr);
                self.raw(" AS ");
                self.ident(&name);
            }
            Output::Star(alias) => {
                self.alias(alias);
                self.raw(".*");
            }
        }
    }

    pub(super) fn source(&mut self, source: Source<'_>) {
        let mut record = None;
        let alias = match source {
            Source::Table(table, alias) => {
                self.table(table);
                self.reads.insert(relation(table));
                alias
            }
            Source::Cte(name, alias) => {
                self.cte_name(name);
                alias
            }
            Source::Select(select, alias) => {
                self.wrapped("(", *select);
                alias
            }
            Source::Function(expr, alias) => {
                self.expr(expr);
                alias
            }
            Source::Series(expr, alias, column) => {
                self.expr(expr);
                record = Some(vec![column]);
                alias
            }
            Source::Unnest(arrays, alias, columns) => {
                self.tuple(arrays, "unnest(");
                record = Some(columns);
                alias
            }
        };
        self.raw(" AS ");
        self.alias(alias);
        if let Some(columns) = record {
            self.raw("(");
            self.list(columns, Self::ident);
            self.raw(")");
        }
    }

    pub(super) fn predicate(&mut self, predicate: Option<Expr<'_>>) {
        match predicate {
            Some(Expr::And(none)) if none.is_empty() => {}
            Some(predicate) => {
                self.raw(" WHERE ");
                self.expr(predicate);
            }
            None => {}
        }
    }

    fn order_by(&mut self, item: OrderBy<'_>) {
        self.expr(item.expr);
        self.raw(if item.descending { " DESC" } else { " ASC" });
        // Only where it differs from Postgres' default: both forms can use an index, the short one is easier to read.
        if item.descending != item.nulls_first {
            self.raw(if item.nulls_first {
                " NULLS FIRST"
            } else {
                " NULLS LAST"
            });
        }
    }
}
