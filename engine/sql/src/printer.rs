//! Tree → text. Statements that change data are in [`modify`].

mod modify;

use super::ast::{Alias, CteName, Expr, Operator, OrderBy, Output, Select, Source, Table};
use crate::quote::{push_ident, push_literal};
use crate::statement::{DeferredValue, ParamSource, Relation, Statement};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

/// Prints a statement: parameters are `$1`, `$2`, ….
pub fn print(select: Select<'_>) -> Statement {
    let mut printer = Printer::new(false);
    printer.select(select);
    let sql = std::mem::take(&mut printer.sql);
    printer.statement(sql)
}

/// Prints a statement for many subscribers: `$1::json` is an array of `[id, [param, …]]`, the rows are (`id` int4, `data`
/// text). `select` has one output, the data, and one row.
pub fn print_multiplexed(select: Select<'_>) -> Statement {
    multiplexed(
        select,
        r#" SELECT "_subs"."id" AS "id", ("#,
        r#")::text AS "data" FROM "_subs""#,
    )
}

/// Prints the same for streams: `select` has the outputs `data`, `cursor` (text) and `full`, and so have the rows.
pub fn print_multiplexed_stream(select: Select<'_>) -> Statement {
    multiplexed(
        select,
        r#" SELECT "_subs"."id" AS "id", "_d"."data"::text AS "data", "_d"."cursor", "_d"."full" FROM "_subs" CROSS JOIN LATERAL ("#,
        r#") AS "_d""#,
    )
}

fn multiplexed(select: Select<'_>, before: &str, after: &str) -> Statement {
    let mut printer = Printer::new(true);
    printer.select(select);
    let sql = [&printer.subscribers(), before, &printer.sql, after].concat();
    printer.statement(sql)
}

struct Printer {
    sql: String,
    params: Vec<ParamSource>,
    /// SQL types of the parameters, if multiplexed.
    types: Vec<String>,
    multiplexed: bool,
    /// Numbers of the parameters from which elements are taken.
    arrays: HashMap<*const ParamSource, usize>,
    /// Numbers of the parameters for values of the request, by value and type: a value used several times is sent once.
    values: HashMap<(ParamSource, String), usize>,
    /// Number of queries and subqueries.
    queries: usize,
    reads: BTreeSet<Relation>,
    writes: BTreeSet<Relation>,
    calls_functions: bool,
}

impl Printer {
    fn new(multiplexed: bool) -> Self {
        Self {
            sql: String::with_capacity(512),
            params: Vec::new(),
            types: Vec::new(),
            multiplexed,
            arrays: HashMap::new(),
            values: HashMap::new(),
            queries: 0,
            reads: BTreeSet::new(),
            writes: BTreeSet::new(),
            calls_functions: false,
        }
    }

    fn statement(self, sql: String) -> Statement {
        Statement {
            sql: sql.into(),
            params: self.params,
            queries: self.queries,
            reads: self.reads.into_iter().collect(),
            writes: self.writes.into_iter().collect(),
            calls_functions: self.calls_functions,
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

    /// Prints the table that a statement changes.
    fn changed_table(&mut self, table: Table<'_>) {
        self.table(table);
        self.writes.insert(relation(table));
    }

    fn list<T>(&mut self, items: Vec<T>, mut each: impl FnMut(&mut Self, T)) {
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                self.raw(", ");
            }
            each(self, item);
        }
    }

    fn param(&mut self, source: ParamSource, ty: &str) {
        let n = match source {
            ParamSource::Request(_) | ParamSource::Session(_) => self.value(source, ty),
            ParamSource::Literal(_) | ParamSource::Array(_) | ParamSource::Deferred(_) => {
                self.new_param(source, ty)
            }
        };
        self.param_reference(n, ty);
    }

    /// Returns the number of the parameter for a value of the request. The type is part of the key because Postgres gives a
    /// parameter one type.
    fn value(&mut self, source: ParamSource, ty: &str) -> usize {
        let key = (source, ty.to_owned());
        if let Some(&n) = self.values.get(&key) {
            return n;
        }
        let n = self.new_param(key.0.clone(), ty);
        self.values.insert(key, n);
        n
    }

    fn new_param(&mut self, source: ParamSource, ty: &str) -> usize {
        self.params.push(source);
        if self.multiplexed {
            self.types.push(ty.to_owned());
        }
        self.params.len()
    }

    fn param_reference(&mut self, n: usize, ty: &str) {
        if self.multiplexed {
            let _ = write!(self.sql, "\"_subs\".\"p{}\"", n - 1);
        } else {
            let _ = write!(self.sql, "(${n})::{ty}");
        }
    }

    fn array(&mut self, source: &Arc<ParamSource>) {
        if let Some(&n) = self.arrays.get(&Arc::as_ptr(source)) {
            self.param_reference(n, "text[]");
        } else {
            self.param(ParamSource::clone(source), "text[]");
            self.arrays.insert(Arc::as_ptr(source), self.params.len());
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

    fn expr(&mut self, expr: Expr<'_>) {
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

    fn tuple(&mut self, items: Vec<Expr<'_>>, open: &str) {
        self.raw(open);
        self.list(items, Self::expr);
        self.raw(")");
    }

    fn wrapped(&mut self, open: &str, select: Select<'_>) {
        self.raw(open);
        self.select(select);
        self.raw(")");
    }

    fn output(&mut self, output: Output<'_>) {
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

    fn source(&mut self, source: Source<'_>) {
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

    fn select(&mut self, select: Select<'_>) {
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

    fn predicate(&mut self, predicate: Option<Expr<'_>>) {
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

fn relation(table: Table<'_>) -> Relation {
    Relation {
        schema: table.schema.to_owned(),
        name: table.name.to_owned(),
    }
}
