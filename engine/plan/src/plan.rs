//! Plans: the statements of an operation. The type parameter is the form of a statement: an SQL tree after translation,
//! text and parameter sources after printing.

use crate::ir::{ALL_VARIABLES, RequestValue, RootField};
use crate::table_set::TableSet;
use engine_error::Segment;
use engine_model::catalog::Catalog;
use engine_sql::{ParamSource, Statement};
use std::sync::Arc;

/// Statements of an operation and the values of the request that they refer to.
#[derive(Debug)]
pub struct Plan<S = Statement> {
    pub fields: Fields<S>,
    /// Values of the request; [`ParamSource::Request`] refers to them by index.
    pub values: Vec<RequestValue>,
    /// Whether another request with the same document, operation name, role and presence of variables has the same plan.
    pub reusable: bool,
    /// Tables that a mutation changes, or that a subscription reads.
    pub tables: TableSet,
}

/// Root fields of an operation.
#[derive(Debug)]
pub enum Fields<S = Statement> {
    Query(Vec<RootField<QueryField<S>>>),
    /// In the order in which they are executed, in one transaction.
    Mutation(Vec<RootField<Step<S>>>),
    Subscription(Subscription<S>),
}

/// Root field of a query.
#[derive(Debug)]
pub enum QueryField<S = Statement> {
    /// JSON known without a statement: `__typename` and introspection.
    Constant(String),
    /// Statement whose single value is the response; no row is null.
    Statement(S),
}

/// Root field of a mutation.
#[derive(Debug)]
pub enum Step<S = Statement> {
    /// JSON known without a statement.
    Constant(String),
    /// Statement whose single value is the response.
    Single(S),
    /// Statement that returns the response and, as text, whether the changed rows satisfy the permission's check (`t`).
    Checked(S),
    /// Statement that returns (`affected` text, `rows` text) and, if it is checked, the result of the check, and one that
    /// makes the response of them.
    TwoPhase { change: S, checked: bool, output: S },
    /// Rows inserted with related rows, and a statement that makes the response.
    Nested {
        /// One step per row.
        steps: Vec<InsertStep<S>>,
        output: S,
    },
    /// Several changes, returned as a list (`update_many`).
    Many(Vec<Step<S>>),
}

/// Row inserted with its related rows, or several rows without related rows.
#[derive(Debug)]
pub struct InsertStep<S = Statement> {
    /// Name of the table in messages.
    pub table: String,
    /// Path in the request, relative to the step around it.
    pub path: Vec<Segment>,
    /// Statement that returns for each row the row as text, then `outputs` columns as text.
    pub statement: S,
    /// Number of columns that other steps need of this row.
    pub outputs: usize,
    /// Whether a last column is the result of the permission's check for the row.
    pub checked: bool,
    /// Rows that this row's key comes from.
    pub before: Vec<InsertStep<S>>,
    /// Rows that take this row's key.
    pub after: Vec<InsertStep<S>>,
}

/// Statement for all subscribers with the same SQL text. It takes `$1::json`, an array of `[id, [param, …]]` (all strings
/// or null), one per subscriber, and returns rows (`id` int4, `data` text), where `data` is the whole `data` object:
/// `{"orders": […]}`.
#[derive(Debug)]
pub enum Subscription<S = Statement> {
    Live(S),
    /// The rows also have `cursor` (text, null if the batch is empty) and `full` (whether more rows may exist).
    Stream {
        statement: S,
        /// Cursor value after which the stream begins.
        from: ParamSource,
    },
}

impl<S> Plan<S> {
    /// Converts the statements.
    pub fn map<T>(self, print: &Printers<S, T>) -> Plan<T> {
        Plan {
            fields: self.fields.map(print),
            values: self.values,
            reusable: self.reusable,
            tables: self.tables,
        }
    }
}

/// Conversions of the statements of a plan: of queries and mutations, live subscriptions, and streams.
#[derive(Debug)]
pub struct Printers<S, T> {
    pub single: fn(S) -> T,
    pub live: fn(S) -> T,
    pub stream: fn(S) -> T,
}

impl<S> Fields<S> {
    fn map<T>(self, print: &Printers<S, T>) -> Fields<T> {
        match self {
            Self::Query(fields) => {
                let fields = fields.into_iter();
                Fields::Query(fields.map(|f| f.map(|value| value.map(print.single))).collect())
            }
            Self::Mutation(fields) => {
                let fields = fields.into_iter();
                Fields::Mutation(fields.map(|f| f.map(|step| step.map(print.single))).collect())
            }
            Self::Subscription(Subscription::Live(statement)) => {
                Fields::Subscription(Subscription::Live((print.live)(statement)))
            }
            Self::Subscription(Subscription::Stream { statement, from }) => {
                let statement = (print.stream)(statement);
                Fields::Subscription(Subscription::Stream { statement, from })
            }
        }
    }
}

