//! The schema of the application: its application to a database, its demo accounts, and the objects that it creates.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Value, json};
use tokio_postgres::Client;

use super::Metadata;

/// Accounts with which users of a demo log in by name.
pub const DEMO_ACCOUNTS: &str = include_str!("../../../../demo-accounts.sql");

/// Deletes the accounts of [`DEMO_ACCOUNTS`], whose names are reserved for staff.
pub const DELETE_DEMO_ACCOUNTS: &str =
    "DELETE FROM identity.accounts WHERE username = 'manager' OR username ~ '^(restaurant|driver)-[0-9]+$'";

/// Applies `schema.sql` as one transaction. An error contains Postgres' message and the line.
pub async fn apply_schema(database: &Client, schema: &str) -> Result<()> {
    database
        .batch_execute(schema)
        .await
        .map_err(|error| match error.as_db_error() {
            Some(cause) => {
                let at = match cause.position() {
                    Some(tokio_postgres::error::ErrorPosition::Original(position)) => {
                        let before = schema.chars().take(usize::try_from(*position).unwrap_or(0));
                        format!(" (line {})", before.filter(|c| *c == '\n').count() + 1)
                    }
                    _ => String::new(),
                };
                anyhow::anyhow!("schema.sql{at}: {}", cause.message())
            }
            None => anyhow::anyhow!("schema.sql: {error}"),
        })
}

/// Runs SQL through the engine in one transaction, for databases that only the engine can reach.
pub async fn run_sql(metadata: &Metadata, sql: &str) -> Result<()> {
    metadata
        .query(&run_sql_command(sql, false))
        .await
        .map_err(|error| {
            // Postgres' message is part of the cause (see `query`).
            error.context("the engine rejected the SQL")
        })?;
    Ok(())
}

/// Returns the command that runs SQL.
pub(super) fn run_sql_command(sql: &str, read_only: bool) -> Value {
    json!({"type": "run_sql", "args": {"sql": sql, "cascade": false, "read_only": read_only}})
}

/// Returns the names of the tables and views that a schema creates in the schema public.
pub(super) fn objects(schema: &str) -> BTreeSet<&str> {
    schema.lines().filter_map(object).collect()
}

/// Returns the name of the table or view that a line creates.
fn object(line: &str) -> Option<&str> {
    let mut rest = line.strip_prefix("CREATE ")?;
    for word in ["OR REPLACE ", "MATERIALIZED "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    rest = rest
        .strip_prefix("TABLE ")
        .or_else(|| rest.strip_prefix("VIEW "))?;
    rest = rest.strip_prefix("IF NOT EXISTS ").unwrap_or(rest);
    rest = rest.strip_prefix("public.").unwrap_or(rest);
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
    // A name with a dot is that of another schema.
    (!name.is_empty() && !after.starts_with('.')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_the_schema_are_its_tables_and_views() {
        let text = std::fs::read_to_string(local_process::dirs::root().join("schema.sql")).unwrap();
        let found = objects(&text);
        for own in [
            "orders",
            "items",
            "order_history",
            "stuck_orders",
            "given_up_events",
        ] {
            assert!(found.contains(own), "{own} in {found:?}");
        }
        assert!(
            !found.contains("accounts") && !found.contains("identity"),
            "{found:?}"
        );
        assert_eq!(object("CREATE TABLE public.a (id int);"), Some("a"));
        assert_eq!(object("CREATE MATERIALIZED VIEW b AS"), Some("b"));
        assert_eq!(object("CREATE TABLE other.c (id int);"), None);
        assert_eq!(object("CREATE INDEX d ON a (id);"), None);
    }
}
