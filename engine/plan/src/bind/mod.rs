//! Document + role's schema → IR. The binder checks every name and value against the schema, with Hasura's codes,
//! messages and paths, and builds the IR of the whole operation.
//!
//! - [`variables`]: the request's variables against the operation's declarations
//! - [`input_value`]: a value, whether written in the document or sent as a variable
//! - [`selection`]: selection sets: fragments, directives, merging
//! - [`arguments`]: arguments of fields and input objects, checked against the description of the API
//! - [`budget`]: bound of the work that the values of a request cause
//! - [`scalars`]: input values → Postgres text
//! - [`enum_value`]: values of enum tables
//! - [`request_value`]: references to values of variables, so that the SQL does not depend on them
//! - [`select`], [`bool_exp`], [`order_by`], [`aggregate`]: reading
//! - [`function`], [`computed_field`]: calls of functions
//! - [`stream`]: reading from a cursor
//! - [`insert`], [`update`]: writing
//! - [`introspect`]: `__schema` and `__type`

mod aggregate;
mod aggregate_bool_exp;
mod arguments;
mod bool_exp;
mod budget;
mod computed_field;
mod enum_value;
mod expected_type;
mod function;
mod input_value;
mod insert;
mod introspect;
mod mutation;
mod order_by;
mod query;
mod request_value;
mod scalars;
mod select;
mod selection;
mod stream;
mod update;
mod variables;

use crate::document::Document;
use crate::ir::{Operation, RequestValue, RootFields};
use crate::limits::ConditionCount;
use crate::schema::RoleSchema;
use crate::schema::table::TableSchema;
use apollo_compiler::ast::OperationType;
use engine_error::{Code, Error, Result, Segment};
use engine_model::metadata::tracked::Relationship;
use expected_type::ExpectedType;
use indexmap::IndexSet;
use input_value::InputValue;
use serde_json::{Map, Value};
use std::cell::{Cell, RefCell};
use variables::Variables;

pub(super) use budget::ast_size;

/// Maximum number of fields of an operation after fragments are spread, which bounds the growth of a small document with
/// nested fragments.
const MAX_FIELDS: usize = 20_000;
/// Maximum nesting of input objects: unlike JSON values, they are bound and translated on the stack.
const MAX_INPUT_DEPTH: usize = 150;

/// Part of a request that planning depends on, besides the document and the role.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub operation_name: Option<&'a str>,
    pub variables: Option<&'a Map<String, Value>>,
    /// Maximum nesting of the selections.
    pub max_depth: usize,
}

/// State of binding one operation.
struct Binder<'a> {
    schema: &'a RoleSchema,
    document: &'a Document,
    variables: Variables<'a>,
    /// Values of the request that the operation refers to.
    values: RefCell<IndexSet<RequestValue>>,
    fields: Cell<usize>,
    /// Conditions of the root field that is bound, and subqueries in them.
    conditions: ConditionCount,
    /// Number of input objects around the one that is bound.
    input_depth: Cell<usize>,
    /// Remaining cost budget of introspection; `None` if the operation does not use it.
    introspection: Cell<Option<u64>>,
    max_depth: usize,
}

/// Resolves an operation against the schema of a role.
pub fn bind<'a>(
    schema: &'a RoleSchema,
    document: &'a Document,
    request: &Request<'a>,
) -> Result<Operation<'a>> {
    let operation = document.operation(request.operation_name)?;
    let binder = Binder {
        schema,
        document,
        variables: Variables::new(operation, request.variables, document.values_size())?,
        values: RefCell::default(),
        fields: Cell::new(0),
        conditions: schema.condition_count(),
        input_depth: Cell::new(0),
        introspection: Cell::new(None),
        max_depth: request.max_depth,
    };
    let fields = match operation.operation_type {
        OperationType::Query => RootFields::Query(binder.query(operation)?),
        OperationType::Mutation => RootFields::Mutation(binder.mutation(operation)?),
        OperationType::Subscription => RootFields::Subscription(binder.subscription(operation)?),
    };
    Ok(Operation {
        fields,
        // The response of an introspection is large, and a plan contains it.
        reusable: !binder.variables.inspected() && binder.introspection.get().is_none(),
        values: binder.values.into_inner().into_iter().collect(),
        stringify_numeric_types: schema.options().stringify_numeric_types,
        response: schema.response_limit(),
    })
}

/// Adds a segment to the path of an error.
pub(super) trait WithPath<T> {
    /// Prepends a segment.
    fn at(self, segment: impl Into<Segment>) -> Result<T>;
}

impl<T> WithPath<T> for Result<T> {
    fn at(self, segment: impl Into<Segment>) -> Self {
        self.map_err(|error| error.at(segment))
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(Code::ValidationFailed, message)
}

fn no_field(field: &str, ty: &str) -> Error {
    invalid(format!("field \"{field}\" not found in type: '{ty}'"))
}

impl<'a> Binder<'a> {
    /// Returns a value with its variable, if it is one, replaced.
    fn resolve(&self, input: InputValue<'a>, expected: ExpectedType<'_>) -> Result<InputValue<'a>> {
        self.variables.resolve(input, expected)
    }

    /// Returns the elements of a list; a value that is not a list is a list of one.
    fn list(&self, input: InputValue<'a>, ty: &str) -> Result<Vec<InputValue<'a>>> {
        self.variables.list(input, ty)
    }

    /// Returns the target table of a relationship, if it may be read.
    fn target(&self, relationship: &Relationship) -> Option<&'a TableSchema> {
        self.schema.selectable(&relationship.target)
    }

    /// Returns the target table of an array relationship, if its aggregates may be read.
    fn aggregate_target(&self, relationship: &Relationship) -> Option<&'a TableSchema> {
        self.target(relationship)
            .filter(|target| target.allows_aggregations())
    }

    /// Returns the target table of a relationship, if rows may be inserted.
    fn insert_target(&self, relationship: &Relationship) -> Option<&'a TableSchema> {
        self.schema
            .table(&relationship.target)
            .filter(|target| target.can_insert())
    }

    /// Binds an input object that may contain others of its kind.
    fn nested<T>(&self, bind: impl FnOnce() -> Result<T>) -> Result<T> {
        let depth = self.input_depth.get() + 1;
        if depth > MAX_INPUT_DEPTH {
            return Err(invalid(format!(
                "input objects nest deeper than {MAX_INPUT_DEPTH} levels"
            )));
        }
        self.input_depth.set(depth);
        let bound = bind();
        self.input_depth.set(depth - 1);
        bound
    }

    /// Counts a selected field.
    fn count_field(&self, depth: usize) -> Result<()> {
        let count = self.fields.get() + 1;
        self.fields.set(count);
        if count > MAX_FIELDS {
            return Err(invalid(format!(
                "the operation selects more than {MAX_FIELDS} fields"
            )));
        }
        if depth > self.max_depth {
            return Err(invalid(format!(
                "the operation nests deeper than {} levels (HASURA_GRAPHQL_MAX_DEPTH)",
                self.max_depth
            )));
        }
        Ok(())
    }
}
