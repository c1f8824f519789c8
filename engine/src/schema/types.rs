//! The whole as a GraphQL type system, written in the schema language: what introspection shows. Names, nullability and
//! descriptions are Hasura's, because code generators copy them into their output.

use super::RoleSchema;
use super::roots::{MutationRoot, QueryRoot};
use super::scalar::{Right, is_comparable, is_number, operators, scalar_name};
use super::table::TableSchema;
use crate::catalog::{Column, PgType, TypeKind};
use crate::metadata::tracked::{Relationship, RelationshipKind};
use crate::plan::walk::names::{
    COMPARABLE_FUNCTIONS, DIRECTIONS, NUMBER_FUNCTIONS, UPDATE_OPERATORS, applies, offered,
};
use std::collections::HashSet;
use std::fmt::Write as _;

/// The type system of a role, in the schema language.
pub(super) fn write(schema: &RoleSchema) -> String {
    let mut writer = Writer {
        schema,
        out: String::new(),
        types: HashSet::new(),
        scalars: Vec::new(),
    };
    writer.roots();
    writer.order_by();
    for table in schema.tables() {
        writer.table(table);
    }
    writer.scalars();
    writer.out
}

struct Writer<'s> {
    schema: &'s RoleSchema,
    out: String,
    /// Written so far. Two tables may ask for the same name; the first gets it.
    types: HashSet<String>,
    /// Scalars that columns have, with a type to tell the operators by; true if something compares with it.
    scalars: Vec<(String, PgType)>,
}

/// A block string: quotes in comments must not end it.
fn describe(out: &mut String, indent: &str, text: &str) {
    let text = text.replace('\\', "\\\\").replace("\"\"\"", "\\\"\"\"");
    let _ = writeln!(
        out,
        "{indent}\"\"\"\n{indent}{}\n{indent}\"\"\"",
        text.trim().replace('\n', &format!("\n{indent}"))
    );
}

/// One field, argument or input field.
struct Item {
    name: String,
    arguments: Vec<Item>,
    ty: String,
    default: Option<&'static str>,
    description: Option<String>,
}

fn item(name: impl Into<String>, ty: impl Into<String>) -> Item {
    Item {
        name: name.into(),
        arguments: Vec::new(),
        ty: ty.into(),
        default: None,
        description: None,
    }
}

impl Item {
    fn about(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    fn with(mut self, arguments: Vec<Item>) -> Self {
        self.arguments = arguments;
        self
    }

    fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    fn write(&self, out: &mut String, indent: &str) {
        if let Some(text) = &self.description {
            describe(out, indent, text);
        }
        let _ = write!(out, "{indent}{}", self.name);
        if !self.arguments.is_empty() {
            out.push_str("(\n");
            for argument in &self.arguments {
                argument.write(out, "    ");
            }
            let _ = write!(out, "{indent})");
        }
        let _ = write!(out, ": {}", self.ty);
        if let Some(default) = self.default {
            let _ = write!(out, " = {default}");
        }
        out.push('\n');
    }
}

impl<'s> Writer<'s> {
    fn block(&mut self, keyword: &str, name: &str, description: Option<&str>, items: &[Item]) {
        // A type without fields is not valid; whoever refers to it checks for that.
        if items.is_empty() || !self.types.insert(name.to_owned()) {
            return;
        }
        if let Some(text) = description {
            describe(&mut self.out, "", text);
        }
        let _ = writeln!(self.out, "{keyword} {name} {{");
        let mut seen = HashSet::new();
        for item in items {
            if seen.insert(item.name.as_str()) {
                item.write(&mut self.out, "  ");
            }
        }
        self.out.push_str("}\n\n");
    }

    fn object(&mut self, name: &str, description: Option<&str>, fields: &[Item]) {
        self.block("type", name, description, fields);
    }

    fn input(&mut self, name: &str, description: Option<&str>, fields: &[Item]) {
        self.block("input", name, description, fields);
    }

    fn enumeration(&mut self, name: &str, description: &str, values: &[(String, String)]) {
        if values.is_empty() || !self.types.insert(name.to_owned()) {
            return;
        }
        describe(&mut self.out, "", description);
        let _ = writeln!(self.out, "enum {name} {{");
        for (value, about) in values {
            describe(&mut self.out, "  ", about);
            let _ = writeln!(self.out, "  {value}");
        }
        self.out.push_str("}\n\n");
    }

