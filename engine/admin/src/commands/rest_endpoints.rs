//! REST endpoints.

use super::lookup::{list_in, name_of};
use super::success;
use crate::args::parse;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::metadata::query_collections;
use engine_model::metadata::rest_endpoints::{REST_ENDPOINTS, RestEndpointEntry};
use engine_plan::document::Document;
use serde_json::{Map, Value};

// The messages of this file have Hasura's wording.

pub(super) async fn create(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    for key in ["name", "url"] {
        name_of(&args, key)?;
    }
    let RestEndpointEntry {
        name,
        methods,
        definition,
        ..
    } = parse(args.clone())?;
    if methods.is_empty() {
        return Err(Error::new(Code::ParseFailed, "expected at least one method").at("methods"));
    }
    let working = transaction.begin().await?;
    let metadata = &working.resolved().metadata;
    if exists(&metadata.rest, &name) {
        let message = format!("Endpoint with name: {name} already exists");
        return Err(Error::new(Code::AlreadyExists, message).at("args"));
    }
    let (collection, query) = (definition.query.collection_name, definition.query.query_name);
    let not_exists = |message: String| Error::new(Code::NotExists, message).at("args");
    if !query_collections::exists(metadata, &collection) {
        return Err(not_exists(format!(
            "query collection with name \"{collection}\" does not exist"
        )));
    }
    let text = query_collections::queries(metadata, &collection).find(|(name, _)| *name == query);
    let Some((_, text)) = text else {
        return Err(not_exists(format!(
            "query with name \"{query}\" does not exist in query collection \"{collection}\""
        )));
    };
    if Document::parse(text).map_or(0, |document| document.operations.len()) != 1 {
        let message = format!("query \"{query}\" of a REST endpoint must contain exactly one operation");
        return Err(Error::new(Code::BadRequest, message).at("args"));
    }
    let mut entry = Map::new();
    for key in ["name", "url", "methods", "definition", "comment"] {
        if let Some(value) = args.get(key).filter(|value| !value.is_null()) {
            entry.insert(key.to_owned(), value.clone());
        }
    }
    let added = working.edit_collections(None, |document| {
        list_in(document, REST_ENDPOINTS)?.push(Value::Object(entry));
        Ok(())
    });
    added.map_err(|error| error.at("args"))?;
    Ok(success())
}

pub(super) async fn drop(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let name = name_of(&args, "name")?;
    let working = transaction.begin().await?;
    if !exists(&working.resolved().metadata.rest, &name) {
        let message = format!("endpoint with name: {name} does not exist");
        return Err(Error::new(Code::NotExists, message).at("args"));
    }
    let removed = working.edit_collections(None, |document| {
        let list = list_in(document, REST_ENDPOINTS)?;
        list.retain(|entry| entry["name"] != name);
        if list.is_empty() {
            document.shift_remove(REST_ENDPOINTS);
        }
        Ok(())
    });
    removed.map_err(|error| error.at("args"))?;
    Ok(success())
}

fn exists(document: &Map<String, Value>, name: &str) -> bool {
    let list = document.get(REST_ENDPOINTS).and_then(Value::as_array);
    list.into_iter().flatten().any(|entry| entry["name"] == name)
}
