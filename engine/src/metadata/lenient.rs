//! A list whose entries are read one by one: a broken entry is kept as it is and set aside, so that one mistake in
//! stored metadata neither stops the start nor gets lost on the next write.

use serde::de::DeserializeOwned;
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::ops::{Deref, DerefMut};

/// The readable entries, as a [`Vec`], and the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Lenient<T> {
    entries: Vec<T>,
    /// What could not be read, and why.
    pub broken: Vec<Broken>,
}

/// An entry that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// The entry as it was given.
    pub value: Value,
    /// What is wrong with it.
    pub reason: String,
    /// Its place in the list as it was read.
    pub index: usize,
}

impl<T> Lenient<T> {
    /// Whether nothing is in it, broken or not.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.broken.is_empty()
    }
}

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            broken: Vec::new(),
        }
    }
}

impl<T> From<Vec<T>> for Lenient<T> {
    fn from(entries: Vec<T>) -> Self {
        Self {
            entries,
            broken: Vec::new(),
        }
    }
}

impl<T> Deref for Lenient<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.entries
    }
}

impl<T> DerefMut for Lenient<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.entries
    }
}

impl<T: Serialize> Serialize for Lenient<T> {
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

impl<'de, T: DeserializeOwned> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut list = Self::default();
        let values = Option::<Vec<Value>>::deserialize(deserializer)?.unwrap_or_default();
        for (index, value) in values.into_iter().enumerate() {
            match T::deserialize(&value) {
                Ok(entry) => list.entries.push(entry),
                Err(error) => list.broken.push(Broken {
                    value,
                    reason: error.to_string(),
                    index,
                }),
            }
        }
        Ok(list)
    }
}