    /// A column's type; remembers its scalar.
    fn scalar(&mut self, ty: &PgType) -> String {
        let name = scalar_name(ty).to_owned();
        if !self.scalars.iter().any(|(known, _)| *known == name) {
            self.scalars.push((name.clone(), ty.clone()));
        }
        name
    }

    fn roots(&mut self) {
        let mutations: Vec<Item> = self
            .schema
            .mutations()
            .map(|(name, kind, table)| self.mutation(name, kind, table))
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
            .map(|(name, kind, table)| self.query(name, *kind, table))
            .collect();
        self.object("subscription_root", None, &fields);
        if fields.is_empty() {
            fields.push(item("no_queries_available", "String").about(
                "There are no queries available to the current role. Either there are no sources or remote schemas configured, or the current role doesn't have the required permissions.",
            ));
        }
        self.object("query_root", None, &fields);
        self.object("mutation_root", Some("mutation root"), &mutations);
    }

    fn query(&mut self, name: &str, kind: QueryRoot, table: &TableSchema) -> Item {
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
                .with(self.key_arguments(table))
                .about(format!(
                    "fetch data from the table: \"{place}\" using primary key columns"
                )),
        }
    }

    fn key_arguments(&mut self, table: &TableSchema) -> Vec<Item> {
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

    fn mutation(&self, name: &str, kind: MutationRoot, table: &TableSchema) -> Item {
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
                let mut arguments = vec![
                    item("objects", format!("[{}!]!", names.insert_input)).about("the rows to be inserted"),
                ];
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

    fn order_by(&mut self) {
        let values: Vec<_> = DIRECTIONS
            .iter()
            .map(|(name, _, _, about)| ((*name).to_owned(), (*about).to_owned()))
            .collect();
        self.enumeration("order_by", "column ordering options", &values);
    }

    fn table(&mut self, table: &'s TableSchema) {
        self.row(table);
        self.filters(table);
        self.aggregates(table);
        self.inserts(table);
        self.updates(table);
    }

    /// The object type, and the enum of its columns.
    fn row(&mut self, table: &'s TableSchema) {
        let names = &table.names;
        let place = table.table_name().to_string();
        let mut fields = Vec::new();
        for (name, column) in table.columns() {
            fields.push(self.column_field(name, column));
        }
        for (name, relationship) in table.relationships() {
            fields.extend(self.relationship_fields(name, relationship));
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        let default = format!("columns and relationships of \"{place}\"");
        let description = match &table.tracked().table.comment {
            Some(comment) => format!("{comment}\n\n\n{default}"),
            None => default,
        };
        self.object(&names.object, Some(&description), &fields);
        let values: Vec<_> = table
            .columns()
            .map(|(name, _)| (name.to_owned(), "column name".to_owned()))
            .collect();
        self.enumeration(
            &names.select_column,
            &format!("select columns of table \"{place}\""),
            &values,
        );
    }

    fn column_field(&mut self, name: &str, column: &Column) -> Item {
        let scalar = self.scalar(&column.ty);
        let ty = if column.nullable {
            scalar
        } else {
            format!("{scalar}!")
        };
        let mut field = Item {
            description: column.comment.clone(),
            ..item(name, ty)
        };
        if column.ty.kind == TypeKind::Base && matches!(column.ty.name.as_str(), "json" | "jsonb") {
            field
                .arguments
                .push(item("path", "String").about("JSON select path"));
        }
        field
    }

    fn relationship_fields(&self, name: &str, relationship: &Relationship) -> Vec<Item> {
        let Some(target) = self.schema.table(&relationship.target) else {
            return Vec::new();
        };
        let object = &target.names.object;
        match relationship.kind {
            RelationshipKind::Object => {
                let ty = if relationship.nullable {
                    object.clone()
                } else {
                    format!("{object}!")
                };
                vec![item(name, ty).about("An object relationship")]
            }
            RelationshipKind::Array => vec![
                item(name, format!("[{object}!]!"))
                    .with(rows_arguments(target))
                    .about("An array relationship"),
                item(
                    format!("{name}_aggregate"),
                    format!("{}!", target.names.aggregate),
                )
                .with(rows_arguments(target))
                .about("An aggregate relationship"),
            ],
        }
    }

    /// `orders_bool_exp`, `orders_order_by`.
    fn filters(&mut self, table: &'s TableSchema) {
        let names = &table.names;
        let place = table.table_name().to_string();
        let own = &names.bool_exp;
        let mut fields = vec![
            item("_and", format!("[{own}!]")),
            item("_not", own.clone()),
            item("_or", format!("[{own}!]")),
        ];
        let mut orders = Vec::new();
        for (name, column) in table.columns() {
            let scalar = self.scalar(&column.ty);
            fields.push(item(name, format!("{scalar}_comparison_exp")));
            orders.push(item(name, "order_by"));
        }
        for (name, relationship) in table.relationships() {
            let Some(target) = self.schema.table(&relationship.target) else {
                continue;
            };
            fields.push(item(name, target.names.bool_exp.clone()));
            orders.push(match relationship.kind {
                RelationshipKind::Object => item(name, target.names.order_by.clone()),
                RelationshipKind::Array => item(
                    format!("{name}_aggregate"),
                    target.names.aggregate_order_by.clone(),
                ),
            });
        }
        fields[3..].sort_by(|a, b| a.name.cmp(&b.name));
        orders.sort_by(|a, b| a.name.cmp(&b.name));
        let about = format!(
            "Boolean expression to filter rows from the table \"{place}\". All fields are combined with a logical 'AND'."
        );
        self.input(own, Some(&about), &fields);
        let about = format!("Ordering options when selecting data from \"{place}\".");
        self.input(&names.order_by, Some(&about), &orders);
    }

    /// `orders_aggregate` and everything below it.
    fn aggregates(&mut self, table: &'s TableSchema) {
        let names = &table.names;
        let place = table.table_name().to_string();
        let base = &names.object;
        self.object(
            &names.aggregate,
            Some(&format!("aggregated selection of \"{place}\"")),
            &[
                item("aggregate", names.aggregate_fields.clone()),
                item("nodes", format!("[{base}!]!")),
            ],
        );
        let mut fields = vec![item("count", "Int!").with(vec![
            item("columns", format!("[{}!]", names.select_column)),
            item("distinct", "Boolean"),
        ])];
        let mut orders = vec![item("count", "order_by")];
        let functions = NUMBER_FUNCTIONS
            .iter()
            .map(|f| (*f, true))
            .chain(COMPARABLE_FUNCTIONS.iter().map(|f| (*f, false)));
        for (function, numbers) in functions {
            let columns: Vec<(&str, &Column)> = table
                .columns()
                .filter(|(_, c)| {
                    if numbers {
                        is_number(&c.ty)
                    } else {
                        is_comparable(&c.ty)
                    }
                })
                .collect();
            if columns.is_empty() {
                continue;
            }
            let ty = format!("{base}_{function}_fields");
            let order = format!("{base}_{function}_order_by");
            let values: Vec<Item> = columns
                .iter()
                .map(|(name, c)| {
                    let scalar = self.scalar(&c.ty);
                    let same = matches!(function, "sum" | "max" | "min");
                    Item {
                        description: c.comment.clone(),
                        ..item(*name, if same { scalar } else { "Float".to_owned() })
                    }
                })
                .collect();
            self.object(&ty, Some(&format!("aggregate {function} on columns")), &values);
            let by: Vec<Item> = columns
                .iter()
                .map(|(name, c)| Item {
                    description: c.comment.clone(),
                    ..item(*name, "order_by")
                })
                .collect();
            self.input(
                &order,
                Some(&format!("order by {function}() on columns of table \"{place}\"")),
                &by,
            );
            fields.push(item(function, ty));
            orders.push(item(function, order));
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        orders.sort_by(|a, b| a.name.cmp(&b.name));
        self.object(
            &names.aggregate_fields,
            Some(&format!("aggregate fields of \"{place}\"")),
            &fields,
        );
        self.input(
            &names.aggregate_order_by,
            Some(&format!("order by aggregate values of table \"{place}\"")),
            &orders,
        );
    }

    fn inserts(&mut self, table: &'s TableSchema) {
        let names = &table.names;
        let place = table.table_name().to_string();
        if !table.can_insert() {
            return;
        }
        let mut fields = Vec::new();
        for (name, column) in table
            .columns()
            .filter(|(name, _)| table.insert_column(name).is_some())
        {
            let scalar = self.scalar(&column.ty);
            fields.push(Item {
                description: column.comment.clone(),
                ..item(name, scalar)
            });
        }
        for (name, relationship) in table.relationships() {
            let Some(target) = self.schema.table(&relationship.target).filter(|t| t.can_insert()) else {
                continue;
            };
            let ty = match relationship.kind {
                RelationshipKind::Object => &target.names.obj_rel_insert_input,
                RelationshipKind::Array => &target.names.arr_rel_insert_input,
            };
            fields.push(item(name, ty.clone()));
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        let row = &names.insert_input;
        self.input(
            row,
            Some(&format!("input type for inserting data into table \"{place}\"")),
            &fields,
        );
        let on_conflict = table
            .has_constraints()
            .then(|| item("on_conflict", names.on_conflict.clone()).about("upsert condition"));
        for (name, kind, ty) in [
            (&names.obj_rel_insert_input, "object", format!("{row}!")),
            (&names.arr_rel_insert_input, "array", format!("[{row}!]!")),
        ] {
            let about = format!("input type for inserting {kind} relation for remote table \"{place}\"");
            let mut fields = vec![item("data", ty)];
            if let Some(on_conflict) = &on_conflict {
                fields.push(item("on_conflict", on_conflict.ty.clone()).about("upsert condition"));
            }
            self.input(name, Some(&about), &fields);
        }
        if on_conflict.is_some() {
            let constraints: Vec<_> = table
                .constraints()
                .map(|name| (name.to_owned(), "unique or primary key constraint".to_owned()))
                .collect();
            let about = format!("unique or primary key constraints on table \"{place}\"");
            self.enumeration(&names.constraint, &about, &constraints);
            self.input(
                &names.on_conflict,
                Some(&format!("on_conflict condition type for table \"{place}\"")),
                &[
                    item("constraint", format!("{}!", names.constraint)),
                    item("update_columns", format!("[{}!]!", names.update_column)).or("[]"),
                    item("where", names.bool_exp.clone()),
                ],
            );
            self.update_columns(table);
        }
    }

    fn update_columns(&mut self, table: &'s TableSchema) {
        let mut values: Vec<_> = table
            .columns()
            .filter(|(name, _)| table.update_column(name).is_some())
            .map(|(name, _)| (name.to_owned(), "column name".to_owned()))
            .collect();
        if values.is_empty() {
            values.push(("_PLACEHOLDER".to_owned(), "placeholder (do not use)".to_owned()));
        }
        let about = format!("update columns of table \"{}\"", table.table_name());
        self.enumeration(&table.names.update_column, &about, &values);
    }

    fn updates(&mut self, table: &'s TableSchema) {
        let names = &table.names;
        let place = table.table_name().to_string();
        let catalog = &table.tracked().table;
        if table.can_insert() || table.can_update() || catalog.deletable {
            let about = format!("response of any mutation on the table \"{place}\"");
            let fields = [
                item("affected_rows", "Int!").about("number of rows affected by the mutation"),
                item("returning", format!("[{}!]!", names.object))
                    .about("data from the rows affected by the mutation"),
            ];
            self.object(&names.mutation_response, Some(&about), &fields);
        }
        if !table.can_update() {
            return;
        }
        for (operator, suffix) in UPDATE_OPERATORS {
            let mut fields = Vec::new();
            for (name, column) in table.columns() {
                if table.update_column(name).is_none() || !applies(operator, column) {
                    continue;
                }
                let ty = match operator {
                    "_delete_key" => "String".to_owned(),
                    "_delete_elem" => "Int".to_owned(),
                    "_delete_at_path" => "[String!]".to_owned(),
                    _ => self.scalar(&column.ty),
                };
                fields.push(Item {
                    description: column.comment.clone(),
                    ..item(name, ty)
                });
            }
            let about = match operator {
                "_set" => format!("input type for updating data in table \"{place}\""),
                "_inc" => format!("input type for incrementing numeric columns in table \"{place}\""),
                other => operator_description(other).to_owned(),
            };
            self.input(&format!("{}_{suffix}", names.object), Some(&about), &fields);
        }
        let key = self.key_arguments(table);
        self.input(
            &names.pk_columns_input,
            Some(&format!("primary key columns input for table: {place}")),
            &key,
        );
        let mut fields = update_arguments(table);
        fields.push(
            item("where", format!("{}!", names.bool_exp)).about("filter the rows which have to be updated"),
        );
        self.input(&names.updates, None, &fields);
    }

    /// `Int_comparison_exp` and its like, and the scalars themselves.
    fn scalars(&mut self) {
        for (name, ty) in std::mem::take(&mut self.scalars) {
            self.declare(&name);
            let mut fields = Vec::new();
            for operator in operators(&ty) {
                let right = match operator.right {
                    Right::Same | Right::Pattern => name.clone(),
                    Right::AnyOf | Right::NoneOf => format!("[{name}!]"),
                    Right::Null => "Boolean".to_owned(),
                    Right::Text => "String".to_owned(),
                    Right::Texts => "[String!]".to_owned(),
                    Right::Other(other) => other.to_owned(),
                    Right::Others(other) => format!("[{other}!]"),
                };
                if let Right::Other(other) | Right::Others(other) = operator.right {
                    self.declare(other);
                }
                fields.push(Item {
                    description: operator.description.map(str::to_owned),
                    ..item(operator.name, right)
                });
            }
            if ty.name == "jsonb" {
                fields.push(item("_cast", "jsonb_cast_exp"));
                self.input("jsonb_cast_exp", None, &[item("String", "String_comparison_exp")]);
                self.comparison("String", &text_type());
            }
            fields.sort_by(|a, b| a.name.cmp(&b.name));
            self.write_comparison(&name, &fields);
        }
    }

    /// A comparison type that no column asked for.
    fn comparison(&mut self, name: &str, ty: &PgType) {
        let mut fields = Vec::new();
        for operator in operators(ty) {
            let right = match operator.right {
                Right::AnyOf | Right::NoneOf | Right::Texts => format!("[{name}!]"),
                Right::Null => "Boolean".to_owned(),
                _ => name.to_owned(),
            };
            fields.push(Item {
                description: operator.description.map(str::to_owned),
                ..item(operator.name, right)
            });
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        self.write_comparison(name, &fields);
    }

    fn write_comparison(&mut self, name: &str, fields: &[Item]) {
        let about = format!(
            "Boolean expression to compare columns of type \"{name}\". All fields are combined with logical 'AND'."
        );
        self.input(&format!("{name}_comparison_exp"), Some(&about), fields);
    }

    fn declare(&mut self, scalar: &str) {
        if !matches!(scalar, "Int" | "String" | "Boolean" | "Float" | "ID")
            && self.types.insert(scalar.to_owned())
        {
            let _ = writeln!(self.out, "scalar {scalar}\n");
        }
    }
}

fn text_type() -> PgType {
    PgType {
        name: "text".to_owned(),
        sql: "text".to_owned(),
        kind: TypeKind::Base,
        base: "text".to_owned(),
    }
}

fn rows_arguments(table: &TableSchema) -> Vec<Item> {
    let names = &table.names;
    vec![
        item("distinct_on", format!("[{}!]", names.select_column)).about("distinct select on columns"),
        item("limit", "Int").about("limit the number of rows returned"),
        item("offset", "Int").about("skip the first n rows. Use only with order_by"),
        item("order_by", format!("[{}!]", names.order_by)).about("sort the rows by one or more columns"),
        item("where", names.bool_exp.clone()).about("filter the rows returned"),
    ]
}

fn update_arguments(table: &TableSchema) -> Vec<Item> {
    offered(table)
        .filter_map(|operator| {
            let (_, suffix) = UPDATE_OPERATORS.iter().find(|(name, _)| *name == operator)?;
            Some(
                item(operator, format!("{}_{suffix}", table.names.object))
                    .about(operator_description(operator)),
            )
        })
        .collect()
}

fn operator_description(operator: &str) -> &'static str {
    match operator {
        "_set" => "sets the columns of the filtered rows to the given values",
        "_inc" => "increments the numeric columns with given value of the filtered values",
        "_append" => "append existing jsonb value of filtered columns with new jsonb value",
        "_prepend" => "prepend existing jsonb value of filtered columns with new jsonb value",
        "_delete_key" => {
            "delete key/value pair or string element. key/value pairs are matched based on their key value"
        }
        "_delete_elem" => {
            "delete the array element with specified index (negative integers count from the end). throws an error if top level container is not an array"
        }
        _ => {
            "delete the field or element with specified path (for JSON arrays, negative integers count from the end)"
        }
    }
}
