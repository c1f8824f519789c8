//! A table as a role sees it.

mod writes;

use super::access::{Access, Granted};
use super::api::ApiTables;
use super::type_names::TypeNames;
use crate::condition;
use crate::ir::{BoolExp, Redaction};
use crate::schema::scalar::{is_comparable, is_number};
use engine_model::catalog::{Column, PgType, TableName};
use engine_model::metadata::computed_field::ComputedField;
use engine_model::metadata::names::is_enum_value;
use engine_model::metadata::naming::AggregateNames;
use engine_model::metadata::tracked::{Relationship, RelationshipKind, RootField, TrackedTable};
use engine_model::permission::{JsonObject, SelectPermission, session_variables};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A table as a role sees it.
#[derive(Debug)]
pub struct TableSchema {
    tracked: Arc<TrackedTable>,
    /// The names of its types.
    pub names: Arc<TypeNames>,
    /// Tables that the conditions of permissions refer to.
    tables: Arc<ApiTables>,
    access: Access,
}

impl TableSchema {
    pub(super) fn new(
        tables: &Arc<ApiTables>,
        tracked: &Arc<TrackedTable>,
        names: &Arc<TypeNames>,
        access: Access,
    ) -> Self {
        Self {
            tracked: Arc::clone(tracked),
            names: Arc::clone(names),
            tables: Arc::clone(tables),
            access,
        }
    }

    /// The table as it is tracked.
    pub fn tracked(&self) -> &TrackedTable {
        &self.tracked
    }

    /// Its name in Postgres.
    pub fn table_name(&self) -> &TableName {
        &self.tracked.table.name
    }

    /// Whether rows can be read.
    pub fn can_select(&self) -> bool {
        self.access.select().any()
    }

    /// Whether a column of the table may be read.
    pub fn can_read(&self, column: &Column) -> bool {
        self.access
            .select()
            .is(|select| select.columns.contains(&column.name))
    }

    /// A column that may be read, by its GraphQL name.
    pub fn column(&self, field: &str) -> Option<&Column> {
        let column = self.tracked.columns.get(field)?;
        self.can_read(column).then_some(column)
    }

