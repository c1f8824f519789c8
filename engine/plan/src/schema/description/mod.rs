//! The description of a role's API: types, fields, arguments and input fields. Introspection is answered from it, and the
//! binder accepts what it contains. Names, nullability and descriptions are Hasura's, because code generators copy them
//! into their output.
//!
//! - [`store`]: the description as data
//! - [`builder`], [`field`]: its construction
//! - [`built_in`]: types and directives of GraphQL itself
//! - [`roots`], [`functions`]: the root types
//! - [`computed_fields`]: fields that functions compute
//! - [`reads`], [`writes`]: the types of a table
//! - [`scalars`]: scalars and their comparisons

mod builder;
mod built_in;
mod computed_fields;
mod field;
mod functions;
mod reads;
mod roots;
mod scalars;
mod store;
mod writes;

use super::RoleSchema;
use super::operators::{CURSOR_ORDERING_VALUES, ORDER_BY_VALUES};
use super::scalar::{ValueType, value_type};
use super::table::TableSchema;
use builder::StoreBuilder;
use engine_model::catalog::{PgType, TypeKind};
use engine_model::metadata::names::is_enum_value;
use field::{FieldDescription, field};
use indexmap::IndexMap;
pub(crate) use store::{Description, Directive, Kind, Member, Type, Wrapping};

/// Describes the API of a role.
pub(super) fn describe(schema: &RoleSchema) -> Description {
    let mut builder = DescriptionBuilder {
        schema,
        store: StoreBuilder::new(),
        comparisons: IndexMap::new(),
    };
    builder.roots();
    builder.order_by();
    for table in schema.tables() {
        builder.table(table);
    }
    builder.function_arguments();
    builder.comparisons();
    builder.store.finish()
}

struct DescriptionBuilder<'s> {
    schema: &'s RoleSchema,
    store: StoreBuilder,
    /// Types whose values can be compared, each with the Postgres type that determines its operators.
    comparisons: IndexMap<String, PgType>,
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

    /// Returns the type of a column's values and declares its scalar.
    fn value_type<'t>(&mut self, ty: &'t PgType) -> ValueType<'t> {
        let value = value_type(ty);
        match &ty.kind {
            TypeKind::TableEnum(enumeration) => self.table_enum(enumeration),
            _ => self.declare(value.name),
        }
        value
    }

    /// Returns the type of a column's comparisons and records it.
    fn comparison(&mut self, ty: &PgType) -> String {
        let name = self.schema.comparison_type(ty);
        if !self.comparisons.contains_key(&name) {
            self.comparisons.insert(name.clone(), ty.clone());
        }
        name
    }

    fn order_by(&mut self) {
        let schema = self.schema;
        let values = ORDER_BY_VALUES
            .iter()
            .map(|(name, _, _, text)| (schema.word(name), *text));
        self.enumeration(schema.order_by_type(), "column ordering options", values);
        let values = CURSOR_ORDERING_VALUES
            .iter()
            .map(|(name, _, text)| (*name, *text));
        let ty = schema.cursor_ordering_type();
        self.enumeration(ty, "ordering argument of a cursor", values);
    }

    fn table(&mut self, table: &'s TableSchema) {
        if table.can_select() {
            self.row(table);
            self.cursors(table);
            self.computed_arguments(table);
        }
        // Without a select permission, updates and deletes have a condition without columns.
        self.filters(table);
        if table.allows_aggregations() {
            self.aggregates(table);
        }
        self.inserts(table);
        self.updates(table);
    }
}
