//! The whole stack: each part in its module, here put together, started in order and stopped in reverse.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use uuid::Uuid;

use crate::addresses::Addresses;
use crate::apps::Built;
use crate::apps::serve::{Apps, Backend};
use crate::dirs::{self, DataDir};
use crate::engine::{self, Engine};
use crate::functions::{self, Functions, Limits};
use crate::logs::{Destination, LogFormat, LogLevel, Logs};
use crate::pgbouncer::{self, Login, PgBouncer};
use crate::ports::Ports;
use crate::postgres::{self, Postgres};
use crate::setup::{self, Metadata};
use crate::watchdog::Watchdog;
use crate::{app_role, leftovers, programs, users};

/// Connections from pgBouncer to Postgres. Two cores do not go faster with more.
pub const POOL_SIZE: u32 = 20;
/// The engine's own default for `HASURA_GRAPHQL_PG_CONNECTIONS`.
const ENGINE_POOL: u32 = 50;
/// What the engine holds beside its pool (LISTEN, its instance lock, the small pool of the delivery), what Postgres
/// reserves for superusers (3), and a few for people with psql.
const OTHERS: u32 = 20;

/// Which database a stack uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// The one that this checkout keeps for its port offset.
    Kept,
    /// A fresh one, removed at the end.
    Ephemeral,
    /// One that is there.
    Existing {
        /// The connection string.
        url: String,
        /// The same through a pgBouncer that is there too; without it one is started.
        pool_url: Option<String>,
    },
}

/// Which ports a stack uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortChoice {
    /// The well-known ones plus this.
    Offset(u16),
    /// Free ones, so that stacks can live side by side.
    Free,
}

/// What a stack is started with. [`Options::for_tests`] is what tests begin with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The database.
    pub database: Database,
    /// The ports.
    pub ports: PortChoice,
    /// The functions' concurrency, queue length and time-outs.
    pub limits: Limits,
    /// Whether schema, tracking and event triggers are left to somebody else, as in docs/guide.md.
    pub bare: bool,
    /// Whether the functions demand the webhook secret.
    pub secure: bool,
    /// How the engine and the functions log.
    pub log_format: LogFormat,
    /// How much they log.
    pub log_level: LogLevel,
    /// Where their lines go.
    pub logs: Logs,
    /// Where the binaries are.
    pub bin_dir: PathBuf,
    /// Where `schema.sql` and `event-triggers.json` are.
    pub root: PathBuf,
    /// The built browser apps, to be served too; see [`crate::apps::build`].
    pub apps: Option<Built>,
    /// More environment for the engine.
    pub engine_env: Vec<(String, String)>,
    /// More environment for the functions.
    pub function_env: Vec<(String, String)>,
}

impl Options {
    /// A stack of its own: an ephemeral database, free ports, nothing on the terminal.
    ///
    /// # Errors
    /// When the binaries' directory cannot be found.
    pub fn for_tests() -> Result<Self> {
        Ok(Self {
            database: Database::Ephemeral,
            ports: PortChoice::Free,
            limits: Limits {
                concurrency: 4,
                ..Limits::default()
            },
            bare: false,
            secure: false,
            log_format: LogFormat::Text,
            log_level: LogLevel::Info,
            logs: Logs::new(Destination::Kept),
            bin_dir: dirs::bin_dir()?,
            root: dirs::root(),
            apps: None,
            engine_env: Vec::new(),
            function_env: Vec::new(),
        })
    }
}

/// A stack that runs. Dropping it kills its processes; [`Stack::stop`] ends them in order.
#[derive(Debug)]
pub struct Stack {
    // In the order in which they are dropped: who depends on whom.
    apps: Option<Apps>,
    engine: Engine,
    functions: Functions,
    pgbouncer: Option<PgBouncer>,
    postgres: Option<Postgres>,
    dir: DataDir,
    addresses: Addresses,
    webhook_secret: String,
}

/// The parts that stand so far.
#[derive(Default)]
struct Parts {
    apps: Option<Apps>,
    engine: Option<Engine>,
    functions: Option<Functions>,
    pgbouncer: Option<PgBouncer>,
    postgres: Option<Postgres>,
    dir: Option<DataDir>,
}

impl Parts {
    async fn stop(&mut self) {
        if let Some(apps) = &self.apps {
            apps.stop().await;
        }
        if let Some(engine) = &self.engine {
            engine.stop().await;
        }
        if let Some(functions) = &self.functions {
            functions.stop().await;
        }
        if let Some(pgbouncer) = &self.pgbouncer {
            pgbouncer.stop().await;
        }
        if let Some(postgres) = &self.postgres {
            postgres.stop().await;
        }
    }
}

impl Stack {
    /// Starts everything and waits until an order can walk (a bare one: until it can be set up).
    ///
    /// # Errors
    /// When a part cannot be started; the others are stopped again.
    pub async fn start(options: Options) -> Result<Self> {
        let started = Self::start_unless(options, std::future::pending::<()>()).await?;
        started.context("interrupted")
    }

