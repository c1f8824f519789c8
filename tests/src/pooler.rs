//! A dedicated pgBouncer in transaction mode in front of a test's database: one that tracks prepared statements, or one that forwards
//! their names, as Debian 12's does.

use std::{env, path::PathBuf};

use local_process::{
    dirs::{self, DataDir},
    ports, users,
    watchdog::Watchdog,
};
use local_services::{
    pgbouncer::{self, Options, PREPARED_STATEMENTS, PgBouncer},
    programs,
};
use shared::{Config, config::Variables, database::Database};
use testkit::database::with_database;
use tokio_postgres::{Client, NoTls};

use crate::{
    database::{TestDatabase, logins},
    orders::ask,
};

/// Treatment of the names of prepared statements by a pooler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// Forwards them unchanged.
    Forwarded,
    /// Prepares each statement on each server connection that needs it.
    Tracked,
}

impl Names {
    /// The program, and its maximum number of prepared statements. `None`, and a message, if no program is available; in CI that fails
    /// the test.
    pub fn program(self) -> Option<(PathBuf, u32)> {
        match self {
            // A current version forwards names if the limit is 0.
            Self::Forwarded => Some((programs::pgbouncer().expect("pgBouncer"), 0)),
            Self::Tracked => match local_tools::pgbouncer::current() {
                Ok(program) => Some((program, PREPARED_STATEMENTS)),
                Err(error) => {
                    assert!(
                        env::var_os("CI").is_none(),
                        "no pgBouncer that tracks prepared statements: {error:#}"
                    );
                    eprintln!("SKIPPED: no pgBouncer that tracks prepared statements: {error:#}");
                    None
                }
            },
        }
    }
}

/// A running pooler.
#[derive(Debug)]
pub struct TestPooler {
    pgbouncer: PgBouncer,
    options: Options,
    database: String,
    watchdog: Watchdog,
    // Dropped last: contains the files of the pooler.
    _dir: DataDir,
}

impl TestPooler {
    /// Starts a pooler with this number of connections to Postgres per function. `None`: see [`Names::program`].
    pub async fn start(names: Names, database: &TestDatabase, size: u32) -> Option<Self> {
        let (program, prepared_statements) = names.program()?;
        let watchdog = Watchdog::start(&dirs::bin_dir().expect("the binaries"));
        let user = users::unprivileged().expect("an unprivileged user exists");
        let dir = DataDir::ephemeral(user, &watchdog).expect("a directory");
        let options = pgbouncer::Options {
            program,
            root: dirs::root(),
            dir: dir.path().to_path_buf(),
            port: ports::free().expect("a free port"),
            database_url: database.direct_url(),
            logins: logins().all().to_vec(),
            pool_size: 100,
            user_pool_size: size,
            max_clients: 100,
            idle_timeout: 600,
            prepared_statements,
            user,
        };
        Some(Self {
            pgbouncer: PgBouncer::start(options.clone(), &watchdog)
                .await
                .expect("the pooler starts"),
            options,
            database: database.name().to_owned(),
            watchdog,
            _dir: dir,
        })
    }

    /// Stops the pooler, and starts another one in its place.
    ///
    /// # Panics
    /// If no program is available.
    pub async fn replace(&mut self, names: Names) {
        self.pgbouncer.stop().await;
        (self.options.program, self.options.prepared_statements) = names.program().expect("a pooler");
        self.pgbouncer = PgBouncer::start(self.options.clone(), &self.watchdog)
            .await
            .expect("the pooler starts");
    }

    /// Stops the pooler.
    pub async fn stop(self) {
        self.pgbouncer.stop().await;
    }

    /// Connection string as the role of a function.
    pub fn url(&self, function: &str) -> String {
        let logins = logins();
        let url = self.pgbouncer.url_as(logins.of(function).expect("a function"));
        with_database(&url, &self.database)
    }

    /// Configuration of a function with this number of connections.
    pub fn config(&self, function: &str, connections: usize) -> Config {
        config(&self.url(function), connections)
    }

    /// Pool of a function with this number of connections.
    pub fn pool(&self, function: &str, connections: usize) -> Database {
        Database::new(&self.config(function, connections))
    }

    /// Holds all server connections of a function, each in a transaction.
    pub async fn hold_all(&self, function: &str) -> Vec<HeldConnection> {
        let mut held = Vec::new();
        for _ in 0..self.options.user_pool_size {
            let (client, connection) = tokio_postgres::connect(&self.url(function), NoTls)
                .await
                .expect("the pooler");
            tokio::spawn(connection);
            client.batch_execute("BEGIN").await.expect("a transaction");
            let process_id = ask(&client, "SELECT pg_backend_pid()").await.expect("its id");
            held.push(HeldConnection { client, process_id });
        }
        held
    }
}

/// A server connection that only this client uses.
#[derive(Debug)]
pub struct HeldConnection {
    pub client: Client,
    /// Process of Postgres.
    pub process_id: String,
}

impl HeldConnection {
    /// Returns the connection to the pooler.
    pub async fn release(self) {
        self.client
            .batch_execute("COMMIT")
            .await
            .expect("the transaction ends");
    }
}

/// Configuration of a function with a connection string and this number of connections.
pub fn config(url: &str, connections: usize) -> Config {
    Config::from_variables(Variables {
        postgres_connection_string: Some(url.to_owned()),
        aws_lambda_max_concurrency: Some(connections.to_string()),
        ..Variables::default()
    })
    .expect("the connection string is valid")
}
