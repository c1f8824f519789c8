//! The functions' database role: `infra/app-role.sql`, with a name and a password.

use tokio_postgres::Client;

use crate::login::Login;

const FILE: &str = include_str!("../../../infra/app-role.sql");

/// One text that makes the role or brings it up to date, for whoever can send a text of several statements in one
/// transaction: a driver's simple query, or Hasura's `run_sql`. It holds the password only as a SCRAM secret, so that no log
/// along the way learns it.
pub fn sql(login: &Login) -> String {
    let secret = postgres_protocol::password::scram_sha_256(login.password.as_bytes());
    format!(
        "SELECT set_config('threefactor.role', {}, true), set_config('threefactor.password', {}, true);\n{FILE}",
        literal(&login.user),
        literal(&secret)
    )
}

/// Makes the role in this database, or brings it up to date.
///
/// # Errors
/// When we may not, or `schema.sql` was not applied.
pub async fn apply(database: &Client, login: &Login) -> Result<(), tokio_postgres::Error> {
    database.batch_execute(&sql(login)).await
}

fn literal(text: &str) -> String {
    // E'' reads a backslash the same way whatever standard_conforming_strings is.
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_holds_no_password_and_no_way_out_of_its_quotes() {
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
