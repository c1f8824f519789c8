//! Root fields.

use super::select::object;
use super::{Translator, subquery};
use crate::ir::{self, Operation, RootFields};
use crate::plan::{Fields, Plan, QueryField, Step, Subscription};
use crate::table_set::TableSet;
use engine_sql::ast::{Expr, Output, Select};
use std::borrow::Cow;

/// Translates an operation into SQL trees.
pub fn translate(operation: Operation<'_>) -> Plan<Select<'_>> {
    let translator = || Translator::new(operation.stringify_numeric_types, operation.response);
    let fields = match operation.fields {
        RootFields::Query(fields) => {
            let fields = fields.into_iter();
            Fields::Query(fields.map(|f| f.map(|field| translator().query(field))).collect())
        }
        RootFields::Mutation(fields) => {
            let fields = fields.into_iter();
            Fields::Mutation(
                fields
                    .map(|f| f.map(|field| translator().mutation(field)))
                    .collect(),
            )
        }
        RootFields::Subscription(subscription) => {
            Fields::Subscription(translator().subscription(subscription))
        }
    };
    Plan {
        fields,
        values: operation.values,
        reusable: operation.reusable,
        tables: TableSet::All,
    }
}

impl Translator {
    fn query<'s>(&mut self, field: ir::QueryField<'s>) -> QueryField<Select<'s>> {
        match self.unlimited_query(field) {
            QueryField::Constant(json) => QueryField::Constant(json),
            QueryField::Statement(select) => QueryField::Statement(self.limited(select)),
        }
    }

    fn unlimited_query<'s>(&mut self, field: ir::QueryField<'s>) -> QueryField<Select<'s>> {
        QueryField::Statement(match field {
            ir::QueryField::Constant(json) => return QueryField::Constant(json),
            ir::QueryField::Rows(rows) => self.list(&rows),
            ir::QueryField::Row(row) => self.one(&row),
            ir::QueryField::Aggregate(aggregate) => self.aggregate(&aggregate),
        })
    }

    fn mutation<'s>(&mut self, field: ir::MutationField<'s>) -> Step<Select<'s>> {
        match field {
            ir::MutationField::Constant(json) => Step::Constant(json),
            ir::MutationField::Single(mutation, output) => self.change(&mutation, &output),
            ir::MutationField::Function(field) => match self.query(*field) {
                QueryField::Constant(json) => Step::Constant(json),
                QueryField::Statement(select) => Step::Single(select),
            },
            ir::MutationField::Many(mutations, output) => {
                let mutations = mutations.iter();
                Step::Many(mutations.map(|mutation| self.change(mutation, &output)).collect())
            }
        }
    }

    fn subscription<'s>(&mut self, subscription: ir::Subscription<'s>) -> Subscription<Select<'s>> {
        let ir::Subscription { namespace, fields } = subscription;
        match fields {
            ir::SubscriptionFields::Live(fields) => {
                let pairs = fields.into_iter().map(|(key, field)| {
                    let value = match self.unlimited_query(field) {
                        // The name of a type: `__typename`.
                        QueryField::Constant(json) => {
                            let name = json.trim_matches('"').to_owned();
                            Expr::Text(Cow::Owned(name)).cast("text")
                        }
                        QueryField::Statement(select) => subquery(select),
                    };
                    (key, value)
                });
                let data = inside(namespace, object(pairs.collect()));
                Subscription::Live(self.limited(Select {
                    columns: vec![Output::As(data, Cow::Borrowed("data"))],
                    ..Select::default()
                }))
            }
            ir::SubscriptionFields::Stream(key, stream) => {
                let statement = self.stream(&stream, &key, namespace);
                Subscription::Stream {
                    from: super::source(&stream.from),
                    statement: self.limited(statement),
                }
            }
        }
    }
}

/// Returns the data of a subscription inside its namespace.
pub(super) fn inside(namespace: Option<String>, data: Expr<'_>) -> Expr<'_> {
    match namespace {
        Some(namespace) => object(vec![(namespace, data)]),
        None => data,
    }
}
