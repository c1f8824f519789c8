//! A table as a role sees it, and the names of the types that come from it.

use super::access::{Access, Granted};
use super::api::ApiTables;
use crate::condition;
use crate::ir::{BoolExp, Redaction, ScalarValue};
use crate::schema::scalar::{is_comparable, is_number};
use engine_model::catalog::{Column, PgType, TableName};
use engine_model::metadata::computed_field::ComputedField;
use engine_model::metadata::names::is_enum_value;
use engine_model::metadata::naming::{AggregateNames, TableNames};
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

/// The names of the types that come from one table.
#[derive(Debug)]
pub struct TypeNames {
    /// `orders`.
    pub object: String,
    /// `orders_bool_exp`.
    pub bool_exp: String,
    /// `orders_order_by`.
    pub order_by: String,
    /// `orders_aggregate_bool_exp`.
    pub aggregate_bool_exp: String,
    /// `orders_aggregate_order_by`.
    pub aggregate_order_by: String,
    /// `orders_select_column`.
    pub select_column: String,
    /// `orders_aggregate`.
    pub aggregate: String,
    /// `orders_aggregate_fields`.
    pub aggregate_fields: String,
    /// `orders_mutation_response`.
    pub mutation_response: String,
    /// `orders_insert_input`.
    pub insert_input: String,
    /// `orders_obj_rel_insert_input`.
    pub obj_rel_insert_input: String,
    /// `orders_arr_rel_insert_input`.
    pub arr_rel_insert_input: String,
    /// `orders_on_conflict`.
    pub on_conflict: String,
    /// `orders_constraint`.
    pub constraint: String,
    /// `orders_update_column`.
    pub update_column: String,
    /// `orders_pk_columns_input`.
    pub pk_columns_input: String,
    /// `orders_updates`.
    pub updates: String,
    /// `orders_stream_cursor_input`.
    pub stream_cursor_input: String,
    /// `orders_stream_cursor_value_input`.
    pub stream_cursor_value_input: String,
    /// The names of other types are made when they are needed.
    table: TableNames,
}

impl TypeNames {
    pub(super) fn new(table: &TableNames) -> Self {
        Self {
            object: table.object(),
            bool_exp: table.ty("bool_exp"),
            order_by: table.ty("order_by"),
            aggregate_bool_exp: table.aggregate_bool_exp(),
            aggregate_order_by: table.ty("aggregate_order_by"),
            select_column: table.ty("select_column"),
            aggregate: table.ty("aggregate"),
            aggregate_fields: table.ty("aggregate_fields"),
            mutation_response: table.ty("mutation_response"),
            insert_input: table.ty("insert_input"),
            obj_rel_insert_input: table.ty("obj_rel_insert_input"),
            arr_rel_insert_input: table.ty("arr_rel_insert_input"),
            on_conflict: table.ty("on_conflict"),
            constraint: table.ty("constraint"),
            update_column: table.ty("update_column"),
            pk_columns_input: table.ty("pk_columns_input"),
            updates: table.ty("updates"),
            stream_cursor_input: table.ty("stream_cursor_input"),
            stream_cursor_value_input: table.ty("stream_cursor_value_input"),
            table: table.clone(),
        }
    }

    /// `orders_stddev_pop_fields`.
    pub fn function_fields(&self, function: &str) -> String {
        self.table.ty(&format!("{function}_fields"))
    }

    /// `orders_stddev_pop_order_by`.
    pub fn function_order_by(&self, function: &str) -> String {
        self.table.ty(&format!("{function}_order_by"))
    }

    /// `orders_set_input`, of an operator of updates.
    pub fn operator_input(&self, suffix: &str) -> String {
        self.table.ty(suffix)
    }

    /// `orders_aggregate_bool_exp_count`.
    pub fn aggregate_condition(&self, function: &str) -> String {
        self.table.aggregate_condition(function)
    }

    /// `orders_aggregate_bool_exp_corr_arguments`, of a function of two columns.
    pub fn aggregate_condition_arguments(&self, function: &str) -> String {
        self.table.aggregate_condition_arguments(function)
    }

    /// The columns that such a function takes.
    pub fn aggregate_condition_columns(&self, function: &str) -> String {
        self.table.aggregate_condition_columns(function)
    }

    /// Describes these columns.
    pub fn aggregate_condition_columns_text(&self, function: &str) -> String {
        self.table.aggregate_condition_columns_text(function)
    }
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

    /// A column that may be given in an insert.
    pub fn insert_column(&self, field: &str) -> Option<&Column> {
        let column = self.tracked.columns.get(field)?;
        self.inserts(column).then_some(column)
    }

