//! List whose entries are parsed one by one. An invalid entry is kept unchanged and apart from the others, so that
//! one error in stored metadata does not prevent the start, and the entry is not lost on the next write.

use serde::de::DeserializeOwned;
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::ops::{Deref, DerefMut};

/// Valid entries, accessible as a [`Vec`], and the invalid ones.
#[derive(Debug, Clone, PartialEq)]
pub struct LenientList<T> {
    entries: Vec<T>,
    /// Invalid entries, with the reason for each.
    pub broken: Vec<InvalidEntry>,
}

/// Entry that could not be parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct InvalidEntry {
    pub value: Value,
    pub reason: String,
    /// Position in the list as it was read.
    pub index: usize,
}

impl<T> LenientList<T> {
    /// Whether the list has no entries, valid or invalid.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.broken.is_empty()
    }
}

impl<T: DeserializeOwned> LenientList<T> {
    /// Parses the value of a key of the metadata. A value that is not a list is one invalid entry.
    pub(super) fn parse(value: Option<&Value>) -> Self {
        let Some(value) = value else {
            return Self::default();
        };
        Self::deserialize(value).unwrap_or_else(|error| Self {
            entries: Vec::new(),
            broken: vec![InvalidEntry {
                value: value.clone(),
                reason: error.to_string(),
                index: 0,
            }],
        })
    }
}

impl<T> Default for LenientList<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            broken: Vec::new(),
        }
    }
}

impl<T> From<Vec<T>> for LenientList<T> {
    fn from(entries: Vec<T>) -> Self {
        Self {
            entries,
            broken: Vec::new(),
        }
    }
}

impl<T> Deref for LenientList<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.entries
    }
}

impl<T> DerefMut for LenientList<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.entries
    }
}

impl<T: Serialize> Serialize for LenientList<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.entries.len() + self.broken.len()))?;
        for entry in &self.entries {
            list.serialize_element(entry)?;
        }
        for broken in &self.broken {
            list.serialize_element(&broken.value)?;
        }
        list.end()
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for LenientList<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut list = Self::default();
        let values = Option::<Vec<Value>>::deserialize(deserializer)?.unwrap_or_default();
        for (index, value) in values.into_iter().enumerate() {
            match T::deserialize(&value) {
                Ok(entry) => list.entries.push(entry),
                Err(error) => list.broken.push(InvalidEntry {
                    value,
                    reason: error.to_string(),
                    index,
                }),
            }
        }
        Ok(list)
    }
}
