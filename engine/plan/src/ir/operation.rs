//! A GraphQL operation as a whole: its root fields and the values of the request that they refer to.

use super::{Aggregate, Mutation, MutationOutput, Select, Stream};
use engine_error::Segment;
use engine_model::catalog::PgType;
use engine_sql::guard::ByteLimit;

/// Bound operation.
#[derive(Debug)]
pub struct Operation<'s> {
    pub fields: RootFields<'s>,
    /// Values of the request, in the order in which they were bound. The nodes refer to them by index.
    pub values: Vec<RequestValue>,
    /// Whether another request with the same document, operation name, role and presence of variables has the same
    /// operation, apart from the values.
    pub reusable: bool,
    /// Whether bigint, numeric and float8 are printed as strings.
    pub stringify_numeric_types: bool,
    /// Limit of the response of each root field.
    pub response: ByteLimit,
}

/// Root fields of an operation.
#[derive(Debug)]
pub enum RootFields<'s> {
    Query(Vec<RootField<QueryField<'s>>>),
    /// In the order in which they are executed, in one transaction.
    Mutation(Vec<RootField<MutationField<'s>>>),
    Subscription(Subscription<'s>),
}

/// Key of the response's `data`.
#[derive(Debug, Clone)]
pub struct RootField<T> {
    /// Response key of the namespace; the fields of one namespace follow each other.
    pub namespace: Option<String>,
    /// Response key.
    pub key: String,
    /// Name of the field.
    pub name: String,
    /// Path at which errors of Postgres are reported.
    pub path: Vec<Segment>,
    pub value: T,
}

impl<T> RootField<T> {
    pub fn new(key: &str, name: &str, value: T) -> Self {
        Self {
            namespace: None,
            key: key.to_owned(),
            name: name.to_owned(),
            path: Vec::new(),
            value,
        }
    }

    /// Puts the field into a namespace.
    #[must_use]
    pub fn inside(mut self, namespace: &str) -> Self {
        self.namespace = Some(namespace.to_owned());
        self
    }

    /// Sets the path of Postgres' errors.
    #[must_use]
    pub fn with_path(mut self, path: Vec<Segment>) -> Self {
        self.path = path;
        self
    }

    /// Converts the value.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> RootField<U> {
        RootField {
            namespace: self.namespace,
            key: self.key,
            name: self.name,
            path: self.path,
            value: convert(self.value),
        }
    }
}

impl<T> RootField<(T, Vec<Segment>)> {
    /// Moves the path of Postgres' errors out of the value.
    pub fn with_own_path(self) -> RootField<T> {
        let mut path = Vec::new();
        let field = self.map(|(value, own)| {
            path = own;
            value
        });
        field.with_path(path)
    }
}

/// Root field of a query.
#[derive(Debug, Clone)]
pub enum QueryField<'s> {
    /// JSON known without a statement: `__typename` and introspection.
    Constant(String),
    /// List of rows.
    Rows(Select<'s>),
    /// Single row or null.
    Row(Select<'s>),
    Aggregate(Aggregate<'s>),
}

/// Root field of a mutation.
#[derive(Debug)]
pub enum MutationField<'s> {
    /// JSON known without a statement: `__typename`.
    Constant(String),
    Single(Mutation<'s>, MutationOutput<'s>),
    /// Result of a function.
    Function(Box<QueryField<'s>>),
    /// Several mutations with one response each, returned as a list (`update_many`).
    Many(Vec<Mutation<'s>>, MutationOutput<'s>),
}

/// Root fields of a subscription.
#[derive(Debug)]
pub struct Subscription<'s> {
    /// Response key of the namespace around the fields.
    pub namespace: Option<String>,
    pub fields: SubscriptionFields<'s>,
}

#[derive(Debug)]
pub enum SubscriptionFields<'s> {
    /// Fields by response key, all in one `data` object.
    Live(Vec<(String, QueryField<'s>)>),
    /// Single streaming field and its response key.
    Stream(String, Box<Stream<'s>>),
}

/// Value that differs between requests with the same plan.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RequestValue {
    /// Value of a variable that is not null.
    Variable { name: String, encoding: Encoding },
    /// Session variable, by its lowercase name.
    Session(String),
    /// All session variables as a JSON object.
    SessionVariables,
}

/// Conversion of a variable's JSON value to the text of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Text form of a scalar.
    Scalar(PgType),
    /// Array literal of scalars; a value that is not a list is a list of one.
    Array(PgType),
    /// `limit`.
    Limit,
    /// `batch_size` of a stream: a limit greater than zero.
    BatchSize,
    /// `offset`.
    Offset,
}
