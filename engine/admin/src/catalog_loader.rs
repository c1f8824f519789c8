//! Reads the catalog with one query (`load_catalog.sql`) that returns one JSON document.

use crate::enum_loader;
use engine_error::{Code, Error, Result};
use engine_model::catalog::{
    Argument, Catalog, Column, CompositeField, Coupling, EnumRows, ForeignKey, Function, Key, PgType,
    Returned, Table, TableKind, TableName, TypeExtension, TypeKind, Volatility,
};
use engine_model::metadata::{Metadata, computed_field, function};
use engine_postgres::pool;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use tokio_postgres::types::Type;
use tokio_postgres::{GenericClient, Row};

/// Objects of the database that the catalog contains only on request, because only those that the metadata names matter.
#[derive(Debug, Default)]
pub struct NamedObjects {
    pub functions: BTreeSet<TableName>,
    pub enum_tables: BTreeSet<TableName>,
}

impl NamedObjects {
    /// Returns the objects that the metadata names.
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            functions: {
                let mut functions = function::names(metadata);
                functions.extend(computed_field::functions(metadata));
                functions
            },
            enum_tables: metadata.enum_tables().cloned().collect(),
        }
    }

    pub(crate) fn function(name: TableName) -> Self {
        Self {
            functions: BTreeSet::from([name]),
            ..Self::default()
        }
    }

    pub(crate) fn enum_table(name: TableName) -> Self {
        Self {
            enum_tables: BTreeSet::from([name]),
            ..Self::default()
        }
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.functions.extend(other.functions);
        self.enum_tables.extend(other.enum_tables);
    }

    /// Whether the catalog contains all of them.
    pub(crate) fn are_in(&self, catalog: &Catalog) -> bool {
        self.functions
            .iter()
            .all(|name| catalog.functions.contains_key(name))
            && self
                .enum_tables
                .iter()
                .all(|name| catalog.enums.contains_key(name))
    }
}

/// Reads the catalog: with one query all tables and the named functions, and with another one the rows of the named enum tables; both
/// take one round trip. Inside a transaction the catalog includes that transaction's DDL.
pub async fn load(client: &impl GenericClient, named: &NamedObjects) -> Result<Catalog> {
    let (rows, enums) = tokio::join!(
        query(client, &named.functions),
        enum_loader::load(client, &named.enum_tables)
    );
    let rows = rows.map_err(|e| pool::driver_error(&e))?;
    let text: &str = match rows.first() {
        Some(row) => row.try_get(0).map_err(|e| pool::driver_error(&e))?,
        None => {
            return Err(Error::new(
                Code::Unexpected,
                "internal error: the catalog query returned no row",
            ));
        }
    };
    let document: Document = serde_json::from_str(text).map_err(|e| {
        Error::new(
            Code::Unexpected,
            format!("internal error: unexpected result of the catalog query: {e}"),
        )
    })?;
    Ok(document.into_catalog(&named.functions, enums?))
}

/// Runs the query without JIT compilation. The planner overestimates the cost of its many expressions, and compiling them takes 200 ms,
/// many times as long as the query.
async fn query(
    client: &impl GenericClient,
    functions: &BTreeSet<TableName>,
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let schemas: Vec<&str> = functions.iter().map(|function| &*function.schema).collect();
    let names: Vec<&str> = functions.iter().map(|function| &*function.name).collect();
    let params = [(&schemas as _, Type::TEXT_ARRAY), (&names as _, Type::TEXT_ARRAY)];
    // Sent together: no cancellation can separate them, and they take one round trip.
    let (off, rows, reset) = tokio::join!(
        client.batch_execute("SET jit = off"),
        client.query_typed(include_str!("load_catalog.sql"), &params),
        client.batch_execute("RESET jit"),
    );
    off?;
    let rows = rows?;
    reset?;
    Ok(rows)
}

#[derive(Deserialize)]
struct Document {
    server_version: u32,
    types: Option<Vec<RawType>>,
    tables: Option<Vec<RawTable>>,
    functions: Option<Vec<RawFunction>>,
}

#[derive(Deserialize)]
struct RawFunction {
    oid: u32,
    schema: String,
    name: String,
    volatility: String,
    returns_set: bool,
    variadic: bool,
    /// `pg_type.typtype` of the result.
    returned_kind: String,
    returned_table: Option<TableName>,
    result: u32,
    arguments: Option<Vec<RawArgument>>,
}

#[derive(Deserialize)]
struct RawArgument {
    name: Option<String>,
    #[serde(rename = "type")]
    ty: u32,
    table: Option<TableName>,
    has_default: bool,
}

#[derive(Deserialize)]
struct RawType {
    oid: u32,
    name: String,
    sql: String,
    kind: String,
    element: Option<u32>,
    base: String,
    fields: Option<Vec<RawField>>,
    extension: Option<RawExtension>,
}

#[derive(Deserialize)]
struct RawExtension {
    schema: String,
    operators: Option<BTreeSet<String>>,
    aggregates: Option<BTreeSet<String>>,
}

#[derive(Deserialize)]
struct RawField {
    name: String,
    #[serde(rename = "type")]
    ty: u32,
}

#[derive(Deserialize)]
struct RawTable {
    oid: u32,
    schema: String,
    name: String,
    kind: String,
    writable: i32,
    inherits: bool,
    has_side_effects: bool,
    has_row_security: bool,
    comment: Option<String>,
    columns: Option<Vec<RawColumn>>,
    constraints: Option<Vec<RawConstraint>>,
}

#[derive(Deserialize)]
struct RawColumn {
    name: String,
    number: i16,
    #[serde(rename = "type")]
    ty: u32,
    nullable: bool,
    has_default: bool,
    generated: bool,
    comment: Option<String>,
}

