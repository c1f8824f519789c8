//! Environment of the benchmarks: services with the schema, orders to process, functions behind their gateway.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tokio_postgres::Client;

use lambda_host::{FunctionSpec, Functions, Limits};
use local_process::dirs;
use local_process::logs::{LogFormat, LogLevel, Logs};
use local_process::watchdog::Watchdog;
use local_services::function_roles;
use local_services::postgres;
use local_services::services::{Options, Pool, Services};
use local_stack::functions;
use local_stack::setup;

/// Services with `schema.sql` applied; durable, as comparable figures require.
#[derive(Debug)]
pub(crate) struct Rig {
    pub(crate) services: Services,
    /// A connection directly to Postgres.
    pub(crate) database: Client,
    /// Ends the services if this process is killed.
    pub(crate) watchdog: Watchdog,
}

impl Rig {
    /// Starts the services; with `pool_size` also pgBouncer.
    pub(crate) async fn start(max_connections: u32, pool_size: Option<u32>) -> Result<Self> {
        let watchdog = Watchdog::start(&dirs::bin_dir()?);
        let options = Options {
            max_connections,
            pool: pool_size.map(|size| Pool {
                size,
                idle_timeout: 600,
            }),
            fsync_off: false,
        };
        let services = Services::start(options, &watchdog).await?;
        let database = postgres::connect(&services.database_url()).await?;
        let schema =
            std::fs::read_to_string(dirs::root().join("schema.sql")).context("cannot read schema.sql")?;
        setup::apply_schema(&database, &schema).await?;
        function_roles::apply(&database, services.logins())
            .await
            .context("cannot create the functions' roles")?;
        Ok(Self {
            services,
            database,
            watchdog,
        })
    }

    /// Places orders of one pizza each, named `{prefix}-{number}` from 0, then vacuums and checkpoints, so that no
    /// background work disturbs the measurement.
    pub(crate) async fn place(&self, prefix: &str, orders: u64) -> Result<()> {
        self.database
            .execute(
                "WITH placed AS (
                   INSERT INTO orders (order_id, user_id, restaurant_id, address)
                   SELECT $1::text || '-' || n, 'bench', 1, '1 Main St' FROM generate_series(0, $2::bigint - 1) AS n
                   RETURNING order_id
                 )
                 INSERT INTO items (order_id, item) SELECT order_id, 'pizza' FROM placed",
                &[&prefix, &i64::try_from(orders)?],
            )
            .await
            .context("cannot place orders")?;
        // Separately: several statements in one message are a transaction, in which VACUUM is not allowed.
        for statement in ["VACUUM ANALYZE orders, items", "CHECKPOINT"] {
            self.database
                .batch_execute(statement)
                .await
                .context("cannot vacuum")?;
        }
        Ok(())
    }

    /// Starts one function behind the gateway, with this connection string and this number of processes, each with one call at a time, as on Lambda.
    pub(crate) async fn function(
        &self,
        name: &str,
        url: &str,
        processes: usize,
        logs: &Logs,
    ) -> Result<Functions> {
        let program = dirs::bin_dir()?.join(name);
        self.program(name, &program, url, processes, logs).await
    }

    /// [`Self::function`] with another binary.
    pub(crate) async fn program(
        &self,
        name: &str,
        program: &Path,
        url: &str,
        processes: usize,
        logs: &Logs,
    ) -> Result<Functions> {
        let functions = functions::application(&dirs::bin_dir()?)?
            .into_iter()
            .filter(|function| function.name == name)
            .map(|function| FunctionSpec {
                program: program.to_path_buf(),
                ..function
            })
            .collect();
        let options = lambda_host::Options {
            functions,
            host: std::net::Ipv4Addr::LOCALHOST.into(),
            port: 0,
            allowed_origins: Vec::new(),
            limits: Limits {
                processes,
                calls_per_process: 1,
                // Many processes start concurrently on few cores.
                init_timeout: Duration::from_mins(1),
                ..Limits::default()
            },
            env: vec![
                ("POSTGRES_CONNECTION_STRING".to_owned(), url.to_owned()),
                ("WEBHOOK_SECRET".to_owned(), "none".to_owned()),
            ],
            inherited_env: functions::inherited_env(),
            log_format: LogFormat::Text,
            log_level: LogLevel::Error,
        };
        Functions::start(options, logs, &self.watchdog).await
    }

    pub(crate) async fn stop(self) {
        drop(self.database);
        self.services.stop().await;
    }
}

/// Calls a function with an order id; returns whether it succeeded.
pub(crate) async fn call(http: &reqwest::Client, url: &str, order_id: &str) -> bool {
    match http.post(url).json(&json!({"order_id": order_id})).send().await {
        // The body is read because the connection is only then available for the next call.
        Ok(answer) => {
            let well = answer.status().is_success();
            answer.bytes().await.is_ok() && well
        }
        Err(_) => false,
    }
}

/// Fails a benchmark that measured errors instead of work.
pub(crate) fn ensure_no_errors(what: &str, errors: u64) -> Result<()> {
    ensure!(errors == 0, "{errors} calls failed: {what}");
    Ok(())
}
