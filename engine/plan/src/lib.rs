//! One GraphQL operation → one SQL statement per root field. Pure: no driver, no async, no clock.
//!
//! - [`document`]: text → parsed document, cached
//! - `api_limits`: depth and nodes of an operation
//! - [`allow_list`]: operations that roles may run
//! - [`rest_variables`]: variables of requests to REST endpoints
//! - [`open_api`]: description of the REST endpoints
//! - [`mod@bind`]: document + role's schema → IR, with Hasura's errors
//! - [`permissions`]: permissions of all roles, checked against the catalog
//! - [`data_command`]: data command of `/v1/query` + role's schema → IR; [`args`] parses the arguments of all commands
//! - [`condition`], [`json_value`]: conditions and values of permissions and data commands
//! - [`ir`]: the table operations of a request
//! - [`mod@translate`]: IR → SQL trees
//! - [`plan`]: the statements of an operation, as trees and as text
//! - [`plan_cache`]: plans that other requests with the same document can use
//! - [`values`]: the values of one request, which the parameters of a plan refer to
//! - [`subscription`]: a subscription with its values
//! - [`table_set`]: the tables that a statement reads or writes
//!
//! Where to read next: [`mod@bind`].

pub mod allow_list;
mod api_limits;
pub mod args;
pub mod bind;
pub mod condition;
pub mod data_command;
pub mod document;
mod fragment_cycles;
pub mod ir;
pub mod json_value;
mod limits;
pub mod open_api;
pub mod permissions;
pub mod plan;
pub mod plan_cache;
pub mod rest_variables;
pub mod schema;
pub mod schema_cache;
pub mod subscription;
pub mod table_set;
pub mod translate;
pub mod values;

pub use bind::{Request, bind};
pub use engine_sql::{ParamSource, Statement};
pub use ir::RootField;
pub use plan::{Fields, InsertStep, Plan, QueryField, Step};
pub use subscription::SubscriptionPlan;
pub use table_set::TableSet;
pub use translate::translate;
pub use values::Values;

use document::Document;
use engine_error::Result;
use engine_sql::ast::Select;
use plan::Printers;
use schema::RoleSchema;

/// Plans an operation: binds, translates and prints it. [`schema_cache::SchemaCache::plan`] caches the result.
pub fn plan(schema: &RoleSchema, document: &Document, request: &Request<'_>) -> Result<Plan> {
    let mut plan = print(translate(bind(schema, document, request)?));
    plan.index_session_variables();
    let max_params = match plan.fields {
        Fields::Query(_) | Fields::Mutation(_) => limits::MAX_PARAMS,
        Fields::Subscription(_) => limits::MAX_SUBSCRIPTION_PARAMS,
    };
    limits::check_statements(&|visit| plan.statements(visit), max_params)?;
    Ok(plan)
}

/// Prints the SQL trees of a plan. Parameters name session variables; [`plan`] replaces the names by indexes.
pub fn print(plan: Plan<Select<'_>>) -> Plan {
    plan.map(&Printers {
        single: engine_sql::print,
        live: engine_sql::print_multiplexed,
        stream: engine_sql::print_multiplexed_stream,
    })
}