    /// All columns that may be given in an insert.
    pub fn insert_columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.all_columns().filter(|(_, column)| self.inserts(column))
    }

    fn inserts(&self, column: &Column) -> bool {
        !column.generated && self.access.insert().is(|insert| insert.permits(&column.name))
    }

    /// Condition on inserted rows.
    pub fn insert_check(&self) -> BoolExp<'_> {
        match self.access.insert() {
            Granted::Full => BoolExp::ALL,
            Granted::No => BoolExp::NONE,
            Granted::By(insert) => self.condition(&insert.check),
        }
    }

    /// Values that the permission sets in inserted rows.
    pub fn insert_presets(&self) -> Vec<(&Column, ScalarValue)> {
        let presets = self.access.insert_presets();
        presets.map_or_else(Vec::new, |presets| presets.of(&self.tracked.table))
    }

    /// A column that an update may change.
    pub fn update_column(&self, field: &str) -> Option<&Column> {
        let column = self.tracked.columns.get(field)?;
        self.updates(column).then_some(column)
    }

    /// All columns that an update may change.
    pub fn update_columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.all_columns().filter(|(_, column)| self.updates(column))
    }

    fn updates(&self, column: &Column) -> bool {
        !column.generated && self.access.update().is(|update| update.permits(&column.name))
    }

    /// Condition of the rows that may be updated.
    pub fn update_filter(&self) -> BoolExp<'_> {
        match self.access.update() {
            Granted::Full => BoolExp::ALL,
            Granted::No => BoolExp::NONE,
            Granted::By(update) => self.condition(&update.filter),
        }
    }

    /// Condition on updated rows; `None` if the permission has none.
    pub fn update_check(&self) -> Option<BoolExp<'_>> {
        let check = self.access.update().restriction()?.check.as_ref()?;
        Some(self.condition(check))
    }

    /// Values that the permission sets in updated rows.
    pub fn update_presets(&self) -> Vec<(&Column, ScalarValue)> {
        let presets = self.access.update_presets();
        presets.map_or_else(Vec::new, |presets| presets.of(&self.tracked.table))
    }

    /// Condition of the rows that may be deleted.
    pub fn delete_filter(&self) -> BoolExp<'_> {
        match self.access.delete() {
            Granted::Full => BoolExp::ALL,
            Granted::No => BoolExp::NONE,
            Granted::By(delete) => self.condition(&delete.filter),
        }
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

    /// Whether an insert may have `on_conflict`: the table has a constraint to name, and the role may update it.
    pub fn can_upsert(&self) -> bool {
        self.constraints().next().is_some() && self.has_update_permission()
    }

    pub fn has_insert_permission(&self) -> bool {
        self.access.insert().any()
    }

    pub fn has_update_permission(&self) -> bool {
        self.access.update().any()
    }

    pub fn has_delete_permission(&self) -> bool {
        self.access.delete().any()
    }

    /// Whether a column is set by the permission for inserts.
    pub fn is_insert_preset(&self, column: &str) -> bool {
        let insert = self.access.insert().restriction();
        insert
            .and_then(|insert| insert.set.as_ref())
            .is_some_and(|set| set.contains_key(column))
    }

    /// Whether a column is set by the permission for updates.
    pub fn is_update_preset(&self, column: &str) -> bool {
        let update = self.access.update().restriction();
        update
            .and_then(|update| update.set.as_ref())
            .is_some_and(|set| set.contains_key(column))
    }

    /// Whether a column of the table may be given in an insert.
    pub fn may_insert(&self, column: &Column) -> bool {
        self.access.insert().is(|insert| insert.permits(&column.name))
    }

    /// Whether a column of the table may be changed by an update.
    pub fn may_update(&self, column: &Column) -> bool {
        self.access.update().is(|update| update.permits(&column.name))
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

    /// Whether rows can be inserted.
    pub fn can_insert(&self) -> bool {
        self.tracked.can_insert() && self.has_insert_permission()
    }

    /// Whether rows can be changed.
    pub fn can_update(&self) -> bool {
        self.tracked.can_update() && self.update_columns().next().is_some()
    }

    /// Whether rows can be deleted.
    pub fn can_delete(&self) -> bool {
        self.tracked.table.deletable && self.has_delete_permission()
    }

    /// Whether a root field of mutations exists.
    pub(super) fn has_mutation(&self, field: RootField) -> bool {
        let has_key = || self.primary_key().is_some();
        match field {
            RootField::Insert => self.can_insert(),
            RootField::InsertOne => self.can_insert() && self.can_select(),
            RootField::Update | RootField::UpdateMany => self.can_update(),
            RootField::UpdateByPk => self.can_update() && has_key(),
            RootField::Delete => self.can_delete(),
            RootField::DeleteByPk => self.can_delete() && has_key(),
            _ => false,
        }
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
