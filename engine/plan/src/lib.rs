//! One GraphQL operation → one SQL statement per root field. Pure: no driver, no async, no clock.
//!
//! - [`document`]: text → parsed document, cached
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
//!
//! Where to read next: [`mod@bind`].

pub mod args;
pub mod bind;
pub mod condition;
pub mod data_command;
pub mod document;
mod fragment_cycles;
pub mod ir;
pub mod json_value;
pub mod permissions;
pub mod plan;
pub mod plan_cache;
pub mod schema;
pub mod schema_cache;
pub mod subscription;
pub mod translate;
pub mod values;

pub use bind::{Request, bind};
pub use engine_sql::{ParamSource, Statement};
pub use ir::RootField;
pub use plan::{Fields, InsertStep, Plan, QueryField, Step};
pub use subscription::SubscriptionPlan;
pub use translate::translate;
pub use values::Values;

use document::Document;
use engine_error::{Code, Error, Result};
use engine_sql::ast::Select;
use plan::Printers;
use schema::RoleSchema;

/// Maximum number of parameters of a statement: Postgres counts them in 16 bits.
const MAX_PARAMS: usize = 65_535;
/// In a subscription each parameter is a column, and Postgres takes 1664.
const MAX_SUBSCRIPTION_PARAMS: usize = 1_600;
/// Maximum number of bytes of all statements of an operation: Postgres takes about 30 times as much memory to plan them.
const MAX_SQL_BYTES: usize = 8 * 1024 * 1024;

/// Plans an operation: binds, translates and prints it. [`schema_cache::SchemaCache::plan`] caches the result.
pub fn plan(schema: &RoleSchema, document: &Document, request: &Request<'_>) -> Result<Plan> {
    let mut plan = print(translate(bind(schema, document, request)?));
    plan.index_session_variables();
    check_params(&plan)?;
    check_sql(&plan)?;
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

fn check_params(plan: &Plan) -> Result<()> {
    let max = match plan.fields {
        Fields::Query(_) | Fields::Mutation(_) => MAX_PARAMS,
        Fields::Subscription(_) => MAX_SUBSCRIPTION_PARAMS,
    };
    let count = plan.max_params();
    if count > max {
        let message = format!(
            "the operation compares with or sets {count} values, {max} are possible; a list in \"_in\" counts as one, \
             as do the rows of an insert"
        );
        return Err(Error::new(Code::ValidationFailed, message));
    }
    Ok(())
}

fn check_sql(plan: &Plan) -> Result<()> {
    let bytes = plan.sql_bytes();
    if bytes > MAX_SQL_BYTES {
        let message = format!(
            "the operation needs {bytes} bytes of SQL, {MAX_SQL_BYTES} are possible; select fewer fields, or send several operations"
        );
        return Err(Error::new(Code::ValidationFailed, message));
    }
    Ok(())
}
