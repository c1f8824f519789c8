//! Query collections and the allow list, which the document contains as they are (keys `query_collections` and `allowlist`).

use super::types::Metadata;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// Key of the collections in the document.
pub const COLLECTIONS: &str = "query_collections";

/// Key of the allow list in the document.
pub const ALLOW_LIST: &str = "allowlist";

/// Collection of the allow list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AllowListEntry {
    pub collection: String,
    #[serde(default)]
    pub scope: Scope,
}

/// Roles that may run the queries of a collection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawScope")]
pub enum Scope {
    #[default]
    Global,
    Roles(Vec<String>),
}

#[derive(Deserialize)]
struct RawScope {
    global: bool,
    #[serde(default)]
    roles: Option<Vec<String>>,
}

impl TryFrom<RawScope> for Scope {
    type Error = String;

    fn try_from(RawScope { global, roles }: RawScope) -> Result<Self, String> {
        match (global, roles) {
            (true, None) => Ok(Self::Global),
            (true, Some(_)) => Err("a global scope has no roles".to_owned()),
            (false, Some(roles)) if !roles.is_empty() => {
                let mut seen = BTreeSet::new();
                match roles.iter().find(|role| role.is_empty() || !seen.insert(*role)) {
                    None => Ok(Self::Roles(roles)),
                    Some(role) => Err(format!("role \"{role}\" is empty or occurs twice")),
                }
            }
            (false, _) => Err("a scope that is not global needs a list of roles".to_owned()),
        }
    }
}

/// Returns the readable entries of the allow list.
pub fn allow_list(metadata: &Metadata) -> Vec<AllowListEntry> {
    let entries = list(metadata, ALLOW_LIST);
    entries
        .filter_map(|entry| AllowListEntry::deserialize(entry).ok())
        .collect()
}

/// Whether a collection exists.
pub fn exists(metadata: &Metadata, collection: &str) -> bool {
    list(metadata, COLLECTIONS).any(|entry| entry["name"] == collection)
}

/// Returns the names and texts of the queries of a collection.
pub fn queries<'m>(metadata: &'m Metadata, collection: &'m str) -> impl Iterator<Item = (&'m str, &'m str)> {
    let found = list(metadata, COLLECTIONS).filter(move |entry| entry["name"] == collection);
    let queries = found.filter_map(|entry| entry.pointer("/definition/queries")?.as_array());
    queries
        .flatten()
        .filter_map(|query| Some((query["name"].as_str()?, query["query"].as_str()?)))
}

fn list<'m>(metadata: &'m Metadata, key: &str) -> impl Iterator<Item = &'m Value> {
    let list = metadata.rest.get(key).and_then(Value::as_array);
    list.into_iter().flatten()
}
