//! Enum tables: tables whose rows are the values of a GraphQL enum.

use super::types::TableName;
use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};

/// Maximum number of values of an enum table. Each schema contains all values.
pub const MAX_ENUM_VALUES: usize = 5000;

/// Maximum number of characters of a value.
pub const MAX_ENUM_VALUE_LENGTH: usize = 1000;

/// Maximum number of values in a message.
const MAX_IN_MESSAGE: usize = 100;

/// Rows of an enum table as read with the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnumRows {
    /// In ascending order by name; one more than [`MAX_ENUM_VALUES`] if there are more.
    Values(Vec<EnumValue>),
    /// Message of Postgres.
    Failed(String),
}

/// Row of an enum table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumValue {
    /// Primary key.
    pub name: String,
    /// Text of the other column.
    pub description: Option<String>,
}

/// GraphQL enum of an enum table, the type of columns that refer to the table.
#[derive(Debug, PartialEq, Eq)]
pub struct TableEnum {
    pub table: TableName,
    /// Primary key of the table.
    pub key: String,
    /// `colors_enum`.
    pub type_name: String,
    /// In ascending order by name.
    pub values: Vec<EnumValue>,
    /// Values by their names in GraphQL; `None` if these are the same.
    pub names: Option<BTreeMap<String, String>>,
}

impl Hash for TableEnum {
    /// Without the values: one table has one list of them.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.table.hash(state);
    }
}

impl TableEnum {
    pub fn contains(&self, name: &str) -> bool {
        let found = self
            .values
            .binary_search_by(|value| value.name.as_str().cmp(name));
        found.is_ok()
    }

    /// Returns the value of a name in GraphQL.
    pub fn value_of<'e>(&'e self, name: &'e str) -> Option<&'e str> {
        match &self.names {
            Some(names) => names.get(name).map(String::as_str),
            None => self.contains(name).then_some(name),
        }
    }

    /// Returns the values with their names in GraphQL.
    pub fn in_graphql(&self) -> impl Iterator<Item = (&str, &EnumValue)> {
        let names = self.names.iter().flatten();
        let names: HashMap<&str, &str> = names.map(|(name, value)| (&**value, &**name)).collect();
        self.values.iter().map(move |value| {
            let stored = value.name.as_str();
            (names.get(stored).copied().unwrap_or(stored), value)
        })
    }

    /// Returns the values that a message names, and how many others there are.
    pub fn in_message(&self) -> (Vec<&str>, usize) {
        self.limited(self.values.iter().map(|value| value.name.as_str()))
    }

    /// Returns the same with their names in GraphQL.
    pub fn in_graphql_message(&self) -> (Vec<&str>, usize) {
        self.limited(self.in_graphql().map(|(name, _)| name))
    }

    fn limited<'e>(&self, names: impl Iterator<Item = &'e str>) -> (Vec<&'e str>, usize) {
        let names: Vec<&str> = names.take(MAX_IN_MESSAGE).collect();
        let others = self.values.len() - names.len();
        (names, others)
    }
}
