//! Query text → parsed document. Parsing costs more than planning, and clients send the same few documents again and
//! again, so parsed ones are kept.

use super::fragment_cycles::FragmentCycleCheck;
use apollo_compiler::ast::{Definition, Document as Ast, FragmentDefinition, OperationDefinition};
use apollo_compiler::parser::Parser;
use engine_error::{Code, Error, Result};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

/// How deep a document's syntax may nest.
const MAX_NESTING: usize = 200;
/// How many tokens a document may have: a mutation with some thousand rows written into it.
const MAX_TOKENS: usize = 500_000;
/// How many documents are kept, and how long one may be to be kept: together a bound on memory.
const MAX_CACHED: usize = 512;
const MAX_CACHED_LENGTH: usize = 16 * 1024;

/// A parsed document.
#[derive(Debug)]
pub struct Document {
    /// All of its operations.
    pub operations: Vec<apollo_compiler::Node<OperationDefinition>>,
    /// Its fragments by name.
    pub fragments: HashMap<String, apollo_compiler::Node<FragmentDefinition>>,
    /// Operations whose fragments form a cycle, by their place in `operations`.
    cycles: HashMap<usize, Error>,
}

impl Document {
    /// Parses a document. The syntax only: names are checked by the walk.
    pub fn parse(query: &str) -> Result<Self> {
        let parsed = Parser::new()
            .recursion_limit(MAX_NESTING)
            .token_limit(MAX_TOKENS)
            .parse_ast(query, "query.graphql")
            .map_err(|errors| not_a_query(&errors.errors))?;
        Self::from_ast(&parsed)
    }

    fn from_ast(ast: &Ast) -> Result<Self> {
        let mut document = Self {
            operations: Vec::new(),
            fragments: HashMap::new(),
            cycles: HashMap::new(),
        };
        for definition in &ast.definitions {
            match definition {
                Definition::OperationDefinition(operation) => document.operations.push(operation.clone()),
                Definition::FragmentDefinition(fragment) => {
                    if document
                        .fragments
                        .insert(fragment.name.to_string(), fragment.clone())
                        .is_some()
                    {
                        let message = format!("multiple definitions for fragment \"{}\"", fragment.name);
                        return Err(Error::new(Code::ParseFailed, message));
                    }
                }
                _ => {
                    let message = "not a valid graphql query: only operations and fragments can be executed";
                    return Err(Error::new(Code::ValidationFailed, message).at("query"));
                }
            }
        }
        for (place, operation) in document.operations.iter().enumerate() {
            if let Err(error) = FragmentCycleCheck::find(&document.fragments, operation) {
                document.cycles.insert(place, error);
            }
        }
        Ok(document)
    }

    /// The operation to run: the one named, or the only one.
    pub fn operation(&self, name: Option<&str>) -> Result<&OperationDefinition> {
        let named = |name: &str| {
            self.operations
                .iter()
                .position(|op| op.name.as_ref().is_some_and(|n| n == name))
        };
        let place = match (name, self.operations.len()) {
            (Some(name), _) => named(name).ok_or_else(|| {
                let message = format!("no such operation found in the document: \"{name}\"");
                Error::new(Code::ValidationFailed, message)
            })?,
            (None, 1) => 0,
            (None, _) => {
                return Err(Error::new(
                    Code::ValidationFailed,
                    "exactly one operation has to be present in the document when operationName is not specified",
                ));
            }
        };
        match self.cycles.get(&place) {
            Some(error) => Err(error.clone()),
            None => Ok(&self.operations[place]),
        }
    }
}

fn not_a_query(errors: &apollo_compiler::validation::DiagnosticList) -> Error {
    let detail = errors.iter().next().map(|error| {
        let place = error.line_column_range().map_or(String::new(), |range| {
            format!(" (line {}, column {})", range.start.line, range.start.column)
        });
        format!("{}{place}", error.error)
    });
    let message = detail.map_or("not a valid graphql query".to_owned(), |d| {
        format!("not a valid graphql query: {d}")
    });
    Error::new(Code::ValidationFailed, message).at("query")
}

/// Documents parsed before, by their text.
#[derive(Debug, Default)]
pub struct DocumentCache(RwLock<HashMap<Box<str>, Arc<Document>>>);

impl DocumentCache {
    /// The document of a text, parsed now or before.
    pub fn get(&self, query: &str) -> Result<Arc<Document>> {
        if let Some(document) = self.0.read().ok().and_then(|cache| cache.get(query).cloned()) {
            return Ok(document);
        }
        let document = Arc::new(Document::parse(query)?);
        if query.len() <= MAX_CACHED_LENGTH
            && let Ok(mut cache) = self.0.write()
        {
            if cache.len() >= MAX_CACHED {
                // Whoever fills the cache sends texts that do not repeat: which ones go makes no difference.
                let some: Vec<_> = cache.keys().take(MAX_CACHED / 4).cloned().collect();
                for key in some {
                    cache.remove(&key);
                }
            }
            cache.insert(query.into(), Arc::clone(&document));
        }
        Ok(document)
    }
}
