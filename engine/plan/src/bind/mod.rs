//! Document + role's schema → plan: the typed walk. It checks every name and value against the schema, with Hasura's
//! codes, messages and paths, and builds the IR as it goes.
//!
//! - [`variables`]: the request's variables against the operation's declarations
//! - [`input`]: a value, whether written in the document or sent as a variable
//! - [`fields`]: selection sets: fragments, directives, merging
//! - [`arguments`]: arguments of fields, checked against the description of the API
//! - [`scalars`]: input values → Postgres text
//! - [`select`], [`bool_exp`], [`order_by`], [`aggregate`]: reading
//! - [`stream`]: reading on from a cursor
//! - [`insert`], [`update`]: writing
//! - [`introspect`]: `__schema` and `__type`

mod aggregate;
mod aggregate_bool_exp;
mod arguments;
mod bool_exp;
mod input_value;
mod insert;
mod introspect;
mod mutation;
mod order_by;
mod query;
mod scalars;
mod select;
mod selection;
mod stream;
mod update;
mod variables;

use super::Plan;
use super::document::Document;
use crate::schema::RoleSchema;
use crate::schema::table::TableSchema;
use apollo_compiler::ast::OperationType;
use engine_error::{Code, Error, Result, Segment};
use engine_model::session::Session;
use serde_json::{Map, Value};
use std::cell::Cell;
use variables::Variables;

/// How many fields, fragments spread, an operation may select: a bound on what a small document with nested fragments
/// can grow to.
const MAX_FIELDS: usize = 20_000;

/// How many parameters a statement may have: Postgres counts them in 16 bits.
const MAX_PARAMS: usize = 65_535;
/// In a subscription each is a column, and Postgres takes 1664.
const MAX_SUBSCRIPTION_PARAMS: usize = 1_600;

/// What the walk needs at hand.
pub(super) struct Binder<'a> {
    schema: &'a RoleSchema,
    document: &'a Document,
    variables: Variables<'a>,
    fields: Cell<usize>,
    /// What is left of what introspection may cost; none was asked for yet.
    introspection: Cell<Option<u64>>,
    max_depth: usize,
}

/// Plans an operation, whose selections may nest `max_depth` deep.
pub fn plan<'a>(
    schema: &'a RoleSchema,
    _session: &'a Session,
    document: &'a Document,
    operation_name: Option<&str>,
    variables: Option<&'a Map<String, Value>>,
    max_depth: usize,
) -> Result<Plan> {
    let operation = document.operation(operation_name)?;
    let walker = Binder {
        schema,
        document,
        variables: Variables::new(operation, variables)?,
        fields: Cell::new(0),
        introspection: Cell::new(None),
        max_depth,
    };
    let (plan, most) = match operation.operation_type {
        OperationType::Query => (walker.query(operation).map(Plan::Query)?, MAX_PARAMS),
        OperationType::Mutation => (walker.mutation(operation).map(Plan::Mutation)?, MAX_PARAMS),
        OperationType::Subscription => (
            walker.subscription(operation).map(Plan::Subscription)?,
            MAX_SUBSCRIPTION_PARAMS,
        ),
    };
    let count = plan.most_params();
    if count > most {
        return Err(invalid(format!(
            "the operation compares with or sets {count} values, {most} are possible; a list in \"_in\" counts as one, \
             as do the rows of an insert"
        )));
    }
    Ok(plan)
}

/// Adds where an error happened.
pub(super) trait WithPath<T> {
    /// One level further down.
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
    /// The table a relationship leads to.
    fn target(
        &self,
        relationship: &engine_model::metadata::tracked::Relationship,
    ) -> Option<&'a TableSchema> {
        self.schema.table(&relationship.target)
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
