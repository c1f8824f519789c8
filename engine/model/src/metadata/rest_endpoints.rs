//! REST endpoints: paths below `/api/rest/` at which a query of a collection is served. The document contains them as they are (key
//! `rest_endpoints`).

use super::inconsistent::{InconsistentObject, MetadataObjectId};
use super::query_collections;
use super::types::Metadata;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// Key of the list in the document.
pub const REST_ENDPOINTS: &str = "rest_endpoints";

/// Entry of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RestEndpointEntry {
    pub name: String,
    /// Path below `/api/rest/`; a segment that begins with a colon is a variable.
    pub url: String,
    pub methods: Vec<RestMethod>,
    pub definition: RestDefinition,
    #[serde(default)]
    pub comment: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RestDefinition {
    pub query: QueryReference,
}

/// Query of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct QueryReference {
    pub collection_name: String,
    pub query_name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RestMethod {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl RestMethod {
    const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Returns the method of a name in capital letters.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// Endpoint that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestEndpoint {
    pub name: String,
    segments: Vec<Segment>,
    pub methods: BTreeSet<RestMethod>,
    /// Text of the query.
    pub query: String,
    pub comment: Option<String>,
}

/// Segment of the path of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathSegment<'e> {
    Literal(&'e str),
    /// Name of the variable that the segment is the value of.
    Variable(&'e str),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Variable(String),
}

impl RestEndpoint {
    /// Returns the segments of the path.
    pub fn path(&self) -> impl Iterator<Item = PathSegment<'_>> {
        self.segments.iter().map(|segment| match segment {
            Segment::Literal(text) => PathSegment::Literal(text),
            Segment::Variable(name) => PathSegment::Variable(name),
        })
    }

    /// Returns the variables of a path, whose segments are decoded; `None` if the path is not one of the endpoint.
    fn matches<'p>(&'p self, path: &[&'p str]) -> Option<Vec<(&'p str, &'p str)>> {
        if path.len() != self.segments.len() {
            return None;
        }
        let mut variables = Vec::new();
        for (segment, text) in self.segments.iter().zip(path) {
            match segment {
                Segment::Literal(literal) if literal == text => {}
                Segment::Literal(_) => return None,
                Segment::Variable(name) => variables.push((name.as_str(), *text)),
            }
        }
        Some(variables)
    }

    /// Whether a path and a method can be those of both endpoints.
    fn overlaps(&self, other: &Self) -> bool {
        let is_possible = |(one, other): (&Segment, &Segment)| match (one, other) {
            (Segment::Literal(one), Segment::Literal(other)) => one == other,
            _ => true,
        };
        self.segments.len() == other.segments.len()
            && !self.methods.is_disjoint(&other.methods)
            && self.segments.iter().zip(&other.segments).all(is_possible)
    }
}

impl fmt::Display for RestEndpoint {
    /// The path as in the metadata.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let segments = self.segments.iter().map(|segment| match segment {
            Segment::Literal(text) => text.clone(),
            Segment::Variable(name) => format!(":{name}"),
        });
        f.write_str(&segments.collect::<Vec<_>>().join("/"))
    }
}

/// Endpoint for a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Found<'e> {
    /// With the variables of the path.
    One(&'e RestEndpoint, Vec<(&'e str, &'e str)>),
    None,
    /// The path has these methods only.
    OtherMethods(BTreeSet<RestMethod>),
}

/// Finds the endpoint of a path, whose segments are decoded, and a method. At most one matches: others are inconsistent.
pub fn find<'e>(
    endpoints: &'e [Arc<RestEndpoint>],
    path: &[&'e str],
    method: Option<RestMethod>,
) -> Found<'e> {
    let mut methods = BTreeSet::new();
    for endpoint in endpoints {
        let Some(variables) = endpoint.matches(path) else {
            continue;
        };
        if method.is_some_and(|method| endpoint.methods.contains(&method)) {
            return Found::One(endpoint, variables);
        }
        methods.extend(&endpoint.methods);
    }
    if methods.is_empty() {
        Found::None
    } else {
        Found::OtherMethods(methods)
    }
}