    /// All columns that may be read.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.all_columns().filter(|(_, column)| self.can_read(column))
    }

    fn all_columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        let columns = self.tracked.columns.iter();
        columns.map(|(name, column)| (name.as_str(), column))
    }

    /// Whether a column is NULL in some rows for this role only.
    pub fn redacts(&self, column: &str) -> bool {
        self.access
            .select()
            .restriction()
            .is_some_and(|select| select.redacted.iter().any(|(name, _)| name == column))
    }

    /// A relationship.
    pub fn relationship(&self, field: &str) -> Option<&Relationship> {
        self.tracked.relationships.get(field)
    }

    /// A computed field: one that contains rows exists only if their table can be read, which is not checked here.
    pub fn computed_field(&self, field: &str) -> Option<&ComputedField> {
        let computed = self.tracked.computed_fields.get(field)?;
        self.can_compute(computed).then_some(computed)
    }

    /// All computed fields, on the same condition.
    pub fn computed_fields(&self) -> impl Iterator<Item = &ComputedField> {
        let computed = self.tracked.computed_fields.values();
        computed.filter(|computed| self.can_compute(computed))
    }

    /// Returns a computed scalar to which the aggregate functions of numbers, or those of comparable values, apply.
    pub fn aggregated_computed(&self, field: &str, numbers: bool) -> Option<(&ComputedField, &PgType)> {
        let computed = self.computed_field(field)?;
        let applies = if numbers { is_number } else { is_comparable };
        let scalar = computed.scalar().filter(|ty| applies(ty))?;
        Some((computed, scalar))
    }

    fn can_compute(&self, computed: &ComputedField) -> bool {
        let is_granted = |select: &SelectPermission| select.computed_fields.contains(&computed.name);
        self.access
            .select()
            .is(|select| computed.rows().is_some() || is_granted(select))
    }

    /// The array relationship whose aggregates a field of selections contains.
    pub fn aggregated(&self, field: &str) -> Option<&Relationship> {
        self.array_relationship(|names| names.field == field)
    }

    /// The same for a field of conditions.
    pub fn condition_aggregated(&self, field: &str) -> Option<&Relationship> {
        self.array_relationship(|names| names.condition == field)
    }

    /// The same for a field of orders.
    pub fn order_aggregated(&self, field: &str) -> Option<&Relationship> {
        self.array_relationship(|names| names.order == field)
    }

    fn array_relationship(&self, named: impl Fn(&AggregateNames) -> bool) -> Option<&Relationship> {
        let mut relationships = self.tracked.relationships.values();
        relationships.find(|other| other.kind == RelationshipKind::Array && named(&other.aggregates))
    }

    /// All relationships.
    pub fn relationships(&self) -> impl Iterator<Item = (&str, &Relationship)> {
        self.tracked
            .relationships
            .iter()
            .map(|(name, relationship)| (name.as_str(), relationship))
    }

    /// Whether aggregates of the rows may be read.
    pub fn allows_aggregations(&self) -> bool {
        self.access.select().is(|select| select.allow_aggregations)
    }

    /// Whether some rows of the table may be invisible.
    pub fn is_filtered(&self) -> bool {
        let restriction = self.access.select().restriction();
        restriction.is_some_and(|select| !select.filter.is_empty())
    }

    /// Condition of the rows that may be read.
    pub fn select_filter(&self) -> BoolExp<'_> {
        match self.access.select() {
            Granted::Full => BoolExp::ALL,
            Granted::No => BoolExp::NONE,
            Granted::By(select) => self.condition(&select.filter),
        }
    }

    /// Columns that are NULL in some rows.
    pub fn redactions(&self) -> Vec<Redaction<'_>> {
        let restriction = self.access.select().restriction();
        let redacted = restriction.into_iter().flat_map(|select| &select.redacted);
        redacted
            .filter_map(|(name, condition)| {
                Some(Redaction {
                    column: self.tracked.table.column(name)?,
                    visible: self.condition(condition),
                })
            })
            .collect()
    }

    /// Maximum number of rows of a list.
    pub fn row_limit(&self) -> Option<u32> {
        let limit = self.access.select().restriction()?.limit?;
        Some(u32::try_from(limit).unwrap_or(u32::MAX))
    }

    /// Binds a condition of a permission. It was validated against the same objects; if it is invalid nevertheless, it is
    /// false for every row.
    fn condition(&self, condition: &JsonObject) -> BoolExp<'_> {
        condition::of_permission(self.tables.tracked(), &self.tracked, condition).unwrap_or(BoolExp::NONE)
    }

    /// The columns of the primary key with their GraphQL names, if all of them may be read.
    pub fn primary_key(&self) -> Option<Vec<(&str, &Column)>> {
        let key = self.tracked.table.primary_key.as_ref()?;
        key.columns
            .iter()
            .map(|name| {
                let field = self.tracked.graphql_column(name)?;
                Some((field, self.column(field)?))
            })
            .collect()
    }

    /// The names of the constraints that `on_conflict` may name: those that an enum can hold.
    pub fn constraints(&self) -> impl Iterator<Item = &str> {
        let table = &self.tracked.table;
        table
            .primary_key
            .iter()
            .chain(&table.unique)
            .map(|key| key.name.as_str())
            .filter(|name| is_enum_value(name))
    }

    /// Session variables of the permissions for some operations.
    pub fn session_variables(&self, operations: &[Operation]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for operation in operations {
            let conditions: [Option<&JsonObject>; 3] = match operation {
                Operation::Select => {
                    let select = self.access.select().restriction();
                    [select.map(|select| &select.filter), None, None]
                }
                Operation::Insert => {
                    let insert = self.access.insert().restriction();
                    let set = insert.and_then(|insert| insert.set.as_ref());
                    [insert.map(|insert| &insert.check), set, None]
                }
                Operation::Update => {
                    let update = self.access.update().restriction();
                    let check = update.and_then(|update| update.check.as_ref());
                    let set = update.and_then(|update| update.set.as_ref());
                    [update.map(|update| &update.filter), check, set]
                }
                Operation::Delete => {
                    let delete = self.access.delete().restriction();
                    [delete.map(|delete| &delete.filter), None, None]
                }
            };
            for condition in conditions.into_iter().flatten() {
                session_variables(condition, &mut found);
            }
        }
        found
    }

    /// Whether a root field of queries exists.
    pub(super) fn has_query(&self, field: RootField) -> bool {
        self.access.lists_in_query(field) && self.can_answer(field)
    }

    /// Whether a data command may list rows, as the root field `select` of queries does.
    pub fn can_list(&self) -> bool {
        self.has_query(RootField::Select)
    }

    /// Whether a data command may count rows: as an aggregate, or because the role can also count the rows of a list.
    pub fn can_count(&self) -> bool {
        self.has_query(RootField::SelectAggregate) || (self.can_list() && self.row_limit().is_none())
    }

    /// Whether a root field of subscriptions exists.
    pub(super) fn has_subscription(&self, field: RootField) -> bool {
        self.access.lists_in_subscription(field) && self.can_answer(field)
    }

    fn can_answer(&self, field: RootField) -> bool {
        match field {
            RootField::SelectByPk => self.primary_key().is_some(),
            RootField::SelectAggregate => self.allows_aggregations(),
            _ => true,
        }
    }
}

/// Operation that a permission is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Select,
    Insert,
    Update,
    Delete,
}
