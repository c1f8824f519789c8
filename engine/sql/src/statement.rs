//! Printed SQL.

/// A statement and its parameters. All parameters travel in text format; the SQL casts each (`$1::int4`), so that
/// Postgres itself checks them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The SQL with `$n` placeholders.
    pub sql: String,
    /// Values in text form; `None` is NULL.
    pub params: Vec<Option<String>>,
}
