//! The root types.

use super::DescriptionBuilder;
use super::field::{FieldDescription, field};
use super::functions::function;
use super::reads::rows_arguments;
use super::writes::update_arguments;
use crate::schema::RoleSchema;
use crate::schema::roots::{MutationRoot, QueryRoot};
use crate::schema::scalar::value_type;
use crate::schema::table::TableSchema;
use engine_model::metadata::tracked::RootField;

impl DescriptionBuilder<'_> {
    pub(super) fn roots(&mut self) {
        let schema = self.schema;
        let mut mutations: Vec<FieldDescription> = schema
            .mutations()
            .map(|(name, kind, table)| mutation(schema, name, kind, table).commented(table, kind.field()))
            .collect();
        let functions = schema.function_mutations();
        mutations.extend(functions.map(|(name, root)| function(schema, name, root)));
        let functions: Vec<_> = schema.function_queries().collect();
        let mut queries: Vec<FieldDescription> = schema
            .queries()
            .map(|(name, kind, table)| query(schema, name, kind, table).commented(table, kind.field()))
            .collect();
        queries.extend(functions.iter().map(|(name, root)| function(schema, name, *root)));
        let subscriptions = schema.subscriptions();
        let mut subscriptions: Vec<FieldDescription> = subscriptions
            .map(|(name, kind, table)| query(schema, name, kind, table).commented(table, kind.field()))
            .collect();
        subscriptions.extend(functions.iter().map(|(name, root)| function(schema, name, *root)));
        let streams = schema.streams();
        subscriptions.extend(
            streams
                .map(|(name, table)| stream(schema, name, table).commented(table, RootField::SelectStream)),
        );
        if let Some(namespace) = schema.namespace() {
            queries = self.namespaced(&namespace.field, &namespace.query, &queries);
            subscriptions = self.namespaced(&namespace.field, &namespace.subscription, &subscriptions);
            mutations = self.namespaced(&namespace.field, &namespace.mutation, &mutations);
        }
        if queries.is_empty() {
            queries.push(field("no_queries_available", "String").about(
                "There are no queries available to the current role. Either there are no sources or remote schemas configured, or the current role doesn't have the required permissions.",
            ));
        }
        self.object("query_root", None, &queries);
        self.object("subscription_root", None, &subscriptions);
        self.object("mutation_root", Some("mutation root"), &mutations);
    }

    /// Declares the type of the namespace and returns the field of the root type; none without root fields.
    fn namespaced(&mut self, name: &str, ty: &str, fields: &[FieldDescription]) -> Vec<FieldDescription> {
        if fields.is_empty() {
            return Vec::new();
        }
        self.object(ty, None, fields);
        vec![field(name, ty)]
    }
}

impl FieldDescription {
    /// Replaces the description by the comment of the metadata, if there is one; an empty comment removes it.
    fn commented(mut self, table: &TableSchema, field: RootField) -> Self {
        if let Some(comment) = table.tracked().root_field_comment(field) {
            self.description = Some(comment.to_owned()).filter(|comment| !comment.is_empty());
        }
        self
    }
}

fn query(schema: &RoleSchema, name: &str, kind: QueryRoot, table: &TableSchema) -> FieldDescription {
    let names = &table.names;
    let table_name = table.table_name().to_string();
    match kind {
        QueryRoot::Select => field(name, format!("[{}!]!", names.object))
            .with(rows_arguments(schema, table))
            .about(format!("fetch data from the table: \"{table_name}\"")),
        QueryRoot::SelectAggregate => field(name, format!("{}!", names.aggregate))
            .with(rows_arguments(schema, table))
            .about(format!(
                "fetch aggregated fields from the table: \"{table_name}\""
            )),
        QueryRoot::SelectByPk => field(name, names.object.clone())
            .with(key_arguments(table))
            .about(format!(
                "fetch data from the table: \"{table_name}\" using primary key columns"
            )),
    }
}

fn stream(schema: &RoleSchema, name: &str, table: &TableSchema) -> FieldDescription {
    let names = &table.names;
    let table_name = table.table_name().to_string();
    field(name, format!("[{}!]!", names.object))
        .with(vec![
            field(schema.word("batch_size"), "Int!")
                .about("maximum number of rows returned in a single batch"),
            field("cursor", format!("[{}]!", names.stream_cursor_input))
                .about("cursor to stream the results returned by the query"),
            field("where", names.bool_exp.clone()).about("filter the rows returned"),
        ])
        .about(format!(
            "fetch data from the table in a streaming manner: \"{table_name}\""
        ))
}

/// The columns of the primary key.
pub(super) fn key_arguments(table: &TableSchema) -> Vec<FieldDescription> {
    let key = table.primary_key().unwrap_or_default();
    key.into_iter()
        .map(|(name, column)| {
            let ty = format!("{}!", value_type(&column.ty));
            field(name, ty).maybe_about(column.comment.as_ref())
        })
        .collect()
}

fn mutation(schema: &RoleSchema, name: &str, kind: MutationRoot, table: &TableSchema) -> FieldDescription {
    let names = &table.names;
    let table_name = table.table_name().to_string();
    let response = names.mutation_response.clone();
    let on_conflict = || {
        table
            .can_upsert()
            .then(|| field(schema.word("on_conflict"), names.on_conflict.clone()).about("upsert condition"))
    };
    let key = || {
        let key = table.primary_key().unwrap_or_default();
        key.into_iter()
            .map(|(name, c)| field(name, format!("{}!", value_type(&c.ty))))
            .collect()
    };
    match kind {
        MutationRoot::Insert => {
            let mut arguments = vec![
                field("objects", format!("[{}!]!", names.insert_input)).about("the rows to be inserted"),
            ];
            arguments.extend(on_conflict());
            field(name, response)
                .with(arguments)
                .about(format!("insert data into the table: \"{table_name}\""))
        }
        MutationRoot::InsertOne => {
            let mut arguments =
                vec![field("object", format!("{}!", names.insert_input)).about("the row to be inserted")];
            arguments.extend(on_conflict());
            field(name, names.object.clone())
                .with(arguments)
                .about(format!("insert a single row into the table: \"{table_name}\""))
        }
        MutationRoot::Update => {
            let mut arguments = update_arguments(schema, table);
            arguments.push(
                field("where", format!("{}!", names.bool_exp))
                    .about("filter the rows which have to be updated"),
            );
            field(name, response)
                .with(arguments)
                .about(format!("update data of the table: \"{table_name}\""))
        }
        MutationRoot::UpdateByPk => {
            let mut arguments = update_arguments(schema, table);
            arguments.push(field(
                schema.word("pk_columns"),
                format!("{}!", names.pk_columns_input),
            ));
            field(name, names.object.clone())
                .with(arguments)
                .about(format!("update single row of the table: \"{table_name}\""))
        }
        MutationRoot::UpdateMany => field(name, format!("[{response}]"))
            .with(vec![
                field("updates", format!("[{}!]!", names.updates)).about("updates to execute, in order"),
            ])
            .about(format!("update multiples rows of table: \"{table_name}\"")),
        MutationRoot::Delete => field(name, response)
            .with(vec![
                field("where", format!("{}!", names.bool_exp))
                    .about("filter the rows which have to be deleted"),
            ])
            .about(format!("delete data from the table: \"{table_name}\"")),
        MutationRoot::DeleteByPk => field(name, names.object.clone())
            .with(key())
            .about(format!("delete single row from the table: \"{table_name}\"")),
    }
}
