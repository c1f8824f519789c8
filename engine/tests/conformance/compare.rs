//! Comparison of responses with the expected ones.

use super::case::Case;
use apollo_compiler::ast::{Definition, Selection};
use apollo_compiler::parser::Parser;
use serde_json::Value;
use std::collections::HashSet;

/// Additional findings about a correct response.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Expected and actual messages of errors that differ only in the message.
    pub(crate) messages: Vec<(String, String)>,
}

impl Verdict {
    pub(crate) fn add(&mut self, other: Self) {
        self.messages.extend(other.messages);
    }
}

/// Compares a response with the expected ones, of which one must be equal.
pub(crate) fn compare(case: &Case, answer: &Value) -> Result<Verdict, String> {
    let mut different = Ok(Verdict::default());
    for expected in case.responses() {
        different = compare_with(case, expected, answer);
        if different.is_ok() {
            break;
        }
    }
    different
}

fn compare_with(case: &Case, expected: &Value, answer: &Value) -> Result<Verdict, String> {
    let mut verdict = Verdict::default();
    let right = match (errors(expected), errors(answer)) {
        (Some(expected), Some(actual)) => {
            if expected.len() == actual.len() {
                for (expected, actual) in expected.iter().zip(&actual) {
                    if expected.message != actual.message {
                        verdict
                            .messages
                            .push((expected.message.clone(), actual.message.clone()));
                    }
                }
            }
            let place = |errors: &[ErrorEntry]| {
                errors
                    .iter()
                    .map(|e| (e.code.clone(), e.path.clone(), e.internal))
                    .collect::<Vec<_>>()
            };
            place(&expected) == place(&actual)
        }
        (None, None) => same(expected, answer, &with_selection(&case.query)),
        _ => false,
    };
    if right {
        Ok(verdict)
    } else {
        Err(format!("expected {expected}, got {answer}"))
    }
}

struct ErrorEntry {
    code: Value,
    path: Value,
    /// Whether the error has details for administrators. Their content may differ.
    internal: bool,
    message: String,
}

/// Returns the errors in either format, if the response is an error.
fn errors(answer: &Value) -> Option<Vec<ErrorEntry>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if let Some(list) = answer.get("errors").and_then(Value::as_array) {
        let seen = |error: &Value| ErrorEntry {
            code: error["extensions"]["code"].clone(),
            path: error["extensions"]["path"].clone(),
            internal: error["extensions"].get("internal").is_some(),
            message: text(&error["message"]),
        };
        return Some(list.iter().map(seen).collect());
    }
    let is_error = answer.get("code").is_some() && answer.get("path").is_some();
    is_error.then(|| {
        let message = text(&answer["error"]);
        vec![ErrorEntry {
            code: answer["code"].clone(),
            path: answer["path"].clone(),
            internal: answer.get("internal").is_some(),
            message,
        }]
    })
}

/// Response keys of all fields that have a selection set.
fn with_selection(query: &Value) -> HashSet<String> {
    fn collect(selections: &[Selection], keys: &mut HashSet<String>) {
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    if !field.selection_set.is_empty() {
                        keys.insert(field.response_name().to_string());
                    }
                    collect(&field.selection_set, keys);
                }
                Selection::InlineFragment(fragment) => collect(&fragment.selection_set, keys),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    let mut keys = HashSet::new();
    let text = query["query"].as_str().unwrap_or_default();
    if let Ok(document) = Parser::new().parse_ast(text, "query.graphql") {
        keys.insert("data".to_owned());
        for definition in &document.definitions {
            match definition {
                Definition::OperationDefinition(operation) => collect(&operation.selection_set, &mut keys),
                Definition::FragmentDefinition(fragment) => collect(&fragment.selection_set, &mut keys),
                _ => {}
            }
        }
    }
    keys
}

/// Compares values; the order of keys is significant only below a selection set.
fn same(expected: &Value, actual: &Value, selected: &HashSet<String>) -> bool {
    below(expected, actual, selected, false)
}

fn below(expected: &Value, actual: &Value, selected: &HashSet<String>, ordered: bool) -> bool {
    match (expected, actual) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && (!ordered || a.keys().eq(b.keys()))
                && a.iter().all(|(key, value)| {
                    b.get(key)
                        .is_some_and(|other| below(value, other, selected, selected.contains(key)))
                })
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| below(a, b, selected, ordered))
        }
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (a, b) => a == b,
    }
}
