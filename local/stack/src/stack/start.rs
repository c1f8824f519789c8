//! Start order of the services. Services started so far are in [`RunningServices`], so that a failure or Ctrl-C stops
//! exactly those.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use uuid::Uuid;

use super::connections::{
    FUNCTION_POOL_SIZE, engine_pool, ensure_enough_connections, max_connections, pool_clients, pool_size,
};
use super::roles::Roles;
use super::{Access, Database, Options, PortChoice, RunningServices};
use crate::addresses::Addresses;
use crate::apps::Built;
use crate::apps::build::build;
use crate::apps::console_dist;
use crate::apps::serve::{Apps, Backend};
use crate::engine::{self, Engine};
use crate::functions;
use crate::identity::{self, AUDIENCE};
use crate::ports::{Ports, base_url};
use crate::setup::{self, Metadata};
use lambda_host::{FunctionSpec, Functions};
use local_process::dirs::{self, DataDir};
use local_process::orphaned_processes;
use local_process::users::{self, User};
use local_process::watchdog::Watchdog;
use local_services::function_roles;
use local_services::login::as_login;
use local_services::orphans;
use local_services::pgbouncer::{self, PgBouncer};
use local_services::postgres::{self, Postgres};
use local_services::programs;

const ADMIN_SECRET: &str = "HASURA_GRAPHQL_ADMIN_SECRET";
const JWT_SECRET: &str = "HASURA_GRAPHQL_JWT_SECRET";
const ENABLE_CONSOLE: &str = "HASURA_GRAPHQL_ENABLE_CONSOLE";
const CONSOLE_ASSETS_DIR: &str = "HASURA_GRAPHQL_CONSOLE_ASSETS_DIR";
const CORS_DOMAIN: &str = "HASURA_GRAPHQL_CORS_DOMAIN";
/// Functions that accept, in the open mode, what the apps of the Node.js example send.
const COMPATIBLE_FUNCTIONS: [&str; 3] = ["validate-order", "payment", "expire-orders"];
const UNAUTHORIZED_ROLE: &str = "HASURA_GRAPHQL_UNAUTHORIZED_ROLE";

