//! Tree → text. Expressions are in [`expression`], queries in [`select`], statements that change data in [`modify`], and the
//! numbers of parameters in [`parameters`].

mod expression;
mod modify;
mod parameters;
mod select;

use super::ast::{Alias, CteName, Select, Table};
use crate::quote::push_ident;
use crate::statement::{ParamSource, Relation, Statement};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

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
}

fn relation(table: Table<'_>) -> Relation {
    Relation {
        schema: table.schema.to_owned(),
        name: table.name.to_owned(),
    }
}