#[derive(Deserialize)]
struct RawConstraint {
    name: String,
    kind: String,
    columns: Option<Vec<String>>,
    target: Option<TableName>,
    target_columns: Option<Vec<String>>,
}

impl Document {
    fn into_catalog(self, requested: &BTreeSet<TableName>, enums: BTreeMap<TableName, EnumRows>) -> Catalog {
        let raw: HashMap<u32, RawType> = self
            .types
            .unwrap_or_default()
            .into_iter()
            .map(|ty| (ty.oid, ty))
            .collect();
        let types: HashMap<u32, PgType> = raw.values().map(|ty| (ty.oid, pg_type(ty, &raw))).collect();
        let tables = self.tables.unwrap_or_default().into_iter().map(|table| {
            let table = table.into_table(&types);
            (table.name.clone(), Arc::new(table))
        });
        let mut functions: BTreeMap<TableName, Vec<Arc<Function>>> =
            requested.iter().map(|name| (name.clone(), Vec::new())).collect();
        for function in self.functions.unwrap_or_default() {
            let name = TableName::new(function.schema.clone(), function.name.clone());
            let overloads = functions.entry(name).or_default();
            overloads.extend(function.into_function(&types).map(Arc::new));
        }
        Catalog {
            tables: tables.collect(),
            functions,
            server_version: self.server_version,
            enums,
        }
    }
}

fn pg_type(ty: &RawType, all: &HashMap<u32, RawType>) -> PgType {
    let element = ty.element.and_then(|oid| all.get(&oid));
    let kind = match (ty.kind.as_str(), element) {
        // The element type is not an array itself: Postgres has one array type for all dimensions.
        ("b", Some(element)) => TypeKind::Array(Box::new(pg_type(element, all))),
        ("e", _) => TypeKind::Enum,
        ("d", _) => TypeKind::Domain,
        ("c", _) => TypeKind::Composite(composite_fields(ty, all)),
        ("r" | "m", _) => TypeKind::Range,
        _ => TypeKind::Base,
    };
    PgType {
        name: ty.name.clone(),
        sql: ty.sql.clone(),
        kind,
        base: ty.base.clone(),
        extension: ty.extension.as_ref().map(|extension| {
            Arc::new(TypeExtension {
                schema: extension.schema.clone(),
                operators: extension.operators.clone().unwrap_or_default(),
                aggregates: extension.aggregates.clone().unwrap_or_default(),
            })
        }),
    }
}

fn composite_fields(ty: &RawType, all: &HashMap<u32, RawType>) -> Vec<CompositeField> {
    let fields = ty.fields.iter().flatten();
    let fields = fields.filter_map(|field| {
        Some(CompositeField {
            name: field.name.clone(),
            ty: pg_type(all.get(&field.ty)?, all),
        })
    });
    fields.collect()
}

impl RawFunction {
    fn into_function(self, types: &HashMap<u32, PgType>) -> Option<Function> {
        let arguments = self.arguments.unwrap_or_default().into_iter();
        Some(Function {
            oid: self.oid,
            volatility: match self.volatility.as_str() {
                "i" => Volatility::Immutable,
                "s" => Volatility::Stable,
                _ => Volatility::Volatile,
            },
            returns_set: self.returns_set,
            returns: match self.returned_table {
                Some(table) => Returned::Relation(table),
                None if self.returned_kind == "c" => Returned::Composite,
                None if self.returned_kind == "b" => Returned::Base,
                None => Returned::Other,
            },
            result: types.get(&self.result)?.clone(),
            is_variadic: self.variadic,
            arguments: arguments
                .filter_map(|argument| {
                    Some(Argument {
                        name: argument.name.filter(|name| !name.is_empty()),
                        ty: types.get(&argument.ty)?.clone(),
                        table: argument.table,
                        has_default: argument.has_default,
                    })
                })
                .collect(),
        })
    }
}

impl RawTable {
    fn into_table(self, types: &HashMap<u32, PgType>) -> Table {
        let mut table = Table {
            name: TableName::new(self.schema, self.name),
            oid: self.oid,
            kind: match self.kind.as_str() {
                "v" => TableKind::View,
                "m" => TableKind::MaterializedView,
                "f" => TableKind::ForeignTable,
                _ => TableKind::Table,
            },
            columns: Vec::new(),
            primary_key: None,
            unique: Vec::new(),
            foreign_keys: Vec::new(),
            insertable: self.writable & 8 != 0,
            updatable: self.writable & 4 != 0,
            deletable: self.writable & 16 != 0,
            coupling: Coupling {
                inherits: self.inherits,
                has_side_effects: self.has_side_effects,
                has_row_security: self.has_row_security,
            },
            comment: self.comment,
        };
        for column in self.columns.unwrap_or_default() {
            if let Some(ty) = types.get(&column.ty) {
                table.columns.push(Column {
                    name: column.name,
                    number: column.number,
                    ty: ty.clone(),
                    nullable: column.nullable,
                    has_default: column.has_default,
                    generated: column.generated,
                    comment: column.comment,
                });
            }
        }
        for constraint in self.constraints.unwrap_or_default() {
            let columns = constraint.columns.unwrap_or_default();
            match (constraint.kind.as_str(), constraint.target) {
                ("p", _) => {
                    table.primary_key = Some(Key {
                        name: constraint.name,
                        columns,
                    });
                }
                ("u", _) => table.unique.push(Key {
                    name: constraint.name,
                    columns,
                }),
                (_, Some(target)) => table.foreign_keys.push(ForeignKey {
                    name: constraint.name,
                    target,
                    mapping: columns
                        .into_iter()
                        .zip(constraint.target_columns.unwrap_or_default())
                        .collect(),
                }),
                (_, None) => {}
            }
        }
        table
    }
}