/// Whether the document has an endpoint.
pub fn any(metadata: &Metadata) -> bool {
    metadata.rest.contains_key(REST_ENDPOINTS)
}

/// Removes an endpoint; of several of the name the later ones.
pub(super) fn remove_inconsistent(metadata: &mut Metadata, name: &str) {
    let Some(Value::Array(list)) = metadata.rest.get_mut(REST_ENDPOINTS) else {
        return;
    };
    let mut keeps_first = list.iter().filter(|entry| entry["name"] == name).count() > 1;
    list.retain(|entry| entry["name"] != name || std::mem::take(&mut keeps_first));
    if list.is_empty() {
        metadata.rest.shift_remove(REST_ENDPOINTS);
    }
}

/// Resolves all entries. Those that cannot be served are left out and listed.
pub(super) fn resolve(metadata: &Metadata) -> (Vec<Arc<RestEndpoint>>, Vec<InconsistentObject>) {
    let mut endpoints: Vec<Arc<RestEndpoint>> = Vec::new();
    let mut inconsistent = Vec::new();
    let list = match metadata.rest.get(REST_ENDPOINTS) {
        None => return (endpoints, inconsistent),
        Some(Value::Array(list)) => list.as_slice(),
        Some(other) => std::slice::from_ref(other),
    };
    for entry in list {
        match endpoint(entry, metadata, &endpoints) {
            Ok(endpoint) => endpoints.push(Arc::new(endpoint)),
            Err(reason) => inconsistent.push(object(entry, reason)),
        }
    }
    (endpoints, inconsistent)
}

fn object(entry: &Value, reason: String) -> InconsistentObject {
    let name = entry["name"].as_str().unwrap_or_default();
    InconsistentObject {
        kind: "endpoint",
        name: format!("endpoint {name}"),
        definition: json!({
            "definition": entry["definition"],
            "url": entry["url"],
            "methods": entry["methods"],
            "name": entry["name"],
            "comment": entry["comment"],
        }),
        reason,
        id: MetadataObjectId::RestEndpoint(name.to_owned()),
        taken_field: None,
    }
}

fn endpoint(
    entry: &Value,
    metadata: &Metadata,
    others: &[Arc<RestEndpoint>],
) -> Result<RestEndpoint, String> {
    let RestEndpointEntry {
        name,
        url,
        methods,
        definition,
        comment,
    } = RestEndpointEntry::deserialize(entry).map_err(|error| error.to_string())?;
    if others.iter().any(|other| other.name == name) {
        return Err(format!("duplicate entry for endpoint \"{name}\""));
    }
    if methods.is_empty() {
        return Err(format!("endpoint \"{name}\" needs at least one method"));
    }
    let QueryReference {
        collection_name,
        query_name,
    } = definition.query;
    if !query_collections::exists(metadata, &collection_name) {
        return Err(format!(
            "query collection with name \"{collection_name}\" does not exist"
        ));
    }
    let query = query_collections::queries(metadata, &collection_name).find(|(name, _)| *name == query_name);
    let Some((_, query)) = query else {
        return Err(format!(
            "query with name \"{query_name}\" does not exist in query collection \"{collection_name}\""
        ));
    };
    let endpoint = RestEndpoint {
        name,
        segments: segments(&url)?,
        methods: methods.into_iter().collect(),
        query: query.to_owned(),
        comment,
    };
    // Hasura's wording
    match others.iter().find(|other| other.overlaps(&endpoint)) {
        Some(other) => Err(format!("Ambiguous URL paths: {other}, {endpoint}")),
        None => Ok(endpoint),
    }
}

