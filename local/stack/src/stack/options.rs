//! Configuration of a stack.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use anyhow::Result;

use crate::ConcurrencyArgs;
use lambda_host::Limits;
use local_process::dirs;
use local_process::logs::{Destination, LogFormat, LogLevel, Logs};

/// The database of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// The database of this checkout and port offset; kept between runs.
    Persistent,
    /// A new database that is removed at the end.
    Ephemeral,
    /// A database that is managed elsewhere.
    Existing {
        url: String,
        /// Connection string through an existing pgBouncer; without one, the stack starts its own.
        pool_url: Option<String>,
        /// Whether engine and functions get restricted roles if the role of `url` may create them. Otherwise they use that role.
        restrict: bool,
    },
}

/// How callers are identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Not at all, as in the Node.js example: each request to the engine has all rights, unless it names another role; `/payment`
    /// and the other functions accept each caller. Only for processes of this machine and pages of allowed origins.
    Open,
    /// By the admin secret or by a token of the login function; event functions require the webhook secret. Requests
    /// without both have the role `anonymous`.
    Secured,
}

/// The ports of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortChoice {
    /// The well-known ports plus an offset.
    Offset(u16),
    /// Free ports, for several stacks on one machine.
    Free,
}

/// Configuration of a stack; [`Options::for_tests`] has the defaults for tests.
#[derive(Debug, Clone)]
pub struct Options {
    pub database: Database,
    pub ports: PortChoice,
    /// Address of the engine, the gateway and the apps. Postgres and pgBouncer are always on loopback.
    pub host: IpAddr,
    /// Concurrency, queue length and time-outs of the functions.
    pub limits: Limits,
    /// Whether to skip schema, tracking, event triggers and permissions, as in docs/guide.md.
    pub bare: bool,
    pub access: Access,
    /// Log format of the engine and the functions.
    pub log_format: LogFormat,
    /// Log level of the engine and the functions.
    pub log_level: LogLevel,
    pub logs: Logs,
    /// Directory of the binaries.
    pub bin_dir: PathBuf,
    /// Directory of `schema.sql`, `event-triggers.json`, `permissions.json` and, if there are cron triggers, `cron-triggers.json`.
    pub root: PathBuf,
    /// Whether the browser apps are built ([`crate::apps::build`]) and served.
    pub apps: bool,
    /// Address of the page of a trace, with the placeholder `{trace_id}`, to which the dashboard links.
    pub trace_url: Option<String>,
    /// Additional environment of the engine.
    pub engine_env: Vec<(String, String)>,
    /// Additional environment of the functions.
    pub function_env: Vec<(String, String)>,
}

impl Options {
    /// An isolated stack: ephemeral database, free ports, no terminal output.
    pub fn for_tests() -> Result<Self> {
        Ok(Self {
            database: Database::Ephemeral,
            ports: PortChoice::Free,
            host: Ipv4Addr::LOCALHOST.into(),
            limits: ConcurrencyArgs::from_env().with_concurrency(4).limits(),
            bare: false,
            access: Access::Open,
            log_format: LogFormat::Text,
            log_level: LogLevel::Info,
            logs: Logs::new(Destination::Kept),
            bin_dir: dirs::bin_dir()?,
            root: dirs::root(),
            apps: false,
            trace_url: None,
            engine_env: Vec::new(),
            function_env: Vec::new(),
        })
    }

    /// Engine and functions export their spans to the collector at this URL, and the dashboard links to the page of a trace.
    #[must_use]
    pub fn traced(mut self, collector: &str, trace_url: String) -> Self {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), collector.to_owned());
        self.engine_env.push(endpoint.clone());
        self.function_env.push(endpoint);
        self.trace_url = Some(trace_url);
        self
    }
}
