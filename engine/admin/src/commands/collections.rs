//! Query collections and the allow list.

use super::lookup::{list_in, name_of, not_a_list};
use super::success;
use crate::args::{non_empty, parse};
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::metadata::query_collections::{ALLOW_LIST, COLLECTIONS, Scope};
use engine_model::metadata::rest_endpoints::REST_ENDPOINTS;
use engine_plan::document::Document;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// Required form of a collection.
#[derive(Deserialize)]
struct Definition {
    queries: Vec<Query>,
}

#[derive(Deserialize)]
struct Query {
    #[serde(deserialize_with = "non_empty")]
    name: String,
    query: String,
}

impl Definition {
    fn check(&self) -> Result<()> {
        let mut names = HashSet::new();
        for (index, Query { name, query }) in self.queries.iter().enumerate() {
            let checked = if names.insert(name) {
                check_query(query).map_err(|error| error.at("query"))
            } else {
                let message = format!("query with name \"{name}\" already exists");
                Err(Error::new(Code::AlreadyExists, message).at("name"))
            };
            checked.map_err(|error| error.at(index).at("queries"))?;
        }
        Ok(())
    }
}

/// Fails if a text is not a GraphQL document.
fn check_query(query: &str) -> Result<()> {
    match Document::parse(query) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::new(Code::ParseFailed, error.message)),
    }
}

pub(super) async fn run(transaction: &mut MetadataTransaction<'_>, kind: &str, args: Value) -> Result<Value> {
    let edit: Edit = match kind {
        "create_query_collection" => {
            let name = name_of(&args, "name")?;
            let definition = args
                .get("definition")
                .cloned()
                .ok_or_else(|| missing("definition"))?;
            let checked = parse::<Definition>(definition.clone()).and_then(|parsed| parsed.check());
            checked.map_err(|error| error.at("definition"))?;
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
                remove_entries(document, ALLOW_LIST, "collection", &name)
            })
        }
        "rename_query_collection" => {
            let (name, new_name) = (name_of(&args, "name")?, name_of(&args, "new_name")?);
            Box::new(move |document| rename(document, &name, &new_name))
        }
        "add_query_to_collection" => {
            let (collection, name) = (name_of(&args, "collection_name")?, name_of(&args, "query_name")?);
            let query = name_of(&args, "query")?;
            check_query(&query).map_err(|error| error.at("query"))?;
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
            let scope = scope_of(&args)?;
            Box::new(move |document| {
                queries(document, &name)?;
                let list = list_in(document, ALLOW_LIST)?;
                // As in Hasura, the scope of a collection that the list contains is not changed.
                if !list.iter().any(|entry| entry["collection"] == name) {
                    let mut entry = json!({"collection": name});
                    if let Some(scope) = scope {
                        entry["scope"] = scope;
                    }
                    list.push(entry);
                }
                Ok(())
            })
        }
        "update_scope_of_collection_in_allowlist" => {
            let name = name_of(&args, "collection")?;
            let scope = scope_of(&args)?.ok_or_else(|| missing("scope"))?;
            Box::new(move |document| {
                list_of(document, ALLOW_LIST)?;
                let list = document.get_mut(ALLOW_LIST).and_then(Value::as_array_mut);
                let mut entries = list.into_iter().flatten();
                let entry = entries.find(|entry| entry["collection"] == name);
                entry.ok_or_else(|| not_allowed(&name))?["scope"] = scope;
                Ok(())
            })
        }
        _ => {
            let name = name_of(&args, "collection")?;
            Box::new(move |document| {
                if list_of(document, ALLOW_LIST)?
                    .iter()
                    .all(|entry| entry["collection"] != name)
                {
                    return Err(not_allowed(&name));
                }
                remove_entries(document, ALLOW_LIST, "collection", &name)
            })
        }
    };
    transaction
        .begin()
        .await?
        .edit_collections(None, edit)
        .map_err(|e| if e.path.0.is_empty() { e.at("args") } else { e })?;
    Ok(success())
}

/// Edit of the document that changes nothing if it fails.
type Edit = Box<dyn FnOnce(&mut Map<String, Value>) -> Result<()> + Send>;

/// Returns the scope of a collection in the allow list, if it is given.
fn scope_of(args: &Value) -> Result<Option<Value>> {
    let Some(scope) = args.get("scope").filter(|scope| !scope.is_null()) else {
        return Ok(None);
    };
    parse::<Scope>(scope.clone()).map_err(|error| error.at("scope"))?;
    Ok(Some(scope.clone()))
}

fn not_allowed(collection: &str) -> Error {
    // Hasura's wording
    let message = format!("collection \"{collection}\" doesn't exist in allowlist");
    Error::new(Code::NotFound, message).with_status(400)
}

/// Renames a collection, also in the allow list and in REST endpoints.
fn rename(document: &mut Map<String, Value>, name: &str, new_name: &str) -> Result<()> {
    queries(document, name)?;
    refuse_twice(
        list_of(document, COLLECTIONS)?,
        "name",
        new_name,
        "query collection",
    )?;
    for (list, pointer) in [
        (COLLECTIONS, "/name"),
        (ALLOW_LIST, "/collection"),
        (REST_ENDPOINTS, "/definition/query/collection_name"),
    ] {
        let entries = document.get_mut(list).and_then(Value::as_array_mut);
        let places = entries
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.pointer_mut(pointer));
        places
            .filter(|place| *place == name)
            .for_each(|place| *place = Value::from(new_name));
    }
    Ok(())
}

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
    remove_entries(document, list, key, name)
}

fn remove_entries(document: &mut Map<String, Value>, list: &str, key: &str, name: &str) -> Result<()> {
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
