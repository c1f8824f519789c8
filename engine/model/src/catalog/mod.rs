//! Database catalog: tables, columns, keys and functions from `pg_catalog`, in the models of [`types`] and [`function`]. Read at start and after
//! DDL.

mod enums;
pub mod function;
pub mod types;

pub use enums::{EnumRows, EnumValue, MAX_ENUM_VALUE_LENGTH, MAX_ENUM_VALUES, TableEnum};
pub use function::{Argument, Function, Returned, Volatility};
pub use types::{
    BOOLEAN_FUNCTIONS, COMPARABLE_FUNCTIONS, Catalog, Column, CompositeField, Coupling, EXACT_DIGITS,
    FLOAT_FUNCTIONS, FLOAT_PAIR_FUNCTIONS, ForeignKey, Key, NUMBER_FUNCTIONS, PgType, Table, TableKind,
    TableName, TypeExtension, TypeKind,
};
