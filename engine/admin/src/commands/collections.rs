//! Query collections and the allow list: stored but not enforced.

use super::lookup::{list_in, name_of, not_a_list, warn_without_effect};
use super::success;
use crate::args::{non_empty, parse};
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Required form of a collection.
#[derive(Deserialize)]
#[expect(dead_code, reason = "read only to see whether it can be")]
struct Definition {
    queries: Vec<Query>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read only to see whether it can be")]
struct Query {
    #[serde(deserialize_with = "non_empty")]
    name: String,
    query: String,
}

pub(super) async fn run(transaction: &mut MetadataTransaction<'_>, kind: &str, args: Value) -> Result<Value> {
    let edit: Edit = match kind {
        "create_query_collection" => {
            let name = name_of(&args, "name")?;
            let definition = args
                .get("definition")
                .cloned()
                .ok_or_else(|| missing("definition"))?;
            parse::<Definition>(definition.clone()).map_err(|error| error.at("definition"))?;
            let comment = args.get("comment").cloned();
            Box::new(move |document| {
                let list = list_in(document, COLLECTIONS)?;
                refuse_twice(list, "name", &name, "query collection")?;
                let mut entry = json!({"name": name, "definition": definition});
                if let Some(comment) = comment {
                    entry["comment"] = comment;
                }
                list.push(entry);
                Ok(())
            })
        }
        "drop_query_collection" => {
            let name = name_of(&args, "collection")?;
            let cascade = args.get("cascade").and_then(Value::as_bool).unwrap_or(false);
            Box::new(move |document| {
                let allowed = list_of(document, ALLOW_LIST)?;
                if allowed.iter().any(|entry| entry["collection"] == name) && !cascade {
                    let message = format!(
                        "query collection with name \"{name}\" is present in the allowlist; cannot proceed to drop"
                    );
                    return Err(Error::new(Code::DependencyError, message).at("args"));
                }
                remove(document, COLLECTIONS, "name", &name)?;
                list_in(document, ALLOW_LIST)?.retain(|entry| entry["collection"] != name);
                Ok(())
            })
        }
        "add_query_to_collection" => {
            let (collection, name) = (name_of(&args, "collection_name")?, name_of(&args, "query_name")?);
            let query = name_of(&args, "query")?;
            Box::new(move |document| {
                let queries = queries(document, &collection)?;
                refuse_twice(queries, "name", &name, "query")?;
                queries.push(json!({"name": name, "query": query}));
                Ok(())
            })
        }
        "drop_query_from_collection" => {
            let (collection, name) = (name_of(&args, "collection_name")?, name_of(&args, "query_name")?);
            Box::new(move |document| {
                let queries = queries(document, &collection)?;
                let before = queries.len();
                queries.retain(|query| query["name"] != name);
                if queries.len() == before {
                    Err(unknown("query", &name))
                } else {
                    Ok(())
                }
            })
        }
        "add_collection_to_allowlist" => {
            let name = name_of(&args, "collection")?;
            Box::new(move |document| {
                queries(document, &name)?;
                let list = list_in(document, ALLOW_LIST)?;
                if !list.iter().any(|entry| entry["collection"] == name) {
                    list.push(json!({"collection": name}));
                }
                Ok(())
            })
        }
        _ => {
            let name = name_of(&args, "collection")?;
            Box::new(move |document| remove(document, ALLOW_LIST, "collection", &name))
        }
    };
    transaction
        .begin()
        .await?
        .edit_document_rest(edit)
        .map_err(|e| if e.path.0.is_empty() { e.at("args") } else { e })?;
    warn_without_effect("query collection", kind);
    Ok(success())
}

/// Edit of the document that changes nothing if it fails.
type Edit = Box<dyn FnOnce(&mut Map<String, Value>) -> Result<()> + Send>;

const COLLECTIONS: &str = "query_collections";
const ALLOW_LIST: &str = "allowlist";

fn missing(key: &str) -> Error {
    Error::new(Code::ParseFailed, format!("key \"{key}\" not found"))
}

fn unknown(what: &str, name: &str) -> Error {
    Error::new(
        Code::NotExists,
        format!("{what} with name \"{name}\" does not exist"),
    )
}

fn refuse_twice(list: &[Value], key: &str, name: &str, what: &str) -> Result<()> {
    if list.iter().any(|entry| entry[key] == name) {
        return Err(Error::new(
            Code::AlreadyExists,
            format!("{what} with name \"{name}\" already exists"),
        ));
    }
    Ok(())
}

/// Returns the list under a key; empty if it is missing.
fn list_of<'d>(document: &'d Map<String, Value>, key: &str) -> Result<&'d [Value]> {
    match document.get(key) {
        None => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(not_a_list(key)),
    }
}

fn remove(document: &mut Map<String, Value>, list: &str, key: &str, name: &str) -> Result<()> {
    if list_of(document, list)?.iter().all(|entry| entry[key] != name) {
        return Err(unknown("query collection", name));
    }
    let entries = list_in(document, list)?;
    entries.retain(|entry| entry[key] != name);
    if entries.is_empty() {
        document.shift_remove(list);
    }
    Ok(())
}

fn queries<'d>(document: &'d mut Map<String, Value>, collection: &str) -> Result<&'d mut Vec<Value>> {
    list_of(document, COLLECTIONS)?;
    let list = document.get_mut(COLLECTIONS).and_then(Value::as_array_mut);
    let entry = list
        .into_iter()
        .flatten()
        .find(|entry| entry["name"] == collection);
    entry
        .and_then(|entry| entry.get_mut("definition")?.get_mut("queries")?.as_array_mut())
        .ok_or_else(|| unknown("query collection", collection))
}
