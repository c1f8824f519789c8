//! The response of the standard introspection query in the schema language, validated and formatted by apollo-compiler.

use crate::plan;
use apollo_compiler::Schema;
use engine_plan::schema::RoleSchema;
use engine_plan::{Fields, QueryField};
use serde_json::{Map, Value};
use std::fmt::Write as _;

const STANDARD_QUERY: &str = "
    query IntrospectionQuery {
      __schema {
        queryType { name } mutationType { name } subscriptionType { name }
        types { ...FullType }
        directives { name description locations args { ...InputValue } }
      }
    }
    fragment FullType on __Type {
      kind name description
      fields(includeDeprecated: true) {
        name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason
      }
      inputFields { ...InputValue }
      interfaces { ...TypeRef }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
      possibleTypes { ...TypeRef }
    }
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
    fragment TypeRef on __Type {
      kind name
      ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType {
        kind name ofType { kind name }
      } } } } } }
    }";

/// The response of the standard query: the value of `__schema`.
pub(crate) fn introspect(schema: &RoleSchema) -> Value {
    let planned = plan(schema, STANDARD_QUERY, &Map::new()).expect("the standard query is planned");
    let Fields::Query(fields) = planned.plan.fields else {
        panic!("a query is planned as one")
    };
    let QueryField::Constant(json) = &fields[0].value else {
        panic!("introspection needs no statement")
    };
    serde_json::from_str(json).expect("the response is JSON")
}

/// The API of a role in the schema language.
pub(crate) fn of(schema: &RoleSchema) -> String {
    let response = introspect(schema);
    let mut out = String::from("schema {\n");
    for operation in ["query", "mutation", "subscription"] {
        if let Some(root) = response[format!("{operation}Type")]["name"].as_str() {
            writeln!(out, "  {operation}: {root}").unwrap();
        }
    }
    out.push_str("}\n");
    for directive in list(&response["directives"]).filter(|directive| text(directive, "name") == "cached") {
        let locations: Vec<&str> = list(&directive["locations"])
            .map(|name| name.as_str().unwrap())
            .collect();
        describe(&mut out, directive);
        write!(out, "directive @{}", text(directive, "name")).unwrap();
        arguments(&mut out, directive);
        writeln!(out, " on {}", locations.join(" | ")).unwrap();
    }
    for ty in list(&response["types"]) {
        let name = text(ty, "name");
        if name.starts_with("__") || ["Int", "Float", "String", "Boolean", "ID"].contains(&name) {
            continue;
        }
        describe(&mut out, ty);
        let (keyword, members) = match text(ty, "kind") {
            "OBJECT" => ("type", "fields"),
            "INPUT_OBJECT" => ("input", "inputFields"),
            "ENUM" => ("enum", "enumValues"),
            _ => {
                writeln!(out, "scalar {name}").unwrap();
                continue;
            }
        };
        writeln!(out, "{keyword} {name} {{").unwrap();
        for field in list(&ty[members]) {
            member(&mut out, field);
        }
        out.push_str("}\n");
    }
    let schema =
        Schema::parse_and_validate(out, "schema.graphql").expect("the description is a valid schema");
    schema.to_string()
}

pub(crate) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(crate) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// A type reference in GraphQL's notation.
pub(crate) fn type_reference(ty: &Value) -> String {
    match text(ty, "kind") {
        "NON_NULL" => format!("{}!", type_reference(&ty["ofType"])),
        "LIST" => format!("[{}]", type_reference(&ty["ofType"])),
        _ => text(ty, "name").to_owned(),
    }
}

pub(crate) fn is_list(ty: &Value) -> bool {
    text(ty, "kind") == "LIST" || text(&ty["ofType"], "kind") == "LIST"
}

/// The name of a type without its modifiers.
pub(crate) fn named(ty: &Value) -> &str {
    if ty["ofType"].is_null() {
        text(ty, "name")
    } else {
        named(&ty["ofType"])
    }
}

/// A block string: quotes in the text must not end it. It has no other escape.
fn describe(out: &mut String, item: &Value) {
    if let Some(text) = item["description"].as_str() {
        writeln!(out, "\"\"\"\n{}\n\"\"\"", text.replace("\"\"\"", "\\\"\"\"")).unwrap();
    }
}

fn arguments(out: &mut String, item: &Value) {
    let arguments: Vec<&Value> = list(&item["args"]).collect();
    if arguments.is_empty() {
        return;
    }
    out.push_str("(\n");
    for argument in arguments {
        member(out, argument);
    }
    out.push(')');
}

fn member(out: &mut String, item: &Value) {
    describe(out, item);
    out.push_str(text(item, "name"));
    arguments(out, item);
    if item["type"].is_object() {
        write!(out, ": {}", type_reference(&item["type"])).unwrap();
    }
    if let Some(default) = item["defaultValue"].as_str() {
        write!(out, " = {default}").unwrap();
    }
    out.push('\n');
}
