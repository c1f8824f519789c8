//! Data commands of `/v1/query` (`select`, `insert`, `update`, `delete`, `count`) → the IR that GraphQL is planned with.
//! Columns have their Postgres names here, operators are written `$eq` or `_eq`.
//!
//! - [`select`] — rows, and the columns of `returning`
//! - [`write`] — insert, update, delete
//! - [`count`] — number of rows
//! - [`computed`] — computed fields
//!
//! `where` is that of [`crate::condition`], the language of permissions.

mod computed;
mod count;
mod select;
mod write;

use crate::condition::{self, column, column_denied, relationship_denied};
use crate::ir::{Aggregate, BoolExp, Mutation, MutationOutput, Select};
use crate::limits;
use crate::plan::Step;
use crate::schema::RoleSchema;
use crate::schema::table::{Operation, TableSchema};
use crate::translate::Translator;
use crate::values::Values;
use engine_error::{Code, Error, Result};
use engine_model::catalog::{Column, TableName};
use engine_model::metadata::tracked::{Relationship, TrackedObjects, TrackedTable};
use engine_model::session::Session;
use engine_sql::guard::ByteLimit;
use engine_sql::{Statement, print};
use serde_json::Value;

/// Data command as table operations.
#[derive(Debug)]
pub enum DataCommand<'s> {
    /// The response is the list of the rows.
    Select(Select<'s>),
    /// The response is `{"count": n}`.
    Count(Aggregate<'s>),
    /// The response is `{"affected_rows": n[, "returning": […]]}`.
    Write(Mutation<'s>, MutationOutput<'s>),
}

/// Statements of a data command. Parameters name session variables.
#[derive(Debug)]
pub enum Statements {
    Query(Statement),
    Mutation(Step),
}

/// Resolves the arguments of the command `kind` against the schema of a role.
pub fn bind<'s>(scope: &Scope<'s>, kind: &str, args: Value) -> Result<DataCommand<'s>> {
    match kind {
        "select" => select::bind(scope, args).map(DataCommand::Select),
        "count" => count::bind(scope, args).map(DataCommand::Count),
        "insert" => write::insert(scope, args),
        "update" => write::update(scope, args),
        _ => write::delete(scope, args),
    }
}

impl DataCommand<'_> {
    /// Returns the statements. `stringify`: bigint, numeric and float8 are printed as strings. `response`: limit of the response.
    /// Fails if they exceed the limits of an operation.
    pub fn statements(&self, stringify: bool, response: ByteLimit) -> Result<Statements> {
        let mut translator = Translator::new(stringify, response);
        let statements = match self {
            Self::Select(rows) => {
                let select = translator.list(rows);
                Statements::Query(print(translator.limited(select)))
            }
            Self::Count(aggregate) => Statements::Query(count::statement(&mut translator, aggregate)),
            Self::Write(change, output) => Statements::Mutation(translator.change(change, output).map(print)),
        };
        limits::check_statements(&|visit| statements.each(visit), limits::MAX_PARAMS)?;
        Ok(statements)
    }
}

impl Statements {
    /// Checks the size of the parameters with the values of a request.
    pub fn check_values(&self, values: &Values) -> Result<()> {
        limits::check_values(&|visit| self.each(visit), values)
    }

    fn each<'p>(&'p self, visit: &mut dyn FnMut(&'p Statement)) {
        match self {
            Self::Query(statement) => visit(statement),
            Self::Mutation(step) => step.statements(visit),
        }
    }
}

/// Objects that a command can refer to.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'s> {
    /// All tables, also those that the role may not use.
    pub tracked: &'s TrackedObjects,
    pub schema: &'s RoleSchema,
    pub session: &'s Session,
}

/// Hint of a refusal: the permission that a command needs besides that of its operation.
// Hasura's wording
const NEEDS_SELECT: &str = "is only allowed if the role has \"select\" permission as \"where\" can't be used without \"select\" permission on the table";

impl<'s> Scope<'s> {
    fn role(&self) -> &'s str {
        &self.session.role
    }

    /// Returns a table whether or not the role may use it.
    fn tracked(&self, name: &TableName) -> Result<&'s TrackedTable> {
        let missing = || {
            let message = format!("table \"{name}\" does not exist");
            Error::new(Code::NotExists, message).at("table").at("args")
        };
        self.tracked
            .tables
            .get(name)
            .map(|table| &**table)
            .ok_or_else(missing)
    }

    /// Returns a table for an operation that the role may perform. The session must have all variables of the permission.
    fn table(&self, name: &TableName, operation: Operation) -> Result<&'s TableSchema> {
        let word = match operation {
            Operation::Select => "select",
            Operation::Insert => "insert",
            Operation::Update => "update",
            Operation::Delete => "delete",
        };
        let table = self.schema.data_table(name).filter(|table| match operation {
            Operation::Select => table.can_select(),
            Operation::Insert => table.has_insert_permission(),
            Operation::Update => table.has_update_permission(),
            Operation::Delete => table.has_delete_permission(),
        });
        let table = table.ok_or_else(|| self.denied(word, name, ""))?;
        if operation == Operation::Select && !table.can_list() {
            let hint = "; \"query_root_fields\" of the permission do not contain \"select\"";
            return Err(self.denied(word, name, hint));
        }
        if matches!(operation, Operation::Update | Operation::Delete) && !table.can_select() {
            return Err(self.denied("select", name, &format!("; \"{word}\" {NEEDS_SELECT}")));
        }
        for variable in table.session_variables(&[operation]) {
            if !self.session.variables.contains_key(&variable) {
                // Hasura's wording
                let message = format!("{variable} header is expected but not found");
                return Err(Error::new(Code::NotFound, message).at("args"));
            }
        }
        Ok(table)
    }

    /// Returns a table that the role may read, for a command whose need of that permission `hint` explains.
    fn readable(&self, name: &TableName, hint: &str) -> Result<&'s TableSchema> {
        let table = self.schema.readable(name);
        table.ok_or_else(|| self.denied("select", name, hint))
    }

    // Hasura's wording
    fn denied(&self, operation: &str, table: &TableName, hint: &str) -> Error {
        let role = self.role();
        let message = format!("{operation} on \"{table}\" for role \"{role}\" is not allowed. {hint}");
        Error::new(Code::PermissionDenied, message).at("args")
    }

    /// Returns the target table of a relationship.
    fn target(&self, relationship: &Relationship) -> Result<&'s TableSchema> {
        let denied = || relationship_denied(self.role(), &relationship.name, &relationship.target);
        self.schema.readable(&relationship.target).ok_or_else(denied)
    }

    /// Returns a column that the role may read, by its Postgres name.
    fn readable_column(&self, table: &'s TableSchema, name: &str) -> Result<&'s Column> {
        let column = column(table.tracked(), name)?;
        if table.can_read(column) {
            Ok(column)
        } else {
            Err(column_denied(self.role(), "select", name))
        }
    }

    /// Returns the condition `where`.
    fn condition(&self, table: &'s TableSchema, condition: Option<&Value>) -> Result<BoolExp<'s>> {
        condition::of_command(self.schema, self.role(), table, condition)
    }
}
