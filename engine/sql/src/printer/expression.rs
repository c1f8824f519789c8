//! Expressions.

use super::Printer;
use crate::ast::{Expr, Operator, Select};
use crate::quote::push_literal;
use crate::statement::{DeferredValue, ParamSource};
use std::fmt::Write as _;

impl Printer {
    pub(super) fn expr(&mut self, expr: Expr<'_>) {
        match expr {
            Expr::Column(alias, column) => {
                self.alias(alias);
                self.raw(".");
                self.ident(&column);
            }
            // Not the bare alias: a column of that name would come before the row.
            Expr::Row(alias) => {
                self.alias(alias);
                self.raw(".*");
            }
            Expr::TypedRow(alias, table) => {
                self.raw("ROW(");
                self.alias(alias);
                self.raw(".*)::");
                self.table(table);
            }
            Expr::Param(source, ty) => self.param(source, &ty),
            Expr::Raw(text) => self.raw(text),
            Expr::Number(n) => {
                let _ = write!(self.sql, "{n}");
            }
            Expr::Text(text) => push_literal(&mut self.sql, &text),
            Expr::Call(name, args) => {
                self.raw(name);
                self.tuple(args, "(");
            }
            Expr::SchemaCall(schema, name, args) => {
                self.ident(&schema);
                self.raw(".");
                self.raw(name);
                self.tuple(args, "(");
            }
            Expr::UserCall(function, positional, named) => {
                self.calls_functions = true;
                self.table(function);
                self.raw("(");
                let separator = if positional.is_empty() || named.is_empty() {
                    ""
                } else {
                    ", "
                };
                self.list(positional, Self::expr);
                self.raw(separator);
                self.list(named, |printer, (name, value)| {
                    printer.ident(name);
                    printer.raw(" => ");
                    printer.expr(value);
                });
                self.raw(")");
            }
            Expr::CallDistinct(name, args) => {
                self.raw(name);
                self.tuple(args, "(DISTINCT ");
            }
            Expr::Tuple(items) => self.tuple(items, "("),
            Expr::Cast(inner, ty) => {
                self.raw("(");
                self.expr(*inner);
                self.raw(")::");
                self.raw(&ty);
            }
            Expr::Binary(left, op, right) => {
                self.raw("(");
                self.expr(*left);
                self.raw(" ");
                self.operator(op);
                self.raw(" ");
                self.expr(*right);
                self.raw(")");
            }
            Expr::Quantified(left, op, quantifier, right) => {
                self.raw("(");
                self.expr(*left);
                self.raw(" ");
                self.operator(op);
                self.raw(" ");
                self.raw(quantifier);
                self.raw("(");
                self.expr(*right);
                self.raw("))");
            }
            Expr::And(items) => self.joined(items, " AND ", "true"),
            Expr::Or(items) => self.joined(items, " OR ", "false"),
            Expr::Not(inner) => {
                self.raw("(NOT ");
                self.expr(*inner);
                self.raw(")");
            }
            Expr::IsNull(inner) => {
                self.raw("(");
                self.expr(*inner);
                self.raw(" IS NULL)");
            }
            Expr::Case(condition, then, otherwise) => {
                self.raw("(CASE WHEN ");
                self.expr(*condition);
                self.raw(" THEN ");
                self.expr(*then);
                self.raw(" ELSE ");
                self.expr(*otherwise);
                self.raw(" END)");
            }
            Expr::DeferredRows(table) => {
                self.params.push(ParamSource::Deferred(DeferredValue::Rows));
                let _ = write!(self.sql, "(${})::", self.params.len());
                self.table(table);
                self.raw("[]");
            }
            Expr::Element(array, index) => {
                self.raw("(");
                self.array(&array);
                let _ = write!(self.sql, ")[{index}]");
            }
            Expr::Field(composite, field) => {
                self.raw("(");
                self.expr(*composite);
                self.raw(").");
                self.ident(field);
            }
            Expr::Subscript(array, index) => {
                self.raw("(");
                self.expr(*array);
                self.raw(")[");
                self.expr(*index);
                self.raw("]");
            }
            Expr::Exists(select) => self.wrapped("EXISTS (", *select),
            Expr::Subquery(select) => self.wrapped("(", *select),
        }
    }

    fn joined(&mut self, mut items: Vec<Expr<'_>>, separator: &str, none: &str) {
        match items.len() {
            0 => self.raw(none),
            1 => items.drain(..).for_each(|one| self.expr(one)),
            _ => {
                self.raw("(");
                for (i, item) in items.into_iter().enumerate() {
                    if i > 0 {
                        self.raw(separator);
                    }
                    self.expr(item);
                }
                self.raw(")");
            }
        }
    }

    fn operator(&mut self, operator: Operator<'_>) {
        match operator.schema {
            Some(schema) => {
                self.raw("OPERATOR(");
                self.ident(schema);
                self.raw(".");
                self.raw(operator.name);
                self.raw(")");
            }
            None => self.raw(operator.name),
        }
    }

    pub(super) fn tuple(&mut self, items: Vec<Expr<'_>>, open: &str) {
        self.raw(open);
        self.list(items, Self::expr);
        self.raw(")");
    }

    pub(super) fn wrapped(&mut self, open: &str, select: Select<'_>) {
        self.raw(open);
        self.select(select);
        self.raw(")");
    }
}
