//! The description of a role's API: types, fields, arguments and input fields. Introspection is answered from it, and the
//! binder accepts what it contains. Names, nullability and descriptions are Hasura's, because code generators copy them
//! into their output.
//!
//! - [`store`]: the description as data
//! - [`builder`], [`field`]: its construction
//! - [`built_in`]: types and directives of GraphQL itself
//! - [`roots`]: the root types
//! - [`reads`], [`writes`]: the types of a table
//! - [`scalars`]: scalars and their comparisons

mod builder;
mod built_in;
mod field;
mod reads;
mod roots;
mod scalars;
mod store;
mod writes;

use super::RoleSchema;
use super::operators::{CURSOR_ORDERING_VALUES, ORDER_BY_VALUES};
use super::scalar::scalar_name;
use super::table::TableSchema;
use builder::StoreBuilder;
use engine_model::catalog::PgType;
use engine_model::metadata::names::is_enum_value;
use field::{FieldDescription, field};
pub(crate) use store::{Description, Directive, Kind, Member, Type, Wrapping};

/// Describes the API of a role.
pub(super) fn describe(schema: &RoleSchema) -> Description {
    let mut builder = DescriptionBuilder {
        schema,
        store: StoreBuilder::new(),
        scalars: Vec::new(),
    };
    builder.roots();
    builder.order_by();
    for table in schema.tables() {
        builder.table(table);
    }
    builder.scalars();
    builder.store.finish()
}

struct DescriptionBuilder<'s> {
    schema: &'s RoleSchema,
    store: StoreBuilder,
    /// Scalars of the columns, each with a Postgres type that determines its operators.
    scalars: Vec<(String, PgType)>,
}

impl<'s> DescriptionBuilder<'s> {
    fn object(&mut self, name: &str, description: Option<&str>, fields: &[FieldDescription]) {
        self.add(Kind::Object, name, description, fields);
    }

    fn input(&mut self, name: &str, description: Option<&str>, fields: &[FieldDescription]) {
        self.add(Kind::InputObject, name, description, fields);
    }

    fn enumeration<'v>(
        &mut self,
        name: &str,
        description: &str,
        values: impl Iterator<Item = (&'v str, &'v str)>,
    ) {
        // A column may be called `true`, which is not an enum value.
        let values: Vec<_> = values
            .filter(|(value, _)| is_enum_value(value))
            .map(|(value, text)| field(value, "").about(text))
            .collect();
        self.add(Kind::Enum, name, Some(description), &values);
    }

    fn add(&mut self, kind: Kind, name: &str, description: Option<&str>, members: &[FieldDescription]) {
        // GraphQL forbids types without members; the builder also removes the members that refer to one.
        if !members.is_empty() {
            self.store.add(kind, name, description, members);
        }
    }

    /// Returns the scalar of a column and records it.
    fn scalar(&mut self, ty: &PgType) -> String {
        let name = scalar_name(ty).to_owned();
        if !self.scalars.iter().any(|(known, _)| *known == name) {
            self.scalars.push((name.clone(), ty.clone()));
        }
        name
    }

    fn order_by(&mut self) {
        let values = ORDER_BY_VALUES.iter().map(|(name, _, _, text)| (*name, *text));
        self.enumeration("order_by", "column ordering options", values);
        let values = CURSOR_ORDERING_VALUES
            .iter()
            .map(|(name, _, text)| (*name, *text));
        self.enumeration("cursor_ordering", "ordering argument of a cursor", values);
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
