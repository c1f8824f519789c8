//! A dedicated Postgres, with or without a pgBouncer, for tests and benchmarks. A whole stack (crate `local-stack`)
//! starts them itself.

use anyhow::{Context as _, Result};
use uuid::Uuid;

use crate::login::{FunctionLogins, as_login};
use crate::orphans;
use crate::pgbouncer::{self, PgBouncer};
use crate::postgres::{self, Postgres};
use crate::programs;
use local_process::dirs::{self, DataDir};
use local_process::ports;
use local_process::users;
use local_process::watchdog::Watchdog;

/// Configuration of the services.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Maximum number of connections to Postgres.
    pub max_connections: u32,
    /// pgBouncer in front of Postgres.
    pub pool: Option<Pool>,
    /// Whether `fsync` is off. Never for benchmarks.
    pub fsync_off: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct Pool {
    /// Connections to Postgres per database, and per user of it.
    pub size: u32,
    /// Seconds after which an unused connection to Postgres is closed.
    pub idle_timeout: u32,
}

/// Running services, on free ports, with ephemeral data.
#[derive(Debug)]
pub struct Services {
    // Dropped in this order if a start fails.
    pgbouncer: Option<PgBouncer>,
    postgres: Postgres,
    logins: FunctionLogins,
    dir: DataDir,
}

impl Services {
    /// Starts the services and waits until they accept connections.
    pub async fn start(options: Options, watchdog: &Watchdog) -> Result<Self> {
        let user = users::unprivileged()?;
        let programs = programs::postgres()?;
        dirs::remove_abandoned(|dir| orphans::end(dir, &programs, user));
        let dir = DataDir::ephemeral(user, watchdog)?;
        let postgres = Postgres::start(
            postgres::Options {
                programs,
                dir: dir.path().to_path_buf(),
                port: ports::free()?,
                max_connections: options.max_connections,
                user,
                ephemeral: true,
                fsync_off: options.fsync_off,
            },
            watchdog,
        )
        .await?;
        let mut services = Self {
            pgbouncer: None,
            postgres,
            // One password, so that the URL of one function is enough for its user to derive the others.
            logins: FunctionLogins::with_password(&Uuid::new_v4().simple().to_string())?,
            dir,
        };
        if let Some(pool) = options.pool {
            let pgbouncer = pgbouncer::Options {
                program: programs::pgbouncer()?,
                root: dirs::root(),
                dir: services.dir.path().to_path_buf(),
                port: ports::free()?,
                database_url: services.database_url(),
                logins: services.logins.all().to_vec(),
                pool_size: pool.size,
                user_pool_size: pool.size,
                max_clients: 2_000,
                idle_timeout: pool.idle_timeout,
                prepared_statements: pgbouncer::PREPARED_STATEMENTS,
                user,
            };
            services.pgbouncer = Some(PgBouncer::start(pgbouncer, watchdog).await?);
        }
        Ok(services)
    }

    /// The superuser's connection string, directly to Postgres.
    pub fn database_url(&self) -> String {
        self.postgres.url()
    }

    /// Connection string of a function, with its own role, which must first be created in each database (see
    /// [`crate::function_roles`]); through the pool if there is one, otherwise directly to Postgres.
    pub fn functions_url(&self, function: &str) -> Result<String> {
        let login = self
            .logins
            .of(function)
            .with_context(|| format!("unknown function \"{function}\""))?;
        Ok(match &self.pgbouncer {
            Some(pgbouncer) => pgbouncer.url_as(login),
            None => as_login(&self.database_url(), login),
        })
    }

    /// The functions' roles.
    pub fn logins(&self) -> &FunctionLogins {
        &self.logins
    }

    /// A directory that is removed with the services.
    pub fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    pub async fn stop(self) {
        if let Some(pgbouncer) = &self.pgbouncer {
            pgbouncer.stop().await;
        }
        self.postgres.stop().await;
    }
}
