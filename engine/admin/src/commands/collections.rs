//! Query collections and the allow list: stored but not enforced.

use super::functions::{list_in, not_served};
use super::success;
use crate::args::{non_empty, parse};
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::metadata::types::Metadata;
use serde::Deserialize;
use serde_json::{Value, json};

/// Returns a non-empty string argument.
pub(super) fn name_of(args: &Value, key: &str) -> Result<String> {
    match args.get(key) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        Some(Value::String(_)) => Err(Error::new(Code::ParseFailed, "empty string not allowed").at(key)),
        Some(_) => Err(Error::new(Code::ParseFailed, format!("\"{key}\" is not a string")).at(key)),
        None => Err(Error::new(Code::ParseFailed, format!("key \"{key}\" not found"))),
    }
}

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

pub(super) async fn run(change: &mut MetadataTransaction<'_>, kind: &str, args: Value) -> Result<Value> {
    let apply: Apply = match kind {
        "create_query_collection" => {
            let name = name_of(&args, "name")?;
            let definition = args
                .get("definition")
                .cloned()
                .ok_or_else(|| missing("definition"))?;
            parse::<Definition>(definition.clone()).map_err(|error| error.at("definition"))?;
            let comment = args.get("comment").cloned();
            Box::new(move |metadata| {
                let list = list_in(&mut metadata.rest, COLLECTIONS)?;
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
            Box::new(move |metadata| {
                let allowed = list_in(&mut metadata.rest, ALLOW_LIST)?;
                if allowed.iter().any(|entry| entry["collection"] == name) && !cascade {
                    let message = format!(
                        "query collection with name \"{name}\" is present in the allowlist; cannot proceed to drop"
                    );
                    return Err(Error::new(Code::DependencyError, message).at("args"));
                }
                allowed.retain(|entry| entry["collection"] != name);
                remove(metadata, COLLECTIONS, "name", &name)
            })
        }
        "add_query_to_collection" => {
            let (collection, name) = (name_of(&args, "collection_name")?, name_of(&args, "query_name")?);
            let query = name_of(&args, "query")?;
            Box::new(move |metadata| {
                let queries = queries(metadata, &collection)?;
                refuse_twice(queries, "name", &name, "query")?;
                queries.push(json!({"name": name, "query": query}));
                Ok(())
            })
        }
        "drop_query_from_collection" => {
            let (collection, name) = (name_of(&args, "collection_name")?, name_of(&args, "query_name")?);
            Box::new(move |metadata| {
                let queries = queries(metadata, &collection)?;
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
            Box::new(move |metadata| {
                queries(metadata, &name)?;
                let list = list_in(&mut metadata.rest, ALLOW_LIST)?;
                if !list.iter().any(|entry| entry["collection"] == name) {
                    list.push(json!({"collection": name}));
                }
                Ok(())
            })
        }
        _ => {
            let name = name_of(&args, "collection")?;
            Box::new(move |metadata| remove(metadata, ALLOW_LIST, "collection", &name))
        }
    };
    change
        .apply_allowing_inconsistency(apply)
        .await
        .map_err(|e| if e.path.0.is_empty() { e.at("args") } else { e })?;
    not_served("query collection", kind);
    Ok(success())
}

type Apply = Box<dyn FnOnce(&mut Metadata) -> Result<()> + Send>;

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

fn remove(metadata: &mut Metadata, list: &str, key: &str, name: &str) -> Result<()> {
    let entries = list_in(&mut metadata.rest, list)?;
    let before = entries.len();
    entries.retain(|entry| entry[key] != name);
    let (left, empty) = (entries.len(), entries.is_empty());
    if empty {
        metadata.rest.shift_remove(list);
    }
    if left == before {
        Err(unknown("query collection", name))
    } else {
        Ok(())
    }
}

fn queries<'m>(metadata: &'m mut Metadata, collection: &str) -> Result<&'m mut Vec<Value>> {
    let list = list_in(&mut metadata.rest, COLLECTIONS)?;
    let entry = list.iter_mut().find(|entry| entry["name"] == collection);
    entry
        .and_then(|entry| entry.get_mut("definition")?.get_mut("queries")?.as_array_mut())
        .ok_or_else(|| unknown("query collection", collection))
}
