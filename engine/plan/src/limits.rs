//! Limits of the statements of an operation and of their parameters.

use crate::values::Values;
use engine_error::{Code, Error, Result};
use engine_sql::Statement;
use std::cell::Cell;

/// Maximum number of parameters of a statement: Postgres counts them in 16 bits.
pub(crate) const MAX_PARAMS: usize = 65_535;
/// In a subscription each parameter is a column, and Postgres takes 1664.
pub(crate) const MAX_SUBSCRIPTION_PARAMS: usize = 1_600;
/// Maximum number of subqueries of a statement. To plan conditions with 40 000, Postgres 15 took more than 16 GB.
const MAX_QUERIES: usize = 1_000;
/// Maximum number of conditions of a statement of a role other than admin. Postgres 15 compares each with each other when it plans
/// some shapes, without looking for its time limit: 20 000 comparisons took 9 s, 5000 took 1 s. An object with one comparison counts as
/// two.
const MAX_ROLE_CONDITIONS: usize = 10_000;
/// Maximum number of conditions of a statement of admin: an object and a comparison for each of its parameters, and more.
const MAX_CONDITIONS: usize = 200_000;
/// Maximum number of bytes of all statements of an operation.
const MAX_SQL_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of parameters that every operation may have.
const PARAMETER_BYTES: usize = 8 * 1024 * 1024;
/// Number of times that an operation may use all of its values.
const USES: usize = 4;

/// Calls its argument for each statement of an operation.
pub(crate) type Visit<'p> = dyn Fn(&mut dyn FnMut(&'p Statement)) + 'p;

/// Checks the text of the statements, and the numbers of parameters and subqueries of each.
pub(crate) fn check_statements(visit: &Visit<'_>, max_params: usize) -> Result<()> {
    let (mut params, mut bytes, mut queries) = (0, 0, 0);
    visit(&mut |statement| {
        params = params.max(statement.params.len());
        bytes += statement.sql.len();
        queries = queries.max(statement.queries);
    });
    if params > max_params {
        let message = format!(
            "the operation compares with or sets {params} values, {max_params} are possible; a list in \"_in\" counts as one, \
             as do the rows of an insert"
        );
        return Err(Error::new(Code::ValidationFailed, message));
    }
    if queries > MAX_QUERIES {
        return Err(too_many_subqueries());
    }
    if bytes > MAX_SQL_BYTES {
        let message = format!(
            "the operation needs {bytes} bytes of SQL, {MAX_SQL_BYTES} are possible; select fewer fields, or send several operations"
        );
        return Err(Error::new(Code::ValidationFailed, message));
    }
    Ok(())
}

fn too_many_subqueries() -> Error {
    let message = format!(
        "the operation needs more than {MAX_QUERIES} subqueries in one statement; use fewer relationships in conditions and \
         selections, or send several operations"
    );
    Error::new(Code::ValidationFailed, message)
}

/// Number of conditions of a statement, and of subqueries in them, while they are bound: a statement with more than possible is
/// refused before its memory is used.
#[derive(Debug)]
pub(crate) struct ConditionCount {
    subqueries: Cell<usize>,
    conditions: Cell<usize>,
    max_conditions: usize,
}

impl ConditionCount {
    /// Returns the count of a statement of admin.
    pub(crate) fn of_admin() -> Self {
        Self::new(MAX_CONDITIONS)
    }

    /// Returns the count of a statement of another role.
    pub(crate) fn of_role() -> Self {
        Self::new(MAX_ROLE_CONDITIONS)
    }

    fn new(max_conditions: usize) -> Self {
        Self {
            subqueries: Cell::new(0),
            conditions: Cell::new(0),
            max_conditions,
        }
    }

    /// Counts a condition on other rows.
    pub(crate) fn add_subquery(&self) -> Result<()> {
        self.subqueries.set(self.subqueries.get() + 1);
        if self.subqueries.get() > MAX_QUERIES {
            return Err(too_many_subqueries());
        }
        Ok(())
    }

    /// Counts the entries of an object of conditions or comparisons. An empty one is a condition, which is true.
    pub(crate) fn add(&self, entries: usize) -> Result<()> {
        self.conditions.set(self.conditions.get() + entries.max(1));
        if self.conditions.get() > self.max_conditions {
            let message = format!(
                "the operation has more than {} conditions in one statement; compare with a list (\"_in\"), or send several operations",
                self.max_conditions
            );
            return Err(Error::new(Code::ValidationFailed, message));
        }
        Ok(())
    }

    /// Begins with the next statement.
    pub(crate) fn reset(&self) {
        self.subqueries.set(0);
        self.conditions.set(0);
    }
}

/// Checks the size of the parameters that refer to values of the request: statements and rows can use the same value.
pub(crate) fn check_values(visit: &Visit<'_>, values: &Values) -> Result<()> {
    let mut bytes = 0_usize;
    visit(&mut |statement| bytes = bytes.saturating_add(values.bytes_in(statement)));
    let max = PARAMETER_BYTES.saturating_add(values.bytes().saturating_mul(USES));
    if bytes > max {
        let message = format!(
            "the operation uses its variables so often that their values have {bytes} bytes in total, {max} are possible; \
             use a long value less often, or send several operations"
        );
        return Err(Error::new(Code::ValidationFailed, message));
    }
    Ok(())
}
