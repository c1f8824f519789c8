//! `query_root` and `subscription_root`.

use super::selection::{CollectedField, operation_directives};
use super::{Binder, WithPath as _, invalid, no_field};
use crate::schema::roots::QueryRoot;
use crate::schema::table::TableSchema;
use crate::translate::{Translator, object};
use crate::{QueryField, RootField, StreamPlan, SubscriptionPlan};
use apollo_compiler::ast::OperationDefinition;
use engine_error::Result;
use engine_sql::ast::{DeferredValue, Expr, Output, Select as SqlSelect};
use engine_sql::{print, print_multiplexed, print_multiplexed_stream};
use std::borrow::Cow;

impl<'a> Binder<'a> {
    /// A query's root fields.
    pub(super) fn query(&self, operation: &'a OperationDefinition) -> Result<Vec<RootField<QueryField>>> {
        operation_directives(&operation.directives, "query")?;
        let selected = self
            .fields(&[&operation.selection_set], "query_root", 1)
            .at("selectionSet")?;
        let mut out = Vec::with_capacity(selected.len());
        for field in selected {
            let value = self.query_field(&field).at(field.name).at("selectionSet")?;
            out.push(RootField {
                key: field.key.to_owned(),
                name: field.name.to_owned(),
                path: Vec::new(),
                value,
            });
        }
        Ok(out)
    }

    fn query_field(&self, field: &CollectedField<'a>) -> Result<QueryField> {
        match field.name {
            "__typename" => Ok(QueryField::Constant("\"query_root\"".to_owned())),
            // A type needs a field: this is the one of a role that sees nothing.
            "no_queries_available" if self.schema.queries().next().is_none() => {
                Ok(QueryField::Constant("null".to_owned()))
            }
            "__schema" | "__type" => self.introspect(field).map(QueryField::Constant),
            _ => {
                let mut translator = Translator::new(self.schema.stringify_numeric_types());
                let (select, _) = self.select_root(field, "query_root", &mut translator)?;
                Ok(QueryField::Statement(print(&select)))
            }
        }
    }

    /// A root field that reads; true if it may have no row.
    fn select_root(
        &self,
        field: &CollectedField<'a>,
        ty: &str,
        translator: &mut Translator,
    ) -> Result<(SqlSelect<'a>, bool)> {
        let Some((kind, table)) = self.schema.query(field.name) else {
            return Err(no_field(field.name, ty));
        };
        Ok(match kind {
            QueryRoot::Select => (translator.list(&self.rows(field, table)?), false),
            QueryRoot::SelectByPk => {
                let mut select = self.by_pk(field, table)?;
                select.fields = self.row_fields(field, table)?;
                (translator.one(&select), true)
            }
            QueryRoot::SelectAggregate => (translator.aggregate(&self.aggregate(field, table)?), false),
        })
    }

    /// A subscription: all its root fields in one object.
    pub(super) fn subscription(&self, operation: &'a OperationDefinition) -> Result<SubscriptionPlan> {
        let several = operation_directives(&operation.directives, "subscription")?;
        let selected = self
            .fields(&[&operation.selection_set], "subscription_root", 1)
            .at("selectionSet")?;
        if selected.len() != 1 && !several {
            return Err(invalid("subscriptions must select one top level field"));
        }
        if let Some((field, table)) = selected
            .iter()
            .find_map(|field| Some((field, self.schema.stream(field.name)?)))
        {
            if selected.len() > 1 {
                return Err(invalid(
                    "a streaming subscription must be the only top level field of its operation",
                ));
            }
            return self.streaming(field, table).at(field.name).at("selectionSet");
        }
        let mut translator = Translator::new(self.schema.stringify_numeric_types());
        let mut pairs = Vec::with_capacity(selected.len());
        for field in &selected {
            let value = if field.name == "__typename" {
                Expr::Text(Cow::Borrowed("subscription_root")).cast("text")
            } else {
                let result = self.select_root(field, "subscription_root", &mut translator);
                Expr::Subquery(Box::new(result.at(field.name).at("selectionSet")?.0))
            };
            pairs.push((field.key.to_owned(), value));
        }
        let statement = print_multiplexed(&SqlSelect {
            columns: vec![Output::As(object(pairs), Cow::Borrowed("data"))],
            ..SqlSelect::default()
        });
        Ok(SubscriptionPlan {
            multiplexed_sql: statement.sql,
            params: statement.params,
            stream: None,
        })
    }

    fn streaming(&self, field: &CollectedField<'a>, table: &'a TableSchema) -> Result<SubscriptionPlan> {
        let (stream, from) = self.stream(field, table)?;
        let mut translator = Translator::new(self.schema.stringify_numeric_types());
        let (mut statement, slots) = print_multiplexed_stream(&translator.stream(&stream, field.key));
        let stream = slots
            .iter()
            .find(|(slot, _)| *slot == DeferredValue::Cursor)
            .map(|&(_, cursor)| StreamPlan {
                cursor,
                resumed: false,
            });
        if let Some(stream) = &stream {
            statement.params[stream.cursor] = Some(from);
        }
        Ok(SubscriptionPlan {
            multiplexed_sql: statement.sql,
            params: statement.params,
            stream,
        })
    }
}
