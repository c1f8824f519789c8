//! Database catalog: tables, columns and keys from `pg_catalog`, in the model of [`types`]. Read at start and after
//! DDL.

pub mod types;

pub use types::{
    BOOLEAN_FUNCTIONS, COMPARABLE_FUNCTIONS, Catalog, Column, CompositeField, Coupling, EXACT_DIGITS,
    FLOAT_FUNCTIONS, FLOAT_PAIR_FUNCTIONS, ForeignKey, Key, NUMBER_FUNCTIONS, PgType, Table, TableKind,
    TableName, TypeExtension, TypeKind,
};