    /// The same, given up in order as soon as `interrupt` is ready; then `None`.
    ///
    /// # Errors
    /// When a part cannot be started; the others are stopped again.
    pub async fn start_unless(options: Options, interrupt: impl Future) -> Result<Option<Self>> {
        let mut standing = Parts::default();
        let started = tokio::select! {
            started = start(&options, &mut standing) => Some(started),
            _ = interrupt => None,
        };
        match started {
            Some(Ok((addresses, webhook_secret))) => {
                let Parts {
                    apps,
                    engine: Some(engine),
                    functions: Some(functions),
                    pgbouncer,
                    postgres,
                    dir: Some(dir),
                } = standing
                else {
                    bail!("a part of the stack is missing");
                };
                Ok(Some(Self {
                    apps,
                    engine,
                    functions,
                    pgbouncer,
                    postgres,
                    dir,
                    addresses,
                    webhook_secret,
                }))
            }
            Some(Err(error)) => {
                standing.stop().await;
                Err(error)
            }
            None => {
                standing.stop().await;
                Ok(None)
            }
        }
    }

    /// Where the parts are.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What the engine sends, and the functions demand with `secure`, as x-webhook-secret.
    pub fn webhook_secret(&self) -> &str {
        &self.webhook_secret
    }

    /// The functions and their gateway.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    /// The functions, to stop them and start them again.
    pub fn functions_mut(&mut self) -> &mut Functions {
        &mut self.functions
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The engine, to kill it and start it again.
    pub fn engine_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// Postgres, if it is the stack's own.
    pub fn postgres_mut(&mut self) -> Option<&mut Postgres> {
        self.postgres.as_mut()
    }

    /// pgBouncer, if there is one of the stack's own.
    pub fn pgbouncer_mut(&mut self) -> Option<&mut PgBouncer> {
        self.pgbouncer.as_mut()
    }

    /// Waits until a part ends by itself, and says which and what it said last.
    pub async fn failed(&self, logs: &Logs) -> String {
        let pgbouncer = async {
            match &self.pgbouncer {
                Some(pgbouncer) => pgbouncer.running().exited().await,
                None => std::future::pending().await,
            }
        };
        let postgres = async {
            match &self.postgres {
                Some(postgres) => postgres.running().exited().await,
                None => std::future::pending().await,
            }
        };
        // Biased: when Postgres ends, the others may follow, and it is the one to name.
        let (name, status, said) = tokio::select! {
            biased;
            status = postgres => ("Postgres", status, self.postgres.as_ref().map(Postgres::last_words)),
            status = pgbouncer => ("pgBouncer", status, self.pgbouncer.as_ref().map(PgBouncer::last_words)),
            status = self.engine.running().exited() => ("the engine", status, logs.last_words("engine")),
        };
        format!(
            "{name} ended ({status}): {}",
            said.unwrap_or_else(|| "it said nothing".to_owned())
        )
    }

    /// Stops everything, in reverse order, and removes what was ephemeral.
    pub async fn stop(self) {
        let Self {
            apps,
            engine,
            functions,
            pgbouncer,
            postgres,
            dir,
            ..
        } = self;
        let mut standing = Parts {
            apps,
            engine: Some(engine),
            functions: Some(functions),
            pgbouncer,
            postgres,
            dir: Some(dir),
        };
        standing.stop().await;
    }
}

async fn start(options: &Options, standing: &mut Parts) -> Result<(Addresses, String)> {
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
    let database_url = start_database(options, ports, standing, &watchdog).await?;
    let database = postgres::connect(&database_url)
        .await
        .context("cannot reach the database")?;
    let engine_pool = engine_pool()?;
    assert_connections(&database, engine_pool).await?;
    if !options.bare {
        setup::apply_schema(&database, &schema).await?;
    }

    // In somebody's own database we make no roles, and in an empty one there is nothing to grant: there the functions are
    // who the connection string says.
    let own = standing.postgres.as_ref().filter(|_| !options.bare);
    let app = own.map(|_| Login::of_the_functions());
    if let Some(app) = &app {
        app_role::apply(&database, app)
            .await
            .context("cannot make the functions' role (infra/app-role.sql)")?;
    }
    let pool_url = start_pool(options, ports, standing, &database_url, app.as_ref(), &watchdog).await?;
    let webhook_secret = std::env::var("WEBHOOK_SECRET")
        .ok()
        .filter(|secret| !secret.is_empty());
    let webhook_secret = webhook_secret.unwrap_or_else(|| Uuid::new_v4().simple().to_string());

    let mut function_env = options.function_env.clone();
    let connection_string = pool_url.clone().unwrap_or_else(|| {
        app.as_ref().map_or_else(
            || database_url.clone(),
            |app| pgbouncer::as_login(&database_url, app),
        )
    });
    function_env.push(("POSTGRES_CONNECTION_STRING".to_owned(), connection_string));
    if options.secure {
        function_env.push(("WEBHOOK_SECRET".to_owned(), webhook_secret.clone()));
    }
    let functions = functions::Options {
        functions: functions::application(&options.bin_dir),
        port: ports.functions,
        limits: options.limits,
        env: function_env,
        log_format: options.log_format,
        log_level: options.log_level,
    };
    let engine = engine::Options {
        program: options.bin_dir.join("engine"),
        dir: standing
            .dir
            .as_ref()
            .context("the stack has no directory")?
            .path()
            .to_path_buf(),
        port: ports.engine,
        database_url: database_url.clone(),
        functions_url: format!("http://127.0.0.1:{}", ports.functions),
        webhook_secret: webhook_secret.clone(),
        log_format: options.log_format,
        log_level: options.log_level,
        env: options.engine_env.clone(),
    };
    standing.functions = Some(Functions::start(functions, logs, &watchdog).await?);
    let engine = standing
        .engine
        .insert(Engine::start(engine, logs, &watchdog).await?);

    let backend = Backend {
        engine: engine.url(),
        functions: format!("http://127.0.0.1:{}", ports.functions),
    };
    if let Some(built) = &options.apps {
        let ports = [ports.order_app, ports.analytics_app];
        standing.apps = Some(Apps::start(built, ports, &backend).await?);
    }
    let (order_app, analytics_app) = standing
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
    Ok((addresses, webhook_secret))
}

/// Makes the database available; answers its connection string. Nothing is started before every port is known to be
/// free, and no port is looked at before what a killed stack left in our directory has been ended.
async fn start_database(
    options: &Options,
    ports: Ports,
    standing: &mut Parts,
    watchdog: &Watchdog,
) -> Result<String> {
    let user = users::unprivileged()?;
    if let Database::Existing { url, .. } = &options.database {
        ports.check(false, options.apps.is_some())?;
        // Only pgBouncer's configuration needs a place.
        standing.dir = Some(DataDir::ephemeral(user, watchdog)?);
        return Ok(url.clone());
    }
    let programs = programs::postgres()?;
    let ephemeral = options.database == Database::Ephemeral;
    let dir = if ephemeral {
        dirs::sweep(user, |dir| leftovers::end(dir, &programs, user));
        ports.check(true, options.apps.is_some())?;
        DataDir::ephemeral(user, watchdog)?
    } else {
        let offset = match options.ports {
            PortChoice::Offset(offset) => offset,
            PortChoice::Free => 0,
        };
        let dir = DataDir::kept(&options.root, offset, user)?;
        leftovers::end(dir.path(), &programs, user);
        ports.check(true, options.apps.is_some())?;
        dir
    };
    let dir = standing.dir.insert(dir);
    if user.is_some() {
        options.logs.say(&format!(
            "Postgres and pgBouncer refuse to run as root: they run as the user postgres, with their data in {}",
            dir.path().display()
        ));
    }
    let postgres = postgres::Options {
        programs,
        dir: dir.path().to_path_buf(),
        port: ports.postgres,
        max_connections: (engine_pool()? + POOL_SIZE + OTHERS).max(100),
        user,
        ephemeral,
        careless: false,
    };
    let postgres = standing
        .postgres
        .insert(Postgres::start(postgres, watchdog).await?);
    Ok(postgres.url())
}

/// Puts pgBouncer in front of the database; answers the connection string through it, for the functions, or `None` when it
/// has to be left out.
async fn start_pool(
    options: &Options,
    ports: Ports,
    standing: &mut Parts,
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
            options.logs.say(&format!(
                "pgBouncer is left out, the functions go straight to Postgres: {error:#}"
            ));
            return Ok(None);
        }
    };
    let dir = standing
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
    let pgbouncer = standing
        .pgbouncer
        .insert(PgBouncer::start(pgbouncer, watchdog).await?);
    Ok(Some(app.map_or_else(
        || pgbouncer.url().to_owned(),
        |app| pgbouncer.url_as(app),
    )))
}

/// The engine's pool, as it will read it from its environment, which is ours.
fn engine_pool() -> Result<u32> {
    match std::env::var("HASURA_GRAPHQL_PG_CONNECTIONS") {
        Ok(number) => number
            .parse()
            .context("HASURA_GRAPHQL_PG_CONNECTIONS must be a whole number"),
        Err(_) => Ok(ENGINE_POOL),
    }
}

/// The pools have to fit into what Postgres accepts; otherwise a busy minute would fail with errors that nobody could
/// explain.
async fn assert_connections(database: &tokio_postgres::Client, engine_pool: u32) -> Result<()> {
    let row = database
        .query_one("SELECT current_setting('max_connections')::int", &[])
        .await?;
    let accepted = u32::try_from(row.try_get::<_, i32>(0)?).unwrap_or(0);
    let needed = engine_pool + POOL_SIZE + OTHERS;
    ensure!(
        needed <= accepted,
        "Postgres accepts {accepted} connections, and this stack may need {needed} (engine {engine_pool}, pgBouncer \
         {POOL_SIZE}, others {OTHERS}): raise its max_connections, or set HASURA_GRAPHQL_PG_CONNECTIONS lower"
    );
    Ok(())
}