impl<S> QueryField<S> {
    fn map<T>(self, print: fn(S) -> T) -> QueryField<T> {
        match self {
            Self::Constant(json) => QueryField::Constant(json),
            Self::Statement(statement) => QueryField::Statement(print(statement)),
        }
    }
}

impl<S> Step<S> {
    /// Converts the statements.
    pub fn map<T>(self, print: fn(S) -> T) -> Step<T> {
        match self {
            Self::Constant(json) => Step::Constant(json),
            Self::Single(statement) => Step::Single(print(statement)),
            Self::Checked(statement) => Step::Checked(print(statement)),
            Self::TwoPhase {
                change,
                checked,
                output,
            } => Step::TwoPhase {
                change: print(change),
                checked,
                output: print(output),
            },
            Self::Nested { steps, output } => Step::Nested {
                steps: steps.into_iter().map(|step| step.map(print)).collect(),
                output: print(output),
            },
            Self::Many(steps) => Step::Many(steps.into_iter().map(|step| step.map(print)).collect()),
        }
    }

    /// Calls `visit` with each statement.
    pub fn statements_mut(&mut self, visit: &mut dyn FnMut(&mut S)) {
        match self {
            Self::Constant(_) => {}
            Self::Single(statement) | Self::Checked(statement) => visit(statement),
            Self::TwoPhase { change, output, .. } => {
                visit(change);
                visit(output);
            }
            Self::Nested { steps, output } => {
                for step in steps {
                    step.statements_mut(visit);
                }
                visit(output);
            }
            Self::Many(steps) => steps.iter_mut().for_each(|step| step.statements_mut(visit)),
        }
    }

    pub(crate) fn statements<'p>(&'p self, visit: &mut dyn FnMut(&'p S)) {
        match self {
            Self::Constant(_) => {}
            Self::Single(statement) | Self::Checked(statement) => visit(statement),
            Self::TwoPhase { change, output, .. } => {
                visit(change);
                visit(output);
            }
            Self::Nested { steps, output } => {
                for step in steps {
                    step.statements(visit);
                }
                visit(output);
            }
            Self::Many(steps) => steps.iter().for_each(|step| step.statements(visit)),
        }
    }
}

impl<S> InsertStep<S> {
    fn map<T>(self, print: fn(S) -> T) -> InsertStep<T> {
        let all = |steps: Vec<Self>| steps.into_iter().map(|step| step.map(print)).collect();
        InsertStep {
            table: self.table,
            path: self.path,
            statement: print(self.statement),
            outputs: self.outputs,
            checked: self.checked,
            before: all(self.before),
            after: all(self.after),
        }
    }

    fn statements_mut(&mut self, visit: &mut dyn FnMut(&mut S)) {
        self.before.iter_mut().for_each(|step| step.statements_mut(visit));
        visit(&mut self.statement);
        self.after.iter_mut().for_each(|step| step.statements_mut(visit));
    }

    fn statements<'p>(&'p self, visit: &mut dyn FnMut(&'p S)) {
        self.before.iter().for_each(|step| step.statements(visit));
        visit(&self.statement);
        self.after.iter().for_each(|step| step.statements(visit));
    }
}

impl Plan {
    /// Adds the session variables of the statements to the values of the request.
    pub(crate) fn index_session_variables(&mut self) {
        let values = &mut self.values;
        let mut visit = |statement: &mut Statement| index_session_variables(statement, values);
        match &mut self.fields {
            Fields::Query(fields) => {
                for field in fields {
                    if let QueryField::Statement(statement) = &mut field.value {
                        visit(statement);
                    }
                }
            }
            Fields::Mutation(fields) => {
                for field in fields {
                    field.value.statements_mut(&mut visit);
                }
            }
            Fields::Subscription(Subscription::Live(statement) | Subscription::Stream { statement, .. }) => {
                visit(statement);
            }
        }
    }

    /// Calls `visit` with each statement.
    pub fn statements<'p>(&'p self, visit: &mut dyn FnMut(&'p Statement)) {
        match &self.fields {
            Fields::Query(fields) => {
                for field in fields {
                    if let QueryField::Statement(statement) = &field.value {
                        visit(statement);
                    }
                }
            }
            Fields::Mutation(fields) => fields.iter().for_each(|field| field.value.statements(visit)),
            Fields::Subscription(subscription) => visit(subscription.statement()),
        }
    }

