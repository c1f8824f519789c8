//! One GraphQL operation → one SQL statement per root field. Pure: no driver, no async, no clock.
//!
//! - [`document`]: text → parsed document, cached
//! - [`bind`]: document + role's schema → IR, with Hasura's errors
//! - [`ir`]: what an operation wants of tables; v1 commands build it too
//! - [`translate`]: IR → SQL trees, printed by `engine_sql`
//!
//! Where to read next: [`bind`].

pub mod bind;
pub mod document;
mod fragment_cycles;
pub mod ir;
pub mod schema;
pub mod schema_cache;
pub mod translate;

pub use engine_sql::Statement;

use engine_error::Segment;
use engine_sql::ast::DeferredValue;

/// A subscription's plan. Two with the same `multiplexed_sql` belong to one cohort and differ only in `params`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionPlan {
    /// Takes `$1::json`, an array of `[id, [param, …]]` (all strings or null), one per subscriber, and returns rows
    /// (`id` int4, `data` text), where `data` is the whole `data` object: `{"orders": […]}`.
    pub multiplexed_sql: String,
    /// This subscriber's values in text form.
    pub params: Vec<Option<String>>,
    /// Whether it is a stream. Then the rows of `multiplexed_sql` also have `cursor` (text, null where the batch is empty)
    /// and `full` (whether there may be more).
    pub stream: Option<StreamPlan>,
}

/// What makes a subscription a stream: each batch begins where the one before ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamPlan {
    /// Which of the params is the cursor.
    pub cursor: usize,
    /// It goes on from a batch that the subscriber has: an empty one would be no news.
    pub resumed: bool,
}

impl SubscriptionPlan {
    /// Goes on where a stream stood before.
    pub fn resume(&mut self, position: String) {
        if let Some(stream) = &mut self.stream {
            self.params[stream.cursor] = Some(position);
            stream.resumed = true;
        }
    }
}

/// What a document turned out to be.
#[derive(Debug)]
pub enum Plan {
    /// A query.
    Query(Vec<RootField<QueryField>>),
    /// A mutation, its fields in the order in which they run, in one transaction.
    Mutation(Vec<RootField<Step>>),
    /// A subscription.
    Subscription(SubscriptionPlan),
}

impl Plan {
    /// The number of parameters of the statement that has most.
    pub fn most_params(&self) -> usize {
        match self {
            Self::Query(fields) => {
                let of = |field: &RootField<QueryField>| match &field.value {
                    QueryField::Statement(statement) => statement.params.len(),
                    QueryField::Constant(_) => 0,
                };
                fields.iter().map(of).max().unwrap_or(0)
            }
            Self::Mutation(fields) => fields
                .iter()
                .map(|field| field.value.most_params())
                .max()
                .unwrap_or(0),
            Self::Subscription(plan) => plan.params.len(),
        }
    }
}

impl Step {
    fn most_params(&self) -> usize {
        match self {
            Self::Constant(_) => 0,
            Self::Single(statement) => statement.params.len(),
            Self::TwoPhase { change, output } => change.params.len().max(output.statement.params.len()),
            Self::Nested { steps, output } => {
                let steps = steps.iter().map(InsertStep::most_params).max().unwrap_or(0);
                steps.max(output.statement.params.len())
            }
            Self::Many(steps) => steps.iter().map(Self::most_params).max().unwrap_or(0),
        }
    }
}

impl InsertStep {
    fn most_params(&self) -> usize {
        let related = self.before.iter().chain(&self.after).map(Self::most_params);
        related.max().unwrap_or(0).max(self.statement.params.len())
    }
}

/// A key of the response's `data`.
#[derive(Debug)]
pub struct RootField<T> {
    /// The key.
    pub key: String,
    /// The field's name, for `explain`.
    pub name: String,
    /// Where Postgres' errors are reported.
    pub path: Vec<Segment>,
    /// What stands there.
    pub value: T,
}

/// A root field of a query.
#[derive(Debug)]
pub enum QueryField {
    /// The statement's one value; no row is null.
    Statement(Statement),
    /// JSON that is known already: `__typename` and introspection.
    Constant(String),
}

/// A root field of a mutation.
#[derive(Debug)]
pub enum Step {
    /// JSON that is known already.
    Constant(String),
    /// A statement whose one value is the answer.
    Single(Statement),
    /// A statement that answers (`affected` text, `rows` text), then one that makes the answer of them.
    TwoPhase {
        /// The change.
        change: Statement,
        /// The answer.
        output: DeferredStatement,
    },
    /// Rows inserted with related rows, then a statement that makes the answer.
    Nested {
        /// One step a row.
        steps: Vec<InsertStep>,
        /// The answer.
        output: DeferredStatement,
    },
    /// Several changes, answered as a list (`update_many`).
    Many(Vec<Step>),
}

/// A statement that lacks values until others have run.
#[derive(Debug)]
pub struct DeferredStatement {
    /// The statement; its params at `slots` are `None` so far.
    pub statement: Statement,
    /// Which value goes where in `params`.
    pub slots: Vec<(DeferredValue, usize)>,
}

/// One row inserted with its related rows, or several rows that have none.
#[derive(Debug)]
pub struct InsertStep {
    /// The table, as messages name it.
    pub table: String,
    /// Where it stands in the request, from the place of the step around it.
    pub path: Vec<Segment>,
    /// Answers for each row: the row as text, then `outputs` columns as text.
    pub statement: Statement,
    /// Which values of other steps go where in `params`.
    pub slots: Vec<(DeferredValue, usize)>,
    /// How many columns others need of this row.
    pub outputs: usize,
    /// Rows that this row's key comes from.
    pub before: Vec<InsertStep>,
    /// Rows that take this row's key.
    pub after: Vec<InsertStep>,
}
