//! What the database says about itself: `pg_catalog` → tables, columns, keys. Read once at start and after DDL.
//! Where to read next: [`types`] for the model, `crate::metadata` for what of it is tracked.

mod load;
pub mod types;

pub use load::load;
pub use types::{
    BOOLEAN_FUNCTIONS, COMPARABLE_FUNCTIONS, Catalog, Column, ForeignKey, Key, NUMBER_FUNCTIONS, PgType,
    Table, TableKind, TableName, TypeKind,
};
