//! The schema of a project as tools see it: introspection, and a query of everything that it describes.

use super::Project;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const INTROSPECTION: &str = "{ __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types { kind name fields { name args { ...input } type { ...type } } inputFields { ...input } enumValues { name } }
  } }
  fragment input on __InputValue { name type { ...type } }
  fragment type on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }";

/// Types by name.
type Types = BTreeMap<String, Value>;

/// Asserts that introspection is complete, and that every table and relationship can be selected. `tables` is the
/// number of tables and views.
pub(super) async fn assert_served(project: &Project, tables: usize) {
    assert_served_in(project, None, tables).await;
}

/// Asserts the same of a source whose root fields are in a namespace.
pub(super) async fn assert_served_in(project: &Project, namespace: Option<&str>, tables: usize) {
    let answer = project.graphql(INTROSPECTION, json!({})).await;
    let list = answer["data"]["__schema"]["types"]
        .as_array()
        .unwrap_or_else(|| panic!("{answer}"));
    let types: Types = list
        .iter()
        .map(|ty| (ty["name"].as_str().unwrap().to_owned(), ty.clone()))
        .collect();
    assert_eq!(types.len(), list.len(), "names of types are unique");
    assert_references_exist(&types);
    let mut selected = 0;
    let query_root = &types["query_root"];
    let roots = match namespace {
        Some(namespace) => {
            let mut fields = members(query_root, "fields");
            let field = fields.find(|field| field["name"] == namespace);
            object(&types, field.expect("the namespace is a field"))
        }
        None => query_root,
    };
    for field in members(roots, "fields") {
        // Functions need arguments of their own.
        if !has_argument(field, "limit") || has_argument(field, "args") || is_aggregate(&types, field) {
            continue;
        }
        let root = field["name"].as_str().unwrap();
        let query = format!("{{ {root}(limit: 2) {{ {} }} }}", selection(&types, field));
        let (query, path) = match namespace {
            Some(namespace) => (
                format!("{{ {namespace} {query} }}"),
                format!("/data/{namespace}/{root}"),
            ),
            None => (query, format!("/data/{root}")),
        };
        let answer = project.graphql(&query, json!({})).await;
        let rows = answer.pointer(&path);
        assert!(rows.is_some_and(Value::is_array), "{query}: {answer}");
        selected += 1;
    }
    assert_eq!(selected, tables);
}

fn assert_references_exist(types: &Types) {
    for ty in types.values() {
        for list in ["fields", "inputFields"] {
            for member in members(ty, list) {
                let arguments = members(member, "args");
                for named in arguments.chain([member]).map(|member| innermost(&member["type"])) {
                    let name = named["name"].as_str().unwrap();
                    assert!(
                        types.contains_key(name),
                        "{} of {}: {name}",
                        member["name"],
                        ty["name"]
                    );
                }
            }
        }
    }
}

/// Selects all columns, and something of each relationship, of the type of a field.
fn selection(types: &Types, field: &Value) -> String {
    let fields = members(object(types, field), "fields").map(|field| {
        let name = field["name"].as_str().unwrap();
        match innermost(&field["type"])["kind"].as_str() {
            Some("OBJECT") if has_argument(field, "limit") => format!("{name}(limit: 1) {{ __typename }}"),
            Some("OBJECT") => format!("{name} {{ __typename }}"),
            _ => name.to_owned(),
        }
    });
    fields.collect::<Vec<_>>().join(" ")
}

fn is_aggregate(types: &Types, field: &Value) -> bool {
    members(object(types, field), "fields").any(|field| field["name"] == "nodes")
}

/// Returns the type of a field, without lists.
fn object<'t>(types: &'t Types, field: &Value) -> &'t Value {
    &types[innermost(&field["type"])["name"].as_str().unwrap()]
}

fn has_argument(field: &Value, name: &str) -> bool {
    members(field, "args").any(|argument| argument["name"] == name)
}

fn members<'v>(value: &'v Value, list: &str) -> impl Iterator<Item = &'v Value> {
    value[list].as_array().into_iter().flatten()
}

fn innermost(ty: &Value) -> &Value {
    if ty["ofType"].is_null() {
        ty
    } else {
        innermost(&ty["ofType"])
    }
}