fn segments(url: &str) -> Result<Vec<Segment>, String> {
    let segments: Vec<Segment> = url
        .split('/')
        .map(|segment| match segment.strip_prefix(':') {
            Some(name) => Segment::Variable(name.to_owned()),
            None => Segment::Literal(segment.to_owned()),
        })
        .collect();
    // The messages have Hasura's wording.
    let is_empty = |segment: &Segment| match segment {
        Segment::Literal(text) | Segment::Variable(text) => text.is_empty(),
    };
    if segments.iter().any(is_empty) {
        return Err(format!(
            "Empty segments or unnamed variables are not allowed: {url}"
        ));
    }
    let mut names = BTreeSet::new();
    let is_new = |segment: &Segment| match segment {
        Segment::Literal(_) => true,
        Segment::Variable(name) => names.insert(name.clone()),
    };
    if !segments.iter().all(is_new) {
        return Err(format!("Duplicate variables found in endpoint path: {url}"));
    }
    Ok(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(endpoints: &Value) -> (Vec<Arc<RestEndpoint>>, Vec<InconsistentObject>) {
        let metadata = json!({
            "version": 3,
            "sources": [],
            "query_collections": [{"name": "c", "definition": {"queries": [{"name": "q", "query": "{ a }"}]}}],
            "rest_endpoints": endpoints,
        });
        resolve(&serde_json::from_value(metadata).unwrap_or_default())
    }

    fn entry(url: &str, methods: &[&str]) -> Value {
        let query = json!({"collection_name": "c", "query_name": "q"});
        json!({"name": url, "url": url, "methods": methods, "definition": {"query": query}})
    }

    #[test]
    fn endpoints_are_found_by_path_and_method() {
        let list = json!([
            entry("user/:id", &["GET", "PUT"]),
            entry("user/:id/name", &["GET"])
        ]);
        let (endpoints, inconsistent) = resolved(&list);
        assert!(inconsistent.is_empty(), "{inconsistent:?}");
        let found = |path: &[&str], method| match find(&endpoints, path, RestMethod::of(method)) {
            Found::One(endpoint, variables) => format!("{endpoint} {variables:?}"),
            Found::None => "none".to_owned(),
            Found::OtherMethods(methods) => format!("{methods:?}"),
        };
        assert_eq!(found(&["user", "5"], "PUT"), "user/:id [(\"id\", \"5\")]");
        assert_eq!(
            found(&["user", "5", "name"], "GET"),
            "user/:id/name [(\"id\", \"5\")]"
        );
        assert_eq!(found(&["user", "5"], "POST"), "{Get, Put}");
        assert_eq!(found(&["user", "5"], "HEAD"), "{Get, Put}");
        assert_eq!(found(&["other", "5"], "GET"), "none");
    }

    #[test]
    fn paths_that_are_ambiguous_or_malformed_are_inconsistent() {
        let reasons = |list: &Value| -> Vec<String> {
            let (_, inconsistent) = resolved(list);
            inconsistent.into_iter().map(|object| object.reason).collect()
        };
        let list = json!([
            entry("user/:id", &["GET"]),
            entry("user/me", &["GET"]),
            entry("user/me", &["PUT"])
        ]);
        assert_eq!(reasons(&list), ["Ambiguous URL paths: user/:id, user/me"]);
        for url in ["", "/user", "user/", "a//b", "a/:"] {
            let expected = format!("Empty segments or unnamed variables are not allowed: {url}");
            assert_eq!(reasons(&json!([entry(url, &["GET"])])), [expected]);
        }
        let twice = "Duplicate variables found in endpoint path: :a/:a";
        assert_eq!(reasons(&json!([entry(":a/:a", &["GET"])])), [twice]);
        let mut other = entry("a", &["GET"]);
        other["definition"]["query"]["query_name"] = json!("x");
        let missing = "query with name \"x\" does not exist in query collection \"c\"";
        assert_eq!(reasons(&json!([other])), [missing]);
    }
}
