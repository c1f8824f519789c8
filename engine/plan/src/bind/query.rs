//! `query_root` and `subscription_root`.

use super::selection::{CollectedField, operation_directives};
use super::{Binder, WithPath as _, invalid, no_field};
use crate::ir::{QueryField, RootField, Select, Subscription, SubscriptionFields};
use crate::schema::roots::QueryRoot;
use crate::schema::table::TableSchema;
use apollo_compiler::ast::OperationDefinition;
use engine_error::{Code, Error, Result};

impl<'a> Binder<'a> {
    /// Binds the root fields of a query.
    pub(super) fn query(&self, operation: &'a OperationDefinition) -> Result<Vec<RootField<QueryField<'a>>>> {
        operation_directives(&operation.directives, "query")?;
        let selected = self
            .fields(&[&operation.selection_set], "query_root", 1)
            .at("selectionSet")?;
        if let Some(role) = self.schema.introspection_disabled_for()
            && selected
                .iter()
                .any(|field| matches!(field.name, "__schema" | "__type"))
        {
            // Hasura's wording
            let message = format!("introspection is disabled for role: \"{role}\"");
            return Err(Error::new(Code::NotSupported, message));
        }
        let namespace = self.schema.namespace();
        let mut out = Vec::with_capacity(selected.len());
        for field in selected {
            match namespace.filter(|namespace| namespace.field == field.name) {
                None => {
                    let value = self.query_field(&field, "query_root");
                    out.push(RootField::new(
                        field.key,
                        field.name,
                        value.at(field.name).at("selectionSet")?,
                    ));
                }
                Some(namespace) => {
                    let ty = &namespace.query;
                    let bound = self.namespaced(&field, ty, QueryField::Constant, |inner| {
                        self.query_field(inner, ty)
                    });
                    out.extend(bound.at(field.name).at("selectionSet")?);
                }
            }
        }
        Ok(out)
    }

    /// Binds the fields of a namespace.
    pub(super) fn namespaced<T>(
        &self,
        field: &CollectedField<'a>,
        ty: &str,
        constant: impl Fn(String) -> T,
        bind: impl Fn(&CollectedField<'a>) -> Result<T>,
    ) -> Result<Vec<RootField<T>>> {
        let selected = self.subfields(field, ty)?;
        if selected.is_empty() {
            // Directives leave out all of them.
            return Ok(vec![RootField::new(
                field.key,
                field.name,
                constant("{}".to_owned()),
            )]);
        }
        let fields = selected.iter().map(|inner| {
            let value = bind(inner).at(inner.name).at("selectionSet")?;
            Ok(RootField::new(inner.key, inner.name, value).inside(field.key))
        });
        fields.collect()
    }

    fn query_field(&self, field: &CollectedField<'a>, root: &str) -> Result<QueryField<'a>> {
        self.conditions.reset();
        match field.name {
            "__typename" => Ok(QueryField::Constant(format!("\"{root}\""))),
            // A GraphQL type has at least one field: this is the only one of a role without permissions.
            "no_queries_available" if !self.schema.has_queries() => {
                Ok(QueryField::Constant("null".to_owned()))
            }
            "__schema" | "__type" => self.introspect(field).map(QueryField::Constant),
            _ => self.read_root(field, self.schema.query(field.name), root),
        }
    }

    /// Binds a root field that reads a table, or calls a function.
    fn read_root(
        &self,
        field: &CollectedField<'a>,
        table: Option<(QueryRoot, &'a TableSchema)>,
        root: &str,
    ) -> Result<QueryField<'a>> {
        match (table, self.schema.function_query(field.name)) {
            (Some((kind, table)), _) => self.select_root(field, kind, table),
            (None, Some(function)) => self.function_root(field, function),
            (None, None) => Err(no_field(field.name, root)),
        }
    }

    /// Binds a root field that reads a table.
    fn select_root(
        &self,
        field: &CollectedField<'a>,
        kind: QueryRoot,
        table: &'a TableSchema,
    ) -> Result<QueryField<'a>> {
        Ok(match kind {
            QueryRoot::Select => QueryField::Rows(self.rows(field, table)?),
            QueryRoot::SelectByPk => {
                let select = Select::visible(table).single().filter(self.by_pk(field, table)?);
                QueryField::Row(select.with_fields(self.row_fields(field, table)?))
            }
            QueryRoot::SelectAggregate => QueryField::Aggregate(self.aggregate(field, table)?),
        })
    }

    /// Binds a subscription.
    pub(super) fn subscription(&self, operation: &'a OperationDefinition) -> Result<Subscription<'a>> {
        let several = operation_directives(&operation.directives, "subscription")?;
        let selected = self
            .fields(&[&operation.selection_set], "subscription_root", 1)
            .at("selectionSet")?;
        let one = || invalid("subscriptions must select one top level field");
        if selected.len() != 1 && !several {
            return Err(one());
        }
        let namespace = self.schema.namespace();
        let is_namespace =
            |field: &&CollectedField<'a>| namespace.is_some_and(|namespace| namespace.field == field.name);
        if let Some(field) = selected.iter().find(is_namespace)
            && let Some(namespace) = namespace
        {
            let ty = &namespace.subscription;
            let fields = self.subfields(field, ty).at(field.name).at("selectionSet")?;
            if selected.len() > 1 || fields.len() != 1 && !several {
                return Err(one());
            }
            let bound = self
                .subscription_fields(&fields, ty)
                .at(field.name)
                .at("selectionSet")?;
            return Ok(Subscription {
                namespace: Some(field.key.to_owned()),
                fields: bound,
            });
        }
        Ok(Subscription {
            namespace: None,
            fields: self.subscription_fields(&selected, "subscription_root")?,
        })
    }

    fn subscription_fields(
        &self,
        selected: &[CollectedField<'a>],
        root: &str,
    ) -> Result<SubscriptionFields<'a>> {
        if let Some((field, table)) = selected
            .iter()
            .find_map(|field| Some((field, self.schema.stream(field.name)?)))
        {
            if selected.len() > 1 {
                return Err(invalid(
                    "a streaming subscription must be the only top level field of its operation",
                ));
            }
            let stream = self.stream(field, table).at(field.name).at("selectionSet")?;
            return Ok(SubscriptionFields::Stream(field.key.to_owned(), Box::new(stream)));
        }
        let mut fields = Vec::with_capacity(selected.len());
        for field in selected {
            let value = if field.name == "__typename" {
                QueryField::Constant(format!("\"{root}\""))
            } else {
                let table = self.schema.subscription(field.name);
                let result = self.read_root(field, table, root);
                result.at(field.name).at("selectionSet")?
            };
            fields.push((field.key.to_owned(), value));
        }
        Ok(SubscriptionFields::Live(fields))
    }
}
