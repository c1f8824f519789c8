//! Tree → text. Statements that change data are in [`change`].

mod modify;

use super::ast::{Alias, CteName, DeferredValue, Expr, OrderBy, Output, Select, Source, Table};
use crate::Statement;
use std::fmt::Write as _;

/// Prints a statement for one request: parameters are `$1`, `$2`, ….
pub fn print(select: &Select<'_>) -> Statement {
    let mut printer = Printer::new(false);
    printer.select(select);
    Statement {
        sql: printer.sql,
        params: printer.params,
    }
}

/// Prints a statement some of whose parameters are not known yet, and which those are (place in `params`).
pub fn print_with_slots(select: &Select<'_>) -> (Statement, Vec<(DeferredValue, usize)>) {
    let mut printer = Printer::new(false);
    printer.select(select);
    (
        Statement {
            sql: printer.sql,
            params: printer.params,
        },
        printer.slots,
    )
}

/// Prints a statement for many subscribers: `$1::json` is an array of `[id, [param, …]]`, the rows are (`id` int4, `data`
/// text). `select` has one output, the data, and one row.
pub fn print_multiplexed(select: &Select<'_>) -> Statement {
    let mut printer = Printer::new(true);
    printer.select(select);
    let mut sql = printer.subscribers();
    sql.push_str(r#" SELECT "_subs"."id" AS "id", ("#);
    sql.push_str(&printer.sql);
    sql.push_str(r#")::text AS "data" FROM "_subs""#);
    Statement {
        sql,
        params: printer.params,
    }
}

/// The same for streams: `select` has the outputs `data`, `cursor` (text) and `full`, and so have the rows. Also which
/// parameters are not known yet (place in `params`).
pub fn print_multiplexed_stream(select: &Select<'_>) -> (Statement, Vec<(DeferredValue, usize)>) {
    let mut printer = Printer::new(true);
    printer.select(select);
    let mut sql = printer.subscribers();
    sql.push_str(
        r#" SELECT "_subs"."id" AS "id", "_d"."data"::text AS "data", "_d"."cursor", "_d"."full" FROM "_subs" CROSS JOIN LATERAL ("#,
    );
    sql.push_str(&printer.sql);
    sql.push_str(r#") AS "_d""#);
    let statement = Statement {
        sql,
        params: printer.params,
    };
    (statement, printer.slots)
}

struct Printer {
    sql: String,
    params: Vec<Option<String>>,
    types: Vec<String>,
    slots: Vec<(DeferredValue, usize)>,
    multiplexed: bool,
}

/// Appends an identifier in quotes.
pub fn push_ident(out: &mut String, name: &str) {
    out.push('"');
    for c in name.chars() {
        if c == '"' {
            out.push('"');
        }
        out.push(c);
    }
    out.push('"');
}

/// Appends a string literal. Backslashes are plain: `standard_conforming_strings` is on in every supported version.
fn push_literal(out: &mut String, text: &str) {
    out.push('\'');
    for c in text.chars() {
        if c == '\'' {
            out.push('\'');
        }
        out.push(c);
    }
    out.push('\'');
}

impl Printer {
    fn new(multiplexed: bool) -> Self {
        Self {
            sql: String::with_capacity(512),
            params: Vec::new(),
            types: Vec::new(),
            slots: Vec::new(),
            multiplexed,
        }
    }

    /// The CTE `"_subs"`, a row of typed values for each subscriber.
    fn subscribers(&self) -> String {
        // Materialized, so that a subscriber's values are taken out of the JSON once and not for each row they filter.
        let mut sql = String::with_capacity(self.sql.len() + 256);
        sql.push_str(r#"WITH "_subs" AS MATERIALIZED (SELECT ("e"->>0)::int4 AS "id""#);
        for (i, ty) in self.types.iter().enumerate() {
            let _ = write!(sql, r#", ("e"->1->>{i})::{ty} AS "p{i}""#);
        }
        sql.push_str(r#" FROM json_array_elements($1::json) AS "e")"#);
        sql
    }

    fn raw(&mut self, text: &str) {
        self.sql.push_str(text);
    }

    fn ident(&mut self, name: &str) {
        push_ident(&mut self.sql, name);
    }

    fn alias(&mut self, alias: Alias) {
        match alias {
            Alias::Number(n) => {
                let _ = write!(self.sql, "\"_t{n}\"");
            }
            Alias::Named(name) => self.ident(name),
        }
    }

    fn cte_name(&mut self, CteName(n): CteName) {
        let _ = write!(self.sql, "\"_m{n}\"");
    }

    fn table(&mut self, table: Table<'_>) {
        self.ident(table.schema);
        self.raw(".");
        self.ident(table.name);
    }

    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.raw(", ");
            }
            each(self, item);
        }
    }

    fn param(&mut self, value: Option<&str>, ty: &str) {
        self.params.push(value.map(str::to_owned));
        let n = self.params.len();
        if self.multiplexed {
            self.types.push(ty.to_owned());
            let _ = write!(self.sql, "\"_subs\".\"p{}\"", n - 1);
        } else {
            let _ = write!(self.sql, "(${n})::{ty}");
        }
    }

    fn joined(&mut self, items: &[Expr<'_>], separator: &str, none: &str) {
        match items {
            [] => self.raw(none),
            [one] => self.expr(one),
            many => {
                self.raw("(");
                for (i, item) in many.iter().enumerate() {
                    if i > 0 {
                        self.raw(separator);
                    }
                    self.expr(item);
                }
                self.raw(")");
            }
        }
    }

    fn expr(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Column(alias, column) => {
                self.alias(*alias);
                self.raw(".");
                self.ident(column);
            }
            // Not the bare alias: a column of that name would come before the row.
            Expr::Row(alias) => {
                self.alias(*alias);
                self.raw(".*");
            }
            Expr::Param(value, ty) => self.param(value.as_deref(), ty),
            Expr::Raw(text) => self.raw(text),
            Expr::Number(n) => {
                let _ = write!(self.sql, "{n}");
            }
            Expr::Text(text) => push_literal(&mut self.sql, text),
            Expr::Call(name, args) | Expr::CallDistinct(name, args) => {
                self.raw(name);
                self.raw(if matches!(expr, Expr::CallDistinct(..)) {
                    "(DISTINCT "
                } else {
                    "("
                });
                self.list(args, |p, arg| p.expr(arg));
                self.raw(")");
            }
            Expr::Tuple(items) => {
                self.raw("(");
                self.list(items, |p, item| p.expr(item));
                self.raw(")");
            }
            Expr::Cast(inner, ty) => {
                self.raw("(");
                self.expr(inner);
                self.raw(")::");
                self.raw(ty);
            }
            Expr::CastRow(inner, table, array) => {
                self.raw("(");
                self.expr(inner);
                self.raw(")::");
                self.table(*table);
                if *array {
                    self.raw("[]");
                }
            }
            Expr::Binary(left, op, right) => {
                self.raw("(");
                self.expr(left);
                self.raw(" ");
                self.raw(op);
                self.raw(" ");
                self.expr(right);
                self.raw(")");
            }
            Expr::Quantified(left, op, quantifier, right) => {
                self.raw("(");
                self.expr(left);
                self.raw(" ");
                self.raw(op);
                self.raw(" ");
                self.raw(quantifier);
                self.raw("(");
                self.expr(right);
                self.raw("))");
            }
            Expr::And(items) => self.joined(items, " AND ", "true"),
            Expr::Or(items) => self.joined(items, " OR ", "false"),
            Expr::Not(inner) => {
                self.raw("(NOT ");
                self.expr(inner);
                self.raw(")");
            }
            Expr::IsNull(inner) => {
                self.raw("(");
                self.expr(inner);
                self.raw(" IS NULL)");
            }
            Expr::Case(condition, then, otherwise) => {
                self.raw("(CASE WHEN ");
                self.expr(condition);
                self.raw(" THEN ");
                self.expr(then);
                self.raw(" ELSE ");
                self.expr(otherwise);
                self.raw(" END)");
            }
            Expr::DeferredValue(slot, ty) => {
                self.slots.push((*slot, self.params.len()));
                self.param(None, ty);
            }
            Expr::RowsSlot(table) => {
                self.slots.push((DeferredValue::Rows, self.params.len()));
                self.params.push(None);
                let _ = write!(self.sql, "(${})::", self.params.len());
                self.table(*table);
                self.raw("[]");
            }
            Expr::Exists(select) => self.wrapped("EXISTS (", select),
            Expr::Subquery(select) => self.wrapped("(", select),
            Expr::Array(select) => self.wrapped("ARRAY(", select),
        }
    }

    fn wrapped(&mut self, open: &str, select: &Select<'_>) {
        self.raw(open);
        self.select(select);
        self.raw(")");
    }

    fn output(&mut self, output: &Output<'_>) {
        match output {
            Output::As(expr, name) => {
                self.expr(expr);
                self.raw(" AS ");
                self.ident(name);
            }
            Output::Star(alias) => {
                self.alias(*alias);
                self.raw(".*");
            }
        }
    }

    fn source(&mut self, source: &Source<'_>) {
        let alias = match source {
            Source::Table(table, alias) => {
                self.table(*table);
                alias
            }
            Source::Cte(name, alias) => {
                self.cte_name(*name);
                alias
            }
            Source::Select(select, alias) => {
                self.wrapped("(", select);
                alias
            }
            Source::UnionAll(selects, alias) => {
                self.raw("(");
                for (i, select) in selects.iter().enumerate() {
                    if i > 0 {
                        self.raw(" UNION ALL ");
                    }
                    self.select(select);
                }
                self.raw(")");
                alias
            }
            Source::Function(expr, alias) => {
                self.expr(expr);
                alias
            }
            Source::Recordset(expr, alias, _) => {
                self.raw("json_to_recordset(");
                self.expr(expr);
                self.raw(")");
                alias
            }
        };
        self.raw(" AS ");
        self.alias(*alias);
        if let Source::Recordset(_, _, columns) = source {
            self.raw("(");
            self.list(columns, |p, (name, ty)| {
                p.ident(name);
                p.raw(" ");
                p.raw(ty);
            });
            self.raw(")");
        }
    }

    fn order_by(&mut self, item: &OrderBy<'_>) {
        self.expr(&item.expr);
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

    fn select(&mut self, select: &Select<'_>) {
        if !select.with.is_empty() {
            self.raw("WITH ");
            self.list(&select.with, Self::cte);
            self.raw(" ");
        }
        self.raw("SELECT ");
        if !select.distinct_on.is_empty() {
            self.raw("DISTINCT ON (");
            self.list(&select.distinct_on, |p, expr| p.expr(expr));
            self.raw(") ");
        }
        self.list(&select.columns, Self::output);
        if !select.from.is_empty() {
            self.raw(" FROM ");
            self.list(&select.from, Self::source);
        }
        self.predicate(select.predicate.as_ref());
        if !select.order_by.is_empty() {
            self.raw(" ORDER BY ");
            self.list(&select.order_by, Self::order_by);
        }
        if let Some(limit) = &select.limit {
            self.raw(" LIMIT ");
            self.expr(limit);
        }
        if let Some(offset) = &select.offset {
            self.raw(" OFFSET ");
            self.expr(offset);
        }
    }

    fn predicate(&mut self, predicate: Option<&Expr<'_>>) {
        match predicate {
            Some(Expr::And(none)) if none.is_empty() => {}
            Some(predicate) => {
                self.raw(" WHERE ");
                self.expr(predicate);
            }
            None => {}
        }
    }
}
