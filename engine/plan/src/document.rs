//! Query text → parsed document. Parsing costs more than planning, and clients send the same few documents repeatedly, so
//! parsed documents are cached.

use super::bind::ast_size;
use super::fragment_cycles::FragmentCycleCheck;
use apollo_compiler::ast::{
    Argument, Definition, Directive, Document as Ast, FragmentDefinition, OperationDefinition, Selection,
};
use apollo_compiler::parser::Parser;
use engine_error::{Code, Error, Result};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// Maximum nesting of a document's syntax.
const MAX_NESTING: usize = 200;
/// Maximum number of tokens of a document: a mutation with some thousand rows written into it.
const MAX_TOKENS: usize = 500_000;
/// Maximum number of cached documents.
const MAX_CACHED: usize = 512;
/// Maximum number of bytes of all cached documents.
const MAX_CACHED_BYTES: u64 = 4 * 1024 * 1024;
/// Maximum number of bytes of a document to be cached.
const MAX_CACHED_LENGTH: usize = 16 * 1024;

/// A parsed document.
#[derive(Debug)]
pub struct Document {
    pub operations: Vec<apollo_compiler::Node<OperationDefinition>>,
    /// Fragments by name.
    pub fragments: HashMap<String, apollo_compiler::Node<FragmentDefinition>>,
    /// Results of the check for fragments that form a cycle, by the index in `operations`. An operation is checked when it
    /// is first selected: a document can have many operations with the same large fragment.
    acyclic: Vec<OnceLock<Result<()>>>,
    /// Size of the values of arguments and defaults, in bytes.
    values_size: usize,
    id: Option<DocumentId>,
    normalized: OnceLock<String>,
}

/// Identity of a parsed document that is likely to be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DocumentId(u64);