pub(super) async fn start(options: &Options, running: &mut RunningServices) -> Result<Addresses> {
    let logs = &options.logs;
    let read = |name: &str| {
        let path = options.root.join(name);
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let (schema, triggers) = (read("schema.sql")?, read("event-triggers.json")?);
    let permissions = read("permissions.json")?;
    let cron_triggers = setup::read_cron_triggers(&options.root)?;
    let ports = match options.ports {
        PortChoice::Offset(offset) => Ports::with_offset(offset),
        PortChoice::Free => Ports::free()?,
    };
    let watchdog = Watchdog::start(&options.bin_dir);
    let database_url = start_database(options, ports, running, &watchdog).await?;
    let database = postgres::connect(&database_url)
        .await
        .context("cannot reach the database")?;
    let database = Arc::new(database);
    if matches!(options.database, Database::Existing { .. }) {
        running.claim = Some(Arc::clone(&database));
    }
    // Other roles may create functions and operators in the schema public; this one may be a superuser.
    database
        .batch_execute("SET search_path = pg_catalog, pg_temp")
        .await?;
    let engine_pool = engine_pool()?;
    let functions = functions::application(&options.bin_dir)?.len();
    ensure_enough_connections(&database, engine_pool, pool_size(functions)).await?;
    let roles = Roles::create(options, &database, &database_url).await?;
    let engine_url = roles
        .engine
        .as_ref()
        .map_or_else(|| database_url.clone(), |engine| as_login(&database_url, engine));
    let as_engine = postgres::connect(&engine_url)
        .await
        .context("the engine's role cannot reach the database; with --database-url, permit it in pg_hba.conf or add --use-url-role")?;
    if !options.bare {
        setup::apply_schema(&as_engine, &schema).await?;
        as_engine
            .batch_execute(setup::DEMO_ACCOUNTS)
            .await
            .context("demo-accounts.sql")?;
        if let Some(functions) = &roles.functions {
            function_roles::apply(&database, functions)
                .await
                .context("cannot create the functions' roles (infra/function-roles.sql)")?;
        }
    }
    let pool_url = start_pool(options, ports, running, &database_url, &roles, &watchdog).await?;
    let webhook_secret = std::env::var("WEBHOOK_SECRET")
        .ok()
        .filter(|secret| !secret.is_empty());
    let webhook_secret = webhook_secret.unwrap_or_else(|| Uuid::new_v4().simple().to_string());

    let functions_url = base_url(options.host, ports.functions);
    let mut function_env = options.function_env.clone();
    function_env.push(("JWT_ISSUER".to_owned(), functions_url.clone()));
    function_env.push(("JWT_AUDIENCE".to_owned(), AUDIENCE.to_owned()));
    let secured = options.access == Access::Secured;
    let accepted = if secured { webhook_secret.as_str() } else { "none" };
    function_env.push(("WEBHOOK_SECRET".to_owned(), accepted.to_owned()));
    let dir = running.dir.as_ref().context("the stack has no directory")?;
    let dir = dir.path().to_path_buf();
    let mut specs = functions::application(&options.bin_dir)?;
    let pool = pool_url.as_deref().unwrap_or(&engine_url);
    for function in &mut specs {
        // A bare database has no tables to grant privileges on: there the functions use the engine's role.
        let login = roles
            .functions
            .as_ref()
            .filter(|_| !options.bare)
            .and_then(|logins| logins.of(&function.name));
        let url = login.map_or_else(|| pool.to_owned(), |login| as_login(pool, login));
        set(function, "POSTGRES_CONNECTION_STRING", &url);
        match function.name.as_str() {
            "login" => {
                set(function, "LOGIN_SIGNING_KEYS", &identity::signing_key(&dir)?);
                set(function, "DEMO_LOGIN", "true");
            }
            "payment" => {
                set(function, "PAYMENT_ACCESS", if secured { "token" } else { "open" });
            }
            _ => {}
        }
        if !secured && COMPATIBLE_FUNCTIONS.contains(&function.name.as_str()) {
            set(function, "REFERENCE_APP_COMPATIBILITY", "true");
        }
    }
    running.function_logins = roles.functions.filter(|_| !options.bare);
    let functions = lambda_host::Options {
        functions: specs,
        host: options.host,
        port: ports.functions,
        allowed_origins: allowed_origins(options, ports),
        limits: options.limits,
        env: function_env,
        inherited_env: functions::inherited_env(),
        log_format: options.log_format,
        log_level: options.log_level,
    };
    let mut engine_env = Vec::new();
    // The engine inherits a secret in the environment.
    let mut admin_secret = std::env::var(ADMIN_SECRET).ok();
    let mut admin_secret_file = None;
    if secured {
        if std::env::var_os(ADMIN_SECRET).is_none() {
            let (file, secret) = identity::admin_secret(&dir)?;
            engine_env.push((ADMIN_SECRET.to_owned(), secret.clone()));
            admin_secret = Some(secret);
            admin_secret_file = Some(file);
        }
        engine_env.push((JWT_SECRET.to_owned(), identity::jwt_secret(&functions_url)));
        engine_env.push((UNAUTHORIZED_ROLE.to_owned(), "anonymous".to_owned()));
    }
    if options.apps {
        engine_env.extend(console_env()?);
    }
    engine_env.extend(options.engine_env.iter().cloned());
    let engine = engine::Options {
        program: options.bin_dir.join("engine"),
        dir,
        host: options.host,
        port: ports.engine,
        database_url: engine_url,
        functions_url: functions_url.clone(),
        webhook_secret,
        allowed_origins: ports.app_origins(options.host),
        log_format: options.log_format,
        log_level: options.log_level,
        env: engine_env,
    };
    running.functions = Some(Functions::start(functions, logs, &watchdog).await?);
    let engine = running
        .engine
        .insert(Engine::start(engine, logs, &watchdog).await?);

    let backend = Backend {
        engine: engine.url(),
        functions: functions_url,
        access: options.access,
        trace_url: options.trace_url.clone(),
    };
    // Last, because it may take a minute: other errors are reported first.
    if options.apps
        && let Some(built) = built_apps(options).await?
    {
        let ports = [ports.order_app, ports.analytics_app];
        running.apps = Some(Apps::start(&built, options.host, ports, &backend).await?);
    }
    let (order_app, analytics_app) = running
        .apps
        .as_ref()
        .map(Apps::urls)
        .map_or((None, None), |[o, a]| (Some(o), Some(a)));

    let console = order_app.is_some().then(|| format!("{}/console", backend.engine));
    let addresses = Addresses {
        engine: backend.engine,
        functions: backend.functions,
        postgres: database_url,
        pgbouncer: pool_url,
        order_app,
        analytics_app,
        console,
        admin_secret_file,
    };
    if !options.bare {
        let metadata = Metadata::new(&addresses.engine, admin_secret.as_deref())?;
        setup::track(&as_engine, &metadata).await?;
        setup::load_triggers(&metadata, &triggers).await?;
        if let Some(file) = &cron_triggers {
            setup::load_cron_triggers(&metadata, file, &[]).await?;
        }
        setup::load_permissions(&metadata, &permissions).await?;
    }
    Ok(addresses)
}

/// Origins of the web pages that may call the functions: those that may call the engine. Patterns with a wildcard within a name are
/// supported by the engine only.
fn allowed_origins(options: &Options, ports: Ports) -> Vec<String> {
    let configured = options.engine_env.iter().find(|(name, _)| name == CORS_DOMAIN);
    let configured = configured
        .map(|(_, value)| value.clone())
        .or_else(|| std::env::var(CORS_DOMAIN).ok());
    configured.map_or_else(
        || ports.app_origins(options.host),
        |list| list.split(',').map(|origin| origin.trim().to_owned()).collect(),
    )
}

fn set(function: &mut FunctionSpec, name: &str, value: &str) {
    function.env.push((name.to_owned(), value.to_owned()));
}

/// Settings with which the engine serves the console, unless the environment has others. The console is built later, with the apps.
fn console_env() -> Result<Vec<(String, String)>> {
    if std::env::var_os(ENABLE_CONSOLE).is_some() || std::env::var_os(CONSOLE_ASSETS_DIR).is_some() {
        return Ok(Vec::new());
    }
    let dist = console_dist(&dirs::root());
    std::fs::create_dir_all(&dist).with_context(|| format!("cannot create {}", dist.display()))?;
    let dist = dist.into_os_string().into_string();
    let dist = dist
        .map_err(|path| anyhow::anyhow!("the path {} is not UTF-8", std::path::Path::new(&path).display()))?;
    Ok(vec![
        (ENABLE_CONSOLE.to_owned(), "true".to_owned()),
        (CONSOLE_ASSETS_DIR.to_owned(), dist),
    ])
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

/// Directory of the stack: data of its Postgres, configuration of its pgBouncer, signing key and admin secret. That of a stack with an
/// existing database persists, too, because tokens and the admin secret stay valid after a restart. Free ports change at each start
/// and identify no directory.
fn directory(options: &Options, user: Option<User>, watchdog: &Watchdog) -> Result<DataDir> {
    let offset = match (&options.database, options.ports) {
        (Database::Ephemeral, _) | (Database::Existing { .. }, PortChoice::Free) => None,
        (Database::Persistent, PortChoice::Free) => Some(0),
        (_, PortChoice::Offset(offset)) => Some(offset),
    };
    match offset {
        Some(offset) => DataDir::persistent(&options.root, offset, user),
        None => DataDir::ephemeral(user, watchdog),
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
        let dir = running.dir.insert(directory(options, user, watchdog)?);
        orphaned_processes::end(dir.path());
        ports.check(options.host, false, options.apps)?;
        return Ok(url.clone());
    }
    let programs = programs::postgres()?;
    let ephemeral = options.database == Database::Ephemeral;
    if ephemeral {
        dirs::remove_abandoned(|dir| orphans::end(dir, &programs, user));
    }
    let dir = directory(options, user, watchdog)?;
    orphans::end(dir.path(), &programs, user);
    ports.check(options.host, true, options.apps)?;
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
        max_connections: max_connections(
            engine_pool()?,
            functions::application(&options.bin_dir)?.len(),
            options.limits.concurrency(),
        ),
        user,
        ephemeral,
        fsync_off: false,
    };
    let postgres = running
        .postgres
        .insert(Postgres::start(postgres, watchdog).await?);
    Ok(postgres.url())
}

/// Starts pgBouncer; returns a connection string through it, as the engine's role if there is one, or `None` if pgBouncer is
/// not available.
async fn start_pool(
    options: &Options,
    ports: Ports,
    running: &mut RunningServices,
    database_url: &str,
    roles: &Roles,
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
    let functions = functions::application(&options.bin_dir)?.len();
    let pool_size = pool_size(functions);
    let pgbouncer = pgbouncer::Options {
        program,
        root: options.root.clone(),
        dir,
        port: ports.pgbouncer,
        database_url: database_url.to_owned(),
        logins: roles.logins(),
        pool_size,
        user_pool_size: if roles.functions.is_some() && !options.bare {
            FUNCTION_POOL_SIZE
        } else {
            pool_size
        },
        max_clients: pool_clients(functions),
        idle_timeout: 600,
        prepared_statements: pgbouncer::PREPARED_STATEMENTS,
        user: users::unprivileged()?,
    };
    let pgbouncer = running
        .pgbouncer
        .insert(PgBouncer::start(pgbouncer, watchdog).await?);
    Ok(Some(roles.engine.as_ref().map_or_else(
        || pgbouncer.url().to_owned(),
        |engine| pgbouncer.url_as(engine),
    )))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn identity_of_a_stack_with_an_existing_database_is_kept() {
        let root = tempfile::tempdir().unwrap();
        let watchdog = Watchdog::start(Path::new("/nowhere"));
        let identity = |ports| {
            let options = Options {
                database: Database::Existing {
                    url: "postgres://db.example/shop".to_owned(),
                    pool_url: None,
                    restrict: true,
                },
                ports,
                root: root.path().to_path_buf(),
                ..Options::for_tests().unwrap()
            };
            let dir = directory(&options, None, &watchdog).unwrap();
            let (file, secret) = identity::admin_secret(dir.path()).unwrap();
            assert!(file.starts_with(dir.path()));
            (identity::signing_key(dir.path()).unwrap(), secret)
        };
        let first = identity(PortChoice::Offset(0));
        assert_eq!(identity(PortChoice::Offset(0)), first);
        let others = [PortChoice::Offset(1), PortChoice::Free, PortChoice::Free].map(identity);
        for (number, (key, secret)) in others.iter().enumerate() {
            assert!(*key != first.0 && *secret != first.1, "{number}");
        }
        assert_ne!(others[1], others[2]);
    }
}
