//! Description of the REST endpoints by `OpenAPI` 3.0 (`/api/swagger/json`): paths, variables, and the shape of the responses.

use crate::document::{Document, DocumentCache};
use crate::schema::RoleSchema;
use crate::schema::description::{Kind, Member, Type as DescribedType, Wrapping};
use apollo_compiler::ast::{OperationDefinition, OperationType, Selection, Type, VariableDefinition};
use engine_model::metadata::rest_endpoints::{PathSegment, RestEndpoint, RestMethod};
use serde_json::{Map, Value, json};
use std::cell::Cell;
use std::collections::BTreeMap;

/// Maximum nesting of selections that are described; deeper ones are objects without properties.
const MAX_DEPTH: usize = 30;

/// Maximum number of selections that are described for one operation; fragments may contain each other many times.
const MAX_SELECTIONS: usize = 10_000;

/// Describes the endpoints as the schema of admin serves them.
pub fn open_api<'e>(
    schema: &RoleSchema,
    documents: &DocumentCache,
    endpoints: impl Iterator<Item = &'e RestEndpoint>,
) -> Value {
    let mut writer = Writer {
        schema,
        components: BTreeMap::new(),
        undescribed: Vec::new(),
        selections: Cell::new(0),
    };
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for endpoint in endpoints {
        let Ok(document) = documents.get(&endpoint.query) else {
            continue;
        };
        let Ok(operation) = document.operation(None) else {
            continue;
        };
        let item = paths.entry(path(endpoint)).or_default();
        for method in &endpoint.methods {
            let described = writer.operation(endpoint, *method, &document, operation);
            item.insert(method.name().to_lowercase(), described);
        }
    }
    writer.describe_components();
    json!({
        "openapi": "3.0.0",
        "info": {
            "title": "Rest Endpoints",
            "description": "This OpenAPI specification is automatically generated from the REST endpoints of the metadata.",
            "version": "",
        },
        "paths": paths,
        "components": {"schemas": writer.components},
    })
}

fn path(endpoint: &RestEndpoint) -> String {
    endpoint
        .path()
        .fold("/api/rest".to_owned(), |path, segment| match segment {
            PathSegment::Literal(text) => path + "/" + text,
            PathSegment::Variable(name) => path + "/{" + name + "}",
        })
}

struct Writer<'s> {
    schema: &'s RoleSchema,
    /// Input objects and enums that variables refer to, by name.
    components: BTreeMap<String, Value>,
    /// Components that are referred to and not described yet.
    undescribed: Vec<String>,
    /// Selections of the present operation that may still be described.
    selections: Cell<usize>,
}

