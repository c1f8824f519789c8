//! The request's variables, checked against the operation's declarations.

use super::budget::{self, InputBudget};
use super::expected_type::ExpectedType;
use super::input_value::InputValue;
use super::invalid;
use apollo_compiler::ast::{self, OperationDefinition, VariableDefinition};
use engine_error::{Code, Error, Result};
use indexmap::IndexMap;
use indexmap::map::Entry;
use serde_json::{Map, Value};
use std::cell::{Cell, OnceCell};

/// Value of a variable that was not given and has no default.
static UNSET: ast::Value = ast::Value::Null;

/// Maximum number of variables named in a message.
const MAX_NAMED: usize = 10;

/// Variables of one request.
#[derive(Default)]
pub(super) struct Variables<'a> {
    declared: IndexMap<&'a str, Declared<'a>>,
    /// Size of the values in the document, in bytes.
    document: usize,
    budget: InputBudget,
    /// Whether the bound operation depends on the value of a variable, and not only on its presence.
    inspected: Cell<bool>,
}

/// Value that is converted to a parameter, without influence on the structure of the operation.
pub(super) struct Leaf<'a> {
    /// Name of the variable, if the value was sent as the whole value of one.
    variable: Option<&'a str>,
    /// Name of the variable of which this is the value or the default.
    source: Option<&'a str>,
    value: InputValue<'a>,
}

impl<'a> Leaf<'a> {
    pub(super) fn is_null(&self) -> bool {
        self.value.is_null()
    }

    /// Returns the value to be checked and the variable to refer to.
    pub(super) fn into_parts(self) -> (InputValue<'a>, Option<&'a str>) {
        (self.value, self.variable)
    }
}

/// Declaration of a variable and its value.
struct Declared<'a> {
    definition: &'a VariableDefinition,
    value: InputValue<'a>,
    /// Size of the value in bytes, computed when it is first needed.
    size: OnceCell<usize>,
}

impl Declared<'_> {
    fn size(&self) -> usize {
        *self.size.get_or_init(|| budget::size(self.value))
    }
}

impl<'a> Variables<'a> {
    /// Checks the request's values. A missing value is replaced by its default, and without a default by null: a condition
    /// with an unset variable must not be true for every row.
    pub(super) fn new(
        operation: &'a OperationDefinition,
        values: Option<&'a Map<String, Value>>,
        document: usize,
    ) -> Result<Self> {
        let mut declared: IndexMap<&'a str, Declared<'a>> = IndexMap::new();
        for definition in &operation.variables {
            let name = definition.name.as_str();
            let Entry::Vacant(place) = declared.entry(name) else {
                return Err(Error::new(
                    Code::ParseFailed,
                    format!("multiple definitions for variable \"{name}\""),
                ));
            };
            let value = match values.and_then(|values| values.get(name)) {
                Some(Value::Null) if definition.ty.is_non_null() => {
                    return Err(invalid(format!(
                        "null value found for non-nullable type: \"{}\"",
                        definition.ty
                    ))
                    .at(name)
                    .at("variableValues"));
                }
                Some(value) => InputValue::Json(value),
                None => match &definition.default_value {
                    Some(default) => InputValue::Ast(default),
                    None if definition.ty.is_non_null() => {
                        return Err(invalid(format!(
                            "expecting a value for non-nullable variable: \"{name}\""
                        ))
                        .at("variableValues"));
                    }
                    None => InputValue::Ast(&UNSET),
                },
            };
            place.insert(Declared {
                definition,
                value,
                size: OnceCell::new(),
            });
        }
        let unexpected: Vec<String> = values
            .into_iter()
            .flat_map(Map::keys)
            .filter(|name| !declared.contains_key(name.as_str()))
            .take(MAX_NAMED)
            .cloned()
            .collect();
        if !unexpected.is_empty() {
            return Err(invalid(format!(
                "unexpected variables in variableValues: {}",
                unexpected.join(", ")
            ))
            .at("variableValues"));
        }
        Ok(Self {
            declared,
            document,
            budget: InputBudget::default(),
            inspected: Cell::new(false),
        })
    }

