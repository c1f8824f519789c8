//! The functions' database roles: `infra/function-roles.sql`, with their passwords.

use std::fmt::Write as _;

use anyhow::Result;
use tokio_postgres::Client;

use crate::functions::functions;
use crate::login::FunctionLogins;

/// SQL that creates or updates the roles, to be sent as one transaction of several statements: as a simple query, or
/// through Hasura's `run_sql`. It contains the passwords only as SCRAM secrets, so that they do not appear in logs.
pub fn sql(logins: &FunctionLogins) -> String {
    let mut sql = format!(
        "SELECT pg_catalog.set_config('threefactor.role_suffix', {}, true)",
        literal(logins.suffix())
    );
    for (role, login) in logins.by_role() {
        let secret = postgres_protocol::password::scram_sha_256(login.password.as_bytes());
        // Writing to a String cannot fail.
        let _ = write!(
            sql,
            ", pg_catalog.set_config('threefactor.password_{role}', {}, true)",
            literal(&secret)
        );
    }
    format!("{sql};\n{}", logins.sql())
}

/// SQL that grants the rights to roles that exist, and revokes others. The current role need not be able to create roles.
pub fn rights() -> Result<&'static str> {
    Ok(&functions()?.roles_sql)
}

/// SQL that adds the rights of the checkout to the roles that exist, and takes none: while it applies, functions of either release run.
pub fn additions() -> Result<String> {
    let roles = &functions()?.roles_sql;
    Ok(format!(
        "SELECT pg_catalog.set_config('threefactor.add_rights', 'true', true);\n{roles}"
    ))
}

/// Creates or updates the roles. Returns an error if the current role lacks the privileges or `schema.sql` was not
/// applied.
pub async fn apply(database: &Client, logins: &FunctionLogins) -> Result<(), tokio_postgres::Error> {
    database.batch_execute(&sql(logins)).await
}

pub(crate) fn literal(text: &str) -> String {
    // E'' handles a backslash in the same way for either value of standard_conforming_strings.
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sql_contains_no_password_and_escapes_quotes() {
        let text = sql(&FunctionLogins::with_password("hunter2")
            .unwrap()
            .suffixed("a'p\\p"));
        let first = text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with(r"SELECT pg_catalog.set_config('threefactor.role_suffix', E'a''p\\p', true), "),
            "{first}"
        );
        let secrets = first.matches("E'SCRAM-SHA-256$4096:").count();
        assert_eq!(secrets, functions().unwrap().all.len(), "{first}");
        assert!(!text.contains("hunter2"));
    }
}
