//! The functions' database role: `infra/app-role.sql`, with a name and a password.

use tokio_postgres::Client;

use crate::login::Login;

const FILE: &str = include_str!("../../../infra/app-role.sql");

/// SQL that creates or updates the role, to be sent as one transaction of several statements: as a simple query, or
/// through Hasura's `run_sql`. It contains the password only as a SCRAM secret, so that it does not appear in logs.
pub fn sql(login: &Login) -> String {
    let secret = postgres_protocol::password::scram_sha_256(login.password.as_bytes());
    format!(
        "SELECT set_config('threefactor.role', {}, true), set_config('threefactor.password', {}, true);\n{FILE}",
        literal(&login.user),
        literal(&secret)
    )
}

/// Creates or updates the role. Returns an error if the current role lacks the privileges or `schema.sql` was not
/// applied.
pub async fn apply(database: &Client, login: &Login) -> Result<(), tokio_postgres::Error> {
    database.batch_execute(&sql(login)).await
}

fn literal(text: &str) -> String {
    // E'' handles a backslash in the same way for either value of standard_conforming_strings.
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sql_contains_no_password_and_escapes_quotes() {
        let text = sql(&Login {
            user: "a'p\\p".to_owned(),
            password: "hunter2".to_owned(),
        });
        let first = text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with(r"SELECT set_config('threefactor.role', E'a''p\\p', true), "),
            "{first}"
        );
        assert!(first.contains("E'SCRAM-SHA-256$4096:"), "{first}");
        assert!(!text.contains("hunter2"));
    }
}
