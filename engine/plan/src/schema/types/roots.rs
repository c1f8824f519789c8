//! The root types.

use super::Writer;
use super::item::{Item, item};
use super::reads::rows_arguments;
use super::writes::update_arguments;
use crate::schema::roots::{MutationRoot, QueryRoot};
use crate::schema::scalar::scalar_name;
use crate::schema::table::TableSchema;

impl<'s> Writer<'s> {
    pub(super) fn roots(&mut self) {
        let mutations: Vec<Item> = self
            .schema
            .mutations()
            .map(|(name, kind, table)| mutation(name, kind, table))
            .collect();
        self.out.push_str("schema {\n  query: query_root\n");
        if !mutations.is_empty() {
            self.out.push_str("  mutation: mutation_root\n");
        }
        let queries: Vec<(String, QueryRoot, &'s TableSchema)> = self
            .schema
            .queries()
            .map(|(name, kind, table)| (name.to_owned(), kind, table))
            .collect();
        if !queries.is_empty() {
            self.out.push_str("  subscription: subscription_root\n");
        }
        self.out.push_str("}\n\n");
        let mut fields: Vec<Item> = queries
            .iter()
            .map(|(name, kind, table)| query(name, *kind, table))
            .collect();
        if fields.is_empty() {
            fields.push(item("no_queries_available", "String").about(
                "There are no queries available to the current role. Either there are no sources or remote schemas configured, or the current role doesn't have the required permissions.",
            ));
            self.object("query_root", None, &fields);
        } else {
            self.object("query_root", None, &fields);
            fields.extend(self.schema.streams().map(|(name, table)| stream(name, table)));
            self.object("subscription_root", None, &fields);
        }
        self.object("mutation_root", Some("mutation root"), &mutations);
    }
}

fn query(name: &str, kind: QueryRoot, table: &TableSchema) -> Item {
    let names = &table.names;
    let place = table.table_name().to_string();
    match kind {
        QueryRoot::Select => item(name, format!("[{}!]!", names.object))
            .with(rows_arguments(table))
            .about(format!("fetch data from the table: \"{place}\"")),
        QueryRoot::SelectAggregate => item(name, format!("{}!", names.aggregate))
            .with(rows_arguments(table))
            .about(format!("fetch aggregated fields from the table: \"{place}\"")),
        QueryRoot::SelectByPk => item(name, names.object.clone())
            .with(key_arguments(table))
            .about(format!(
                "fetch data from the table: \"{place}\" using primary key columns"
            )),
    }
}

fn stream(name: &str, table: &TableSchema) -> Item {
    let names = &table.names;
    let place = table.table_name().to_string();
    item(name, format!("[{}!]!", names.object))
        .with(vec![
            item("batch_size", "Int!").about("maximum number of rows returned in a single batch"),
            item("cursor", format!("[{}]!", names.stream_cursor_input))
                .about("cursor to stream the results returned by the query"),
            item("where", names.bool_exp.clone()).about("filter the rows returned"),
        ])
        .about(format!(
            "fetch data from the table in a streaming manner: \"{place}\""
        ))
}

/// The columns of the primary key.
pub(super) fn key_arguments(table: &TableSchema) -> Vec<Item> {
    let key = table.primary_key().unwrap_or_default();
    key.into_iter()
        .map(|(name, column)| {
            let ty = format!("{}!", scalar_name(&column.ty));
            Item {
                description: column.comment.clone(),
                ..item(name, ty)
            }
        })
        .collect()
}

fn mutation(name: &str, kind: MutationRoot, table: &TableSchema) -> Item {
    let names = &table.names;
    let place = table.table_name().to_string();
    let response = names.mutation_response.clone();
    let on_conflict = || {
        table
            .has_constraints()
            .then(|| item("on_conflict", names.on_conflict.clone()).about("upsert condition"))
    };
    let key = || {
        let key = table.primary_key().unwrap_or_default();
        key.into_iter()
            .map(|(name, c)| item(name, format!("{}!", scalar_name(&c.ty))))
            .collect()
    };
    match kind {
        MutationRoot::Insert => {
            let mut arguments =
                vec![item("objects", format!("[{}!]!", names.insert_input)).about("the rows to be inserted")];
            arguments.extend(on_conflict());
            item(name, response)
                .with(arguments)
                .about(format!("insert data into the table: \"{place}\""))
        }
        MutationRoot::InsertOne => {
            let mut arguments =
                vec![item("object", format!("{}!", names.insert_input)).about("the row to be inserted")];
            arguments.extend(on_conflict());
            item(name, names.object.clone())
                .with(arguments)
                .about(format!("insert a single row into the table: \"{place}\""))
        }
        MutationRoot::Update => {
            let mut arguments = update_arguments(table);
            arguments.push(
                item("where", format!("{}!", names.bool_exp))
                    .about("filter the rows which have to be updated"),
            );
            item(name, response)
                .with(arguments)
                .about(format!("update data of the table: \"{place}\""))
        }
        MutationRoot::UpdateByPk => {
            let mut arguments = update_arguments(table);
            arguments.push(item("pk_columns", format!("{}!", names.pk_columns_input)));
            item(name, names.object.clone())
                .with(arguments)
                .about(format!("update single row of the table: \"{place}\""))
        }
        MutationRoot::UpdateMany => item(name, format!("[{response}]"))
            .with(vec![
                item("updates", format!("[{}!]!", names.updates)).about("updates to execute, in order"),
            ])
            .about(format!("update multiples rows of table: \"{place}\"")),
        MutationRoot::Delete => item(name, response)
            .with(vec![
                item("where", format!("{}!", names.bool_exp))
                    .about("filter the rows which have to be deleted"),
            ])
            .about(format!("delete data from the table: \"{place}\"")),
        MutationRoot::DeleteByPk => item(name, names.object.clone())
            .with(key())
            .about(format!("delete single row from the table: \"{place}\"")),
    }
}