impl DocumentId {
    fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl Document {
    /// Parses the syntax of a document; names are checked by the binder.
    pub fn parse(query: &str) -> Result<Self> {
        let parsed = Parser::new()
            .recursion_limit(MAX_NESTING)
            .token_limit(MAX_TOKENS)
            .parse_ast(query, "query.graphql")
            .map_err(|errors| not_a_query(&errors.errors))?;
        let mut document = Self::from_ast(&parsed)?;
        document.id = (query.len() <= MAX_CACHED_LENGTH).then(DocumentId::next);
        Ok(document)
    }

    /// Returns the identity of the document; `None` if it is too long to be cached.
    pub fn id(&self) -> Option<DocumentId> {
        self.id
    }

    fn from_ast(ast: &Ast) -> Result<Self> {
        let mut document = Self {
            operations: Vec::new(),
            fragments: HashMap::new(),
            acyclic: Vec::new(),
            values_size: 0,
            id: None,
            normalized: OnceLock::new(),
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
        document
            .acyclic
            .resize_with(document.operations.len(), OnceLock::new);
        let defaults = document
            .operations
            .iter()
            .flat_map(|operation| &operation.variables)
            .filter_map(|variable| variable.default_value.as_deref());
        let operations = document
            .operations
            .iter()
            .map(|operation| &operation.selection_set);
        let fragments = document
            .fragments
            .values()
            .map(|fragment| &fragment.selection_set);
        document.values_size = defaults.map(ast_size).sum::<usize>()
            + operations
                .chain(fragments)
                .map(|selections| selections_size(selections))
                .sum::<usize>();
        Ok(document)
    }

    /// Returns the operation to execute: the named one, or the only one.
    pub fn operation(&self, name: Option<&str>) -> Result<&OperationDefinition> {
        Ok(&self.operations[self.operation_index(name)?])
    }

    /// Returns the index in `operations` of the operation to execute.
    pub fn operation_index(&self, name: Option<&str>) -> Result<usize> {
        let named = |name: &str| {
            self.operations
                .iter()
                .position(|op| op.name.as_ref().is_some_and(|n| n == name))
        };
        let index = match (name, self.operations.len()) {
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
        self.acyclic[index]
            .get_or_init(|| FragmentCycleCheck::find(&self.fragments, &self.operations[index]))
            .clone()?;
        Ok(index)
    }

    /// Returns the text of the document without `__typename` and with the fragments in the order of their names: equal texts have
    /// equal structures.
    pub fn normalized(&self) -> &str {
        self.normalized.get_or_init(|| {
            let operations = self.operations.iter().map(|operation| {
                let mut operation = OperationDefinition::clone(operation);
                remove_typename(&mut operation.selection_set);
                operation.serialize().no_indent().to_string()
            });
            let mut names: Vec<&String> = self.fragments.keys().collect();
            names.sort_unstable();
            let fragments = names.into_iter().map(|name| {
                let mut fragment = FragmentDefinition::clone(&self.fragments[name]);
                remove_typename(&mut fragment.selection_set);
                fragment.serialize().no_indent().to_string()
            });
            operations.chain(fragments).collect()
        })
    }

    /// Returns the size of the values of arguments and defaults, in bytes.
    pub(crate) fn values_size(&self) -> usize {
        self.values_size
    }
}

fn remove_typename(selections: &mut Vec<Selection>) {
    selections
        .retain(|selection| !matches!(selection, Selection::Field(field) if field.name == "__typename"));
    for selection in selections {
        match selection {
            Selection::Field(field) => remove_typename(&mut field.make_mut().selection_set),
            Selection::InlineFragment(fragment) => remove_typename(&mut fragment.make_mut().selection_set),
            Selection::FragmentSpread(_) => {}
        }
    }
}

/// Returns the size of the values in the arguments of selections, in bytes.
fn selections_size(selections: &[Selection]) -> usize {
    let arguments = |arguments: &[apollo_compiler::Node<Argument>]| -> usize {
        arguments.iter().map(|argument| ast_size(&argument.value)).sum()
    };
    let directives = |list: &[apollo_compiler::Node<Directive>]| -> usize {
        list.iter().map(|directive| arguments(&directive.arguments)).sum()
    };
    let sizes = selections.iter().map(|selection| match selection {
        Selection::Field(field) => {
            arguments(&field.arguments)
                + directives(&field.directives)
                + selections_size(&field.selection_set)
        }
        Selection::InlineFragment(fragment) => {
            directives(&fragment.directives) + selections_size(&fragment.selection_set)
        }
        Selection::FragmentSpread(spread) => directives(&spread.directives),
    });
    sizes.sum()
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

/// Parsed documents by their text, bounded in number and bytes.
#[derive(Debug)]
pub struct DocumentCache(Cache<Box<str>, Arc<Document>, TextLength>);

/// Weighs a document by its text. The minimum weight bounds the number of documents.
#[derive(Debug, Clone)]
struct TextLength;

impl Weighter<Box<str>, Arc<Document>> for TextLength {
    fn weight(&self, text: &Box<str>, _document: &Arc<Document>) -> u64 {
        (text.len() as u64).max(MAX_CACHED_BYTES / MAX_CACHED as u64)
    }
}

impl Default for DocumentCache {
    fn default() -> Self {
        Self(Cache::with_weighter(MAX_CACHED, MAX_CACHED_BYTES, TextLength))
    }
}

impl DocumentCache {
    /// Returns the document of a text; parses it unless it is cached.
    pub fn get(&self, query: &str) -> Result<Arc<Document>> {
        if let Some(document) = self.0.get(query) {
            return Ok(document);
        }
        let document = Arc::new(Document::parse(query)?);
        if query.len() <= MAX_CACHED_LENGTH {
            self.0.insert(query.into(), Arc::clone(&document));
        }
        Ok(document)
    }

    /// Returns the number of cached documents.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_documents_are_bounded_and_keep_their_identity() {
        let cache = DocumentCache::default();
        let id = |query: &str| cache.get(query).unwrap().id();
        assert_eq!(id("{ a }"), id("{ a }"));
        assert_ne!(id("{ a }"), id("{ b }"));
        for n in 0..2 * MAX_CACHED {
            cache.get(&format!("{{ f{n} }}")).unwrap();
        }
        assert!(cache.len() <= MAX_CACHED, "{}", cache.len());
        let before = cache.len();
        let long = format!("{{ a }} #{}", " ".repeat(MAX_CACHED_LENGTH));
        assert_eq!(cache.get(&long).unwrap().id(), None);
        assert_eq!(cache.len(), before);
    }
}
