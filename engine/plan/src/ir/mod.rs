//! Intermediate representation: the table operations of a request, independent of GraphQL and SQL. The GraphQL binder
//! (`crate::bind`) and the data commands of `/v1/query` build it; `crate::translate` turns it into statements.
//!
//! It borrows tables, columns and relationships from the schema cache (`'s`), so it cannot contain a name that does not
//! exist. Values are text that Postgres checks ([`Scalar`]).
//! A role's row filter and its redactions are part of each [`Select`] and [`ChangedRows`], and its checks are part of
//! [`Insert`] and [`Update`].
//!
//! - [`operation`] — a GraphQL operation as a whole
//! - [`select`] — queries
//! - [`predicate`] — conditions and the values compared in them
//! - [`mutation`] — mutations
//! - [`function`] — calls of functions

mod function;
mod mutation;
mod operation;
mod predicate;
mod select;

pub use function::{CallArgument, ComputedValue, FunctionCall};
pub use mutation::{
    Assignment, ChangedRows, ConflictTarget, Delete, Insert, InsertRow, Mutation, MutationOutput, OnConflict,
    RelatedInsert, ResponseField, ResponseValue, Update, check_mixed_values,
};
pub use operation::{
    Encoding, MutationField, Operation, QueryField, RequestValue, RootField, RootFields, Subscription,
    SubscriptionFields,
};
pub use predicate::{
    ALL_VARIABLES, Aggregation, BoolExp, Comparison, Operand, Operator, RelatedAggregate, Scalar, ScalarList,
    ScalarValue, Unfiltered, cast_name, is_geo_type, type_beside,
};
pub use select::{
    Aggregate, AggregateField, AggregateFunction, AggregateItem, AggregateValue, Field, FieldValue,
    FunctionValue, ItemValue, OrderBy, OrderTarget, Redaction, Returned, Select, Stream,
};
