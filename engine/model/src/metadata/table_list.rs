//! Tables of a source with an index by name.

use super::lenient::{InvalidEntry, LenientList};
use super::types::TableEntry;
use crate::catalog::TableName;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::HashMap;
use std::ops::Deref;

/// Tables in the order of the document. Finding a table by name takes constant time, because each command of a bulk does
/// so.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TableList {
    list: LenientList<TableEntry>,
    /// Position of the first entry of each name.
    positions: HashMap<TableName, usize>,
}

impl TableList {
    pub fn get(&self, name: &TableName) -> Option<&TableEntry> {
        self.position(name).and_then(|position| self.list.get(position))
    }

    /// Returns an entry to change anything but its name.
    pub fn get_mut(&mut self, name: &TableName) -> Option<&mut TableEntry> {
        let position = self.position(name)?;
        self.list.get_mut(position)
    }

    /// Returns the position of the first entry of this name.
    pub fn position(&self, name: &TableName) -> Option<usize> {
        self.positions.get(name).copied()
    }

    /// Appends an entry.
    pub fn push(&mut self, entry: TableEntry) {
        self.positions
            .entry(entry.table.clone())
            .or_insert(self.list.len());
        self.list.push(entry);
    }

    /// Removes the entries of this name and returns them.
    pub fn remove(&mut self, name: &TableName) -> Vec<TableEntry> {
        let Some(first) = self.positions.remove(name) else {
            return Vec::new();
        };
        let removed: Vec<TableEntry> = self
            .list
            .extract_if(first.., |entry| entry.table == *name)
            .collect();
        if removed.len() > 1 {
            self.index();
            return removed;
        }
        for (position, entry) in self.list.iter().enumerate().skip(first) {
            if let Some(known) = self.positions.get_mut(&entry.table)
                && *known == position + 1
            {
                *known = position;
            }
        }
        removed
    }

    /// Undoes changes and removals of tables. `entries` are all entries of these tables, in order, with their positions
    /// before the change, after which no other table was added or removed.
    pub fn restore(&mut self, entries: Vec<(usize, TableEntry)>) {
        self.list
            .retain(|entry| !entries.iter().any(|(_, restored)| restored.table == entry.table));
        for (position, entry) in entries {
            self.list.insert(position, entry);
        }
        self.index();
    }

    /// Keeps the entries for which `keep` returns true.
    pub fn retain(&mut self, keep: impl FnMut(&TableEntry) -> bool) {
        self.list.retain(keep);
        self.index();
    }

    /// Changes every entry; `change` may rename tables.
    pub fn update(&mut self, change: impl FnMut(&mut TableEntry)) {
        self.list.iter_mut().for_each(change);
        self.index();
    }

    /// Whether the list has no entries, valid or invalid.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns the entries that could not be parsed.
    pub fn broken(&self) -> &[InvalidEntry] {
        &self.list.broken
    }

    /// Removes the invalid entries with this content, of the list and of the lists of its entries.
    pub fn remove_broken(&mut self, value: &serde_json::Value) {
        self.list.broken.retain(|broken| broken.value != *value);
        for table in self.list.iter_mut() {
            for broken in table.broken_mut() {
                broken.retain(|broken| broken.value != *value);
            }
        }
    }

    fn index(&mut self) {
        self.positions.clear();
        for (position, entry) in self.list.iter().enumerate() {
            self.positions.entry(entry.table.clone()).or_insert(position);
        }
    }
}

impl Deref for TableList {
    type Target = [TableEntry];

    fn deref(&self) -> &[TableEntry] {
        &self.list
    }
}

impl Serialize for TableList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.list.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TableList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut tables = Self {
            list: LenientList::deserialize(deserializer)?,
            positions: HashMap::new(),
        };
        tables.index();
        Ok(tables)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> TableName {
        TableName::new("public", name)
    }

    fn list(names: &[&str]) -> TableList {
        let mut list = TableList::default();
        for table in names {
            list.push(TableEntry::new(name(table)));
        }
        list
    }

    #[test]
    fn positions_follow_removals() {
        for removed in ["a", "b", "c", "d", "missing"] {
            let mut tables = list(&["a", "b", "a", "c", "b", "d"]);
            let count = tables.remove(&name(removed)).len();
            let mut expected = tables.clone();
            expected.index();
            assert_eq!(tables, expected, "{removed}");
            assert_eq!(tables.len() + count, 6, "{removed}");
            assert_eq!(tables.get(&name(removed)), None);
        }
    }

    #[test]
    fn renamed_entries_are_found_by_their_new_names() {
        let mut tables = list(&["a", "b"]);
        tables.update(|entry| entry.table.name.push('2'));
        assert_eq!(tables.position(&name("b2")), Some(1));
        assert_eq!(tables.position(&name("b")), None);
    }
}
