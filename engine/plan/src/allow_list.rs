//! Allow list: the operations that roles other than admin may run.

use crate::document::Document;
use engine_error::{Code, Error, Result};
use engine_model::metadata::Metadata;
use engine_model::metadata::query_collections::{self, Scope};
use engine_model::session::Session;
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// Normalized documents, by the roles that may run them.
#[derive(Debug, Default)]
pub struct AllowList {
    global: HashSet<String>,
    roles: HashMap<String, HashSet<String>>,
}

impl AllowList {
    /// Reads the collections of the allow list. A query that is not valid allows nothing.
    pub fn of(metadata: &Metadata) -> Self {
        let mut list = Self::default();
        for entry in query_collections::allow_list(metadata) {
            let documents: Vec<String> = query_collections::queries(metadata, &entry.collection)
                .filter_map(|(_, query)| Some(Document::parse(query).ok()?.normalized().to_owned()))
                .collect();
            match entry.scope {
                Scope::Global => list.global.extend(documents),
                Scope::Roles(roles) => {
                    for role in roles {
                        let of_role = list.roles.entry(role).or_default();
                        of_role.extend(documents.iter().cloned());
                    }
                }
            }
        }
        list
    }

    /// Fails if the session may not run the document. The admin may run all.
    pub fn check(&self, session: &Session, document: &Document) -> Result<()> {
        if session.is_admin() {
            return Ok(());
        }
        let document = document.normalized();
        let of_role = self.roles.get(&session.role);
        if self.global.contains(document) || of_role.is_some_and(|documents| documents.contains(document)) {
            return Ok(());
        }
        // Hasura's wording
        let error = Error::new(Code::ValidationFailed, "query is not allowed");
        Err(error.with_internal(json!({"message": "query is not in any of the allowlists"})))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(role: &str, query: &str) -> bool {
        let collection = |name: &str, query: &str| json!({"name": name, "definition": {"queries": [{"name": "q", "query": query}]}});
        let metadata = json!({
            "version": 3,
            "sources": [],
            "query_collections": [
                collection("a", "query Q($x: Int) { a(x: $x) { b c __typename ...F } } fragment F on a { d }"),
                collection("b", "{ b }"),
                collection("invalid", "{ b"),
            ],
            "allowlist": [
                {"collection": "a"},
                {"collection": "b", "scope": {"global": false, "roles": ["editor"]}},
                {"collection": "invalid"},
            ],
        });
        let list = AllowList::of(&serde_json::from_value(metadata).unwrap());
        let document = Document::parse(query).unwrap();
        list.check(&Session::of_role(role), &document).is_ok()
    }

    #[test]
    fn documents_are_compared_by_their_structure() {
        let fragment = "fragment F on a { d __typename }";
        let query =
            |fields: &str| format!("{fragment} query Q($x: Int) {{ __typename a(x: $x) {{ {fields} }} }}");
        assert!(allowed("user", &query("b, c ...F")));
        assert!(allowed("user", &query("b other: __typename c # comment\n ...F")));
        for different in ["c b ...F", "b c", "b c ...F d", "b x: c ...F"] {
            assert!(!allowed("user", &query(different)), "{different}");
            assert!(allowed("admin", &query(different)), "{different}");
        }
        assert!(!allowed("user", &query("b c ...F").replace('Q', "R")));
    }

    #[test]
    fn collections_can_be_limited_to_roles() {
        assert!(allowed("editor", "query { b }"));
        assert!(!allowed("user", "query { b }"));
    }
}
