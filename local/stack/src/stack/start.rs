//! Start order of the services. Services started so far are in [`RunningServices`], so that a failure or Ctrl-C stops
//! exactly those.

use anyhow::{Context as _, Result};
use uuid::Uuid;

use super::connections::{OTHER_CONNECTIONS, POOL_SIZE, engine_pool, ensure_enough_connections};
use super::{Database, Options, PortChoice, RunningServices};
use crate::addresses::Addresses;
use crate::apps::Built;
use crate::apps::build::build;
use crate::apps::serve::{Apps, Backend};
use crate::engine::{self, Engine};
use crate::functions;
use crate::ports::Ports;
use crate::setup::{self, Metadata};
use lambda_host::Functions;
use local_process::dirs::{self, DataDir};
use local_process::users;
use local_process::watchdog::Watchdog;
use local_services::app_role;
use local_services::login::{Login, as_login};
use local_services::orphans;
use local_services::pgbouncer::{self, PgBouncer};
use local_services::postgres::{self, Postgres};
use local_services::programs;

pub(super) async fn start(options: &Options, running: &mut RunningServices) -> Result<Addresses> {
    let logs = &options.logs;
    let read = |name: &str| {
        let path = options.root.join(name);
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let (schema, triggers) = (read("schema.sql")?, read("event-triggers.json")?);
    let ports = match options.ports {
        PortChoice::Offset(offset) => Ports::with_offset(offset),
        PortChoice::Free => Ports::free()?,
    };
    let watchdog = Watchdog::start(&options.bin_dir);
    let database_url = start_database(options, ports, running, &watchdog).await?;
    let database = postgres::connect(&database_url)
        .await
        .context("cannot reach the database")?;
    let engine_pool = engine_pool()?;
    ensure_enough_connections(&database, engine_pool).await?;
    if !options.bare {
        setup::apply_schema(&database, &schema).await?;
    }

    // No role is created in a database that is managed elsewhere, and a bare one has no tables to grant privileges
    // on: there the functions use the role of the connection string.
    let own = running.postgres.as_ref().filter(|_| !options.bare);
    let app = own.map(|_| Login::for_functions());
    if let Some(app) = &app {
        app_role::apply(&database, app)
            .await
            .context("cannot create the functions' role (infra/app-role.sql)")?;
    }
    let pool_url = start_pool(options, ports, running, &database_url, app.as_ref(), &watchdog).await?;
    let webhook_secret = std::env::var("WEBHOOK_SECRET")
        .ok()
        .filter(|secret| !secret.is_empty());
    let webhook_secret = webhook_secret.unwrap_or_else(|| Uuid::new_v4().simple().to_string());

    let mut function_env = options.function_env.clone();
    let connection_string = pool_url.clone().unwrap_or_else(|| {
        app.as_ref()
            .map_or_else(|| database_url.clone(), |app| as_login(&database_url, app))
    });
    function_env.push(("POSTGRES_CONNECTION_STRING".to_owned(), connection_string));
    if options.secure {
        function_env.push(("WEBHOOK_SECRET".to_owned(), webhook_secret.clone()));
    }
    let functions = lambda_host::Options {
        functions: functions::application(&options.bin_dir),
        port: ports.functions,
        limits: options.limits,
        env: function_env,
        hidden_env: functions::hidden_env(),
        log_format: options.log_format,
        log_level: options.log_level,
    };
    let engine = engine::Options {
        program: options.bin_dir.join("engine"),
        dir: running
            .dir
            .as_ref()
            .context("the stack has no directory")?
            .path()
            .to_path_buf(),
        port: ports.engine,
        database_url: database_url.clone(),
        functions_url: format!("http://127.0.0.1:{}", ports.functions),
        webhook_secret,
        allowed_origins: ports.app_origins(),
        log_format: options.log_format,
        log_level: options.log_level,
        env: options.engine_env.clone(),
    };
    running.functions = Some(Functions::start(functions, logs, &watchdog).await?);
    let engine = running
        .engine
        .insert(Engine::start(engine, logs, &watchdog).await?);

    let backend = Backend {
        engine: engine.url(),
        functions: format!("http://127.0.0.1:{}", ports.functions),
    };
    // Last, because it may take a minute: other errors are reported first.
    if options.apps
        && let Some(built) = built_apps(options).await?
    {
        let ports = [ports.order_app, ports.analytics_app];
        running.apps = Some(Apps::start(&built, ports, &backend).await?);
    }
    let (order_app, analytics_app) = running
        .apps
        .as_ref()
        .map(Apps::urls)
        .map_or((None, None), |[o, a]| (Some(o), Some(a)));

    let addresses = Addresses {
        engine: backend.engine,
        functions: backend.functions,
        postgres: database_url,
        pgbouncer: pool_url,
        order_app,
        analytics_app,
    };
    if !options.bare {
        let secret = std::env::var("HASURA_GRAPHQL_ADMIN_SECRET").ok();
        let metadata = Metadata::new(&addresses.engine, secret.as_deref())?;
        setup::track(&database, &metadata).await?;
        setup::load_triggers(&metadata, &triggers).await?;
    }
    Ok(addresses)
}

/// The apps, or `None` and a log line if they cannot be built: the stack is useful without them.
async fn built_apps(options: &Options) -> Result<Option<Built>> {
    let root = options.root.clone();
    match tokio::task::spawn_blocking(move || build(&root)).await? {
        Ok(built) => Ok(Some(built)),
        Err(error) => {
            options
                .logs
                .log_line(&format!("browser apps are neither built nor served: {error:#}"));
            Ok(None)
        }
    }
}

/// Makes the database available; returns its connection string. Every port is checked before the first service
/// starts, and after the processes of a killed stack in the same directory have been ended.
async fn start_database(
    options: &Options,
    ports: Ports,
    running: &mut RunningServices,
    watchdog: &Watchdog,
) -> Result<String> {
    let user = users::unprivileged()?;
    if let Database::Existing { url, .. } = &options.database {
        ports.check(false, options.apps)?;
        // Only pgBouncer's configuration needs a directory.
        running.dir = Some(DataDir::ephemeral(user, watchdog)?);
        return Ok(url.clone());
    }
    let programs = programs::postgres()?;
    let ephemeral = options.database == Database::Ephemeral;
    let dir = if ephemeral {
        dirs::remove_abandoned(user, |dir| orphans::end(dir, &programs, user));
        ports.check(true, options.apps)?;
        DataDir::ephemeral(user, watchdog)?
    } else {
        let offset = match options.ports {
            PortChoice::Offset(offset) => offset,
            PortChoice::Free => 0,
        };
        let dir = DataDir::persistent(&options.root, offset, user)?;
        orphans::end(dir.path(), &programs, user);
        ports.check(true, options.apps)?;
        dir
    };
    let dir = running.dir.insert(dir);
    if user.is_some() {
        options.logs.log_line(&format!(
            "Postgres and pgBouncer refuse to run as root; they run as the user postgres, with their data in {}",
            dir.path().display()
        ));
    }
    let postgres = postgres::Options {
        programs,
        dir: dir.path().to_path_buf(),
        port: ports.postgres,
        max_connections: (engine_pool()? + POOL_SIZE + OTHER_CONNECTIONS).max(100),
        user,
        ephemeral,
        fsync_off: false,
    };
    let postgres = running
        .postgres
        .insert(Postgres::start(postgres, watchdog).await?);
    Ok(postgres.url())
}

/// Starts pgBouncer; returns the functions' connection string through it, or `None` if pgBouncer is not available.
async fn start_pool(
    options: &Options,
    ports: Ports,
    running: &mut RunningServices,
    database_url: &str,
    app: Option<&Login>,
    watchdog: &Watchdog,
) -> Result<Option<String>> {
    if let Database::Existing {
        pool_url: Some(pool_url),
        ..
    } = &options.database
    {
        return Ok(Some(pool_url.clone()));
    }
    let program = match programs::pgbouncer() {
        Ok(program) => program,
        Err(error) => {
            options.logs.log_line(&format!(
                "pgBouncer is not available; functions connect directly to Postgres: {error:#}"
            ));
            return Ok(None);
        }
    };
    let dir = running
        .dir
        .as_ref()
        .context("the stack has no directory")?
        .path()
        .to_path_buf();
    let pgbouncer = pgbouncer::Options {
        program,
        root: options.root.clone(),
        dir,
        port: ports.pgbouncer,
        database_url: database_url.to_owned(),
        logins: app.into_iter().cloned().collect(),
        pool_size: POOL_SIZE,
        max_clients: 1_000,
        idle_timeout: 600,
        user: users::unprivileged()?,
    };
    let pgbouncer = running
        .pgbouncer
        .insert(PgBouncer::start(pgbouncer, watchdog).await?);
    Ok(Some(app.map_or_else(
        || pgbouncer.url().to_owned(),
        |app| pgbouncer.url_as(app),
    )))
}
