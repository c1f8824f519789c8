//! A database per test, dropped with the value that owns it.

use std::env;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use tokio_postgres::{Client, Error, NoTls};

/// A database of one test on the server that `TEST_DATABASE_URL` names.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    url: String,
}

impl TestDatabase {
    /// Creates an empty database. Its name starts with `prefix`, which identifies databases that a killed run has left.
    pub async fn create(prefix: &str) -> Self {
        Self::create_with(prefix, "").await
    }

    /// Creates a database with these options of `CREATE DATABASE`, for example `TEMPLATE template0`.
    pub async fn create_with(prefix: &str, options: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{prefix}_{}_{count}", process::id());
        // FILE_COPY waits for a checkpoint; for a small template WAL_LOG, the default since version 15, is far quicker.
        let statements = [
            drop_statement(&name),
            format!("CREATE DATABASE \"{name}\" {options}"),
        ];
        execute(&server_url(), &statements)
            .await
            .expect("TEST_DATABASE_URL is the URL of a superuser");
        let url = with_database(&server_url(), &name);
        Self { name, url }
    }

    /// Name of the database.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Connection string without a pooler, as superuser.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Opens a connection to [`Self::url`].
    pub async fn connect(&self) -> Client {
        connect(&self.url).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, statements) = (server_url(), [drop_statement(&self.name)]);
        // In its own thread and runtime: a destructor cannot block on the test's runtime, which may be shutting down.
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(execute(&server, &statements))
        });
        if let Ok(Err(error)) = dropping.join() {
            eprintln!("cannot drop database \"{}\": {error}", self.name);
        }
    }
}

/// Value of `TEST_DATABASE_URL`: a superuser's connection string without a pooler.
pub fn server_url() -> String {
    variable("TEST_DATABASE_URL")
}

/// Value of an environment variable that `cargo xtask test` sets.
pub fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set; run the tests with `cargo xtask test`"))
}

/// Opens a connection and drives it in a task.
pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("the test server accepts connections");
    tokio::spawn(connection);
    client
}

/// Replaces the database name in a connection string.
pub fn with_database(url: &str, database: &str) -> String {
    let (address, options) = url
        .split_once('?')
        .map_or((url, None), |(address, options)| (address, Some(options)));
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find('/').map_or(address.len(), |at| start + at);
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    format!("{}/{database}{options}", &address[..end])
}

fn drop_statement(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)")
}

/// Runs statements one by one: neither `CREATE` nor `DROP DATABASE` is allowed in a transaction.
async fn execute(url: &str, statements: &[String]) -> Result<(), Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    for statement in statements {
        client.batch_execute(statement).await?;
    }
    drop(client);
    drop(connection.await);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_database_replaces_only_the_name() {
        for (url, expected) in [
            ("postgres://u:p@h:1/postgres", "postgres://u:p@h:1/mine"),
            ("postgres://u:p@h:1", "postgres://u:p@h:1/mine"),
            (
                "postgres://u:p@h:1/a?sslmode=disable",
                "postgres://u:p@h:1/mine?sslmode=disable",
            ),
        ] {
            assert_eq!(with_database(url, "mine"), expected);
        }
    }
}
