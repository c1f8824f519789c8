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
    for field in members(&types["query_root"], "fields") {
        // Functions need arguments of their own.
        if !has_argument(field, "limit") || has_argument(field, "args") || is_aggregate(field) {
            continue;
        }
        let root = field["name"].as_str().unwrap();
        let query = format!("{{ {root}(limit: 2) {{ {} }} }}", selection(&types, field));
        let answer = project.graphql(&query, json!({})).await;
        assert!(answer["data"][root].is_array(), "{query}: {answer}");
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
    let ty = &types[innermost(&field["type"])["name"].as_str().unwrap()];
    let fields = members(ty, "fields").map(|field| {
        let name = field["name"].as_str().unwrap();
        match innermost(&field["type"])["kind"].as_str() {
            Some("OBJECT") if has_argument(field, "limit") => format!("{name}(limit: 1) {{ __typename }}"),
            Some("OBJECT") => format!("{name} {{ __typename }}"),
            _ => name.to_owned(),
        }
    });
    fields.collect::<Vec<_>>().join(" ")
}

fn is_aggregate(field: &Value) -> bool {
    let name = innermost(&field["type"])["name"].as_str();
    name.is_some_and(|name| name.ends_with("_aggregate"))
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
