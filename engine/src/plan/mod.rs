//! One GraphQL operation → one SQL statement per root field. Pure: no driver, no async, no clock.

/// A statement and its parameters. All parameters travel in text format; the SQL casts each (`$1::int4`), so that
/// Postgres itself checks them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The SQL with `$n` placeholders.
    pub sql: String,
    /// Values in text form; `None` is NULL.
    pub params: Vec<Option<String>>,
}

/// A subscription's plan. Two with the same `multiplexed_sql` belong to one cohort and differ only in `params`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionPlan {
    /// Takes `$1::json`, an array of `[id, [param, …]]` (all strings or null), one per subscriber, and returns rows
    /// (`id` int4, `data` text), where `data` is the whole `data` object: `{"orders": […]}`.
    pub multiplexed_sql: String,
    /// This subscriber's values in text form.
    pub params: Vec<Option<String>>,
}