    /// Whether the bound operation depends on the value of a variable, and not only on its presence.
    pub(super) fn inspected(&self) -> bool {
        self.inspected.get()
    }

    /// Returns a variable's value where `expected` is expected.
    pub(super) fn get(&self, name: &str, expected: ExpectedType<'_>) -> Result<InputValue<'a>> {
        self.inspect(&self.leaf(name, expected)?)
    }

    /// Checks the type of a variable where `expected` is expected, without reading its value.
    pub(super) fn check(&self, name: &str, expected: ExpectedType<'_>) -> Result<()> {
        self.leaf(name, expected).map(drop)
    }

    fn leaf(&self, name: &str, expected: ExpectedType<'_>) -> Result<Leaf<'a>> {
        let Some((name, declared)) = self.declared.get_key_value(name) else {
            return Err(invalid(format!("unbound variable \"{name}\"")));
        };
        let Declared {
            definition, value, ..
        } = declared;
        let has_default = definition
            .default_value
            .as_ref()
            .is_some_and(|default| !default.is_null());
        if !expected.accepts(&definition.ty, has_default) {
            return Err(invalid(format!(
                "variable \"{name}\" is declared as \"{}\", but used where \"{expected}\" is expected",
                definition.ty
            )));
        }
        Ok(Leaf {
            // A default is part of the document, and null is part of the presence of the variables.
            variable: (matches!(value, InputValue::Json(_)) && !value.is_null()).then_some(*name),
            source: Some(name),
            value: *value,
        })
    }

    /// Returns a variable's value inside JSON, where any type is accepted.
    pub(super) fn any(&self, name: &str) -> Result<InputValue<'a>> {
        match self.declared.get(name) {
            Some(declared) => {
                self.inspected.set(true);
                self.spend(declared.size())?;
                Ok(declared.value)
            }
            None => Err(invalid(format!("unbound variable \"{name}\""))),
        }
    }

    /// Returns a value with its variable, if it is one, replaced.
    pub(super) fn resolve(
        &self,
        input: InputValue<'a>,
        expected: ExpectedType<'_>,
    ) -> Result<InputValue<'a>> {
        self.inspect(&self.resolve_leaf(input, expected)?)
    }

    /// Returns the same for a value that is only converted to a parameter.
    pub(super) fn resolve_leaf(&self, input: InputValue<'a>, expected: ExpectedType<'_>) -> Result<Leaf<'a>> {
        match input {
            InputValue::Ast(ast::Value::Variable(name)) => self.leaf(name, expected),
            value => Ok(Leaf {
                variable: None,
                source: None,
                value,
            }),
        }
    }

    /// Returns the value of a leaf that decides the structure of the operation.
    pub(super) fn inspect(&self, leaf: &Leaf<'a>) -> Result<InputValue<'a>> {
        if leaf.variable.is_some() {
            self.inspected.set(true);
        }
        if let Some(declared) = leaf.source.and_then(|name| self.declared.get(name)) {
            self.spend(declared.size())?;
        }
        Ok(leaf.value)
    }

    /// Adds bytes to the cost of the operation. Fails if the cost is out of proportion to the size of the request.
    pub(super) fn spend(&self, bytes: usize) -> Result<()> {
        self.budget.spend(bytes, || self.request_size())
    }

    /// Adds list elements or object fields to the cost of the operation.
    pub(super) fn count(&self, values: usize) -> Result<()> {
        self.budget.values(values, || self.request_size())
    }

    /// Returns the size of all values of the request, in bytes.
    fn request_size(&self) -> usize {
        self.document + self.declared.values().map(Declared::size).sum::<usize>()
    }

    /// Returns the elements of a list; a value that is not a list is a list of one.
    pub(super) fn list(&self, input: InputValue<'a>, ty: &str) -> Result<Vec<InputValue<'a>>> {
        let value = self.resolve(input, ExpectedType::list(ty))?;
        if value.is_null() {
            return Err(invalid("expected a list, but found null"));
        }
        let list = value.as_list().unwrap_or_else(|| vec![value]);
        self.count(list.len())?;
        Ok(list)
    }
}
