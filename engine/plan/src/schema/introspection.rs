//! `__schema` and `__type`: answered by apollo-compiler over the role's type system.

use super::{RoleSchema, types};
use apollo_compiler::collections::HashMap;
use apollo_compiler::response::JsonMap;
use apollo_compiler::schema::Implementers;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Name, Schema, ast, introspection, request};
use engine_error::{Code, Error, Result};
use serde_json::{Map, Value};

/// A role's type system.
#[derive(Debug)]
pub struct Introspection {
    schema: Valid<Schema>,
    implementers: HashMap<Name, Implementers>,
}

impl Introspection {
    pub(super) fn build(role: &RoleSchema) -> Result<Self> {
        let text = types::write(role);
        let schema = Schema::parse_and_validate(text, "schema.graphql").map_err(|error| {
            // A table or column whose name collides with a type of ours.
            tracing::error!(errors = %error.errors, "the type system of a role is not valid");
            Error::new(
                Code::Unexpected,
                "the schema cannot be shown: names of tables or columns collide",
            )
        })?;
        let implementers = schema.implementers_map();
        Ok(Self { schema, implementers })
    }

    /// The type system in the schema language.
    pub fn sdl(&self) -> String {
        self.schema.to_string()
    }

    /// How many types there are.
    pub fn types(&self) -> usize {
        self.schema.types.len()
    }

    /// Answers the introspection fields of a document's one operation; each key with its value as JSON.
    pub fn execute(
        &self,
        document: &ast::Document,
        variables: &Map<String, Value>,
    ) -> Result<Map<String, Value>> {
        let refused = |message: String| Error::new(Code::ValidationFailed, message);
        let executable = document.to_executable(&self.schema).map_err(|error| {
            let first = error
                .errors
                .iter()
                .next()
                .map_or_else(String::new, |e| e.error.to_string());
            refused(first)
        })?;
        // Names were checked just now; what full validation adds (unused fragments and variables) does not matter.
        let executable = Valid::<ExecutableDocument>::assume_valid(executable);
        let operation = executable
            .operations
            .get(None)
            .map_err(|error| refused(error.message().to_string()))?;
        introspection::check_max_depth(&executable, operation)
            .map_err(|error| refused(error.message().to_string()))?;
        let variables: JsonMap = serde_json::from_value(Value::Object(variables.clone())).unwrap_or_default();
        let variables = request::coerce_variable_values(&self.schema, operation, &variables)
            .map_err(|error| refused(error.message().to_string()))?;
        let response = introspection::partial_execute(
            &self.schema,
            &self.implementers,
            &executable,
            operation,
            &variables,
        )
        .map_err(|error| refused(error.message().to_string()))?;
        if let Some(error) = response.errors.first() {
            return Err(refused(error.message.clone()));
        }
        match serde_json::to_value(response.data) {
            Ok(Value::Object(data)) => Ok(data),
            _ => Ok(Map::new()),
        }
    }
}
