//! What a role may write to a table.

use super::TableSchema;
use crate::ir::{BoolExp, ScalarValue};
use crate::schema::access::Granted;
use engine_model::catalog::Column;
use engine_model::metadata::tracked::RootField;

impl TableSchema {
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
    pub(in crate::schema) fn has_mutation(&self, field: RootField) -> bool {
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
}
