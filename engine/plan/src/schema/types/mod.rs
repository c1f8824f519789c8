//! The whole as a GraphQL type system, written in the schema language: what introspection shows. Names, nullability and
//! descriptions are Hasura's, because code generators copy them into their output.
//!
//! - [`roots`]: the root types
//! - [`reads`], [`writes`]: the types of a table
//! - [`scalars`]: scalars and their comparisons
//! - [`item`]: one field as text

mod item;
mod reads;
mod roots;
mod scalars;
mod writes;

use super::RoleSchema;
use super::scalar::scalar_name;
use super::table::TableSchema;
use crate::bind::names::{DIRECTIONS, ORDERINGS};
use engine_model::catalog::PgType;
use engine_model::metadata::names::is_enum_value;
use item::{Item, describe};
use std::collections::HashSet;
use std::fmt::Write as _;

/// Documents may say it; nothing is cached.
const CACHED: &str = "\"\"\"whether this query should be cached (Hasura Cloud only)\"\"\"
directive @cached(
  \"\"\"measured in seconds\"\"\"
  ttl: Int! = 60
  \"\"\"refresh the cache entry\"\"\"
  refresh: Boolean! = false
) on QUERY

";

/// The type system of a role, in the schema language.
pub(super) fn write(schema: &RoleSchema) -> String {
    let mut writer = Writer {
        schema,
        out: String::new(),
        types: HashSet::new(),
        scalars: Vec::new(),
    };
    writer.out.push_str(CACHED);
    writer.roots();
    writer.order_by();
    for table in schema.tables() {
        writer.table(table);
    }
    writer.scalars();
    writer.out
}

struct Writer<'s> {
    schema: &'s RoleSchema,
    out: String,
    /// Written so far. Two tables may ask for the same name; the first gets it.
    types: HashSet<String>,
    /// Scalars that columns have, with a type to tell the operators by; true if something compares with it.
    scalars: Vec<(String, PgType)>,
}

impl<'s> Writer<'s> {
    fn block(&mut self, keyword: &str, name: &str, description: Option<&str>, items: &[Item]) {
        // A type without fields is not valid; whoever refers to it checks for that.
        if items.is_empty() || !self.types.insert(name.to_owned()) {
            return;
        }
        if let Some(text) = description {
            describe(&mut self.out, "", text);
        }
        let _ = writeln!(self.out, "{keyword} {name} {{");
        let mut seen = HashSet::new();
        for item in items {
            if seen.insert(item.name.as_str()) {
                item.write(&mut self.out, "  ");
            }
        }
        self.out.push_str("}\n\n");
    }

    fn object(&mut self, name: &str, description: Option<&str>, fields: &[Item]) {
        self.block("type", name, description, fields);
    }

    fn input(&mut self, name: &str, description: Option<&str>, fields: &[Item]) {
        self.block("input", name, description, fields);
    }

    fn enumeration(&mut self, name: &str, description: &str, values: &[(String, String)]) {
        // A column may be called `true`; then it cannot be named here.
        let values: Vec<_> = values.iter().filter(|(value, _)| is_enum_value(value)).collect();
        if values.is_empty() || !self.types.insert(name.to_owned()) {
            return;
        }
        describe(&mut self.out, "", description);
        let _ = writeln!(self.out, "enum {name} {{");
        for (value, about) in values {
            describe(&mut self.out, "  ", about);
            let _ = writeln!(self.out, "  {value}");
        }
        self.out.push_str("}\n\n");
    }

    /// A column's type; remembers its scalar.
    fn scalar(&mut self, ty: &PgType) -> String {
        let name = scalar_name(ty).to_owned();
        if !self.scalars.iter().any(|(known, _)| *known == name) {
            self.scalars.push((name.clone(), ty.clone()));
        }
        name
    }

    fn order_by(&mut self) {
        let values: Vec<_> = DIRECTIONS
            .iter()
            .map(|(name, _, _, about)| ((*name).to_owned(), (*about).to_owned()))
            .collect();
        self.enumeration("order_by", "column ordering options", &values);
        let values: Vec<_> = ORDERINGS
            .iter()
            .map(|(name, _, about)| ((*name).to_owned(), (*about).to_owned()))
            .collect();
        self.enumeration("cursor_ordering", "ordering argument of a cursor", &values);
    }

    fn table(&mut self, table: &'s TableSchema) {
        self.row(table);
        self.filters(table);
        self.aggregates(table);
        self.cursors(table);
        self.inserts(table);
        self.updates(table);
    }
}
