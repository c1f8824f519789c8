//! Functions of the database.

use super::types::{PgType, TableName};

/// Function of the database; one of several if the name is overloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Distinguishes a replaced function from one that was dropped and created again.
    pub oid: u32,
    pub volatility: Volatility,
    /// Whether it returns a set of rows and not one.
    pub returns_set: bool,
    pub returns: Returned,
    /// Type of the result; its base type if the function returns a domain.
    pub result: PgType,
    pub is_variadic: bool,
    /// Input arguments, in their order.
    pub arguments: Vec<Argument>,
}

/// `pg_proc.provolatile`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Volatility {
    Immutable,
    Stable,
    Volatile,
}

/// Type of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Returned {
    /// Row type of a table or view.
    Relation(TableName),
    /// Composite type without a table.
    Composite,
    /// Base type, or an array.
    Base,
    Other,
}

/// Input argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    pub name: Option<String>,
    /// Base type, if the argument is of a domain.
    pub ty: PgType,
    /// Table or view if the type is its row type.
    pub table: Option<TableName>,
    pub has_default: bool,
}
