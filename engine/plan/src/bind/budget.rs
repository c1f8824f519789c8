//! Work of binding the input values of an operation, bounded by the size of the request. A small request can demand a lot
//! of work: each reference to a variable, and each spread of a fragment, binds the same values again.

use super::input_value::InputValue;
use super::invalid;
use apollo_compiler::ast;
use engine_error::Result;
use serde_json::Value;
use std::cell::{Cell, OnceCell};

/// Cost of a value besides its text, in bytes.
const VALUE: usize = 64;
/// Number of times that the binder reads each value of a request in which nothing is repeated.
const READS: usize = 6;
/// Cost of repeated values that every request may have, in bytes: 131 072 short values.
const REPEATED: usize = 8 * 1024 * 1024;

/// Cost of the values that were bound, and its limit.
#[derive(Default)]
pub(super) struct InputBudget {
    spent: Cell<usize>,
    limit: OnceCell<usize>,
}

impl InputBudget {
    /// Adds the cost of `values` list elements or object fields.
    pub(super) fn values(&self, values: usize, request: impl FnOnce() -> usize) -> Result<()> {
        self.spend(values.saturating_mul(VALUE), request)
    }

    /// Adds a cost in bytes. `request` returns the size of the request's values, on which the limit depends; it is called
    /// only for operations of a high cost.
    pub(super) fn spend(&self, bytes: usize, request: impl FnOnce() -> usize) -> Result<()> {
        let spent = self.spent.get().saturating_add(bytes);
        self.spent.set(spent);
        if spent <= REPEATED {
            return Ok(());
        }
        let limit = self
            .limit
            .get_or_init(|| request().saturating_mul(READS).saturating_add(REPEATED));
        if spent <= *limit {
            return Ok(());
        }
        Err(invalid(
            "the operation repeats its variables or fragments so often that their values become too large; \
             refer to a variable with many values less often, or send several operations",
        ))
    }
}

/// Returns the size of a value with everything in it, in bytes.
pub(super) fn size(value: InputValue<'_>) -> usize {
    match value {
        InputValue::Ast(value) => ast_size(value),
        InputValue::Json(value) => json_size(value),
    }
}

pub(crate) fn ast_size(value: &ast::Value) -> usize {
    VALUE
        + match value {
            ast::Value::String(text) => text.len(),
            ast::Value::Int(number) => number.as_str().len(),
            ast::Value::Float(number) => number.as_str().len(),
            ast::Value::List(items) => items.iter().map(|item| ast_size(item)).sum(),
            ast::Value::Object(pairs) => pairs.iter().map(|(key, value)| key.len() + ast_size(value)).sum(),
            ast::Value::Null | ast::Value::Boolean(_) | ast::Value::Enum(_) | ast::Value::Variable(_) => 0,
        }
}

fn json_size(value: &Value) -> usize {
    VALUE
        + match value {
            Value::String(text) => text.len(),
            Value::Number(number) => number.as_str().len(),
            Value::Array(items) => items.iter().map(json_size).sum(),
            Value::Object(pairs) => pairs
                .iter()
                .map(|(key, value)| key.len() + json_size(value))
                .sum(),
            Value::Null | Value::Bool(_) => 0,
        }
}