impl Writer<'_> {
    fn operation(
        &mut self,
        endpoint: &RestEndpoint,
        method: RestMethod,
        document: &Document,
        operation: &OperationDefinition,
    ) -> Value {
        let in_path: Vec<&str> = endpoint
            .path()
            .filter_map(|segment| match segment {
                PathSegment::Variable(name) => Some(name),
                PathSegment::Literal(_) => None,
            })
            .collect();
        let (mut parameters, mut others) = (Vec::new(), Vec::new());
        for variable in &operation.variables {
            if in_path.contains(&variable.name.as_str()) {
                parameters.push(self.parameter(variable, "path"));
            } else {
                others.push(&**variable);
            }
        }
        let has_body = !matches!(method, RestMethod::Get | RestMethod::Delete);
        if !has_body {
            parameters.extend(others.iter().map(|variable| self.parameter(variable, "query")));
        }
        let query = format!(
            "The GraphQL operation of this endpoint is:\n```graphql\n{}\n```",
            endpoint.query
        );
        let description = match &endpoint.comment {
            Some(comment) if !comment.is_empty() => format!("{comment}\n***\n{query}"),
            _ => query,
        };
        let mut described = json!({
            "operationId": format!("{}-{}", endpoint.name, method.name().to_lowercase()),
            "summary": endpoint.name,
            "description": description,
            "parameters": parameters,
            "responses": {
                "200": {
                    "description": format!("Responses for {} {}", method.name(), path(endpoint)),
                    "content": {"application/json": {"schema": self.response(document, operation)}},
                },
            },
        });
        if has_body && !others.is_empty() {
            described["requestBody"] = json!({
                "required": others.iter().any(|variable| is_required(variable)),
                "content": {"application/json": {"schema": self.body(&others)}},
            });
        }
        described
    }

    fn parameter(&mut self, variable: &VariableDefinition, place: &str) -> Value {
        json!({
            "name": variable.name.as_str(),
            "in": place,
            "required": place == "path" || is_required(variable),
            "schema": self.input(&variable.ty),
        })
    }

    fn body(&mut self, variables: &[&VariableDefinition]) -> Value {
        let required: Vec<&str> = variables
            .iter()
            .filter(|variable| is_required(variable))
            .map(|variable| variable.name.as_str())
            .collect();
        let properties: Map<String, Value> = variables
            .iter()
            .map(|variable| (variable.name.to_string(), self.input(&variable.ty)))
            .collect();
        let mut body = json!({"type": "object", "properties": properties});
        if !required.is_empty() {
            body["required"] = json!(required);
        }
        body
    }

    /// Describes the type of a variable.
    fn input(&mut self, ty: &Type) -> Value {
        match ty {
            Type::NonNullNamed(name) => self.named(name),
            Type::Named(name) => nullable(self.named(name)),
            Type::NonNullList(element) => json!({"type": "array", "items": self.input(element)}),
            Type::List(element) => nullable(json!({"type": "array", "items": self.input(element)})),
        }
    }

    /// Describes a named type of a variable; input objects refer to each other, so that they become components.
    fn named(&mut self, name: &str) -> Value {
        let schema = self.schema;
        match schema.description().ty(name) {
            Some(ty) if ty.kind() == Kind::InputObject => {
                if !self.components.contains_key(name) {
                    self.components.insert(name.to_owned(), Value::Null);
                    self.undescribed.push(name.to_owned());
                }
                json!({"$ref": format!("#/components/schemas/{name}")})
            }
            Some(ty) => value(ty),
            None => json!({}),
        }
    }

    /// Describes the components that are referred to. One after the other: a chain of tables may be long.
    fn describe_components(&mut self) {
        let schema = self.schema;
        while let Some(name) = self.undescribed.pop() {
            let Some(ty) = schema.description().ty(&name) else {
                continue;
            };
            let properties: Map<String, Value> = ty
                .members()
                .filter_map(|member| {
                    let (ty, wrapping) = member.ty()?;
                    let value = self.named(ty.name());
                    Some((member.name().to_owned(), wrapped(value, wrapping)))
                })
                .collect();
            let component = json!({"type": "object", "properties": properties});
            self.components.insert(name, component);
        }
    }

    fn response(&self, document: &Document, operation: &OperationDefinition) -> Value {
        let root = match operation.operation_type {
            OperationType::Query => "query_root",
            OperationType::Mutation => "mutation_root",
            OperationType::Subscription => "subscription_root",
        };
        let root = self.schema.description().ty(root);
        self.selections.set(MAX_SELECTIONS);
        self.selection(document, root, &operation.selection_set, MAX_DEPTH)
    }

    fn selection(
        &self,
        document: &Document,
        ty: Option<DescribedType<'_>>,
        set: &[Selection],
        depth: usize,
    ) -> Value {
        let mut properties = Map::new();
        if depth > 0 {
            self.collect(document, ty, set, depth - 1, &mut properties);
        }
        json!({"type": "object", "properties": properties})
    }

    fn collect(
        &self,
        document: &Document,
        ty: Option<DescribedType<'_>>,
        set: &[Selection],
        depth: usize,
        properties: &mut Map<String, Value>,
    ) {
        for selection in set {
            let Some(left) = self.selections.get().checked_sub(1) else {
                return;
            };
            self.selections.set(left);
            match selection {
                Selection::Field(field) => {
                    let key = field.response_name().to_string();
                    let member = ty.and_then(|ty| ty.member(&field.name)).and_then(Member::ty);
                    let described = match member {
                        Some((ty, wrapping)) if ty.kind() == Kind::Object => {
                            let object = self.selection(document, Some(ty), &field.selection_set, depth);
                            wrapped(object, wrapping)
                        }
                        Some((ty, wrapping)) => wrapped(value(ty), wrapping),
                        None => json!({"type": "string"}),
                    };
                    properties.insert(key, described);
                }
                Selection::InlineFragment(fragment) if depth > 0 => {
                    self.collect(document, ty, &fragment.selection_set, depth - 1, properties);
                }
                Selection::FragmentSpread(spread) if depth > 0 => {
                    if let Some(fragment) = document.fragments.get(spread.fragment_name.as_str()) {
                        self.collect(document, ty, &fragment.selection_set, depth - 1, properties);
                    }
                }
                Selection::InlineFragment(_) | Selection::FragmentSpread(_) => {}
            }
        }
    }
}

fn is_required(variable: &VariableDefinition) -> bool {
    variable.ty.is_non_null() && variable.default_value.is_none()
}

fn nullable(mut described: Value) -> Value {
    // A reference has no other keys.
    if described.get("$ref").is_some() {
        return json!({"allOf": [described], "nullable": true});
    }
    described["nullable"] = json!(true);
    described
}

fn wrapped(described: Value, wrapping: Wrapping) -> Value {
    let required = |described: Value, required: bool| if required { described } else { nullable(described) };
    let list = |element: Value| json!({"type": "array", "items": element});
    let described = match (wrapping.list, wrapping.inner) {
        (None, _) => described,
        (Some(element), None) => list(required(described, element)),
        (Some(element), Some(inner)) => list(required(list(required(described, inner)), element)),
    };
    required(described, wrapping.required)
}

/// Describes a scalar or an enum.
fn value(ty: DescribedType<'_>) -> Value {
    if ty.kind() == Kind::Enum {
        let values: Vec<&str> = ty.members().map(Member::name).collect();
        return json!({"type": "string", "enum": values});
    }
    match ty.name() {
        "Int" | "smallint" => json!({"type": "integer"}),
        "Float" | "float8" => json!({"type": "number"}),
        "Boolean" => json!({"type": "boolean"}),
        "uuid" => json!({"type": "string", "format": "uuid"}),
        "date" => json!({"type": "string", "format": "date"}),
        "timestamptz" => json!({"type": "string", "format": "date-time"}),
        "String" | "ID" | "bpchar" | "citext" | "name" | "timestamp" | "time" | "timetz" | "interval"
        | "bytea" | "inet" => json!({"type": "string"}),
        // A number or a string by the settings, or any JSON.
        _ => json!({}),
    }
}