    /// Returns the tables that a mutation changes, or that a subscription reads.
    pub(crate) fn tables(&self, catalog: &Catalog) -> TableSet {
        match &self.fields {
            Fields::Query(_) => TableSet::Only(Arc::default()),
            Fields::Mutation(_) => {
                let mut statements = Vec::new();
                self.statements(&mut |statement| statements.push(statement));
                TableSet::written_by(&statements, catalog)
            }
            Fields::Subscription(subscription) => TableSet::read_by(subscription.statement(), catalog),
        }
    }

    /// Returns the number of parameters of the statement that has most.
    pub fn max_params(&self) -> usize {
        let mut max = 0;
        self.statements(&mut |statement| max = max.max(statement.params.len()));
        max
    }

    /// Returns the approximate number of bytes that the plan occupies.
    pub fn size(&self) -> usize {
        let values: usize = self.values.iter().map(value_size).sum();
        let fields = match &self.fields {
            Fields::Query(fields) => fields
                .iter()
                .map(|field| field_size(field) + field.value.constant_size())
                .sum(),
            Fields::Mutation(fields) => fields
                .iter()
                .map(|field| field_size(field) + field.value.text_size())
                .sum(),
            Fields::Subscription(_) => 0,
        };
        let tables = match &self.tables {
            TableSet::All => 0,
            TableSet::Only(tables) => tables
                .iter()
                .map(|table| table.schema.len() + table.name.len())
                .sum(),
        };
        let mut size = size_of::<Self>() + values + fields + tables;
        self.statements(&mut |statement| size += statement.size());
        size
    }
}

/// Adds the session variables of a statement to the values of the request, each once.
pub fn index_session_variables(statement: &mut Statement, values: &mut Vec<RequestValue>) {
    statement.index_session_variables(|name| {
        let all = name == ALL_VARIABLES;
        let is_named = |value: &RequestValue| match value {
            RequestValue::Session(known) => known == name,
            RequestValue::SessionVariables => all,
            RequestValue::Variable { .. } => false,
        };
        values.iter().position(is_named).unwrap_or_else(|| {
            values.push(if all {
                RequestValue::SessionVariables
            } else {
                RequestValue::Session(name.to_owned())
            });
            values.len() - 1
        })
    });
}

/// Approximate number of bytes of a small heap allocation besides its content.
const ALLOCATION: usize = 16;

/// Approximate number of bytes of the type names in an [`crate::ir::Encoding`].
const ENCODING: usize = 256;

fn value_size(value: &RequestValue) -> usize {
    let name = match value {
        RequestValue::Variable { name, .. } | RequestValue::Session(name) => name.len(),
        RequestValue::SessionVariables => 0,
    };
    size_of::<RequestValue>() + ALLOCATION + name + ENCODING
}

fn path_size(path: &[Segment]) -> usize {
    let text = |segment: &Segment| match segment {
        Segment::Key(key) => ALLOCATION + key.len(),
        Segment::Index(_) => 0,
    };
    ALLOCATION + size_of_val(path) + path.iter().map(text).sum::<usize>()
}

fn field_size<T>(field: &RootField<T>) -> usize {
    let namespace = field.namespace.as_ref().map_or(0, |name| ALLOCATION + name.len());
    let names = 2 * ALLOCATION + field.key.len() + field.name.len();
    size_of::<RootField<T>>() + names + namespace + path_size(&field.path)
}

impl QueryField {
    fn constant_size(&self) -> usize {
        match self {
            Self::Constant(json) => ALLOCATION + json.len(),
            Self::Statement(_) => 0,
        }
    }
}

impl Step {
    /// Returns the size of everything except the statements.
    fn text_size(&self) -> usize {
        match self {
            Self::Constant(json) => ALLOCATION + json.len(),
            Self::Single(_) | Self::Checked(_) | Self::TwoPhase { .. } => 0,
            Self::Nested { steps, .. } => steps.iter().map(InsertStep::text_size).sum(),
            Self::Many(steps) => steps
                .iter()
                .map(|step| size_of::<Self>() + step.text_size())
                .sum(),
        }
    }
}

impl InsertStep {
    fn text_size(&self) -> usize {
        let related = self.before.iter().chain(&self.after).map(Self::text_size);
        size_of::<Self>() + ALLOCATION + self.table.len() + path_size(&self.path) + related.sum::<usize>()
    }
}

impl Subscription {
    pub fn statement(&self) -> &Statement {
        match self {
            Self::Live(statement) | Self::Stream { statement, .. } => statement,
        }
    }
}
